from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from engine.grading.child import weight_facts


class GlorotUniform:
    """Keras' usual initialiser of kernels, by name."""


class Zeros:
    """Keras' usual initialiser of biases, by name."""


@dataclass
class Weight:
    values: Any

    def numpy(self) -> Any:
        return self.values


@dataclass
class Layer:
    kernel: Weight
    bias: Weight
    trainable: bool = True
    kernel_initializer: Any = field(default_factory=GlorotUniform)
    bias_initializer: Any = field(default_factory=Zeros)


@dataclass
class Model:
    layers: list[Layer]

    def _flatten_layers(self, *, include_self: bool) -> list[Layer]:
        assert not include_self
        return self.layers


def dense(takes: int, gives: int, *, moved: float = 0.0, bias: float = 0.0, **more: Any) -> Layer:
    bound = np.sqrt(6 / (takes + gives))
    kernel = np.random.default_rng(0).uniform(-bound, bound, (takes, gives))
    return Layer(Weight(kernel * (1 + moved)), Weight(np.full(gives, bias)), **more)


@pytest.mark.parametrize(
    ("layers", "untrained"),
    [
        ([dense(16, 8), dense(8, 4)], True),
        ([dense(16, 8), dense(8, 4, moved=1.0)], False),
        ([dense(16, 8), dense(8, 4, bias=0.1)], False),
        # One weight alone may be anything at first, so it tells nothing; a bias of 0 may be right.
        ([dense(1, 1)], False),
        ([dense(16, 8), dense(8, 1)], True),
        ([dense(16, 8, trainable=False)], False),
        ([dense(16, 8, kernel_initializer=Zeros())], False),
    ],
)
def test_a_model_is_untrained_if_a_kernel_tells_so_and_nothing_has_moved(
    layers: list[Layer], untrained: bool
) -> None:
    assert weight_facts.is_untrained(Model(layers)) == untrained
