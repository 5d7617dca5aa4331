"""Predicts batches in parallel: how many at once, and their answers in order.

A convolution uses all cores, the pooling behind it one: so cores idle between the
operations of one batch. Several batches at once, each operation on one core, leave none
idle, and a core finds in its own cache what it wrote there. Imports nothing heavy: the
app sets with it how many threads TensorFlow starts.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from exam_bank.platform.processes import cores as cores

Item = TypeVar("Item")
Answer = TypeVar("Answer")

# Each batch at work has its activations in memory.
_MOST_BUSY = 4


def batches_at_once() -> int:
    """How many batches are predicted at once on the processor."""
    busy = _busy()
    return busy + 1 if busy > 1 else 1  # one waits its turn, and no core for the next batch


def threads_of_an_operation() -> int:
    """How many threads each operation of a batch may use beside the other batches."""
    return cores() // _busy()


def _busy() -> int:
    return min(_MOST_BUSY, cores())


def in_order(
    call: Callable[[Item], Answer], items: Iterable[Item], count: int
) -> Generator[Answer, None, None]:
    """`map(call, items)`, `count` of them at a time.

    What a call raises is raised in its turn; then, or when the iterator is closed, the
    calls that run are waited for and no other is begun.
    """
    if count == 1:
        yield from map(call, items)
        return
    pool = ThreadPoolExecutor(count, thread_name_prefix="predict")
    ahead: deque[Future[Answer]] = deque()
    try:
        for item in items:
            ahead.append(pool.submit(call, item))
            if len(ahead) == 2 * count:  # no thread waits for whoever takes the answers
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
