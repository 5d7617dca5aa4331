"""Decides whether a file may be graded, without TensorFlow and before anything loads it.

Loading a model file runs what its configuration names and reads what its links point to; no
Keras loader is safe against a hostile file. So nothing is loaded that this module has not read
first: the walk checks the structure, and every name in it has to be on the allow-list. See
engine/grading/README.md for the table and the reasons.

Python alone: no C code reads the file. Still, only grading children and the child of
`tfexam lint` run this.
"""

import re
from pathlib import Path
from typing import NamedTuple

from engine.errors import SubmissionRejected
from engine.grading.inspection.contract_shapes import check_shapes, ending_warnings
from engine.grading.inspection.file_format import check_file
from engine.grading.inspection.findings import Inspection
from engine.grading.inspection.hdf5.structure import Structure, read_structure
from engine.grading.inspection.keras_archive import read_archive
from engine.grading.inspection.model_check import read_model
from engine.grading.inspection.plain_config import Origin
from engine.grading.inspection.rejection import reject, shown
from engine.grading.inspection.size.model_graph import Traced
from engine.grading.protocol import Message, ModelFacts, Runtime
from exam_bank.task import Contract, Limits

__all__ = ["Inspection", "check_shapes", "inspect", "look"]


class _Found(NamedTuple):
    """What a file says; all of it is allowed."""

    structure: Structure
    traced: Traced
    saved_by: Runtime


def inspect(path: Path, contract: Contract, limits: Limits, *, h5_only: bool = False) -> Inspection:
    """Decide whether the file `path` may be loaded and fits `contract`; `h5_only`: no .keras files.

    If not, raises `SubmissionRejected` with a reason and a sentence.
    """
    found = _read(path, limits, contract, h5_only=h5_only)
    traced = found.traced
    if traced.stateful:
        reject("stateful_rnn", _STATEFUL)
    check_shapes(traced.inputs, traced.outputs, contract)
    return _inspection(found, (*_remarks(traced), *ending_warnings(traced.ending, contract)))


def look(path: Path, *, h5_only: bool = False) -> Inspection:
    """Decide whether the file `path` may be loaded at all, for `tfexam lint`; `h5_only` as above.

    If not, raises `SubmissionRejected` with a reason and a sentence.
    """
    found = _read(path, Limits(), h5_only=h5_only)
    traced = found.traced
    warnings = [*_remarks(traced), *([_STATEFUL] if traced.stateful else [])]
    for count, says in ((len(traced.inputs), _INPUTS), (len(traced.outputs), _OUTPUTS)):
        if count > 1:
            warnings.append(Message(says.template, {"count": count}))
    return _inspection(found, tuple(warnings))


def _check_changed(structure: Structure, text: str) -> None:
    """Refuse a layer that this version of Keras computed in another way than its successors."""
    version = _keras_version(structure)
    for layer, versions, setting in _CHANGED:
        if versions.fullmatch(version) and f'"{layer}"' in text and setting in text:
            reject(
                "computed_differently",
                Message(
                    "Keras {version} computes {layer} in another way than the Keras that "
                    "grades: build and save the model with a newer one.",
                    {"version": shown(version), "layer": layer},
                ),
            )


def _remarks(traced: Traced) -> tuple[Message, ...]:
    return (_STARTS_ANEW,) if traced.starts_anew else ()


def _read(
    path: Path, limits: Limits, contract: Contract | None = None, *, h5_only: bool = False
) -> _Found:
    whole = check_file(path, limits.model_mb, h5_only=h5_only)
    structure = (read_archive if whole.is_archive else read_structure)(path, whole.size)
    text, saved_by = _config_text(structure), _saved_by(structure)
    origin = Origin(saved_by, structure.texts.get("backend", "tensorflow"), whole.is_archive)
    _check_changed(structure, text)
    traced = read_model(text, structure.parameters(), limits, contract, origin)
    return _Found(structure, traced, saved_by)


def _config_text(structure: Structure) -> str:
    if "model_config" in structure.texts:
        return structure.texts["model_config"]
    if structure.datasets or "/layers" in structure.groups:
        reject(
            "weights_only",
            Message(
                "The file holds weights but no model: save with model.save('mymodel.h5') instead "
                "of save_weights."
            ),
        )
    raise SubmissionRejected(
        "no_model",
        Message(
            "This HDF5 file holds no Keras model: save the model with model.save('mymodel.h5')."
        ),
    )


def _inspection(found: _Found, warnings: tuple[Message, ...]) -> Inspection:
    structure, traced = found.structure, found.traced
    return Inspection(
        model=ModelFacts(
            layers=tuple(shown(layer) for layer in traced.layers),
            parameters=structure.parameters(),
            keras_version=shown(_keras_version(structure)) or None,
        ),
        saved_by=found.saved_by,
        input_shape=traced.inputs[0] if traced.inputs else None,
        output_shape=traced.outputs[0] if traced.outputs else None,
        warnings=warnings,
        plain=traced.plain or (structure.texts["model_config"] if structure.shortened else None),
        structure=structure,
    )


def _keras_version(structure: Structure) -> str:
    return structure.texts.get("keras_version", "")


def _saved_by(structure: Structure) -> Runtime:
    """Which Keras wrote the file; if it does not say, the more forgiving tf_keras loads it."""
    version = _keras_version(structure)
    major = version.split(".", 1)[0]
    if major in ("0", "1"):
        reject(
            "unknown_keras",
            Message(
                "The model was saved by Keras {version} (2017 or earlier), which no current Keras "
                "can load: save it with Keras 2 or 3.",
                {"version": shown(version)},
            ),
        )
    if major not in ("", "2", "3"):
        reject(
            "unknown_keras",
            Message(
                "The model was saved by Keras {version}, which this grader does not know: save "
                "it with Keras 2 or 3.",
                {"version": shown(version)},
            ),
        )
    return "keras3" if major == "3" else "tf_keras"


_STATEFUL = Message(
    "The model has a recurrent layer with stateful=True, so its answers depend on "
    "the order of the examples: build it with stateful=False."
)
# A layer, the versions (not those of TensorFlow, which end in -tf), and a text of its setting.
_CHANGED = (
    ("UpSampling2D", re.compile(r"2\.[0-3]\.\d+"), '"bilinear"'),
    ("RandomCrop", re.compile(r"3\.[0-7]\.\d+"), ""),
)
_STARTS_ANEW = Message(
    "The model has a recurrent layer with stateful=True and a batch of one example: here it "
    "starts each example anew, as after reset_states()."
)
_INPUTS = Message("The model has {count} inputs; the tasks of this exam provide one.")
_OUTPUTS = Message("The model has {count} outputs; the tasks of this exam ask for one.")
