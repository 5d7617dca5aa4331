"""`PROOF.md`: the measurements of a task, kept in its folder and never edited by hand.

It contains a digest of the code that was run, so an outdated proof is noticed without
training anything. The mark scheme is not part of the digest, because scores follow from the
values in the file: after a change of thresholds a proof is only marked again; only new code
needs new training.
"""

from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Literal

import msgspec

from exam_bank.errors import BankError
from exam_bank.proof import hidden_size
from exam_bank.proof.code_state import code_digest, files_of
from exam_bank.proof.confidence import FRESH, share_text
from exam_bank.proof.derived import with_derived
from exam_bank.proof.levels import bounds, proved_levels, scheme_of
from exam_bank.proof.rows import DERIVED, Kind, Line, ProofRow, lines, place, within
from exam_bank.proof.table import IN_FULL, Cells, cells, line_of, markdown, read_markdown
from exam_bank.task import LEVELS, Level, MarkScheme, Task

NAME = "PROOF.md"
State = Literal["proved", "unproved", "changed", "fails"]
Score = Callable[[float, MarkScheme], int]

_MADE_WITH = ("tfexam", "tensorflow", "keras", "numpy", "pillow")
_SEEDS, _MARKS, _VERSIONS, _CODE, _DATA = "seeds", "marks", "made with", "code", "data"
_FILES, _FRESH = "files", "fresh seeds"
_ON_FRESH: tuple[Kind, ...] = ("reference", "best", "course", "decent")
# Everything else has no score.
_BY_LEVEL: tuple[Kind, ...] = (
    *("size", "starter", "trivial", "linear", "weak", "decent", "course", "reference"),
)
_WIDTHS = (len(IN_FULL) - 1, len(IN_FULL))
_TEXT = """# The proof of `{task}`

Made by {commands}; `tfexam bank check --summary`
marks it anew after a change of the mark scheme. Never edited by hand. CPU minutes are the
dearest seed's, the import of TensorFlow among them. The line `size` tells how often a model
1 % better than the threshold of 5/5 reaches it on a hidden set of that size.{levels}

{facts}

{table}
"""


_LEVELS = """
On classic it is better by half a step, if that is more. A line `best` has the best course
solution of each seed. A line `step` tells how much better the reference is than the decent
solution, seed by seed, and which share of the error at 3/5 may be left at 5/5."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """One `PROOF.md`; `code` is the digest of what was run, `data` has one for each seed's data.

    `files` has a digest for each file. A proof without it dates from before lines, course
    solutions and fresh seeds, and has the digest of the first seed only.
    """

    task: str
    seeds: tuple[int, ...]
    marks: str
    versions: str
    code: str
    data: str
    lines: tuple[Line, ...]
    files: dict[str, str] = {}

    @property
    def older(self) -> bool:
        """Whether it dates from before lines and course solutions were tried."""
        return not self.files

    @property
    def by_level(self) -> bool:
        """Whether its lines tell levels apart."""
        return any(line.level for line in self.lines)

    @property
    def digests(self) -> dict[int, str]:
        """The digest of each seed's data, as far as the proof has it."""
        return dict(zip(self.seeds, self.data.split(), strict=False))

    @property
    def ok(self) -> bool:
        """Whether every line is as it must be."""
        return self.holds(None)

    def holds(self, level: Level | None) -> bool:
        """Whether every line that counts on `level` is as it must be; None means all lines."""
        return all(line.ok for line in self.lines if level is None or line.level in (None, level))

    def of_kind(self, kind: str, level: Level | None = None) -> list[Line]:
        """The lines of one kind; only those of `level` if that is given."""
        return [
            line
            for line in self.lines
            if line.kind == kind and (level is None or line.level in (None, level))
        ]

    def text(self) -> str:
        """The text of the file."""
        facts = {
            _SEEDS: " ".join(map(str, self.seeds)),
            _MARKS: self.marks,
            _VERSIONS: self.versions,
            _CODE: self.code,
            _DATA: self.data,
        }
        if self.files:
            facts[_FILES] = ", ".join(f"{name} {digest}" for name, digest in self.files.items())
        if fresh := self.on_fresh_seeds():
            facts[_FRESH] = fresh
        return _TEXT.format(
            task=self.task,
            commands=self._commands(),
            levels=_LEVELS if self.by_level else "",
            facts=markdown(("of", "what"), facts.items()),
            table=self._table(),
        )

    def _table(self) -> str:
        """The lines; those of a task without levels have no such column."""
        skip = 0 if self.by_level else 1
        return markdown(IN_FULL[skip:], (cells(line)[skip:] for line in self.lines))

    def _commands(self) -> str:
        """The commands that reproduce all its seeds."""
        runs: list[list[int]] = []
        for seed in self.seeds:
            if runs and seed == runs[-1][-1] + 1:
                runs[-1].append(seed)
            else:
                runs.append([seed])
        return " and ".join(
            f"`tfexam bank check {self.task} {_first(run)}--seeds {len(run)} --write`"
            for run in runs
        )

    def on_fresh_seeds(self) -> str:
        """How many fresh seeds stayed within bounds, by level and kind; empty if none was tried."""
        levels: Sequence[Level | None] = LEVELS if self.by_level else (None,)
        return "; ".join(
            f"{level}: {shares}" if level else shares
            for level in levels
            if (shares := self._shares(level))
        )

    def _shares(self, level: Level | None) -> str:
        shares = ((kind, self.fresh_share(kind, level)) for kind in _ON_FRESH)
        return ", ".join(f"{kind} {share_text(*share)}" for kind, share in shares if share[1])

    def fresh_share(self, kind: Kind, level: Level | None = None) -> tuple[int, int]:
        """How many scores of this kind on fresh seeds were right on `level`, and of how many."""
        right = [
            within(score, line.bounds)
            for line in self.of_kind(kind, level)
            for seed, score in zip(self.seeds, line.scores, strict=False)
            if seed >= FRESH
        ]
        return sum(right), len(right)


def _first(run: Sequence[int]) -> str:
    return f"--first {run[0]} " if run[0] else ""


def proof_of(task: Task, rows: Sequence[ProofRow]) -> Proof:
    """The proof made of `rows`, which are all those of `task`."""
    seeds = sorted({row.seed for row in rows if row.seed is not None})
    digests = {row.seed: row.digest for row in rows if row.kind == "data"}
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in _MADE_WITH)
    return Proof(
        task=task.id,
        seeds=tuple(seeds),
        marks=marks(task),
        versions=versions,
        code=code_digest(task),
        data=" ".join(digests.get(seed, "") for seed in seeds),
        lines=with_derived(task, lines(rows)),
        files=files_of(task),
    )


def write(task: Task, proof: Proof) -> None:
    """Write `PROOF.md` into the task's folder; raises `BankError` if that fails."""
    path = task.folder / NAME
    try:
        path.write_text(proof.text(), encoding="utf-8")
    except OSError as error:
        raise BankError(f"{path} cannot be written: {error.strerror}.") from error


def read(task: Task) -> Proof | None:
    """The proof in the task's folder; None if there is none.

    Raises `BankError` for a file that this module did not write.
    """
    path = task.folder / NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BankError(f"{path} cannot be read: {error}.") from error
    try:
        return _parse(task, text)
    except (ValueError, KeyError) as error:
        raise BankError(
            f"{path} is not what tfexam writes ({error}).",
            fix=f"Make it anew: tfexam bank check {task.id} --write",
        ) from error


def _parse(task: Task, text: str) -> Proof:
    tables = read_markdown(text)
    facts = {line[0]: line[1] for line in tables if len(line) == 2}
    body = [_in_full(line) for line in tables if len(line) in _WIDTHS][2:]
    return Proof(
        task=task.id,
        seeds=tuple(map(int, facts[_SEEDS].split())),
        marks=facts[_MARKS],
        versions=facts[_VERSIONS],
        code=facts[_CODE],
        data=facts[_DATA],
        lines=tuple(map(line_of, body)),
        files=dict(_pair(each) for each in facts.get(_FILES, "").split(", ") if each),
    )


def _in_full(found: Cells) -> Cells:
    """The cells with the level, which a task without levels leaves out."""
    return found if len(found) == len(IN_FULL) else ("", *found)


def _pair(text: str) -> tuple[str, str]:
    name, _, digest = text.rpartition(" ")
    return name, digest


def state(task: Task, level: Level | None = None) -> State:
    """Whether the `PROOF.md` of `task` still holds, without running anything.

    With a `level` only the lines that count there are looked at.
    "changed": the code or the mark scheme is no longer the one that was proved. A file that
    this module did not write proves nothing.
    """
    try:
        proof = read(task)
    except BankError:
        proof = None
    if proof is None:
        return "unproved"
    if proof.code != code_digest(task) or proof.marks != marks(task):
        return "changed"
    if not proof.older and proof.files != files_of(task):
        return "changed"
    return "proved" if proof.holds(level) else "fails"


def marked_anew(task: Task, proof: Proof, score: Score) -> Proof:
    """`proof` under the current mark schemes and declared bounds of `task`.

    A proof made before the task had levels, or had others, has the values for all of them.
    """
    tried = {(line.kind, line.solution): line for line in proof.lines if line.kind not in DERIVED}
    anew = [
        _line_anew(task, line, level, score)
        for line in tried.values()
        for level in (proved_levels(task) if line.kind in _BY_LEVEL else (None,))
    ]
    found = with_derived(task, sorted(anew, key=place))
    return msgspec.structs.replace(proof, marks=marks(task), lines=found)


def _line_anew(task: Task, line: Line, level: Level | None, score: Score) -> Line:
    scheme = scheme_of(task, level)
    if line.kind == "size":
        better = hidden_size.better(scheme, level)
        chance = hidden_size.chance(int(line.solution.split()[0]), scheme, better)
        values = (round(chance, hidden_size.DIGITS),) * len(line.values)
        ok = hidden_size.is_enough(chance, scheme)
        return msgspec.structs.replace(line, values=values, ok=ok, level=level)
    found = line.marked(
        bounds(task, line.kind, line.solution, level), lambda value: score(value, scheme)
    )
    return msgspec.structs.replace(found, level=level)


def marks(task: Task) -> str:
    """The mark schemes of a task in one line."""
    return "; ".join(
        f"{level}: {_marks(scheme_of(task, level))}" if level else _marks(scheme_of(task, level))
        for level in proved_levels(task)
    )


def _marks(scheme: MarkScheme) -> str:
    sign = "≥" if scheme.direction == "higher" else "≤"
    steps = ", ".join(f"{value:g}" for value in scheme.thresholds)
    return f"{scheme.metric} {sign} {steps} for 1 to 5{' (coarse)' if scheme.coarse else ''}"
