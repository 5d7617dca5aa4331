"""Models that look at their neighbours, those that draw, and their honest siblings.

In this process, on the hidden sets that two tasks of the bank make.
"""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import SubmissionRejected
from engine.grading.host.environment import environment
from engine.grading.inspection.model_file import look
from engine.grading.protocol import Grade, Graded, Job, Rejected
from exam_bank.material import Array, HiddenSet
from exam_bank.task import Task
from tests.engine import neighbours

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TASKS = Path(__file__).parents[2] / "exam_bank" / "tasks"
# Real tasks have more; these last batches are short.
N = 300
DEPENDENT = "batch_dependent"

GRADE = """
import json, os, sys
if sys.argv[1] == "one":
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
from tests.engine.test_prediction import job_of
from engine.grading.child import worker
from tests.engine.whole_grade import grade
worker.import_tensorflow()
worker.import_the_other_keras()
for model, hidden in zip(sys.argv[2::2], sys.argv[3::2]):
    said = grade(job_of(model, hidden))
    print(json.dumps([said.message.text(), repr(getattr(said, "metric", None))]))
"""


def task_of(model: str | Path) -> Task:
    spring = Path(model).name.startswith("spring-")
    return Task.read(TASKS / ("breathing_spring" if spring else "town_load"))


def job_of(model: str | Path, hidden: str | Path) -> Job:
    task = task_of(model)
    return Job(
        submission="0" * 64,
        task=task.id,
        category=task.category,
        model=str(model),
        hidden=str(hidden),
        contract=task.says.contract,
        mark_scheme=task.says.mark_scheme.hardest,
        limits=task.says.limits,
    )


def hidden_of(task: Task, n: int = N) -> HiddenSet:
    spec = importlib.util.spec_from_file_location(task.id, task.folder / "data.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: HiddenSet = module.make(0).hidden
    return HiddenSet(found.inputs[:n], found.targets[:n], baseline=found.baseline)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    neighbours.make_in_subprocess(folder)
    for prefix in ("", "spring-"):
        hidden_of(task_of(f"{prefix}x")).write(folder / f"{prefix}hidden")
    return folder


def hidden_beside(model: Path) -> Path:
    return model.parent / ("spring-hidden" if model.name.startswith("spring-") else "hidden")


def graded(model: Path) -> Grade:
    from engine.grading.child import worker
    from tests.engine.whole_grade import grade

    worker.import_tensorflow()
    return grade(job_of(model, hidden_beside(model)))


def in_order(model: Path) -> float | None:
    """The metric of `model` on consecutive examples, none of them asked again."""
    from engine.grading import metrics
    from engine.grading.child import runtime

    hidden, says = HiddenSet.read(hidden_beside(model)), task_of(model).says
    parts = runtime.load(model, look(model)).predict(hidden, "float32")
    answers = np.concatenate(list(parts))
    return metrics.measure(answers, hidden, says.mark_scheme.hardest, says.contract)[0].value


def expect_refused(grade: Grade) -> None:
    assert isinstance(grade, Rejected), grade.message.text()
    assert grade.reason == DEPENDENT
    assert "axis 0" in grade.message.text()


@pytest.mark.parametrize("name", neighbours.names("sly"))
def test_a_model_that_looks_at_other_examples_is_refused(made: Path, name: str) -> None:
    expect_refused(graded(made / f"{name}.h5"))


@pytest.mark.parametrize("keras", neighbours.MODELS)
@pytest.mark.parametrize(("prefix", "points"), [("", 5), ("spring-", 2)])
def test_reading_ahead_was_worth_it(made: Path, prefix: str, points: int, keras: str) -> None:
    model = made / f"{prefix}{keras}-sly_reading_ahead.h5"
    value = in_order(model)
    assert value is not None
    assert value < task_of(model).says.mark_scheme.hardest.thresholds[points - 1]
    expect_refused(graded(model))


@pytest.mark.parametrize(
    "name",
    [*neighbours.names("honest"), *(f"spring-{keras}-honest_conv" for keras in neighbours.MODELS)],
)
def test_its_honest_sibling_is_graded_as_in_any_order(made: Path, name: str) -> None:
    model = made / f"{name}.h5"
    grade = graded(model)
    assert isinstance(grade, Graded), grade.message.text()
    assert grade.metric.value == pytest.approx(in_order(model), rel=1e-6)
    assert not grade.notes


@pytest.mark.parametrize("name", neighbours.names("chance"))
def test_what_hangs_on_chance_is_said_and_drawn_alike_each_time(made: Path, name: str) -> None:
    first, again = graded(made / f"{name}.h5"), graded(made / f"{name}.h5")
    assert isinstance(first, Graded), first.message.text()
    assert isinstance(again, Graded)
    assert first.metric == again.metric
    assert ["random" in note.text() for note in first.notes] == [True]


def test_a_model_has_forgotten_the_batches_before(made: Path) -> None:
    grade = graded(made / "tf_keras-remembering.h5")
    assert isinstance(grade, Graded), grade.message.text()
    hidden = HiddenSet.read(made / "hidden")
    # A new norm has seen nothing: its mean is 0, its variance 1.
    own = hidden.inputs[:, -neighbours.AHEAD :, 0] / np.sqrt(1.001)
    wanted = np.mean(np.abs(own - hidden.targets)) / hidden.baseline
    assert grade.metric.value == pytest.approx(wanted, rel=1e-5)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no cores can be chosen here")
def test_the_number_of_cores_changes_nothing(made: Path) -> None:
    names = ["keras3-sly_reading_ahead", "keras3-honest_lstm", "tf_keras-chance_dropout"]
    models = [part for name in names for part in (made / f"{name}.h5", made / "hidden")]
    said = [
        subprocess.run(
            [sys.executable, "-c", GRADE, cores, *map(str, models)],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
            env=environment(os.environ, "cpu"),
        ).stdout
        for cores in ("one", "all", "one")
    ]
    assert len(set(said)) == 1
    assert [json.loads(line)[1] == "None" for line in said[0].splitlines()] == [True, False, False]


class _Stub:
    """A model whose answers `call` makes of a batch."""

    input_shape: Any = (None, 4)
    output_shape: Any = (None, None)

    def __init__(self, call: Callable[[Any], Any]) -> None:
        self._call = call

    def __call__(self, inputs: Any, *, training: bool) -> Any:
        return self._call(inputs)


def prediction(call: Callable[[Any], Any], n: int = 200, seed: int | None = 1) -> Any:
    from engine.grading.child import runtime

    hidden = HiddenSet(np.arange(4 * n, dtype=np.float32).reshape(n, 4), np.zeros(n))
    return runtime.LoadedModel(_Stub(call), "keras3").prediction(hidden, "float32", seed)


def answers_of(found: Any) -> Array:
    """All answers in the order of the hidden set."""
    parts = np.concatenate(list(found.parts()))
    answers = np.empty_like(parts)
    answers[found.order] = parts
    return answers


@pytest.mark.parametrize(
    ("example", "rows", "size"),
    [
        ((1,), 8000, 64),
        ((28, 28, 1), 8000, 64),
        ((150, 150, 3), 2000, 15),
        ((2000, 2000, 3), 500, 2),
        ((28, 28, 1), 30, 30),
        ((28, 28, 1), 1, 1),
        ((28, 28, 1), 0, 1),
    ],
)
def test_large_examples_come_in_small_batches(
    example: tuple[int, ...], rows: int, size: int
) -> None:
    from engine.grading.child.prediction import batch_size

    assert batch_size(example, "float32", rows) == size


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 200])
def test_answers_come_back_in_order_from_batches_of_one_size(n: int) -> None:
    sizes = set()

    def remember(batch: Array) -> Array:
        sizes.add(len(batch))
        return batch

    import tensorflow as tf

    def call(batch: Any) -> Any:
        return tf.ensure_shape(tf.numpy_function(remember, [batch], tf.float32), (None, 4))

    found = prediction(call, n)
    assert answers_of(found).tolist() == np.arange(4 * n).reshape(n, 4).tolist()
    assert sizes == {min(n, 64)}


def test_the_order_follows_from_the_seed() -> None:
    orders = [prediction(lambda batch: batch, seed=seed).order.tolist() for seed in (1, 1, 2, None)]
    assert orders[0] == orders[1] != orders[2]
    assert orders[3] == list(range(200)) != orders[0]


def test_a_width_that_hangs_on_the_batch_is_the_models_fault() -> None:
    import tensorflow as tf

    def as_wide_as_the_largest(batch: Any) -> Any:
        return tf.zeros((tf.shape(batch)[0], tf.cast(tf.reduce_max(batch), tf.int32)))

    with pytest.raises(SubmissionRejected) as caught:
        list(prediction(as_wide_as_the_largest).parts())
    assert caught.value.reason == DEPENDENT


def test_a_width_that_hangs_on_the_size_of_the_batch_is_the_models_fault() -> None:
    import tensorflow as tf

    def each_with_each(batch: Any) -> Any:
        return tf.matmul(batch, batch, transpose_b=True)

    found = prediction(each_with_each)
    answers = np.concatenate(list(found.parts()))
    with pytest.raises(SubmissionRejected) as caught:
        found.check(answers)
    assert caught.value.reason == DEPENDENT


def test_what_is_no_number_is_the_models_fault() -> None:
    import tensorflow as tf

    with pytest.raises(SubmissionRejected) as caught:
        list(prediction(tf.strings.as_string).parts())
    assert caught.value.reason == "cannot_predict"


def test_looking_at_neighbours_in_batches_of_the_main_size_alone_is_seen() -> None:
    import tensorflow as tf

    def call(batch: Any) -> Any:
        return tf.roll(batch, tf.where(tf.shape(batch)[0] == 64, 1, 0), axis=0)

    found = prediction(call)
    with pytest.raises(SubmissionRejected) as caught:
        found.check(answers_of(found))
    assert caught.value.reason == DEPENDENT


def test_an_answer_that_hangs_on_the_size_of_the_batch_alone_is_seen() -> None:
    import tensorflow as tf

    def call(batch: Any) -> Any:
        return batch * tf.cast(tf.shape(batch)[0], tf.float32)

    found = prediction(call)
    with pytest.raises(SubmissionRejected) as caught:
        found.check(answers_of(found))
    assert caught.value.reason == DEPENDENT


def test_a_place_in_the_batch_is_seen() -> None:
    import tensorflow as tf

    def call(batch: Any) -> Any:
        return batch + 1_000 * tf.cast(tf.range(tf.shape(batch)[0])[:, None] % 2, tf.float32)

    found = prediction(call)
    with pytest.raises(SubmissionRejected) as caught:
        found.check(answers_of(found))
    assert caught.value.reason == DEPENDENT


def test_chance_that_cannot_be_set_back_is_no_way_around() -> None:
    import tensorflow as tf

    def call(batch: Any) -> Any:
        return batch * tf.random.uniform(tf.shape(batch), seed=3)

    found = prediction(call)
    with pytest.raises(SubmissionRejected) as caught:
        found.check(answers_of(found))
    assert caught.value.reason == DEPENDENT


def test_answers_that_are_not_finite_are_left_to_the_mark() -> None:
    found = prediction(lambda batch: batch / 0)
    assert found.check(answers_of(found)) is False


def test_a_model_that_cannot_be_traced_is_asked_the_same_way() -> None:
    import tensorflow as tf

    counted = tf.Variable(0.0)

    def call(batch: Any) -> Any:
        counted.assign_add(1.0)
        return tf.constant(batch.numpy()) * counted  # a tensor of a graph has no numpy()

    def model(sees: Callable[[Any], Any]) -> Any:
        stub = _Stub(sees)
        stub.variables = [counted]  # type: ignore[attr-defined]
        return stub

    from engine.grading.child import runtime

    hidden = HiddenSet(np.arange(800, dtype=np.float32).reshape(200, 4), np.zeros(200))
    found = runtime.LoadedModel(model(call), "keras3").prediction(hidden, "float32", 1)
    answers = answers_of(found)
    assert answers.tolist() == hidden.inputs.tolist()
    assert found.check(answers) is False
