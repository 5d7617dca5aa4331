"""A task pack is code: the user must allow it before any of it runs.

The `data.py` of a pack's tasks runs with all the rights of whoever starts tfexam, and
packs come from colleagues or class repositories as easily as text files do. So tfexam
only lists the tasks of a folder named in `TFEXAM_BANK` until the user runs
`tfexam bank trust`, and again after its files change. Packs installed as packages need
no further consent: installing them was consent.

The list of trusted packs lies in the user's settings folder, wherever `home` is: a
folder from elsewhere may set its own home, but must not bring its own consent.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from engine.errors import SettingsError, TaskFileError, UntrustedPackError
from engine.files import said, write_atomically
from engine.settings import Settings, trust_file
from exam_bank import pack_files
from exam_bank.phrase import phrase
from exam_bank.safe_files import UNDECODABLE, read_small
from exam_bank.task import Task

_LARGEST_LIST = 1 << 20


def need_trust(tasks: Iterable[Task], settings: Settings) -> None:
    """Raise `UntrustedPackError`, saying why and what to do, unless all of `tasks` may run.

    For the author's commands, which run a pack's code in place.
    """
    for pack in _named(tasks, settings):
        _need_yes(pack, pack_files.digest(pack))


def trusted(tasks: Iterable[Task], settings: Settings) -> list[Task]:
    """`tasks`, safe to run: those from a named pack come from a trusted copy of it.

    The copy holds the exact bytes that were trusted, whatever happens to the pack later.
    Raises `UntrustedPackError` as `need_trust` does.
    """
    tasks = list(tasks)
    copies = {pack: _copy_of(pack, settings) for pack in _named(tasks, settings)}
    return [
        msgspec.structs.replace(task, folder=copies[task.folder.parent] / task.folder.name)
        if task.folder.parent in copies
        else task
        for task in tasks
    ]


def trust(pack: Path, settings: Settings, digest: str = "") -> None:
    """Trust the code of `pack` in the version `digest` (default: the current one).

    Raises `SettingsError` when that cannot be saved, `TaskFileError` if it is not a pack.
    """
    pack = pack.resolve()
    known = {**_trusted(), str(pack): digest or pack_files.digest(pack)}
    path = trust_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, msgspec.json.encode(known, order="sorted"))
    except OSError as error:
        raise SettingsError(
            phrase("{path} cannot be written: {error}.", path=path, error=said(error)),
            fix=phrase("tfexam keeps the list of trusted packs there: check its permissions."),
        ) from error
    _sweep(_copies(settings), set(known.values()))


def is_trusted(pack: Path) -> bool:
    """Whether the current code of `pack` may run."""
    pack = pack.resolve()
    return (digest := _trusted().get(str(pack))) is not None and digest == pack_files.digest(pack)


def _named(tasks: Iterable[Task], settings: Settings) -> list[Path]:
    """The packs of `tasks` that need the user's consent.

    Goes by path, without following links: a link in place of a task would lead out of the pack.
    """
    named = {pack.resolve() for pack in settings.packs}
    return [pack for pack in dict.fromkeys(task.folder.parent for task in tasks) if pack in named]


def _need_yes(pack: Path, digest: str) -> None:
    known = _trusted().get(str(pack))
    if known == digest:
        return
    if known is not None:
        why = phrase(
            "{pack} has changed since you allowed its code to run on this machine.", pack=pack
        )
    else:
        why = phrase(
            "{pack} is a task pack that is new to this machine. A pack is code: its "
            "data.py files run here with your rights.",
            pack=pack,
        )
    raise UntrustedPackError(
        why, fix=phrase("Look at its files, then run: tfexam bank trust {pack}", pack=pack)
    )


def _copy_of(pack: Path, settings: Settings) -> Path:
    """The trusted copy of `pack`, made now if there is none."""
    digest = pack_files.digest(pack)
    _need_yes(pack, digest)
    kept = _copies(settings) / digest
    if _is_whole(kept):
        return kept
    shutil.rmtree(kept, ignore_errors=True)
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    staged = Path(tempfile.mkdtemp(prefix=".", dir=kept.parent))
    try:
        copied = pack_files.digest(pack, staged)  # the pack may have changed since it was read
        _need_yes(pack, copied)
        return _placed(staged, kept.with_name(copied))
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _is_whole(copy: Path) -> bool:
    """Whether a copy still matches its name: a home may come from elsewhere, too."""
    with contextlib.suppress(OSError, TaskFileError):
        return pack_files.digest(copy) == copy.name
    return False


def _placed(staged: Path, kept: Path) -> Path:
    try:
        return staged.rename(kept)
    except OSError:
        if not _is_whole(kept):  # otherwise another tfexam was faster
            raise
        return kept


def _copies(settings: Settings) -> Path:
    return settings.cache_folder / "packs"


def _sweep(copies: Path, digests: set[str]) -> None:
    """Remove copies whose version of a pack is no longer trusted."""
    with contextlib.suppress(OSError):
        for each in copies.iterdir():
            if each.name not in digests:
                shutil.rmtree(each, ignore_errors=True)


def _trusted() -> dict[str, str]:
    """Each trusted pack with the digest of its files."""
    with contextlib.suppress(OSError, *UNDECODABLE):
        return msgspec.json.decode(read_small(trust_file(), _LARGEST_LIST), type=dict[str, str])
    return {}
