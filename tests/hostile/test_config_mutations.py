"""Whatever stands in a configuration, inspection passes it or refuses it: never anything else."""

import msgspec
import pytest

from engine.errors import SubmissionRejected
from engine.grading.inspection.contract_shapes import check_shapes, ending_warnings
from engine.grading.inspection.model_check import read_model
from engine.grading.inspection.plain_config import Origin
from engine.grading.protocol import Message
from exam_bank.task import Contract, Limits, OutputSpec, TensorSpec
from tests.hostile.config_mutations import (
    VALUES,
    Place,
    every_variant,
    one_of,
    places,
    some_variants,
    sources,
)

STORED = 3_000_000
CONTRACT = Contract(
    input=TensorSpec(shape=("any", 2)), output=OutputSpec(shape=(2,), activation="linear")
)


def answer(text: str) -> str:
    """Inspection's word on a configuration, as it would reach the app."""
    try:
        for contract in (None, CONTRACT):
            traced = read_model(text, STORED, Limits(), contract, Origin("keras3"))
            msgspec.json.encode((traced.inputs, traced.outputs, traced.layers))
        check_shapes(traced.inputs, traced.outputs, CONTRACT)
        ending_warnings(traced.ending, CONTRACT)
    except SubmissionRejected as refusal:
        expect_a_sentence(refusal.says)
        return refusal.reason
    return "accepted"


def expect_a_sentence(says: Message) -> None:
    assert says.text().isprintable()
    assert len(says.text()) < 500
    assert msgspec.json.decode(msgspec.json.encode(says), type=Message)


def answer_to(text: str, way: Place, value: object) -> str:
    try:
        return answer(text)
    except Exception as error:
        error.add_note(f"{value!r:.60} at {way}")
        raise


def test_a_few_thousand_odd_values_are_answered() -> None:
    variants = some_variants(sources(), seed=1, count=6_000)

    answers = [answer_to(*variant) for variant in variants]

    assert len(answers) == 6_000
    assert {"accepted", "damaged_config", "number_too_large"} <= set(answers)
    assert len(set(answers)) >= 12, "they must reach more than one check"


def test_each_value_at_each_place_of_a_small_model_is_answered() -> None:
    small = min(sources(), key=lambda config: len(str(config)))

    answers = [answer_to(*variant) for variant in every_variant([small])]

    assert len(answers) == len(VALUES) * len(list(places(small)))


SHAPED = (
    *("Dense", "Conv2D", "SeparableConv2D", "Conv2DTranspose", "ConvLSTM2D", "LSTM", "RNN"),
    *("Bidirectional", "TimeDistributed", "MultiHeadAttention", "EinsumDense", "Resizing"),
    *("CategoryEncoding", "Pipeline", "Concatenate", "Dot", "GetItem", "Tile", "Einsum"),
    *("tile", "einsum", "concat", "compat.v1.gather"),
)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SHAPED)
def test_each_value_at_each_place_is_answered(kind: str) -> None:
    answers = [answer_to(*variant) for variant in every_variant([one_of(kind)])]

    assert len(answers) > 3_000


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
def test_many_odd_values_are_answered(seed: int) -> None:
    for variant in some_variants(sources(), seed, 20_000):
        answer_to(*variant)
