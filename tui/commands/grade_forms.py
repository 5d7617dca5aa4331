"""Writes answers in the form that `--format` names, where that takes all of them at once."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engine.grading.answers import Answer
    from exam_bank.catalog import Catalog
    from tui.commands.grade_targets import Wanted


_ADDED_UP = ("gradescope", "classroom50")


def counted(
    answers: "Sequence[Answer]", notation: str, bank: "Catalog", wanted: "Wanted"
) -> "Sequence[Answer]":
    """`answers`, or one for each task of the paper where a system adds up what it gets."""
    if notation not in _ADDED_UP:
        return answers
    from engine.grading.forms.one_of_each import one_of_each
    from exam_bank.paper import from_code

    if wanted.code is None or wanted.task is not None:
        return one_of_each(answers)
    paper = from_code(bank, wanted.code)
    return one_of_each(answers, [bank.task(each.task) for each in paper.tasks], paper.level)


def write_form(answers: "Sequence[Answer]", notation: str, min_score: int) -> None:
    """Write all `answers` to standard output; those of json and text are written already.

    The summary for GitHub goes into the file that its runner names. Raises `FormError`.
    """
    if notation == "github":
        _write_github(answers, min_score)
    elif text_of := _TEXTS.get(notation):
        click.echo(text_of(answers, min_score), nl=False)


def _csv(answers: "Sequence[Answer]", _: int) -> str:
    from engine.grading.answers import csv_text

    return csv_text(answers)


def _junit(answers: "Sequence[Answer]", min_score: int) -> str:
    from engine.grading.answers import junit_text

    return junit_text(answers, min_score=min_score)


def _gradescope(answers: "Sequence[Answer]", min_score: int) -> str:
    from engine.grading.forms.gradescope import gradescope_text

    return gradescope_text(answers, min_score=min_score)


def _classroom50(answers: "Sequence[Answer]", min_score: int) -> str:
    from engine.clock import SystemClock
    from engine.grading.forms.classroom50 import classroom50_text

    now = datetime.fromtimestamp(SystemClock().now().wall, UTC)
    return classroom50_text(answers, os.environ, now, min_score=min_score)


_TEXTS: "dict[str, Callable[[Sequence[Answer], int], str]]" = {
    "csv": _csv,
    "junit": _junit,
    "gradescope": _gradescope,
    "classroom50": _classroom50,
}


def _write_github(answers: "Sequence[Answer]", min_score: int) -> None:
    from engine.errors import FormError
    from engine.files import said, what_to_do
    from engine.grading.forms.github import annotations, summary
    from exam_bank.phrase import phrase

    click.echo(annotations(answers, min_score=min_score), nl=False)
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    try:
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(summary(answers, min_score=min_score))
    except OSError as error:
        raise FormError(
            phrase("The summary {path} cannot be written: {error}.", path=name, error=said(error)),
            fix=what_to_do(error),
        ) from error
