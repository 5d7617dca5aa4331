"""Who is in a class, and the files that were found for them: plain data that all of it shares."""

from pathlib import Path

import msgspec

from engine.grading.protocol import Message


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate. `id` is unique in the class; `line` is the roster's, 0 without a roster.

    `more` holds the other columns of the roster, as they are.
    """

    id: str
    name: str = ""
    email: str = ""
    group: str = ""
    more: dict[str, str] = {}
    line: int = 0


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """Everyone in a class, in the order of the roster; `columns` names those in `Person.more`.

    Without a roster (`stated` is false) people are whoever handed something in, so nobody is
    missing.
    """

    people: tuple[Person, ...] = ()
    columns: tuple[str, ...] = ()
    stated: bool = True


class FoundFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file that somebody handed in; `file` names it in its row and is unique for a person.

    `path` is where its bytes lie: in place, or unpacked from a zip. `sha256` is empty where
    they were not read. A file with a `fault` is not graded: that sentence, the stable word
    `reason` and the `verdict` ("rejected" or "unclaimed") are its row.
    """

    person: str
    task: str
    category: int
    file: str
    path: Path
    sha256: str = ""
    flags: tuple[str, ...] = ()
    fault: Message | None = None
    reason: str = ""
    verdict: str = ""
