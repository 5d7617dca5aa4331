"""The table of mistakes, and how what was found becomes an order; no model is needed."""

from string import Formatter

import pytest

from engine.coaching.diagnosis import diagnoses
from engine.coaching.diagnosis_table import TABLE, fix, sentence
from engine.grading.diagnosis import AS_IT_IS, TRIED, Diagnosis, Trial, WeightFacts
from engine.grading.host.answer_check import UnfitAnswerError, checked_tried
from engine.grading.protocol import Fact, Message
from engine.grading.wire import Diagnosed, Tried
from tests.engine.mistaken_models import MODELS

_SHA = "0" * 64


def _ids(*found: Diagnosis, facts: WeightFacts | None = None, **rest: object) -> list[str]:
    said = Diagnosed(found, facts or WeightFacts())
    return [each.id for each in diagnoses("task", _SHA, 1, said, **rest).found]  # type: ignore[arg-type]


def _mended(name: str, score: int) -> Diagnosis:
    return Diagnosis(id=name, would_score=score)


def test_the_table_has_at_least_25_rows_each_with_words() -> None:
    assert len(TABLE) >= 25
    for each in TABLE.values():
        assert each.says.template
        assert each.fix.template
        assert each.test


def test_each_row_has_a_model_that_proves_it() -> None:
    assert {each.diagnosis for each in MODELS} == set(TABLE)


def test_what_a_child_tries_is_in_the_table() -> None:
    assert set(TABLE) >= TRIED
    assert all(TABLE[each].kind == "mended" for each in TRIED)


@pytest.mark.parametrize("name", TABLE)
def test_a_mended_mistake_says_what_the_score_would_be(name: str) -> None:
    fields = {field for _, field, _, _ in Formatter().parse(TABLE[name].says.template) if field}
    assert ("would" in fields) == (TABLE[name].kind == "mended")


def test_the_sentence_has_its_figure() -> None:
    says = sentence(_mended("inputs_times_255", 4))
    assert says is not None
    assert says.text() == (
        "With inputs times 255 this model would score 4/5: it was trained on 0–255."
    )


def test_a_mistake_that_this_version_does_not_know_is_left_out() -> None:
    unknown = Diagnosis(id="from_the_future")
    assert sentence(unknown) is None
    assert fix(unknown) is None
    assert _ids(unknown) == []


def test_the_one_that_explains_most_comes_first() -> None:
    found = _ids(Diagnosis(id="class_never_named"), _mended("logits", 3), _mended("other_class", 5))
    assert found == ["other_class", "logits", "class_never_named"]


def test_of_equal_ones_the_first_measured_comes_first() -> None:
    names = ["channels_reversed", "inputs_inverted"]
    assert _ids(*[_mended(each, 4) for each in names]) == names


def test_an_untrained_model_is_told_before_all_else() -> None:
    found = _ids(_mended("logits", 3), facts=WeightFacts(untrained=True))
    assert found == ["never_trained", "logits"]


def test_a_log_that_never_moved_says_more_than_untouched_weights() -> None:
    still = Diagnosis(id="training_never_moved", facts={"epochs": 5})
    assert _ids(facts=WeightFacts(untrained=True), training=(still,)) == ["training_never_moved"]


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        (WeightFacts(), "constant_output"),
        (WeightFacts(dead=0.97), "dead_units"),
        (WeightFacts(dead=0.5), "constant_output"),
        (WeightFacts(single_softmax=True), "softmax_of_one"),
    ],
)
def test_equal_outputs_are_explained_by_what_is_inside(facts: WeightFacts, name: str) -> None:
    assert _ids(Diagnosis(id="constant_output"), facts=facts) == [name]


def test_what_is_inside_names_nothing_while_outputs_differ() -> None:
    assert _ids(facts=WeightFacts(dead=1.0, single_softmax=True)) == []


def test_noise_is_named_once() -> None:
    assert _ids(facts=WeightFacts(draws=True)) == ["noise_at_prediction"]
    assert _ids(_mended("active_noise", 4), facts=WeightFacts(draws=True)) == ["active_noise"]


def test_an_alphabetical_order_is_named_so() -> None:
    # in the task's order; alphabetical is beach, cove, dusk: 0 → 1, 1 → 2, 2 → 0
    other = Diagnosis(
        id="classes_in_other_order", facts={"order": "0 → 1, 1 → 2, 2 → 0"}, would_score=5
    )
    assert _ids(other, classes=("dusk", "beach", "cove")) == ["classes_alphabetical"]
    assert _ids(other, classes=("beach", "dusk", "cove")) == ["classes_in_other_order"]
    assert _ids(other) == ["classes_in_other_order"]


def test_a_child_can_name_no_mistake_of_its_own() -> None:
    trials = (AS_IT_IS, Trial("channels_reversed"))
    good = Tried(trials=trials, shape=(2,), every=1)
    assert checked_tried(good) is good
    for bad in ((Trial("channels_reversed"),), (AS_IT_IS, Trial("outputs_scaled"))):
        with pytest.raises(UnfitAnswerError):
            checked_tried(Tried(trials=bad, shape=(2,), every=1))


def test_every_sentence_is_filled_by_facts() -> None:
    known: dict[str, Fact] = {
        "would": 4,
        "by": 1,
        "order": "0 → 1",
        "factor": 2.0,
        "offset": 1.0,
        "label": 3,
    }
    known |= {"percent": 9, "to": "NaN", "epoch": 2, "epochs": 5, "validation": "0.9"}
    for each in TABLE.values():
        for words in (each.says, each.fix):
            text = Message(words.template, {**known, "hidden": "0.7"}).text()
            assert "{" not in text
