"""Operations in graphs: `tf.…` in Keras 2, `keras.ops.…` in Keras 3, in groups.

A group holds what a version has of it, so one file tells about several operations.
"""

from typing import Any

from tests.corpus.kit import COLUMNS, STEPS, Kit, Made

Operation = Any  # a function of the symbolic input


def _whole(k: Kit, place: Any, parts: "dict[str, Operation]", *shape: int) -> Made:
    shape = shape or (STEPS, COLUMNS)
    start = k.input(*shape)
    found = []
    for name, operation in parts.items():
        if _has(place, name):
            found.append(operation(start))
    if not found:
        raise LookupError("none of them")
    cast = k.tf.cast if place is k.tf else place.cast
    numbers = [part if "float32" in str(part.dtype) else cast(part, "float32") for part in found]
    return Made(k.joined(start, [k.Dense(2)(start), *numbers]), k.fractions(*shape))


def _has(place: Any, name: str) -> bool:
    for part in name.split(" ")[0].split("."):
        if not hasattr(place, part):
            return False
        place = getattr(place, part)
    return True


def _tf(k: Kit) -> Any:
    if k.tf is None or k.is_keras3:
        raise LookupError("Keras 3 takes keras.ops")
    return k.tf


def _ops(k: Kit) -> Any:
    if not k.is_keras3:
        raise LookupError("no keras.ops")
    return k.keras.ops


def tf_arithmetic(k: Kit) -> Made:
    tf = _tf(k)
    return _whole(
        k,
        tf,
        {
            "add": lambda x: tf.add(x, 1.0),
            "subtract": lambda x: tf.subtract(x, 0.3),
            "multiply": lambda x: tf.multiply(x, x),
            "divide": lambda x: tf.divide(x, 3.0),
            "math.divide": lambda x: tf.math.divide(x, 0.3),
            "math.floormod": lambda x: tf.math.floormod(x, 0.3),
            "pow": lambda x: tf.pow(x, 2.0),
            "maximum": lambda x: tf.maximum(x, 0.5),
            "minimum": lambda x: tf.minimum(x, 0.5),
            "math.squared_difference": lambda x: tf.math.squared_difference(x, 0.3),
        },
    )


def tf_functions(k: Kit) -> Made:
    tf = _tf(k)
    names = (
        "negative abs square sqrt math.rsqrt exp math.log math.log1p math.sin math.cos tanh sigmoid"
        " sign floor math.ceil round"
    )
    return _whole(k, tf, {name: _of_one(tf, name) for name in names.split()})


def _of_one(place: Any, name: str) -> Any:
    for part in name.split("."):
        if not hasattr(place, part):
            return None
        place = getattr(place, part)
    return place


def tf_more_functions(k: Kit) -> Made:
    tf = _tf(k)
    names = (
        "math.reciprocal math.expm1 math.tan math.sinh math.cosh math.asin math.acos math.atan"
        " math.asinh math.atanh math.erf math.erfc math.lgamma math.digamma math.rint"
        " math.softplus math.softsign math.log_sigmoid math.is_nan math.is_finite math.is_inf"
    )
    return _whole(k, tf, {name: _of_one(tf, name) for name in names.split()})


def tf_comparisons(k: Kit) -> Made:
    tf = _tf(k)
    return _whole(
        k,
        tf,
        {
            "greater": lambda x: tf.greater(x, 0.5),
            "greater_equal": lambda x: tf.greater_equal(x, 0.5),
            "less": lambda x: tf.less(x, 0.5),
            "less_equal": lambda x: tf.less_equal(x, 0.5),
            "equal": lambda x: tf.equal(x, x),
            "not_equal": lambda x: tf.not_equal(x, 0.5),
            "logical_and": lambda x: tf.logical_and(x > 0.2, x < 0.7),
            "logical_not": lambda x: tf.logical_not(x > 0.2),
            "where": lambda x: tf.where(x > 0.5, x, 0.0 * x),
        },
    )


def tf_reductions(k: Kit) -> Made:
    tf = _tf(k)
    return _whole(
        k,
        tf,
        {
            "reduce_mean": lambda x: tf.reduce_mean(x, axis=1),
            "reduce_sum": lambda x: tf.reduce_sum(x, axis=[1, 2], keepdims=True),
            "reduce_max": lambda x: tf.reduce_max(x, axis=-1),
            "reduce_min": lambda x: tf.reduce_min(x, axis=2),
        },
    )


def tf_more_reductions(k: Kit) -> Made:
    tf = _tf(k)
    return _whole(
        k,
        tf,
        {
            "reduce_prod": lambda x: tf.reduce_prod(x, axis=1),
            "math.reduce_std": lambda x: tf.math.reduce_std(x, axis=1),
            "math.reduce_variance": lambda x: tf.math.reduce_variance(x, axis=1),
            "reduce_logsumexp": lambda x: tf.reduce_logsumexp(x, axis=1),
            "argmax": lambda x: tf.argmax(x, axis=1),
            "norm": lambda x: tf.norm(x, axis=-1),
            "math.l2_normalize": lambda x: tf.math.l2_normalize(x, axis=-1),
            "cumsum": lambda x: tf.cumsum(x, axis=1),
            "nn.moments": lambda x: tf.nn.moments(x, axes=[1])[0],
        },
    )


def tf_shapes(k: Kit) -> Made:
    tf = _tf(k)
    return _whole(
        k,
        tf,
        {
            "expand_dims": lambda x: tf.expand_dims(x, -1),
            "squeeze": lambda x: tf.squeeze(x[:, :1], axis=1),
            "reshape": lambda x: tf.reshape(x, (-1, COLUMNS, STEPS)),
            "transpose": lambda x: tf.transpose(x, (0, 2, 1)),
            "cast": lambda x: tf.cast(x * 10.0, "int32"),
        },
    )


def tf_more_shapes(k: Kit) -> Made:
    tf = _tf(k)
    return _whole(
        k,
        tf,
        {
            "concat": lambda x: tf.concat([x, x], axis=1),
            "stack": lambda x: tf.stack([x, x], axis=1),
            "split": lambda x: tf.split(x, 2, axis=2)[1],
            "tile": lambda x: tf.tile(x, [1, 2, 1]),
            "repeat": lambda x: tf.repeat(x, 2, axis=1),
            "reverse": lambda x: tf.reverse(x, axis=[1]),
            "roll": lambda x: tf.roll(x, 1, axis=1),
            "pad": lambda x: tf.pad(x, [[0, 0], [1, 1], [0, 2]]),
            "gather": lambda x: tf.gather(x, [0, 2], axis=1),
            "unstack": lambda x: tf.unstack(x, axis=2)[1],
            "one_hot": lambda x: tf.one_hot(tf.cast(x[:, 0] * 3.0, "int32"), 4),
            "clip_by_value": lambda x: tf.clip_by_value(x, 0.2, 0.6),
            "zeros_like": lambda x: tf.zeros_like(x) + tf.ones_like(x),
            "shape": lambda x: tf.reshape(x, (tf.shape(x)[0], -1)),
        },
    )


def tf_neural(k: Kit) -> Made:
    tf = _tf(k)
    names = "nn.relu nn.softmax nn.relu6 nn.leaky_relu nn.elu nn.selu nn.gelu nn.silu nn.softplus"
    return _whole(k, tf, {name: _of_one(tf, name) for name in names.split()})


def tf_products(k: Kit) -> Made:
    tf = _tf(k)
    return _whole(
        k,
        tf,
        {
            "matmul": lambda x: tf.matmul(x, x, transpose_b=True),
            "matmul 2": lambda x: x @ tf.transpose(x, (0, 2, 1)),
            "math.multiply_no_nan": lambda x: tf.math.multiply_no_nan(x, x),
            "math.divide_no_nan": lambda x: tf.math.divide_no_nan(x, x + 1.0),
            "math.scalar_mul": lambda x: tf.math.scalar_mul(2.0, x),
            "add_n": lambda x: tf.add_n([x, x]),
        },
    )


def tf_pictures(k: Kit) -> Made:
    tf = _tf(k)
    return _whole(
        k,
        tf,
        {
            "image.resize": lambda x: tf.image.resize(x, (4, 5)),
            "image.rgb_to_grayscale": tf.image.rgb_to_grayscale,
            "image.flip_left_right": tf.image.flip_left_right,
            "image.per_image_standardization": tf.image.per_image_standardization,
            "image.central_crop": lambda x: tf.image.central_crop(x, 0.5),
            "nn.max_pool2d": lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"),
            "nn.avg_pool2d": lambda x: tf.nn.avg_pool2d(x, 2, 2, "SAME"),
        },
        *(8, 8, 3),
    )


def ops_of_one(k: Kit) -> Made:
    ops = _ops(k)
    names = (
        "abs absolute negative sign square sqrt rsqrt reciprocal exp expm1 log log1p log2 log10"
        " sin cos tan sinh cosh tanh arcsin arccos arctan arcsinh arctanh erf erfinv"
        " floor ceil round isnan isinf isfinite logical_not"
    )
    return _whole(k, ops, {name: _of_one(ops, name) for name in names.split()})


def newer_ops_of_one(k: Kit) -> Made:
    ops = _ops(k)
    names = (
        "exp2 trunc cbrt deg2rad rad2deg sinc i0 signbit isneginf isposinf isreal erfc"
        " conj conjugate real nan_to_num copy ravel stop_gradient"
    )
    skip = {"ravel"}
    found = [name for name in names.split() if name not in skip]
    return _whole(k, ops, {name: _of_one(ops, name) for name in found})


def ops_of_two(k: Kit) -> Made:
    ops = _ops(k)
    names = (
        "add subtract multiply divide true_divide divide_no_nan floor_divide mod power maximum"
        " minimum arctan2 logaddexp greater greater_equal less less_equal equal not_equal"
    )
    return _whole(k, ops, {name: _of_two(ops, name) for name in names.split()})


def newer_ops_of_two(k: Kit) -> Made:
    ops = _ops(k)
    names = "fmax fmin fmod hypot heaviside logaddexp2 nextafter isclose"
    return _whole(k, ops, {name: _of_two(ops, name) for name in names.split()})


def _of_two(ops: Any, name: str) -> Any:
    return lambda x: getattr(ops, name)(x, x[:, ::-1])


def ops_of_integers(k: Kit) -> Made:
    ops = _ops(k)

    def whole(x: Any) -> Any:
        return ops.cast(x * 9.0, "int32")

    names = "bitwise_and bitwise_or bitwise_xor gcd lcm left_shift right_shift"
    found: Any = {
        name: (lambda x, name=name: getattr(ops, name)(whole(x), whole(x)))
        for name in names.split()
    }
    found["bitwise_not"] = lambda x: ops.bitwise_not(whole(x))
    found["one_hot"] = lambda x: ops.one_hot(whole(x[:, 0]), 10)
    found["logical_xor"] = lambda x: ops.logical_xor(x > 0.3, x > 0.6)
    found["logical_and"] = lambda x: ops.logical_and(x > 0.3, x > 0.6)
    found["logical_or"] = lambda x: ops.logical_or(x > 0.3, x > 0.6)
    found["where"] = lambda x: ops.where(x > 0.5, x, -x)
    found["clip"] = lambda x: ops.clip(x, 0.3, 0.6)
    return _whole(k, ops, found)


def ops_that_reduce(k: Kit) -> Made:
    ops = _ops(k)
    names = (
        "mean sum max min amax amin prod std var median any all argmax argmin cumsum cumprod"
        " count_nonzero logsumexp average norm"
    )
    return _whole(k, ops, {name: _along(ops, name) for name in names.split()})


def newer_ops_that_reduce(k: Kit) -> Made:
    ops = _ops(k)
    names = "nanmax nanmin nanmean nansum nanstd nanvar nanprod ptp nancumsum"
    return _whole(k, ops, {name: _along(ops, name) for name in names.split()})


def _along(ops: Any, name: str) -> Any:
    return lambda x: getattr(ops, name)(x, axis=1)


def ops_of_shapes(k: Kit) -> Made:
    ops = _ops(k)
    return _whole(
        k,
        ops,
        {
            "reshape": lambda x: ops.reshape(x, (-1, COLUMNS, STEPS)),
            "squeeze": lambda x: ops.squeeze(x[:, :1], axis=1),
            "expand_dims": lambda x: ops.expand_dims(x, -1),
            "transpose": lambda x: ops.transpose(x, (0, 2, 1)),
            "swapaxes": lambda x: ops.swapaxes(x, 1, 2),
            "moveaxis": lambda x: ops.moveaxis(x, 1, 2),
            "flip": lambda x: ops.flip(x, axis=1),
            "roll": lambda x: ops.roll(x, 1, axis=1),
            "concatenate": lambda x: ops.concatenate([x, x], axis=1),
            "stack": lambda x: ops.stack([x, x], axis=1),
            "hstack": lambda x: ops.hstack([x, x]),
            "split": lambda x: ops.split(x, 2, axis=2)[1],
            "take": lambda x: ops.take(x, [0, 2], axis=1),
            "pad": lambda x: ops.pad(x, [[0, 0], [1, 1], [0, 2]]),
            "repeat": lambda x: ops.repeat(x, 2, axis=1),
            "tile": lambda x: ops.tile(x, [1, 2, 1]),
            "ones_like": lambda x: ops.ones_like(x) + ops.zeros_like(x),
            "sort": lambda x: ops.sort(x, axis=1),
            "argsort": lambda x: ops.argsort(x, axis=1),
            "top_k": lambda x: ops.top_k(x, 2)[0],
            "tril": ops.tril,
            "triu": ops.triu,
            "diff": lambda x: ops.diff(x, axis=1),
            "unstack": lambda x: ops.unstack(x, axis=2)[1],
            "cast": lambda x: ops.cast(x * 9.0, "int32"),
        },
    )


def ops_of_products(k: Kit) -> Made:
    ops = _ops(k)
    return _whole(
        k,
        ops,
        {
            "matmul": lambda x: ops.matmul(x, ops.transpose(x, (0, 2, 1))),
            "einsum": lambda x: ops.einsum("abc,adc->abd", x, x),
            "normalize": lambda x: ops.normalize(x, axis=-1),
            "moments": lambda x: ops.moments(x, axes=[1])[0],
            "layer_normalization": lambda x: ops.layer_normalization(x, axis=-1),
        },
    )


def ops_of_activations(k: Kit) -> Made:
    ops = _ops(k)
    names = (
        "relu relu6 sigmoid softplus softsign silu log_sigmoid leaky_relu hard_sigmoid hard_silu"
        " hard_tanh elu selu gelu celu glu softmax log_softmax squareplus tanh_shrink soft_shrink"
        " hard_shrink sparsemax threshold"
    )
    two = {"threshold": lambda x: ops.threshold(x, 0.3, 0.1)}
    found = {name: two.get(name, _of_one(ops, name)) for name in names.split()}
    return _whole(k, ops, found)


def ops_of_pictures(k: Kit) -> Made:
    ops = _ops(k)
    return _whole(
        k,
        ops,
        {
            "max_pool": lambda x: ops.max_pool(x, 2, 2),
            "average_pool": lambda x: ops.average_pool(x, 2, 2, padding="same"),
            "image.resize": lambda x: ops.image.resize(x, (4, 5)),
            "image.rgb_to_grayscale": lambda x: ops.image.rgb_to_grayscale(x),
            "fliplr": lambda x: ops.flip(x, axis=2),
        },
        *(8, 8, 3),
    )


CASES = (
    tf_arithmetic,
    tf_functions,
    tf_more_functions,
    tf_comparisons,
    tf_reductions,
    tf_more_reductions,
    tf_shapes,
    tf_more_shapes,
    tf_neural,
    tf_products,
    tf_pictures,
    ops_of_one,
    newer_ops_of_one,
    ops_of_two,
    newer_ops_of_two,
    ops_of_integers,
    ops_that_reduce,
    newer_ops_that_reduce,
    ops_of_shapes,
    ops_of_products,
    ops_of_activations,
    ops_of_pictures,
)
