"""Same-work flags: copies of every kind are found, independent trainings are not."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.classroom.comparison.flags import ClassFlag, read_flags, write_flags
from engine.classroom.comparison.same_work import same_work
from engine.classroom.people import FoundFile
from engine.classroom.rows import Row
from engine.errors import SubmissionRejected
from engine.grading.weights.likeness import alike
from engine.grading.weights.reader import Tensor, read_tensors
from engine.grading.weights.sketch import Sketch, sketch
from engine.grading.weights.wire import AlikePair
from exam_bank.catalog import BUILT_IN
from exam_bank.safe_files import sha256_of
from exam_bank.task import Task
from tests.engine.same_work_models import KINDS, copies_of, trained

TASK = Task.read(BUILT_IN / "flats")
INDEPENDENT = 12


# -- of numbers -------------------------------------------------------------------------


def tensors(seed: int, *shapes: tuple[int, ...], scale: float = 1.0) -> list[Tensor]:
    rng = np.random.default_rng(seed)
    return [Tensor(each, (scale * rng.normal(size=each)).astype("f").ravel()) for each in shapes]


def nudged(were: Sequence[Tensor], by: float, seed: int = 0) -> list[Tensor]:
    rng = np.random.default_rng(seed)
    return [
        Tensor(each.shape, (each.values + by * rng.normal(size=each.values.shape)).astype("f"))
        for each in were
    ]


def pairs(models: Sequence[Sequence[Tensor]]) -> list[AlikePair]:
    sketches: dict[int, Sketch] = {n: sketch(each) for n, each in enumerate(models)}
    return list(alike(sketches, lambda one, other: one != other))


def kinds(models: Sequence[Sequence[Tensor]]) -> set[tuple[int, int, str]]:
    return {(each.one, each.other, each.likeness) for each in pairs(models)}


WIDE = ((10, 30), (30,), (30, 5), (5,))


def test_independent_numbers_are_not_alike() -> None:
    assert not pairs([tensors(seed, *WIDE) for seed in range(60)])


def test_equal_near_and_permuted_weights_are_told_apart() -> None:
    models = [tensors(seed, *WIDE) for seed in range(20)]
    first = models[0]
    order = np.random.default_rng(1).permutation(30)
    kernel = first[0].values.reshape(10, 30)[:, order].ravel()
    after = first[2].values.reshape(30, 5)[order].ravel()
    permuted = [
        Tensor((10, 30), kernel),
        Tensor((30,), first[1].values[order]),
        Tensor((30, 5), after),
        first[3],
    ]
    found = kinds([*models, first, nudged(models[1], 0.02), permuted])
    assert found == {
        (0, 20, "equal_weights"),
        (1, 21, "near_weights"),
        (0, 22, "permuted_weights"),
        (20, 22, "permuted_weights"),
    }


def test_the_figure_says_how_near_and_what_is_usual() -> None:
    models = [tensors(seed, *WIDE) for seed in range(20)]
    (found,) = pairs([*models, nudged(models[0], 0.02)])
    assert found.distance == pytest.approx(0.02, rel=0.3)
    assert found.usual == pytest.approx(2**0.5, rel=0.05)
    assert found.models == 21
    assert found.expected is not None
    assert found.expected < 1e-6


def test_trainings_that_all_end_in_one_place_are_not_alike() -> None:
    """A convex task: everybody's weights differ by a hundredth only."""
    best = tensors(1, *WIDE)
    assert not pairs([nudged(best, 0.01, seed) for seed in range(1, 41)])


def test_a_base_that_somebody_else_trained_tells_nothing() -> None:
    base = tensors(1, (50, 50))
    heads = [[*base, *tensors(seed, *WIDE)] for seed in range(2, 22)]
    assert not pairs(heads)
    copied = [*base, *nudged(heads[0][1:], 0.02)]
    assert kinds([*heads, copied]) == {(0, 20, "near_weights")}


def test_weights_too_few_to_tell_are_only_compared_for_equality() -> None:
    models = [tensors(seed, (1, 1), (1,)) for seed in range(30)]
    assert not pairs([*models, nudged(models[0], 1e-4)])
    assert kinds([*models, models[3]]) == {(3, 30, "equal_weights")}


def test_two_models_alone_are_alike_only_if_very_near() -> None:
    one = tensors(1, (40, 40))
    assert kinds([one, nudged(one, 0.05)]) == {(0, 1, "near_weights")}
    assert not pairs([one, nudged(one, 0.5)])
    assert not pairs([one, tensors(2, (40, 40))])


def test_numbers_that_are_not_finite_disturb_nobody() -> None:
    bad = [
        Tensor(each.shape, np.full(each.values.shape, np.nan, "f")) for each in tensors(1, *WIDE)
    ]
    models = [tensors(seed, *WIDE) for seed in range(10)]
    assert not pairs([*models, bad])
    huge = tensors(5, *WIDE, scale=1e30)
    assert not pairs([*models, huge])


def test_another_architecture_is_not_compared() -> None:
    assert not pairs([tensors(1, (40, 40)), tensors(1, (20, 80))])


# -- of files ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Independent models, and copies of the first of each kind."""
    pytest.importorskip("keras")
    folder = tmp_path_factory.mktemp("models")
    for seed in range(INDEPENDENT):
        trained("dense", seed, folder / f"{seed}.h5", epochs=1)
    copies_of(folder / "0.h5", "dense")
    return folder


def handed_in(paths: Sequence[Path]) -> tuple[list[FoundFile], list[Row]]:
    """Each of `paths` from somebody else."""
    found = [
        FoundFile(person=f"p{n}", task="flats", category=1, file=path.name, path=path)
        for n, path in enumerate(paths)
    ]
    rows = [
        Row(
            person=each.person,
            task="flats",
            category=1,
            file=each.file,
            sha256=sha256_of(each.path),
            verdict="graded",
            score=5,
        )
        for each in found
    ]
    return found, rows


def flags_of(paths: Sequence[Path]) -> list[ClassFlag]:
    found, rows = handed_in(paths)
    return asyncio.run(same_work(found, rows, {"flats": TASK}))


@pytest.mark.slow
def test_every_kind_of_copy_is_found_and_nobody_else(models: Path) -> None:
    own = [models / f"{seed}.h5" for seed in range(INDEPENDENT)]
    assert flags_of(own) == []
    copies = sorted(models.glob("0-*"))
    assert len(copies) == len(KINDS)
    flags = flags_of([*own, *copies])
    involved = {person for flag in flags for person in flag.people}
    assert involved == {"p0", *(f"p{INDEPENDENT + n}" for n in range(len(KINDS)))}
    assert {flag.kind for flag in flags} == {"equal_weights", "near_weights", "permuted_weights"}
    for flag in flags:
        assert "{" not in flag.says.text()


@pytest.mark.slow
def test_an_archive_gives_the_same_numbers_as_an_h5_file(models: Path) -> None:
    one, other = read_tensors(models / "0.h5", 200), read_tensors(models / "0-1.keras", 200)
    assert [each.shape for each in one] == [each.shape for each in other]
    assert all((a.values == b.values).all() for a, b in zip(one, other, strict=True))


def rubbish(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_equal_files_are_flagged_though_nobody_can_read_them(tmp_path: Path) -> None:
    one = rubbish(tmp_path / "a.h5", b"no model")
    other = rubbish(tmp_path / "b.h5", b"no model")
    third = rubbish(tmp_path / "c.h5", b"another")
    (flag,) = flags_of([one, other, third])
    assert (flag.kind, flag.people) == ("equal_files", ("p0", "p1"))
    assert flag.says.text() == "2 people handed in the same file, byte by byte."


def test_ones_own_attempts_are_no_flag(tmp_path: Path) -> None:
    paths = [rubbish(tmp_path / f"{n}.h5", b"no model") for n in range(2)]
    found, rows = handed_in(paths)
    mine = [
        FoundFile(person="p0", task="flats", category=1, file=e.file, path=e.path) for e in found
    ]
    own = [Row(**{**{f: getattr(r, f) for f in r.__struct_fields__}, "person": "p0"}) for r in rows]
    assert asyncio.run(same_work(mine, own, {"flats": TASK})) == []


def test_a_file_that_grading_would_refuse_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionRejected):
        read_tensors(rubbish(tmp_path / "a.h5", b"no model"), 200)
    with pytest.raises(SubmissionRejected):
        read_tensors(rubbish(tmp_path / "b.h5", b"x" * 2_000_000), 1)


def test_the_flags_are_kept(tmp_path: Path) -> None:
    one = rubbish(tmp_path / "a.h5", b"no model")
    shutil.copy(one, tmp_path / "b.h5")
    flags = flags_of([one, tmp_path / "b.h5"])
    write_flags(tmp_path, flags)
    assert read_flags(tmp_path) == tuple(flags)
    assert read_flags(tmp_path / "none") == ()
