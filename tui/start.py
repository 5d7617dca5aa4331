"""What the app opens first, as the command line or the home screen asks.

It is light on purpose: the command line imports it before it knows whether there is a terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from engine.sitting.state.sitting import Mode, Submitting
    from engine.sitting.store.class_paper import ClassPaper
    from exam_bank.paper import Paper
    from exam_bank.task import Level


@dataclass(frozen=True)
class Home:
    """The home screen."""


@dataclass(frozen=True)
class NewExam:
    """Set up an exam; None means the value from the settings, or a newly drawn paper.

    `minutes` is the exam's usual length, which `extra_time` multiplies; `dir` is where its
    workspace is made. `class_paper` is where paper, length and mode came from, if not from here.
    """

    paper: Paper | None = None
    minutes: float | None = None
    mode: Mode | None = None
    dir: Path | None = None
    submitting: Submitting = "as_set"
    level: Level | None = None
    extra_time: float | None = None
    class_paper: ClassPaper | None = None


@dataclass(frozen=True)
class NewPractice:
    """Set up a practice session of the tasks with these ids."""

    tasks: tuple[str, ...]
    minutes: float | None = None
    dir: Path | None = None
    mode: Mode | None = None
    submitting: Submitting = "as_set"
    level: Level | None = None


@dataclass(frozen=True)
class Resume:
    """Resume the sitting kept in `folder`."""

    folder: Path


Start = Home | NewExam | NewPractice | Resume
