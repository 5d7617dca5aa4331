"""The hash chain of a journal: the link in each line is a digest of all that precedes it.

It shows damage and careless edits, such as an event that was dropped or moved. It is no
signature: whoever rewrites a whole journal can make its links anew, which is why `tfexam verify`
also grades the models again.

A link covers the record of the sitting, every earlier line, and its own line without the link,
byte by byte. Journals of an earlier tfexam have no links; lines added to one now have them.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from exam_bank.safe_files import LARGEST_KEPT, read_small

_LINK = re.compile(rb',"chain":"([0-9a-f]{64})"\}\Z')

ChainState = Literal["whole", "part", "none", "broken"]


class Chain(NamedTuple):
    """What the links of a journal say.

    "whole": every line has its link; "part": those from `line` on have, as in a journal that an
    earlier tfexam began; "none"; "broken": that of `line` does not follow, or is missing.
    """

    state: ChainState
    line: int = 0


def first_link(record: bytes) -> str:
    """What the first line's link follows from: the content of `sitting.toml`."""
    return hashlib.sha256(b"tfexam journal\n" + record).hexdigest()


def linked(line: bytes, before: str) -> tuple[bytes, str]:
    """The encoded event `line` with its link, and that link, which the next one follows from."""
    link = _next(before, line)
    return line[:-1] + b',"chain":"' + link.encode() + b'"}', link


def last_link(journal: Path, length: int, record: Path) -> str:
    """What the next line's link follows from, after the first `length` bytes of `journal`.

    Raises `OSError` if the journal cannot be read; a record that is missing counts as empty.
    """
    content = read_small(journal, LARGEST_KEPT)[:length] if length else b""
    link = first_link(_content(record))
    for line in content.splitlines():
        link = _next(link, _parted(line)[0])
    return link


def chain_of(lines: Iterable[bytes], record: bytes) -> Chain:
    """What the links of the journal's `lines` (without line ends) say."""
    link, begun = first_link(record), 0
    for number, line in enumerate(lines, start=1):
        bare, said = _parted(line)
        link = _next(link, bare)
        if said == link:
            begun = begun or number
        elif said or begun:
            return Chain("broken", number)
    if not begun:
        return Chain("none")
    return Chain("whole") if begun == 1 else Chain("part", begun)


def _next(before: str, line: bytes) -> str:
    return hashlib.sha256(before.encode() + line).hexdigest()


def _parted(line: bytes) -> tuple[bytes, str]:
    """A line without its link, and the link; "" if it has none."""
    found = _LINK.search(line)
    if found is None:
        return line, ""
    return line[: found.start()] + b"}", found[1].decode()


def _content(record: Path) -> bytes:
    try:
        return read_small(record, LARGEST_KEPT)
    except OSError:
        return b""


def chain_in(journal: Path, record: Path) -> Chain:
    """That of the file `journal`, but for a line that was never finished; may raise `OSError`."""
    content = read_small(journal, LARGEST_KEPT)
    lines = content[: content.rfind(b"\n") + 1].splitlines()
    return chain_of(lines, read_small(record, LARGEST_KEPT))
