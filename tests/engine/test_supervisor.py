import asyncio
import errno
import os

from engine import supervisor
from engine.errors import SittingError
from engine.supervisor import Supervisor
from exam_bank.phrase import Phrase, phrase


def stopped(why: str) -> Phrase:
    return phrase("The work stopped: {why}. It is started again.", why=why)


class Work:
    """Fails the given number of times, then returns."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.told: list[SittingError] = []
        self.pauses: list[float] = []
        self.supervisor = Supervisor(stopped, self.told.append, wait=self.wait)

    async def wait(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def __call__(self) -> None:
        if self.faults:
            raise self.faults.pop(0)


async def test_what_stops_is_started_again_with_a_growing_wait_and_said_once() -> None:
    work = Work(*(RuntimeError("can't start new thread") for _ in range(12)))
    await work.supervisor.run(work)
    assert work.pauses[:4] == [0.1, 0.2, 0.4, 0.8]
    assert work.pauses[-1] == supervisor.LONGEST_PAUSE
    (told,) = work.told
    assert told.message == "The work stopped: no thread can be started. It is started again."
    assert "ulimit -u" in told.fix


async def test_after_it_was_well_the_next_fault_is_a_new_one() -> None:
    work = Work()

    async def turn() -> None:
        if len(work.pauses) == 4:
            return
        if len(work.pauses) == 2:
            assert work.supervisor.well()
            assert not work.supervisor.well()
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    await work.supervisor.run(turn)
    assert work.pauses == [0.1, 0.2, 0.1, 0.2]
    assert len(work.told) == 2
    assert "Too many open files" in str(work.told[0])


async def test_what_cannot_be_told_or_waited_for_ends_nothing() -> None:
    work = Work(MemoryError(), MemoryError(), MemoryError())
    refused = [True]

    def tell(error: SittingError) -> None:
        if refused:
            refused.pop()
            raise MemoryError
        work.told.append(error)

    async def wait(seconds: float) -> None:
        raise MemoryError

    await Supervisor(stopped, tell, wait=wait).run(work)
    assert [each.message for each in work.told] == [
        "The work stopped: there is not enough memory. It is started again."
    ]


async def test_what_could_not_be_told_is_told_when_it_is_well_again() -> None:
    told: list[SittingError] = []
    is_refused = True

    def tell(error: SittingError) -> None:
        if is_refused:
            raise MemoryError
        told.append(error)

    turns = iter(range(3))

    async def work() -> None:
        nonlocal is_refused
        if next(turns) < 2:
            raise MemoryError
        is_refused = False
        assert supervised.well()
        assert not supervised.well()

    supervised = Supervisor(stopped, tell, wait=Work().wait)
    await supervised.run(work)
    assert len(told) == 1


async def test_a_cancellation_ends_it() -> None:
    async def work() -> None:
        await asyncio.sleep(3600)

    task = asyncio.create_task(Supervisor(stopped, lambda _: None).run(work))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
