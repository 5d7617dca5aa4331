"""One submission in the list: a line while it is closed, and everything about it once opened. Pure.

The score stands out in both: as a badge on the line, and in block figures beside the details.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from engine.grading import protocol
from engine.grading.diagnosis import Diagnoses
from engine.sitting.state.sitting import Submission
from engine.sitting.views.model_diff import facts_of, from_the_one_before
from tui.locale import _
from tui.text import model_layers
from tui.text.block_digits import block_digits
from tui.text.coaching import diagnosis_line, fix_text
from tui.text.format import bytes_text, score_text, spent_text
from tui.text.verdicts import look_of_submission, says

CLOSED, OPENED = "▸", "▾"
_QUIET = "$foreground-muted"
_INDENT = "  "
_GAP = 2
_SHORTEST_TAIL = 12


@dataclass(frozen=True)
class SubmissionRow:
    """A submission among `all_of_task`; `is_here` says that its model is the one in the folder.

    `found` is what explains its score; `coach` says that a score may be explained.
    """

    submission: Submission
    all_of_task: Sequence[Submission]
    is_here: bool
    found: Diagnoses | None
    coach: bool

    @property
    def number(self) -> int:
        """Its number in the sitting."""
        return self.submission.number

    @property
    def is_urgent(self) -> bool:
        """Whether it says what is to be mended, so that nobody should have to ask for it."""
        fault = bool(self._message) and not self._is_graded
        return fault or bool(self._diagnosis)

    def content(self, width: int, *, opened: bool, roomy: bool) -> Content:
        """Its lines, each at most `width` cells wide; `roomy` adds an empty one."""
        lines = [self._line(width, opened=opened)]
        if opened:
            lines += self._details(width)
        if roomy:
            lines.append(Content(""))
        return Content("\n").join(lines)

    # -- the line -----------------------------------------------------------------------

    def _line(self, width: int, *, opened: bool) -> Content:
        look = look_of_submission(self.submission)
        line = Content.styled(f"{OPENED if opened else CLOSED} #{self.number:<3}", _QUIET)
        if self._is_graded:
            badge = (f" {score_text(self.submission.score)} ", f"bold reverse {look.style}")
            line = Content.assemble(line, badge, "  ")
        line = Content.assemble(line, (look.text(), look.style))
        for fact in self._line_facts():
            if line.cell_length + 2 + cell_len(fact) <= width:
                line = Content.assemble(line, (f"  {fact}", _QUIET))
        tail = "" if opened else self._tail()
        if tail and width - line.cell_length >= _SHORTEST_TAIL:
            line = Content.assemble(line, (f"   {tail}", _QUIET))
        return line.truncate(width, ellipsis=True)

    def _line_facts(self) -> Iterator[str]:
        """What the line has room for, the most telling first."""
        if self.is_here:
            yield "◂ " + _("in the folder")
        yield spent_text(self.submission.elapsed)
        if self.submission.by_hand:
            yield _("by hand")

    def _tail(self) -> str:
        """The most telling of what the details say, in one line."""
        facts = facts_of(self.submission)
        layers = model_layers.summary(facts) if facts is not None else ""
        return self._diagnosis or self._message.partition("\n")[0] or layers

    @property
    def _is_graded(self) -> bool:
        return isinstance(self.submission.grade, protocol.Graded)

    @property
    def _message(self) -> str:
        return says(self.submission, coach=self.coach)

    @property
    def _diagnosis(self) -> str:
        return diagnosis_line(self.found) if self.found is not None else ""

    # -- the details --------------------------------------------------------------------

    def _details(self, width: int) -> list[Content]:
        texts = list(self._texts())
        if not self._is_graded:
            return list(_indented(texts, _INDENT, width))
        look = look_of_submission(self.submission)
        figures = block_digits(score_text(self.submission.score))
        margin = _INDENT + " " * (cell_len(figures[0]) + _GAP)
        beside = list(_indented(texts, "", width - len(margin)))
        beside += [Content("")] * (len(figures) - len(beside))
        lines = [
            Content.assemble((f"{_INDENT}{figure}{' ' * _GAP}", f"bold {look.style}"), text)
            for figure, text in zip(figures, beside, strict=False)
        ]
        return lines + [Content.assemble(margin, each) for each in beside[len(figures) :]]

    def _texts(self) -> Iterator[Content]:
        """What there is to know, the most telling first."""
        if self._message:
            yield Content(self._message)
        if self._diagnosis:
            yield Content.styled(self._diagnosis, "$text-accent")
        if fix := fix_text(self.found):
            yield Content(fix)
        yield Content.styled(self._facts(), _QUIET)
        if (facts := facts_of(self.submission)) is not None:
            yield Content.styled(model_layers.summary(facts), _QUIET)
        if (change := from_the_one_before(self.submission, self.all_of_task)) is not None:
            yield Content.styled(model_layers.difference(change), _QUIET)

    def _facts(self) -> str:
        """The file's size, when it came, and how long it took to grade."""
        facts = [bytes_text(self.submission.size), f"{self.submission.at.local():%H:%M}"]
        if (grade := self.submission.grade) is not None and grade.seconds:
            facts.append(_("graded in {seconds} s").format(seconds=f"{grade.seconds:.1f}"))
        return " · ".join(facts)


def _indented(texts: Sequence[Content], margin: str, width: int) -> Iterator[Content]:
    """`texts` wrapped to `width` cells with their `margin`."""
    room = max(8, width - len(margin))
    for text in texts:
        for line in text.wrap(room):
            yield Content.assemble(margin, line)
