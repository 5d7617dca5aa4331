"""Puts a task's material where it belongs, whole or not at all.

Everything is first written to a staging folder beside its target (the same file system,
so that a rename is enough) and only then moved. Whoever starts the making knows the
staging folders by their token, and can sweep them up after a maker that was killed.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from exam_bank.errors import DataError
from exam_bank.phrase import phrase

if TYPE_CHECKING:
    from exam_bank.material import Material


def staging(target: Path, token: str) -> Path:
    """The staging folder of `target` for the making named `token`."""
    return target.parent / f".{target.name}.{token}.part"


def sweep(token: str, *targets: Path) -> None:
    """Remove what the making named `token` left unfinished beside `targets`."""
    for target in targets:
        shutil.rmtree(staging(target, token), ignore_errors=True)
        shutil.rmtree(staging(target, _old(token)), ignore_errors=True)


def place(material: "Material", *, hidden: Path, files: Path | None, token: str) -> None:
    """Write the hidden set to `hidden` and, unless None, the candidate's files into `files`.

    A hidden set that is there already is replaced. The candidate's folder may hold other
    files; one that is in the way with another content is never overwritten. Raises
    `DataError` then, and `OSError` when the disk does not take it.
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
    """The token of what a replacement pushed aside."""
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
    """Whether both are the same files with the same bytes; a link is never the same."""
    if other.is_symlink() or one.is_dir() != other.is_dir():
        return False
    if one.is_file():
        return one.read_bytes() == other.read_bytes()
    names = sorted(path.name for path in one.iterdir())
    return names == sorted(path.name for path in other.iterdir()) and all(
        _same(one / name, other / name) for name in names
    )
