"""Whether other Pythons, with other versions of numpy, make the same data: byte for byte.

Every task whose data are here is made for some seeds by this interpreter and by each of the
others, which need numpy, pillow and msgspec and nothing of tfexam. Run with
`python -m tests.bench.same_bytes SEEDS PYTHON…`; the status is 1 when a byte differs.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec

from engine.settings import Settings
from exam_bank.catalog import Catalog
from exam_bank.datasets import LocalDataset
from exam_bank.preparation import Order

ROOT = Path(__file__).parents[2]

MAKE = """
import hashlib, json, platform, sys
import msgspec, numpy as np
from pathlib import Path
from exam_bank.preparation import Order, make_material

found = {}
for order in msgspec.json.decode(sys.stdin.buffer.read(), type=list[Order]):
    material = make_material(Path(order.folder), order.seed, order.dataset)
    digest = hashlib.sha256()
    for name, content in sorted(material.files.items()):
        digest.update(f"{name}:{len(content)}:".encode() + content)
    hidden = material.hidden
    for array in (hidden.inputs, hidden.targets):
        digest.update(f"{array.dtype}:{array.shape}:".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(f"{hidden.input_scale!r}:{hidden.baseline!r}".encode())
    found[f"{order.task} seed {order.seed}"] = digest.hexdigest()
print(json.dumps([f"Python {platform.python_version()}, numpy {np.__version__}", found]))
"""


def orders(seeds: int) -> list[Order]:
    """What to make: every task whose data are here, for seeds 0, 1, 2, …."""
    settings = Settings.load()
    bank = Catalog.find(settings.packs)
    inventory = settings.data_store(bank.registry).look()
    tasks = [task for task in bank.tasks if inventory.is_here(task.says.source)]
    data: dict[str, LocalDataset | None] = {
        task.id: inventory.of_source(task.says.source) for task in tasks
    }
    return [
        Order(task.id, str(task.folder), seed, hidden="", dataset=data[task.id])
        for task in tasks
        for seed in range(seeds)
    ]


def made_by(python: str, wanted: list[Order]) -> tuple[str, dict[str, str]]:
    """What `python` is, and the digest of what it makes of each order."""
    done = subprocess.run(
        [python, "-c", MAKE],
        input=msgspec.json.encode(wanted),
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    name, found = json.loads(done.stdout.splitlines()[-1])
    return name, found


def main() -> None:
    """Compare and say what differs."""
    wanted = orders(int(sys.argv[1]))
    here, ours = made_by(sys.executable, wanted)
    differing = 0
    for python in sys.argv[2:]:
        name, theirs = made_by(python, wanted)
        wrong = [each for each in ours if ours[each] != theirs[each]]
        differing += len(wrong)
        print(f"{name} beside {here}: {len(ours) - len(wrong)} of {len(ours)} equal")
        print("".join(f"  differs: {each}\n" for each in wrong), end="")
    sys.exit(bool(differing))


if __name__ == "__main__":
    main()
