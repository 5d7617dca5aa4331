"""Errors that a screen can show use phrases, so that the catalogs have every sentence.

`tests/tui/test_locale.py` fails for a phrase without Chinese; this finds what would never
reach the catalogs: errors on the lower floors with a plain string.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import errors
from engine.errors import TfexamError

ROOT = Path(__file__).parents[2]

# Only the command line shows these, and it is English.
COMMANDS_ONLY = re.compile(r"exam_bank/(authoring|proof)/")
# A task's `data.py` is part of its proof, and its errors are about data set files that were
# hashed before; the sentence around them is a phrase.
MAKE_DATA = re.compile(r"exam_bank/(synthetic/|tasks/)")


def subclasses(root: type[TfexamError]) -> Iterator[str]:
    for each in root.__subclasses__():
        yield each.__name__
        yield from subclasses(each)


NAMES = {"TfexamError", *subclasses(TfexamError)} - {"SubmissionRejected"}


def sources() -> Iterator[Path]:
    for floor in ("engine", "exam_bank"):
        for path in sorted((ROOT / floor).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not COMMANDS_ONLY.search(name) and not MAKE_DATA.search(name):
                yield path


def said(call: ast.Call) -> Iterator[ast.expr]:
    """The arguments of an error: its message and its fix."""
    yield from call.args[:1]
    yield from (each.value for each in call.keywords if each.arg == "fix")


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node


@pytest.mark.parametrize("path", sources(), ids=lambda each: each.relative_to(ROOT).as_posix())
def test_errors_are_made_of_phrases(path: Path) -> None:
    for name, call in calls(path):
        if name in NAMES:
            for each in said(call):
                assert not isinstance(each, ast.Constant | ast.JoinedStr | ast.BinOp), (
                    f"line {each.lineno}: say phrase(…) instead of a plain string"
                )
        if name == "phrase":
            assert isinstance(call.args[0], ast.Constant), (
                f"line {call.lineno}: the catalogs know literal templates only"
            )


def test_every_class_of_error_has_a_title() -> None:
    found = [each for _, each in inspect.getmembers(errors, inspect.isclass)]
    for each in found:
        if issubclass(each, TfexamError):
            assert "title" in vars(each), each
