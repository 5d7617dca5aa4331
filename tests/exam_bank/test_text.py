"""Invented reviews and their ids: the same for a seed, hidden ones never shown."""

import io
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import pytest

from exam_bank.catalog import BUILT_IN
from exam_bank.material import Material
from exam_bank.preparation import make_material
from exam_bank.synthetic.reviews import World, Writer
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.text import (
    OOV,
    PADDING,
    Draws,
    Typist,
    encode,
    make_vocabulary,
    words_of,
)

FOLDER = BUILT_IN / "reviews"


@pytest.fixture(scope="module")
def material() -> Material:
    return make_material(FOLDER, 3)


def vocabulary_of(material: Material) -> list[str]:
    return material.files["data/vocabulary.txt"].decode().split("\n")[:-1]


def rows_of(material: Material) -> list[dict[str, str | int]]:
    lines = material.files["data/train.jsonl"].splitlines()
    return [msgspec.json.decode(line) for line in lines]


def train_of(material: Material) -> tuple[np.ndarray, np.ndarray]:
    with np.load(io.BytesIO(material.files["data/train.npz"])) as train:
        return train["ids"], train["labels"]


def test_words_are_lower_case_runs_of_letters() -> None:
    assert words_of("It's a FIRST-rate Plot! 12 stars...") == [
        "it's",
        "a",
        "first-rate",
        "plot",
        "stars",
    ]


def test_the_vocabulary_counts_and_breaks_ties_by_letter() -> None:
    assert make_vocabulary(["b b a c", "c d"], size=5) == [PADDING, OOV, "b", "c", "a"]


def test_ids_are_padded_and_cut_at_their_end() -> None:
    ids = encode(["b x", "b b b b"], [PADDING, OOV, "b"], length=3)
    assert ids.tolist() == [[2, 1, 0], [2, 2, 2]]
    assert ids.dtype == np.int32


def test_a_typist_errs_about_as_often_as_told_and_spares_short_words() -> None:
    words = ["wonderful", "the"] * 5_000
    typed = Typist(Draws(Rng(1, "typist")), every=20).type(words)
    wrong = [index for index, word in enumerate(words) if typed[index] != word]
    assert all(words[index] == "wonderful" for index in wrong)
    # Half of the places it reaches are short words, which stay right.
    assert 0.02 < len(wrong) / len(words) < 0.03


def test_a_seed_makes_a_world_and_another_seed_another() -> None:
    one, again, other = (World.draw(Rng(seed, "world")) for seed in (1, 1, 2))
    assert one == again
    assert one.clear != other.clear
    assert one.names != other.names
    assert one.ambiguous != other.ambiguous


def test_each_ambiguous_word_is_praise_somewhere_or_blame_never_both() -> None:
    world = World.draw(Rng(5, "world"))
    for group, praise in world.ambiguous[True].items():
        assert not set(praise) & set(world.ambiguous[False][group])
    signs: dict[str, set[bool]] = {}
    for positive, groups in world.ambiguous.items():
        for words in groups.values():
            for word in words:
                signs.setdefault(word, set()).add(positive)
    assert sum(len(both) == 2 for both in signs.values()) > len(signs) / 2


def test_a_writer_repeats_no_text_and_none_it_was_told_to_avoid() -> None:
    world = World.draw(Rng(1, "world"))
    first = Writer(world, Rng(1, "stream")).write(300)
    avoided = frozenset(review.text for review in first)
    second = Writer(world, Rng(1, "stream")).write(300, without=avoided)
    assert len(avoided) == 300
    assert not avoided & {review.text for review in second}


def test_labels_are_balanced() -> None:
    reviews = Writer(World.draw(Rng(1, "world")), Rng(1, "stream")).write(3_000)
    assert 0.46 < sum(review.positive for review in reviews) / 3_000 < 0.54


def test_no_grammar_mark_is_left_in_a_review() -> None:
    reviews = Writer(World.draw(Rng(2, "world")), Rng(2, "stream")).write(500)
    assert not [review.text for review in reviews if set(review.text) & set("{}")]
    assert not [review.text for review in reviews if "  " in review.text]


def test_the_task_gives_what_its_brief_says(material: Material) -> None:
    ids, labels = train_of(material)
    assert ids.shape == (12_000, 120)
    assert labels.shape == (12_000,)
    assert ids.dtype == np.int32
    assert len(vocabulary_of(material)) == 1_000
    assert vocabulary_of(material)[:2] == [PADDING, OOV]
    assert material.hidden.inputs.shape == (4_000, 120)
    assert material.hidden.targets.shape == (4_000,)
    assert ids.max() < 1_000
    assert set(np.unique(labels)) == {0, 1}


def test_texts_and_ids_tell_the_same(material: Material) -> None:
    rows, (ids, labels) = rows_of(material), train_of(material)
    assert [row["label"] for row in rows] == labels.tolist()
    remade = encode([str(row["text"]) for row in rows], vocabulary_of(material), length=120)
    assert np.array_equal(remade, ids)


def test_the_vocabulary_is_of_the_training_part(material: Material) -> None:
    texts = [str(row["text"]) for row in rows_of(material)]
    assert make_vocabulary(texts, size=1_000) == vocabulary_of(material)
    counts = Counter(word for text in texts for word in words_of(text))
    assert counts[vocabulary_of(material)[-1]] >= 10


def test_hidden_reviews_do_not_occur_in_training(material: Material) -> None:
    shown = {row.tobytes() for row in train_of(material)[0]}
    hidden = [row.tobytes() for row in np.asarray(material.hidden.inputs)]
    # Different texts may share ids where only unlisted words differ; that stays rare.
    assert sum(row in shown for row in hidden) <= len(hidden) * 0.01


def test_the_same_seed_gives_the_same_bytes_and_another_others(material: Material) -> None:
    again, other = make_material(FOLDER, 3), make_material(FOLDER, 4)
    assert dict(again.files) == dict(material.files)
    assert again.hidden.inputs.tobytes() == material.hidden.inputs.tobytes()
    assert again.hidden.targets.tobytes() == material.hidden.targets.tobytes()
    assert other.files["data/train.npz"] != material.files["data/train.npz"]


def test_the_seed_is_nowhere_in_the_candidates_files(tmp_path: Path) -> None:
    seed = 7_777_777_777_777
    for content in make_material(FOLDER, seed).files.values():
        assert str(seed).encode() not in content
