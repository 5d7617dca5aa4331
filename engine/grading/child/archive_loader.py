"""Loads the model of a .keras file from what inspection accepted: nothing is unpacked to disk.

Both Keras load only from a path, and extract what a zip holds. Their own functions below that take
a configuration and a store of weights; the store here is the file that was written anew.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import h5py

from engine.grading.child.model_function import KerasModel
from engine.grading.inspection.plain_config import CUDNN
from engine.grading.protocol import Runtime

Config = dict[str, Any]
_CUDNN = {"LSTM": "CuDNNLSTM", "GRU": "CuDNNGRU"}
_LAYERS_OF_2_13 = "_layer_checkpoint_dependencies"


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
    if _name_cudnn_layers(config):
        known = known | _cudnn_layers()
    with saving_lib.ObjectSharingScope():
        model = saving_lib.deserialize_keras_object(config, known, safe_mode=True)
    store = _store(saving_lib.H5IOStore, weights)
    if _LAYERS_OF_2_13 in weights:
        _WeightsOf213(saving_lib, store).load(model)
        return model
    saving_lib._load_state(
        model, weights_store=store, assets_store=None, inner_path="", visited_trackables=set()
    )
    return model


class _WeightsOf213:
    """Gives a model the weights of a file from Keras 2.13.

    It listed a model's layers in another attribute than later versions, those with weights twice.
    """

    def __init__(self, lib: Any, store: Any) -> None:
        self._lib, self._store = lib, store
        self._seen: set[int] = set()
        self._used: set[str] = set()

    def load(self, model: Any) -> None:
        """Raises `ValueError` if weights in the file belong to no layer, and what Keras raises."""
        self._load(model, "")
        stored: list[str] = []
        self._store.h5_file[_LAYERS_OF_2_13].visit(stored.append)
        left = [each for each in stored if each.endswith("/vars/0")]
        unused = {f"{_LAYERS_OF_2_13}/{each.removesuffix('/vars/0')}" for each in left} - self._used
        if unused:
            raise ValueError(f"no layer for the weights in {min(unused)}")

    def _load(self, part: Any, path: str) -> None:
        if id(part) in self._seen:
            return
        self._seen.add(id(part))
        if hasattr(part, "load_own_variables"):
            part.load_own_variables(self._store.get(path))
            self._used.add(path)
        for name in sorted(dir(part)):
            if name.startswith("__") or name in self._lib.ATTR_SKIPLIST - {_LAYERS_OF_2_13}:
                continue
            try:
                inner = getattr(part, name)
            except Exception:  # a property that is of no use yet
                continue
            place = f"{path}/{name}".lstrip("/")
            if self._lib._is_keras_trackable(inner):
                self._load(inner, place)
            elif isinstance(inner, list | dict | tuple | set):
                self._load_each(inner, place)

    def _load_each(self, parts: Any, path: str) -> None:
        from tf_keras.src.utils.generic_utils import to_snake_case

        used: Counter[str] = Counter()
        for part in parts.values() if isinstance(parts, dict) else parts:
            if self._lib._is_keras_trackable(part):
                kind = to_snake_case(type(part).__name__)
                number = f"_{used[kind]}" if used[kind] else ""
                used[kind] += 1
                self._load(part, f"{path}/{kind}{number}")


def _store(kind: Any, weights: h5py.File) -> Any:
    """A store that reads an open file, which no store can be asked for."""
    store = kind.__new__(kind)
    store.h5_file, store.archive, store.mode, store.io_file = weights, None, "r", None
    store._h5_entry_path = store._h5_entry_metadata = None
    store._h5_entry_group, store._h5_entry_initialized = {}, False
    return store


def _name_cudnn_layers(config: Config) -> bool:
    """Name in `config` the layers that inspection marked; whether there are any."""
    found = [each for each in _objects(config) if each.pop(CUDNN, None) is True]
    for each in found:
        each["class_name"] = each["registered_name"] = _CUDNN.get(str(each.get("class_name")))
    return bool(found)


def _objects(value: Any) -> Iterator[Config]:
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            yield from _objects(item)


def _cudnn_layers() -> Config:
    """CuDNN's recurrent layers, which need a GPU: the usual ones under those class names.

    For an HDF5 file Keras converts their weights itself. In a .keras file they are at a place that
    is named after the class, in the layer itself and not in its cell.
    """
    import tf_keras

    return {
        name: _converting(name, getattr(tf_keras.layers, kind)) for kind, name in _CUDNN.items()
    }


def _converting(name: str, usual: Any) -> type:
    """A class `name` that is the layer `usual` but for the weights that it takes."""
    from tf_keras.src.saving.legacy.hdf5_format import _convert_rnn_weights

    def start(self: Any, *args: Any, **settings: Any) -> None:
        usual.__init__(self, *args, **settings)
        self.cell.load_own_variables = _take_nothing

    def take(self: Any, store: Any) -> None:
        weights = [store[str(at)][()] for at in range(len(store))]
        # Keras decides by the class of the layer what to convert to.
        self.set_weights(_convert_rnn_weights(usual(1), weights))

    return type(name, (usual,), {"__init__": start, "load_own_variables": take})


def _take_nothing(_: Any) -> None:
    """Its layer has set all weights."""
