"""How many of a class's models are taken for copies: independent ones, and copies of each kind.

    python -m tests.bench.same_work [MODELS [ARCHITECTURE...]]

Trains MODELS (40) small models of each of four architectures, or of those named, with seeds of
their own, makes copies of five of them, and prints what the comparison of weights finds. Takes
about three minutes.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from engine.grading.weights.weights_main import compare
from engine.grading.weights.wire import AlikePair, WeightFile
from tests.engine.same_work_models import ARCHITECTURES, KINDS, copies_of, trained

COPIED = 5


def main() -> None:
    """Train, copy, compare, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    for name in sys.argv[2:] or ARCHITECTURES:
        with tempfile.TemporaryDirectory() as folder:
            _architecture(name, count, Path(folder))


def _architecture(name: str, count: int, folder: Path) -> None:
    own = [trained(name, seed, folder / f"{seed}.h5") for seed in range(count)]
    alone = _pairs(own)
    copies = [copies_of(path, name) for path in own[:COPIED]]
    files = [*own, *(made[kind] for made in copies for kind in KINDS)]
    found = _pairs(files)
    truth: dict[tuple[int, int], str] = {}
    for place in range(COPIED):
        for number, kind in enumerate(KINDS):
            truth[place, count + place * len(KINDS) + number] = kind
    hits = Counter(truth[pair] for pair in found if pair in truth)
    false = [pair for pair in found if len({_origin(each, count) for each in pair}) > 1]
    print(f"{name}: {count} independent models, {count * (count - 1) // 2} pairs")
    print(f"  false among independent ones: {len(alone)}; with copies beside them: {len(false)}")
    for kind in KINDS:
        print(f"  {kind}: {hits[kind]} of {COPIED} found")


def _origin(number: int, count: int) -> int:
    return number if number < count else (number - count) // len(KINDS)


def _pairs(paths: list[Path]) -> list[tuple[int, int]]:
    files = tuple(WeightFile(str(path), "task", (n,), 200) for n, path in enumerate(paths))
    found = [each for each in compare(files) if isinstance(each, AlikePair)]
    return [(min(each.one, each.other), max(each.one, each.other)) for each in found]


if __name__ == "__main__":
    main()
