"""Rewrites graph operations of TensorFlow 1.15 to 2.3 in the form that later versions use.

A TensorFlowOpLayer holds a node of TensorFlow's graph, which it would run as it stands. Here the
node is only read: one of the operations below becomes a TFOpLambda that calls the corresponding
function, with the node's constants and attributes as arguments. The allow-list then decides.
"""

import base64
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

    `takes` names its arguments in the order of the operation's inputs, of which the one at `leads`
    comes first; `settings` derives more arguments from the node's attributes. With `many` the first
    argument is a list of all inputs that the others leave.
    """

    name: str
    takes: tuple[str, ...] = ("x",)
    settings: Callable[[Config], Config] = lambda _: {}
    many: bool = False
    leads: int = 0


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


def _text(attributes: Config, name: str) -> str:
    return base64.b64decode(attributes[name]["s"], validate=True).decode("ascii")


def _number(attributes: Config, name: str) -> int:
    return int(dict(attributes.get(name) or {}).get("i", 0))


def _need(right: bool) -> None:
    if not right:
        raise ValueError("another setting than the function has")


def _bias(attributes: Config) -> Config:
    _need("data_format" not in attributes or _text(attributes, "data_format") == "NHWC")
    return {}


def _position(attributes: Config) -> Config:
    _need(attributes.get("output_type", {}).get("type") in (None, "DT_INT64"))
    return {}


def _cumulative(attributes: Config) -> Config:
    return {name: _flag(attributes, name) for name in ("exclusive", "reverse")}


def _gathered(attributes: Config) -> Config:
    _need(_number(attributes, "batch_dims") == 0)
    return {}


def _axis(attributes: Config) -> Config:
    return {"axis": _number(attributes, "axis")}


def _unpacked(attributes: Config) -> Config:
    return {"num": _number(attributes, "num"), **_axis(attributes)}


def _parts(attributes: Config) -> Config:
    return {"num_or_size_splits": _number(attributes, "num_split")}


def _shape_type(attributes: Config) -> Config:
    return {"out_type": _TYPES[dict(attributes.get("out_type") or {}).get("type", "DT_INT32")]}


def _turned(first: str, second: str, name: str) -> Callable[[Config], Config]:
    return lambda attributes: {
        f"{name}_a": _flag(attributes, first),
        f"{name}_b": _flag(attributes, second),
    }


def _leaky(attributes: Config) -> Config:
    return {"alpha": float(attributes["alpha"]["f"])}


def _pooled(attributes: Config) -> Config:
    _need(_text(attributes, "data_format") == "NHWC")
    sizes = {name: attributes[name]["list"]["i"] for name in ("ksize", "strides")}
    whole = {name: [int(each) for each in size] for name, size in sizes.items()}
    return {**whole, "padding": _text(attributes, "padding")}


def _resized(attributes: Config) -> Config:
    _need(_flag(attributes, "half_pixel_centers") and not _flag(attributes, "align_corners"))
    return {}


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
    "FloorDiv": _of_two("math.floordiv"),
    "Atan2": _Function("math.atan2", ("y", "x")),
    "DivNoNan": _of_two("math.divide_no_nan"),
    "MulNoNan": _of_two("math.multiply_no_nan"),
    "Reciprocal": _Function("math.reciprocal"),
    "Expm1": _Function("math.expm1"),
    "Tan": _Function("math.tan"),
    "Sinh": _Function("math.sinh"),
    "Cosh": _Function("math.cosh"),
    "Asin": _Function("math.asin"),
    "Acos": _Function("math.acos"),
    "Atan": _Function("math.atan"),
    "Asinh": _Function("math.asinh"),
    "Acosh": _Function("math.acosh"),
    "Atanh": _Function("math.atanh"),
    "Erf": _Function("math.erf"),
    "Erfc": _Function("math.erfc"),
    "Lgamma": _Function("math.lgamma"),
    "Digamma": _Function("math.digamma"),
    "Rint": _Function("math.rint"),
    "IsFinite": _Function("math.is_finite"),
    "IsInf": _Function("math.is_inf"),
    "IsNan": _Function("math.is_nan"),
    "Softplus": _Function("math.softplus", ("features",)),
    "Softsign": _Function("nn.softsign", ("features",)),
    "Elu": _Function("nn.elu", ("features",)),
    "Selu": _Function("nn.selu", ("features",)),
    "Relu6": _Function("nn.relu6", ("features",)),
    "LeakyRelu": _Function("nn.leaky_relu", ("features",), _leaky),
    "LogSoftmax": _Function("nn.log_softmax", ("logits",)),
    "BiasAdd": _Function("nn.bias_add", ("value", "bias"), _bias),
    "Select": _Function("where", ("condition", "x", "y")),
    "SelectV2": _Function("where", ("condition", "x", "y")),
    "ZerosLike": _Function("zeros_like", ("input",)),
    "OnesLike": _Function("ones_like", ("input",)),
    "StopGradient": _Function("stop_gradient", ("input",)),
    "Identity": _Function("identity", ("input",)),
    "Prod": _reduced("math.reduce_prod"),
    "All": _reduced("math.reduce_all"),
    "Any": _reduced("math.reduce_any"),
    "ArgMax": _Function("math.argmax", ("input", "axis"), _position),
    "ArgMin": _Function("math.argmin", ("input", "axis"), _position),
    "Cumsum": _Function("math.cumsum", ("x", "axis"), _cumulative),
    "Tile": _Function("tile", ("input", "multiples")),
    "ReverseV2": _Function("reverse", ("tensor", "axis")),
    "Roll": _Function("roll", ("input", "shift", "axis")),
    "Pad": _Function("pad", ("tensor", "paddings")),
    "GatherV2": _Function("gather", ("params", "indices", "axis"), _gathered),
    "OneHot": _Function("one_hot", ("indices", "depth", "on_value", "off_value"), _axis),
    "Slice": _Function("slice", ("input_", "begin", "size")),
    "Pack": _Function("stack", ("values",), _axis, many=True),
    "Unpack": _Function("unstack", ("value",), _unpacked),
    "Split": _Function("split", ("value", "axis"), _parts, leads=1),
    "SplitV": _Function("split", ("value", "num_or_size_splits", "axis")),
    "Shape": _Function("shape", ("input",), _shape_type),
    "ConcatV2": _Function("concat", ("values", "axis"), many=True),
    "AddN": _Function("math.add_n", ("inputs",), many=True),
    "MatMul": _Function(
        "linalg.matmul", ("a", "b"), _turned("transpose_a", "transpose_b", "transpose")
    ),
    "BatchMatMulV2": _Function("linalg.matmul", ("a", "b"), _turned("adj_x", "adj_y", "adjoint")),
    "MaxPool": _Function("nn.max_pool2d", ("input",), _pooled),
    "AvgPool": _Function("nn.avg_pool2d", ("input",), _pooled),
    "ResizeBilinear": _Function("image.resize", ("images", "size"), _resized),
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
    inputs = _inputs(call, constants)
    inputs.insert(0, inputs.pop(function.leads))
    start = len(inputs) - len(function.takes) + 1
    if start < 1 or (start > 1 and not function.many):
        raise ValueError("another number of inputs than the operation has")
    first = [["_CONSTANT_VALUE", -1, each] if fixed else each for each, fixed in inputs[:start]]
    others = [each for each, _ in inputs[start:]]
    named = dict(zip(function.takes[1:], others, strict=True)) | function.settings(attributes)
    calls = [[*each, named] for each in first]
    return calls if function.many else calls[0]


def _inputs(call: Any, constants: Config) -> list[tuple[Any, bool]]:
    """The operation's inputs in order, each with whether it is a constant."""
    tensors = [[str(each[0]), int(each[1]), int(each[2])] for each in call]
    places = [str(at) for at in range(len(tensors) + len(constants))]
    return [(constants[at], True) if at in constants else (tensors.pop(0), False) for at in places]
