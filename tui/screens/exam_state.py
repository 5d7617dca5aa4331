"""What the exam screen last heard, and which task it shows. Pure, so that tests can ask it.

The screen paints from this alone, so nothing on it depends on the order of notices.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.marking import MAX_SCORE
from engine.sitting.notices import ModelDiagnosed, StrayModels
from engine.sitting.state import events
from engine.sitting.state.sitting import Sitting, Submission, SubmissionState
from tui.text.verdicts import GRADING, TRAINING, UNSUBMITTED, WAITING, Look, look_of_task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.clock import Instant
    from engine.grading.diagnosis import Diagnoses
    from engine.sitting.notices import StrayModel
    from engine.sitting.state.events import Event
    from exam_bank.paper import PaperTask
    from tui.link.messages import FolderSampled


class ExamState:
    """One sitting as the candidate sees it; `index` is the position of the selected task.

    `came_from` is the position of the task that was shown before saving a starter selected
    another one; `folder` is what the task's folder held when last sampled. `training` maps
    each task that trains now to the epochs it has logged, or to None. `later` are the tasks to
    come back to, and `targets` the minutes that each should take.
    """

    def __init__(self, sitting: Sitting) -> None:
        self.sitting = sitting
        self.unsubmitted: frozenset[str] = frozenset()
        self.folder: FolderSampled | None = None
        self.came_from: int | None = None
        self.grading_since: Instant | None = None
        self.strays: tuple[StrayModel, ...] = ()
        self.declined: set[tuple[str, str]] = set()
        self._notes: dict[str, tuple[str, str]] = {}
        self.training: dict[str, int | None] = {}
        self.diagnoses: dict[int, Diagnoses] = {}
        self.later: frozenset[str] = frozenset()
        self.targets: dict[str, int] = {}
        self.index = self.place(sitting.task) or 0
        self._worked_on = self.selected.task

    def read_diagnoses(self, folder: Path) -> None:
        """Read what was found before about the models of the sitting in `folder`."""
        from engine.sitting.store.diagnoses import diagnoses_of

        for each in self.sitting.submissions if self.sitting.explains else ():
            if (found := diagnoses_of(folder, each.sha256, each.task)) is not None:
                self.diagnoses[each.number] = found

    # -- the selected task --------------------------------------------------------------

    @property
    def tasks(self) -> tuple[PaperTask, ...]:
        """The tasks of the paper, in order."""
        return self.sitting.record.paper.tasks

    @property
    def selected(self) -> PaperTask:
        """The selected task."""
        return self.tasks[self.index]

    @property
    def note(self) -> str:
        """The hint about the selected task's folder; "" if there is none."""
        return self._notes.get(self.selected.task, ("", ""))[0]

    @property
    def takeable(self) -> str:
        """The file in the selected task's folder that can be taken as its model; "" if none."""
        task = self.selected.task
        there = (each for each in self.strays if each.task == task and each.can_take)
        return next((each.name for each in there if (task, each.name) not in self.declined), "")

    @property
    def is_unsubmitted(self) -> bool:
        """Whether the selected task's folder holds a model that was not submitted."""
        return self.selected.task in self.unsubmitted

    def place(self, task: str) -> int | None:
        """The position of `task` in the paper."""
        names = [each.task for each in self.tasks]
        return names.index(task) if task in names else None

    def folder_of(self, task: str) -> Path:
        """The category folder of `task`."""
        from engine.sitting.store.record import category_folder

        return category_folder(self.sitting.record, task)

    def select(self, index: int, *, follows: bool = False) -> bool:
        """Select the task at `index`; False if there is none.

        `follows` says that it was not chosen: its starter was saved.
        """
        if not 0 <= index < len(self.tasks):
            return False
        if index != self.index:
            self.folder = None
            self.came_from = self.index if follows else None
        elif not follows:
            self.came_from = None
        self.index = index
        self._worked_on = self.selected.task
        return True

    # -- where the work is ----------------------------------------------------------------

    def train(self, epochs: Mapping[str, int | None]) -> None:
        """Take over which category folders have a training, each with its epochs, if known."""
        places = {self.folder_of(each.task).name: each.task for each in self.tasks}
        self.training = {places[each]: epochs[each] for each in epochs if each in places}

    def edit(self, task: str) -> None:
        """The starter of `task` was saved."""
        self._worked_on = task

    @property
    def working(self) -> str:
        """The task whose time runs: one that trains, else the one last edited or chosen."""
        likely = (self._worked_on, self.selected.task, *self.training)
        return next((each for each in likely if each in self.training), self._worked_on)

    @property
    def next_index(self) -> int | None:
        """In practice, the next task to do once the selected one has full marks."""
        scores = self.sitting.scores
        if self.sitting.record.kind == "exam" or scores[self.selected.task] != MAX_SCORE:
            return None
        order = [*range(self.index + 1, len(self.tasks)), *range(self.index)]
        return next((each for each in order if scores[self.tasks[each].task] != MAX_SCORE), None)

    def look_of(self, task: str) -> Look:
        """How the state of `task` is shown; a grading says more than a training."""
        if task in self.unsubmitted:
            return UNSUBMITTED
        look = look_of_task(self.sitting, task)
        return TRAINING if task in self.training and look not in (GRADING, WAITING) else look

    # -- what happens -------------------------------------------------------------------

    def happen(self, event: Event, sitting: Sitting) -> None:
        """Take over the `sitting` as it is after `event`."""
        self.sitting = sitting
        match event:
            case events.Submitted():
                self._notes.pop(event.task, None)
                self._worked_on = event.task
            case events.GradingStarted():
                self.grading_since = event.at
            case events.GradingEnded():
                self.grading_since = None
            case _:
                pass

    def keep_note(self, task: str, text: str, about: str = "") -> None:
        """Keep a hint until its task has a new submission; hints without a task are not kept.

        One about a file of that name also goes when the file goes.
        """
        if task:
            self._notes[task] = (text, about)

    def keep(self, found: StrayModels | ModelDiagnosed) -> None:
        """Take over what a notice says of the models in the folders."""
        if isinstance(found, ModelDiagnosed):
            self.diagnoses[found.number] = found.diagnoses
        else:
            self.keep_strays(found.strays)

    def keep_strays(self, strays: tuple[StrayModel, ...]) -> None:
        """Take over which files of other names are there; hints about those that went go, too."""
        there = {(each.task, each.name) for each in strays}
        gone = {(each.task, each.name) for each in self.strays} - there
        for task, (_text, about) in list(self._notes.items()):
            if (task, about) in gone:
                del self._notes[task]
        self.declined &= there
        self.strays = strays

    # -- grading ------------------------------------------------------------------------

    @property
    def grading(self) -> Submission | None:
        """The submission that is being graded."""
        found = self._in(SubmissionState.GRADING)
        return found[0] if found else None

    @property
    def waiting(self) -> int:
        """How many submissions are waiting."""
        return len(self._in(SubmissionState.WAITING))

    def _in(self, state: SubmissionState) -> list[Submission]:
        return [each for each in self.sitting.submissions if each.state is state]
