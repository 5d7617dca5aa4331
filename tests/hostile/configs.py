"""Makes model configurations that name code, files and foreign classes."""

import base64
import marshal
from pathlib import Path
from typing import Any

from tests.hostile.models import (
    Config,
    dense,
    dense_weights,
    functional,
    input_layer,
    layer,
    sequential,
    write_model,
)
from tests.hostile.registry import canary, hostile, port

NAME = "mymodel.h5"


def _model(folder: Path, *layers: Config, version: str = "2.15.0") -> Path:
    return write_model(folder / NAME, sequential(input_layer(1), *layers), version=version)


def _graph(folder: Path, *layers: Config) -> Path:
    first = layer("InputLayer", batch_input_shape=[None, 1], name="in")
    last = layers[-1]["config"]["name"]
    return write_model(folder / NAME, functional([first, *layers], [last]))


def _code(folder: Path, act: str = "open({canary}, 'w').close()") -> str:
    """Bytecode that touches the canary by `act` and hands its input on."""
    source = f"lambda x: ({act.format(canary=repr(str(canary(folder))))}, x)[1]"
    return base64.b64encode(marshal.dumps(eval(source).__code__)).decode()


def _lambda2(folder: Path, code: str = "", **config: Any) -> Config:
    return layer(
        "Lambda",
        function=[code or _code(folder), None, None],
        function_type="lambda",
        module="__main__",
        output_shape=None,
        output_shape_type="raw",
        output_shape_module=None,
        arguments={},
        **config,
    )


def _lambda3(folder: Path) -> Config:
    code = {"code": _code(folder), "defaults": None, "closure": None}
    return layer("Lambda", function={"class_name": "__lambda__", "config": code}, arguments={})


def _named_lambda(function: str, module: str, **arguments: Any) -> Config:
    return layer(
        "Lambda",
        function=function,
        function_type="function",
        module=module,
        output_shape=None,
        arguments=arguments,
    )


@hostile("lambda_layer", runs_code=True)
def lambda_with_bytecode(folder: Path) -> Path:
    return _model(folder, _lambda2(folder), dense(1))


@hostile("lambda_layer", runs_code=True)
def lambda_nested(folder: Path) -> Path:
    inner = sequential(layer("InputLayer", batch_input_shape=[None, 1]), _lambda2(folder))
    return _model(folder, inner, dense(1))


@hostile("lambda_layer", runs_code=True)
def lambda_in_time_distributed(folder: Path) -> Path:
    wrapped = layer("TimeDistributed", layer=_lambda2(folder))
    first = layer("InputLayer", batch_input_shape=[None, 4, 1], name="input_1")
    return write_model(folder / NAME, sequential(first, wrapped, dense(1)))


@hostile("lambda_layer", runs_code=True)
def lambda_in_a_graph(folder: Path) -> Path:
    return _graph(folder, _lambda2(folder, name="code"), dense(1))


@hostile("lambda_layer", runs_code=True)
def lambda_as_output_shape(folder: Path) -> Path:
    item = _lambda2(folder)
    item["config"] |= {"output_shape": [_code(folder), None, None], "output_shape_type": "lambda"}
    return _model(folder, item, dense(1))


@hostile("lambda_layer", runs_code=True)
def lambda_starts_a_process(folder: Path) -> Path:
    code = _code(folder, "__import__('subprocess').run(['touch', {canary}])")
    return _model(folder, _lambda2(folder, code), dense(1))


@hostile("lambda_layer", runs_code=True)
def lambda_starts_a_shell(folder: Path) -> Path:
    code = _code(folder, "__import__('os').system('touch ' + {canary})")
    return _model(folder, _lambda2(folder, code), dense(1))


@hostile("lambda_layer", runs_code=True)
def lambda_makes_a_link(folder: Path) -> Path:
    code = _code(folder, "__import__('os').symlink('/etc', {canary})")
    return _model(folder, _lambda2(folder, code), dense(1))


@hostile("lambda_layer", runs_code=True)
def lambda_that_claims_keras3(folder: Path) -> Path:
    return _model(folder, _lambda2(folder), dense(1), version="3.3.3")


@hostile("lambda_layer", runs_code=True)
def lambda_calling_out(folder: Path) -> Path:
    call = f"__import__('socket').socket().connect_ex(('127.0.0.1', {port(folder)}))"
    code = _code(folder, f"({call}, open({{canary}}, 'w').close())")
    return _model(folder, _lambda2(folder, code), dense(1))


@hostile("lambda_layer")
def lambda_of_keras3(folder: Path) -> Path:
    return _model(folder, _lambda3(folder), dense(1), version="3.3.3")


@hostile("lambda_layer")
def lambda_as_activation(folder: Path) -> Path:
    code = {"code": _code(folder), "defaults": None, "closure": None}
    return _model(folder, dense(1, {"class_name": "__lambda__", "config": code}), version="3.3.3")


@hostile("lambda_layer")
def lambda_naming_os_system(folder: Path) -> Path:
    call = _named_lambda("system", "os", command=f"touch {canary(folder)}")
    return _model(folder, call, dense(1))


@hostile("lambda_layer")
def lambda_naming_a_download(folder: Path) -> Path:
    call = _named_lambda("get_file", "keras.utils", origin="http://127.0.0.1:9/x")
    return _model(folder, call, dense(1), version="3.3.3")


@hostile("lambda_layer")
def lambda_naming_global_settings(folder: Path) -> Path:
    function = {"module": "keras.config", "class_name": "function", "config": "set_floatx"}
    return _model(folder, layer("Lambda", function=function, arguments={}), version="3.3.3")


def _operation(folder: Path, function: str, *arguments: Any, **named: Any) -> Path:
    op = layer("TFOpLambda", function=function, name="op")
    node = ["_CONSTANT_VALUE", -1, arguments[0], named] if arguments else ["in", 0, 0, named]
    op["inbound_nodes"] = [node]
    return _graph(folder, op, dense(1))


@hostile("operation", runs_code=True)
def operation_writes_a_file(folder: Path) -> Path:
    return _operation(folder, "io.write_file", str(canary(folder)), contents="x")


@hostile("operation", runs_code=True)
def operation_copies_a_file(folder: Path) -> Path:
    target = str(canary(folder))
    return _operation(folder, "io.gfile.copy", "/etc/hostname", dst=target, overwrite=True)


@hostile("operation", runs_code=True)
def operation_makes_a_folder(folder: Path) -> Path:
    return _operation(folder, "io.gfile.makedirs", str(canary(folder)))


@hostile("operation")
def operation_reads_a_file(folder: Path) -> Path:
    return _operation(folder, "io.read_file", "/etc/hostname")


@hostile("operation")
def operation_runs_python(folder: Path) -> Path:
    return _operation(folder, "py_function")


@hostile("operation")
def operation_runs_numpy(folder: Path) -> Path:
    return _operation(folder, "numpy_function")


@hostile("operation")
def operation_by_raw_name(folder: Path) -> Path:
    return _operation(folder, "raw_ops.WriteFile", str(canary(folder)), contents="x")


@hostile("operation")
def operation_loads_a_library(folder: Path) -> Path:
    return _operation(folder, "load_op_library", str(folder / "evil.so"))


@hostile("operation")
def operation_without_a_name(folder: Path) -> Path:
    op = layer("TFOpLambda", name="op")
    return _graph(folder, op, dense(1))


@hostile("operation", runs_code=True)
def slicing_operation_writes_a_file(folder: Path) -> Path:
    op = layer("SlicingOpLambda", function="io.write_file", name="op")
    op["inbound_nodes"] = [["_CONSTANT_VALUE", -1, str(canary(folder)), {"contents": "x"}]]
    return _graph(folder, op, dense(1))


@hostile("operation")
def keras3_operation_with_a_callback(folder: Path) -> Path:
    op = layer("Map", name="map") | {"module": "keras.src.ops.core", "registered_name": "Map"}
    return _model(folder, op, dense(1), version="3.3.3")


@hostile("foreign_layer")
def graph_operation_as_protobuf(folder: Path) -> Path:
    op = layer("TensorFlowOpLayer", node_def='{"op": "WriteFile"}', constants={}, name="op")
    return _graph(folder, op, dense(1))


def _object(module: str, name: str, config: Any = None, registered: str | None = None) -> Config:
    return {
        "module": module,
        "class_name": name,
        "config": {} if config is None else config,
        "registered_name": registered,
    }


def _keras3(folder: Path, item: Config) -> Path:
    return _model(folder, item, dense(1), version="3.3.3")


@hostile("custom_object")
def class_is_os_system(folder: Path) -> Path:
    return _keras3(folder, _object("os", "system", {"command": f"touch {canary(folder)}"}))


@hostile("custom_object")
def class_is_subprocess_run(folder: Path) -> Path:
    return _keras3(folder, _object("subprocess", "run", {"args": ["touch", str(canary(folder))]}))


@hostile("function_reference")
def function_is_eval(folder: Path) -> Path:
    item = {"module": "builtins", "class_name": "function", "config": "eval"}
    return _keras3(folder, item | {"registered_name": "eval"})


@hostile("function_reference")
def class_of_builtins(folder: Path) -> Path:
    return _keras3(folder, _object("builtins", "Dense", "exec"))


@hostile("function_reference")
def class_name_is_an_object(folder: Path) -> Path:
    return _keras3(folder, {"class_name": {"class_name": "Dense"}, "config": {}})


@hostile("function_reference")
def module_without_class(folder: Path) -> Path:
    return _model(folder, dense(1, {"module": "os", "config": "abort"}), version="3.3.3")


@hostile("function_reference")
def activation_is_a_function(folder: Path) -> Path:
    function = {"module": "os", "class_name": "function", "config": "abort"}
    return _model(folder, dense(1, function), version="3.3.3")


@hostile("custom_object")
def initializer_is_a_foreign_class(folder: Path) -> Path:
    return _model(folder, dense(1, kernel_initializer=_object("os", "abort")), version="3.3.3")


@hostile("unknown_activation")
def activation_named_after_a_function(folder: Path) -> Path:
    return _model(folder, dense(1, "os.abort"))


@hostile("unknown_activation")
def activation_of_the_candidate(folder: Path) -> Path:
    return _model(folder, dense(1, "my_activation"))


@hostile("unknown_initializer")
def initializer_of_the_candidate(folder: Path) -> Path:
    return _model(folder, dense(1, kernel_initializer="my_initializer"))


@hostile("unknown_regularizer")
def regularizer_of_the_candidate(folder: Path) -> Path:
    return _model(folder, dense(1, kernel_regularizer="my_regularizer"))


@hostile("unknown_constraint")
def constraint_of_the_candidate(folder: Path) -> Path:
    return _model(folder, dense(1, kernel_constraint="my_constraint"))


@hostile("custom_object")
def layer_of_the_candidate(folder: Path) -> Path:
    return _model(folder, layer("MyAttention", units=4), dense(1))


@hostile("custom_object")
def registered_layer_of_keras2(folder: Path) -> Path:
    return _model(folder, layer("Custom>MyLayer"), dense(1))


@hostile("custom_object")
def registered_layer_of_keras3(folder: Path) -> Path:
    return _keras3(folder, _object("__main__", "MyLayer", {}, "mine>MyLayer"))


@hostile("custom_object")
def honest_name_registered_otherwise(folder: Path) -> Path:
    return _keras3(folder, _object("keras.layers", "Dropout", {"rate": 0.1}, "mine>Dropout"))


@hostile("custom_object")
def honest_name_from_foreign_module(folder: Path) -> Path:
    return _keras3(folder, _object("kerasevil.layers", "Dropout", {"rate": 0.1}))


@hostile("custom_object")
def honest_name_from_keras_utilities(folder: Path) -> Path:
    return _keras3(folder, _object("keras.src.utils.file_utils", "Dropout", {"rate": 0.1}))


@hostile("custom_object")
def keras_download_as_class(folder: Path) -> Path:
    config = {"fname": "x", "origin": "http://127.0.0.1:9/x", "cache_dir": str(folder)}
    return _keras3(folder, _object("keras.utils", "get_file", config))


@hostile("custom_object")
def callback_as_layer(folder: Path) -> Path:
    return _keras3(folder, _object("keras.callbacks", "CSVLogger", {"filename": "x.csv"}))


@hostile("custom_object")
def module_is_a_number(folder: Path) -> Path:
    return _keras3(folder, {"module": 7, "class_name": "Dropout", "config": {"rate": 0.1}})


@hostile("custom_object")
def model_is_a_subclass(folder: Path) -> Path:
    config = {"class_name": "MyModel", "config": {"layers": []}}
    return write_model(folder / NAME, config)


@hostile("custom_object")
def type_spec(folder: Path) -> Path:
    spec = {"class_name": "TypeSpec", "type_spec": "TensorSpec", "serialized": [[None], "string"]}
    return _model(folder, layer("InputLayer", type_spec=spec, name="again"), dense(1))


@hostile("function_reference")
def function_in_the_compilation_of_a_part(folder: Path) -> Path:
    loss = {"module": "builtins", "class_name": "function", "config": "loss"}
    part = sequential(dense(1)) | {"module": "keras", "compile_config": {"loss": loss}}
    return _model(folder, part, version="3.3.3")


@hostile("custom_object")
def dtype_policy_of_the_candidate(folder: Path) -> Path:
    return _model(folder, dense(1, dtype=_object("mine", "MyPolicy")), version="3.3.3")


@hostile("foreign_layer")
def saved_model_layer(folder: Path) -> Path:
    return _keras3(folder, _object("keras.layers", "TFSMLayer", {"filepath": str(folder)}))


@hostile("foreign_layer")
def torch_layer(folder: Path) -> Path:
    return _keras3(folder, _object("keras.layers", "TorchModuleWrapper", {"module": "gASV"}))


@hostile("foreign_layer")
def jax_layer(folder: Path) -> Path:
    return _keras3(folder, _object("keras.layers", "JaxLayer", {"call_fn": "x"}))


@hostile("foreign_layer")
def flax_layer(folder: Path) -> Path:
    return _keras3(folder, _object("keras.layers", "FlaxLayer", {"module": "x"}))


@hostile("text_layer")
def lookup_reads_a_file(folder: Path) -> Path:
    return _model(folder, layer("StringLookup", vocabulary="/etc/passwd"), dense(1))


@hostile("text_layer")
def vectorizer_reads_a_file(folder: Path) -> Path:
    return _model(folder, layer("TextVectorization", vocabulary="/etc/passwd"), dense(1))


@hostile("file_path")
def integer_lookup_reads_a_file(folder: Path) -> Path:
    return _model(folder, layer("IntegerLookup", vocabulary="/etc/passwd"), dense(1))


@hostile("text_layer")
def feature_columns(folder: Path) -> Path:
    return _model(folder, layer("DenseFeatures", feature_columns=[]), dense(1))


@hostile("unsupported_layer")
def bare_wrapper(folder: Path) -> Path:
    return _model(folder, layer("Wrapper", layer=dense(1)))


@hostile("custom_object")
def name_full_of_escapes(folder: Path) -> Path:
    evil = "\x1b]0;owned\x07\x1b[2J[bold]" + "A" * 900
    weights = {"dense": dense_weights(1, 1)}
    return write_model(folder / NAME, sequential(layer(evil, name=evil)), weights)
