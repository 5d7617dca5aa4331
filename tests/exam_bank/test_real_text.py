"""Tasks over public texts: their loaders on small files of the same format, or the real ones."""

import csv
import io
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import pytest

from exam_bank.catalog import BUILT_IN
from exam_bank.datasets import LocalDataset
from exam_bank.material import Array, Material
from exam_bank.preparation import make_material
from exam_bank.real.alike import unlike
from exam_bank.real.text import OOV, PADDING, encode, make_vocabulary, words_of
from exam_bank.task import Task
from tests.exam_bank import real_texts
from tests.exam_bank.data_here import dataset_of


def made(task: str, folder: Path, seed: int = 3) -> Material:
    return make_material(BUILT_IN / task, seed, LocalDataset.unverified(folder))


def texts_of(material: Material) -> list[str]:
    if "data/train.csv" in material.files:
        return [row["text"] for row in table_of(material)]
    if "data/train.json" in material.files:
        return [row["text"] for row in msgspec.json.decode(material.files["data/train.json"])]
    lines = material.files["data/train.jsonl"].split(b"\n")[:-1]
    return [msgspec.json.decode(line)["text"] for line in lines]


def table_of(material: Material) -> list[dict[str, str]]:
    text = material.files["data/train.csv"].decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def train_of(material: Material) -> tuple[Array, Array]:
    with np.load(io.BytesIO(material.files["data/train.npz"])) as train:
        return train["ids"], train["labels"]


def vocabulary_of(material: Material) -> list[str]:
    return material.files["data/vocabulary.txt"].decode().split("\n")[:-1]


def check_whole(material: Material, words: int) -> None:
    """What every one of these tasks promises its candidate."""
    texts, vocabulary = texts_of(material), vocabulary_of(material)
    assert vocabulary == make_vocabulary(texts, size=words)
    ids = encode(texts, vocabulary)
    if "data/train.npz" in material.files:
        given, labels = train_of(material)
        assert len(texts) == len(given) == len(labels)
        assert np.array_equal(given, ids)
    assert material.hidden.inputs.dtype == np.int32
    shown = {row.tobytes() for row in ids}
    assert not [row for row in material.hidden.inputs if row.tobytes() in shown]


def test_words_are_those_of_keras() -> None:
    text = "Isn't THIS well-known?\tYes: 3.5%\nat\xa0last\u2028 x"
    assert words_of(text) == [
        "isn't",
        "this",
        "well",
        "known",
        "yes",
        "3",
        "5",
        "at\xa0last\u2028",
        "x",
    ]


def test_the_vocabulary_keeps_the_order_of_first_appearance() -> None:
    assert make_vocabulary(["z b a b", "c a"], size=5) == [PADDING, OOV, "b", "a", "z"]


@pytest.mark.slow
def test_ids_are_those_of_keras_own_tokenizer() -> None:
    from tf_keras.preprocessing.sequence import pad_sequences
    from tf_keras.preprocessing.text import Tokenizer

    texts = [
        f"{real_texts.sentence(n % 40)}, it's \x85 {n}/{n % 7}" * (1 + n % 14) for n in range(300)
    ]
    tokenizer = Tokenizer(num_words=60, oov_token=OOV)
    tokenizer.fit_on_texts(texts)
    wanted = pad_sequences(
        tokenizer.texts_to_sequences(texts), maxlen=120, padding="post", truncating="post"
    )
    assert np.array_equal(encode(texts, make_vocabulary(texts, size=60)), wanted)


def test_sarcasm_trains_on_the_first_20_000_headlines(tmp_path: Path) -> None:
    folder = real_texts.sarcasm(tmp_path, rows=20_060)
    material = made("sarcasm", folder)
    check_whole(material, 1_000)
    assert texts_of(material)[:2] == [real_texts.sentence(0), real_texts.sentence(1)]
    assert train_of(material)[1].tolist() == [0, 1] * 10_000
    assert len(material.hidden.inputs) == 60
    assert Counter(material.hidden.targets.tolist()) == {0: 30, 1: 30}
    # The fixture's 1,728 words meet a vocabulary of 1,000, the order is the seed's.
    assert (material.hidden.inputs != made("sarcasm", folder, 4).hidden.inputs).any()


def test_bbc_news_numbers_topics_from_the_commonest(tmp_path: Path) -> None:
    folder = real_texts.bbc_news(tmp_path, rows=300)
    material = made("bbc_news", folder)
    check_whole(material, 1_000)
    labels = train_of(material)[1]
    assert len(labels) == 240
    assert material.files["data/classes.txt"].decode().split() == ["(unused)", *real_texts.TOPICS]
    assert labels.min() == 1
    assert [
        f"news of {real_texts.TOPICS[label - 1]}" in text
        for label, text in zip(labels, texts_of(material), strict=True)
    ] == [True] * 240
    assert len(material.hidden.inputs) == 60
    assert material.trivial["majority"].shape == (60, 6)


def test_imdb_reads_labelled_reviews_out_of_the_archive(tmp_path: Path) -> None:
    folder = real_texts.imdb(tmp_path, reviews=200)
    material = made("imdb", folder)
    check_whole(material, 10_000)
    texts, (_, labels) = texts_of(material), train_of(material)
    assert len(texts) == 200
    assert [label == 1 for label in labels] == ["a pos film" in text for text in texts]
    assert len(set(labels[:100])) == 2
    assert len(material.hidden.inputs) == 200
    assert texts_of(made("imdb", folder, 4)) != texts


def test_imdb_packed_again_gives_the_same_reviews(tmp_path: Path) -> None:
    original = real_texts.imdb(tmp_path / "original", reviews=20)
    again = real_texts.imdb_again(original, tmp_path / "again")
    assert made("imdb", again).files == made("imdb", original).files


def test_a_damaged_archive_says_which_file(tmp_path: Path) -> None:
    folder = real_texts.imdb(tmp_path, reviews=50)
    path = folder / "aclImdb_v1.tar.gz"
    path.write_bytes(path.read_bytes()[:2_000])
    with pytest.raises(Exception, match=r"aclImdb_v1.tar.gz cannot be read"):
        made("imdb", folder)


def test_sms_spam_withholds_two_of_five_of_each_kind(tmp_path: Path) -> None:
    material = made("sms_spam", real_texts.sms_spam(tmp_path, rows=200))
    check_whole(material, 1_000)
    assert set(material.files) == {"data/train.csv", "data/vocabulary.txt"}
    assert Counter(row["label"] for row in table_of(material)) == {"ham": 96, "spam": 24}
    assert Counter(material.hidden.targets.tolist()) == {0: 64, 1: 16}
    assert len(set(texts_of(material))) == 120


def test_sentence_polarity_calls_the_good_ones_1(tmp_path: Path) -> None:
    material = made("sentence_polarity", real_texts.sentence_polarity(tmp_path, rows=100))
    check_whole(material, 5_000)
    labels = train_of(material)[1]
    assert Counter(labels.tolist()) == {0: 62, 1: 62}
    assert [label == 1 for label in labels] == ["a pos film" in each for each in texts_of(material)]
    assert Counter(material.hidden.targets.tolist()) == {0: 38, 1: 38}


@pytest.mark.parametrize(("name", "words"), [("sms_spam", 1_000), ("sentence_polarity", 5_000)])
def test_real_sets_differ_by_seed_and_repeat_nothing(name: str, words: int) -> None:
    task = Task.read(BUILT_IN / name)
    dataset = dataset_of(task)
    one, other = (make_material(task.folder, seed, dataset) for seed in (3, 4))
    check_whole(one, words)
    texts = texts_of(one)
    assert texts != texts_of(other)
    assert unlike(texts, []) == list(range(len(texts)))
