"""What the place of a file says: whose it is, which task it is for, what it was called.

Learning platforms put the person into the file's name when a teacher downloads a class:

    Canvas      weissanna_LATE_4711_81542_mymodel-1.h5     (lib/content_zipper.rb of Canvas)
    Moodle      Anna Weiß_81542_assignsubmission_file_/mymodel.h5, or all in one name
    Gradescope  submission_815/mymodel.h5, and submission_metadata.yml says whose 815 is

Everywhere else a folder, a zip or the file itself is named after the person. Pure: works on
the parts of a path, whether it is in a folder or in a zip.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.sitting.intake.stray_models import is_likely

_CANVAS = re.compile(
    r"(?P<who>[^_]\w*?)_(?P<late>LATE_)?(?P<id>\d+|anon_[A-Za-z0-9]+)_\d+_(?P<name>.+)"
)
_CANVAS_ANONYMOUS = re.compile(r"(?P<late>LATE_)?(?P<who>anon_[A-Za-z0-9]+)_\d+_(?P<name>.+)")
_MOODLE = re.compile(r"(?P<who>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+_?(?P<name>.*)", re.DOTALL)
_CATEGORY = re.compile(r"category[ _-]?([1-5])(?![0-9])", re.IGNORECASE)
_MODEL = re.compile(r"(?<![^\W_])mymodel(?:[ _-]?\(?\d{1,3}\)?)?\.(?:h5|keras)\Z", re.IGNORECASE)
_MODEL_SUFFIXES = (".h5", ".keras", ".hdf5")
ZIP_SUFFIX = ".zip"
# What people send instead of a zip; nothing here reads it.
PACKED_SUFFIXES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
_SUFFIX = re.compile(r"(\.tfexam)?\.zip|\.h5|\.keras|\.hdf5", re.IGNORECASE)
METADATA = "submission_metadata.yml"


class Label(NamedTuple):
    """One name that may mean a person.

    `number` keeps two people of one name apart where there is no roster; `id` is that number
    where a roster can have it: Moodle's is one of the submission.
    """

    text: str
    number: str = ""
    id: str = ""


class Place(NamedTuple):
    """What the parts of a path say; `labels` from the outermost folder in.

    `category` is None where no part names one. `proper` is whether the file is called
    mymodel, give or take a number; `rest` are all parts without what a platform added.
    """

    labels: tuple[Label, ...]
    category: int | None
    proper: bool
    flags: tuple[str, ...]
    rest: tuple[str, ...]


def is_model(name: str) -> bool:
    """Whether a file of that name may be a model; Windows hides the end of mymodel.h5.txt."""
    return is_model_folder(name) or (is_likely(name) and not name.lower().endswith(ZIP_SUFFIX))


def is_model_folder(name: str) -> bool:
    """Whether even a folder of that name stands for a model; grading says what is wrong."""
    return name.lower().endswith(_MODEL_SUFFIXES)


def is_noise(parts: Sequence[str]) -> bool:
    """Whether a file is hidden or what a Mac adds to zips."""
    return any(each.startswith(".") or each == "__MACOSX" for each in parts)


def place_of(parts: Sequence[str]) -> Place:
    """What the path `parts`, from the folder or zip that was named, says about its file."""
    labels, rest, flags = [], [], []
    for part in parts:
        found, name, is_late = _from_platform(part)
        if found is not None:
            labels.append(found)
        elif not _CATEGORY.fullmatch(part):
            labels.append(Label(_SUFFIX.sub("", part)))
        flags += ["late"] if is_late else []
        rest.append(name)
    return Place(
        labels=tuple(labels),
        category=_category(rest),
        proper=bool(_MODEL.search(rest[-1])),
        flags=tuple(dict.fromkeys(flags)),
        rest=tuple(rest),
    )


def _from_platform(part: str) -> tuple[Label | None, str, bool]:
    """Who a platform says this is of, the name before it was changed, and whether it was late."""
    for form in (_MOODLE, _CANVAS, _CANVAS_ANONYMOUS):
        if found := form.fullmatch(part):
            fields = found.groupdict()
            return _label(fields, form), fields["name"] or part, bool(fields.get("late"))
    return None, part, False


def _label(fields: Mapping[str, str], form: re.Pattern[str]) -> Label:
    number = fields.get("id") or ""
    return Label(fields["who"], number, "" if form is _MOODLE else number)


def _category(parts: Sequence[str]) -> int | None:
    """The category that the innermost part names."""
    for part in reversed(parts):
        if found := _CATEGORY.search(part):
            return int(found[1])
    return None


def usual_person(place: Place) -> Label:
    """Who a file is of where no roster can tell: what a platform says, or the folder it is in.

    That is the folder above Category<N>, else the one below the folder that was named; or the
    file itself, right in that folder and not called mymodel.
    """
    from_platform = [each for each in place.labels if each.number]
    if from_platform:
        return from_platform[0]
    if len(place.rest) == 2 and not _MODEL.match(place.rest[1]):
        return place.labels[-1]
    return Label(_SUFFIX.sub("", _folder_of(place.rest)))


def _folder_of(parts: Sequence[str]) -> str:
    """The folder above Category<N>, else the second one of all, if there are as many."""
    folders = parts[:-1] or parts
    for above, each in itertools.pairwise(folders):
        if _CATEGORY.fullmatch(each):
            return above
    return folders[0] if _CATEGORY.fullmatch(folders[0]) else folders[:2][-1]
