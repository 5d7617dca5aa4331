"""What disk and machine can do to a sitting: the message shown, and what was kept.

    python -m tests.torture.faults [NAME…]

Provokes each fault for real where this machine allows it (small disks need the right to
mount). Status 1 when anything was lost, or went without a sentence for people.
"""

import asyncio
import re
import sys
import tempfile
import textwrap
import traceback
from pathlib import Path
from typing import NamedTuple

from tests.torture.disks import NotHere
from tests.torture.provoked import FAULTS

PATIENCE = 60.0


class Outcome(NamedTuple):
    """What was shown and kept; `glyph` is ✗ when something was lost, – when not tried."""

    name: str
    glyph: str
    shown: str
    kept: str


async def provoke(name: str, folder: Path) -> Outcome:
    """One fault, in an empty folder of its own."""
    try:
        async with asyncio.timeout(PATIENCE):
            shown, kept = await FAULTS[name](folder)
    except NotHere as error:
        return Outcome(name, "–", f"not tried: {error}", "")
    except Exception as error:
        traceback.print_exc()
        return Outcome(name, "✗", "", f"{type(error).__name__}: {error}")
    return Outcome(name, "✓", _without(folder, shown), kept)


def _without(folder: Path, text: str) -> str:
    """The text without the names of this run's folders, so that tables can be compared."""
    text = text.replace(str(folder), "…").replace(folder.name, "…")
    return re.sub(r"\d{4}-\d\d-\d\d-\d{4}-[a-z0-9]{4}", "SITTING", text)


def table(outcomes: list[Outcome]) -> str:
    """A paragraph a fault: its name, the message, what was kept."""
    parts = []
    for each in outcomes:
        told = [
            textwrap.fill(text, 100, initial_indent=f"    {label:7}", subsequent_indent=" " * 11)
            for label, text in (("shown:", each.shown), ("kept:", each.kept))
            if text
        ]
        parts.append("\n".join([f"{each.glyph} {each.name}", *told]))
    lost = sum(each.glyph == "✗" for each in outcomes)
    tried = sum(each.glyph != "–" for each in outcomes)
    return "\n".join([*parts, "", f"{tried} of {len(outcomes)} faults provoked, {lost} not borne"])


def main(names: list[str]) -> int:
    """The command line."""
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="tfexam-faults-") as folder:
        for number, name in enumerate(names or FAULTS):
            own = Path(folder) / f"fault-{number}"
            own.mkdir()
            outcomes.append(asyncio.run(provoke(name, own)))
    sys.stdout.write(table(outcomes) + "\n")
    return int(any(each.glyph == "✗" for each in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
