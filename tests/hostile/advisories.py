"""The published advisories on loading models: `python -m tests.hostile.advisories`.

Each as .h5 and as .keras. Prints what inspection says of each file, and whether any of them touched
its canary. These are our own files, with a harmless canary. A row that inspection accepts is a
fault, and the exit status is 1.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from engine.errors import SubmissionRejected
from engine.grading.inspection.model_file import look
from tests.hostile.archives import as_archive, line_parts, write_archive
from tests.hostile.makers import HOSTILE, canary
from tests.hostile.models import dense, input_layer, layer, line_model, sequential, write_model

Maker = Callable[[Path], Path]
LAYER = "model_weights/dense"
KERNEL = f"{LAYER}/dense/kernel:0"


class Advisory(NamedTuple):
    """An advisory, or an issue without a number, and files that do what it describes."""

    id: str
    what: str
    makers: tuple[Maker, ...]


def _named(*names: str) -> tuple[Maker, ...]:
    return tuple(HOSTILE[name] for name in names)


def _saved(folder: Path, *layers: Any, version: str = "3.15.1") -> Path:
    return write_model(folder / "mymodel.h5", sequential(input_layer(1), *layers), version=version)


def _calls(module: str, name: str, **config: Any) -> Maker:
    """A layer whose class is a function of Keras, called with `config`."""

    def make(folder: Path) -> Path:
        return _saved(
            folder,
            {"module": module, "class_name": name, "config": config, "registered_name": name},
        )

    return make


def _activates(module: str, name: str) -> Maker:
    """A layer whose activation is a function of Keras, by reference."""

    def make(folder: Path) -> Path:
        function = {"module": module, "class_name": "function", "config": name}
        return _saved(folder, dense(1, activation=function | {"registered_name": name}))

    return make


def _lambda_without_module(folder: Path) -> Path:
    code = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None}}
    return _saved(folder, layer("Lambda", function=code))


def _changed(change: Callable[[h5py.File, Path], Any]) -> Maker:
    def make(folder: Path) -> Path:
        path = line_model(folder / "mymodel.h5")
        with h5py.File(path, "r+") as file:
            change(file, folder)
        return path

    return make


def _link_to_all(file: h5py.File, folder: Path) -> None:
    del file["model_weights"]
    file["model_weights"] = h5py.ExternalLink(str(folder / "secret.h5"), "/")


def _link_between(file: h5py.File, folder: Path) -> None:
    del file[f"{LAYER}/dense"]
    file[f"{LAYER}/dense"] = h5py.SoftLink("/optimizer_weights")


def _shape_bomb(file: h5py.File, folder: Path) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, (1 << 20, 1 << 20), "float32", chunks=(1024, 1024))


def _unstored(file: h5py.File, folder: Path) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, ((1 << 30) - 1,), "float32")


def _subarrays(file: h5py.File, folder: Path) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, (1,), np.dtype(("f4", (2, 2))))


def _subarray_value(folder: Path) -> Path:
    value = {"class_name": "__numpy__", "config": {"value": [1.0], "dtype": "(1000000,)f8"}}
    return _saved(
        folder, dense(1, bias_initializer={"class_name": "Constant", "config": {"value": value}})
    )


def _leads_up(name: str) -> Maker:
    def make(folder: Path) -> Path:
        return _saved(folder, dense(1, name=name))

    return make


def _unbounded(kind: str, **config: Any) -> Maker:
    return lambda folder: _saved(folder, layer(kind, **config))


def _extracts(name: str) -> Maker:
    return lambda folder: write_archive(folder, line_parts(folder) | {name: b"x"})


BIG = 2_000_000_000
ADVISORIES = (
    Advisory("CVE-2024-3660", "Lambda bytecode", _named("lambda_with_bytecode", "lambda_nested")),
    Advisory(
        "CVE-2025-1550",
        "module and function named in the configuration",
        _named("class_is_os_system", "class_is_subprocess_run", "function_is_eval"),
    ),
    Advisory(
        "CVE-2025-8747",
        "Keras' own functions: a download",
        (
            *_named("keras_download_as_class", "lambda_naming_a_download"),
            _calls("keras.utils", "get_file", fname="canary", origin="http://127.0.0.1:9/"),
        ),
    ),
    Advisory(
        "CVE-2025-9906",
        "enable_unsafe_deserialization called",
        (
            _calls("keras.config", "enable_unsafe_deserialization"),
            _activates("keras.config", "enable_unsafe_deserialization"),
        ),
    ),
    Advisory(
        "CVE-2025-9905",
        "HDF5 ignores safe_mode",
        _named("lambda_that_claims_keras3", "lambda_of_keras3"),
    ),
    Advisory(
        "CVE-2025-12058",
        "vocabulary is a path",
        _named("lookup_reads_a_file", "vectorizer_reads_a_file", "integer_lookup_reads_a_file"),
    ),
    Advisory(
        "CVE-2025-12060",
        "get_file extracts a tar anywhere",
        (_calls("keras.utils", "get_file", fname="a", origin="file:///a.tar", extract=True),),
    ),
    Advisory(
        "CVE-2024-55459",
        "get_file writes anywhere",
        (_activates("keras.src.utils.file_utils", "get_file"),),
    ),
    Advisory(
        "CVE-2026-0897",
        "declared huge shape",
        (*_named("forty_gigabytes_declared"), _changed(_shape_bomb)),
    ),
    Advisory("CVE-2026-1462", "TFSMLayer loads a SavedModel", _named("saved_model_layer")),
    Advisory(
        "CVE-2026-1669",
        "external storage",
        _named("external_storage", "external_storage_of_passwords"),
    ),
    Advisory(
        "CVE-2026-12479",
        ".. in layer names",
        (_leads_up("../../canary"), _leads_up(".."), _leads_up("a/../../b")),
    ),
    Advisory("CVE-2026-12480", "virtual dataset", _named("virtual_dataset")),
    Advisory(
        "CVE-2026-12481",
        "Lambda without module",
        (_lambda_without_module, *_named("lambda_of_keras3")),
    ),
    Advisory("CVE-2026-12570", "unbounded allocation", _named("gzip_bomb", "weight_never_written")),
    Advisory(
        "GHSA-hqp4-2352-xf5r",
        "archive paths",
        (_extracts("../../canary"), _extracts("/tmp/canary"), _extracts("assets/../../canary")),
    ),
    Advisory("keras #22900", "link as model_weights", (_changed(_link_to_all),)),
    Advisory("keras #23168", "link between groups", (_changed(_link_between),)),
    Advisory(
        "keras #23115",
        "more functions of Keras",
        tuple(
            _calls(module, name)
            for module, name in (
                ("keras.utils", "save_img"),
                ("keras.models", "save_model"),
                ("keras.models", "model_from_json"),
                ("keras.utils", "image_dataset_from_directory"),
            )
        ),
    ),
    Advisory(
        "no number", "__numpy__ with a subarray type", (_subarray_value, _changed(_subarrays))
    ),
    Advisory("no number", "just under 4 GiB, stored as nothing", (_changed(_unstored),)),
    Advisory(
        "no number",
        "unbounded layers",
        (
            _unbounded("Dense", units=BIG, activation="linear"),
            _unbounded("LSTM", units=BIG, activation="tanh"),
            _unbounded("Embedding", input_dim=BIG, output_dim=8),
        ),
    ),
)


class Row(NamedTuple):
    """One file: the reason of its refusal, empty if it is accepted, and whether it did harm."""

    id: str
    what: str
    form: str
    reason: str
    touched: bool


def rows() -> Iterator[Row]:
    """Every advisory in both forms."""
    for advisory in ADVISORIES:
        for make in advisory.makers:
            for form in (".h5", ".keras"):
                with tempfile.TemporaryDirectory() as folder:
                    row = _row(advisory, make, form, Path(folder))
                if row is not None:
                    yield row


def _row(advisory: Advisory, make: Maker, form: str, folder: Path) -> Row | None:
    path = make(folder)
    if path.suffix != form:
        if form == ".h5":
            return None  # it is about archives
        path = as_archive(path)
    before = sorted(folder.iterdir())
    try:
        look(path)
        reason = ""
    except SubmissionRejected as refused:
        reason = refused.reason
    touched = canary(folder).exists() or sorted(folder.iterdir()) != before
    return Row(advisory.id, advisory.what, form, reason, touched)


def main() -> int:
    found = list(rows())
    for row in found:
        state = "touched" if row.touched else "untouched"
        sys.stdout.write(
            f"{row.id:20} {row.form:7} {row.reason or 'ACCEPTED':22} canary {state:10} {row.what}\n"
        )
    faults = sum(row.touched or not row.reason for row in found)
    sys.stdout.write(f"{len(found)} files, {faults} faults\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
