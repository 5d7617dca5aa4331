"""Finds in what was written or shown what a faithful exam may not tell before its end.

What that is comes from the ended exam itself: the metrics and evidence of its winners, the hints
of its tasks, and the sentence of every diagnosis.
"""

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from engine.coaching.diagnosis_table import TABLE
from engine.grading.evidence import Evidence
from exam_bank.learning.hints import hints_of
from exam_bank.task import Task

# Keys of evidence and diagnosis files.
_KEYS = (b'"flip_risk"', b'"confusion"', b'"baselines"', b'"would_score"', b'"calibration"')
_LONG = 24


def every_byte(*folders: Path) -> dict[str, bytes]:
    """The content of each file under `folders`, and the names of all files."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    found = {str(path): path.read_bytes() for path in files}
    return found | {"names of files": "\n".join(found).encode()}


def told(before: Mapping[str, bytes], sitting: Path, tasks: Sequence[Task]) -> list[str]:
    """Where `before` tells what only the end of the exam in `sitting` may; empty if nowhere."""
    measured = [Evidence.read(path) for path in sorted((sitting / "evidence").glob("*.json"))]
    assert measured, "without evidence there is nothing to look for"
    secrets = [*_KEYS, b"evidence/", b"diagnoses/", *_sentences(tasks)]
    for each in measured:
        secrets += _metric(each)
    return [
        f"{name} tells {secret!r}"
        for name, content in before.items()
        for secret in secrets
        if secret in content
    ]


def _metric(evidence: Evidence) -> Iterator[bytes]:
    """The metric as JSON, as a number in a file of numbers, and in a sentence, in any digits."""
    value, n = evidence.metric.value, evidence.metric.n
    assert value is not None
    yield f'"value":{value!r}'.encode()
    yield f'"value": {value!r}'.encode()
    yield f"on {n} hidden examples".encode()
    if value > 1e-3 and value != round(value, 3):  # 0.9 is in many files
        yield struct.pack("<d", value)
        yield repr(value)[:7].encode()
        yield f"{100 * value:.3f}".encode()


def _sentences(tasks: Sequence[Task]) -> Iterator[bytes]:
    """The longest piece of each sentence: whatever is filled in stands between them."""
    for mistake in TABLE.values():
        for template in (mistake.says.template, mistake.fix.template):
            yield max(re.split(r"\{\w+\}", template), key=len).strip().encode()
    for task in tasks:
        for language in ("en", "zh"):
            for hint in hints_of(task, language):
                lines = [hint.title, *hint.text.splitlines()]
                yield from (each.encode() for each in lines if len(each) > _LONG)
