"""What GitHub Actions shows of a run: an annotation for each file, and a summary as a table.

Workflow commands are lines on standard output, the summary is Markdown in the file that
`GITHUB_STEP_SUMMARY` names.
https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

import re
from collections.abc import Sequence

from engine.grading.answers import Answer
from exam_bank.printable import printable

# The characters that end or divide a workflow command.
_IN_TEXT = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = _IN_TEXT | {":": "%3A", ",": "%2C"}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@-])")


def annotations(answers: Sequence[Answer], *, min_score: int = 0) -> str:
    """A workflow command for each answer: an error, or a notice where nothing is wrong."""
    return "".join(f"{_annotation(each, min_score)}\n" for each in answers)


def summary(answers: Sequence[Answer], *, min_score: int = 0) -> str:
    """All answers as a Markdown table."""
    rows = "".join(_row(each, min_score) for each in answers)
    return f"## tfexam\n\n| | score | task | file | |\n|---|---|---|---|---|\n{rows}\n"


def _annotation(each: Answer, min_score: int) -> str:
    kind = "notice" if _is_good(each, min_score) else "error"
    title = f"{each.task}: {_points(each)}"
    file = _escaped(printable(each.file), _IN_PROPERTY)
    text = _escaped(printable(each.message), _IN_TEXT)
    return f"::{kind} file={file},title={_escaped(title, _IN_PROPERTY)}::{text}"


def _row(each: Answer, min_score: int) -> str:
    sign = "✅" if _is_good(each, min_score) else "❌"
    if each.score is None:
        sign = "⚠️"
    cells = (_plain(each.task), _plain(each.file), _plain(each.message))
    return f"| {sign} | {_points(each)} | {' | '.join(cells)} |\n"


def _is_good(each: Answer, min_score: int) -> bool:
    return each.verdict == "graded" and (each.score or 0) >= min_score


def _points(each: Answer) -> str:
    return f"{'–' if each.score is None else each.score}/{each.max_score}"


def _escaped(text: str, characters: dict[str, str]) -> str:
    return "".join(characters.get(each, each) for each in text)


def _plain(text: str) -> str:
    """`text` in a cell of a table, whatever Markdown it looks like."""
    return _MARKDOWN.sub(r"\\\1", printable(text))
