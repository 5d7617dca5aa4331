"""Makes .keras files that hold what no model needs, promise too much, or are damaged.

`as_archive` turns any HDF5 file into a .keras file: the same configuration, and the whole file as
its weights. So whatever is hostile in one form is so in the other.
"""

import json
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tests.hostile.models import dense, input_layer, sequential
from tests.hostile.registry import broken, harmless, hostile

NAME = "mymodel.keras"
Parts = Mapping[str, str | bytes]


def line_weights(folder: Path) -> bytes:
    """The weights of a line, as a .keras file has them."""
    path = folder / "weights.part"
    with h5py.File(path, "w") as file:
        group = file.create_group("layers/dense/vars")
        group["0"], group["1"] = np.full((1, 1), -1, "float32"), np.zeros(1, "float32")
    data = path.read_bytes()
    path.unlink()
    return data


def line_parts(folder: Path) -> dict[str, str | bytes]:
    """The members of an honest .keras file: one Dense layer on one number."""
    first = input_layer(1)
    first["config"]["batch_shape"] = first["config"].pop("batch_input_shape")
    return {
        "metadata.json": json.dumps({"keras_version": "3.15.1"}),
        "config.json": json.dumps(sequential(first, dense(1))),
        "model.weights.h5": line_weights(folder),
    }


def write_archive(folder: Path, parts: Parts, method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(folder / NAME, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return folder / NAME


def line_archive(folder: Path) -> Path:
    """The smallest honest .keras file."""
    return write_archive(folder, line_parts(folder))


def as_archive(path: Path) -> Path:
    """A .keras file with the configuration of the HDF5 file `path`, and all of it as weights."""
    with h5py.File(path, "r") as file:
        config = file.attrs.get("model_config", "{}")
        version = file.attrs.get("keras_version", "3.15.1")
    parts = {
        "metadata.json": json.dumps({"keras_version": str(version)}),
        "config.json": config if isinstance(config, str | bytes) else str(config),
        "model.weights.h5": path.read_bytes(),
    }
    return write_archive(path.parent, parts)


def _with(folder: Path, **more: str | bytes) -> Path:
    names = {"config": "config.json", "metadata": "metadata.json", "weights": "model.weights.h5"}
    return write_archive(
        folder, line_parts(folder) | {names.get(name, name): part for name, part in more.items()}
    )


def _patched(folder: Path, change: Any) -> Path:
    path = line_archive(folder)
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)
    return path


@hostile("archive_member")
def member_outside_the_folder(folder: Path) -> Path:
    return _with(folder, **{"../../canary": b"x"})


@hostile("archive_member")
def member_with_a_whole_path(folder: Path) -> Path:
    return _with(folder, **{str(folder / "canary"): b"x"})


@hostile("archive_member")
def assets_of_a_layer(folder: Path) -> Path:
    return _with(folder, **{"assets/layers/string_lookup/vocabulary.txt": b"/etc/passwd"})


@hostile("archive_member")
def weights_as_pickled_arrays(folder: Path) -> Path:
    parts = line_parts(folder)
    parts["model.weights.npz"] = parts.pop("model.weights.h5")
    return write_archive(folder, parts)


@hostile("archive_member")
def deflated_bomb(folder: Path) -> Path:
    parts = line_parts(folder) | {"model.weights.h5": bytes(300_000_000)}
    return write_archive(folder, parts, zipfile.ZIP_DEFLATED)


@hostile("file_too_large")
def archive_larger_than_the_limit(folder: Path) -> Path:
    return _with(folder, weights=bytes(201_000_000))


@hostile("damaged")
def member_twice(folder: Path) -> Path:
    path = line_archive(folder)
    with zipfile.ZipFile(path, "a") as archive, _quiet():
        archive.writestr("config.json", "{}")
    return path


def _quiet() -> Any:
    import warnings

    return warnings.catch_warnings(action="ignore")


@hostile("damaged")
def member_that_declares_more_than_is_there(folder: Path) -> Path:
    def change(data: bytearray) -> None:
        at = data.rindex(b"PK\1\2")
        struct.pack_into("<LL", data, at + 20, 4_000_000_000, 4_000_000_000)

    return _patched(folder, change)


@hostile("damaged")
def another_name_where_the_member_is(folder: Path) -> Path:
    def change(data: bytearray) -> None:
        at = data.index(b"config.json")
        data[at : at + 11] = b"c\0nfig.json"

    return _patched(folder, change)


@hostile("damaged")
def changed_after_it_was_saved(folder: Path) -> Path:
    def change(data: bytearray) -> None:
        at = data.index(struct.pack("<f", -1.0))
        data[at : at + 4] = struct.pack("<f", 1.0)

    return _patched(folder, change)


@hostile("cut_off")
def list_of_members_without_end(folder: Path) -> Path:
    def change(data: bytearray) -> None:
        struct.pack_into("<H", data, len(data) - 12, 65_535)

    return _patched(folder, change)


@hostile("damaged")
def list_of_members_of_another_size(folder: Path) -> Path:
    def change(data: bytearray) -> None:
        for at in (len(data) - 14, len(data) - 12):
            struct.pack_into("<H", data, at, 65_535)

    return _patched(folder, change)


@hostile("config_too_large")
def metadata_without_end(folder: Path) -> Path:
    return _with(folder, metadata=b" " * 20_000)


@hostile("config_too_large")
def configuration_of_forty_megabytes(folder: Path) -> Path:
    return _with(folder, config=b" " * 40_000_000)


@hostile("user_block")
def weights_behind_a_user_block(folder: Path) -> Path:
    return _with(folder, weights=bytes(512) + line_weights(folder))


@broken("damaged_config")
def metadata_is_no_json(folder: Path) -> Path:
    return _with(folder, metadata="keras 3")


@broken("damaged_config")
def metadata_names_no_version(folder: Path) -> Path:
    return _with(folder, metadata="[]")


@broken("archive_member")
def archive_without_weights(folder: Path) -> Path:
    parts = line_parts(folder)
    del parts["model.weights.h5"]
    return write_archive(folder, parts)


@broken("text_file")
def weights_are_a_text(folder: Path) -> Path:
    return _with(folder, weights="weights")


@broken("cut_off")
def half_an_archive(folder: Path) -> Path:
    return _patched(folder, lambda data: data.__delitem__(slice(len(data) // 2, None)))


@broken("cut_off")
def weights_cut_off_before_they_were_zipped(folder: Path) -> Path:
    return _with(folder, weights=line_weights(folder)[:-100])


@broken("weights_missing")
def weights_of_nothing(folder: Path) -> Path:
    path = folder / "empty.h5"
    with h5py.File(path, "w") as file:
        file.create_group("vars")
    return _with(folder, weights=path.read_bytes())


@harmless
def archive_with_links_between_its_members(folder: Path) -> Path:
    """The file's own attributes say it is a link; nothing unpacks it."""
    parts = line_parts(folder)
    path = folder / NAME
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o120777 << 16
            archive.writestr(info, content)
    return path
