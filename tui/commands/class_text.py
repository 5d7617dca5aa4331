"""What `tfexam class grade` says of the whole: counts and places, and nobody's name."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exam_bank.printable import printable
from tui.locale import N_, _, labelled, listed, ngettext

if TYPE_CHECKING:
    from engine.classroom.people import FoundFile, Roster
    from engine.classroom.rows import Row
    from engine.classroom.run_record import RunRecord

_WORDS = {
    "graded": N_("graded"),
    "rejected": N_("rejected"),
    "timed_out": N_("timed out"),
    "out_of_memory": N_("out of memory"),
    "crashed": N_("crashed"),
    "cancelled": N_("cancelled"),
    "grader_failed": N_("grader failed"),
    "missing": N_("missing"),
    "unclaimed": N_("unclaimed"),
}
_MOST_LISTED = 20


def need_files(roster: "Roster", found: "Sequence[FoundFile]", paths: "Sequence[Path]") -> None:
    """Say that no file was found at all; without a roster raises `ClassError`."""
    from engine.errors import ClassError
    from exam_bank.phrase import phrase

    if found:
        return
    places = listed(map(str, paths))
    if not roster.people:
        raise ClassError(
            phrase("No model file was found in {places}.", places=places),
            fix=phrase(
                "A folder holds one folder for each person with Category1 to Category5, or the "
                "files as Canvas, Moodle or Gradescope export them."
            ),
        )
    text = _("No model file was found in {places}: everybody is missing.").format(places=places)
    click.echo(labelled("tfexam", printable(text)), err=True)


def summary(out: Path, roster: "Roster", run: "RunRecord", rows: "Sequence[Row]") -> str:
    """The lines of the text format."""
    counts: Counter[str] = Counter(each.verdict for each in rows)
    lines = [_head(roster, rows)]
    lines += [f"  {counts[each]:>6}  {_(word)}" for each, word in _WORDS.items() if counts[each]]
    lines += _nothing_from(_absent(roster, run, rows))
    lines += _open_ends(out, counts)
    places = {"grades": out / "grades.csv", "rows": out / "results.jsonl"}
    lines.append(_("Grades: {grades}. Every file: {rows}.").format(**places))
    return "\n".join(map(printable, lines))


def _head(roster: "Roster", rows: "Sequence[Row]") -> str:
    files, people = sum(1 for each in rows if each.file), len(roster.people)
    return _("{people}, {files}").format(
        people=ngettext("{n} person", "{n} people", people).format(n=people),
        files=ngettext("{n} file", "{n} files", files).format(n=files),
    )


def _nothing_from(absent: "Sequence[str]") -> list[str]:
    if not absent:
        return []
    shown = listed([*absent[:_MOST_LISTED], *(["…"] if len(absent) > _MOST_LISTED else [])])
    n = len(absent)
    text = ngettext("Nothing from {n} person: {ids}", "Nothing from {n} people: {ids}", n)
    return [text.format(n=n, ids=shown)]


def _open_ends(out: Path, counts: Counter[str]) -> list[str]:
    lines = []
    if counts["unclaimed"]:
        text = _("The files of nobody or of no task, with the reasons: {file}")
        lines.append(text.format(file=out / "unclaimed.csv"))
    if counts["grader_failed"] or counts["cancelled"]:
        lines.append(_("The same command grades again what the grader failed on."))
    return lines


def _absent(roster: "Roster", run: "RunRecord", rows: "Sequence[Row]") -> list[str]:
    """The ids of people with no file for any task."""
    missing = Counter(each.person for each in rows if each.verdict == "missing")
    there = {each.person for each in rows if each.file}
    return [
        each.id
        for each in roster.people
        if missing[each.id] == len(run.tasks) and each.id not in there
    ]
