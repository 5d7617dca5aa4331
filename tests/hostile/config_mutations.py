"""Replaces each part of an honest configuration by what does not belong there.

Sources are the configurations that six versions of Keras wrote, those of the hostile
tests' honest models, and one of every allowed layer and operation with every setting
that has a size.
"""

import copy
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py

from engine.grading.inspection import allow_list
from tests.hostile.models import functional, layer

FIXTURES = Path(__file__).parents[1] / "fixtures" / "keras_versions"
Place = tuple[Any, ...]


def _nested(depth: int, *, lists: bool) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value] if lists else {"a": value}
    return value


VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2, 0.5, -0.5, 1e308, 10**30, -(10**30), 99_999_999),
    *("", "x", "same", "y" * 10_000, [], {}, [None], [-1, -1, -1], [10**8] * 4, [0.5, "x"]),
    *(float("nan"), float("inf"), [float("nan")], {"config": None}, {"class_name": "Dense"}),
    *(_nested(50, lists=True), _nested(50, lists=False), _nested(500, lists=True)),
)

_SIZED: dict[str, Any] = {
    "units": 2,
    "filters": 2,
    "output_dim": 2,
    "input_dim": 3,
    "n": 2,
    "num_heads": 1,
    "num_query_heads": 1,
    "num_key_value_heads": 1,
    "head_dim": 1,
    "key_dim": 1,
    "depth_multiplier": 1,
    "groups": 1,
    "rate": 0.1,
    "axis": -1,
    "alpha": 0.1,
    "scale": 1.0,
    "padding": "same",
    "data_format": "channels_last",
    "activation": "relu",
    "offset": 0.0,
    "height": 4,
    "width": 4,
    "target_shape": [-1],
    "dims": [1],
    "axes": 1,
    "num_tokens": 3,
    "vocabulary": [1, 2],
    "max_tokens": 3,
    "bin_boundaries": [0.0, 1.0],
    "output_mode": "int",
    "equation": "...a,ab->...b",
    "output_shape": [2],
    "merge_mode": "concat",
    "layers": [],
    "repeats": 2,
    "multiples": [1],
    "shape": [1],
    "depth": 2,
    "num_classes": 2,
    "k": 1,
    "projection_dim": 2,
    "pad_width": [[0, 1]],
    "paddings": [[0, 1]],
    "newshape": [-1],
    "subscripts": "a->a",
    "indices": [0],
    "num_or_size_splits": 1,
    "indices_or_sections": 1,
    "size": 2,
    "perm": [0],
    "return_sequences": True,
    "unroll": False,
    "stateful": False,
    "maxlength": 3,
}
_CELLS = {"LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"}

KINDS = [
    *sorted(allow_list.LAYERS - {"InputLayer"} - _CELLS),
    *sorted(allow_list.OPS),
    *sorted(allow_list.TF_OPS),
]
"""Every allowed layer but cells, every operation and every TensorFlow function."""


def one_of(kind: str) -> dict[str, Any]:
    """A graph of one layer or operation of class `kind`, or one TensorFlow function."""
    rank = next((int(n) for n in "123" if f"{n}D" in kind), 1)
    sizes = {key: [1] * rank for key in ("kernel_size", "strides", "pool_size", "dilation_rate")}
    settings = copy.deepcopy(_SIZED | sizes | {"cropping": [0] * rank, "output_size": [2] * rank})
    steps = kind.startswith("ConvLSTM")
    first = layer("InputLayer", batch_input_shape=[None, *[4] * (rank + steps), 2], name="in")
    if kind in ("TimeDistributed", "Bidirectional", "SpectralNormalization"):
        inner = "LSTM" if kind == "Bidirectional" else "Dense"
        settings["layer"] = layer(inner, **copy.deepcopy(_SIZED))
    if kind == "RNN":
        cells = [layer("LSTMCell", units=2), layer("GRUCell", units=2)]
        settings["cell"] = layer("StackedRNNCells", cells=cells)
    if "Padding" in kind:
        settings["padding"] = [[1, 1]] * rank if rank > 1 else [1, 1]
    if kind.lower().endswith("einsum"):
        settings |= {"subscripts": "abc,abc->abc", "equation": "abc,abc->abc"}
    if kind in ("Moveaxis", "strided_slice"):
        settings |= {"source": 1, "destination": 2, "begin": [0, 0], "end": [9, 1]}
        settings["strides"] = [1, 1]
    if kind == "image.resize":
        settings["size"] = [2, 2]
    if kind == "Pipeline":
        settings["layers"] = [layer("Resizing", height=2, width=2)]
    function = {"function": kind} if kind in allow_list.TF_OPS else {}
    under = "TFOpLambda" if function else kind
    item = layer(under, name="item", **{**settings, **function})
    given = {"axis": 1, "y": [[1.0]], "multiples": [1, 2], "slice_spec": [{"start": 0}, 0]}
    item["inbound_nodes"] = [[["in", 0, 0, given], ["in", 0, 0, {}]]]
    # A layer behind it takes whatever shape an odd value made.
    return functional([first, item, layer("Dense", units=2, name="last")], ["last"])


def sources() -> list[Any]:
    """The honest configurations that mutations start from."""
    written = []
    for path in sorted(FIXTURES.glob("*/*.h5")):
        with h5py.File(path) as file:
            written.append(json.loads(file.attrs["model_config"]))
    return [*written, *map(one_of, KINDS)]


def places(value: Any, way: Place = ()) -> Iterator[Place]:
    """The way to each part of `value`, the whole of it left out."""
    inside: Any = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, item in inside:
        yield (*way, key)
        yield from places(item, (*way, key))


def replaced(config: Any, way: Place, value: Any) -> str:
    """The text of `config` with `value` at the end of `way`."""
    at = config
    for key in way[:-1]:
        at = at[key]
    before, at[way[-1]] = at[way[-1]], value
    text = json.dumps(config)
    at[way[-1]] = before
    return text


def every_variant(configs: Sequence[Any]) -> Iterator[tuple[str, Place, Any]]:
    """Each part of each configuration, replaced by each value."""
    for config in configs:
        for way in list(places(config)):
            for value in VALUES:
                yield replaced(config, way, value), way, value


def some_variants(
    configs: Sequence[Any], seed: int, count: int
) -> Iterator[tuple[str, Place, Any]]:
    """`count` of them by chance, from every configuration the same number."""
    draw = random.Random(seed)
    ways = [list(places(config)) for config in configs]
    for number in range(count):
        config, own = configs[number % len(configs)], ways[number % len(configs)]
        way, value = draw.choice(own), draw.choice(VALUES)
        yield replaced(config, way, value), way, value
