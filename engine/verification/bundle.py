"""A bundle: journal, record, result and frozen models of an ended sitting, in one zip.

Whoever gets a bundle trusts nothing in it: only members with a name that we write are read,
each once and within its limit, so a bomb or a path that leads outside ends in one sentence.
"""

import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Literal

import msgspec

from engine.errors import SittingError
from engine.files import said, what_to_do
from engine.sitting.state.report import FILE_NAME
from engine.sitting.state.sitting import Phase, Sitting
from engine.sitting.store.history import past
from engine.sitting.store.journal import NAME
from engine.sitting.store.record import RECORD, submission_file
from exam_bank.datasets.compression import is_plain, opened_zip
from exam_bank.phrase import phrase
from exam_bank.platform import disk
from exam_bank.safe_files import CHUNK, LARGEST_KEPT, SMALL, chunks_of, open_regular

SUFFIX = ".tfexam.zip"
MANIFEST = "manifest.json"
# A model may be as large as the largest limit of any task, and some more.
LARGEST_MODEL = 1 << 30
LARGEST_TOTAL = 16 << 30
MOST_MODELS = 5_000
# A year in which every zip can say that a file was made.
_MADE = (2020, 1, 1, 0, 0, 0)
_MODEL = re.compile(r"submissions/[0-9a-f]{64}\.[a-z0-9]{1,8}\Z")
_TEXTS = {MANIFEST: SMALL, RECORD: LARGEST_KEPT, NAME: LARGEST_KEPT, FILE_NAME: LARGEST_KEPT}
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)

OnModel = Callable[[int, int], None]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle says about itself; nothing in it is believed but the format."""

    format_version: Literal[1] = 1
    kind: Literal["tfexam sitting"] = "tfexam sitting"
    sitting: str = ""
    tfexam_version: str = ""


def need_ended(sitting: Sitting) -> None:
    """Raise `SittingError` unless `sitting` has ended and every model is graded."""
    if sitting.phase is not Phase.ENDED or sitting.unfinished:
        raise SittingError(
            phrase(
                "{sitting} has not ended yet, or a model still waits.", sitting=sitting.record.id
            ),
            fix=phrase("End it first; `tfexam history --finish` grades what waits."),
        )


def winners_of(sitting: Sitting) -> dict[str, str]:
    """The SHA-256 of each task's best model, by task; tasks without points have none."""
    found = {each.task: sitting.winner(each.task) for each in sitting.record.paper.tasks}
    return {task: best.sha256 for task, best in found.items() if best is not None and best.score}


def export(
    folder: Path, target: Path, *, only_winners: bool = False, on_model: OnModel = lambda *_: None
) -> Path:
    """Write the ended sitting in `folder` to the new file `target`, completely or not at all.

    With `only_winners` only the models that earned the scores. `on_model` gets how many of how
    many models are written. Raises `SittingError` if the sitting has not ended, a model is gone
    or `target` exists or cannot be written.
    """
    sitting = past(folder)
    need_ended(sitting)
    hashes = (
        winners_of(sitting).values() if only_winners else (s.sha256 for s in sitting.submissions)
    )
    models = sorted(set(hashes))
    if target.exists():
        raise _unusable(target, phrase("the file exists"), phrase("Name another file."))
    fresh = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with fresh.open("xb") as file:
            _write(file, folder, sitting, models, on_model)
            file.flush()
            disk.flush(file.fileno())
        disk.replace(fresh, target)
    except OSError as error:
        path = Path(error.filename) if error.filename else target
        raise _unusable(path, said(error), what_to_do(error)) from error
    finally:
        fresh.unlink(missing_ok=True)
    return target


def _write(
    file: IO[bytes], folder: Path, sitting: Sitting, models: list[str], on_model: OnModel
) -> None:
    record = sitting.record
    about = Manifest(sitting=record.id, tfexam_version=record.tfexam_version)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_member(MANIFEST), msgspec.json.encode(about) + b"\n")
        for name in (RECORD, NAME, FILE_NAME):
            _add(archive, name, folder / name)
        for number, sha256 in enumerate(models, start=1):
            path = submission_file(folder, sha256)
            _add(archive, f"submissions/{path.name}", path)
            on_model(number, len(models))


def _member(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, _MADE)
    made.compress_type, made.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    return made


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    with archive.open(_member(name), "w", force_zip64=True) as copy:
        for chunk in chunks_of(path):
            copy.write(chunk)


def unpack(bundle: Path, folder: Path) -> None:
    """Unpack `bundle` into the empty `folder`, laid out as a sitting's folder.

    Raises `SittingError`, saying what is wrong with it, for anything but a bundle of ours.
    """
    try:
        with open_regular(bundle):  # never waits for a FIFO
            pass
        with opened_zip(bundle) as archive:
            members = _checked(archive, bundle)
            total = 0
            for member in members:
                total += _unpack(archive, member, folder, bundle, LARGEST_TOTAL - total)
        _need_manifest(folder / MANIFEST, bundle)
    except OSError as error:
        raise _faulty(bundle, said(error)) from error
    except _UNREADABLE as error:
        raise _faulty(
            bundle, phrase("it is no zip file, or damaged ({error})", error=error)
        ) from error


def _checked(archive: zipfile.ZipFile, bundle: Path) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    names = [each.filename for each in members]
    if len(names) > len(_TEXTS) + MOST_MODELS:
        raise _faulty(bundle, phrase("it has too many members"))
    if len(set(names)) < len(names):
        raise _faulty(bundle, phrase("a member is there twice"))
    for each in members:
        if each.filename not in _TEXTS and not _MODEL.match(each.filename):
            why = phrase("no bundle has a member {name}", name=repr(each.filename))
            raise _faulty(bundle, why)
        if not is_plain(each):
            raise _faulty(bundle, phrase("{name} is not a plain file", name=each.filename))
    if missing := sorted({MANIFEST, RECORD, NAME} - set(names)):
        raise _faulty(bundle, phrase("it lacks {names}", names=", ".join(missing)))
    return members


def _unpack(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, bundle: Path, left: int
) -> int:
    """Write one member; returns its length, which its header may lie about."""
    most = min(_TEXTS.get(member.filename, LARGEST_MODEL), left)
    target, length = folder / member.filename, 0
    target.parent.mkdir(exist_ok=True)
    with archive.open(member) as source, target.open("xb") as copy:
        while chunk := source.read(CHUNK):
            length += len(chunk)
            if length > most:
                raise _faulty(bundle, phrase("{name} is too large", name=member.filename))
            copy.write(chunk)
    return length


def _need_manifest(path: Path, bundle: Path) -> None:
    try:
        msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        why = phrase(
            "its {name} is not one that this tfexam knows ({error})", name=MANIFEST, error=error
        )
        raise _faulty(bundle, why) from error


def copy_of(folder: Path, target: Path, hashes: Iterable[str]) -> None:
    """Copy what a bundle of the sitting in `folder` would hold of `hashes` to `target`.

    Models that are gone are left out. Raises `SittingError` when it cannot be copied.
    """
    try:
        (target / "submissions").mkdir()
        for name in (RECORD, NAME, FILE_NAME):
            if (folder / name).exists():
                shutil.copyfile(folder / name, target / name)
        for sha256 in hashes:
            if submission_file(folder, sha256).is_file():
                shutil.copyfile(submission_file(folder, sha256), submission_file(target, sha256))
    except OSError as error:
        path = Path(error.filename) if error.filename else target
        raise _unusable(path, said(error), what_to_do(error)) from error


def _faulty(bundle: Path, why: str) -> SittingError:
    return SittingError(
        phrase("{bundle} cannot be read as a bundle: {why}.", bundle=bundle, why=why),
        fix=phrase("`tfexam export SITTING` makes one."),
    )


def _unusable(path: Path, why: str, fix: str) -> SittingError:
    return SittingError(phrase("{path} cannot be used: {why}.", path=path, why=why), fix=fix)
