"""Puts the calls of a graph in a possible order; a file may list its layers in any."""

import heapq
from collections.abc import Container, Sequence
from typing import NoReturn

from engine.grading.inspection.rejection import reject
from engine.grading.inspection.size.graph_calls import Call, Ref
from engine.grading.inspection.size.model_size import place
from engine.grading.protocol import Message


class CallOrder:
    """The calls that wait for others, and those that are ready."""

    def __init__(self, calls: Sequence[Call], known: Container[Ref]) -> None:
        self._calls = calls
        self._left = len(calls)
        self._missing: list[int] = []
        self._waiting: dict[tuple[str, int], list[int]] = {}
        self._ready: list[int] = []  # a heap, so that layers keep the file's order
        self._names: set[str] = set()
        for number, call in enumerate(calls):
            needs = {(ref.layer, ref.node) for ref, _ in call.takes if ref not in known}
            self._missing.append(len(needs))
            for need in needs:
                self._waiting.setdefault(need, []).append(number)
            if not needs:
                heapq.heappush(self._ready, number)

    def next(self) -> Call | None:
        """A call that is ready; refuses a graph where calls remain but none is ready."""
        if not self._ready:
            # A file may number a layer's calls differently, but it still means that layer.
            for need in [need for need in self._waiting if need[0] in self._names]:
                self.made(*need)
        if self._ready:
            self._left -= 1
            return self._calls[heapq.heappop(self._ready)]
        if self._left:
            # Keras 2 would go round in circles for ever.
            stuck = next(
                each for each, missing in zip(self._calls, self._missing, strict=True) if missing
            )
            _reject_unreachable(stuck)
        return None

    def made(self, name: str, number: int) -> None:
        """Note that a call was made."""
        self._names.add(name)
        for at in self._waiting.pop((name, number), ()):
            self._missing[at] -= 1
            if not self._missing[at]:
                heapq.heappush(self._ready, at)


def _reject_unreachable(call: Call) -> NoReturn:
    reject(
        "damaged_config",
        Message(
            "The model's graph has no path from its inputs to {layer}: save the model again.",
            {"layer": place(call.layer)},
        ),
    )
