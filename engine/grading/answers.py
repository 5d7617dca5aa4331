"""Reports what headless grading found for each file, as text, JSON, CSV or JUnit XML.

Programs that call `tfexam grade` rely on the JSON line: every key is always present, in
this order.
"""

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence

import msgspec

from engine.grading.protocol import Grade, Graded, Metric, Runtime, score_of, sentences, verdict_of
from engine.marking import MAX_SCORE
from exam_bank.printable import ascii_escaped, printable
from exam_bank.task import Level, Task


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The result for one file; `score` is None where the grade says nothing about the file."""

    file: str
    sha256: str | None
    task: str
    category: int
    verdict: str
    score: int | None
    max_score: int = MAX_SCORE
    metric: Metric | None
    message: str
    runtime: Runtime | None
    seconds: float
    level: Level


def answer(
    file: str,
    sha256: str,
    task: Task,
    grade: Grade,
    translate: Callable[[str], str] = str,
    *,
    level: Level = "classic",
) -> Answer:
    """The answer for `file`, graded by the rules of `task`; an empty `sha256` is unknown.

    `translate` gives a sentence's template in the reader's language. Notes on a graded
    model follow its message.
    """
    return Answer(
        file=_encodable(file),
        sha256=sha256 or None,
        task=task.id,
        category=task.category,
        verdict=verdict_of(grade),
        score=score_of(grade),
        metric=grade.metric if isinstance(grade, Graded) else None,
        message=_encodable(" ".join(each.text(translate) for each in sentences(grade))),
        runtime=grade.runtime,
        seconds=round(grade.seconds, 3),
        level=level,
    )


def _encodable(text: str) -> str:
    """Replace the surrogates of a name that is not UTF-8, which no format can hold."""
    return text.encode("utf-8", "replace").decode()


def json_line(each: Answer) -> str:
    """One answer as JSON on one line, without its line end."""
    return ascii_escaped(msgspec.json.encode(each).decode())


def text_line(each: Answer) -> str:
    """One answer as a line for people."""
    points = f"{'–' if each.score is None else each.score}/{each.max_score}"
    what = f"{each.task:<16} {each.level:<7}"
    head = f"{points}  {each.verdict:<13} {what} {printable(each.file)}"
    return f"{head}\n     {each.message}"


def csv_text(answers: Sequence[Answer]) -> str:
    """All answers as CSV with a header; the metric fills three columns."""
    written = io.StringIO()
    rows = [_flat(each) for each in answers]
    writer = csv.DictWriter(written, fieldnames=_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


_COLUMNS = (
    *("file", "sha256", "task", "category", "verdict", "score", "max_score"),
    *("metric", "value", "n", "message", "runtime", "seconds", "level"),
)


def _flat(each: Answer) -> dict[str, object]:
    row = {name: getattr(each, name) for name in each.__struct_fields__ if name != "metric"}
    metric = each.metric
    return row | {
        "metric": metric.name if metric else None,
        "value": metric.value if metric else None,
        "n": metric.n if metric else None,
    }


def junit_text(answers: Sequence[Answer], *, min_score: int = 0) -> str:
    """All answers as JUnit XML, one test case per file.

    A file that scores below `min_score`, or has no score through its own fault, is a failure; a
    grader that failed is an error, which CI systems show separately.
    """
    suite = ET.Element("testsuite", name="tfexam grade")
    for each in answers:
        suite.append(_case(each, min_score))
    for count, tag in (("failures", "failure"), ("errors", "error")):
        suite.set(count, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(answers)))
    suite.set("time", f"{sum(each.seconds for each in answers):.3f}")
    whole = ET.Element("testsuites")
    whole.append(suite)
    ET.indent(whole)
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return declaration + ET.tostring(whole, encoding="unicode") + "\n"


def _case(each: Answer, min_score: int) -> ET.Element:
    case = ET.Element(
        "testcase", classname=each.task, name=printable(each.file), time=f"{each.seconds:.3f}"
    )
    if (fault := _fault(each, min_score)) is not None:
        ET.SubElement(case, fault, type=each.verdict, message=printable(each.message))
    points = "–" if each.score is None else str(each.score)
    ET.SubElement(case, "system-out").text = printable(f"{points}/{each.max_score} {each.message}")
    return case


def _fault(each: Answer, min_score: int) -> str | None:
    if each.score is None:
        return "error"
    if each.verdict != "graded" or each.score < min_score:
        return "failure"
    return None
