"""A new task's folder: a small working task for the author to turn into their own.

It starts complete rather than empty (a tiny task of its category that `tfexam bank check`
can prove), so that an author sees each part work before changing it. The texts are in
`templates/common`; data and whatever else differs by category are in
`templates/category<N>`.
"""

import tomllib
from pathlib import Path

import msgspec

from exam_bank.errors import TaskFileError
from exam_bank.phrase import phrase
from exam_bank.task import CATEGORIES, Identifier

TEMPLATES = Path(__file__).parent / "templates"
_SUFFIX = ".template"


def new(slug: str, category: int, into: Path) -> Path:
    """Make the folder of a new task with id `slug` in the folder `into`; returns its path.

    Raises `TaskFileError` for an invalid id or category, and when the folder exists already
    or cannot be made.
    """
    try:
        msgspec.convert(slug, Identifier)
    except msgspec.ValidationError as error:
        raise TaskFileError(
            phrase("{name} cannot be the id of a task.", name=repr(slug)),
            fix=phrase("Use 2 to 40 small letters, digits and hyphens, a letter first: my-task."),
        ) from error
    if category not in CATEGORIES:
        raise TaskFileError(
            phrase("There is no category {category}.", category=category),
            fix=phrase("Choose 1, 2, 3, 4 or 5."),
        )
    folder = into / slug.replace("-", "_")
    try:
        folder.mkdir(parents=True)
        for root in (TEMPLATES / "common", TEMPLATES / f"category{category}"):
            _fill(folder, root, slug, category)
    except FileExistsError as error:
        raise TaskFileError(
            phrase("{folder} is there already.", folder=folder), fix=phrase("Choose another id.")
        ) from error
    except OSError as error:
        said = phrase("{folder} cannot be made: {error}.", folder=folder, error=error.strerror)
        raise TaskFileError(said) from error
    return folder


def _fill(folder: Path, root: Path, slug: str, category: int) -> None:
    for template in sorted(root.rglob(f"*{_SUFFIX}")):
        target = folder / template.relative_to(root).with_suffix("")
        target.parent.mkdir(exist_ok=True)
        target.write_text(_filled_in(template, slug, category), encoding="utf-8")


def _filled_in(template: Path, slug: str, category: int) -> str:
    parts = tomllib.loads((TEMPLATES / f"category{category}/parts.toml").read_text("utf-8"))
    parts |= {"SLUG": slug, "TITLE": slug.replace("-", " ").capitalize(), "CATEGORY": str(category)}
    text = template.read_text(encoding="utf-8")
    for name, value in parts.items():
        # Code of several lines is indented like its placeholder.
        indent = next((_indent(line) for line in text.splitlines() if f"@{name}@" in line), "")
        text = text.replace(f"@{name}@", value.strip("\n").replace("\n", f"\n{indent}"))
    return text


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
