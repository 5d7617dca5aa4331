"""Which members of an archive were never part of a data set."""

from pathlib import PurePosixPath

_OF_MACOS = "__MACOSX"


def is_junk(path: str) -> bool:
    """Whether a member is hidden, or what macOS puts beside the files when it packs them."""
    return any(part.startswith((".", _OF_MACOS)) for part in PurePosixPath(path).parts)
