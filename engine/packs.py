"""A task pack is code: somebody here has to have said yes before any of it runs.

The `data.py` of a pack's tasks runs with all rights of whoever starts tfexam, and a pack
comes from a colleague or a class's repository as easily as a text does. So a folder that
`TFEXAM_BANK` names is only listed at first; `tfexam bank trust` is said once for it. Packs
that were installed as packages need no second yes: installing them was one.
"""

import contextlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from engine.errors import SettingsError, UntrustedPackError
from engine.settings import Settings
from engine.sitting.storage import said, write_atomically
from exam_bank.decoding import UNDECODABLE
from exam_bank.phrase import phrase
from exam_bank.task import Task

FILE_NAME = "trusted-packs.json"


def need_trust(tasks: Iterable[Task], settings: Settings) -> None:
    """Let code of `tasks` run only when every pack it comes from is trusted here.

    Raises `UntrustedPackError`, naming the pack and how to trust it.
    """
    named = {pack.resolve() for pack in settings.packs}
    trusted = _trusted(settings)
    for task in tasks:
        pack = task.folder.resolve().parent
        if pack in named and pack not in trusted:
            raise UntrustedPackError(
                phrase(
                    "{pack} is a task pack that was never used here. A pack is "
                    "code: its data.py files run on this machine with your "
                    "rights.",
                    pack=pack,
                ),
                fix=phrase("Look at them, then say once: tfexam bank trust {pack}", pack=pack),
            )


def trust(pack: Path, settings: Settings) -> None:
    """Let the code of `pack` run from now on; raises `SettingsError` when it cannot be kept."""
    packs = sorted({*map(str, _trusted(settings)), str(pack.resolve())})
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        write_atomically(settings.home / FILE_NAME, msgspec.json.encode(packs))
    except OSError as error:
        raise SettingsError(
            phrase(
                "{path} cannot be written: {error}.",
                path=settings.home / FILE_NAME,
                error=said(error),
            ),
            fix=phrase("Set TFEXAM_HOME to a folder that can be written."),
        ) from error


def _trusted(settings: Settings) -> set[Path]:
    with contextlib.suppress(OSError, *UNDECODABLE):
        content = (settings.home / FILE_NAME).read_bytes()
        return {Path(each) for each in msgspec.json.decode(content, type=list[str])}
    return set()
