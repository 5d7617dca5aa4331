"""Makes HDF5 files that point elsewhere, promise too much, or hold odd things."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5d, h5p, h5s, h5t

from tests.hostile.models import dense, input_layer, line_model, sequential, write_model
from tests.hostile.registry import hostile

NAME = "mymodel.h5"
KERNEL = "model_weights/dense/dense/kernel:0"
LAYER = "model_weights/dense"


def _changed(folder: Path, change: Callable[[h5py.File], Any]) -> Path:
    """A line model after `change`."""
    path = line_model(folder / NAME)
    with h5py.File(path, "r+") as file:
        change(file)
    return path


def _instead(folder: Path, put: Callable[[h5py.File], Any]) -> Path:
    """A line model whose kernel `put` replaced."""

    def change(file: h5py.File) -> None:
        del file[KERNEL]
        put(file)

    return _changed(folder, change)


def _trap(folder: Path) -> Path:
    """A pipe nobody writes to: whoever opens it hangs, so following a link is seen."""
    os.mkfifo(folder / "secret.h5")
    return folder / "secret.h5"


@hostile("link")
def external_link_as_weight(folder: Path) -> Path:
    trap = _trap(folder)

    def put(file: h5py.File) -> None:
        file[KERNEL] = h5py.ExternalLink(trap, "/x")

    return _instead(folder, put)


@hostile("link")
def external_link_at_root(folder: Path) -> Path:
    trap = _trap(folder)

    def change(file: h5py.File) -> None:
        file["other"] = h5py.ExternalLink(trap, "/")

    return _changed(folder, change)


@hostile("link")
def external_link_as_all_weights(folder: Path) -> Path:
    trap = _trap(folder)

    def change(file: h5py.File) -> None:
        del file["model_weights"]
        file["model_weights"] = h5py.ExternalLink(trap, "/")

    return _changed(folder, change)


@hostile("link")
def external_link_to_device(folder: Path) -> Path:
    def put(file: h5py.File) -> None:
        file[KERNEL] = h5py.ExternalLink("/dev/stdin", "/x")

    return _instead(folder, put)


@hostile("link")
def soft_link_as_weight(folder: Path) -> Path:
    def put(file: h5py.File) -> None:
        file[KERNEL] = h5py.SoftLink("/model_weights/dense/dense/bias:0")

    return _instead(folder, put)


@hostile("link")
def soft_link_to_nothing(folder: Path) -> Path:
    def put(file: h5py.File) -> None:
        file[KERNEL] = h5py.SoftLink("/nowhere")

    return _instead(folder, put)


@hostile("link")
def soft_link_to_itself(folder: Path) -> Path:
    def put(file: h5py.File) -> None:
        file[KERNEL] = h5py.SoftLink("/" + KERNEL)

    return _instead(folder, put)


@hostile("link")
def soft_link_in_optimizer_weights(folder: Path) -> Path:
    def change(file: h5py.File) -> None:
        file["optimizer_weights/m"] = h5py.SoftLink("/" + KERNEL)

    return _changed(folder, change)


@hostile("other_files")
def external_storage(folder: Path) -> Path:
    trap = _trap(folder)

    def put(file: h5py.File) -> None:
        file.create_dataset(KERNEL, (1, 1), "float32", external=[(trap, 0, 4)])

    return _instead(folder, put)


@hostile("other_files")
def external_storage_of_passwords(folder: Path) -> Path:
    def put(file: h5py.File) -> None:
        file.create_dataset(KERNEL, (16,), "uint8", external=[("/etc/passwd", 0, 16)])

    return _instead(folder, put)


@hostile("other_files")
def virtual_dataset(folder: Path) -> Path:
    trap = _trap(folder)

    def put(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((1, 1), "float32")
        layout[:] = h5py.VirtualSource(trap, "x", (1, 1))
        file.create_virtual_dataset(KERNEL, layout)

    return _instead(folder, put)


@hostile("other_files")
def virtual_dataset_of_itself(folder: Path) -> Path:
    def put(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((1, 1), "float32")
        layout[:] = h5py.VirtualSource(".", KERNEL, (1, 1))
        file.create_virtual_dataset(KERNEL, layout)

    return _instead(folder, put)


@hostile("shared_object")
def group_within_itself(folder: Path) -> Path:
    def change(file: h5py.File) -> None:
        file["model_weights/dense/again"] = file["model_weights"]

    return _changed(folder, change)


@hostile("shared_object")
def root_within_itself(folder: Path) -> Path:
    def change(file: h5py.File) -> None:
        file["root"] = file["/"]

    return _changed(folder, change)


@hostile("shared_object")
def weight_under_many_names(folder: Path) -> Path:
    def change(file: h5py.File) -> None:
        for number in range(1000):
            file[f"{LAYER}/copy{number}"] = file[KERNEL]

    return _changed(folder, change)


def _filtered(**options: Any) -> Callable[[h5py.File], Any]:
    def put(file: h5py.File) -> None:
        file.create_dataset(KERNEL, data=np.zeros((64, 64), "float32"), **options)

    return put


@hostile("compressed")
def gzip_bomb(folder: Path) -> Path:
    def put(file: h5py.File) -> None:
        data = file.create_dataset(
            KERNEL, (30_000, 100_000), "float32", chunks=(100, 10_000), compression="gzip"
        )
        data[:100, :10_000] = 0

    return _instead(folder, put)


@hostile("compressed")
def gzip_weight(folder: Path) -> Path:
    return _instead(folder, _filtered(compression="gzip"))


@hostile("compressed")
def lzf_weight(folder: Path) -> Path:
    return _instead(folder, _filtered(compression="lzf"))


@hostile("compressed")
def shuffled_weight(folder: Path) -> Path:
    return _instead(folder, _filtered(shuffle=True))


@hostile("compressed")
def checksummed_weight(folder: Path) -> Path:
    return _instead(folder, _filtered(fletcher32=True))


@hostile("compressed")
def chunked_weight(folder: Path) -> Path:
    return _instead(folder, _filtered(chunks=(8, 8), maxshape=(None, None)))


@hostile("compressed")
def filter_from_a_library_on_disk(folder: Path) -> Path:
    def put(file: h5py.File) -> None:
        plist = h5p.create(h5p.DATASET_CREATE)
        plist.set_chunk((4, 4))
        plist.set_filter(40_000, 1, (1, 2))
        space = h5s.create_simple((4, 4))
        h5d.create(file.id, KERNEL.encode(), h5t.IEEE_F32LE, space, plist, _parents())

    return _instead(folder, put)


def _parents() -> Any:
    plist = h5p.create(h5p.LINK_CREATE)
    plist.set_create_intermediate_group(1)
    return plist


@hostile("declared_size")
def forty_gigabytes_declared(folder: Path) -> Path:
    def put(file: h5py.File) -> None:
        file.create_dataset(KERNEL, (100_000, 100_000), "float32")

    return _instead(folder, put)


@hostile("declared_size")
def weight_never_written(folder: Path) -> Path:
    def put(file: h5py.File) -> None:
        file.create_dataset(KERNEL, (1, 1), "float32")

    return _instead(folder, put)


def _of_type(dtype: Any, fill: Any = None) -> Callable[[h5py.File], Any]:
    def put(file: h5py.File) -> None:
        data = file.create_dataset(KERNEL, (1,), dtype)
        if fill is not None:
            data[0] = fill

    return put


@hostile("odd_type")
def compound_weight(folder: Path) -> Path:
    return _instead(folder, _of_type(np.dtype([("a", "f4"), ("b", "f4")]), (1, 2)))


@hostile("odd_type")
def complex_weight(folder: Path) -> Path:
    return _instead(folder, _of_type("complex64", 1j))


@hostile("odd_type")
def text_weight(folder: Path) -> Path:
    return _instead(folder, _of_type("S8", b"kernel"))


@hostile("odd_type")
def text_of_any_length_weight(folder: Path) -> Path:
    return _instead(folder, _of_type(h5py.string_dtype(), "kernel"))


@hostile("odd_type")
def ragged_weight(folder: Path) -> Path:
    return _instead(folder, _of_type(h5py.vlen_dtype("float32"), np.ones(3, "float32")))


@hostile("odd_type")
def reference_weight(folder: Path) -> Path:
    def put(file: h5py.File) -> None:
        file.create_dataset(KERNEL, (1,), h5py.ref_dtype)[0] = file["/"].ref

    return _instead(folder, put)


@hostile("odd_type")
def enumerated_weight(folder: Path) -> Path:
    return _instead(folder, _of_type(h5py.enum_dtype({"A": 0, "B": 1}), 1))


@hostile("odd_type")
def opaque_weight(folder: Path) -> Path:
    return _instead(folder, _of_type("V32", np.void(b"x" * 32)))


@hostile("odd_type")
def array_weight(folder: Path) -> Path:
    return _instead(folder, _of_type(np.dtype(("f4", (3,))), np.ones(3)))


@hostile("odd_type")
def sixteen_byte_float_weight(folder: Path) -> Path:
    return _instead(folder, _of_type(np.longdouble, 1))


@hostile("odd_type")
def weight_without_space(folder: Path) -> Path:
    def put(file: h5py.File) -> None:
        file[KERNEL] = h5py.Empty("float32")

    return _instead(folder, put)


@hostile("odd_type")
def named_type_among_the_weights(folder: Path) -> Path:
    def change(file: h5py.File) -> None:
        file[f"{LAYER}/kind"] = np.dtype("float32")

    return _changed(folder, change)


@hostile("declared_size")
def twenty_axes(folder: Path) -> Path:
    def put(file: h5py.File) -> None:
        file[KERNEL] = np.ones((1,) * 20, "float32")

    return _instead(folder, put)


@hostile("too_deep")
def groups_a_hundred_deep(folder: Path) -> Path:
    return _changed(folder, lambda file: file.create_group("/".join(["g"] * 100)))


@hostile("too_many_objects")
def groups_without_number(folder: Path) -> Path:
    def change(file: h5py.File) -> None:
        for number in range(20_001):
            file.create_group(f"model_weights/g{number}")

    return _changed(folder, change)


@hostile("too_many_objects")
def attributes_without_number(folder: Path) -> Path:
    def change(file: h5py.File) -> None:
        group = file.create_group("many", track_order=False)
        for number in range(2_001):
            group.attrs[f"a{number}"] = number

    return _changed(folder, change)


@hostile("odd_type")
def compound_attribute(folder: Path) -> Path:
    def change(file: h5py.File) -> None:
        file.attrs["pair"] = np.zeros(1, [("a", "f4"), ("b", "i4")])

    return _changed(folder, change)


@hostile("odd_type")
def reference_attribute(folder: Path) -> Path:
    def change(file: h5py.File) -> None:
        file[LAYER].attrs.create("target", file["/"].ref, dtype=h5py.ref_dtype)

    return _changed(folder, change)


@hostile("odd_type")
def ragged_attribute(folder: Path) -> Path:
    def change(file: h5py.File) -> None:
        kind, space = h5t.vlen_create(h5t.NATIVE_INT32), h5s.create(h5s.SCALAR)
        h5a.create(file.id, b"ragged", kind, space)

    return _changed(folder, change)


@hostile("odd_type")
def config_is_a_number(folder: Path) -> Path:
    def change(file: h5py.File) -> None:
        del file.attrs["model_config"]
        file.attrs["model_config"] = 7

    return _changed(folder, change)


@hostile("odd_type")
def config_is_a_list_of_texts(folder: Path) -> Path:
    def change(file: h5py.File) -> None:
        text = file.attrs["model_config"]
        del file.attrs["model_config"]
        file.attrs["model_config"] = [text] * 3

    return _changed(folder, change)


def _names(folder: Path, place: str, attribute: str, names: list[bytes]) -> Path:
    def change(file: h5py.File) -> None:
        del file[place].attrs[attribute]
        file[place].attrs[attribute] = np.array(names)

    return _changed(folder, change)


@hostile("same_weight_names")
def one_weight_named_a_thousand_times(folder: Path) -> Path:
    return _names(folder, LAYER, "weight_names", [b"dense/kernel:0"] * 1000)


@hostile("weight_names")
def one_layer_named_a_thousand_times(folder: Path) -> Path:
    return _names(folder, "model_weights", "layer_names", [b"dense"] * 1000)


@hostile("weight_names")
def weight_name_of_another_place(folder: Path) -> Path:
    return _names(folder, LAYER, "weight_names", [b"/model_weights/dense/dense/kernel:0"])


@hostile("weight_names")
def weight_name_leads_up(folder: Path) -> Path:
    return _names(folder, LAYER, "weight_names", [b"../dense/dense/kernel:0"])


@hostile("weight_names")
def weight_name_repeated_with_dots(folder: Path) -> Path:
    return _names(folder, LAYER, "weight_names", [b"dense/kernel:0", b"./dense/kernel:0"])


@hostile("weight_names")
def weight_name_is_a_group(folder: Path) -> Path:
    return _names(folder, LAYER, "weight_names", [b"dense"])


@hostile("half_saved")
def layer_name_is_a_weight(folder: Path) -> Path:
    return _names(folder, "model_weights", "layer_names", [b"dense/dense/kernel:0"])


@hostile("file_too_large")
def larger_than_the_limit(folder: Path) -> Path:
    path = write_model(folder / NAME, sequential(input_layer(1), dense(1)))
    os.truncate(path, 300_000_000)
    return path


@hostile("damaged")
def heap_that_is_walked_for_ever(folder: Path) -> Path:
    path = line_model(folder / NAME)
    data = bytearray(path.read_bytes())
    at = data.index(b"GCOL\x01") + 16
    data[at : at + 16] = bytes(16)  # an unused entry of size 0
    path.write_bytes(data)
    return path
