"""Lists the names that a model's configuration may use; every other name is refused.

Loading a Keras model means calling whatever its configuration names. So the question is never
"is this name known to be dangerous?" but "is it known to be harmless?". The table for people,
with reasons, is in `engine/grading/README.md`; a test compares the two, and both with the layers
that the installed Keras offers.
"""

import re
from collections.abc import Callable
from typing import Any


def _names(text: str) -> frozenset[str]:
    """The words of `text`."""
    return frozenset(text.split())


MODELS = frozenset({"Sequential", "Functional", "Model"})

LAYERS = _names(
    """
    InputLayer Dense EinsumDense Embedding ReversibleEmbedding RandomFourierFeatures Activation
    Masking Identity
    ActivityRegularization
    Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose SeparableConv1D
    SeparableConv2D DepthwiseConv1D DepthwiseConv2D Convolution1D Convolution2D Convolution3D
    Convolution1DTranspose Convolution2DTranspose Convolution3DTranspose
    SeparableConvolution1D SeparableConvolution2D LocallyConnected1D LocallyConnected2D
    MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
    MaxPool1D MaxPool2D MaxPool3D AvgPool1D AvgPool2D AvgPool3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GlobalAveragePooling1D
    GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPool1D GlobalMaxPool2D
    GlobalMaxPool3D GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D
    AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D
    LSTM GRU SimpleRNN RNN LSTMCell GRUCell SimpleRNNCell StackedRNNCells Bidirectional
    TimeDistributed ConvLSTM1D ConvLSTM2D ConvLSTM3D CuDNNLSTM CuDNNGRU
    BatchNormalization BatchNormalizationV1 BatchNormalizationV2 SyncBatchNormalization
    LayerNormalization GroupNormalization UnitNormalization RMSNormalization
    SpectralNormalization Normalization
    Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianDropout GaussianNoise
    AlphaDropout
    MultiHeadAttention GroupQueryAttention GroupedQueryAttention Attention AdditiveAttention
    Reshape Flatten RepeatVector Permute Cropping1D Cropping2D Cropping3D UpSampling1D
    UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D
    Add Subtract Multiply Average Maximum Minimum Concatenate Dot
    ReLU LeakyReLU PReLU ELU ThresholdedReLU Softmax LayerScale
    Rescaling Resizing CenterCrop RandomCrop RandomFlip RandomTranslation RandomRotation
    RandomZoom RandomContrast RandomBrightness RandomHeight RandomWidth RandomShear
    RandomHue RandomSaturation RandomSharpness RandomPerspective RandomInvert RandomErasing
    RandomGrayscale RandomPosterization RandomColorDegeneration RandomColorJitter
    RandomGaussianBlur RandomElasticTransform AutoContrast Equalization Solarization
    RandAugment AugMix ContrastLimitedAdaptiveHistogramEqualization Pipeline
    Discretization CategoryEncoding IntegerLookup
    """
)

# Refused although Keras offers them; each group has its own message (model_rules.py).
CODE_LAYERS = frozenset({"Lambda", "__lambda__"})
FOREIGN_LAYERS = frozenset({"TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"})
GRAPH_LAYERS = frozenset({"TensorFlowOpLayer"})
TEXT_LAYERS = frozenset(
    {"TextVectorization", "StringLookup", "Hashing", "HashedCrossing", "DenseFeatures"}
)
NEEDLESS_LAYERS = _names(
    """
    Layer InputSpec Wrapper AbstractRNNCell MelSpectrogram STFTSpectrogram MixUp CutMix
    MaxNumBoundingBoxes
    """
)

INITIALIZERS = _names(
    """
    Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer
    LecunNormal LecunUniform Ones Orthogonal OrthogonalInitializer RandomNormal RandomUniform
    TruncatedNormal VarianceScaling Zeros
    glorot_normal glorot_uniform he_normal he_uniform identity lecun_normal lecun_uniform ones
    one orthogonal random_normal normal random_uniform uniform truncated_normal
    variance_scaling zeros zero constant GlorotNormalV2 GlorotUniformV2 HeNormalV2 HeUniformV2
    OrthogonalV2 ZerosV2 OnesV2 RandomUniformV2 RandomNormalV2 TruncatedNormalV2
    VarianceScalingV2 ConstantV2 IdentityV2 LecunNormalV2 LecunUniformV2
    """
)
REGULARIZERS = _names("L1 L2 L1L2 OrthogonalRegularizer l1 l2 l1_l2 orthogonal_regularizer")
CONSTRAINTS = _names(
    """
    MaxNorm MinMaxNorm NonNeg UnitNorm RadialConstraint max_norm min_max_norm non_neg unit_norm
    radial_constraint maxnorm nonneg unitnorm
    """
)
ACTIVATIONS = _names(
    """
    celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh
    leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink
    softmax softmax_v2 softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus swish
    tanh tanh_shrink threshold
    """
)
POLICIES = frozenset({"DTypePolicy", "FloatDTypePolicy", "Policy", "PolicyV1", "DTypePolicyMap"})
# What Keras 3 writes for a layer whose weights are integers.
QUANTIZED = re.compile(
    r"Quantized\w*DTypePolicy|\w+QuantizationConfig|AbsMaxQuantizer|GPTQDTypePolicy"
)

# Values that Keras writes as objects: tensors of a graph, tuples, slices, seeds.
VALUES = frozenset(
    {
        "__keras_tensor__",
        "__tensor__",
        "__numpy__",
        "__tuple__",
        "__slice__",
        "__ellipsis__",
        "TensorShape",
        "SeedGenerator",
    }
)

# Names in the `compile_config` of a model within a model. They load with it, unused.
COMPILED = _names(
    """
    Adam AdamW Adamax Adagrad Adadelta SGD RMSprop Nadam Ftrl Lion Lamb Muon Adafactor
    ExponentialDecay CosineDecay CosineDecayRestarts InverseTimeDecay PiecewiseConstantDecay
    PolynomialDecay
    MeanSquaredError MeanAbsoluteError MeanAbsolutePercentageError Huber LogCosh
    MeanSquaredLogarithmicError BinaryCrossentropy CategoricalCrossentropy Poisson
    SparseCategoricalCrossentropy KLDivergence CosineSimilarity Hinge SquaredHinge
    CategoricalHinge BinaryFocalCrossentropy CategoricalFocalCrossentropy
    Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy
    TopKCategoricalAccuracy SparseTopKCategoricalAccuracy Precision Recall AUC F1Score
    RootMeanSquaredError Mean Sum R2Score
    """
)

# Keras 3: operations that became layers of a functional graph (`x / 2`, `x[:, 0]`, …).
OPS = _names(
    """
    Add Subtract Multiply Divide TrueDivide DivideNoNan FloorDivide Mod Power Square Sqrt Rsqrt
    Reciprocal Absolute Abs Negative Sign Exp Exp2 Expm1 Log Log1p Log2 Log10 Logaddexp Logsumexp
    Sin Cos Tan Sinh Cosh Tanh Arcsin Arccos Arctan Arctan2 Arcsinh Arccosh Arctanh Erf
    Round Floor Ceil Trunc Clip Maximum Minimum Where NanToNum
    Greater GreaterEqual Less LessEqual Equal NotEqual LogicalAnd LogicalOr LogicalNot LogicalXor
    Mean Sum Max Min Amax Amin Prod Std Var Median Average Any All Argmax Argmin Cumsum Cumprod
    CountNonzero Norm Normalize Moments
    Matmul Dot Einsum Tensordot Outer Inner
    Reshape Squeeze ExpandDims Transpose Swapaxes Moveaxis Ravel Flip Roll Concatenate Stack
    Hstack Vstack Split Unstack GetItem Slice Take TakeAlongAxis Copy Cast Pad
    Repeat Tile BroadcastTo OnesLike ZerosLike FullLike OneHot StopGradient Identity Diff
    Sort TopK Diagonal
    Cbrt Conj Conjugate Deg2rad Rad2deg Erfc Erfinv Fabs I0 Signbit Sinc Real
    Isfinite Isinf Isnan Isneginf Isposinf Isreal Isclose SaturateCast
    Fmax Fmin Fmod Hypot Heaviside Logaddexp2 Nextafter
    BitwiseAnd BitwiseInvert BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor
    LeftShift RightShift Gcd Lcm
    Nanargmax Nanargmin Nancumprod Nancumsum Nanmax Nanmean Nanmedian Nanmin Nanprod Nanstd
    Nansum Nanvar Ptp
    Tril Triu Fliplr Flipud Argsort LayerNorm RMSNorm BatchNorm
    MaxPool AveragePool Conv Resize RGBToGrayscale RGBToHSV HSVToRGB
    Relu Relu6 Sigmoid Softplus Softsign Silu Swish LogSigmoid LeakyRelu HardSigmoid HardSilu
    HardTanh Elu Selu Gelu Celu Glu Softmax LogSoftmax Mish Squareplus TanhShrink SoftShrink
    HardShrink Threshold SparsePlus Sparsemax
    """
)

# Keras 2: the TensorFlow functions that a TFOpLambda layer may call.
TF_OPS = _names(
    """
    __operators__.eq __operators__.ne __operators__.add __operators__.getitem
    __operators__.radd __operators__.rsub
    math.add math.subtract math.multiply math.divide math.truediv math.divide_no_nan
    math.floordiv math.floormod math.mod math.pow math.square math.sqrt math.rsqrt
    math.reciprocal math.abs math.negative math.sign math.exp math.expm1 math.log math.log1p
    math.sin math.cos math.tan math.sinh math.cosh math.tanh math.asin math.acos math.atan
    math.atan2 math.sigmoid math.softplus math.erf math.round math.rint math.floor math.ceil
    math.maximum math.minimum math.greater math.greater_equal math.less math.less_equal
    math.equal math.not_equal math.logical_and math.logical_or math.logical_not
    math.reduce_mean math.reduce_sum math.reduce_max math.reduce_min math.reduce_prod
    math.reduce_std math.reduce_variance math.reduce_any math.reduce_all
    math.reduce_logsumexp math.argmax math.argmin math.cumsum math.add_n math.l2_normalize
    math.scalar_mul math.squared_difference math.top_k math.is_nan math.softmax
    math.log_softmax math.log_sigmoid math.softsign math.bincount
    math.asinh math.acosh math.atanh math.erfc math.erfinv math.ndtri math.lgamma math.digamma
    math.is_finite math.is_inf math.cumprod math.cumulative_logsumexp math.multiply_no_nan
    math.xdivy math.xlog1py math.xlogy math.count_nonzero math.reduce_euclidean_norm
    math.zero_fraction math.logical_xor
    linalg.matmul linalg.l2_normalize linalg.norm linalg.normalize linalg.matrix_transpose
    linalg.einsum linalg.tensordot
    nn.relu nn.relu6 nn.leaky_relu nn.elu nn.selu nn.gelu nn.silu nn.swish nn.softmax
    nn.log_softmax nn.sigmoid nn.tanh nn.softplus nn.softsign nn.l2_normalize nn.bias_add
    nn.moments nn.max_pool nn.avg_pool nn.max_pool2d nn.avg_pool2d nn.conv1d nn.conv2d
    cast reshape squeeze expand_dims transpose concat stack unstack split tile repeat reverse
    roll pad slice strided_slice gather where clip_by_value identity stop_gradient zeros_like
    ones_like one_hot shape broadcast_to matmul einsum tensordot abs add subtract multiply
    divide reduce_mean reduce_sum reduce_max reduce_min maximum minimum pow square sqrt exp
    sigmoid tanh round sign greater less equal
    sort argsort ensure_shape clip_by_norm dtypes.saturate_cast reverse_sequence
    linalg.band_part nn.max_pool1d nn.avg_pool1d nn.local_response_normalization
    compat.v1.norm compat.v1.math.scalar_mul compat.v1.nn.conv1d compat.v1.nn.conv2d
    compat.v1.squeeze compat.v1.transpose compat.v1.concat compat.v1.cast compat.v1.shape
    compat.v1.expand_dims compat.v1.gather compat.v1.pad compat.v1.where
    compat.v1.nn.softmax compat.v1.nn.relu compat.v1.math.reduce_mean compat.v1.reduce_mean
    compat.v1.reduce_sum compat.v1.math.log_softmax compat.v1.math.argmax compat.v1.floor_div
    image.resize image.rgb_to_grayscale image.grayscale_to_rgb image.convert_image_dtype
    image.per_image_standardization image.flip_left_right image.flip_up_down
    image.adjust_brightness image.adjust_contrast image.adjust_gamma image.adjust_hue
    image.adjust_saturation image.rgb_to_hsv image.hsv_to_rgb image.rgb_to_yuv
    image.central_crop
    """
)

_FAMILIES = (
    "layers|models|initializers|regularizers|constraints|activations|ops|dtype_policies|engine"
    "|mixed_precision|optimizers|losses|metrics|random"
)
_MODULE = re.compile(
    rf"(tf_)?keras(\.src|\.api|\._legacy|\._tf_keras\.keras)*(\.({_FAMILIES})(\.[a-z0-9_]+)*)?"
)
# numpy also knows types that are arrays: `(1000000,)f8` is one number and eight million bytes.
_NUMBERS = re.compile(r"bool|(u?int|b?float)(8|16|32|64)")


def is_keras_module(module: str) -> bool:
    """Whether `module` is a part of Keras for layers, operations, initialisers and the like."""
    return _MODULE.fullmatch(module) is not None


def holds_numbers(array: object) -> bool:
    """Whether the `config` of a `__numpy__` or `__tensor__` names a plain type of numbers."""
    kind = array.get("dtype", "float32") if isinstance(array, dict) else None
    return isinstance(kind, str) and _NUMBERS.fullmatch(kind) is not None


def is_op(name: str, module: object) -> bool:
    """Whether the class is one of Keras 3's operations.

    HDF5 files leave the module out; then only names that no layer has are operations.
    """
    if isinstance(module, str) and module:
        return ".ops." in module or module.endswith(".ops")
    return name in OPS and name not in LAYERS


def is_operation(layer: dict[str, Any]) -> bool:
    """Whether `layer`, an object with class_name and config, is an operation of Keras 3.

    If a layer has the same name, the configuration decides.
    """
    name, config = str(layer.get("class_name")), layer.get("config")
    if is_op(name, layer.get("module")):
        return True
    return isinstance(config, dict) and name in _TWOFOLD and _TWOFOLD[name](config)


# Operations that share a name with a layer, and which keys of the configuration tell them apart.
_TWOFOLD: dict[str, Callable[[dict[str, Any]], bool]] = {
    "Reshape": lambda config: "newshape" in config and "target_shape" not in config,
    "Dot": lambda config: "axes" not in config,
    "Average": lambda config: "axis" in config,
}


def is_layer(name: str, module: object) -> bool:
    """Whether the class counts as a layer of a model."""
    return name in LAYERS or name in MODELS or name in OP_LAYERS or is_op(name, module)


OP_LAYERS = frozenset({"TFOpLambda", "SlicingOpLambda"})
ALL_OBJECTS = (
    MODELS | LAYERS | OP_LAYERS | INITIALIZERS | REGULARIZERS | CONSTRAINTS | POLICIES | VALUES
)
