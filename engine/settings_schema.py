"""The table of settings: each one's name, type, default, choices and meaning.

The environment variable, the key in `config.toml`, `.env.example` and the settings screen
all come from it. Imported before the first paint, so it must not import anything heavy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from exam_bank.packs import packs_from
from exam_bank.printable import printable

_LARGEST = 1e6
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Setting:
    """One setting: its name, how to parse it, its default as text, and its meaning.

    A `.env` comes with a folder, so it may not set a `personal` setting: one that decides
    which code runs here, or what is stored where.
    """

    name: str
    read: Callable[[str], object]
    default: str
    meaning: str
    choices: tuple[str, ...] = ()
    personal: bool = False

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return f"TFEXAM_{self.name.upper()}"

    def value_of(self, text: str) -> object:
        """Parse `text`; raises `ValueError` saying why it is unusable."""
        try:
            value = self.read(text)
        except RuntimeError as error:  # ~ of an unknown user, or no home folder
            raise ValueError(str(error)) from error
        if self.choices and value not in (*self.choices, self.default):
            raise ValueError(f"choose one of: {', '.join(self.choices)}")
        return value


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < _LARGEST:
        raise ValueError(f"it must be a number above 0 and below {_LARGEST:.0f}")
    return value


def _yes_no(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off"}:
        return False
    raise ValueError("it must be 1 or 0")


def _name(text: str) -> str:
    return printable(" ".join(text.split()), _LONGEST_NAME)


def folder_from(text: str) -> Path:
    """The folder that `text` names, absolute.

    Raises `RuntimeError` for the ~ of an unknown user, and `ValueError` for a name that no
    folder can have or that is not UTF-8: records and journal could not store it.
    """
    if "\0" in text:
        raise ValueError("its name holds a zero byte")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("its name is not valid UTF-8") from error
    return Path(text).expanduser().absolute()


def setting(name: str) -> Setting:
    """The setting of that name; raises `KeyError` if there is none."""
    return {each.name: each for each in SCHEMA}[name]


SCHEMA: tuple[Setting, ...] = (
    Setting(
        "home",
        folder_from,
        "",
        "where sittings, hidden sets and logs are kept; empty: the user's data folder",
        personal=True,
    ),
    Setting("workspaces", folder_from, "~/tfexam", "where the folder of a new sitting is made"),
    Setting(
        "bank",
        packs_from,
        "",
        "more folders of tasks, separated as in PATH",
        personal=True,
    ),
    Setting(
        "data",
        packs_from,
        "",
        "more folders with data set files, separated as in PATH",
    ),
    Setting(
        "lang", str, "", "language of screens and briefs; empty: from the locale", ("en", "zh")
    ),
    Setting(
        "candidate_name",
        _name,
        "",
        "your name on the certificate page of a passed exam; empty: a line to write on",
    ),
    Setting("minutes", _positive, "300", "length of an exam in minutes"),
    Setting("practice_minutes", _positive, "60", "length of a practice session in minutes"),
    Setting(
        "extra_time",
        str,
        "none",
        "how many times its usual length an exam may take",
        ("none", "1.25", "1.5", "2"),
    ),
    Setting(
        "mode",
        str,
        "faithful",
        "faithful shows n/5 only; coach explains; blind shows no score before the end",
        ("faithful", "coach", "blind"),
    ),
    Setting(
        "level",
        str,
        "classic",
        "how hard the marking is: classic as in the real exam, hard above it",
        ("classic", "hard"),
    ),
    Setting(
        "sampling",
        str,
        "whole",
        "which hidden examples measure a model: all of them, or a random sample for "
        "each model, as in the real exam",
        ("whole", "draw"),
    ),
    Setting(
        "keras_files",
        str,
        "practice",
        "when mymodel.keras is graded as well as mymodel.h5: in practice, also in exams, or never",
        ("practice", "always", "never"),
    ),
    Setting("auto_grade", _yes_no, "1", "grade a model as soon as its file is complete"),
    Setting("prewarm", _yes_no, "1", "keep a grader ready with TensorFlow imported"),
    Setting("grader_device", str, "cpu", "where models are graded", ("cpu", "gpu")),
    Setting("poll_seconds", _positive, "2", "how often folders are checked without file events"),
    Setting("theme", str, "", "theme of the screens; empty: tfexam's dark theme"),
    Setting("watch_downloads", _yes_no, "0", "offer models that arrive in your Downloads folder"),
    Setting("follow_starter", _yes_no, "1", "show the category whose starter.py you save"),
    Setting("bell", _yes_no, "1", "ring the terminal bell when time is running out"),
)
