"""Predicts batches in parallel: how many at once, and their answers in order.

A convolution uses all cores, the pooling after it only one, so cores idle between the operations
of a single batch. Several batches at once, each operation on one core, keep all cores busy, and
each core finds in its own cache what it wrote there. Imports nothing heavy: the app uses it to
set how many threads TensorFlow starts.
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from engine.grading import wire
from exam_bank.platform.processes import cores as cores

Item = TypeVar("Item")
Answer = TypeVar("Answer")

# Each running batch keeps its activations in memory.
_MOST_BUSY = 4


def batches_at_once() -> int:
    """How many batches are predicted in parallel on the processor."""
    busy = _busy()
    return busy + 1 if busy > 1 else 1  # one batch waits, so that no core does


def threads_of_an_operation(cores: int | None = None) -> int:
    """How many threads each operation of a batch may use while others run."""
    return (cores or usable_cores()) // _busy(cores)


def half_of_the_cores() -> int:
    """What grading takes beside a training, whose priority it has."""
    return max(1, cores() // 2)


def usable_cores() -> int:
    """The cores that this grading process may use: what the app said, else all."""
    given = os.environ.get(wire.CORES, "")
    return int(given) if given.isdecimal() and int(given) > 0 else cores()


def _busy(cores: int | None = None) -> int:
    return min(_MOST_BUSY, cores or usable_cores())


def in_order(
    call: Callable[[Item], Answer], items: Iterable[Item], count: int
) -> Generator[Answer, None, None]:
    """`map(call, items)`, `count` of them at a time.

    An exception from a call is raised when its turn comes; then, or when the iterator is closed,
    running calls are awaited and no new one starts.
    """
    if count == 1:
        yield from map(call, items)
        return
    pool = ThreadPoolExecutor(count, thread_name_prefix="predict")
    ahead: deque[Future[Answer]] = deque()
    try:
        for item in items:
            ahead.append(pool.submit(call, item))
            if len(ahead) == 2 * count:  # no thread waits for the consumer
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
