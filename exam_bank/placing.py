"""Puts a task's material in its place, whole or not at all.

Everything is first written to a staging folder next to its target (on the same file
system, so that a rename is enough) and then moved. A token names the staging folders, so
that whoever started a maker can remove them if it is killed.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from exam_bank.errors import DataError
from exam_bank.phrase import phrase

if TYPE_CHECKING:
    from exam_bank.material import Material


def staging(target: Path, token: str) -> Path:
    """The staging folder of `target` for the run named `token`."""
    return target.parent / f".{target.name}.{token}.part"


def sweep(token: str, *targets: Path) -> None:
    """Remove what the run named `token` left unfinished next to `targets`."""
    for target in targets:
        shutil.rmtree(staging(target, token), ignore_errors=True)
        shutil.rmtree(staging(target, _old(token)), ignore_errors=True)


def place(material: "Material", *, hidden: Path, files: Path | None, token: str) -> None:
    """Write the hidden set to `hidden` and, unless None, the candidate's files into `files`.

    An existing hidden set is replaced. The candidate's folder may hold other files; a file
    in the way whose content differs is never overwritten. Raises `DataError` in that case,
    and `OSError` when writing fails.
    """
    staged_hidden = staging(hidden, token)
    staged_hidden.parent.mkdir(parents=True, exist_ok=True)
    if files is None:
        material.hidden.write(staged_hidden)
        _replace(staged_hidden, hidden, token)
        return
    staged_files = staging(files, token)
    staged_files.mkdir(parents=True)
    material.write(staged_files, staged_hidden)
    _refuse_to_overwrite(staged_files, files)
    _replace(staged_hidden, hidden, token)
    _add(staged_files, files)


def _replace(staged: Path, target: Path, token: str) -> None:
    try:
        staged.rename(target)
    except OSError:
        if not target.exists():
            raise
        old = staging(target, _old(token))
        target.rename(old)
        staged.rename(target)
        shutil.rmtree(old, ignore_errors=True)


def _old(token: str) -> str:
    """The token for what a replacement moved aside."""
    return f"{token}-old"


def _add(staged: Path, target: Path) -> None:
    if not target.exists():
        staged.rename(target)
        return
    for entry in sorted(staged.iterdir()):
        if not (target / entry.name).exists():
            entry.rename(target / entry.name)
    shutil.rmtree(staged, ignore_errors=True)


def _refuse_to_overwrite(staged: Path, target: Path) -> None:
    for entry in sorted(staged.iterdir()):
        there = target / entry.name
        if (there.exists() or there.is_symlink()) and not _same(entry, there):
            raise DataError(
                phrase(
                    "{there} is in the way: it differs from what this task would write there.",
                    there=there,
                ),
                fix=phrase("Move it away, or choose an empty folder."),
            )


def _same(one: Path, other: Path) -> bool:
    """Whether both hold the same files with the same bytes; a link never does."""
    if other.is_symlink() or one.is_dir() != other.is_dir():
        return False
    if one.is_file():
        return one.read_bytes() == other.read_bytes()
    names = sorted(path.name for path in one.iterdir())
    return names == sorted(path.name for path in other.iterdir()) and all(
        _same(one / name, other / name) for name in names
    )
