"""Several data sets that are fetched together: how far each is, and how each ended. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from tui.locale import N_, _, labelled, ngettext, say
from tui.screens import data_text

if TYPE_CHECKING:
    from exam_bank.datasets.fetch import FetchProgress
    from exam_bank.errors import TfexamError

_FEW = 2  # that are told of by name once they are here


class DataFetches:
    """The data sets `names`, each waiting at first."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._progress: dict[str, FetchProgress] = {}
        self._ended: dict[str, TfexamError | None] = {}

    def moved(self, progress: FetchProgress) -> None:
        """More of one has arrived."""
        self._progress[progress.dataset] = progress

    def ended(self, name: str, error: TfexamError | None = None) -> None:
        """One is here, or could not be fetched."""
        self._progress.pop(name, None)
        self._ended[name] = error

    def error(self, name: str) -> TfexamError | None:
        """Why one could not be fetched."""
        return self._ended.get(name)

    def state(self, name: str) -> tuple[str, str, str] | None:
        """Glyph, word and tone of one, in place of what is here of it; None for any other."""
        if self._ended.get(name) is not None:
            return "✗", _("failed"), "$text-error"
        if name in self._ended:
            return data_text.STATES["here"]
        if (progress := self._progress.get(name)) is not None:
            return "▶", _percent(progress), "$text-primary"
        return ("…", N_("waits"), "$foreground-muted") if name in self._names else None

    def text(self) -> Content:
        """How far they are: where the only one comes from, or a line for each that moves."""
        moving = list(self._progress.values())
        if len(self._names) == 1:
            return data_text.progress(moving[0]) if moving else Content(_("Fetching …"))
        width = max(map(len, self._names))
        lines = [data_text.progress_line(each, width) for each in moving]
        if counts := self._counts(len(moving)):
            lines.append(Content.styled(" · ".join(counts), "$foreground-muted"))
        return Content("\n").join(lines)

    def _counts(self, moving: int) -> list[str]:
        """How many are here, have failed and wait, each in words if there are any."""
        here = sum(error is None for error in self._ended.values())
        failed = len(self._ended) - here
        waiting = len(self._names) - len(self._ended) - moving
        texts = (
            (here, ngettext("{n} here", "{n} here", here)),
            (failed, ngettext("{n} failed", "{n} failed", failed)),
            (waiting, ngettext("{n} waits", "{n} wait", waiting)),
        )
        return [text.format(n=count) for count, text in texts if count]

    def outcome(self) -> Content:
        """How they ended, the failures first."""
        failed = [(name, error) for name, error in self._ended.items() if error is not None]
        if len(self._names) == 1 and failed:
            return data_text.error(failed[0][1])
        lines = [
            Content.styled("✗ " + labelled(name, say(error.sentence)), "$text-error")
            for name, error in failed
        ]
        here = [name for name, error in self._ended.items() if error is None]
        if len(here) <= _FEW:
            lines += [data_text.fetched(name) for name in here]
        else:
            text = ngettext("{n} data set is here.", "{n} data sets are here.", len(here))
            lines.append(Content.styled("✓ " + text.format(n=len(here)), "$text-success"))
        return Content("\n").join(lines)


def _percent(progress: FetchProgress) -> str:
    """How much of the current file has arrived."""
    return f"{100 * progress.done // progress.total} %" if progress.total else "…"
