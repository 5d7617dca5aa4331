"""Makes HDF5 files whose parts share bytes, go in circles, or are of the newer layout.

Byte by byte, because HDF5 itself writes none of them. A file that makes work out of
proportion to its size is `LABORIOUS`: a test counts what the walk looks at.
"""

import struct
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from tests.hostile.models import fill_weights, line_model
from tests.hostile.registry import Maker, harmless, hostile

NAME = "mymodel.h5"
LAYER = "model_weights/dense"
LABORIOUS: list[Maker] = []
_END = slice(40, 48)  # of the file, in superblock version 0
_NODE = 544  # bytes of a B-tree's node


def _laborious(maker: Maker) -> Maker:
    LABORIOUS.append(maker)
    return maker


def _patched(path: Path, change: Callable[[bytearray], object]) -> Path:
    data = bytearray(path.read_bytes())
    change(data)
    data[_END] = struct.pack("<Q", len(data))
    path.write_bytes(data)
    return path


def _changed_line(folder: Path, change: Callable[[bytearray], object]) -> Path:
    return _patched(line_model(folder / NAME), change)


def _all(data: bytes | bytearray, mark: bytes) -> list[int]:
    found = [data.find(mark)]
    while found[-1] >= 0:
        found.append(data.find(mark, found[-1] + 1))
    return found[:-1]


@hostile("newer_hdf5")
def newest_layout(folder: Path) -> Path:
    path = folder / NAME
    with (
        h5py.File(line_model(folder / "old.h5")) as old,
        h5py.File(path, "w", libver="latest") as file,
    ):
        for name, value in old.attrs.items():
            file.attrs[name] = value
        fill_weights(file, {"dense": {"dense/kernel:0": np.ones((1, 1), "float32")}})
    (folder / "old.h5").unlink()
    return path


@hostile("newer_hdf5")
def group_that_tracks_its_order(folder: Path) -> Path:
    path = line_model(folder / NAME)
    with h5py.File(path, "r+") as file:
        file.create_group("more", track_order=True)
    return path


@hostile("newer_hdf5")
def links_in_a_fractal_heap(folder: Path) -> Path:
    path = line_model(folder / NAME)
    with h5py.File(path, "r+", libver="latest") as file:
        for number in range(100):
            file.create_group(f"more/g{number}")
    return path


@hostile("newer_hdf5")
def nine_layers_with_one_in_chinese(folder: Path) -> Path:
    """What Keras 3 writes beside another backend; HDF5 keeps such members in a fractal heap."""
    path = line_model(folder / NAME)
    with h5py.File(path, "r+") as file:
        for name in ["猫", *(f"dense_{number}" for number in range(8))]:
            file.create_group(f"model_weights/{name}")
    return path


@hostile("newer_hdf5")
def a_layer_in_chinese(folder: Path) -> Path:
    path = line_model(folder / NAME)
    with h5py.File(path, "r+") as file:
        file.create_group("model_weights/猫")
    return path


@hostile("newer_hdf5")
def link_beside_a_symbol_table(folder: Path) -> Path:
    """An attribute that says it is a link: a group of both kinds."""

    def change(data: bytearray) -> None:
        for name in _all(data, b"backend\0"):
            assert data[name - 16] == 0x0C  # the message's kind
            data[name - 16] = 0x06

    return _changed_line(folder, change)


@hostile("newer_hdf5")
def attributes_in_a_fractal_heap(folder: Path) -> Path:
    path = line_model(folder / NAME)
    with h5py.File(path, "r+", libver="latest") as file:
        group = file.create_group("more")
        for number in range(100):
            group.attrs[f"a{number}"] = number
    return path


def _many_heaps(data: bytearray, count: int) -> list[int]:
    """Append `count` heaps, each of which holds all that follow; their addresses."""
    data += bytes(-len(data) % 8)
    start, end = len(data), len(data) + 32 * count
    for at in range(start, end, 32):
        data += struct.pack("<4sB3xQ", b"GCOL", 1, end + 16 + 4096 - at)
        data += struct.pack("<HH4xQ", 1, 0, 16)
    data += bytes(16) + struct.pack("<HH4xQ", 0, 0, 4096) + bytes(4080)
    return list(range(start, end, 32))


@_laborious
def heaps_within_heaps(folder: Path) -> Path:
    """Nothing points to these; whoever looks for heaps by their mark walks each to the end."""
    return _changed_line(folder, lambda data: _many_heaps(data, 125_000))


@_laborious
@harmless
def texts_in_heaps_within_heaps(folder: Path) -> Path:
    path = line_model(folder / NAME)
    with h5py.File(path, "r+") as file:
        file.create_group("more").attrs.create("a", ["text"] * 4_000, dtype=h5py.string_dtype())

    def change(data: bytearray) -> None:
        places = _references(data, 4)
        for at, heap in zip(places, _many_heaps(data, 125_000), strict=False):
            struct.pack_into("<IQI", data, at, 16, heap, 1)

    return _patched(path, change)


def _references(data: bytes | bytearray, length: int) -> list[int]:
    """Where `data` points to texts of `length` bytes, in order."""
    heaps = [struct.pack("<IQ", length, at) for at in _all(data, b"GCOL\x01")]
    return sorted(at for heap in heaps for at in _all(data, heap))


@_laborious
@hostile("damaged")
def one_long_text_named_many_times(folder: Path) -> Path:
    path = line_model(folder / NAME)
    with h5py.File(path, "r+") as file:
        del file[LAYER].attrs["weight_names"]
        names = ["n" * 600_000] + ["short"] * 3_900
        file[LAYER].attrs.create("weight_names", names, dtype=h5py.string_dtype())

    def change(data: bytearray) -> None:
        (long,) = _references(data, 600_000)
        for at in _references(data, 5):
            data[at : at + 16] = data[long : long + 16]

    return _patched(path, change)


@_laborious
@hostile("too_many_objects")
def attributes_of_many_groups(folder: Path) -> Path:
    """Opened by their numbers, as h5py does, these are looked at 2,000 times each."""
    path = line_model(folder / NAME)
    with h5py.File(path, "r+") as file:
        group = file.create_group("many")
        first = group.create_group("g")
        for number in range(2_000):
            first.attrs[f"a{number}"] = np.int8(0)
        for number in range(220):
            file.copy(first, group, f"g{number}")
    return path


@_laborious
@hostile("damaged")
def empty_messages_without_number(folder: Path) -> Path:
    def change(data: bytearray) -> None:
        header = struct.unpack_from("<Q", data, 64)[0]
        size = struct.unpack_from("<I", data, header + 8)[0]
        at, many = len(data), bytes(8 * 500_000)
        # The root's first message leads to the new block, instead of what it was.
        block = struct.pack("<HHB3xQQ", 0x10, 16, 0, at, len(many))
        data[header + 16 : header + 16 + size] = block + bytes(size - len(block))
        data += many

    return _changed_line(folder, change)


@_laborious
@hostile("half_saved")
def names_of_one_letter(folder: Path) -> Path:
    path = line_model(folder / NAME)
    with h5py.File(path, "r+") as file:
        group = file["model_weights"]
        del group.attrs["layer_names"]
        for number in range(12):
            group.attrs[f"layer_names{number}"] = np.array([b"a"] * 60_000)
    return path


@hostile("too_deep")
def long_names_within_long_names(folder: Path) -> Path:
    path = line_model(folder / NAME)
    with h5py.File(path, "r+") as file:
        file.create_group("/".join(["g" * 900] * 3))
    return path


@hostile("damaged")
def tree_that_holds_itself(folder: Path) -> Path:
    def change(data: bytearray) -> None:
        tree = data.index(b"TREE")
        struct.pack_into("<B", data, tree + 5, 1)  # its height
        struct.pack_into("<Q", data, tree + 32, tree)

    return _changed_line(folder, change)


@_laborious
@hostile("too_many_objects")
def tree_with_one_node_many_times(folder: Path) -> Path:
    """Each of the nodes points 32 times to the one below: 32 to the seventh leaves."""

    def change(data: bytearray) -> None:
        tree = data.index(b"TREE")
        leaf, *keys = struct.unpack_from("<QQ", data, tree + 32)
        nodes = list(range(len(data), len(data) + 7 * _NODE, _NODE))
        data += bytes(7 * _NODE)
        for height, at in enumerate([tree, *nodes]):
            below = [*nodes, leaf][height]
            struct.pack_into("<4sBBH", data, at, b"TREE", 0, 7 - height, 32)
            struct.pack_into("<QQ", data, at + 8, 2**64 - 1, 2**64 - 1)
            struct.pack_into("<65Q", data, at + 24, 0, *[below, keys[0]] * 32)

    return _changed_line(folder, change)


@hostile("damaged")
def name_twice_in_a_group(folder: Path) -> Path:
    def change(data: bytearray) -> None:
        for at in _all(data, b"bias:0\0"):
            data[at : at + 7] = b"kernel:0"[:6] + b"\0"
        for at in _all(data, b"kernel:0\0"):
            data[at : at + 9] = b"kernel\0\0\0"

    return _changed_line(folder, change)


@harmless
def free_blocks_in_a_circle(folder: Path) -> Path:
    """HDF5 follows the list for ever, and takes memory for each block."""

    def change(data: bytearray) -> None:
        heap = data.index(b"HEAP")
        free, names = struct.unpack_from("<QQ", data, heap + 16)
        struct.pack_into("<Q", data, names + free, free)

    return _changed_line(folder, change)


@hostile("damaged")
def header_that_goes_on_in_itself(folder: Path) -> Path:
    def change(data: bytearray) -> None:
        header = struct.unpack_from("<Q", data, 64)[0]
        size = struct.unpack_from("<I", data, header + 8)[0]
        block = struct.pack("<HHB3xQQ", 0x10, 16, 0, header + 16, size)
        data[header + 16 : header + 16 + len(block)] = block

    return _changed_line(folder, change)


@hostile("half_saved")
def groups_that_share_their_names(folder: Path) -> Path:
    def change(data: bytearray) -> None:
        first, second, *_ = _all(data, b"HEAP")
        data[second : second + 32] = data[first : first + 32]

    return _changed_line(folder, change)


@hostile("damaged")
def heap_entry_of_the_highest_number(folder: Path) -> Path:
    """HDF5 makes room for as many entries as the highest number says, in each heap."""

    def change(data: bytearray) -> None:
        for at in _all(data, b"GCOL\x01"):
            struct.pack_into("<H", data, at + 16, 0xFFFF)

    return _changed_line(folder, change)


@harmless
def weights_over_the_configuration(folder: Path) -> Path:
    def change(data: bytearray) -> None:
        kernel = data.index(struct.pack("<BB", 3, 1) + _contiguous(data))
        struct.pack_into("<Q", data, kernel + 2, data.index(b'{"class_name"'))

    return _changed_line(folder, change)


def _contiguous(data: bytes | bytearray) -> bytes:
    """Where the kernel, one number, lies in the file."""
    return struct.pack("<QQ", data.index(struct.pack("<f", -1.0)), 4)


@hostile("damaged")
def attribute_twice(folder: Path) -> Path:
    path = line_model(folder / NAME)
    with h5py.File(path, "r+") as file:
        file.attrs["model_confih"] = "{}"
    return _patched(
        path, lambda data: data.__setitem__(slice(None), data.replace(b"confih", b"config"))
    )
