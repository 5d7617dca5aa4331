"""The proof that every task needs: that its mark scheme measures skill.

One published exam gave 5/5 to a constant. So for every task and seed the starter as shipped
must score 0, a formula that learns nothing at most 1, a straight line at most its limit,
each weak solution at most what the task declares, each decent one (unfinished, by a good
candidate) 3 or 4, and each reference solution 5/5 within its minutes. On classic the bounds
are wider, and each course solution (a first attempt after the public course) must score 3 or
more. A solution runs once for all levels of its task: scores follow from its value. The
marking is injected (`Marker`), because the bank is below the engine, which marks.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from exam_bank.authoring.folder_faults import faults
from exam_bank.authoring.skeleton import new
from exam_bank.datasets import LocalDataset
from exam_bank.errors import DataError
from exam_bank.placing import place
from exam_bank.preparation import make_material
from exam_bank.proof import hidden_size, levels, proof_file
from exam_bank.proof.formulas.kinds import kind_of
from exam_bank.proof.kept import Kept
from exam_bank.proof.levels import proved_levels, scheme_of
from exam_bank.proof.rows import Bounds, Kind, ProofRow, must_score
from exam_bank.proof.solution_run import Ran, Run, run_solution
from exam_bank.task import Axis, Level, MarkScheme, Task

if TYPE_CHECKING:
    from exam_bank.material import Array, HiddenSet, Material

__all__ = ["Mark", "Marker", "ProofRow", "check", "faults", "new"]

# Enough for a starter to stop at its first blank, even while other programs run.
STARTER_SECONDS = 300
# Minutes that a course solution gets on two cores; one for pictures gets twice as long.
COURSE_MINUTES, PICTURES = 5, 3
# CPU time is what counts for a reference; this only stops one that hangs on a busy machine.
PATIENCE = 6


class Mark(msgspec.Struct, frozen=True):
    """The result of marking; `score` is None if the marker failed, and `says` tells why.

    `error` is the standard error of `value` over hidden sets of this size, if it is known.
    """

    metric: str = ""
    value: float | None = None
    score: int | None = None
    says: str = ""
    error: float | None = None


class Marker(Protocol):
    """Marks a model file with the real grader, and predictions with the real metrics."""

    async def mark_file(self, task: Task, model: Path, hidden: Path) -> Mark:
        """Mark the file `model` against the hidden set in the folder `hidden`."""
        ...

    def mark_predictions(self, task: Task, predictions: Any, hidden: "HiddenSet") -> Mark:
        """Mark an array that has the shape of a model's output on `hidden`."""
        ...

    def score(self, value: float, scheme: MarkScheme) -> int:
        """The points that a metric's value earns."""
        ...


OnRow = Callable[[ProofRow], None]
Which = Literal["all", "cheapest", "formulas"]


async def check(
    task: Task,
    seeds: Sequence[int],
    marker: Marker,
    on_row: OnRow = lambda _row: None,
    dataset: LocalDataset | None = None,
    *,
    run: Run = run_solution,
    jobs: int = 1,
    which: Which = "all",
    kept: Kept | None = None,
    on_seed: Callable[[list[ProofRow]], None] = lambda _rows: None,
) -> list[ProofRow]:
    """Prove `task` over `seeds`; calls `on_row` with each row as soon as it is there.

    `dataset` holds the files of the data set that the task's `source` names. Runs the
    task's own code and trains its solutions, in temporary folders, `jobs` seeds at once.
    With `which="cheapest"` only one solution of each kind runs, the cheapest by the last
    proof; with "formulas" none that trains. A solution whose row is in `kept` is not run
    again. Calls `on_seed` with all rows of each seed. A folder that breaks the format gives
    a single row, and nothing runs.
    """
    found = faults(task)
    if found:
        row = _row(task, "folder", task.folder.name, ok=False, why=" ".join(found))
        on_row(row)
        return [row]
    turn = asyncio.Semaphore(jobs)
    solutions = _CHOICES[which](task)

    async def prove(seed: int) -> list[ProofRow]:
        rows = []
        async with turn:
            seed_check = _SeedCheck(task, seed, dataset, solutions, kept or Kept(task))
            async for row in _of_seed(seed_check, run, marker):
                rows.append(row)
                on_row(row)
        on_seed(rows)
        return rows

    async with asyncio.TaskGroup() as group:
        running = [group.create_task(prove(seed)) for seed in seeds]
    return [row for each in running for row in each.result()]


_Solutions = list[tuple[Kind, Path]]


class _SeedCheck(msgspec.Struct, frozen=True):
    """One task with one seed, and the solutions to run."""

    task: Task
    seed: int
    dataset: LocalDataset | None
    solutions: _Solutions
    kept: Kept


async def _of_seed(check: _SeedCheck, run: Run, marker: Marker) -> AsyncIterator[ProofRow]:
    task, seed = check.task, check.seed
    data, material = _data_made(check)
    yield data
    if material is None:
        return
    formulas = await asyncio.to_thread(_by_formula, task, seed, material, marker)
    for row in (*_size(task, seed, material), *formulas):
        yield row
    for kind, script in check.solutions:
        file = script.relative_to(task.folder).as_posix()
        found = check.kept.rows(kind, file, seed, data.digest)
        if not found:
            with tempfile.TemporaryDirectory(prefix="tfexam-proof-") as folder:
                solution = _Solution(task, seed, kind, script)
                found = await _run_and_mark(solution, material, Path(folder), run, marker)
        for row in found:
            yield row


def _data_made(check: _SeedCheck) -> "tuple[ProofRow, Material | None]":
    """The row about the seed's data, and the data if nothing is wrong with them."""
    task, seed, dataset = check.task, check.seed, check.dataset
    try:
        material = make_material(task.folder, seed, dataset)
        wrong = _data_faults(task, seed, material, dataset)
    except Exception as error:  # a task's code may raise anything
        why = error.message if isinstance(error, DataError) else f"{type(error).__name__}: {error}"
        return _row(task, "data", "data.py", seed=seed, ok=False, why=why), None
    why = " ".join(wrong) or "the same seed gives the same bytes, another seed others"
    row = _row(task, "data", "data.py", seed=seed, digest=_digest(material), ok=not wrong, why=why)
    return row, None if wrong else material


def _by_formula(task: Task, seed: int, material: "Material", marker: Marker) -> list[ProofRow]:
    """The rows of everything untrained: the author's predictors, our formulas, the line."""
    from exam_bank.proof.formulas import best, linear

    def mark(predictions: "Array") -> Mark:
        return marker.mark_predictions(task, predictions, material.hidden)

    ours = dict(best.trivial(task, material, mark))
    marks: list[tuple[Kind, str, Mark, str]] = [
        ("trivial", name, mark(predictions), "")
        for name, predictions in sorted(material.trivial.items())
        if name not in ours
    ]
    marks += [("trivial", name, found.mark, found.told) for name, found in ours.items()]
    line = best.line(task, material, mark)
    marks.append(("linear", linear.NAMES[kind_of(task)], line.mark, ""))
    return [
        row
        for kind, name, found, told in marks
        for row in _marked(_Tried(task, seed, kind, name), found, marker, told)
    ]


def _solutions(task: Task) -> _Solutions:
    return [
        ("starter", task.folder / "starter.py"),
        *(("weak", path) for path in task.weak_solutions()),
        *(("decent", path) for path in task.decent_solutions()),
        *(("course", path) for path in task.course_solutions()),
        *(("reference", path) for path in task.references()),
    ]


def _cheapest(task: Task) -> _Solutions:
    """The cheapest solution of each kind, by the proof in the task's folder."""
    proof = proof_file.read(task)
    lines = proof.lines if proof else ()
    cost = {(line.kind, line.solution): line.cpu_minutes for line in lines}
    known = {line.kind for line in lines}
    found: dict[Kind, tuple[float, Path]] = {}
    for kind, path in _solutions(task):
        if known and kind not in known:
            continue
        minutes = cost.get((kind, path.stem), 0.0)
        found[kind] = min(found.get(kind, (minutes, path)), (minutes, path))
    return [(kind, path) for kind, (_, path) in found.items()]


_CHOICES: Mapping[Which, Callable[[Task], _Solutions]] = {
    "all": _solutions,
    "cheapest": _cheapest,
    "formulas": lambda _task: [],
}


def _size(task: Task, seed: int, material: "Material") -> list[ProofRow]:
    """Whether the hidden set is large enough for full marks; no row for a mean error."""
    count = hidden_size.examples(material.hidden.targets, task.says.mark_scheme.hardest)
    if count is None:
        return []
    return [_size_on(task, seed, count, level) for level in proved_levels(task)]


def _size_on(task: Task, seed: int, count: int, level: Level | None) -> ProofRow:
    scheme = scheme_of(task, level)
    better = hidden_size.better(scheme, level)
    chance = hidden_size.chance(count, scheme, better)
    why = (
        f"a model {100 * better:.1f} % above the threshold of 5/5 reaches it in "
        f"{100 * chance:.1f} % of draws"
    )
    if scheme.coarse:
        why += "; marked coarsely"
    ok = hidden_size.is_enough(chance, scheme)
    tried = _Tried(task, seed, "size", f"{count} hidden")
    return tried.row(level=level, value=round(chance, hidden_size.DIGITS), ok=ok, why=why)


class _Solution(msgspec.Struct, frozen=True):
    """One solution with one seed's data."""

    task: Task
    seed: int
    kind: Kind
    script: Path

    @property
    def tried(self) -> "_Tried":
        """What its rows have in common."""
        return _Tried(self.task, self.seed, self.kind, self.script.stem)

    @property
    def cpu_limit(self) -> float:
        """The CPU seconds it may take; on a free machine it takes no more wall seconds."""
        if self.kind == "course":
            return 2 * 60 * COURSE_MINUTES * (2 if self.task.category == PICTURES else 1)
        return 60 * self.task.says.proof.reference_minutes

    @property
    def patience(self) -> float:
        """The wall seconds after which it is stopped."""
        return STARTER_SECONDS if self.kind == "starter" else PATIENCE * self.cpu_limit

    def may_be_marked(self, ran: Ran) -> bool:
        """Whether a model that the run left behind counts; a starter ends with an error."""
        return not ran.timed_out and (ran.status == 0 or self.kind == "starter")

    def took_too_long(self, ran: Ran) -> bool:
        """Whether its cost is limited and was exceeded."""
        return self.kind in ("course", "reference") and ran.cpu_seconds > self.cpu_limit


async def _run_and_mark(
    solution: _Solution, material: "Material", folder: Path, run: Run, marker: Marker
) -> list[ProofRow]:
    """Run one solution as `Category<N>/starter.py` and mark the model it saves."""
    task, hidden = solution.task, folder / "hidden"
    category = folder / f"Category{task.category}"
    place(material, hidden=hidden, files=category, token="proof")
    ran = await run(solution.script, category, limit=solution.patience)
    model = category / "mymodel.h5"
    if not (model.is_file() and solution.may_be_marked(ran)):
        return _without_model(solution, ran)
    mark = await marker.mark_file(task, model, hidden)
    rows = [_costed(solution, row, ran) for row in _marked(solution.tried, mark, marker)]
    return [*rows, *_error(solution, mark)]


def _error(solution: _Solution, mark: Mark) -> list[ProofRow]:
    """How sure the metric of a reference is, beside which the steps between marks stand."""
    if solution.kind != "reference" or mark.error is None:
        return []
    tried = _Tried(solution.task, solution.seed, "error", solution.script.stem)
    why = "the standard error of its metric over hidden sets of this size"
    return [tried.row(ok=True, why=why, metric=mark.metric, value=mark.error)]


def _costed(solution: _Solution, row: ProofRow, ran: Ran) -> ProofRow:
    """`row` with what the run cost, which may be too much."""
    row = msgspec.structs.replace(row, seconds=ran.seconds, cpu_seconds=ran.cpu_seconds)
    if row.ok and solution.took_too_long(ran):
        why = f"took {ran.cpu_seconds:.0f} CPU seconds of {solution.cpu_limit:.0f} allowed"
        row = msgspec.structs.replace(row, ok=False, why=why)
    return row if row.ok else msgspec.structs.replace(row, log=ran.log)


def _without_model(solution: _Solution, ran: Ran) -> list[ProofRow]:
    """The rows of a run that left no model: right only for a starter that stops at a blank."""
    ok, why = _stopped_at_a_blank(solution, ran)
    tried = solution.tried
    return [
        tried.row(
            level=level,
            bounds=tried.bounds(level),
            ok=ok,
            why=why,
            score=0 if ok else None,
            seconds=ran.seconds,
            cpu_seconds=ran.cpu_seconds,
            log="" if ok else ran.log,
        )
        for level in proved_levels(solution.task)
    ]


def _stopped_at_a_blank(solution: _Solution, ran: Ran) -> tuple[bool, str]:
    """Whether a run without a model stopped at a blank, and how it ended."""
    if ran.timed_out:
        return False, f"was stopped after {solution.patience:.0f} seconds"
    if solution.kind == "starter" and ran.last_line.startswith("NotImplementedError: TODO"):
        return ran.status != 0, f"stops at a blank: {ran.last_line}"
    if ran.status == 0:
        return False, "ended without saving mymodel.h5"
    return False, f"ended with status {ran.status}: {ran.last_line}"


class _Tried(msgspec.Struct, frozen=True):
    """One thing that was tried with one seed; it has a row for each level."""

    task: Task
    seed: int
    kind: Kind
    name: str

    def bounds(self, level: Level | None) -> Bounds:
        """The lowest and the highest score it may reach on `level`."""
        found = levels.bounds(self.task, self.kind, self.name, level)
        assert found is not None, self.kind
        return found

    def row(self, *, ok: bool, why: str, **more: Any) -> ProofRow:
        """One of its rows."""
        return _row(self.task, self.kind, self.name, seed=self.seed, ok=ok, why=why, **more)


def _marked(tried: _Tried, mark: Mark, marker: Marker, told: str = "") -> list[ProofRow]:
    """The rows of what got `mark`: its value is marked by the scheme of each level."""
    return [_marked_on(level, tried, mark, marker, told) for level in proved_levels(tried.task)]


def _marked_on(
    level: Level | None, tried: _Tried, mark: Mark, marker: Marker, told: str
) -> ProofRow:
    bounds, score = tried.bounds(level), mark.score
    if score is None:
        ok, why = False, f"the grader failed: {mark.says}"
    else:
        if level and mark.value is not None:
            score = marker.score(mark.value, scheme_of(tried.task, level))
        ok, why = bounds[0] <= score <= bounds[1], f"must score {must_score(bounds)}"
    return tried.row(
        level=level,
        bounds=bounds,
        ok=ok,
        why="; ".join(each for each in (why, told, score is not None and mark.says) if each),
        metric=mark.metric,
        value=mark.value,
        score=score,
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


def _digest(material: "Material") -> str:
    files, inputs, targets = _bytes_of(material)
    found = hashlib.sha256()
    for name, content in (*sorted(files.items()), ("inputs", inputs), ("targets", targets)):
        found.update(f"{name}:{len(content)}:".encode() + content)
    return found.hexdigest()[:16]
