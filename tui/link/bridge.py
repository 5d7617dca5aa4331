"""Turns engine notices into Textual messages, and runs all workers.

Screens never touch the engine's tasks, threads or exceptions: they ask the bridge, and get
one message when the work is done. Workers are exclusive in their group and never end the
app. The machine and the folders are sampled in a separate thread (`exam_samplers.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.message_pump import MessagePump

from engine.errors import TfexamError
from tui.locale import _

if TYPE_CHECKING:
    from engine.sitting.notices import Notice
    from engine.sitting.proctor import Proctor
    from exam_bank.task import Task
    from tui.link import messages
    from tui.link.background_job import BackgroundJob
    from tui.link.exam_samplers import ExamSampler
    from tui.link.services import Services
    from tui.start import NewExam, NewPractice


_LOOK_AGAIN = 0.5
_DOWNLOADS = "downloads"
# It lets its grading processes end first.
_TAKE_OVER_SECONDS = 10.0


class Bridge:
    """Connects one app to the engine; holds the proctor of the open sitting, if any.

    `last` is the folder of the sitting that was opened last.
    """

    def __init__(self, app: App[None], services: Services) -> None:
        self._app = app
        self._services = services
        self._subscribers: list[MessagePump] = []
        self._unsubscribe: Callable[[], None] | None = None
        self._watch: ExamSampler | None = None
        self._background: BackgroundJob | None = None
        self._closing: asyncio.Task[None] | None = None
        self.proctor: Proctor | None = None
        self.last: Path | None = None

    # -- subscribers --------------------------------------------------------------------

    def subscribe(self, node: MessagePump) -> None:
        """Post every notice about the open sitting to `node` from now on."""
        if node not in self._subscribers:
            self._subscribers.append(node)

    def unsubscribe(self, node: MessagePump) -> None:
        """Stop posting to `node`."""
        if node in self._subscribers:
            self._subscribers.remove(node)

    # -- the sitting --------------------------------------------------------------------

    async def open(
        self, folder: Path, *, offer: Callable[[TfexamError], bool] | None = None
    ) -> bool:
        """Open the sitting in `folder` and run it; False if it cannot be opened.

        Then `offer` may have something better than to show the error. One that still grades
        after its end goes on as it is.
        """
        if self.proctor is not None and self.proctor.folder == folder:
            return True
        await self.leave()
        try:
            proctor = self._services.open(folder)
        except TfexamError as error:
            if offer is None or not offer(error):
                self._trouble(error)
            return False
        self.proctor, self.last = proctor, folder
        self._unsubscribe = proctor.subscribe(self._notice)
        self._app.run_worker(
            self._run(proctor), group="proctor", exclusive=True, exit_on_error=False
        )
        return True

    async def take_over(self, folder: Path) -> None:
        """Ask the other tfexam that has `folder` open to end, and wait until it has."""
        from engine.sitting.store.takeover import ask_to_end, can_take_over

        ask_to_end(folder)
        for _look in range(round(_TAKE_OVER_SECONDS / _LOOK_AGAIN)):
            if not can_take_over(folder):
                return
            await asyncio.sleep(_LOOK_AGAIN)

    def leave_soon(self) -> None:
        """Start to close the open sitting, without waiting."""
        self._app.run_worker(self.leave(), group="leaving", exit_on_error=False)

    def discard_soon(self, folder: Path) -> None:
        """Start to close the sitting in `folder`, which has not started, and to remove it."""
        self._app.run_worker(self.discard(folder), group="leaving", exit_on_error=False)

    async def discard(self, folder: Path) -> None:
        """Close the sitting in `folder`, which has not started, and remove it."""
        if self.proctor is not None and self.proctor.folder == folder:
            await self.leave()
        try:
            await self._services.discard(folder)
        except TfexamError as error:
            self._trouble(error)

    def leave_when_graded(self) -> None:
        """Close the ended sitting once its last gradings are done, wherever the candidate is."""
        if self.proctor is not None:
            self._app.run_worker(
                self._leave_when_graded(self.proctor), group="leaving", exit_on_error=False
            )

    async def _leave_when_graded(self, proctor: Proctor) -> None:
        # The proctor tells of a grade before the result is written, so look for that.
        while self.proctor is proctor and not proctor.finished:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_AGAIN)
        if self.proctor is proctor and not self._subscribers:  # else its result is on screen
            await self.leave()

    async def leave(self) -> None:
        """Close the open sitting; its gradings are killed and will run again later."""
        proctor, self.proctor = self.proctor, None
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        if proctor is not None:
            await proctor.close()

    @property
    def tasks(self) -> Mapping[str, Task]:
        """The tasks of the open sitting."""
        return {} if self.proctor is None else self.proctor.tasks

    def ask(self, request: Callable[[Proctor], object]) -> bool:
        """Send the proctor a request; a refusal comes as `Trouble`.

        False if no sitting is open.
        """
        if self.proctor is None:
            return False
        request(self.proctor)
        return True

    async def _run(self, proctor: Proctor) -> None:
        """Run the proctor in a worker that nobody awaits; it guards each of its own turns."""
        try:
            await proctor.run()
        except TfexamError as error:
            self._trouble(error)
        except Exception as error:  # the boundary: a bug in tfexam must not take the exam down
            self._trouble(unexpected(error))

    def _notice(self, notice: Notice) -> None:
        """Post `notice` to each subscriber, as a separate message."""
        from tui.link.messages import EngineNotice

        for node in tuple(self._subscribers):
            node.post_message(EngineNotice(notice))

    def _trouble(self, error: TfexamError) -> None:
        for node in tuple(self._subscribers) or (self._app,):
            _post_trouble(node, error)

    # -- set-up -------------------------------------------------------------------------

    def check_machine(self, node: MessagePump) -> None:
        """Run the environment checks; `node` gets each result, then `ChecksDone`."""
        self._app.run_worker(self._check(node), group="checks", exclusive=True, exit_on_error=False)

    async def _check(self, node: MessagePump) -> None:
        from tui.link import messages

        try:
            async for check in self._services.checks():
                node.post_message(messages.CheckDone(check))
        except TfexamError as error:
            _post_trouble(node, error)
        except Exception as error:
            _post_trouble(node, unexpected(error))
        node.post_message(messages.ChecksDone())

    def look_at_data(self, node: MessagePump) -> None:
        """Check which data sets are here; `node` gets the tasks whose data are not."""
        self._app.run_worker(
            self._look_at_data(node), group="data", exclusive=True, exit_on_error=False
        )

    async def _look_at_data(self, node: MessagePump) -> None:
        from tui.link import messages

        try:
            node.post_message(messages.DataLookedAt(await self._services.absent()))
        except TfexamError as error:
            _post_trouble(self._app, error)
        except Exception as error:
            _post_trouble(self._app, unexpected(error))

    def read_standing(self, node: MessagePump) -> None:
        """Find out where the candidate stands; `node` gets `StandingRead`, if it can be told."""
        self._app.run_worker(self._read_standing(node), group="standing", exit_on_error=False)

    async def _read_standing(self, node: MessagePump) -> None:
        from tui.link import messages

        try:
            _post(node, messages.StandingRead(await self._services.standing()))
        except TfexamError as error:
            _post_trouble(self._app, error)
        except Exception as error:
            _post_trouble(self._app, unexpected(error))

    def read_code(self, node: MessagePump, code: str, folder: Path | None) -> None:
        """Find the paper of a code; `node` gets `CodeRead`, or `CodeRefused`."""
        self._app.run_worker(
            self._read_code(node, code, folder), group="code", exclusive=True, exit_on_error=False
        )

    async def _read_code(self, node: MessagePump, code: str, folder: Path | None) -> None:
        from tui.link import messages

        try:
            paper = await self._services.paper(code, folder)
        except TfexamError as error:
            node.post_message(messages.CodeRefused(error))
        except Exception as error:
            node.post_message(messages.CodeRefused(unexpected(error)))
        else:
            node.post_message(messages.CodeRead(paper))

    def prepare(self, node: MessagePump, order: NewExam | NewPractice) -> None:
        """Prepare a sitting; `node` gets each step, then `PaperReady` or what went wrong."""
        self._app.run_worker(
            self._prepare(node, order), group="preparation", exclusive=True, exit_on_error=False
        )

    async def _prepare(self, node: MessagePump, order: NewExam | NewPractice) -> None:
        from tui.link import messages

        try:
            folder = await self._services.lay_out(
                order, lambda step: _post(node, messages.PreparationMoved(step))
            )
        except TfexamError as error:
            node.post_message(messages.PreparationFailed(error))
        except Exception as error:
            node.post_message(messages.PreparationFailed(unexpected(error)))
        else:
            if not node.post_message(messages.PaperReady(folder)):
                await self.discard(folder)  # the candidate left meanwhile

    def stop_set_up(self) -> None:
        """Stop running checks and preparations; the preparing child is killed."""
        for worker in self._app.workers:
            if worker.group in {"checks", "code", "preparation"}:
                worker.cancel()

    # -- data sets ------------------------------------------------------------------------

    def list_data(self, node: MessagePump) -> None:
        """List the data sets; `node` gets `DataListed`, or `BackgroundJobFailed`."""
        from tui.link import messages

        self._send(node, lambda _: messages.DataListed(self._services.data().sets()))

    def fetch_data(self, node: MessagePump, names: Sequence[str]) -> None:
        """Fetch data sets; `node` gets `FetchMoved` and an outcome for each, then `FetchesDone`."""
        from tui.link.dataset_fetch import fetch_all

        self._send(node, lambda job: fetch_all(job, names, self._services), may_stop=True)

    def verify_data(self, node: MessagePump) -> None:
        """Check the hash of every file; `node` gets `DataVerified`, or `BackgroundJobFailed`."""
        from tui.link import messages

        self._send(node, lambda _: messages.DataVerified(self._services.data().verify()))

    def add_data(self, node: MessagePump, path: Path) -> None:
        """Add a file; `node` gets `DataAdded`, or `BackgroundJobFailed`."""
        from tui.link import messages

        self._send(node, lambda _: messages.DataAdded(self._services.data().add(path)))

    def _send(
        self,
        node: MessagePump,
        work: Callable[[BackgroundJob], messages.Fact],
        *,
        may_stop: bool = False,
    ) -> None:
        from tui.link import messages
        from tui.link.background_job import BackgroundJob

        self.leave_background_job()
        self._background = BackgroundJob(node, work, unexpected, may_stop=may_stop)
        try:
            self._background.start()
        except RuntimeError as error:  # no thread to be had now
            self._background = None
            _post(node, messages.BackgroundJobFailed(not_started(error)))

    def stop_background_job(self) -> None:
        """Ask the running fetch to stop; `node` hears when it has."""
        if self._background is not None:
            self._background.stop()

    def leave_background_job(self) -> None:
        """Stop the job; `node` hears no more of it."""
        if self._background is not None:
            self._background.leave()
            self._background = None

    # -- machine and folders --------------------------------------------------------------

    def watch_room(self, node: MessagePump, workspace: Path) -> None:
        """Sample the machine every second; `node` gets `MachineSampled` and `FolderSampled`."""
        from tui.link.exam_samplers import ExamSampler

        self.stop_watching()
        watch = self._watch = ExamSampler(node, self._services, workspace)
        try:
            watch.start()
        except RuntimeError as error:  # no thread to be had now
            self._app.run_worker(
                self._start_watch(node, watch, error),
                group="room",
                exclusive=True,
                exit_on_error=False,
            )

    async def _start_watch(
        self, node: MessagePump, watch: ExamSampler, error: RuntimeError
    ) -> None:
        """Start the sampler, retrying until a thread can be had; report the failure only once."""
        from engine.grading.protocol import Message
        from engine.sitting.notices import Note
        from engine.supervisor import Supervisor
        from exam_bank.phrase import phrase
        from tui.link import messages

        supervisor = Supervisor(
            lambda why: phrase(
                "The machine and the folder cannot be monitored: {why}. tfexam keeps trying.",
                why=why,
            ),
            lambda trouble: _post_trouble(node, trouble),
        )

        async def start() -> None:
            if self._watch is watch:  # else the screen is gone
                watch.start()
                again = Message("Monitoring of the machine and the folder works again.")
                _post(node, messages.EngineNotice(Note("", again)))

        supervisor.say(error)
        await asyncio.sleep(supervisor.pause)
        await supervisor.run(start)

    def watch_downloads(self, node: MessagePump) -> Path | None:
        """Post `DownloadArrived` to `node` from now on; returns the folder that is watched."""
        from tui.link.downloads_watch import downloads_folder, watch

        if self.proctor is None:
            return None
        folder = downloads_folder()
        self._app.run_worker(
            watch(node, self.proctor, folder),
            group=_DOWNLOADS,
            exclusive=True,
            exit_on_error=False,
        )
        return folder

    def stop_downloads(self) -> None:
        """Watch the downloads no longer."""
        self._app.workers.cancel_group(self._app, _DOWNLOADS)

    def turn_to(self, task: str) -> None:
        """The candidate works on `task`: count its time."""
        if self.proctor is not None:
            self.proctor.turn_to(task)

    def sample_folder(self, task: str) -> None:
        """Sample the folder of `task`, which is on screen, from now on."""
        from engine.sitting.store.record import category_folder

        if self.proctor is not None and self._watch is not None:
            self._watch.turn_to(task, category_folder(self.proctor.record, task))

    def stop_watching(self) -> None:
        """Stop sampling."""
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.stop()

    def close_soon(self) -> None:
        """Start to close: a sitting's processes need a moment to end, which `close` waits for."""
        self.stop_watching()
        if self.proctor is not None:
            # `close` awaits the same closing on the way out, and gets its exception.
            self._closing = asyncio.get_running_loop().create_task(self.proctor.close())

    async def close(self) -> None:
        """Stop everything; called however the app ends."""
        self.stop_watching()
        self.leave_background_job()
        with contextlib.suppress(TfexamError):
            await self.leave()


def unexpected(error: BaseException) -> TfexamError:
    """An unexpected fault, as an error that people can act on."""
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return TfexamError(
        _("Something unexpected happened: {what}.").format(what=what.rstrip(".")),
        fix=_("Nothing is lost: quit with ctrl+q and restart tfexam."),
    )


def not_started(error: Exception) -> TfexamError:
    """The error for work that the machine refused to start."""
    from engine.supervisor import reason, remedy
    from exam_bank.phrase import phrase

    why = phrase("This could not be started: {why}.", why=reason(error))
    return TfexamError(why, fix=remedy(error))


def _post(node: MessagePump, message: messages.Fact) -> None:
    node.post_message(message)


def _post_trouble(node: MessagePump, error: TfexamError) -> None:
    from engine.sitting.notices import Trouble
    from tui.link.messages import EngineNotice

    node.post_message(EngineNotice(Trouble(error)))
