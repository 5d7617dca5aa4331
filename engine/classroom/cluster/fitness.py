"""Which workers of a cluster may grade: those heard of, with the same tfexam and the same tasks."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.classroom.cluster.messages import WorkerBank, read_origins
from exam_bank.phrase import Phrase, phrase

if TYPE_CHECKING:
    from distributed import Client

# A worker that sends no heartbeat for so long is stopped, or its machine is gone.
SILENT_SECONDS = 30.0


class Fitness:
    """What is known of the workers; `origins` are this machine's, by task.

    `tell` is told, once for each worker, why it is left out.
    """

    def __init__(self, origins: Mapping[str, WorkerBank], tell: Callable[[Phrase], None]) -> None:
        self._origins, self._tell = origins, tell
        self._heard: dict[str, tuple[float, float]] = {}
        self._checks: dict[str, asyncio.Task[bool]] = {}

    def heard_of(self, workers: Mapping[str, Mapping[str, Any]]) -> set[str]:
        """Those of the scheduler's `workers` whose heartbeats still come.

        The scheduler's clock may be another one than ours, so only its changes count.
        """
        now = asyncio.get_running_loop().time()
        self._heard = {
            address: self._since(address, about["last_seen"], now)
            for address, about in workers.items()
        }
        return {each for each, (_, at) in self._heard.items() if now - at < SILENT_SECONDS}

    def fit(self, client: "Client", heard: set[str]) -> list[str]:
        """Those of `heard` that may grade; new ones are asked, and are fit once they answered."""
        for address in heard - set(self._checks):
            asking = self._may_grade(client, address)
            self._checks[address] = asyncio.create_task(asking, name="ask a worker who it is")
        return sorted(each for each in heard if self._has_passed(each))

    def forget(self) -> None:
        """The scheduler is another one: whoever is there is asked again."""
        for each in self._checks.values():
            each.cancel()
        self._checks.clear()
        self._heard.clear()

    def _since(self, address: str, seen: float, now: float) -> tuple[float, float]:
        before = self._heard.get(address)
        return before if before is not None and before[0] == seen else (seen, now)

    def _has_passed(self, address: str) -> bool:
        check = self._checks[address]
        return check.done() and not check.cancelled() and check.result()

    async def _may_grade(self, client: "Client", address: str) -> bool:
        from engine.classroom.cluster import worker

        names = list(self._origins)
        try:
            asked = client.run(worker.origins, names, workers=[address])
            found = read_origins((await asked)[address])
        except (Exception, asyncio.CancelledError) as error:  # whatever is wrong with a worker
            if not isinstance(error, OSError | asyncio.CancelledError):
                self._leave_out(address, phrase("it cannot grade ({error})", error=repr(error)))
            return False
        for name, own in zip(names, found, strict=True):
            if own != self._origins[name]:
                self._leave_out(address, _difference(name, self._origins[name], own))
                return False
        return True

    def _leave_out(self, address: str, why: Phrase) -> None:
        self._tell(phrase("The worker {address} is left out: {why}.", address=address, why=why))


def _difference(task: str, ours: WorkerBank, theirs: WorkerBank | None) -> Phrase:
    if theirs is None:
        return phrase("its bank has no task {task}", task=task)
    if theirs.version != ours.version:
        return phrase(
            "it has tfexam {theirs}, and this is tfexam {ours}",
            theirs=theirs.version,
            ours=ours.version,
        )
    return phrase("its task {task} makes other data", task=task)
