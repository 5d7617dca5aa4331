"""Names told to Keras 3: the rules with stand-ins, then with the real one."""

from types import SimpleNamespace
from typing import Any

import pytest

from engine.grading import allow_list
from engine.grading.keras3_names import known_objects


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


def stand_in(one_output: list[Any]) -> Any:
    """A Keras that writes the output of a model with one as `one_output`."""

    class Model(Built):
        def __init__(self, config: Any, outputs: Any = None) -> None:
            super().__init__(config)

        def get_config(self) -> dict[str, Any]:
            return {"output_layers": one_output}

    layers = SimpleNamespace(Add=AddLayer, Flatten=lambda: str)
    return SimpleNamespace(Operation=Operation, layers=layers, Model=Model, Input=str)


TODAY = stand_in(["flatten", 0, 0])


def test_only_what_inspection_lets_through_is_told() -> None:
    assert set(known_objects(TODAY)) == {"Add", "TrueDivide", "Functional"}


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


@pytest.mark.slow
def test_the_installed_keras_has_the_operations() -> None:
    import keras

    found = set(known_objects(keras))

    assert found - {"Functional"} <= allow_list.OPS
    assert {"TrueDivide", "Subtract", "GetItem", "Concatenate", "Relu", "Mean"} <= found
