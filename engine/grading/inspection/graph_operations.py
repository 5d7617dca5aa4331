"""Rewrites graph operations of TensorFlow 1.15 to 2.3 in the form that later versions use.

A TensorFlowOpLayer holds a node of TensorFlow's graph, which it would run as it stands. Here the
node is only read: one of the operations below becomes a TFOpLambda that calls the corresponding
function, with the node's constants and attributes as arguments. The allow-list then decides.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

Config = dict[str, Any]

_TYPES = {
    "DT_HALF": "float16",
    "DT_FLOAT": "float32",
    "DT_DOUBLE": "float64",
    "DT_INT32": "int32",
    "DT_INT64": "int64",
    "DT_UINT8": "uint8",
    "DT_BOOL": "bool",
}


class _Function(NamedTuple):
    """The TensorFlow function that corresponds to an operation.

    `takes` names its arguments in the order of the operation's inputs; `settings` derives more
    arguments from the node's attributes.
    """

    name: str
    takes: tuple[str, ...] = ("x",)
    settings: Callable[[Config], Config] = lambda _: {}


def _flag(attributes: Config, name: str) -> bool:
    return dict(attributes.get(name) or {}).get("b") is True


def _keep_dims(attributes: Config) -> Config:
    return {"keepdims": _flag(attributes, "keep_dims")}


def _cast(attributes: Config) -> Config:
    return {"dtype": _TYPES[attributes["DstT"]["type"]]}


def _squeeze(attributes: Config) -> Config:
    listed = dict(attributes.get("squeeze_dims") or {}).get("list") or {}
    return {"axis": [int(axis) for axis in listed["i"]]} if "i" in listed else {}


def _masks(attributes: Config) -> Config:
    names = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
    return {name: int(dict(attributes.get(name) or {}).get("i", 0)) for name in names}


def _of_two(name: str) -> _Function:
    return _Function(name, ("x", "y"))


def _reduced(name: str) -> _Function:
    return _Function(name, ("input_tensor", "axis"), _keep_dims)


_FUNCTIONS = {
    "Add": _of_two("math.add"),
    "AddV2": _of_two("math.add"),
    "Sub": _of_two("math.subtract"),
    "Mul": _of_two("math.multiply"),
    "RealDiv": _of_two("math.truediv"),
    "FloorMod": _of_two("math.floormod"),
    "Pow": _of_two("math.pow"),
    "Maximum": _of_two("math.maximum"),
    "Minimum": _of_two("math.minimum"),
    "SquaredDifference": _of_two("math.squared_difference"),
    "Greater": _of_two("math.greater"),
    "GreaterEqual": _of_two("math.greater_equal"),
    "Less": _of_two("math.less"),
    "LessEqual": _of_two("math.less_equal"),
    "Equal": _of_two("math.equal"),
    "NotEqual": _of_two("math.not_equal"),
    "LogicalAnd": _of_two("math.logical_and"),
    "LogicalOr": _of_two("math.logical_or"),
    "Neg": _Function("math.negative"),
    "Abs": _Function("math.abs"),
    "Square": _Function("math.square"),
    "Sqrt": _Function("math.sqrt"),
    "Rsqrt": _Function("math.rsqrt"),
    "Exp": _Function("math.exp"),
    "Log": _Function("math.log"),
    "Log1p": _Function("math.log1p"),
    "Sin": _Function("math.sin"),
    "Cos": _Function("math.cos"),
    "Tanh": _Function("math.tanh"),
    "Sigmoid": _Function("math.sigmoid"),
    "Sign": _Function("math.sign"),
    "Floor": _Function("math.floor"),
    "Ceil": _Function("math.ceil"),
    "Round": _Function("math.round"),
    "LogicalNot": _Function("math.logical_not"),
    "Relu": _Function("nn.relu", ("features",)),
    "Softmax": _Function("nn.softmax", ("logits",)),
    "Cast": _Function("cast", ("x",), _cast),
    "Mean": _reduced("math.reduce_mean"),
    "Sum": _reduced("math.reduce_sum"),
    "Max": _reduced("math.reduce_max"),
    "Min": _reduced("math.reduce_min"),
    "ExpandDims": _Function("expand_dims", ("input", "axis")),
    "Squeeze": _Function("squeeze", ("input",), _squeeze),
    "Reshape": _Function("reshape", ("tensor", "shape")),
    "Transpose": _Function("transpose", ("a", "perm")),
    "StridedSlice": _Function("strided_slice", ("input_", "begin", "end", "strides"), _masks),
}


def as_function_call(layer: Config, *_: object) -> bool:
    """Rewrite a TensorFlowOpLayer in place; whether it is a known one."""
    if layer.get("class_name") != "TensorFlowOpLayer":
        return False
    try:
        config, calls = layer["config"], layer["inbound_nodes"]
        node = config["node_def"]
        function = _FUNCTIONS[node["op"]]
        attributes = dict(node.get("attr") or {})
        nodes = [_call(function, call, dict(config["constants"]), attributes) for call in calls]
        name = str(layer["name"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return False  # left as it is, to be refused
    layer["class_name"] = "TFOpLambda"
    layer["config"] = {"name": name, "function": function.name, "dtype": "float32"}
    layer["inbound_nodes"] = nodes
    return True


def _call(function: _Function, call: Any, constants: Config, attributes: Config) -> list[Any]:
    """A call in the form of a TFOpLambda: its first argument, then the others by name."""
    tensors = [[str(each[0]), int(each[1]), int(each[2])] for each in call]
    count = len(tensors) + len(constants)
    if count != len(function.takes):
        raise ValueError("another number of inputs than the operation has")
    given = [constants[str(at)] if str(at) in constants else tensors.pop(0) for at in range(count)]
    named = dict(zip(function.takes[1:], given[1:], strict=True)) | function.settings(attributes)
    first = ["_CONSTANT_VALUE", -1, given[0]] if "0" in constants else given[0]
    return [*first, named]
