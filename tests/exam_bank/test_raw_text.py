"""Tasks that hand out raw texts: the grader's ids are those that the brief tells how to make."""

import functools

import msgspec
import numpy as np
import pytest

from exam_bank.catalog import BUILT_IN
from exam_bank.material import Array, Material
from exam_bank.preparation import make_material
from exam_bank.proof.formulas import texts
from exam_bank.real.text import FILTERS
from exam_bank.synthetic.help_desk import Firm, Writer
from exam_bank.synthetic.rng import Rng
from exam_bank.task import LANGUAGES, Task
from tests.exam_bank.data_here import dataset_of
from tests.exam_bank.test_real_text import table_of, texts_of, vocabulary_of

RAW = ("help_desk", "sms_spam")
SEED = 3


@functools.cache
def made(name: str) -> Material:
    task = Task.read(BUILT_IN / name)
    return make_material(task.folder, SEED, dataset_of(task) if name == "sms_spam" else None)


def by_hand(found: list[str], vocabulary: list[str]) -> Array:
    """The three steps of the brief, written once more."""
    line = {word: place for place, word in enumerate(vocabulary)}
    rows = []
    for text in found:
        text = text.lower()
        for mark in '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n':
            text = text.replace(mark, " ")
        ids = [line.get(word, 1) for word in text.split(" ") if word]
        rows.append((ids + 120 * [0])[:120])
    return np.array(rows)


def rows_of(ids: Array) -> set[tuple[int, ...]]:
    return set(map(tuple, ids.tolist()))


def test_help_desk_asks_in_ids_of_its_brief() -> None:
    material = made("help_desk")
    firm = Firm.draw(Rng(SEED, "help-desk", "firm"))
    written = Writer(firm, Rng(SEED, "help-desk", "hidden")).write(4_200)
    known = by_hand([each.text for each in written], vocabulary_of(material))
    assert material.hidden.inputs.shape == (4_000, 120)
    assert rows_of(material.hidden.inputs) <= rows_of(known)


def test_sms_spam_asks_in_ids_of_its_brief() -> None:
    material = made("sms_spam")
    dataset = dataset_of(Task.read(BUILT_IN / "sms_spam"))
    assert dataset is not None
    content = dataset.payload("sms.tsv").decode()
    shown = set(texts_of(material))
    hidden = [line.split("\t", 1)[1] for line in content.split("\n") if line]
    known = by_hand([text for text in hidden if text not in shown], vocabulary_of(material))
    assert rows_of(material.hidden.inputs) <= rows_of(known)


@pytest.mark.parametrize("name", RAW)
def test_a_vocabulary_begins_with_padding_and_the_unknown_word(name: str) -> None:
    vocabulary = vocabulary_of(made(name))
    assert vocabulary[:2] == ["", "<OOV>"]
    assert len(vocabulary) == len(set(vocabulary)) == 1_000


@pytest.mark.parametrize("name", RAW)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_brief_names_every_character_that_becomes_a_space(name: str, language: str) -> None:
    brief = Task.read(BUILT_IN / name).brief(language)
    assert f"``{FILTERS.strip()}``" in brief


@pytest.mark.parametrize("name", RAW)
def test_no_ids_are_handed_out(name: str) -> None:
    assert not [file for file in made(name).files if file.endswith((".npz", ".jsonl"))]


def test_help_desk_gives_what_its_brief_says() -> None:
    files = made("help_desk").files
    rows = msgspec.json.decode(files["data/train.json"])
    assert len(rows) == 8_000
    assert {row["label"] for row in rows} == set(range(6))
    assert len(files["data/classes.txt"].splitlines()) == 6


@pytest.mark.parametrize("name", RAW)
def test_formulas_read_the_texts_as_a_candidate_does(name: str) -> None:
    material = made(name)
    found = texts.labelled(material.files)
    assert found is not None
    ids, labels = found
    assert np.array_equal(ids, by_hand(texts_of(material), vocabulary_of(material)))
    assert len(labels) == len(ids)
    if name == "sms_spam":
        assert labels.tolist() == [int(row["label"] == "spam") for row in table_of(material)]


@pytest.mark.slow
@pytest.mark.parametrize("name", RAW)
def test_keras_own_tokenizer_numbers_the_same_words(name: str) -> None:
    from tf_keras.preprocessing.sequence import pad_sequences
    from tf_keras.preprocessing.text import Tokenizer

    material = made(name)
    tokenizer = Tokenizer(num_words=1_000, oov_token="<OOV>")
    tokenizer.fit_on_texts(texts_of(material))
    found = tokenizer.texts_to_sequences(texts_of(material))
    ids = pad_sequences(found, maxlen=120, padding="post", truncating="post")
    assert np.array_equal(ids, by_hand(texts_of(material), vocabulary_of(material)))
