"""Gradescope's `results.json`, as its autograder specifications describe it.

https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from engine.grading.answers import Answer
from exam_bank.printable import printable


def gradescope_text(answers: Sequence[Answer], *, min_score: int = 0) -> str:
    """All answers as one `results.json`: a test for each file, which Gradescope adds up.

    A test below `min_score` is marked as failed; without one Gradescope goes by the points. A
    grading that failed through us has no score, and Gradescope then takes no result at all: a
    fault of ours must not look like a zero.
    """
    whole: dict[str, Any] = {
        "execution_time": round(sum(each.seconds for each in answers), 3),
        "output": _summary(answers),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [_test(each, number, min_score) for number, each in enumerate(answers, start=1)],
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def _summary(answers: Sequence[Answer]) -> str:
    ours = [each for each in answers if each.score is None]
    if ours:
        return "\n".join(f"{printable(each.file)}: {printable(each.message)}" for each in ours)
    points = sum(each.score or 0 for each in answers)
    return f"{points} of {sum(each.max_score for each in answers)} points."


def _test(each: Answer, number: int, min_score: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": f"Category {each.category}: {each.task}",
        "number": str(number),
        "max_score": each.max_score,
        "output": f"{printable(each.file)}: {printable(each.message)}",
        "output_format": "text",
        "extra_data": {
            "sha256": each.sha256,
            "verdict": each.verdict,
            "level": each.level,
            "metric": msgspec.to_builtins(each.metric),
        },
    }
    if each.score is not None:
        found["score"] = each.score
    if status := _status(each, min_score):
        found["status"] = status
    return found


def _status(each: Answer, min_score: int) -> str:
    """Whether it passed; nothing where no score is asked for."""
    if each.verdict != "graded" or (each.score or 0) < min_score:
        return "failed"
    return "passed" if min_score else ""
