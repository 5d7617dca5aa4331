"""Names told to Keras 3: the rules with stand-ins, then with the real one."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from engine.grading.child.keras3_names import known_objects
from engine.grading.inspection import allow_list


class Built:
    """Something of Keras that remembers what it was built from."""

    def __init__(self, config: Any) -> None:
        self.config = config

    @classmethod
    def from_config(cls, config: Any, **_: Any) -> "Built":
        return cls(config)


class Operation:
    def __init_subclass__(cls) -> None:
        cls.__module__ = "keras.src.ops.numpy"


class Add(Built, Operation):
    pass


class TrueDivide(Built, Operation):
    pass


class RunAnything(Built, Operation):
    pass


class AddLayer(Built):
    pass


class Sequential:
    """Builds itself anew with each layer that is added, as that of Keras 3 does."""

    builds: ClassVar[list[tuple[Any, ...]]] = []

    def __init__(self, layers: Any = None, name: str = "") -> None:
        self.layers, self.name, self._functional = list(layers or []), name, False
        if self.layers and self.layers[0] == "input":
            self.build((None, 2))

    @property
    def built(self) -> bool:
        return self._functional

    def add(self, layer: Any) -> None:
        self.layers.append(layer)
        self.build((None, 2))

    def build(self, shape: Any) -> None:
        self.builds.append((shape, *self.layers))
        self._functional = True

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> Any:
        model = cls(name=config["name"])
        for each in config["layers"]:
            model.add(custom_objects[each] if custom_objects else each)
        if not model._functional and config.get("build_input_shape"):
            model.build(config["build_input_shape"])
        return model


def stand_in(one_output: list[Any]) -> Any:
    """A Keras that writes the output of a model with one as `one_output`."""

    class Model(Built):
        def __init__(self, config: Any, outputs: Any = None) -> None:
            super().__init__(config)

        def get_config(self) -> dict[str, Any]:
            return {"output_layers": one_output}

    layers = SimpleNamespace(Add=AddLayer, Flatten=lambda: str)
    kinds = {"Model": Model, "Sequential": Sequential}
    return SimpleNamespace(Operation=Operation, layers=layers, Input=str, **kinds)


TODAY = stand_in(["flatten", 0, 0])


def test_only_what_inspection_lets_through_is_told() -> None:
    assert set(known_objects(TODAY)) == {"Add", "TrueDivide", "Sequential", "Functional"}


@pytest.mark.parametrize(
    ("name", "config", "built"),
    [
        ("TrueDivide", {"name": "true_divide"}, TrueDivide),
        ("Add", {"name": "add"}, Add),
        ("Add", {"name": "add", "trainable": True, "dtype": "float32"}, AddLayer),
    ],
)
def test_a_name_is_an_operation_or_a_layer(name: str, config: Any, built: type[Built]) -> None:
    made = known_objects(TODAY)[name].from_config(config)

    assert isinstance(made, built)
    assert made.config == config


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ([["dense", 0, 0]], ["dense", 0, 0]),
        (["dense", 0, 0], ["dense", 0, 0]),
        ([["a", 0, 0], ["b", 0, 0]], [["a", 0, 0], ["b", 0, 0]]),
        ({"a": ["a", 0, 0]}, {"a": ["a", 0, 0]}),
    ],
)
def test_one_tensor_of_a_graph_is_no_list(written: Any, read: Any) -> None:
    config = {"name": "inner", "input_layers": written, "output_layers": written}

    made = known_objects(TODAY)["Functional"].from_config(config)

    assert made.config == {"name": "inner", "input_layers": read, "output_layers": read}
    assert config["input_layers"] == written


def test_a_keras_that_reads_lists_is_left_alone() -> None:
    assert "Functional" not in known_objects(stand_in([["flatten", 0, 0]]))


@pytest.mark.parametrize(
    ("layers", "shape", "built"),
    [
        (["input", "dense", "relu"], None, [((None, 2), "input", "dense", "relu")]),
        (["input", "dense"], (None, 3), [((None, 2), "input", "dense")]),
        (["dense", "relu"], (None, 3), [((None, 3), "dense", "relu")]),
        (["dense", "relu"], None, []),
    ],
)
def test_a_sequential_model_is_built_once(
    layers: list[str], shape: Any, built: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sequential, "builds", [])
    config = {"name": "stack", "layers": layers, "build_input_shape": shape}

    made = known_objects(TODAY)["Sequential"].from_config(config)

    assert (type(made), made.name, made.layers) == (Sequential, "stack", layers)
    assert Sequential.builds == built


def test_the_layers_of_a_sequential_model_are_told_names_too() -> None:
    config = {"name": "stack", "layers": ["mine"]}

    made = known_objects(TODAY)["Sequential"].from_config(config, custom_objects={"mine": "known"})

    assert made.layers == ["known"]


@pytest.mark.slow
def test_the_installed_keras_builds_a_sequential_model_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras
    import numpy as np

    layers = keras.layers
    inner = keras.Sequential([layers.Input((4,)), *(layers.Dense(4) for _ in range(5))])
    model = keras.Sequential([layers.Input((4,)), inner, *(layers.Dense(4) for _ in range(9))])
    model.save(tmp_path / "model.h5")
    build, builds = keras.Sequential.build, []

    def counted(self: Any, *shape: Any) -> None:
        builds.append(self.name)
        build(self, *shape)

    monkeypatch.setattr(keras.Sequential, "build", counted)
    loaded = keras.saving.load_model(
        tmp_path / "model.h5", custom_objects=known_objects(keras), compile=False
    )

    assert sorted(builds) == sorted([inner.name, model.name])
    assert type(loaded) is keras.Sequential
    rows = np.ones((3, 4), np.float32)
    np.testing.assert_allclose(loaded(rows), model(rows), atol=1e-6)


@pytest.mark.slow
def test_the_installed_keras_has_the_operations() -> None:
    import keras

    found = set(known_objects(keras))
    # Words that are also layer functions (`score_mode="dot"`), and layers with axes of their own.
    words = {name for name in found if name.islower()}
    normalizations = {name for name in found if name.endswith("Normalization")}
    others = {"Functional", "Sequential"} | normalizations | words

    assert found - others <= allow_list.OPS
    assert {"TrueDivide", "Subtract", "GetItem", "Concatenate", "Relu", "Mean"} <= found
