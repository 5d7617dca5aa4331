"""Makes a class as it comes: good work and bad, missing, copied, torn, hostile, in every layout.

    python -m tests.torture.make_class FOLDER --people 200 --seed 1

Nobody trains anything: random features with a last layer fitted to a part of the hidden set,
then for every person a copy with weights that differ a little. FOLDER gets

    class/, zips/    what was handed in: folders, flat names as of Canvas, zips of people
    plain/           the same files as <person>/Category<n>/mymodel.h5
    roster.csv       who is in the class
    made.json        the code of the paper, and what each file is
"""

import argparse
import asyncio
import csv
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from exam_bank import paper
from exam_bank.catalog import Catalog
from exam_bank.paper import Paper, PaperTask
from exam_bank.preparation import Order, prepare
from exam_bank.task import Task

# Tasks whose hidden sets are made and predicted in moments, the one for each category.
TASKS = ("straight-line", "wild-bees", "sick-leaves", "reviews", "flour-beetles")
# Parts of the hidden set that the last layer knows.
QUALITIES = {"reference": 1.0, "decent": 0.35, "weak": 0.06}
KINDS = (
    *(["reference"] * 25 + ["decent"] * 35 + ["weak"] * 20),
    *(["missing"] * 50 + ["rejected"] * 8 + ["corrupted"] * 6 + ["copied"] * 16),
)
SPECIAL = {
    ("s001", 2): "hostile code",
    ("s002", 4): "hostile file",
    ("s003", 5): "hangs",
    ("s004", 2): "eats memory",
}
# With these limits the file that hangs is timed out soon, and the one that eats memory stopped.
LIMITS = ("--limit-seconds", "4", "--limit-mb", "1500")

_MAKE = """
import json, sys
from pathlib import Path
import keras, numpy as np
from keras import layers
from exam_bank.material import HiddenSet

def stack(input, dtype, inputs):
    parts = [keras.Input(input, dtype=dtype)]
    if len(input) == 3:
        parts.append(layers.AveragePooling2D(12))
    scale = 1.0 / (float(np.std(inputs)) or 1.0)
    return [*parts, layers.Rescaling(scale, -float(np.mean(inputs)) * scale), layers.Flatten()]

def fitted(parts, found, wanted, output, activation, share):
    cells = int(np.prod(output))
    known = max(2, round(share * len(found)))
    with_one = np.hstack([found, np.ones((len(found), 1))])[:known].astype("float64")
    square = with_one.T @ with_one + 1e-6 * len(with_one) * np.eye(with_one.shape[1])
    weights = np.linalg.solve(square, with_one.T @ wanted[:known])
    last = layers.Dense(cells, activation)
    model = keras.Sequential([*parts, last, layers.Reshape(output)])
    last.set_weights([weights[:-1], weights[-1]])
    return model

def wanted_of(targets, activation, cells):
    if activation == "softmax":
        return (np.eye(cells)[targets.astype(int)] - 0.5) * 12
    if activation == "sigmoid":
        return (targets.reshape(-1, 1) - 0.5) * 12
    return targets.reshape(len(targets), cells).astype("float64")

def make(folder, hidden, input, dtype, output, activation, qualities):
    keras.utils.set_random_seed(7)
    hidden = HiddenSet.read(Path(hidden))
    inputs = np.asarray(hidden.inputs, "float32") * hidden.input_scale
    if dtype == "int32":
        inputs = inputs.astype(dtype)
    parts = [*stack(input, dtype, inputs), layers.Dense(400, "relu")]
    found = keras.Sequential(parts).predict(inputs, batch_size=64, verbose=0)
    wanted = wanted_of(np.asarray(hidden.targets), activation, int(np.prod(output)))
    for name, share in qualities.items():
        fitted(parts, found, wanted, output, activation, share).save(f"{folder}/{name}.h5")
    wide = keras.Sequential([keras.Input((3, 3)), layers.Flatten(), layers.Dense(2)])
    wide.save(f"{folder}/rejected.h5")
    code = keras.Sequential([keras.Input(input, dtype=dtype), layers.Lambda(lambda x: x)])
    code.save(f"{folder}/code.h5")
    if len(input) == 2:
        slow = [layers.LSTM(512, return_sequences=True) for _ in range(4)]
        out = [layers.Flatten(), layers.Dense(int(np.prod(output))), layers.Reshape(output)]
        keras.Sequential([keras.Input(input), *slow, *out]).save(f"{folder}/hangs.h5")
    if len(input) == 1 and dtype == "float32":
        large = [layers.RepeatVector(20_000), layers.Dense(64), layers.Dense(64)]
        out = [layers.GlobalAveragePooling1D(), layers.Dense(output[0], activation)]
        keras.Sequential([keras.Input(input), *large, *out]).save(f"{folder}/memory.h5")

for each in json.loads(sys.argv[1]):
    make(**each)
"""

_VARY = """
import json, shutil, sys
import h5py, numpy as np

for source, target, seed in json.load(open(sys.argv[1])):
    shutil.copyfile(source, target)
    noise = np.random.default_rng(seed)
    with h5py.File(target, "r+") as file:
        def vary(name, item):
            if isinstance(item, h5py.Dataset) and item.dtype.kind == "f" and item.ndim == 2:
                item[...] = item[...] * (1 + 1e-3 * noise.standard_normal(item.shape))
        file["model_weights"].visititems(vary)
"""


class MadeFile(NamedTuple):
    """One file of the class: whose, for which category, of what kind, and its plain copy."""

    person: str
    category: int
    kind: str
    path: str


class MadeClass(NamedTuple):
    """What was made: the folders to grade, and everything about them."""

    folder: Path
    code: str
    files: tuple[MadeFile, ...]

    @property
    def handed_in(self) -> list[Path]:
        return [self.folder / "class", self.folder / "zips"]

    @property
    def roster(self) -> Path:
        return self.folder / "roster.csv"


def read(folder: Path) -> MadeClass:
    """The class that was made in `folder`."""
    made = json.loads((folder / "made.json").read_text())
    return MadeClass(folder, made["code"], tuple(MadeFile(*each) for each in made["files"]))


def make(
    folder: Path,
    people: int,
    seed: int = 1,
    variants: int = 0,
    categories: Collection[int] = range(1, 6),
) -> MadeClass:
    """Make a class of that many people in the new folder `folder`.

    With `variants` there are only so many different models of each quality and task. Nobody
    hands in anything for other `categories`.
    """
    folder.mkdir(parents=True)
    catalog = Catalog.find()
    drawn = a_paper(catalog)
    kinds = {each: kind for each, kind in kinds_of(people, seed).items() if each[1] in categories}
    wanted = [each for each in drawn.tasks if each.category in categories]
    bases = _bases(folder / "bases", wanted, catalog)
    _plain_files(folder, kinds, bases, variants)
    _hand_in(folder, kinds)
    _write_roster(folder / "roster.csv", people)
    files = [
        MadeFile(who, n, kind, f"plain/{who}/Category{n}/mymodel.h5")
        for (who, n), kind in kinds.items()
        if kind != "missing"
    ]
    about = {"code": drawn.code, "files": files}
    (folder / "made.json").write_text(json.dumps(about))
    shutil.rmtree(folder / "bases")
    return read(folder)


def a_paper(catalog: Catalog) -> Paper:
    """A paper of quick tasks: the first number that draws them."""
    options = {category: catalog.of(category, "classic") for category in range(1, 6)}
    for number in itertools.count():
        drawn = [paper._drawn(number, category, options[category]).id for category in options]
        if drawn == list(TASKS):
            return paper.draw(catalog, number=number)
    raise AssertionError


def kinds_of(people: int, seed: int) -> dict[tuple[str, int], str]:
    """What each person hands in for each category."""
    chance = random.Random(seed)
    kinds = {}
    for who in names(people):
        absent = chance.random() < 0.03 and who not in {each for each, _ in SPECIAL}
        for n in range(1, 6):
            kind = "missing" if absent else chance.choice(KINDS)
            kinds[who, n] = SPECIAL.get((who, n), kind)
    return kinds


def names(people: int) -> Iterator[str]:
    return (f"s{n:03}" for n in range(1, people + 1))


def _bases(folder: Path, drawn: Sequence[PaperTask], catalog: Catalog) -> dict[int, Path]:
    """A folder of models for each category, and in it one of each quality."""
    orders, hidden = [], {}
    for each in drawn:
        task = catalog.task(each.task)
        hidden[each.category] = folder / f"hidden-{each.category}"
        orders.append(Order(task.id, str(task.folder), each.seed, str(hidden[each.category])))
    folder.mkdir()
    asyncio.run(prepare(orders))
    wanted = []
    for each in drawn:
        place = folder / str(each.category)
        place.mkdir()
        wanted.append(_wanted(catalog.task(each.task), hidden[each.category], place))
    _python(_MAKE, json.dumps(wanted))
    return {each.category: folder / str(each.category) for each in drawn}


def _wanted(task: Task, hidden: Path, place: Path) -> dict[str, object]:
    contract = task.says.contract
    return {
        "folder": str(place),
        "hidden": str(hidden),
        "input": contract.input.shape,
        "dtype": contract.input.dtype,
        "output": contract.output.shape,
        "activation": contract.output.activation,
        "qualities": QUALITIES,
    }


def _python(program: str, argument: str) -> None:
    command = [sys.executable, "-c", program, argument]
    # Threads that wait for each other make it slower on a busy machine.
    single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env={**os.environ, **single},
    )
    assert done.returncode == 0, done.stderr[-3000:]


def _plain_files(
    folder: Path,
    kinds: Mapping[tuple[str, int], str],
    bases: Mapping[int, Path],
    variants: int,
) -> None:
    vary = []
    chance = random.Random(2)
    for (who, n), kind in kinds.items():
        if kind == "missing":
            continue
        target = folder / "plain" / who / f"Category{n}" / "mymodel.h5"
        target.parent.mkdir(parents=True)
        source = bases[n] / f"{kind if kind in QUALITIES else 'decent'}.h5"
        if kind in QUALITIES:
            vary.append((str(source), str(target), chance.randrange(variants or 1 << 30)))
        elif kind == "corrupted":
            target.write_bytes(source.read_bytes()[: chance.randrange(100, 20_000)])
        elif kind == "hostile file":
            target.write_bytes(b"\x89HDF\r\n\x1a\n" + random.Random(3).randbytes(4_000))
        else:
            shutil.copyfile(bases[n] / f"{_MODELS[kind]}.h5", target)
    listed = folder / "vary.json"
    listed.write_text(json.dumps(vary))
    _python(_VARY, str(listed))
    listed.unlink()


_MODELS = {
    "copied": "weak",
    "rejected": "rejected",
    "hostile code": "code",
    "hangs": "hangs",
    "eats memory": "memory",
}


def _hand_in(folder: Path, kinds: Mapping[tuple[str, int], str]) -> None:
    """Each person in one of four ways; `class/` also holds somebody who is not in the roster."""
    for number, who in enumerate(dict.fromkeys(who for who, _ in kinds)):
        files = sorted((folder / "plain" / who).glob("*/mymodel.h5"))
        for path in files:
            category = path.parent.name
            if number % 4 == 0:
                _link(path, folder / "class" / f"Person {who}" / category / "mymodel.h5")
            elif number % 4 == 1:
                _link(path, folder / "class" / f"{who}_4711_{number}_{category}_mymodel.h5")
            elif number % 4 == 2:
                place = f"{who} Person_{number}_assignsubmission_file_"
                _link(path, folder / "class" / place / category / "mymodel.h5")
        if number % 4 == 3 and files:
            (folder / "zips").mkdir(exist_ok=True)
            with zipfile.ZipFile(folder / "zips" / f"{who}.zip", "w") as archive:
                for path in files:
                    archive.write(path, f"work/{path.parent.name}/mymodel.h5")
    stranger = folder / "class" / "nobody" / "Category1" / "mymodel.h5"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("a stranger")
    (folder / "zips").mkdir(exist_ok=True)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(source, target)


def _write_roster(path: Path, people: int) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["id", "name", "email", "group"])
        for n, who in enumerate(names(people)):
            writer.writerow([who, f"Person {who}", f"{who}@x.org", "AB"[n % 2]])


def main() -> None:
    """Make a class and say where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--variants", type=int, default=0)
    given = parser.parse_args()
    made = make(given.folder, given.people, given.seed, given.variants)
    sys.stdout.write(f"{len(made.files)} files of {given.people} people; code {made.code}\n")


if __name__ == "__main__":
    main()
