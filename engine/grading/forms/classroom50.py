"""The `result.json` of Classroom 50, the successor of GitHub Classroom.

Form `classroom50/result/v1`; its runner sets the environment that says whose result it is.
https://github.com/foundation50/classroom50/wiki/Advanced-Autograding
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from engine.errors import FormError
from engine.grading.answers import Answer
from exam_bank.phrase import phrase
from exam_bank.printable import printable

SCHEMA = "classroom50/result/v1"
_NEEDED = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
}
_OPTIONAL = {"assignment_type": "ASSIGNMENT_TYPE", "owner": "OWNER"}


def classroom50_text(
    answers: Sequence[Answer],
    environment: Mapping[str, str],
    now: datetime,
    *,
    min_score: int = 0,
) -> str:
    """All answers as one `result.json`, graded at `now` (UTC).

    A file passes at `min_score`, or at full marks without one. Raises `FormError` where the
    runner's environment is missing, and where a grading failed through us: Classroom 50 takes
    a result without one for a fault of the system, which it is.
    """
    about = {key: _value(environment, name) for key, name in _NEEDED.items()}
    about |= {key: environment[name] for key, name in _OPTIONAL.items() if name in environment}
    instant = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    whole: dict[str, Any] = {
        "schema": SCHEMA,
        **about,
        "review": environment.get("REVIEW_URL") or about["commit"],
        "datetime": instant,
        "graded_at": instant,
        "score": sum(_score(each) for each in answers),
        "max-score": sum(each.max_score for each in answers),
        "tests": [_test(each, min_score) for each in answers],
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def _test(each: Answer, min_score: int) -> dict[str, Any]:
    score = _score(each)
    return {
        "test-name": f"Category{each.category} {each.task}",
        "passed": score >= (min_score or each.max_score),
        "score": score,
        "max-score": each.max_score,
        "file": printable(each.file),
        "verdict": each.verdict,
        "message": printable(each.message),
    }


def _score(each: Answer) -> int:
    if each.score is None:
        raise FormError(
            phrase("{file} could not be graded: {why}", file=each.file, why=each.message),
            fix=phrase("Run it again: this costs no points."),
        )
    return each.score


def _value(environment: Mapping[str, str], name: str) -> str:
    if name not in environment:
        raise FormError(
            phrase("The form of Classroom 50 needs {name} in the environment.", name=name),
            fix=phrase("Its runner sets it: use this form in an autograder.py."),
        )
    return environment[name]
