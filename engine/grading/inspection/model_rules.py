"""Decides for each object of a model's configuration whether the grader loads it.

Every refusal names the layer and says what to use instead: one sentence must tell a candidate
who wrote a Lambda layer in good faith how to go on.
"""

from typing import Any, NoReturn, TypeGuard

from engine.grading.inspection import allow_list
from engine.grading.inspection.rejection import reject, shown
from engine.grading.protocol import Fact, Message

Config = dict[str, Any]

_NAMES_BY_KEY = (
    ("activation", allow_list.ACTIVATIONS),
    ("initializer", allow_list.INITIALIZERS),
    ("regularizer", allow_list.REGULARIZERS),
    ("constraint", allow_list.CONSTRAINTS),
)
# A layer would read a file named under these keys.
_ARRAYS = frozenset({"__numpy__", "__tensor__"})
_FILE_KEYS = frozenset({"vocabulary", "idf_weights", "filepath", "filename", "path", "weights"})


def check_object(value: Config, where: str) -> None:
    """Refuse the serialised object `value` unless its class is on the allow-list.

    `where` names the layer it belongs to. Raises `SubmissionRejected`.
    """
    name, module = value.get("class_name"), value.get("module")
    if not isinstance(name, str) or name == "function" or module == "builtins":
        _refuse_function(where)
    _check_refused(name, value, where)
    if allow_list.QUANTIZED.fullmatch(name):
        _refuse_quantized(where)
    if module is None or name in allow_list.VALUES:
        module = ""
    if not _is_keras_own(module) or value.get("registered_name") not in (None, name):
        _refuse_custom(value, where)
    _check_class(name, module, value, where)
    if name in _ARRAYS:
        _check_numbers(value.get("config"), where)


def _check_numbers(config: object, where: str) -> None:
    if not allow_list.holds_numbers(config):
        kind = config.get("dtype") if isinstance(config, dict) else None
        reject(
            "odd_type",
            Message(
                "{layer} holds an array of the type {name}: use numbers, such as float32.",
                {"layer": shown(where), "name": shown(kind)},
            ),
        )


def _is_keras_own(module: object) -> TypeGuard[str]:
    """Whether `module` belongs to Keras or is empty: HDF5 files of Keras 2 leave it out."""
    return isinstance(module, str) and (not module or allow_list.is_keras_module(module))


def _check_refused(name: str, value: Config, where: str) -> None:
    """Refuse the classes that Keras offers but the grader does not load, each with advice."""
    facts: dict[str, Fact] = {"layer": shown(where), "name": name}
    if name in allow_list.CODE_LAYERS:
        reject(
            "lambda_layer",
            Message(
                "Lambda layers are not supported, because they hold Python code ({layer}): use "
                "Rescaling, Reshape, Activation or another Keras layer instead.",
                facts,
            ),
        )
    if name in allow_list.GRAPH_LAYERS:
        _refuse_node(value, where)
    if name in allow_list.FOREIGN_LAYERS:
        reject(
            "foreign_layer",
            Message(
                "{name} layers are not supported, because they hold other code ({layer}): "
                "build the model from Keras' own layers.",
                facts,
            ),
        )
    if name in allow_list.TEXT_LAYERS:
        reject(
            "text_layer",
            Message(
                "{name} layers are not supported, because this exam's models take numbers "
                "({layer}): turn text into integers before the model, and start with "
                "Embedding.",
                facts,
            ),
        )
    if name in allow_list.NEEDLESS_LAYERS:
        reject(
            "unsupported_layer",
            Message(
                "{name} layers are not supported in this exam ({layer}): use another Keras layer.",
                facts,
            ),
        )


def _check_class(name: str, module: str, value: Config, where: str) -> None:
    if allow_list.is_op(name, module):
        if name not in allow_list.OPS:
            _refuse_op(name, where)
    elif name in allow_list.OP_LAYERS:
        _check_function(value.get("config"), where)
    elif name not in allow_list.ALL_OBJECTS and name not in allow_list.COMPILED:
        _refuse_custom(value, where)


def _check_function(config: object, where: str) -> None:
    function = config.get("function") if isinstance(config, dict) else None
    if not isinstance(function, str) or function not in allow_list.TF_OPS:
        _refuse_op(f"tf.{function}", where)


def check_names(value: Config, where: str) -> None:
    """Refuse functions, files and foreign names that `value` gives as plain strings.

    Raises `SubmissionRejected`.
    """
    for key, item in value.items():
        if not isinstance(item, str):
            continue
        if key == "name" and ".." in item.replace("\\", "/").split("/"):
            reject(
                "layer_name",
                Message(
                    "A layer is called {name}, which leads out of its place in a file: give it "
                    "a plain name.",
                    {"name": shown(item)},
                ),
            )
        if key in _FILE_KEYS:
            reject(
                "file_path",
                Message(
                    "{layer} reads the file {path}, and a model must hold everything it needs: "
                    "pass the values themselves.",
                    {"layer": shown(where), "path": shown(item)},
                ),
            )
        for ending, allowed in _NAMES_BY_KEY:
            if key.endswith(ending) and item not in allowed:
                _refuse_name(ending, item, where)


def _refuse_name(kind: str, name: str, where: str) -> NoReturn:
    reject(
        f"unknown_{kind}",
        Message(
            "{layer} uses {name} as its {kind}, which is not one of Keras' own: use one that "
            "Keras offers, such as {example}.",
            {
                "layer": shown(where),
                "name": shown(name),
                "kind": kind,
                "example": _EXAMPLES[kind],
            },
        ),
    )


_EXAMPLES = {
    "activation": "'relu'",
    "initializer": "'glorot_uniform'",
    "regularizer": "'l2'",
    "constraint": "'max_norm'",
}


def _refuse_function(where: str) -> NoReturn:
    reject(
        "function_reference",
        Message(
            "{layer} refers to a Python function, and the grader runs no code from a file: use "
            "Keras' own layers, activations and initialisers by name.",
            {"layer": shown(where)},
        ),
    )


def _refuse_op(name: str, where: str) -> NoReturn:
    reject(
        "operation",
        Message(
            "The model calls {name}, which is not an operation the grader knows: use a "
            "Keras layer instead.",
            {"name": shown(name), "layer": shown(where)},
        ),
    )


def _refuse_node(value: Config, where: str) -> NoReturn:
    """Name the operation of a TensorFlowOpLayer, which `graph_operations.py` did not know."""
    config = value.get("config")
    node = config.get("node_def") if isinstance(config, dict) else None
    operation = node.get("op") if isinstance(node, dict) else None
    reject(
        "foreign_layer",
        Message(
            "{layer} calls TensorFlow's operation {name} in a way that the grader does not know: "
            "use a Keras layer instead.",
            {"layer": shown(where), "name": shown(operation or "?")},
        ),
    )


def _refuse_quantized(where: str) -> NoReturn:
    reject(
        "quantized",
        Message(
            "{layer} is quantized (to int8, int4 or float8), which the grader does not support: "
            "save the model before you call quantize().",
            {"layer": shown(where)},
        ),
    )


def _refuse_custom(value: Config, where: str) -> NoReturn:
    named = str(value.get("registered_name") or value.get("class_name"))
    name = shown(named.rpartition(">")[2])  # Keras writes `package>Class` of a registered one
    if where.startswith((f"{value.get('class_name')} '", f"{named} '")):
        reject(
            "custom_object",
            Message(
                "The layer {layer} is of the class {name}, which is not one of Keras' own: build "
                "the model from Keras' own layers.",
                {"layer": where[where.index(" ") + 1 :], "name": name},
            ),
        )
    reject(
        "custom_object",
        Message(
            "{layer} is of the class {name}, which the grader does not load: use Keras' own "
            "layers instead of custom classes.",
            {"layer": shown(where), "name": name},
        ),
    )
