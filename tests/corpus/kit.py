"""What makers of models have at hand, the same in every version of Keras.

Runs in Keras' own environments, so with Python 3.6 and later.
"""

import importlib
from types import SimpleNamespace
from typing import Any

import numpy as np

ROWS = 5
STEPS, COLUMNS = 6, 4


class Kit:
    """One Keras: its module, its layers, its TensorFlow if it has one, and random numbers."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tf: Any = None
        if name == "tf.keras":
            self.tf = importlib.import_module("tensorflow")
            self.keras: Any = self.tf.keras
        else:
            self.keras = importlib.import_module(name)
            if self.backend_name() == "tensorflow":
                self.tf = importlib.import_module("tensorflow")
        self.layers: Any = self.keras.layers
        self.rng: Any = np.random.RandomState(0)

    def backend_name(self) -> str:
        """The backend that computes."""
        return str(self.keras.backend.backend())

    @property
    def version(self) -> "tuple[int, int]":
        """Of Keras; of TensorFlow for its own."""
        whole = self.tf.__version__ if self.name == "tf.keras" else self.keras.__version__
        major, minor = whole.split(".")[:2]
        return int(major), int(minor)

    @property
    def is_keras3(self) -> bool:
        """Whether this is Keras 3."""
        return self.name == "keras" and self.version >= (3, 0)

    def __getattr__(self, name: str) -> Any:
        """A layer, or one of those that were once experimental."""
        for place in (
            self.layers,
            getattr(self.layers, "experimental", None),
            getattr(getattr(self.layers, "experimental", None), "preprocessing", None),
        ):
            if hasattr(place, name):
                return getattr(place, name)
        raise LookupError("no " + name)

    def input(self, *shape: Any) -> Any:
        """The symbolic input of a graph."""
        return self.layers.Input(shape)

    def chain(self, shape: Any, *layers: Any) -> Any:
        """A sequential model."""
        if self.is_keras3:
            return self.keras.Sequential([self.layers.Input(shape), *layers])
        if self.name == "keras" and not hasattr(layers[0], "layers"):
            # As `input_shape=` does; Keras 2.2 forgets the shape of a separate InputLayer.
            layers[0].batch_input_shape = (None, *shape)
            if not hasattr(layers[0], "dtype"):
                layers[0].dtype = "float32"
            return self.keras.Sequential(list(layers))
        return self.keras.Sequential([self.layers.InputLayer(input_shape=shape), *layers])

    def graph(self, inputs: Any, outputs: Any) -> Any:
        """A functional model."""
        return self.keras.Model(inputs, outputs)

    def numbers(self, *shape: int) -> Any:
        """Drawn from a normal distribution."""
        return self.rng.normal(size=(ROWS, *shape)).astype("float32")

    def fractions(self, *shape: int) -> Any:
        """Drawn between 0.1 and 0.9."""
        return self.rng.uniform(0.1, 0.9, size=(ROWS, *shape)).astype("float32")

    def pictures(self, *shape: int) -> Any:
        """Drawn from 0 to 255."""
        return self.rng.randint(0, 256, size=(ROWS, *shape)).astype("float32")

    def words(self, steps: int, high: int) -> Any:
        """Word ids, padded with zeros at the end."""
        found = self.rng.randint(1, high, size=(ROWS, steps)).astype("int32")
        found[1, steps // 2 :] = 0
        return found

    def flat(self) -> Any:
        """A layer that flattens; Flatten once refused what is flat, Reshape forgot the size."""
        if self.name == "tf.keras" and self.version < (2, 0):
            return self.layers.Flatten()
        return self.layers.Reshape((-1,))

    def joined(self, inputs: Any, parts: Any) -> Any:
        """A graph whose answer is all `parts`, each made flat."""
        flat = [self.flat()(part) for part in parts]
        if len(flat) == 1:
            return self.graph(inputs, flat[0])
        return self.graph(inputs, self.layers.Concatenate()(flat))


class Made(SimpleNamespace):
    """A model, its inputs, and answers where its own `predict` is not what counts."""

    def __init__(self, model: Any, inputs: Any, **more: Any) -> None:
        super().__init__(model=model, inputs=inputs, **{"answers": None, "draw": True, **more})
