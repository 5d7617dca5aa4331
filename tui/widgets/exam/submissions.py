"""The submissions of the selected task, newest first: a line each, until one is opened."""

from collections.abc import Iterator, Mapping, Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine.grading import protocol
from engine.grading.diagnosis import Diagnoses
from engine.grading.sampling import WHOLE
from engine.sitting.state.sitting import Sitting, Submission
from tui.locale import _, ngettext
from tui.text.evidence.submission import SubmissionRow
from tui.text.modes import WITHHELD
from tui.widgets.exam.pane_list import PaneList, quiet_line

_USUAL_WIDTH = 80  # as long as it is not laid out


class SubmissionList(PaneList):
    """A list that is refilled when a submission of its task changes.

    Enter or a click opens a submission, or closes it. The newest opens by itself if its file is
    at fault: what is to be mended must not wait for a key.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown: tuple[object, ...] | None = None
        self._of_task = ""
        self._rows: list[SubmissionRow] = []
        self._head: list[Option] = []
        self._attempts = 0
        self._opened: dict[int, bool] = {}

    @property
    def chosen(self) -> int | None:
        """The number of the highlighted submission."""
        place = self.highlighted
        name = None if place is None else self.get_option_at_index(place).id
        return int(name) if name else None

    def show(
        self,
        sitting: Sitting,
        task: str,
        note: str = "",
        *,
        unsubmitted: bool = False,
        diagnoses: Mapping[int, Diagnoses] | None = None,
    ) -> None:
        """Show the submissions of `task`, below the engine's `note` about its folder.

        `unsubmitted` says that the folder's model is not one of them. `diagnoses` has what
        explains a submission, by its number.
        """
        submissions = sitting.of(task)
        here = None if unsubmitted else _in_folder(submissions, sitting.present.get(task, ""))
        found = dict(diagnoses or {})
        state = (task, submissions, note, here, found)
        if state == self._shown:
            return
        self._shown = state
        chosen, newest = self.chosen, self._rows[-1].number if self._rows else None
        moved_away = task == self._of_task and chosen not in (None, newest)
        self._of_task, self._attempts = task, sitting.attempts(task)
        coach = sitting.record.mode == "coach"
        self._rows = [
            SubmissionRow(each, submissions, each.number == here, found.get(each.number), coach)
            for each in submissions
        ]
        self._head = list(_remarks(sitting, submissions, note))
        self._fill(chosen if moved_away else None)

    def _fill(self, chosen: int | None) -> None:
        """Fill the list anew, and highlight a submission: the newest, if none was `chosen`."""
        width = self.scrollable_content_region.width or _USUAL_WIDTH
        roomy = 2 * len(self._rows) <= self.scrollable_content_region.height
        newest_first = [
            Option(
                row.content(width, opened=self._is_open(row), roomy=roomy),
                id=str(row.number),
            )
            for row in reversed(self._rows)
        ]
        self.set_options([*self._head, *newest_first])
        self._highlight(chosen)
        self._entitle()

    def _is_open(self, row: SubmissionRow) -> bool:
        is_newest = row is self._rows[-1]
        return self._opened.get(row.number, is_newest and row.is_urgent)

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        if self._rows:
            is_newest = self.chosen in (None, self._rows[-1].number)
            self._fill(None if is_newest else self.chosen)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a submission, or close it."""
        event.stop()
        number = int(event.option_id or 0)
        row = next((each for each in self._rows if each.number == number), None)
        if row is not None:
            self._opened[number] = not self._is_open(row)
            above = self.scroll_offset.y
            self._fill(number)
            self.scroll_to(y=above, animate=False)
            self.scroll_to_highlight()

    def _highlight(self, number: int | None) -> None:
        """Highlight the submission with that number, or else the newest."""
        if not self._rows:
            return
        self.highlighted = self.get_option_index(str(number or self._rows[-1].number))
        if number is None:  # what stands above the newest is in sight, too
            self.scroll_home(animate=False)

    def on_option_list_option_highlighted(self) -> None:
        """Say whether there are newer ones above."""
        self._entitle()

    def _entitle(self) -> None:
        count = self._attempts
        words = [ngettext("{n} attempt", "{n} attempts", count).format(n=count)] if count else []
        if newer := [each for each in self._rows if each.number > (self.chosen or each.number)]:
            words.append("▲ " + _("{n} newer above").format(n=len(newer)))
        self.border_subtitle = " · ".join(words)


def _in_folder(submissions: Sequence[Submission], sha256: str) -> int | None:
    """Which submission the folder's model is; None if it is the newest, as one expects."""
    same = [each.number for each in submissions if each.sha256 == sha256]
    return same[-1] if same and same[-1] != submissions[-1].number else None


def _remarks(sitting: Sitting, submissions: Sequence[Submission], note: str) -> Iterator[Option]:
    """General remarks, and the note."""
    if sitting.record.sampling == "draw":
        yield quiet_line(f"≈ {_sampled(submissions)}")
    if sitting.withheld:
        yield quiet_line(_(WITHHELD))
    if note:
        yield Option(Content.assemble(("! ", "$text-warning"), note), disabled=True)
    elif not submissions:
        yield quiet_line(_("No submissions yet."))


def _sampled(submissions: Sequence[Submission]) -> str:
    """How this task's models are measured while others are measured on samples."""
    if any(
        isinstance(each.grade, protocol.Graded) and WHOLE in each.grade.notes
        for each in submissions
    ):
        return _(WHOLE.template)
    return _("Each new model is measured on a new random sample, so scores may vary.")
