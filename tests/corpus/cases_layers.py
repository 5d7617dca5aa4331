"""Models of every kind of layer, in groups: each version makes those that it has."""

from typing import Any

from tests.corpus.kit import COLUMNS, STEPS, Kit, Made


def _pictures(k: Kit, *layers: Any) -> Made:
    return Made(k.chain((8, 8, 2), *layers, k.flat(), k.Dense(2)), k.numbers(8, 8, 2))


def _series(k: Kit, *layers: Any) -> Made:
    return Made(k.chain((STEPS, COLUMNS), *layers, k.flat(), k.Dense(2)), k.numbers(STEPS, COLUMNS))


def convolutions(k: Kit) -> Made:
    return _pictures(
        k,
        k.Conv2D(4, 3, padding="same", activation="elu"),
        k.Conv2D(4, 3, padding="same", dilation_rate=2),
        k.SeparableConv2D(3, 3, padding="same"),
        k.DepthwiseConv2D(3, padding="same"),
        k.Conv2DTranspose(3, 3, strides=2, padding="same"),
    )


def grouped_convolution(k: Kit) -> Made:
    return _pictures(k, k.Conv2D(4, 3, groups=2), k.ReLU(6.0))


def convolutions_of_series(k: Kit) -> Made:
    return _series(
        k,
        k.Conv1D(4, 3, padding="causal", activation="relu"),
        k.Conv1D(4, 2, padding="same", strides=2),
        k.SeparableConv1D(3, 2, padding="same"),
        k.UpSampling1D(2),
    )


def newer_convolutions_of_series(k: Kit) -> Made:
    return _series(k, k.Conv1DTranspose(4, 3, strides=2), k.DepthwiseConv1D(3, padding="same"))


def convolutions_of_volumes(k: Kit) -> Made:
    layers = [
        k.Conv3D(2, 2),
        k.MaxPooling3D(2, strides=1),
        k.Conv3DTranspose(2, 2),
        k.ZeroPadding3D(1),
        k.Cropping3D(1),
        k.UpSampling3D(2),
        k.AveragePooling3D(2),
        k.GlobalAveragePooling3D(),
        k.Dense(2),
    ]
    return Made(k.chain((5, 5, 5, 1), *layers), k.numbers(5, 5, 5, 1))


def locally_connected(k: Kit) -> Made:
    return _series(k, k.LocallyConnected1D(3, 2))


def locally_connected_in_pictures(k: Kit) -> Made:
    return _pictures(k, k.MaxPooling2D(2), k.LocallyConnected2D(2, 2))


def pooling(k: Kit) -> Made:
    start = k.input(9, 9, 2)
    parts = [
        k.MaxPooling2D(3, strides=2, padding="same")(start),
        k.AveragePooling2D(2)(start),
        k.ZeroPadding2D(((1, 2), (3, 4)))(start),
        k.Cropping2D(((1, 2), (3, 4)))(start),
        k.UpSampling2D((2, 1))(start),
        k.Permute((2, 1, 3))(start),
        k.Dense(2)(k.GlobalMaxPooling2D()(start)),
        k.Dense(2)(k.GlobalAveragePooling2D()(start)),
    ]
    small = [k.Conv2D(1, 2, strides=3)(part) for part in parts[:6]]
    return Made(k.joined(start, [*small, *parts[6:]]), k.numbers(9, 9, 2))


def pooling_of_series(k: Kit) -> Made:
    start = k.input(STEPS, COLUMNS)
    parts = [
        k.MaxPooling1D(2)(start),
        k.AveragePooling1D(3, strides=1, padding="same")(start),
        k.GlobalMaxPooling1D()(start),
        k.GlobalAveragePooling1D()(start),
        k.ZeroPadding1D((1, 2))(start),
        k.Cropping1D((1, 2))(start),
        k.Permute((2, 1))(start),
        k.Reshape((-1, 2))(start),
        k.RepeatVector(2)(k.Dense(2)(k.Flatten()(start))),
    ]
    return Made(k.joined(start, parts), k.numbers(STEPS, COLUMNS))


def larger_pictures(k: Kit) -> Made:
    return _pictures(k, k.UpSampling2D(2, interpolation="bilinear"), k.Conv2D(2, 3, strides=3))


def global_pooling_that_keeps_axes(k: Kit) -> Made:
    return _pictures(k, k.Conv2D(3, 3), k.GlobalAveragePooling2D(keepdims=True))


def adaptive_pooling(k: Kit) -> Made:
    return _pictures(k, k.AdaptiveAveragePooling2D((3, 2)), k.AdaptiveMaxPooling2D(2))


def recurrent(k: Kit) -> Made:
    return _series(
        k,
        k.LSTM(3, return_sequences=True, go_backwards=True),
        k.GRU(3, return_sequences=True, dropout=0.1, recurrent_dropout=0.1),
        k.SimpleRNN(3, return_sequences=True, activation="relu"),
        k.LSTM(3, unroll=True, recurrent_activation="hard_sigmoid", use_bias=False),
    )


def recurrent_both_ways(k: Kit) -> Made:
    start = k.input(STEPS, COLUMNS)
    kinds = ((k.LSTM, "sum"), (k.GRU, "ave"), (k.SimpleRNN, "mul"), (k.LSTM, "concat"))
    parts = [k.Bidirectional(layer(2), merge_mode=mode)(start) for layer, mode in kinds]
    return Made(k.joined(start, parts), k.numbers(STEPS, COLUMNS))


def gru_of_both_kinds(k: Kit) -> Made:
    layers = [
        k.GRU(3, return_sequences=True, reset_after=True),
        k.GRU(3, reset_after=False, implementation=1),
    ]
    return _series(k, *layers)


def recurrent_cells(k: Kit) -> Made:
    return _series(k, k.RNN([k.LSTMCell(3), k.GRUCell(2), k.SimpleRNNCell(2)]))


def backward_layer(k: Kit) -> Made:
    one = k.LSTM(3, return_sequences=True)
    other = k.GRU(3, return_sequences=True, go_backwards=True)
    return _series(k, k.Bidirectional(one, backward_layer=other))


def convolutions_with_memory(k: Kit) -> Made:
    layers = [k.ConvLSTM2D(2, 2), k.Flatten(), k.Dense(2)]
    return Made(k.chain((3, 4, 4, 1), *layers), k.numbers(3, 4, 4, 1))


def convolutions_with_memory_of_series(k: Kit) -> Made:
    layers = [k.ConvLSTM1D(2, 2), k.Flatten(), k.Dense(2)]
    return Made(k.chain((3, 4, 1), *layers), k.numbers(3, 4, 1))


def time_distributed(k: Kit) -> Made:
    inner = k.chain((4, 4, 1), k.Conv2D(2, 2), k.Flatten(), k.Dense(3))
    model = k.chain((3, 4, 4, 1), k.TimeDistributed(inner), k.LSTM(2))
    return Made(model, k.numbers(3, 4, 4, 1))


def masks(k: Kit) -> Made:
    words = k.input(STEPS)
    vectors = k.Embedding(20, 4, mask_zero=True)(words)
    found = k.Bidirectional(k.LSTM(3, return_sequences=True))(vectors)
    model = k.graph(words, k.Dense(2)(k.GRU(3)(k.SpatialDropout1D(0.2)(found))))
    return Made(model, k.words(STEPS, 20))


def masking(k: Kit) -> Made:
    made = _series(k, k.Masking(0.0), k.LSTM(3))
    made.inputs[1, 3:] = 0
    return made


def words_of_given_length(k: Kit) -> Made:
    layers = [k.Embedding(20, 4, input_length=STEPS), k.Flatten(), k.Dense(2)]
    return Made(k.keras.Sequential(layers), k.words(STEPS, 20))


def batch_normalization(k: Kit) -> Made:
    return _pictures(
        k,
        k.BatchNormalization(),
        k.Conv2D(3, 3, use_bias=False),
        k.BatchNormalization(scale=False, momentum=0.9, epsilon=1e-2),
        k.flat(),
        k.BatchNormalization(center=False),
    )


def layer_normalization(k: Kit) -> Made:
    return _series(k, k.LayerNormalization(), k.LayerNormalization(axis=1, epsilon=1e-2))


def layer_normalization_of_two_axes(k: Kit) -> Made:
    return _series(k, k.LayerNormalization(axis=(1, 2)))


def newer_normalizations(k: Kit) -> Made:
    return _series(k, k.GroupNormalization(2), k.UnitNormalization())


def newest_normalizations(k: Kit) -> Made:
    return _series(k, k.RMSNormalization(), k.SpectralNormalization(k.Dense(3)))


def _normalization(k: Kit, **settings: Any) -> Made:
    normalize = k.Normalization(**settings)
    inputs = k.numbers(STEPS, COLUMNS) * [1, 10, 100, 0.1] + [0, 5, 50, 1]
    normalize.adapt(inputs.astype("float32"))
    made = _series(k, normalize)
    made.inputs = inputs.astype("float32")
    return made


def normalization(k: Kit) -> Made:
    return _normalization(k)


def normalization_of_all(k: Kit) -> Made:
    return _normalization(k, axis=None)


def normalization_of_two_axes(k: Kit) -> Made:
    return _normalization(k, axis=(1, 2))


def normalization_by_numbers(k: Kit) -> Made:
    return _series(k, k.Normalization(mean=2.0, variance=3.0))


def regularising(k: Kit) -> Made:
    return _series(
        k,
        k.Dropout(0.5),
        k.GaussianNoise(0.5),
        k.GaussianDropout(0.5),
        k.AlphaDropout(0.5),
        k.SpatialDropout1D(0.5),
        k.ActivityRegularization(l2=0.1),
        k.Dense(3),
    )


def activation_layers(k: Kit) -> Made:
    return _series(
        k,
        k.LeakyReLU(),
        k.ELU(0.7),
        k.PReLU(shared_axes=[1]),
        k.Softmax(axis=1),
        k.ReLU(max_value=1.0),
        *[k.Activation(name) for name in ("selu", "softsign", "exponential", "hard_sigmoid")],
    )


def newer_activations(k: Kit) -> Made:
    return _series(k, *[k.Dense(3, activation=name) for name in ("swish", "gelu")])


def newest_activations(k: Kit) -> Made:
    names = ("mish", "silu", "log_softmax", "hard_silu", "celu", "squareplus", "tanh_shrink")
    functions = [name for name in names if hasattr(k.keras.activations, name)]
    if len(functions) < 3:
        raise LookupError("none of them")
    return _series(k, *[k.Dense(3, activation=name) for name in functions])


def thresholded(k: Kit) -> Made:
    return _series(k, k.ThresholdedReLU(0.5))


def merging(k: Kit) -> Made:
    start = k.input(STEPS, COLUMNS)
    both = [k.Dense(3)(start), k.Dense(3, activation="relu")(start)]
    kinds = (k.Add, k.Subtract, k.Multiply, k.Average, k.Maximum, k.Minimum, k.Concatenate)
    parts = [kind()(both) for kind in kinds]
    parts += [k.Dot(axes=2)(both), k.Dot(axes=(1, 1), normalize=True)(both)]
    return Made(k.joined(start, parts), k.numbers(STEPS, COLUMNS))


def merging_by_functions(k: Kit) -> Made:
    start = k.input(STEPS, COLUMNS)
    both = [k.Dense(3)(start), k.Dense(3, activation="relu")(start)]
    names = ("add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate")
    parts = [getattr(k.layers, name)(both) for name in names]
    return Made(k.joined(start, [*parts, k.layers.dot(both, axes=2)]), k.numbers(STEPS, COLUMNS))


def attention(k: Kit) -> Made:
    start = k.input(STEPS, COLUMNS)
    other = k.Dense(COLUMNS)(start)
    parts = [k.Attention()([start, other]), k.AdditiveAttention()([other, start])]
    return Made(k.joined(start, parts), k.numbers(STEPS, COLUMNS))


def attention_with_scores(k: Kit) -> Made:
    start = k.input(STEPS, COLUMNS)
    parts = [k.Attention(score_mode=mode)([start, start]) for mode in ("dot", "concat")]
    return Made(k.joined(start, parts), k.numbers(STEPS, COLUMNS))


def multi_head_attention(k: Kit) -> Made:
    start = k.input(STEPS, COLUMNS)
    found = k.MultiHeadAttention(2, 3)(start, start)
    return Made(
        k.joined(start, [k.LayerNormalization()(k.Add()([start, found]))]),
        k.numbers(STEPS, COLUMNS),
    )


def grouped_attention(k: Kit) -> Made:
    start = k.input(STEPS, COLUMNS)
    return Made(
        k.joined(start, [k.GroupQueryAttention(3, 4, 2)(start, start)]), k.numbers(STEPS, COLUMNS)
    )


def einsum_dense(k: Kit) -> Made:
    return _series(k, k.EinsumDense("abc,cd->abd", (STEPS, 3), bias_axes="d"))


def preparing_pictures(k: Kit) -> Made:
    layers = [
        k.Rescaling(1 / 127.5, offset=-1),
        k.Resizing(9, 7),
        k.CenterCrop(6, 6),
        k.Conv2D(2, 3),
        k.Flatten(),
        k.Dense(2),
    ]
    return Made(k.chain((8, 8, 3), *layers), k.pictures(8, 8, 3))


def augmenting_pictures(k: Kit) -> Made:
    return _pictures(
        k,
        k.RandomFlip("horizontal"),
        k.RandomZoom(0.1),
        k.RandomTranslation(0.1, 0.1),
        k.RandomContrast(0.1),
        k.Conv2D(2, 3),
    )


def rotating_pictures(k: Kit) -> Made:
    return _pictures(k, k.RandomRotation(0.1), k.Conv2D(2, 3))


def cropping_pictures_at_random(k: Kit) -> Made:
    layers = [k.RandomCrop(6, 6), k.Conv2D(2, 3), k.GlobalMaxPooling2D(), k.Dense(2)]
    return Made(k.chain((8, 8, 2), *layers), k.numbers(8, 8, 2))


def newer_augmentation(k: Kit) -> Made:
    names = ("RandomHue", "RandomSharpness", "RandomInvert", "RandomGrayscale", "RandomShear")
    found = [name for name in names if hasattr(k.layers, name)]
    if not found:
        raise LookupError("none of them")
    layers = [getattr(k, name)(0.5) for name in found]
    model = k.chain((8, 8, 3), *layers, k.Conv2D(2, 3), k.Flatten(), k.Dense(2))
    return Made(model, k.fractions(8, 8, 3))


def categories(k: Kit) -> Made:
    start = k.input(3)
    bins = k.Discretization(bin_boundaries=[0.2, 0.5, 0.8])(start)
    many = k.CategoryEncoding(num_tokens=5, output_mode="multi_hot")(bins)
    return Made(k.graph(start, k.Dense(2)(many)), k.fractions(3))


CASES = (
    convolutions,
    grouped_convolution,
    convolutions_of_series,
    newer_convolutions_of_series,
    convolutions_of_volumes,
    locally_connected,
    locally_connected_in_pictures,
    pooling,
    pooling_of_series,
    larger_pictures,
    global_pooling_that_keeps_axes,
    adaptive_pooling,
    recurrent,
    recurrent_both_ways,
    gru_of_both_kinds,
    recurrent_cells,
    backward_layer,
    convolutions_with_memory,
    convolutions_with_memory_of_series,
    time_distributed,
    masks,
    masking,
    words_of_given_length,
    batch_normalization,
    layer_normalization,
    layer_normalization_of_two_axes,
    newer_normalizations,
    newest_normalizations,
    normalization,
    normalization_of_all,
    normalization_of_two_axes,
    normalization_by_numbers,
    regularising,
    activation_layers,
    newer_activations,
    newest_activations,
    thresholded,
    merging,
    merging_by_functions,
    attention,
    attention_with_scores,
    multi_head_attention,
    grouped_attention,
    einsum_dense,
    preparing_pictures,
    augmenting_pictures,
    rotating_pictures,
    cropping_pictures_at_random,
    newer_augmentation,
    categories,
)
