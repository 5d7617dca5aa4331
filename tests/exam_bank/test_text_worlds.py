"""Help desk and appointments: what a seed draws, what the labels mean, what is delivered."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from exam_bank.catalog import BUILT_IN
from exam_bank.material import Array, Material
from exam_bank.preparation import make_material
from exam_bank.real import text as tokenizer
from exam_bank.synthetic import appointment_forms, appointments, help_desk, help_desk_lexicon
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.text import encode, make_vocabulary, words_of
from exam_bank.task import Task
from exam_bank.text_material import Labelled, deliver
from tests.exam_bank.test_real_text import texts_of, train_of, vocabulary_of

NAMES = ("help_desk", "appointments")


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def material(name: str) -> Material:
    return make_material(BUILT_IN / name, 3)


def firm(seed: int = 1) -> help_desk.Firm:
    return help_desk.Firm.draw(Rng(seed, "firm"))


def village(seed: int = 1) -> appointments.Village:
    return appointments.Village.draw(Rng(seed, "village"))


def test_a_firm_and_a_village_are_their_seeds() -> None:
    assert firm() == firm()
    assert village() == village()
    assert firm().departments != firm(2).departments
    assert firm().papers != firm(2).papers
    assert village().nicknames != village(2).nicknames


def test_no_thing_belongs_to_two_departments() -> None:
    counts = Counter(each for known in help_desk_lexicon.DEPARTMENTS.values() for each in known)
    assert set(counts.values()) == {1}


def test_neither_word_of_a_paper_tells_its_department() -> None:
    owners: dict[str, set[int]] = {}
    for department, papers in enumerate(firm().papers):
        for pair in papers:
            for word in pair.split():
                owners.setdefault(word, set()).add(department)
    assert all(len(known) == help_desk.DEPARTMENTS for known in owners.values())


def test_no_nickname_means_two_days() -> None:
    known = [each for day in village().nicknames for each in day]
    assert len(set(known)) == len(known) == 2 * len(appointments.WEEK)


def test_the_last_word_on_the_day_decides() -> None:
    """Threads are read again by their last sentence, where that says it plainly."""
    threads = appointments.Writer(village(), Rng(1, "stream")).write(3_000)
    read = [(_last_plain_day(thread.text), thread.day) for thread in threads]
    plain = [(found, label) for found, label in read if found is not None]
    wrong = sum(found != label for found, label in plain)
    assert len(plain) > 300
    assert wrong < 2 * appointments.LABEL_NOISE * len(plain)


def _last_plain_day(text: str) -> int | None:
    """The label, where the last sentence sets a day by its own name or calls it off."""
    last = text.replace("!", ".").rstrip(".").split(". ")[-1].lower()
    if last in appointment_forms.OFF:
        return appointments.OFF
    for day, called in enumerate(appointments.WEEK):
        if any(last == form.format(d=called) for form in appointment_forms.SETS):
            return day
    return None


def test_no_grammar_mark_is_left_in_a_text(material: Material) -> None:
    assert not [text for text in texts_of(material) if set(text) & set("{}")]


def test_appointments_gives_what_its_brief_says() -> None:
    material = make_material(BUILT_IN / "appointments", 3)
    ids, labels = train_of(material)
    classes = material.files["data/classes.txt"].decode().split("\n")[:-1]
    (outputs,) = Task.read(BUILT_IN / "appointments").says.contract.output.shape
    assert ids.shape == (12_000, 120)
    assert material.hidden.inputs.shape == (4_000, 120)
    assert len(classes) == outputs == 6
    assert set(np.unique(labels)) == set(range(6))
    assert len(vocabulary_of(material)) == 1_000
    assert vocabulary_of(material) == make_vocabulary(texts_of(material), size=1_000)
    assert np.array_equal(encode(texts_of(material), vocabulary_of(material), length=120), ids)


def test_no_hidden_row_was_shown(material: Material) -> None:
    shown = {row.tobytes() for row in ids_of(material)}
    assert not [row for row in material.hidden.inputs if row.tobytes() in shown]


def ids_of(material: Material) -> Array:
    if "data/train.npz" in material.files:
        return train_of(material)[0]
    return tokenizer.encode(texts_of(material), vocabulary_of(material))


def test_the_same_words_in_another_order_are_no_hidden_row() -> None:
    def ids(texts: Sequence[str], vocabulary: Sequence[str]) -> NDArray[np.int32]:
        return encode(texts, vocabulary, length=4)

    train = [Labelled("a b b", 0), Labelled("b c", 1)]
    asked = [Labelled("b a b", 0), Labelled("a b", 0), Labelled("c a b", 1), Labelled("b a", 1)]
    made = deliver(train, asked, vocabulary=("", "<OOV>", "a", "b", "c"), encode=ids)
    assert made.hidden.inputs.tolist() == [[2, 3, 0, 0], [4, 2, 3, 0]]


def test_few_texts_are_cut(material: Material) -> None:
    assert max(len(words_of(text)) for text in texts_of(material)) < 120


def test_another_seed_gives_other_bytes(name: str, material: Material) -> None:
    other = make_material(BUILT_IN / name, 4)
    assert texts_of(other) != texts_of(material)
    assert len(texts_of(other)) == len(texts_of(material))
    assert (other.hidden.inputs != material.hidden.inputs).any()
