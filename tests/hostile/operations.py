"""Makes models whose operations, in both dialects, give far more than they take."""

from pathlib import Path
from typing import Any

from tests.hostile.models import Config, functional, layer, write_model
from tests.hostile.registry import hostile

NAME = "mymodel.h5"
MANY = 90_000_000


def _first(*shape: int | None) -> Config:
    return layer("InputLayer", batch_input_shape=[None, *(shape or (1,))], name="in")


def _tf(folder: Path, function: str, named: dict[str, Any], *shape: int) -> Path:
    """A model of one TensorFlow function, as Keras 2 writes it."""
    op = layer("TFOpLambda", function=function, name="op")
    op["inbound_nodes"] = [["in", 0, 0, named]]
    return write_model(folder / NAME, functional([_first(*shape), op], ["op"]))


def _tensor(name: str, *shape: int | None) -> Config:
    config = {"shape": [None, *shape], "dtype": "float32", "keras_history": [name, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


def _keras3(folder: Path, kind: str, *arguments: Any, times: int = 1, **config: Any) -> Path:
    """A model of one of Keras 3's operations, as it writes it to HDF5."""
    op: Config = {"class_name": kind, "config": {"name": "op", **config}}
    takes = [_tensor("in", 1)] * times
    op["inbound_nodes"] = [{"args": [*takes, *arguments], "kwargs": {}}]
    return write_model(folder / NAME, functional([_first(), op], ["op"]), version="3.3.3")


@hostile("too_large_inside")
def tile_of_tensorflow(folder: Path) -> Path:
    return _tf(folder, "tile", {"multiples": [1, MANY]})


@hostile("too_large_inside")
def tile_of_the_batch(folder: Path) -> Path:
    return _tf(folder, "tile", {"multiples": [MANY, 1]})


@hostile("size_unknown")
def tile_by_a_tensor(folder: Path) -> Path:
    return _tf(folder, "tile", {"multiples": ["in", 0, 0]})


@hostile("too_large_inside")
def tile_of_a_constant(folder: Path) -> Path:
    op = layer("TFOpLambda", function="tile", name="op")
    op["inbound_nodes"] = [["_CONSTANT_VALUE", -1, [[1.0]], {"multiples": [9_000_000, 9_000]}]]
    return write_model(folder / NAME, functional([_first(), op], ["op"]))


@hostile("too_large_inside")
def repeat_of_tensorflow(folder: Path) -> Path:
    return _tf(folder, "repeat", {"repeats": MANY, "axis": 1})


@hostile("too_large_inside")
def padding_of_tensorflow(folder: Path) -> Path:
    return _tf(folder, "compat.v1.pad", {"paddings": [[0, 0], [0, MANY]]})


@hostile("too_large_inside")
def one_hot_of_tensorflow(folder: Path) -> Path:
    return _tf(folder, "one_hot", {"depth": MANY})


@hostile("too_large_inside")
def broadcast_of_tensorflow(folder: Path) -> Path:
    return _tf(folder, "broadcast_to", {"shape": [9_000_000, 9_000]})


@hostile("too_large_inside")
def resizing_of_tensorflow(folder: Path) -> Path:
    return _tf(folder, "image.resize", {"size": [90_000, 90_000]}, 8, 8, 1)


@hostile("size_unknown")
def counts_up_to_the_largest_number(folder: Path) -> Path:
    return _tf(folder, "math.bincount", {"axis": -1})


@hostile("too_large_inside")
def counts_up_to_a_named_number(folder: Path) -> Path:
    return _tf(folder, "math.bincount", {"axis": -1, "maxlength": MANY, "minlength": MANY})


@hostile("too_large_inside")
def outer_product_by_multiplication(folder: Path) -> Path:
    column = layer("Reshape", target_shape=[30_000, 1], name="column")
    row = layer("Reshape", target_shape=[1, 30_000], name="row")
    row["inbound_nodes"] = [[["in", 0, 0, {}]]]
    op = layer("TFOpLambda", function="math.multiply", name="op")
    op["inbound_nodes"] = [["column", 0, 0, {"y": ["row", 0, 0]}]]
    return write_model(folder / NAME, functional([_first(30_000), column, row, op], ["op"]))


@hostile("too_large_inside")
def outer_product_with_a_constant(folder: Path) -> Path:
    column = layer("Reshape", target_shape=[30_000, 1], name="column")
    op = layer("TFOpLambda", function="math.multiply", name="op")
    op["inbound_nodes"] = [["column", 0, 0, {"y": [[0.5] * 30_000]}]]
    return write_model(folder / NAME, functional([_first(30_000), column, op], ["op"]))


@hostile("too_large_inside")
def doubled_by_concat(folder: Path) -> Path:
    layers = [_first()]
    for number in range(30):
        before = layers[-1]["config"]["name"]
        op = layer("TFOpLambda", function="concat", name=f"double_{number}")
        op["inbound_nodes"] = [[[before, 0, 0, {"axis": 1}], [before, 0, 0, {"axis": 1}]]]
        layers.append(op)
    return write_model(folder / NAME, functional(layers, ["double_29"]))


@hostile("too_large_inside")
def product_of_matrices(folder: Path) -> Path:
    op = layer("TFOpLambda", function="linalg.matmul", name="op")
    op["inbound_nodes"] = [["in", 0, 0, {"b": ["in", 0, 0], "transpose_b": True}]]
    return write_model(folder / NAME, functional([_first(30_000, 1), op], ["op"]))


@hostile("size_unknown")
def rows_for_every_part(folder: Path) -> Path:
    return _tf(folder, "unstack", {"axis": 1}, 900_000)


@hostile("too_large_inside")
def rows_gathered_many_times(folder: Path) -> Path:
    return _tf(folder, "compat.v1.gather", {"indices": [0] * 90_000, "axis": 1}, 1, 5_000)


@hostile("too_large_inside")
def tile_behind_a_tensor_that_nobody_knows(folder: Path) -> Path:
    """The slice takes a tensor, so its shape cannot be told, but never more than it takes."""
    part = layer("SlicingOpLambda", function="__operators__.getitem", name="part")
    part["inbound_nodes"] = [["in", 0, 0, {"slice_spec": [["in", 0, 0]]}]]
    op = layer("TFOpLambda", function="tile", name="op")
    op["inbound_nodes"] = [["part", 0, 0, {"multiples": [1, MANY]}]]
    return write_model(folder / NAME, functional([_first(), part, op], ["op"]))


@hostile("too_large_inside")
def tile_in_a_graph_written_backwards(folder: Path) -> Path:
    layers = [_first()]
    layers += [layer("Dropout", rate=0.1, name=f"d{number}") for number in range(9)]
    op = layer("TFOpLambda", function="tile", name="op")
    op["inbound_nodes"] = [["d8", 0, 0, {"multiples": [1, MANY]}]]
    graph = functional([*layers, op], ["op"])
    graph["config"]["layers"].reverse()
    return write_model(folder / NAME, graph)


@hostile("too_large_inside")
def tile_of_keras3(folder: Path) -> Path:
    return _keras3(folder, "Tile", repeats=[1, MANY])


@hostile("too_large_inside")
def repeat_of_keras3(folder: Path) -> Path:
    return _keras3(folder, "Repeat", repeats=MANY, axis=1)


@hostile("too_large_inside")
def padding_of_keras3(folder: Path) -> Path:
    return _keras3(folder, "Pad", pad_width=[[0, 0], [0, MANY]], mode="constant")


@hostile("too_large_inside")
def one_hot_of_keras3(folder: Path) -> Path:
    return _keras3(folder, "OneHot", num_classes=MANY, axis=-1)


@hostile("too_large_inside")
def broadcast_of_keras3(folder: Path) -> Path:
    return _keras3(folder, "BroadcastTo", shape=[9_000_000, 9_000])


@hostile("too_large_inside")
def outer_product_of_keras3(folder: Path) -> Path:
    row = layer("RepeatVector", n=50_000, name="row")
    op: Config = {"class_name": "Outer", "config": {"name": "op"}}
    op["inbound_nodes"] = [{"args": [_tensor("row", 50_000, 1)] * 2, "kwargs": {}}]
    graph = functional([_first(), row, op], ["op"])
    return write_model(folder / NAME, graph, version="3.3.3")


@hostile("too_large_inside")
def einsum_of_keras3(folder: Path) -> Path:
    row = layer("RepeatVector", n=9_000, name="row")
    op: Config = {"class_name": "Einsum", "config": {"name": "op", "subscripts": "bic,bjc->bij"}}
    op["inbound_nodes"] = [{"args": [_tensor("row", 9_000, 1)] * 2, "kwargs": {}}]
    graph = functional([_first(), row, op], ["op"])
    return write_model(folder / NAME, graph, version="3.3.3")


@hostile("too_large_inside")
def indices_taken_many_times(folder: Path) -> Path:
    row = layer("RepeatVector", n=9_000, name="row")
    op: Config = {"class_name": "Take", "config": {"name": "op", "axis": 2}}
    op["inbound_nodes"] = [{"args": [_tensor("row", 9_000, 1), [0] * 90_000], "kwargs": {}}]
    graph = functional([_first(), row, op], ["op"])
    return write_model(folder / NAME, graph, version="3.3.3")
