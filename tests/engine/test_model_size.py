"""What inspection works out of a model's size: nothing honest is refused, nothing escapes."""

import json
from math import prod
from typing import Any

import pytest

from engine.errors import SubmissionRejected
from engine.grading.inspection import allow_list
from engine.grading.inspection.model_check import read_model
from engine.grading.inspection.plain_config import Origin
from engine.grading.inspection.size.layer_cost import layer_cost
from engine.grading.inspection.size.layer_sizes import layer_sizes
from engine.grading.inspection.size.model_graph import trace
from engine.grading.inspection.size.model_size import FREE_AXIS, ModelSize, Room, examples_at_once
from engine.grading.inspection.size.op_shapes import RULES, op_shapes, plain_name
from engine.grading.inspection.size.operands import Operands
from exam_bank.task import Contract, Limits, OutputSpec, TensorSpec
from tests.hostile.config_mutations import KINDS, one_of
from tests.hostile.models import Config, dense, functional, input_layer, layer, sequential

WEIGHTS = 10_000_000


def sized(config: Config, *shape: int, loops: bool = True) -> ModelSize:
    """The cost of `config` on inputs of `shape`, the batch first."""
    size = ModelSize(Room(6_000), shape[0], loops)
    trace(config, [shape], size)
    return size


def reason(config: Config, limits: Limits | None = None, contract: Contract | None = None) -> str:
    try:
        read_model(json.dumps(config), WEIGHTS, limits or Limits(), contract, Origin("keras3"))
    except SubmissionRejected as refused:
        return refused.reason
    return "accepted"


def test_every_operation_on_the_allow_list_has_a_size() -> None:
    assert {plain_name(name) for name in allow_list.OPS | allow_list.TF_OPS} <= set(RULES)


@pytest.mark.parametrize("kind", KINDS)
def test_every_allowed_layer_and_operation_has_a_size(kind: str) -> None:
    assert reason(one_of(kind)) == "accepted"


@pytest.mark.parametrize(
    ("name", "values", "shapes", "gives"),
    [
        ("tile", {"multiples": [1, 3]}, [(5, 4)], (5, 12)),
        ("Tile", {"repeats": [2]}, [(5, 4)], (5, 8)),
        ("repeat", {"repeats": 3, "axis": 1}, [(5, 4)], (5, 12)),
        ("Repeat", {"repeats": [1, 2]}, [(1, 2)], (3,)),
        ("compat.v1.pad", {"paddings": [[0, 0], [1, 2]]}, [(5, 4)], (5, 7)),
        ("Pad", {"pad_width": [[1, 1]]}, [(5, 4)], (7, 6)),
        ("one_hot", {"depth": 7}, [(5, 4)], (5, 4, 7)),
        ("reshape", {"shape": [-1, 2, 2]}, [(5, 4)], (5, 2, 2)),
        ("broadcast_to", {"shape": [3, 5, 4]}, [(1, 4)], (3, 5, 4)),
        ("math.reduce_mean", {"axis": -1, "keepdims": True}, [(5, 4)], (5, 1)),
        ("Mean", {"axis": [1, 2]}, [(5, 4, 3, 2)], (5, 2)),
        ("einsum", {"equation": "bi,bj->bij"}, [(5, 4), (5, 3)], (5, 4, 3)),
        ("Einsum", {"subscripts": "...i,...i->..."}, [(5, 2, 4), (5, 2, 4)], (5, 2)),
        ("linalg.matmul", {"transpose_b": True}, [(5, 4, 2), (5, 3, 2)], (5, 4, 3)),
        ("Outer", {}, [(5, 4), (5, 3)], (20, 15)),
        ("tensordot", {"axes": [[1], [1]]}, [(5, 4), (3, 4)], (5, 3)),
        ("concat", {"axis": 1}, [(5, 4), (5, 3)], (5, 7)),
        ("stack", {"axis": 1}, [(5, 4), (5, 4)], (5, 2, 4)),
        ("split", {"num_or_size_splits": 2, "axis": 1}, [(5, 4)], (5, 2)),
        ("compat.v1.gather", {"indices": [0, 1, 1], "axis": 1}, [(5, 4, 2)], (5, 3, 2)),
        ("compat.v1.squeeze", {"axis": -1}, [(5, 4, 1)], (5, 4)),
        ("compat.v1.transpose", {"perm": [0, 2, 1]}, [(5, 4, 3)], (5, 3, 4)),
        ("Moveaxis", {"source": 1, "destination": 2}, [(5, 1, 4)], (5, 4, 1)),
        ("Moveaxis", {"source": [0, 1], "destination": [-1, 0]}, [(5, 1, 4)], (1, 4, 5)),
        (
            "strided_slice",
            {"begin": [0, 1], "end": [0, 3], "begin_mask": 1, "end_mask": 1},
            [(5, 4)],
            (5, 2),
        ),
        ("math.subtract", {"y": [[1.0], [2.0]]}, [(5, 1, 4)], (5, 2, 4)),
        ("image.resize", {"size": [3, 2]}, [(5, 8, 8, 1)], (5, 3, 2, 1)),
        ("where", {}, [(5, 4)], (20, 2)),
    ],
)
def test_an_operation_gives_the_shape_that_tensorflow_gives(
    name: str, values: Config, shapes: list[tuple[int, ...]], gives: tuple[int, ...]
) -> None:
    assert op_shapes(name, Operands(shapes, values))[0] == gives


@pytest.mark.parametrize(
    ("spec", "gives"),
    [
        ([{"start": None, "stop": None, "step": None}, {"start": 1, "stop": 3, "step": None}], 2),
        ([{"class_name": "__ellipsis__"}, {"start": -1, "stop": None, "step": None}], 1),
        ([{"class_name": "__slice__", "config": {"start": None, "stop": 9, "step": 2}}], 4),
    ],
)
def test_a_slice_has_the_shape_that_python_gives(spec: list[Any], gives: int) -> None:
    assert op_shapes("GetItem", Operands([(8, 4)], {}, [spec]))[0][-1] == gives


@pytest.mark.parametrize(
    ("kind", "config", "takes", "gives"),
    [
        ("EinsumDense", {"equation": "abc,cd->abd", "output_shape": [None, 3]}, (5, 4, 2), 60),
        ("EinsumDense", {"equation": "...a,ab->...b", "output_shape": 3}, (5, 4, 2), 60),
        ("CategoryEncoding", {"num_tokens": 9, "output_mode": "multi_hot"}, (5, 4), 45),
        ("CategoryEncoding", {"num_tokens": 9, "output_mode": "one_hot"}, (5, 1), 45),
        ("Discretization", {"bin_boundaries": [0.0, 1.0], "output_mode": "one_hot"}, (5, 1), 15),
        ("Discretization", {"bin_boundaries": [0.0, 1.0]}, (5, 4), 20),
        ("RandomHeight", {"factor": 0.2}, (5, 8, 8, 1), 320),
        ("LSTM", {"units": 3, "return_state": True}, (5, 8, 2), 15),
    ],
)
def test_a_layer_without_an_exact_rule_has_a_bound(
    kind: str, config: Config, takes: tuple[int, ...], gives: int
) -> None:
    found = layer_sizes(kind, config, [takes])

    assert found is not None
    assert prod(found[0]) == gives


def test_multiplications_are_counted_as_people_count_them() -> None:
    convolution = {"kernel_size": [3, 3], "padding": "same"}

    assert layer_cost("Dense", {}, (1, 784), (1, 128)).work == 784 * 128
    assert layer_cost("Conv2D", convolution, (1, 8, 8, 4), (1, 8, 8, 16)).work == 64 * 9 * 4 * 16
    assert layer_cost("LSTM", {"units": 3}, (1, 10, 2), (1, 3)).work == 10 * 4 * 3 * 5
    depthwise = layer_cost("DepthwiseConv2D", convolution, (1, 8, 8, 4), (1, 8, 8, 4))
    assert depthwise.work == 64 * 9 * 4


def test_a_dilated_convolution_needs_room_and_a_plain_one_none() -> None:
    plain = {"kernel_size": [3], "padding": "same", "dilation_rate": [1]}
    takes, gives = (1, 100, 2), (1, 100, 4)

    assert layer_cost("Conv1D", plain, takes, gives).room == 0
    assert layer_cost("Conv1D", plain | {"dilation_rate": [50]}, takes, gives).room >= 400


def test_a_layer_in_time_distributed_is_built_for_each_step_by_keras3_alone() -> None:
    config = sequential(input_layer(100, 4), layer("TimeDistributed", layer=dense(4)))

    loops, whole = sized(config, 1, 100, 4), sized(config, 1, 100, 4, loops=False)

    assert loops.operations > 100 * whole.operations / 5
    assert loops.work == whole.work


def test_a_shared_layer_costs_each_time() -> None:
    first = layer("InputLayer", batch_input_shape=[None, 4], name="in")
    again = dense(4, name="again")
    again["inbound_nodes"] = [[["in", 0, 0, {}]], [["again", 0, 0, {}]]]
    graph = functional([first, again], ["again"])

    assert sized(graph, 1, 4).work == 2 * (16 + 10 * 8)


def test_a_model_that_fits_one_task_may_be_too_large_for_another() -> None:
    wide = sequential(input_layer(28, 28), layer("Flatten"), layer("RepeatVector", n=2_000))

    assert reason(wide, Limits(memory_mb=6_000)) == "accepted"
    assert reason(wide, Limits(memory_mb=600)) == "too_large_inside"


def test_a_free_axis_is_as_long_as_the_task_says() -> None:
    steps = sequential(input_layer(None, 1), layer("LSTM", units=1, unroll=True), dense(1))
    long = TensorSpec(shape=(900, 1))
    contract = Contract(input=long, output=OutputSpec(shape=(1,), activation="linear"))

    assert reason(steps) == "accepted"
    assert reason(steps, contract=contract) == "too_many_layers"
    assert FREE_AXIS < 900


def test_a_model_without_an_input_takes_what_the_task_gives() -> None:
    unbuilt = sequential(layer("RepeatVector", n=90_000_000))
    given = TensorSpec(shape=(4,))
    contract = Contract(input=given, output=OutputSpec(shape=(1,), activation="linear"))

    assert reason(unbuilt, contract=contract) == "too_large_inside"


def test_fewer_of_large_examples_are_predicted_at_once() -> None:
    assert examples_at_once((28, 28)) == 192
    assert examples_at_once((224, 224, 3)) == 20
    assert examples_at_once((3_000, 3_000, 3)) == 6


def test_a_graph_written_in_any_order_has_the_same_size() -> None:
    first = layer("InputLayer", batch_input_shape=[None, 4], name="in")
    layers = [first, *(dense(4, name=f"d{n}") for n in range(9))]
    graph = functional(layers, ["d8"])
    forwards = sized(graph, 1, 4)
    graph["config"]["layers"].reverse()

    backwards = sized(graph, 1, 4)

    assert (forwards.work, forwards.operations) == (backwards.work, backwards.operations)
    assert forwards.operations >= 9
