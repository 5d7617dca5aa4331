"""Odd forms of harmless things: inspection puts the plain one in their place."""

import contextlib
import json
from typing import Any

import pytest

from engine.errors import SubmissionRejected
from engine.grading.inspection.model_check import read_model
from engine.grading.inspection.plain_config import Origin
from engine.grading.inspection.size.model_graph import Traced
from engine.grading.protocol import Runtime
from exam_bank.task import Limits
from tests.engine.test_honest_graphs import in_keras2, in_keras3, tensor
from tests.hostile.config_mutations import every_variant
from tests.hostile.models import Config, dense, functional, input_layer, layer, sequential

ZEROS = {"module": "tensorflow.python.ops.init_ops_v2", "class_name": "Zeros", "config": {}}


def read(config: Config, saved_by: Runtime = "keras3", backend: str = "tensorflow") -> Traced:
    return read_model(json.dumps(config), 10_000, Limits(), None, Origin(saved_by, backend))


def plain(config: Config, saved_by: Runtime = "keras3", backend: str = "tensorflow") -> Any:
    """The layers of `config` as they are loaded."""
    found = read(config, saved_by, backend).plain
    assert found is not None
    return json.loads(found)["config"]["layers"]


def refused(config: Config, backend: str = "tensorflow") -> str:
    with pytest.raises(SubmissionRejected) as caught:
        read(config, backend=backend)
    return caught.value.reason


def function(name: str, **other: Any) -> Config:
    """What Keras 3 writes of a function that is not its own."""
    found = {"module": "builtins", "class_name": "function", "config": name}
    return {**found, "registered_name": "function", **other}


def test_a_plain_model_is_loaded_as_it_is() -> None:
    assert read(sequential(input_layer(4), dense(2, "relu"))).plain is None


@pytest.mark.parametrize("key", ["batch_shape", "batch_input_shape"])
def test_a_batch_size_is_left_free(key: str) -> None:
    model = sequential(layer("InputLayer", **{key: [32, 4]}), dense(1))
    model["config"]["build_input_shape"] = [32, 4]
    model["build_config"] = {"input_shape": [32, 4]}

    found = read(model)

    assert found.inputs == [(None, 4)]
    assert found.outputs == [(None, 1)]
    written = json.loads(found.plain or "")
    assert written["config"]["layers"][0]["config"][key] == [None, 4]
    assert written["config"]["build_input_shape"] == [None, 4]
    assert written["build_config"] == {"input_shape": [None, 4]}


def test_a_batch_size_in_a_stateful_model_does_not_hide_that_it_is_one() -> None:
    stateful = layer("LSTM", units=4, activation="tanh", stateful=True)
    first = layer("InputLayer", batch_input_shape=[32, 5, 1])

    assert read(sequential(first, stateful, dense(1)), "tf_keras").stateful


def test_a_stateful_model_of_single_examples_starts_each_anew() -> None:
    stateful = layer("LSTM", units=4, activation="tanh", stateful=True)
    first = layer("InputLayer", batch_input_shape=[1, 5, 1])

    found = read(sequential(first, stateful, dense(1)), "tf_keras")

    assert found.starts_anew
    assert not found.stateful
    assert '"stateful": false' in (found.plain or "")


def test_log_softmax_of_tensorflow_in_keras_2_has_its_name() -> None:
    layers = plain(sequential(input_layer(4), dense(1, "log_softmax_v2")), "tf_keras")
    assert layers[1]["config"]["activation"] == "log_softmax"
    assert refused(sequential(input_layer(4), dense(1, "log_softmax_v3"))) == "unknown_activation"


def test_random_features_start_from_zeros() -> None:
    features = layer("RandomFourierFeatures", output_dim=1, kernel_initializer="gaussian")
    layers = plain(sequential(input_layer(4), features, dense(1)), "tf_keras")
    assert layers[1]["config"]["kernel_initializer"] == {"class_name": "Zeros", "config": {}}
    odd = layer("RandomFourierFeatures", output_dim=1, kernel_initializer="mine")
    assert refused(sequential(input_layer(4), odd, dense(1))) == "unknown_initializer"


@pytest.mark.parametrize(
    ("name", "own"),
    [("relu", "relu"), ("softmax_v2", "softmax"), ("swish", "silu"), ("gelu", "gelu")],
)
def test_a_function_of_tensorflow_is_the_activation_of_its_name(name: str, own: str) -> None:
    layers = plain(sequential(input_layer(4), dense(1, function(name))))
    assert layers[1]["config"]["activation"] == own


@pytest.mark.parametrize(
    "other",
    [
        function("eval"),
        function("system"),
        function("relu", module="os"),
        function("relu", registered_name="mine>relu"),
        function("relu", class_name="class"),
        function(""),
    ],
)
def test_any_other_function_is_refused(other: Config) -> None:
    model = sequential(input_layer(4), dense(1, other))
    assert refused(model) in ("function_reference", "custom_object")


def test_a_function_elsewhere_than_in_an_activation_is_refused() -> None:
    model = sequential(input_layer(4), dense(1, kernel_initializer=function("relu")))
    assert refused(model) == "function_reference"


def test_a_function_of_another_backend_counts_where_both_compute_the_same() -> None:
    assert plain(sequential(input_layer(4), dense(1, function("relu"))), backend="torch")
    for name in ("gelu", "leaky_relu"):
        model = sequential(input_layer(4), dense(1, function(name)))
        assert refused(model, backend="torch") == "function_reference"


@pytest.mark.parametrize("module", ["init_ops", "init_ops_v2"])
def test_an_initialiser_of_tensorflow_gives_way_to_zeros(module: str) -> None:
    own = ZEROS | {"module": f"tensorflow.python.ops.{module}", "class_name": "RandomNormal"}
    for registered in (None, "RandomNormal"):
        initializer = own | {"registered_name": registered}
        layers = plain(sequential(input_layer(4), dense(1, kernel_initializer=initializer)))
        assert layers[1]["config"]["kernel_initializer"] == "zeros"


@pytest.mark.parametrize(
    "other",
    [
        ZEROS | {"module": "tensorflow.python.ops.script_ops"},
        ZEROS | {"module": "tensorflow.python.ops.init_ops_v2.os"},
        ZEROS | {"class_name": "PyFunc"},
        ZEROS | {"registered_name": "mine>Zeros"},
        ZEROS | {"class_name": ["Zeros"]},
    ],
)
def test_an_initialiser_from_anywhere_else_is_refused(other: Config) -> None:
    model = sequential(input_layer(4), dense(1, bias_initializer=other))
    assert refused(model) in ("custom_object", "function_reference")


def test_the_loss_scale_of_a_policy_is_left_out() -> None:
    scale = {"class_name": "FixedLossScale", "config": {"loss_scale_value": 1024.0}}
    policy = {"class_name": "PolicyV1", "config": {"name": "mixed_float16", "loss_scale": scale}}

    layers = plain(sequential(input_layer(4), dense(1, dtype=policy)), "tf_keras")

    own = {"class_name": "Policy", "config": {"name": "mixed_float16"}}
    assert layers[1]["config"]["dtype"] == own


def test_an_embedding_of_keras_2_0_holds_floats() -> None:
    embedding = layer("Embedding", input_dim=10, output_dim=2, dtype="int32")
    layers = plain(sequential(input_layer(4), embedding, layer("Flatten"), dense(1)), "tf_keras")
    assert "dtype" not in layers[1]["config"]


@pytest.mark.parametrize(("written", "own"), [("CuDNNLSTM", "LSTM"), ("CuDNNGRU", "GRU")])
def test_a_layer_of_cudnn_is_the_one_that_processors_run(written: str, own: str) -> None:
    layers = plain(sequential(input_layer(5, 1), layer(written, units=4), dense(1)), "tf_keras")
    assert layers[1]["class_name"] == own
    assert layers[1]["config"].get("reset_after", own == "LSTM")


def test_a_subclass_of_a_graph_is_that_graph() -> None:
    model = functional([input_layer(4), dense(1)], ["dense"])
    model |= {"class_name": "MyModel", "module": "__main__", "registered_name": "Custom>MyModel"}
    model["compile_config"] = {"loss": "mine"}

    found = json.loads(read(model).plain or "")

    assert found.keys() == {"class_name", "config"}
    assert found["class_name"] == "Functional"


def test_a_subclass_of_a_chain_is_that_chain() -> None:
    model = sequential(input_layer(4), dense(1)) | {"class_name": "MyModel"}
    assert json.loads(read(model).plain or "")["class_name"] == "Sequential"


def test_a_subclass_with_a_configuration_of_its_own_is_refused() -> None:
    model = functional([input_layer(4), dense(1)], ["dense"]) | {"class_name": "MyModel"}
    model["config"]["temperature"] = 2
    assert refused(model) == "custom_object"


def test_a_subclass_may_hold_only_what_a_model_may() -> None:
    model = sequential(input_layer(4), layer("Lambda", function="x")) | {"class_name": "MyModel"}
    assert refused(model) == "lambda_layer"


@pytest.mark.parametrize("axis", [None, [], [1, 2]])
def test_axes_that_keras_would_drop_are_kept(axis: Any) -> None:
    layers = plain(sequential(input_layer(4, 2), layer("Normalization", axis=axis), dense(1)))
    assert layers[1]["config"]["axes"] == axis


def test_one_axis_needs_no_help() -> None:
    model = sequential(input_layer(4, 2), layer("Normalization", axis=[-1]), dense(1))
    assert read(model).plain is None


def test_an_ellipsis_becomes_whole_slices() -> None:
    before = {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, 48, 5], "dtype": "float32", "keras_history": ["n0", 0, 0]},
    }
    whole = {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": None}}
    dots: Config = {"class_name": "__ellipsis__", "config": {}}

    for key, spelled_out in (
        ([dots, -1], [whole, whole, -1]),
        ([0, dots], [0, whole, whole]),
        (dots, [whole, whole, whole]),
        ([dots, None, -1], [whole, whole, None, -1]),
    ):
        found = plain(in_keras3(("GetItem", {}, [before, key])))
        assert found[1]["inbound_nodes"][0]["args"][1] == spelled_out


def test_an_ellipsis_on_something_without_a_shape_is_answered_all_the_same() -> None:
    dots: Config = {"class_name": "__ellipsis__", "config": {}}
    assert read(in_keras3(("GetItem", {}, [None, [dots, -1]]))).plain is None


def operation(op: str, constants: Config, before: list[str], **attributes: Any) -> Config:
    """An operation of a graph as TensorFlow 1.15 to 2.3 wrote it, on the outputs of `before`."""
    node = {"name": op, "op": op, "input": [], "attr": {"T": {"type": "DT_FLOAT"}, **attributes}}
    return {
        "class_name": "TensorFlowOpLayer",
        "name": f"tf_op_layer_{op}",
        "config": {"name": op, "node_def": node, "constants": constants},
        "inbound_nodes": [[[name, 0, 0, {}] for name in before]],
    }


def with_operation(layer: Config) -> Config:
    return functional([input_layer(4), dense(2), layer], [layer["name"]])


@pytest.mark.parametrize(
    ("written", "function", "node"),
    [
        (
            operation("AddV2", {"1": 2.0}, ["dense"]),
            "math.add",
            ["dense", 0, 0, {"y": 2.0}],
        ),
        (
            operation("Sub", {"0": 1.0}, ["dense"]),
            "math.subtract",
            ["_CONSTANT_VALUE", -1, 1.0, {"y": ["dense", 0, 0]}],
        ),
        (
            operation("Mul", {}, ["dense", "input_1"]),
            "math.multiply",
            ["dense", 0, 0, {"y": ["input_1", 0, 0]}],
        ),
        (
            operation("Mean", {"1": [1]}, ["dense"], keep_dims={"b": True}),
            "math.reduce_mean",
            ["dense", 0, 0, {"axis": [1], "keepdims": True}],
        ),
        (
            operation("Cast", {}, ["dense"], DstT={"type": "DT_HALF"}),
            "cast",
            ["dense", 0, 0, {"dtype": "float16"}],
        ),
        (
            operation("Split", {"0": 1}, ["dense"], num_split={"i": "2"}),
            "split",
            ["dense", 0, 0, {"axis": 1, "num_or_size_splits": 2}],
        ),
        (
            operation("Shape", {}, ["dense"], out_type={"type": "DT_INT64"}),
            "shape",
            ["dense", 0, 0, {"out_type": "int64"}],
        ),
    ],
)
def test_an_operation_of_an_early_graph_is_a_call(
    written: Config, function: str, node: list[Any]
) -> None:
    last = plain(with_operation(written), "tf_keras")[-1]
    assert last["class_name"] == "TFOpLambda"
    assert last["config"]["function"] == function
    assert last["inbound_nodes"] == [node]


@pytest.mark.parametrize(
    "other",
    [
        operation("PyFunc", {}, ["dense"]),
        operation("ReadFile", {"0": "/etc/passwd"}, []),
        operation("AddV2", {"1": 1.0, "2": 1.0}, ["dense"]),
        operation("AddV2", {}, ["dense"]),
        operation("Cast", {}, ["dense"], DstT={"type": "DT_RESOURCE"}),
    ],
)
def test_any_other_operation_of_an_early_graph_is_refused(other: Config) -> None:
    assert refused(with_operation(other)) == "foreign_layer"


def test_a_quantized_layer_is_called_so() -> None:
    policy = {"module": "keras", "class_name": "QuantizedDTypePolicy", "config": {"mode": "int8"}}
    assert refused(sequential(input_layer(4), dense(1, dtype=policy))) == "quantized"


def test_a_comparison_whose_other_side_the_file_leaves_out_is_refused() -> None:
    graph = in_keras2(("TFOpLambda", "__operators__.ne", ["n0", 0, 0, {}]))
    assert refused(graph) == "size_unknown"


@pytest.mark.parametrize("function", ["__operators__.ne", "compat.v1.norm", "math.is_finite"])
def test_functions_are_known_by_the_names_that_keras_2_writes(function: str) -> None:
    graph = in_keras2(("TFOpLambda", function, ["n0", 0, 0, {"other": 0.0}]))
    assert read(graph, "tf_keras").outputs


@pytest.mark.parametrize("name", ["Isnan", "Tril", "Nanmean", "Cbrt", "RightShift"])
def test_operations_of_keras_3_that_only_compute(name: str) -> None:
    assert read(in_keras3((name, {}, []))).outputs


def called(graph: Config, named: Config) -> Config:
    """`graph` with `named` as the arguments by name of its last call."""
    graph["config"]["layers"][-1]["inbound_nodes"][0]["kwargs"] = named
    return graph


@pytest.mark.parametrize(
    ("name", "arguments", "named", "settings"),
    [
        ("OnesLike", [None], {"dtype": None}, {}),
        ("ZerosLike", [None], {"dtype": "int32"}, {"dtype": "int32"}),
        ("Isclose", [None, 0.5, 1e-05, 1e-08, True], {}, {"equal_nan": True}),
    ],
)
def test_what_was_an_argument_of_the_call_is_a_setting(
    name: str, arguments: list[Any], named: Config, settings: Config
) -> None:
    last = plain(called(in_keras3((name, {}, arguments)), named))[-1]
    assert last["config"].items() >= settings.items()
    assert last["inbound_nodes"][0]["kwargs"] == {}
    assert len(last["inbound_nodes"][0]["args"]) <= 4


def test_an_operation_keeps_its_name_that_stands_beside_its_settings() -> None:
    graph = in_keras3(("Square", {}, []))
    graph["config"]["layers"][-1]["config"] = {}
    last = plain(graph)[-1]
    assert last["config"]["name"] == last["name"]


@pytest.mark.parametrize(
    ("kind", "written", "read_as"),
    [
        ("RandomRotation", {"factor": 0.1, "value_range": [0, 255]}, {"factor": 0.1}),
        ("RandomShear", {"x_factor": [-0.5, 0.5]}, {"x_factor": 0.5}),
        ("RandomShear", {"x_factor": [0.0, 0.5], "y_factor": [-0.0, 0.0]}, {"y_factor": 0.0}),
    ],
)
def test_what_a_layer_of_pictures_does_not_take_is_left_out(
    kind: str, written: Config, read_as: Config
) -> None:
    found = plain(sequential(input_layer(8, 8, 3), layer(kind, **written)))[-1]["config"]
    assert {key: found[key] for key in read_as} == read_as
    assert "value_range" not in found


@pytest.mark.parametrize("place", ["keras.src", "tf_keras.src", "keras"])
def test_layer_scale_is_one_of_keras_layers(place: str) -> None:
    scale = layer("LayerScale", init_values=0.5, projection_dim=4)
    scale |= {"module": f"{place}.applications.convnext", "registered_name": "LayerScale"}
    assert read(sequential(input_layer(4), scale)).outputs


@pytest.mark.parametrize("name", ["ConvNeXtTiny", "PreStem", "LayerScale2"])
def test_nothing_else_of_an_application_is_one(name: str) -> None:
    other = layer(name) | {"module": "keras.src.applications.convnext", "registered_name": name}
    assert refused(sequential(input_layer(4), other)) == "custom_object"


def odd_forms() -> list[Config]:
    """Configurations to which each rule applies."""
    dots: Config = {"class_name": "__ellipsis__", "config": {}}
    before = tensor("n0") | {"config": {"shape": [None, 48, 5], "keras_history": ["n0", 0, 0]}}
    policy = {"class_name": "PolicyV1", "config": {"name": "float32", "loss_scale": "dynamic"}}
    chain = sequential(
        layer("InputLayer", batch_shape=[32, 4]),
        layer("Normalization", axis=None),
        layer("Embedding", input_dim=10, output_dim=2, dtype="int32"),
        layer("CuDNNGRU", units=2),
        dense(1, function("relu"), bias_initializer=ZEROS, dtype=policy),
    )
    chain["build_config"] = {"input_shape": [32, 4]}
    return [
        chain | {"class_name": "MyModel"},
        in_keras3(("GetItem", {}, [before, [dots, -1]])),
        called(in_keras3(("OnesLike", {}, [])), {"dtype": None}),
        with_operation(operation("StridedSlice", {"1": [0], "2": [1], "3": [1]}, ["dense"])),
    ]


@pytest.mark.parametrize("config", odd_forms(), ids=["chain", "slice", "setting", "operation"])
@pytest.mark.parametrize("saved_by", ["keras3", "tf_keras"])
def test_each_value_at_each_place_of_an_odd_form_is_answered(
    config: Config, saved_by: Runtime
) -> None:
    assert read(config, saved_by).outputs or saved_by == "keras3"
    for text, _, _ in every_variant([config]):
        with contextlib.suppress(SubmissionRejected):
            read_model(text, 10_000, Limits(), None, Origin(saved_by))


def _constant(value: Any) -> Config:
    return {"class_name": "Constant", "config": {"value": value}}


def _array(dtype: Any) -> Config:
    return {"class_name": "__numpy__", "config": {"value": [1.0], "dtype": dtype}}


@pytest.mark.parametrize("value", [[1.0], _array("float32"), _array("int64")])
def test_an_array_gives_way_to_zeros(value: Any) -> None:
    layers = plain(sequential(input_layer(4), dense(1, bias_initializer=_constant(value))))
    assert layers[1]["config"]["bias_initializer"] == "zeros"


@pytest.mark.parametrize("dtype", ["(1000000,)f8", "object", "O", "f4,f4", ["f4"], None])
def test_an_array_of_anything_but_numbers_is_refused(dtype: Any) -> None:
    initializer = _constant(_array(dtype))
    assert refused(sequential(input_layer(4), dense(1, bias_initializer=initializer))) == "odd_type"


@pytest.mark.parametrize("module", [None, "mine"])
def test_a_chain_of_ones_own_from_keras_2_is_one_of_keras(module: str | None) -> None:
    model = sequential(input_layer(4), dense(1)) | {"class_name": "Mine"}
    model |= {"module": module, "registered_name": "Mine"} if module else {}

    written = json.loads(read(model, "tf_keras").plain or "")

    assert written["class_name"] == "Sequential"
    assert written.get("module") == ("keras" if module else None)
    assert "registered_name" not in written


def test_a_class_of_ones_own_is_named_once() -> None:
    mine = {
        "module": "mine",
        "class_name": "My",
        "registered_name": "mine>My",
        "config": {"name": "my"},
    }
    with pytest.raises(SubmissionRejected) as caught:
        read(sequential(input_layer(4), mine, dense(1)))
    assert caught.value.says.text().startswith(
        "The layer 'my' is of the class My, which is not one of Keras' own:"
    )
    with pytest.raises(SubmissionRejected) as caught:
        read(sequential(input_layer(4), mine | {"class_name": "mine>My"}, dense(1)))
    assert caught.value.says.text().startswith("The layer 'my' is of the class My,")


def test_a_part_of_a_layer_that_is_ones_own_is_named_with_the_layer() -> None:
    mine = {"module": "mine", "class_name": "Init", "registered_name": "mine>Init", "config": {}}
    with pytest.raises(SubmissionRejected) as caught:
        read(sequential(input_layer(4), layer("Dense", units=1, kernel_initializer=mine)))
    assert "is of the class Init, which" in caught.value.says.text()
