"""Reads files twice, with h5py and as inspection does: `python -m tests.torture.readers [FILE…]`.

Honest files must be equal: groups, shapes, numbers, texts, names. Of damaged ones, each reader
accepts or refuses: prints how often which, and for what h5py accepts and inspection refuses, the
reason and the kind of damage. What both accept must be equal, too. h5py may crash or hang on a
damaged file, so batches run in a process of their own. Exit status 1 if anything differs.
"""

import argparse
import io
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from engine.errors import SubmissionRejected
from engine.grading.child.written_anew import values
from engine.grading.inspection.hdf5.bounded_file import BoundedFile
from engine.grading.inspection.hdf5.structure import TEXTS, TOP, read_open
from tests.hostile.models import (
    dense,
    dense_weights,
    input_layer,
    line_model,
    sequential,
    write_model,
)
from tests.hostile.mutations import MUTATIONS, mutated

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
BATCH = 500
HANG_SECONDS = 2
WORK_SECONDS = 5.0  # of processor time, for one file


class Content(NamedTuple):
    """What Keras would get from a file."""

    texts: dict[str, str]
    weights: dict[str, list[str]]
    numbers: dict[str, Any]


def by_inspection(data: bytes) -> Content:
    """Raises `SubmissionRejected`."""
    file = io.BytesIO(data)
    found = read_open(BoundedFile(file, len(data)))
    numbers = {
        f"{layer}/{name}": values(file, found.datasets[f"{found.root}/{layer}/{name}"])
        for layer, names in found.weights.items()
        for name in names
    }
    return Content(found.texts, found.weights, numbers)


def by_h5py(data: bytes) -> Content:
    """What the legacy loaders of both Keras read; raises whatever h5py raises."""
    with h5py.File(io.BytesIO(data)) as file:
        texts = {name: _text(file.attrs[name]) for name in TEXTS if name in file.attrs}
        root = file if "layer_names" in file.attrs else file["model_weights"]
        layers = [*_names(root, "layer_names"), *([TOP] if TOP in set(root) else [])]
        weights = {layer: _names(root[layer], "weight_names") for layer in layers}
        numbers = {
            f"{layer}/{name}": np.asarray(root[layer][name])
            for layer, names in weights.items()
            for name in names
        }
    return Content(texts, weights, numbers)


def _is_sound(data: bytes) -> bool:
    """Whether h5py can read everything in a file, also what Keras does not read."""

    def visit(_: str, thing: Any) -> None:
        dict(thing.attrs)
        if isinstance(thing, h5py.Dataset):
            thing[()]

    try:
        with h5py.File(io.BytesIO(data)) as file:
            visit("/", file)
            file.visititems(visit)
    except Exception:
        return False
    return True


def _text(value: str | bytes) -> str:
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "replace")


def _names(group: Any, name: str) -> list[str]:
    attributes = group.attrs
    parts, number = [name], 0
    if name not in attributes:
        parts = []
        while f"{name}{number}" in attributes:
            parts.append(f"{name}{number}")
            number += 1
    return [_text(each) for part in parts for each in attributes[part]]


def differs(one: Content, other: Content) -> str:
    """What of two contents is not the same; empty if all is."""
    if one.texts != other.texts:
        return "texts"
    if one.weights != other.weights:
        return "names"
    for name, numbers in one.numbers.items():
        same = numbers.dtype == other.numbers[name].dtype
        if not same or not np.array_equal(numbers, other.numbers[name], equal_nan=True):
            return f"numbers of {name}"
    return ""


class Answer(NamedTuple):
    """What both readers say of a file: one of the words below, and why."""

    word: str
    reason: str
    seconds: float


def compare(data: bytes) -> Answer:
    """Read `data` with both."""
    ours: Content | None = None
    reason, started = "", time.process_time()
    try:
        ours = by_inspection(data)
    except SubmissionRejected as refused:
        reason = refused.reason
    seconds = time.process_time() - started
    try:
        theirs = by_h5py(data)
    except Exception as error:
        return Answer("neither" if reason else "ours", reason or type(error).__name__, seconds)
    if ours is None:
        return Answer("theirs" if _is_sound(data) else "partly", reason, seconds)
    different = differs(ours, theirs)
    return Answer("different" if different else "same", different, seconds)


def originals() -> list[bytes]:
    """A small file, one with more layers than fit one object header, and one of Keras' own."""
    layers = [dense(2, name=f"dense_{n}") for n in range(12)]
    weights = {f"dense_{n}": dense_weights(2, 2, f"dense_{n}") for n in range(12)}
    with tempfile.TemporaryDirectory() as folder:
        small = line_model(Path(folder) / "small.h5").read_bytes()
        large = write_model(
            Path(folder) / "large.h5", sequential(input_layer(2), *layers), weights
        ).read_bytes()
    own = sorted(FIXTURES.glob("keras_versions/*/dense.h5"))
    return [small, large, *(path.read_bytes() for path in own)]


def batch(seed: int, first: int, count: int) -> None:
    """Compare mutated files; one line of JSON each."""
    sources = originals()
    for number in range(first, first + count):
        data = mutated(sources, seed, number)
        signal.alarm(HANG_SECONDS)  # ends a process that hangs in C
        found = compare(data)
        kind = MUTATIONS[number // len(sources) % len(MUTATIONS)].__name__
        sys.stdout.write(json.dumps([number, kind, *found]) + "\n")
        sys.stdout.flush()


def answers(seed: int, count: int) -> Iterator[tuple[int, str, Answer]]:
    """Number, kind of damage and answer of each file; a crash of h5py is an answer as well."""
    first = 0
    while first < count:
        size = min(BATCH, count - first)
        command = [sys.executable, "-m", "tests.torture.readers", "--batch"]
        arguments = map(str, (seed, first, size))
        done = subprocess.run([*command, *arguments], stdout=subprocess.PIPE, cwd=ROOT, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.endswith(b"]")]
        for number, kind, *found in lines:
            yield number, kind, Answer(*found)
        if len(lines) < size:  # h5py took the process with it
            yield first + len(lines), "?", Answer("broke h5py", f"status {done.returncode}", 0.0)
            first += 1
        first += len(lines)


def damaged(seed: int, count: int) -> int:
    """Print how both readers answer to `count` damaged files; returns how many are faults."""
    words: Counter[str] = Counter()
    kinds: Counter[tuple[str, str, str]] = Counter()
    slowest = 0.0
    faults: list[str] = []
    for number, kind, answer in answers(seed, count):
        words[answer.word] += 1
        slowest = max(slowest, answer.seconds)
        if answer.word in ("ours", "theirs", "partly"):
            kinds[answer.word, answer.reason, kind] += 1
        if answer.word in ("different", "broke h5py") or answer.seconds > WORK_SECONDS:
            faults.append(f"file {number} of seed {seed}: {answer.word} {answer.reason}")
    lines = [f"{count} damaged files, inspection at most {slowest:.3f} s of processor time"]
    for word, says in _WORDS.items():
        lines.append(f"{says:32} {words[word]:6}")
    for (word, reason, kind), number in kinds.most_common():
        lines.append(f"  {_WORDS[word]}: {reason}, {kind}: {number}")
    sys.stdout.write("\n".join([*lines, *faults, ""]))
    return words["different"]


_WORDS = {
    "same": "both accept, equal",
    "different": "both accept, different",
    "neither": "both refuse",
    "ours": "only inspection accepts",
    "partly": "h5py accepts in part",
    "theirs": "only h5py accepts",
    "broke h5py": "h5py crashed or hung",
}


def honest(paths: Sequence[Path]) -> int:
    """Print how both readers answer to honest files; returns how many are faults."""
    words: Counter[str] = Counter()
    for path in paths:
        answer = compare(path.read_bytes())
        words[answer.word] += 1
        if answer.word != "same":
            sys.stdout.write(f"{path.name}: {_WORDS[answer.word]} ({answer.reason})\n")
    counts = ", ".join(f"{_WORDS[word]} {count}" for word, count in words.items())
    sys.stdout.write(f"{words.total()} files: {counts}\n")
    return words["different"] + words["theirs"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="honest files; else the fixtures")
    parser.add_argument("--runs", type=int, default=20_000, help="how many damaged files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.batch:
        batch(*options.batch)
        return 0
    faults = honest(options.files or sorted(FIXTURES.glob("keras_versions/*/*.h5")))
    return 1 if faults + damaged(options.seed, options.runs) else 0


if __name__ == "__main__":
    raise SystemExit(main())
