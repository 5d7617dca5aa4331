"""The exam screen's title and notifications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from textual.content import Content

from tui.locale import _, ngettext
from tui.text.format import score_text, short_path
from tui.text.levels import level_word
from tui.text.modes import extra_time_text, mode_word
from tui.text.verdicts import look_of_submission, says

if TYPE_CHECKING:
    from engine.sitting.state.sitting import SittingRecord, Submission


@dataclass(frozen=True)
class Alert:
    """A notification of something that happened out of the candidate's view."""

    text: str
    title: str = ""
    severity: Literal["information", "warning"] = "information"
    seconds: float | None = None


def title(record: SittingRecord) -> Content:
    """The sitting's kind, level, mode and extra time, and its workspace."""
    facts = [_("Exam") if record.kind == "exam" else _("Practice")]
    if level := record.paper.stated_level:
        facts.append(level_word(level))
    facts.append(mode_word(record.mode))
    if record.extra_time != 1:
        facts.append(extra_time_text(record.extra_time))
    if record.sampling == "draw":
        facts.append(_("random sample"))
    return Content.assemble(
        ("tfexam", "bold $text-primary"),
        f"  {' · '.join(facts)}  ",
        (short_path(record.workspace), "$foreground-muted"),
    )


def of_grade(submission: Submission, task: str, *, coach: bool) -> Alert:
    """A submission for the task with that title has been graded."""
    look, text = look_of_submission(submission), says(submission, coach=coach)
    score = f" {score_text(submission.score)}" if submission.score is not None else ""
    return Alert(
        f"{look.text()}{score}\n{text}".rstrip(),
        task,
        "warning" if look.tone in {"bad", "caution"} else "information",
    )


def of_put_back(number: int, folder: str) -> Alert:
    """A model was put back into its category folder."""
    text = _("{folder}/mymodel.h5 is the model of #{number} again. It is not graded again.")
    return Alert(text.format(folder=folder, number=number))


def of_following(category: int) -> Alert:
    """Saving its starter brought a category into view."""
    text = _("Category {n} is shown now: you saved its starter.py. Esc goes back.")
    return Alert(text.format(n=category))


def of_time(minutes: int) -> Alert:
    """A time mark has passed."""
    text = ngettext("{n} minute left.", "{n} minutes left.", minutes).format(n=minutes)
    return Alert(text, _("Time"), "warning", 10)


def of_note(text: str, task: str) -> Alert:
    """A hint about the folder of the task with that title, or about none."""
    return Alert(text, task or _("Note"), "warning")
