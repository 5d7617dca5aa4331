"""Makes what people hand in by mistake: no HDF5 at all, half of it, or no model in it."""

import gzip
import os
import pickle
import socket
import struct
import zipfile
from pathlib import Path

import h5py
import numpy as np

from tests.hostile.models import (
    dense,
    dense_weights,
    fill_weights,
    input_layer,
    line_model,
    sequential,
    write_model,
)
from tests.hostile.registry import broken

NAME = "mymodel.h5"


def _bytes(folder: Path, content: bytes, name: str = NAME) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def _zip(folder: Path, names: tuple[str, ...], name: str = NAME) -> Path:
    with zipfile.ZipFile(folder / name, "w") as archive:
        for member in names:
            archive.writestr(member, "{}")
    return folder / name


def _patched(folder: Path, at: int, content: bytes) -> Path:
    path = line_model(folder / NAME)
    data = bytearray(path.read_bytes())
    data[at : at + len(content)] = content
    return _bytes(folder, bytes(data))


@broken("missing_file")
def missing(folder: Path) -> Path:
    return folder / NAME


@broken("folder")
def directory(folder: Path) -> Path:
    (folder / NAME).mkdir()
    return folder / NAME


@broken("saved_model")
def saved_model_folder(folder: Path) -> Path:
    (folder / NAME / "variables").mkdir(parents=True)
    (folder / NAME / "saved_model.pb").write_bytes(b"\x08\x01")
    return folder / NAME


@broken("not_a_file")
def pipe(folder: Path) -> Path:
    os.mkfifo(folder / NAME)
    return folder / NAME


@broken("not_a_file")
def unix_socket(folder: Path) -> Path:
    before = Path.cwd()
    os.chdir(folder)  # a socket's path may have 107 bytes at most
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(NAME)
    finally:
        os.chdir(before)
    return folder / NAME


@broken("not_a_file")
def link_to_endless_device(folder: Path) -> Path:
    (folder / NAME).symlink_to("/dev/zero")
    return folder / NAME


@broken("missing_file")
def dangling_symlink(folder: Path) -> Path:
    (folder / NAME).symlink_to(folder / "nothing")
    return folder / NAME


@broken("unreadable_file")
def symlink_to_itself(folder: Path) -> Path:
    (folder / NAME).symlink_to(folder / NAME)
    return folder / NAME


@broken("empty_file")
def empty(folder: Path) -> Path:
    return _bytes(folder, b"")


@broken("not_hdf5")
def one_byte(folder: Path) -> Path:
    return _bytes(folder, b"\x89")


@broken("git_lfs_pointer")
def git_lfs_pointer(folder: Path) -> Path:
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 5204\n"
    return _bytes(folder, text.encode())


@broken("zip_file")
def zip_of_the_model(folder: Path) -> Path:
    return _zip(folder, ("mymodel.h5",))


@broken("zip_file")
def empty_zip(folder: Path) -> Path:
    return _zip(folder, ())


@broken("torch_file")
def torch_file(folder: Path) -> Path:
    return _zip(folder, ("archive/data.pkl", "archive/version"))


@broken("gzip_file")
def gzipped_model(folder: Path) -> Path:
    return _bytes(folder, gzip.compress(line_model(folder / "inner.h5").read_bytes()))


@broken("pickle")
def pickle_protocol_2(folder: Path) -> Path:
    return _bytes(folder, pickle.dumps({"layers": [1, 2]}, protocol=2))


@broken("pickle")
def pickle_protocol_5(folder: Path) -> Path:
    return _bytes(folder, pickle.dumps({"layers": [1, 2]}, protocol=5))


@broken("numpy_file")
def numpy_file(folder: Path) -> Path:
    with (folder / NAME).open("wb") as file:
        np.save(file, np.zeros(3))
    return folder / NAME


@broken("tflite")
def tflite_model(folder: Path) -> Path:
    return _bytes(folder, b"\x1c\0\0\0TFL3" + bytes(64))


@broken("html_page")
def html_page(folder: Path) -> Path:
    return _bytes(folder, b"<!DOCTYPE html><html><body>Quota exceeded</body></html>")


@broken("html_page")
def html_page_with_byte_order_mark(folder: Path) -> Path:
    return _bytes(folder, b"\xef\xbb\xbf\r\n <HTML><body>Sign in</body></html>")


@broken("text_file")
def python_source(folder: Path) -> Path:
    return _bytes(folder, b"import tensorflow as tf\n\nmodel = tf.keras.Sequential()\n")


@broken("text_file")
def model_as_json(folder: Path) -> Path:
    return _bytes(folder, b'{"class_name": "Sequential", "config": {}}')


@broken("text_file")
def long_chinese_text(folder: Path) -> Path:
    return _bytes(folder, ("a" + "模型" * 4000).encode())


@broken("all_zero")
def only_zeros(folder: Path) -> Path:
    return _bytes(folder, bytes(20_000))


@broken("not_hdf5")
def picture(folder: Path) -> Path:
    return _bytes(folder, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)))


@broken("not_hdf5")
def random_bytes(folder: Path) -> Path:
    return _bytes(folder, np.random.RandomState(7).bytes(5000))


@broken("cut_off")
def cut_in_half(folder: Path) -> Path:
    data = line_model(folder / NAME).read_bytes()
    return _bytes(folder, data[: len(data) // 2])


@broken("cut_off")
def cut_by_one_byte(folder: Path) -> Path:
    return _bytes(folder, line_model(folder / NAME).read_bytes()[:-1])


@broken("cut_off")
def cut_inside_superblock(folder: Path) -> Path:
    return _bytes(folder, line_model(folder / NAME).read_bytes()[:20])


@broken("cut_off")
def signature_only(folder: Path) -> Path:
    return _bytes(folder, b"\x89HDF\r\n\x1a\n")


@broken("trailing_bytes")
def bytes_after_the_end(folder: Path) -> Path:
    return _bytes(folder, line_model(folder / NAME).read_bytes() + b"MZ" + bytes(100))


@broken("user_block")
def user_block(folder: Path) -> Path:
    with h5py.File(folder / NAME, "w", userblock_size=512) as file:
        fill_weights(file, {"dense": dense_weights(1, 1)})
    with (folder / NAME).open("r+b") as file:
        file.write(b"#!/bin/sh\n")
    return folder / NAME


@broken("user_block")
def base_address_not_zero(folder: Path) -> Path:
    return _patched(folder, 24, struct.pack("<Q", 512))


@broken("odd_hdf5")
def superblock_of_version_9(folder: Path) -> Path:
    return _patched(folder, 8, b"\x09")


@broken("odd_hdf5")
def shared_headers_of_version_1(folder: Path) -> Path:
    return _patched(folder, 12, b"\x01")


@broken("odd_hdf5")
def offsets_of_four_bytes(folder: Path) -> Path:
    return _patched(folder, 13, b"\x04")


@broken("being_written")
def half_of_a_save(folder: Path) -> Path:
    """What lies there while HDF5 writes: it marks the file as open before anything else."""
    data = bytearray(line_model(folder / NAME).read_bytes())
    data[20] = 1
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    return _bytes(folder, bytes(data))


@broken("newer_hdf5")
def open_for_writing_in_the_newest_layout(folder: Path) -> Path:
    with h5py.File(folder / NAME, "w", libver="latest") as file:
        fill_weights(file, {"dense": dense_weights(1, 1)})
    data = bytearray((folder / NAME).read_bytes())
    data[8], data[11] = 3, 5
    return _bytes(folder, bytes(data))


@broken("damaged")
def root_group_wiped(folder: Path) -> Path:
    return _patched(folder, 96, bytes(400))


@broken("weights_only")
def weights_only_keras2(folder: Path) -> Path:
    with h5py.File(folder / NAME, "w") as file:
        file.attrs["layer_names"] = np.array([b"dense"])
        group = file.create_group("dense")
        group.attrs["weight_names"] = np.array([b"dense/kernel:0"])
        group.create_dataset("dense/kernel:0", data=np.ones((1, 1), "float32"))
    return folder / NAME


@broken("weights_only")
def weights_only_keras3(folder: Path) -> Path:
    with h5py.File(folder / NAME, "w") as file:
        file.create_dataset("layers/dense/vars/0", data=np.ones((1, 1), "float32"))
    return folder / NAME


@broken("no_model")
def hdf5_without_model(folder: Path) -> Path:
    with h5py.File(folder / NAME, "w") as file:
        file.attrs["title"] = "measurements"
    return folder / NAME


@broken("damaged_config")
def config_is_not_json(folder: Path) -> Path:
    return write_model(folder / NAME, '{"class_name": "Sequential", ')


@broken("damaged_config")
def config_is_a_list(folder: Path) -> Path:
    return write_model(folder / NAME, "[]")


@broken("damaged_config")
def config_without_layers(folder: Path) -> Path:
    return write_model(folder / NAME, {"class_name": "Sequential", "config": {"name": "s"}})


@broken("damaged_config")
def config_is_one_layer(folder: Path) -> Path:
    return write_model(folder / NAME, dense(1))


@broken("half_saved")
def layer_without_its_group(folder: Path) -> Path:
    path = line_model(folder / NAME)
    with h5py.File(path, "r+") as file:
        del file["model_weights/dense"]
    return path


@broken("unknown_keras")
def keras_of_the_future(folder: Path) -> Path:
    return write_model(folder / NAME, sequential(input_layer(1), dense(1)), version="17.0")
