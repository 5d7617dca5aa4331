"""Where every maker of a hostile or broken file puts itself down.

A maker is a function that takes an empty folder, writes one file (and what belongs to
it) there and returns its path. It names the reason for which inspection refuses the
file, and whether loading it runs code.
"""

from collections.abc import Callable
from pathlib import Path

Maker = Callable[[Path], Path]

HOSTILE: dict[str, Maker] = {}
BROKEN: dict[str, Maker] = {}
HARMLESS: dict[str, Maker] = {}
REASONS: dict[str, str] = {}
RUNS_CODE: set[str] = set()


def hostile(reason: str, *, runs_code: bool = False) -> Callable[[Maker], Maker]:
    """Register a file that attacks whoever loads it; its name is the maker's.

    `runs_code`: loaded with tf_keras it touches `canary(folder)`; a slow test proves that.
    """

    def register(maker: Maker) -> Maker:
        if runs_code:
            RUNS_CODE.add(maker.__name__)
        return _add(HOSTILE, maker, reason)

    return register


def broken(reason: str) -> Callable[[Maker], Maker]:
    """Register a file that is no whole Keras model; its name is the maker's."""

    def register(maker: Maker) -> Maker:
        return _add(BROKEN, maker, reason)

    return register


def harmless(maker: Maker) -> Maker:
    """Register a file that breaks HDF5's C code and, read without it, is an honest model."""
    HARMLESS[maker.__name__] = maker
    return maker


def canary(folder: Path) -> Path:
    """The file that code inside a hostile file creates when it runs."""
    return folder / "canary"


def port(folder: Path) -> int:
    """Where code inside a hostile file calls: the port that the test listens on, if it does."""
    told = folder.parent / "port"
    return int(told.read_text()) if told.is_file() else 9


def _add(table: dict[str, Maker], maker: Maker, reason: str) -> Maker:
    assert maker.__name__ not in HOSTILE | BROKEN, f"{maker.__name__} twice"
    REASONS[maker.__name__] = reason
    table[maker.__name__] = maker
    return maker
