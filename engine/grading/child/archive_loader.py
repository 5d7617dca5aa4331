"""Loads the model of a .keras file from what inspection accepted: nothing is unpacked to disk.

Both Keras load only from a path, and extract what a zip holds. Their own functions below that take
a configuration and a store of weights; the store here is the file that was written anew.
"""

import json
from typing import Any, cast

import h5py

from engine.grading.child.model_function import KerasModel
from engine.grading.protocol import Runtime


def load_archive(
    runtime: Runtime, config: str, weights: h5py.File, known: dict[str, Any]
) -> KerasModel:
    """The model that `config` describes, with the numbers in `weights`.

    Raises whatever Keras raises.
    """
    load = _by_keras3 if runtime == "keras3" else _by_tf_keras
    return cast(KerasModel, load(json.loads(config), weights, known))


def _by_keras3(config: dict[str, Any], weights: h5py.File, known: dict[str, Any]) -> Any:
    from keras.src.saving import saving_lib

    with saving_lib.ObjectSharingScope():
        model = saving_lib.deserialize_keras_object(config, known, safe_mode=True)
    failed: set[int] = set()
    messages: dict[int, Any] = {}
    saving_lib._load_state(
        model,
        weights_store=_store(saving_lib.H5IOStore, weights),
        assets_store=None,
        inner_path="",
        visited_saveables=set(),
        failed_saveables=failed,
        error_msgs=messages,
    )
    if failed:
        saving_lib._raise_loading_failure(messages)
    return model


def _by_tf_keras(config: dict[str, Any], weights: h5py.File, known: dict[str, Any]) -> Any:
    import tf_keras
    from tf_keras.src.saving import saving_lib

    tf_keras.backend.experimental.enable_tf_random_generator()
    saving_lib._SAVING_V3_ENABLED.value = True
    with saving_lib.ObjectSharingScope():
        model = saving_lib.deserialize_keras_object(config, known, safe_mode=True)
    saving_lib._load_state(
        model,
        weights_store=_store(saving_lib.H5IOStore, weights),
        assets_store=None,
        inner_path="",
        visited_trackables=set(),
    )
    return model


def _store(kind: Any, weights: h5py.File) -> Any:
    """A store that reads an open file, which no store can be asked for."""
    store = kind.__new__(kind)
    store.h5_file, store.archive, store.mode, store.io_file = weights, None, "r", None
    store._h5_entry_path = store._h5_entry_metadata = None
    store._h5_entry_group, store._h5_entry_initialized = {}, False
    return store
