"""One look at a category folder for a screen: its files and its training curve."""

from pathlib import Path

import msgspec

from engine.machine.curves import CurveReader, CurveReading
from engine.sitting.views.folder_view import Lister, Listing


class FolderSample(msgspec.Struct, frozen=True):
    """A category folder at one moment."""

    listing: Listing
    curve: CurveReading


class FolderProbe:
    """Looks into one folder repeatedly; each look may block on a slow drive."""

    def __init__(self, folder: Path) -> None:
        self._lister, self._reader = Lister(folder), CurveReader(folder)

    def sample(self) -> FolderSample:
        """One look; never raises."""
        return FolderSample(self._lister.read(), self._reader.read())
