"""Graphs that people build and both Keras load: inspection must not take them for too large.

What Keras wrote for each of them, with shapes of windows of a series.
"""

import json
from typing import Any

import pytest

from engine.errors import SubmissionRejected
from engine.grading.inspection.model_check import read_model
from engine.grading.inspection.plain_config import Origin
from engine.grading.inspection.size.layer_shapes import layer_shape
from engine.grading.inspection.size.model_graph import trace
from engine.grading.inspection.size.model_size import ModelSize, Room
from engine.grading.inspection.size.op_shapes import op_shapes
from engine.grading.inspection.size.operands import Operands
from exam_bank.task import Limits
from tests.hostile.models import Config, layer

STEPS, COLUMNS = 48, 5
ARRAY = {"class_name": "__numpy__", "config": {"value": [[1.0] * 7] * COLUMNS, "dtype": "float32"}}


Node = tuple[str, Config, list[Any]]


def tensor(name: str) -> Config:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}}


def in_keras3(*nodes: Node) -> Config:
    """A graph of class names, configurations and arguments; None is the node before."""
    shape = [None, STEPS, COLUMNS]
    layers = [layer("InputLayer", batch_shape=shape, name="n0") | {"name": "n0"}]
    layers[0]["inbound_nodes"] = []
    for number, (kind, config, arguments) in enumerate(nodes, 1):
        before = tensor(f"n{number - 1}")
        args = [before if each is None else each for each in arguments or [None]]
        layers.append(
            {
                "class_name": kind,
                "name": f"n{number}",
                "config": {"name": f"n{number}", **config},
                "inbound_nodes": [{"args": args, "kwargs": {}}],
            }
        )
    return graph(layers)


def in_keras2(*nodes: tuple[str, str, Any]) -> Config:
    """A graph of class names, functions and inbound nodes."""
    shape = [None, STEPS, COLUMNS]
    first = layer("InputLayer", batch_input_shape=shape, name="n0") | {"name": "n0"}
    first["inbound_nodes"] = []
    layers = [first]
    for number, (kind, function, node) in enumerate(nodes, 1):
        config = {"name": f"n{number}", "function": function}
        config |= {} if kind.endswith("OpLambda") else node.pop()
        inbound = {"class_name": kind, "name": f"n{number}", "inbound_nodes": [node]}
        layers.append(inbound | {"config": config})
    return graph(layers)


def graph(layers: list[Config]) -> Config:
    ends = {"input_layers": [["n0", 0, 0]], "output_layers": [[layers[-1]["name"], 0, 0]]}
    return {"class_name": "Functional", "config": {"name": "model", "layers": layers, **ends}}


def refusal(config: Config, weights: int = 10_000) -> str:
    try:
        read_model(json.dumps(config), weights, Limits(), None, Origin("keras3"))
    except SubmissionRejected as refused:
        return f"{refused.reason}: {refused.says.text()}"
    return ""


def sizes(config: Config) -> Any:
    size = ModelSize(Room(6_000), 192)
    return trace(config, [(192, STEPS, COLUMNS)], size).outputs


def exactly(config: Config) -> Any:
    return trace(config).outputs


def test_an_operation_named_like_a_layer_has_the_size_of_the_operation() -> None:
    flat: Node = ("Reshape", {"newshape": [-1, STEPS * COLUMNS]}, [])
    pad: Node = ("Pad", {"pad_width": [[0, 0], [2, 2]], "mode": "constant"}, [])
    dot: Node = ("Dot", {}, [None, ARRAY])

    assert sizes(in_keras3(flat, pad)) == [(192, STEPS * COLUMNS + 4)]
    assert sizes(in_keras3(("Average", {"axis": 1}, []))) == [(192, COLUMNS)]
    assert sizes(in_keras3(("Mean", {"axis": 1}, []), dot)) == [(192, 7)]


def test_a_weighted_mean_is_not_taken_for_the_layer_average() -> None:
    assert exactly(in_keras3(("Average", {"axis": 1}, []))) == [None]
    both = [[tensor("n0"), tensor("n0")]]
    assert exactly(in_keras3(("Average", {}, both))) == [(None, STEPS, COLUMNS)]


@pytest.mark.parametrize("kind", ["__numpy__", "__tensor__"])
def test_an_array_in_a_graph_counts_with_its_shape(kind: str) -> None:
    array = ARRAY | {"class_name": kind}

    assert sizes(in_keras3(("Matmul", {}, [None, array]))) == [(192, STEPS, 7)]
    equation = ("Einsum", {"subscripts": "bij,jk->bik"}, [None, array])
    assert sizes(in_keras3(equation)) == [(192, STEPS, 7)]
    first = ("Einsum", {"subscripts": "jk,bij->bik"}, [array, None])
    assert sizes(in_keras3(first)) == [(192, STEPS, 7)]


def test_a_trend_times_an_array_is_as_wide_as_the_array() -> None:
    hours = {"class_name": "__numpy__", "config": {"value": [1.0] * 24, "dtype": "float32"}}
    slope: Node = ("Mean", {"axis": [1, 2], "keepdims": False}, [])
    column: Node = ("ExpandDims", {"axis": -1}, [])
    dense: Node = ("Dense", {"trainable": True, "units": 1, "activation": "linear"}, [])
    trend = in_keras3(("Flatten", {"trainable": True}, []), dense, ("Multiply", {}, [None, hours]))

    assert sizes(in_keras3(slope, column, ("Multiply", {}, [None, hours]))) == [(192, 24)]
    assert exactly(trend) == [(None, 24)]


def test_an_array_of_keras2_counts_in_arithmetic_too() -> None:
    hours = {"y": [1.0] * 24, "name": None}
    flat = ("Flatten", "", [["n0", 0, 0, {}], {"trainable": True}])
    one = ("Dense", "", [["n1", 0, 0, {}], {"units": 1, "activation": "linear"}])

    assert exactly(
        in_keras2(flat, one, ("TFOpLambda", "math.multiply", [["n2", 0, 0, hours]]))
    ) == [(None, 24)]


def test_a_single_number_is_a_shape() -> None:
    shape = ("TFOpLambda", "compat.v1.shape", [["n0", 0, 0, {"out_type": "int32"}]])
    steps = ("SlicingOpLambda", "__operators__.getitem", [["n1", 0, 0, {"slice_spec": 1}]])
    number = ("TFOpLambda", "cast", [["n2", 0, 0, {"dtype": "float32"}]])
    share = ("TFOpLambda", "math.truediv", [["n0", 0, 0, {"y": ["n3", 0, 0]}]])

    assert refusal(in_keras2(shape, steps, number, share)) == ""


SHAPE = ("TFOpLambda", "compat.v1.shape", [["n0", 0, 0, {"out_type": "int32"}]])
LENGTH = ("SlicingOpLambda", "__operators__.getitem", [["n1", 0, 0, {"slice_spec": 1}]])
LAST = ("SlicingOpLambda", "__operators__.getitem", [["n0", 0, 0, {"slice_spec": [
    {"start": None, "stop": None, "step": None}, {"start": -1, "stop": None, "step": None}
]}]])  # fmt: skip


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("tile", {"multiples": [1, ["n2", 0, 0], 1]}),
        ("repeat", {"repeats": ["n2", 0, 0], "axis": 1}),
        ("broadcast_to", {"shape": ["n1", 0, 0]}),
    ],
)
def test_the_length_of_the_input_is_a_number(function: str, arguments: Config) -> None:
    last = ("TFOpLambda", function, [["n3", 0, 0, arguments]])

    assert sizes(in_keras2(SHAPE, LENGTH, LAST, last)) == [(192, STEPS, COLUMNS)]


def test_the_shape_of_another_tensor_stays_unknown() -> None:
    shape = ("TFOpLambda", "compat.v1.shape", [["n1", 0, 0, {"out_type": "int32"}]])
    length = ("SlicingOpLambda", "__operators__.getitem", [["n2", 0, 0, {"slice_spec": 1}]])
    last = ("TFOpLambda", "tile", [["n0", 0, 0, {"multiples": [1, ["n3", 0, 0], 1]}]])

    assert refusal(in_keras2(LAST, shape, length, last)).startswith("size_unknown")


def test_a_reshape_by_the_batchs_own_size_is_worked_out() -> None:
    batch = ("SlicingOpLambda", "__operators__.getitem", [["n1", 0, 0, {"slice_spec": 0}]])
    days = ("TFOpLambda", "reshape", [["n0", 0, 0, {"shape": [["n2", 0, 0], 2, 24, 5]}]])
    other = ("TFOpLambda", "math.negative", [["n2", 0, 0, {}]])
    pairs = ("TFOpLambda", "reshape", [["n0", 0, 0, {"shape": [["n3", 0, 0], 120, 2]}]])

    assert sizes(in_keras2(SHAPE, batch, days)) == [(192, 2, 24, 5)]
    assert sizes(in_keras2(SHAPE, batch, other, pairs)) == [(192, 120, 2)]


def test_what_keras2_leaves_out_of_the_file_is_named() -> None:
    constant = ["_CONSTANT_VALUE", -1, "bij,bkj->bik", {}]
    says = refusal(in_keras2(("TFOpLambda", "einsum", [constant])))

    assert "does not save what follows the equation" in says


def test_the_parts_of_a_split_have_their_own_sizes() -> None:
    takes = Operands([(192, 48, 5)], {"num_or_size_splits": [2, 3], "axis": -1})
    begins = Operands([(192, 48, 5)], {"indices_or_sections": [1, 3], "axis": 2})
    open_end = Operands([(192, 48, 5)], {"num_or_size_splits": [2, -1], "axis": -1})

    assert op_shapes("split", takes) == [(192, 48, 2), (192, 48, 3)]
    assert op_shapes("Split", begins) == [(192, 48, 1), (192, 48, 2), (192, 48, 2)]
    assert op_shapes("split", open_end) == [(192, 48, 2), (192, 48, 5)]


@pytest.mark.parametrize("kind", ["MultiHeadAttention", "Attention"])
def test_attention_gives_as_many_steps_as_ask(kind: str) -> None:
    asks, asked = (None, 1, 8), (None, 168, 4)

    assert layer_shape(kind, {}, [None, asked]) is None
    found = layer_shape(kind, {}, [asks, asked])
    assert found == ((None, 1, 8) if kind == "MultiHeadAttention" else (None, 1, 4))


def test_directions_that_are_added_are_as_wide_as_one() -> None:
    lstm = layer("LSTM", units=4, return_sequences=True)
    config = {"trainable": True, "layer": lstm}

    def width(mode: str) -> int:
        both: Node = ("Bidirectional", config | {"merge_mode": mode}, [])
        return int(sizes(in_keras3(both))[0][-1])

    assert [width(mode) for mode in ("concat", "sum", "mul", "ave")] == [8, 4, 4, 4]


@pytest.mark.parametrize("parts", [0, -1, -9])
def test_a_split_into_no_parts_is_refused(parts: int) -> None:
    config = {"indices_or_sections": parts, "axis": 2}

    assert refusal(in_keras3(("Split", config, []))).startswith("size_unknown")


def test_a_list_of_no_parts_is_refused() -> None:
    none = {"num_or_size_splits": [], "axis": -1}

    config = in_keras2(("TFOpLambda", "split", [["n0", 0, 0, none]]))
    assert refusal(config).startswith("size_unknown")
