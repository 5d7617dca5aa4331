"""The proof every task must carry: that its mark scheme measures something.

A published scheme of another exam gave 5/5 to a constant. So for every task and seed:
the starter as shipped scores 0, a predictor that learns nothing at most 1, each weak
solution at most what it declares, and each reference solution 5/5 within its minutes.
Marking is injected (`Marker`), because the bank stands below the engine that marks.
"""

import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from exam_bank.authoring_run import Ran, run_solution
from exam_bank.datasets import LocalDataset
from exam_bank.errors import DataError
from exam_bank.folder_faults import faults
from exam_bank.placing import place
from exam_bank.preparation import make_material
from exam_bank.proof_table import write_readme
from exam_bank.skeleton import new
from exam_bank.task import Axis, Task

if TYPE_CHECKING:
    from exam_bank.material import HiddenSet, Material

__all__ = ["Mark", "Marker", "ProofRow", "check", "faults", "new", "write_readme"]

Kind = Literal["folder", "data", "starter", "trivial", "weak", "reference"]
TRIVIAL_AT_MOST = 1
FULL = 5
# A starter that stops at its first blank needs no more, even beside other programs.
STARTER_SECONDS = 300
# A reference is judged by its CPU time; this only ends one that hangs on a busy machine.
PATIENCE = 6


class Mark(msgspec.Struct, frozen=True):
    """What marking gave; `score` is None when the marker failed, and `says` why."""

    metric: str = ""
    value: float | None = None
    score: int | None = None
    says: str = ""


class Marker(Protocol):
    """Marks a model file with the real grader, and predictions with the real metrics."""

    async def mark_file(self, task: Task, model: Path, hidden: Path) -> Mark:
        """Mark the file `model` against the hidden set in the folder `hidden`."""
        ...

    def mark_predictions(self, task: Task, predictions: Any, hidden: "HiddenSet") -> Mark:
        """Mark an array shaped like a model's output on `hidden`."""
        ...


class ProofRow(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was tried: `ok` tells whether it did as it must, `why` what it did.

    `bound` is the highest score allowed, for a reference the lowest. `seconds` are wall,
    `cpu_seconds` user and system together. `log` ends what a failing solution printed.
    """

    task: str
    category: int
    kind: Kind
    solution: str
    ok: bool
    why: str
    seed: int | None = None
    bound: int | None = None
    metric: str = ""
    value: float | None = None
    score: int | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    log: str = ""


OnRow = Callable[[ProofRow], None]


async def check(
    task: Task,
    seeds: Sequence[int],
    marker: Marker,
    on_row: OnRow = lambda _row: None,
    dataset: LocalDataset | None = None,
) -> list[ProofRow]:
    """Prove `task` over `seeds`; `on_row` is given each row as it is finished.

    `dataset` holds the files of the data set that the task's `source` names.

    Runs the task's own code and trains its solutions, in temporary folders. A folder
    that breaks the format gives one row and nothing is run.
    """
    rows: list[ProofRow] = []
    found = faults(task)
    if found:
        rows.append(_row(task, "folder", task.folder.name, ok=False, why=" ".join(found)))
        on_row(rows[-1])
        return rows
    for seed in seeds:
        async for row in _of_seed(task, seed, marker, dataset):
            rows.append(row)
            on_row(row)
    return rows


async def _of_seed(
    task: Task, seed: int, marker: Marker, dataset: LocalDataset | None
) -> AsyncIterator[ProofRow]:
    try:
        material = make_material(task.folder, seed, dataset)
        wrong = _data_faults(task, seed, material, dataset)
    except Exception as error:  # the code of a task may raise anything
        why = error.message if isinstance(error, DataError) else f"{type(error).__name__}: {error}"
        yield _row(task, "data", "data.py", seed=seed, ok=False, why=why)
        return
    why = " ".join(wrong) or "the same seed gives the same bytes, another seed others"
    yield _row(task, "data", "data.py", seed=seed, ok=not wrong, why=why)
    if wrong:
        return
    for name, predictions in sorted(material.trivial.items()):
        mark = marker.mark_predictions(task, predictions, material.hidden)
        yield _marked(task, "trivial", name, seed, mark, TRIVIAL_AT_MOST)
    for kind, script in _solutions(task):
        with tempfile.TemporaryDirectory(prefix="tfexam-proof-") as folder:
            yield await _try(_Trial(task, seed, kind, script), material, Path(folder), marker)


def _solutions(task: Task) -> list[tuple[Kind, Path]]:
    return [
        ("starter", task.folder / "starter.py"),
        *(("weak", path) for path in task.weak_solutions()),
        *(("reference", path) for path in task.references()),
    ]


class _Trial(msgspec.Struct, frozen=True):
    """One solution with one seed's data."""

    task: Task
    seed: int
    kind: Kind
    script: Path

    @property
    def bound(self) -> int:
        """The highest score it may reach; for a reference the lowest."""
        if self.kind == "weak":
            return self.task.says.proof.weak[self.script.stem]
        return FULL if self.kind == "reference" else 0

    @property
    def cpu_limit(self) -> float:
        """CPU seconds a reference may take: so many wall seconds at most on a free machine."""
        return 60 * self.task.says.proof.reference_minutes

    @property
    def patience(self) -> float:
        """Wall seconds after which it is stopped."""
        return STARTER_SECONDS if self.kind == "starter" else PATIENCE * self.cpu_limit


async def _try(trial: _Trial, material: "Material", room: Path, marker: Marker) -> ProofRow:
    """Run one solution as `Category<N>/starter.py` and mark the model it saves."""
    folder, hidden = room / f"Category{trial.task.category}", room / "hidden"
    place(material, hidden=hidden, files=folder, token="proof")
    ran = await run_solution(trial.script, folder, limit=trial.patience)
    model = folder / "mymodel.h5"
    if ran.timed_out or not model.is_file() or (ran.status != 0 and trial.kind != "starter"):
        return _without_model(trial, ran)
    mark = await marker.mark_file(trial.task, model, hidden)
    row = _marked(trial.task, trial.kind, trial.script.stem, trial.seed, mark, trial.bound)
    row = msgspec.structs.replace(row, seconds=ran.seconds, cpu_seconds=ran.cpu_seconds)
    if row.ok and trial.kind == "reference" and ran.cpu_seconds > trial.cpu_limit:
        why = f"took {ran.cpu_seconds:.0f} CPU seconds of {trial.cpu_limit:.0f} allowed"
        row = msgspec.structs.replace(row, ok=False, why=why)
    return row if row.ok else msgspec.structs.replace(row, log=ran.log)


def _without_model(trial: _Trial, ran: Ran) -> ProofRow:
    """A run that left no model to mark: right for a starter that stops at a blank."""
    if ran.timed_out:
        ok, why = False, f"was stopped after {trial.patience:.0f} seconds"
    elif trial.kind == "starter" and ran.last_line.startswith("NotImplementedError: TODO"):
        ok, why = ran.status != 0, f"stops at a blank: {ran.last_line}"
    elif ran.status == 0:
        ok, why = False, "ended without saving mymodel.h5"
    else:
        ok, why = False, f"ended with status {ran.status}: {ran.last_line}"
    return _row(
        trial.task,
        trial.kind,
        trial.script.stem,
        seed=trial.seed,
        bound=trial.bound,
        ok=ok,
        why=why,
        score=0 if ok else None,
        seconds=ran.seconds,
        cpu_seconds=ran.cpu_seconds,
        log="" if ok else ran.log,
    )


def _marked(task: Task, kind: Kind, name: str, seed: int, mark: Mark, bound: int) -> ProofRow:
    if mark.score is None:
        ok, why = False, f"the grader failed: {mark.says}"
    elif kind == "reference":
        ok, why = mark.score >= bound, f"must reach {bound}"
    else:
        ok, why = mark.score <= bound, f"may reach {bound}"
    return _row(
        task,
        kind,
        name,
        seed=seed,
        bound=bound,
        ok=ok,
        why=why if mark.score is None or not mark.says else f"{why}; {mark.says}",
        metric=mark.metric,
        value=mark.value,
        score=mark.score,
    )


def _row(task: Task, kind: Kind, solution: str, *, ok: bool, why: str, **more: Any) -> ProofRow:
    return ProofRow(
        task=task.id, category=task.category, kind=kind, solution=solution, ok=ok, why=why, **more
    )


def _data_faults(
    task: Task, seed: int, material: "Material", dataset: LocalDataset | None
) -> list[str]:
    """What is wrong with the data of one seed, as sentences."""
    inputs, targets = material.hidden.inputs, material.hidden.targets
    contract = task.says.contract
    found = []
    if not _fits(inputs.shape[1:], contract.input.shape):
        found.append(f"Hidden inputs {inputs.shape} do not fit the contract's input shape.")
    if inputs.dtype.name not in (contract.input.dtype, "uint8"):
        found.append(f"Hidden inputs are {inputs.dtype.name}, not {contract.input.dtype}.")
    if len(inputs) != len(targets):
        found.append(f"There are {len(inputs)} hidden inputs but {len(targets)} targets.")
    if not material.trivial:
        found.append("There is no trivial predictor to mark.")
    if _bytes_of(make_material(task.folder, seed, dataset)) != _bytes_of(material):
        found.append("The same seed gives other data the second time.")
    if _bytes_of(make_material(task.folder, seed + 1, dataset)) == _bytes_of(material):
        found.append("Another seed gives the same data.")
    return found


def _fits(shape: tuple[int, ...], wanted: tuple[Axis, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        axis in ("any", size) for size, axis in zip(shape, wanted, strict=True)
    )


def _bytes_of(material: "Material") -> tuple[dict[str, bytes], bytes, bytes]:
    hidden = material.hidden
    return dict(material.files), hidden.inputs.tobytes(), hidden.targets.tobytes()
