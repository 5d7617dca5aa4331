"""Works out the shape an operation of a functional graph gives, for the size of the model.

Both formats: TensorFlow's functions in a TFOpLambda and Keras 3's operations as classes. Here
all axes are numbers, including the batch axis, so an operation on it has its price too. A rule
may raise on odd arguments: then the shape is unknown.
"""

import itertools
import re
from collections.abc import Callable, Sequence
from math import ceil, prod
from typing import Any

from engine.grading.inspection.size import product_shapes
from engine.grading.inspection.size.operands import (
    Operands,
    Sizes,
    axes,
    broadcast_sizes,
    constant_shapes,
    shape_of,
)
from engine.grading.inspection.size.shape_types import MAX_RANK, Config

Rule = Callable[[Operands], Sequence[Sizes]]
MAX_PARTS = 1_000


def plain_name(name: str) -> str:
    """An operation's name without its module, case and underscores."""
    return name.rsplit(".", 1)[-1].lower().replace("_", "")


def op_shapes(name: str, on: Operands) -> Sequence[Sizes]:
    """The shapes of what the operation `name` gives; raises if it does not know."""
    found = RULES[plain_name(name)](on)
    if any(len(shape) > MAX_RANK for shape in found):
        raise ValueError("more axes than TensorFlow has")
    return found


def _pointwise(on: Operands) -> Sequence[Sizes]:
    return [broadcast_sizes([*on.shapes, *constant_shapes(on.values, on.constants)])]


def _same(on: Operands) -> Sequence[Sizes]:
    return [on.first]


def _twice(on: Operands) -> Sequence[Sizes]:
    return [on.first, on.first]


def _reduced(on: Operands) -> Sequence[Sizes]:
    shape, axis = on.first, on.values.get("axis", on.values.get("axes"))
    gone = set(range(len(shape))) if axis is None else axes(axis, len(shape))
    keep = on.values.get("keepdims") or on.values.get("keep_dims")
    left = [1 if at in gone else size for at, size in enumerate(shape)]
    kept = tuple(size for at, size in enumerate(left) if keep or at not in gone)
    return [kept, kept]


def _tile(on: Operands) -> Sequence[Sizes]:
    times = on.value("multiples", "repeats")
    times = [int(each) for each in (times if isinstance(times, list) else [times])]
    rank = max(len(times), len(on.first))
    shape = (1,) * (rank - len(on.first)) + on.first
    times = [1] * (rank - len(times)) + times
    return [tuple(size * n for size, n in zip(shape, times, strict=True))]


def _repeat(on: Operands) -> Sequence[Sizes]:
    times, shape, axis = on.value("repeats"), on.first, on.values.get("axis")
    if axis is None:
        shape, axis = (prod(shape),), 0
    at = int(axis) % len(shape)
    grown = sum(map(int, times)) if isinstance(times, list) else shape[at] * int(times)
    return [(*shape[:at], grown, *shape[at + 1 :])]


def _pad(on: Operands) -> Sequence[Sizes]:
    widths = on.value("paddings", "pad_width")
    if not isinstance(widths, list):
        widths = [[widths, widths]] * len(on.first)
    elif len(widths) == 1:
        widths = widths * len(on.first)
    pairs = zip(on.first, widths, strict=True)
    return [tuple(size + sum(map(int, _pair(width))) for size, width in pairs)]


def _pair(width: Any) -> Any:
    return width if isinstance(width, list) else [width, width]


def _broadcast_to(on: Operands) -> Sequence[Sizes]:
    return [tuple(int(size) for size in on.value("shape"))]


def _one_hot(on: Operands) -> Sequence[Sizes]:
    return [(*on.first, int(on.value("depth", "num_classes")))]


def _reshape(on: Operands) -> Sequence[Sizes]:
    listed = list(on.value("shape", "newshape"))
    if -1 not in listed and listed.count(None) == 1:
        listed[listed.index(None)] = -1  # a number from a tensor: only one value fits
    asked = [int(size) for size in listed]
    rest = prod(size for size in asked if size != -1)
    return [tuple(prod(on.first) // rest if size == -1 else size for size in asked)]


def _squeeze(on: Operands) -> Sequence[Sizes]:
    axis = on.values.get("axis", on.values.get("squeeze_dims"))
    if axis is None:
        return [tuple(size for size in on.first if size != 1)]
    gone = axes(axis, len(on.first))
    return [tuple(size for at, size in enumerate(on.first) if at not in gone)]


def _expand(on: Operands) -> Sequence[Sizes]:
    shape = list(on.first)
    axis = on.value("axis")
    for each in axis[: MAX_RANK + 1] if isinstance(axis, list) else [axis]:
        shape.insert(int(each) % (len(shape) + 1), 1)
    return [tuple(shape)]


def _transpose(on: Operands) -> Sequence[Sizes]:
    order = on.values.get("perm", on.values.get("axes"))
    if order is None:
        return [on.first[::-1]]
    return [tuple(on.first[int(axis)] for axis in order)]


def _swap(on: Operands) -> Sequence[Sizes]:
    shape = list(on.first)
    left, right = int(on.values.get("axis1", -1)), int(on.values.get("axis2", -2))
    shape[left], shape[right] = shape[right], shape[left]
    return [tuple(shape)]


def _move(on: Operands) -> Sequence[Sizes]:
    rank = len(on.first)
    origins, targets = on.value("source"), on.value("destination", place=1)
    pairs = {
        int(to) % rank: int(at) % rank
        for at, to in zip(_listed(origins), _listed(targets), strict=True)
    }
    others = iter(axis for axis in range(rank) if axis not in pairs.values())
    return [tuple(on.first[pairs[at] if at in pairs else next(others)] for at in range(rank))]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _ravel(on: Operands) -> Sequence[Sizes]:
    return [(prod(on.first),)]


def _concat(default: int) -> Rule:
    def rule(on: Operands) -> Sequence[Sizes]:
        first = on.first
        at = on.axis(default) % len(first)
        joined = sum(shape[at] for shape in on.shapes)
        return [(*first[:at], joined, *first[at + 1 :])]

    return rule


def _stack(on: Operands) -> Sequence[Sizes]:
    at = on.axis(0) % (len(on.first) + 1)
    return [(*on.first[:at], len(on.shapes), *on.first[at:])]


def _split(on: Operands) -> Sequence[Sizes]:
    parts = on.value("num_or_size_splits", "indices_or_sections")
    at = on.axis(0) % len(on.first)
    size = on.first[at]
    if isinstance(parts, list):
        if "num_or_size_splits" not in on.values:  # Keras 3 gives where the parts begin
            ends = [0, *map(int, parts), size]
            parts = [end - begin for begin, end in itertools.pairwise(ends)]
        return [
            (*on.first[:at], min(size, int(part)) if int(part) >= 0 else size, *on.first[at + 1 :])
            for part in parts
        ]
    part = ceil(size / int(parts))
    return [(*on.first[:at], part, *on.first[at + 1 :])] * _parts(int(parts))


def _unstack(on: Operands) -> Sequence[Sizes]:
    at = on.axis(0) % len(on.first)
    return [(*on.first[:at], *on.first[at + 1 :])] * _parts(on.first[at])


def _parts(count: int) -> int:
    if count > MAX_PARTS:
        raise ValueError("each part is a tensor of its own")
    return count


def _get_item(on: Operands) -> Sequence[Sizes]:
    spec = on.value("slice_spec", "key")
    keys = spec if isinstance(spec, list) else [spec]
    taken = sum(key is not None and not _is_ellipsis(key) for key in keys)
    left = list(on.first)
    sizes = [size for key in keys for size in _sizes_at(key, left, len(on.first) - taken)]
    return [(*sizes, *left)]


def _sizes_at(key: Any, left: list[int], rest: int) -> list[int]:
    """The axes that one key of a slice gives, from those `left`; `...` stands for `rest`."""
    if key is None:
        return [1]
    if _is_ellipsis(key):
        return [left.pop(0) for _ in range(rest)]
    size = left.pop(0)
    if isinstance(key, dict):
        return [_slice_size(size, key.get("config", key))]
    if type(key) is int:
        return []
    raise TypeError(key)


def _is_ellipsis(key: Any) -> bool:
    return isinstance(key, dict) and key.get("class_name") == "__ellipsis__"


def _slice_size(size: int, key: Config) -> int:
    return len(range(*slice(key["start"], key["stop"], key["step"]).indices(size)))


def _strided(on: Operands) -> Sequence[Sizes]:
    begin, end = on.value("begin"), on.value("end", place=1)
    steps = on.values.get("strides") or [1] * len(begin)
    if not len(begin) == len(end) == len(steps):
        raise ValueError("each axis has a begin, an end and a step")
    starts, stops = (_masked(on, side, given) for side, given in (("begin", begin), ("end", end)))
    parts, gone = list(map(slice, starts, stops, steps)), _bits(on, "shrink_axis_mask")
    whole, new = _bits(on, "ellipsis_mask"), _bits(on, "new_axis_mask")
    left = list(on.first)
    found: list[int] = []
    for at, part in enumerate(parts):
        if whole >> at & 1:
            after = range(at + 1, len(parts))
            kept = sum(not new >> each & 1 for each in after)
            found += [left.pop(0) for _ in range(len(left) - kept)]
        elif new >> at & 1:
            found.append(1)
        else:
            size = len(range(*part.indices(left.pop(0))))
            found += [] if gone >> at & 1 else [size]
    return [(*found, *left)]


def _bits(on: Operands, name: str) -> int:
    return int(on.values.get(name) or 0)


def _masked(on: Operands, side: str, given: Sequence[Any]) -> list[Any]:
    """`given` without the bounds that a bit of TensorFlow's mask leaves open."""
    mask = _bits(on, f"{side}_mask")
    return [None if mask >> at & 1 else value for at, value in enumerate(given)]


def _slice(on: Operands) -> Sequence[Sizes]:
    begin, asked = on.value("begin", "start_indices"), on.value("size", "shape", place=1)
    parts = zip(on.first, begin, asked, strict=True)
    return [tuple(min(n - b, n) if size == -1 else min(size, n) for n, b, size in parts)]


def _take(on: Operands) -> Sequence[Sizes]:
    if len(on.shapes) > 1:
        indices = on.shapes[1]
    else:
        indices = shape_of(on.value("indices", place=len(on.constants) - 1))
    shape, axis = on.first, on.values.get("axis")
    if axis is None and on.values.get("batch_dims") is None:
        return [(*indices, *shape[1:])]
    at = int(axis or 0) % len(shape)
    shared = int(on.values.get("batch_dims") or 0)
    return [(*shape[:at], *indices[shared:], *shape[at + 1 :])]


def _indices(on: Operands) -> Sequence[Sizes]:
    return [on.shapes[-1]]


def _where(on: Operands) -> Sequence[Sizes]:
    if len(on.shapes) == 1 and not on.values.keys() & {"x", "y"} and len(on.constants) < 2:
        return [(prod(on.first), len(on.first))]
    return _pointwise(on)


def _top_k(on: Operands) -> Sequence[Sizes]:
    found = (*on.first[:-1], min(int(on.value("k")), on.first[-1]))
    return [found, found]


def _bincount(on: Operands) -> Sequence[Sizes]:
    # Without a bound, the largest number in the hidden set decides.
    least, most = int(on.values.get("minlength") or 0), int(on.values["maxlength"])
    return [(*on.first[:-1], max(least, most))]


def _shape(on: Operands) -> Sequence[Sizes]:
    return [(len(on.first),)]


def _resize(on: Operands) -> Sequence[Sizes]:
    size = on.value("size")
    height, width = map(int, size if isinstance(size, list) else [size, size])
    if _is_channels_first(on):
        return [(*on.first[:-2], height, width)]
    return [(*on.first[:-3], height, width, on.first[-1])]


def _is_channels_first(on: Operands) -> bool:
    return on.values.get("data_format") == "channels_first"


def _colours(on: Operands) -> Sequence[Sizes]:
    return [(*on.first[:-1], 3)]


def _convolved(on: Operands) -> Sequence[Sizes]:
    picture, filters = product_shapes.both(on)
    if _is_channels_first(on):
        return [(picture[0], filters[-1], *picture[2:])]
    return [(*picture[:-1], filters[-1])]


def _rules(rule: Rule, names: str) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


_SHAPED: dict[str, Rule] = {
    "tile": _tile,
    "repeat": _repeat,
    "pad": _pad,
    "broadcastto": _broadcast_to,
    "onehot": _one_hot,
    "reshape": _reshape,
    "squeeze": _squeeze,
    "expanddims": _expand,
    "transpose": _transpose,
    "swapaxes": _swap,
    "matrixtranspose": _swap,
    "moveaxis": _move,
    "stridedslice": _strided,
    "ravel": _ravel,
    "concat": _concat(-1),
    "concatenate": _concat(-1),
    "hstack": _concat(1),
    "vstack": _concat(0),
    "stack": _stack,
    "split": _split,
    "unstack": _unstack,
    "getitem": _get_item,
    "slice": _slice,
    "take": _take,
    "gather": _take,
    "takealongaxis": _indices,
    "where": _where,
    "matmul": product_shapes.matmul,
    "dot": product_shapes.dot,
    "inner": product_shapes.inner,
    "outer": product_shapes.outer,
    "tensordot": product_shapes.tensordot,
    "einsum": product_shapes.einsum,
    "topk": _top_k,
    "bincount": _bincount,
    "shape": _shape,
    "resize": _resize,
    "grayscaletorgb": _colours,
    "conv1d": _convolved,
    "conv2d": _convolved,
    "conv": _convolved,
}
RULES: dict[str, Rule] = {
    **_rules(
        _pointwise,
        """
        add subtract multiply divide truedivide truediv dividenonan divnonan floordivide floordiv
        mod floormod power pow logaddexp arctan2 atan2 maximum minimum radd rsub scalarmul addn
        squareddifference biasadd greater greaterequal less lessequal equal notequal logicaland
        logicalor logicalxor clip clipbyvalue eq ne isclose multiplynonan xdivy xlog1py xlogy
        fmax fmin fmod hypot heaviside logaddexp2 nextafter bitwiseand bitwiseor bitwisexor gcd lcm
        bitwiseleftshift bitwiserightshift leftshift rightshift
        """,
    ),
    **_rules(
        _same,
        """
        square sqrt rsqrt reciprocal absolute abs negative sign exp exp2 expm1 log log1p log2 log10
        sin cos tan sinh cosh tanh arcsin arccos arctan arcsinh arccosh arctanh asin acos atan erf
        round rint floor ceil trunc nantonum isnan logicalnot cumsum cumprod normalize l2normalize
        flip reverse roll copy cast convertimagedtype oneslike zeroslike fulllike
        stopgradient identity diff sort relu relu6 sigmoid softplus softsign silu swish logsigmoid
        leakyrelu hardsigmoid hardsilu hardtanh elu selu gelu celu glu softmax logsoftmax mish
        squareplus tanhshrink softshrink hardshrink threshold sparseplus sparsemax rgbtograyscale
        cbrt conj conjugate deg2rad rad2deg erfc erfinv fabs i0 signbit sinc real isfinite isinf
        isneginf isposinf isreal saturatecast bitwiseinvert bitwisenot nancumprod nancumsum tril
        triu fliplr flipud argsort layernorm rmsnorm batchnorm averagepool rgbtohsv hsvtorgb
        asinh acosh atanh ndtri lgamma digamma cumulativelogsumexp clipbynorm ensureshape
        reversesequence bandpart maxpool1d avgpool1d localresponsenormalization flipupdown
        adjustbrightness adjustcontrast adjustgamma adjusthue adjustsaturation rgbtoyuv centralcrop
        perimagestandardization flipleftright maxpool avgpool maxpool2d avgpool2d diagonal
        """,
    ),
    **_rules(
        _reduced,
        """
        mean sum max min amax amin prod std var median average any all argmax argmin logsumexp
        countnonzero norm moments reducemean reducesum reducemax reducemin reduceprod reducestd
        reducevariance reduceany reduceall reducelogsumexp reduceeuclideannorm zerofraction ptp
        nanargmax nanargmin nanmax nanmean nanmedian nanmin nanprod nanstd nansum nanvar
        """,
    ),
    **_SHAPED,
}

# These never give more numbers than they take, whatever their arguments.
NEVER_LARGER = frozenset(
    re.findall(
        r"\w+",
        """
    reshape squeeze expanddims transpose swapaxes matrixtranspose ravel getitem slice
    topk shape mean sum max min amax amin prod std var median average any all argmax argmin
    logsumexp countnonzero norm moments reducemean reducesum reducemax reducemin reduceprod
    reducestd reducevariance reduceany reduceall reducelogsumexp
        """,
    )
)
