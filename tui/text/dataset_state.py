"""The words in listings for how much of a data set is here, and what fetching costs."""

from collections.abc import Collection

from exam_bank.datasets.registry import SYNTHETIC, DataFile
from exam_bank.datasets.store import Inventory
from tui.locale import _

_MEGABYTE = 1_000_000
_KILOBYTE = 1_000


def size_text(count: int) -> str:
    """A size in MB or kB, as download pages write it."""
    if count >= _MEGABYTE:
        return f"{count / _MEGABYTE:.0f} MB"
    return f"{max(1, round(count / _KILOBYTE))} kB"


def cost_text(files: Collection[DataFile]) -> str:
    """The cost of fetching `files`, as far as it is known."""
    known = sum(each.bytes or 0 for each in files)
    return _("to fetch {size}").format(size=size_text(known)) if known else _("to fetch")


def state_text(source: str, holdings: Inventory) -> str:
    """The state of the data of a task with this `source`."""
    if source == SYNTHETIC:
        return _("made here")
    missing = holdings.missing(source)
    return cost_text(missing.values()) if missing else _("here")
