"""A new task's folder: a small task that works, to be turned into the author's own.

It starts whole rather than empty (a linear task that `tfexam bank check` can prove), so
that an author sees each part do its work before changing it.
"""

from pathlib import Path

import msgspec

from exam_bank.errors import TaskFileError
from exam_bank.task import CATEGORIES, Identifier

TEMPLATES = Path(__file__).parent / "templates"
_SUFFIX = ".template"


def new(slug: str, category: int, into: Path) -> Path:
    """Make the folder of a new task with id `slug` in the folder `into`; gives its path.

    Raises `TaskFileError` for an id or category that no task may have, and when the
    folder is there already or cannot be made.
    """
    try:
        msgspec.convert(slug, Identifier)
    except msgspec.ValidationError as error:
        raise TaskFileError(
            f"{slug!r} cannot be the id of a task.",
            fix="Use 2 to 40 small letters, digits and hyphens, a letter first: my-task.",
        ) from error
    if category not in CATEGORIES:
        raise TaskFileError(f"There is no category {category}.", fix="Choose 1, 2, 3, 4 or 5.")
    folder = into / slug.replace("-", "_")
    try:
        folder.mkdir(parents=True)
        for template in sorted(TEMPLATES.rglob(f"*{_SUFFIX}")):
            _fill_in(template, folder, slug, category)
    except FileExistsError as error:
        raise TaskFileError(f"{folder} is there already.", fix="Choose another id.") from error
    except OSError as error:
        raise TaskFileError(f"{folder} cannot be made: {error.strerror}.") from error
    return folder


def _fill_in(template: Path, folder: Path, slug: str, category: int) -> None:
    target = folder / template.relative_to(TEMPLATES).with_suffix("")
    target.parent.mkdir(exist_ok=True)
    title = slug.replace("-", " ").capitalize()
    text = template.read_text(encoding="utf-8")
    for name, value in (("SLUG", slug), ("TITLE", title), ("CATEGORY", str(category))):
        text = text.replace(f"@{name}@", value)
    target.write_text(text, encoding="utf-8")
