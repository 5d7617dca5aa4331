"""Rewrites a model's configuration in the plain form that today's Keras can load.

Versions of Keras write harmless things in forms that they, or later ones, cannot read: the batch
size of one call, a TensorFlow activation as a Python function, an initialiser although all
weights are in the file. Each rule here knows one such form and replaces it with Keras' own. The
result is what is graded: it is checked against the allow-list, followed for its shapes, and
loaded. What no rule knows stays as it is and is refused there.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from engine.grading.inspection.allow_list import INITIALIZERS, LAYERS, MODELS, holds_numbers
from engine.grading.inspection.graph_operations import as_function_call
from engine.grading.inspection.keras3_forms import (
    named_operation,
    readable_augmentation,
    scale_of_applications,
    setting_of_operation,
)
from engine.grading.protocol import Runtime

Config = dict[str, Any]


class Origin(NamedTuple):
    """Which Keras wrote a configuration, with which backend, and whether to a .keras file."""

    saved_by: Runtime
    backend: str = "tensorflow"
    is_archive: bool = False


Rule = Callable[[Config, Origin], bool]
"""Rewrites one object of a configuration in place; whether it did."""

# TensorFlow's functions by `__name__`, which is all that Keras 3 saves.
_TF_ACTIVATIONS = {
    "relu": "relu",
    "relu6": "relu6",
    "leaky_relu": "leaky_relu",
    "elu": "elu",
    "selu": "selu",
    "gelu": "gelu",
    "swish": "silu",
    "silu": "silu",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "softmax": "softmax",
    "softmax_v2": "softmax",
    "log_softmax_v2": "log_softmax",
    "softplus": "softplus",
    "softsign": "softsign",
    "log_sigmoid": "log_sigmoid",
    "exp": "exponential",
    "identity": "linear",
}
_KERAS2_ACTIVATIONS = {"log_softmax_v2": "log_softmax"}
# In PyTorch and JAX these names mean something else: another slope, another approximation.
_NOT_THE_SAME_ELSEWHERE = frozenset({"leaky_relu", "gelu"})
_TF_INITIALIZERS = frozenset(
    {"tensorflow.python.ops.init_ops", "tensorflow.python.ops.init_ops_v2"}
)
_OF_KERAS = (None, "keras.initializers", "keras.src.initializers", "Constant")
_INPUT_SHAPES = ("batch_shape", "batch_input_shape", "build_input_shape")
_MODEL_KEYS = frozenset(
    {"name", "trainable", "dtype", "layers", "input_layers", "output_layers", "build_input_shape"}
)
_MODULES_OF_KERAS2 = {"Functional": "keras.src.engine.functional", "Sequential": "keras"}
_FEATURES = frozenset({"gaussian", "laplacian"})
_ATTENTION_SHAPES = ("query_shape", "key_shape", "value_shape")
_CUDNN = {"CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU"}
_WITH_AXES = frozenset({"Normalization", "LayerNormalization", "UnitNormalization"})
AXES = "axes"
"""Where the axes stand that Keras 3 would drop; `keras3_names.py` gives them back."""
CUDNN = "cudnn"
"""Marks a layer of a .keras file whose weights are CuDNN's; `archive_loader.py` converts them."""


def make_plain(config: Config, origin: Origin) -> bool:
    """Rewrite `config` in place; returns whether anything changed."""
    changed = False
    for value in _objects(config):
        for rule in _RULES:  # one object may need several
            changed |= rule(value, origin)
    return changed


def start_anew(config: Config) -> bool:
    """Let recurrent layers that remember their last example start each example anew, in place.

    Only where the model takes one example at a time: then `stateful=True` says no more than that
    the state is kept until somebody resets it. Returns whether there are such layers.
    """
    objects = list(_objects(config))
    if {size for value in objects for size in _batch_sizes(value)} != {1}:
        return False
    remembering = [value for value in objects if value.get("stateful") is True]
    for each in remembering:
        each["stateful"] = False
    return bool(remembering)


def _objects(config: Config) -> Iterator[Config]:
    """All objects of `config`, each before what is in it then."""
    pending: list[Any] = [config]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            yield value
        inside = value.values() if isinstance(value, dict) else value
        pending.extend(item for item in inside if isinstance(item, dict | list))


def _batch_sizes(value: Config) -> list[int | None]:
    """The batch sizes that an object gives; None for a free one."""
    shapes = [value.get(key) for key in _INPUT_SHAPES]
    firsts = [shape[0] for shape in shapes if isinstance(shape, list) and shape]
    return [each for each in firsts if each is None or type(each) is int]


def give_input_shape(config: Config, origin: Origin, shape: list[int | None]) -> bool:
    """Give a chain from Keras 2 the input `shape` if its file has none; whether it did.

    Keras 2.2 did not save that of a separate InputLayer.
    """
    inner = config.get("config")
    if origin.saved_by != "tf_keras" or config.get("class_name") != "Sequential":
        return False
    if not isinstance(inner, dict) or "build_input_shape" in inner:
        return False
    layers = inner.get("layers")
    first = layers[0] if isinstance(layers, list) and layers else None
    settings = first.get("config") if isinstance(first, dict) else None
    if not isinstance(settings, dict) or settings.keys() & {"layers", *_INPUT_SHAPES}:
        return False
    inner["build_input_shape"] = [None, *shape]
    return True


def _kind(value: Config) -> str:
    """The class of an object; empty if it is not a string."""
    kind = value.get("class_name")
    return kind if isinstance(kind, str) else ""


def _free_batch(value: Config, _: Origin) -> bool:
    """Free a batch size: Keras saves that of the first call, but takes any number of examples."""
    built = value.get("build_config")
    shapes = [value.get(key) for key in _INPUT_SHAPES]
    shapes += [built.get("input_shape")] if isinstance(built, dict) else []
    fixed = [shape for shape in shapes if isinstance(shape, list) and _starts_with_number(shape)]
    for shape in fixed:
        shape[0] = None
    return bool(fixed)


def _starts_with_number(shape: list[Any]) -> bool:
    return len(shape) > 0 and type(shape[0]) is int


def _name_activation(value: Config, origin: Origin) -> bool:
    """Name the activation in `activation=tf.nn.relu`: Keras 3 writes a function reference."""
    found = {
        key: _TF_ACTIVATIONS[name]
        for key, item in value.items()
        if key.endswith("activation") and (name := _function(item)) in _TF_ACTIVATIONS
        if origin.backend == "tensorflow" or name not in _NOT_THE_SAME_ELSEWHERE
    }
    value.update(found)
    return bool(found)


def _own_activation(value: Config, origin: Origin) -> bool:
    """Rename `tf.nn.log_softmax`, which Keras 2 saves under a name that it cannot find."""
    found = {
        key: _KERAS2_ACTIVATIONS[item]
        for key, item in value.items()
        if key.endswith("activation") and isinstance(item, str) and item in _KERAS2_ACTIVATIONS
        if origin.saved_by == "tf_keras"
    }
    value.update(found)
    return bool(found)


def _function(item: Any) -> str:
    """The name in a reference to a function from outside Keras."""
    if not isinstance(item, dict) or item.get("class_name") != "function":
        return ""
    whole = item.get("module") == "builtins" and item.get("registered_name") == "function"
    return str(item.get("config")) if whole else ""


def _neutral_initializer(value: Config, _: Origin) -> bool:
    """Replace an initialiser of TensorFlow's, or an array: the weights come from the file."""
    found = {
        key: "zeros"
        for key, item in value.items()
        if key.endswith("initializer") and (_is_of_tensorflow(item) or _is_array(item))
    }
    value.update(found)
    return bool(found)


def _is_of_tensorflow(item: Any) -> bool:
    if not isinstance(item, dict) or str(item.get("module")) not in _TF_INITIALIZERS:
        return False
    name = _kind(item)
    return name in INITIALIZERS and item.get("registered_name") in (None, name)


def _is_array(item: Any) -> bool:
    match item:
        case {"class_name": "Constant", "config": {"value": list()}}:
            pass
        case {
            "class_name": "Constant",
            "config": {"value": {"class_name": "__numpy__", "config": array}},
        } if holds_numbers(array):
            pass
        case _:
            return False
    return item.get("module") in _OF_KERAS and item.get("registered_name") in _OF_KERAS


def _plain_policy(value: Config, _: Origin) -> bool:
    """Drop the loss scale of a policy, which only training uses."""
    policy = value.get("dtype")
    config = policy.get("config") if isinstance(policy, dict) else None
    if not isinstance(config, dict) or "loss_scale" not in config:
        return False
    value["dtype"] = {"class_name": "Policy", "config": {"name": config.get("name")}}
    return True


def _float_embedding(value: Config, _: Origin) -> bool:
    """Drop the type of an Embedding's input (Keras 2.0), which would now apply to its weights."""
    config = value.get("config")
    if value.get("class_name") != "Embedding" or not isinstance(config, dict):
        return False
    if not str(config.get("dtype")).startswith(("int", "uint")):
        return False
    del config["dtype"]
    return True


def _plain_recurrent(value: Config, origin: Origin) -> bool:
    """Replace a CuDNN layer, which needs a GPU; its weights are converted.

    tf_keras does so for an HDF5 file; for a .keras file the layer is marked.
    """
    kind, config = _kind(value), value.get("config")
    if kind not in _CUDNN or not isinstance(config, dict) or origin.saved_by != "tf_keras":
        return False
    value["class_name"] = _CUDNN[kind]
    if kind == "CuDNNGRU":
        config["reset_after"] = True  # with the two biases that CuDNN has
    if origin.is_archive:
        value[CUDNN] = True
    return True


def _plain_features(value: Config, _: Origin) -> bool:
    """Drop what RandomFourierFeatures starts from: its random features are weights in the file."""
    config = value.get("config")
    if _kind(value) != "RandomFourierFeatures" or not isinstance(config, dict):
        return False
    if str(config.get("kernel_initializer")).lower() not in _FEATURES:
        return False
    config["kernel_initializer"] = {"class_name": "Zeros", "config": {}}
    return True


def _shapes_of_attention(value: Config, origin: Origin) -> bool:
    """Add what TensorFlow 2.4 did not save yet and later versions demand, as unknown."""
    config = value.get("config")
    if _kind(value) != "MultiHeadAttention" or not isinstance(config, dict):
        return False
    lacking = [key for key in _ATTENTION_SHAPES if key not in config]
    if origin.saved_by != "tf_keras" or not lacking:
        return False
    config.update(dict.fromkeys(lacking))
    return True


def _plain_model(value: Config, origin: Origin) -> bool:
    """Replace a model subclass, e.g. with its own `train_step`, that is just a graph or a chain."""
    config = value.get("config")
    if _kind(value) in MODELS | LAYERS | {""} or not isinstance(config, dict):
        return False
    has_layers = "name" in config and isinstance(config.get("layers"), list)
    if not has_layers or config.keys() - _MODEL_KEYS:
        return False
    kind = value["class_name"] = "Functional" if "input_layers" in config else "Sequential"
    named = value.get("module") is not None
    for key in ("module", "registered_name", "compile_config", "build_config"):
        value.pop(key, None)
    if named and origin.saved_by == "tf_keras":
        value["module"] = _MODULES_OF_KERAS2[kind]  # which does not find it without, in .keras
    return True


def _keep_axes(value: Config, origin: Origin) -> bool:
    """Keep an `axis` of none or several, which Keras 3 drops when it reads an HDF5 file.

    A .keras file names the module of each layer, and Keras reads all of it.
    """
    config = value.get("config")
    if origin.saved_by != "keras3" or _kind(value) not in _WITH_AXES or value.get("module"):
        return False
    if not isinstance(config, dict) or "axis" not in config or AXES in config:
        return False
    axis = config["axis"]
    if axis is not None and not (isinstance(axis, list) and len(axis) != 1):
        return False
    config[AXES] = config.pop("axis")
    return True


def _whole_slices(value: Config, _: Origin) -> bool:
    """Spell out `x[..., -1]`: Keras 3 cannot read the `...` that it writes."""
    nodes = value.get("inbound_nodes")
    if value.get("class_name") != "GetItem" or not isinstance(nodes, list):
        return False
    spelled_out = [_spell_out(node) for node in nodes if isinstance(node, dict)]
    return any(spelled_out)


def _spell_out(node: Config) -> bool:
    match node:
        case {"args": [{"config": {"shape": [*shape]}}, key]}:
            keys = key if isinstance(key, list) else [key]
        case _:
            return False
    if sum(map(_is_ellipsis, keys)) != 1:
        return False
    at = next(place for place, each in enumerate(keys) if _is_ellipsis(each))
    rest = len(shape) - sum(each is not None for each in keys) + 1
    node["args"][1] = [*keys[:at], *[_slice() for _ in range(rest)], *keys[at + 1 :]]
    return True


def _is_ellipsis(key: Any) -> bool:
    return isinstance(key, dict) and key.get("class_name") == "__ellipsis__"


def _slice() -> Config:
    return {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": None}}


_RULES: tuple[Rule, ...] = (
    as_function_call,
    _plain_model,
    _free_batch,
    _name_activation,
    _own_activation,
    _neutral_initializer,
    _plain_policy,
    _float_embedding,
    _plain_recurrent,
    _plain_features,
    _shapes_of_attention,
    _keep_axes,
    _whole_slices,
    setting_of_operation,
    named_operation,
    readable_augmentation,
    scale_of_applications,
)
