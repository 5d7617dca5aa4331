"""The picture tasks: their material fits the contract, is repeatable and leaks nothing."""

import hashlib
import importlib.util
from functools import cache
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from engine.marking import score
from exam_bank.catalog import BUILT_IN
from exam_bank.material import Array, Material
from exam_bank.synthetic import garments, hands
from exam_bank.synthetic.rng import Rng
from exam_bank.task import Task

SIZES = {"garments": (8000, 8000), "hands": (1500, 1000)}
PICTURE_TASKS = pytest.mark.parametrize("name", sorted(SIZES))


@cache
def material(name: str) -> Material:
    spec = importlib.util.spec_from_file_location(f"data_of_{name}", BUILT_IN / name / "data.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.make(5)
    assert isinstance(made, Material)
    return made


def training_set(name: str) -> tuple[Array, Array]:
    files = material(name).files
    if name == "garments":
        with np.load(BytesIO(files["data/train.npz"])) as train:
            return train["images"], train["labels"]
    labels = [hands.LABELS.index(path.split("/")[2]) for path in files]
    return hands.decoded(list(files.values())), np.array(labels)


def digests(images: Array) -> set[bytes]:
    return {hashlib.sha256(image.tobytes()).digest() for image in images}


@PICTURE_TASKS
def test_hidden_set_fits_the_contract(name: str) -> None:
    contract = Task.read(BUILT_IN / name).says.contract
    hidden = material(name).hidden
    assert hidden.inputs.shape == (SIZES[name][1], *contract.input.shape)
    assert hidden.inputs.dtype == np.uint8
    assert hidden.inputs.max() * hidden.input_scale == pytest.approx(1.0)
    assert hidden.targets.shape == (SIZES[name][1],)
    assert set(hidden.targets.tolist()) == set(range(int(contract.output.shape[0])))


@PICTURE_TASKS
def test_classes_are_balanced(name: str) -> None:
    _, labels = training_set(name)
    assert len(labels) == SIZES[name][0]
    assert len(set(np.bincount(labels).tolist())) == 1
    counts = np.bincount(material(name).hidden.targets)
    assert counts.max() - counts.min() <= 1


@PICTURE_TASKS
def test_no_picture_comes_twice(name: str) -> None:
    images, _ = training_set(name)
    hidden = material(name).hidden.inputs
    assert images.shape[1:] == hidden.shape[1:]
    assert len(digests(images) | digests(hidden)) == len(images) + len(hidden)


@PICTURE_TASKS
def test_trivial_predictors_earn_at_most_one_point(name: str) -> None:
    task, made = Task.read(BUILT_IN / name), material(name)
    assert made.trivial
    for predictions in made.trivial.values():
        assert predictions.shape == (len(made.hidden.targets), *task.says.contract.output.shape)
        accuracy = float(np.mean(predictions.argmax(axis=1) == made.hidden.targets))
        assert score(accuracy, task.says.mark_scheme) <= 1


def test_average_brightness_names_no_class() -> None:
    """A threshold on one number must not solve the picture tasks."""
    for name, bound in {"garments": 0.35, "hands": 0.45}.items():
        images, labels = training_set(name)
        means = images.reshape(len(images), -1).mean(axis=1)
        order = np.argsort(means, kind="stable")
        bins = np.array_split(labels[order], 20)
        right = sum(int(np.bincount(each).max()) for each in bins)
        assert right / len(labels) < bound, name


@pytest.mark.parametrize("drawn", [garments, hands], ids=["garments", "hands"])
def test_same_stream_same_bytes_other_stream_other_bytes(drawn: object) -> None:
    def run(seed: int, split: str) -> tuple[bytes, bytes]:
        pictures, labels = drawn.pictures(Rng(seed, "test", split), 4)  # type: ignore[attr-defined]
        content = b"".join(pictures) if isinstance(pictures, list) else pictures.tobytes()
        return content, labels.tobytes()

    first = run(1, "train")
    assert run(1, "train") == first
    assert run(2, "train")[0] != first[0]
    assert run(1, "hidden")[0] != first[0]


def test_hands_are_jpeg_files_of_the_promised_size() -> None:
    files = material("hands").files
    assert "data/train/paper/0001.jpg" in files
    assert "data/train/scissors/0500.jpg" in files
    for content in list(files.values())[:20]:
        with Image.open(BytesIO(content)) as picture:
            assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (150, 150))


def test_classes_differ_on_the_page() -> None:
    """Mean pictures of the easy classes stand apart, so labels and pictures belong together."""
    images, labels = training_set("garments")
    means = np.stack([images[labels == number].mean(axis=0) for number in range(10)])
    trouser, bag, boot = (garments.LABELS.index(each) for each in ("Trouser", "Bag", "Ankle boot"))
    hidden, answers = material("garments").hidden.inputs, material("garments").hidden.targets
    for number in (trouser, bag, boot):
        mine = hidden[answers == number].astype(np.float64)
        distance = [((mine - mean) ** 2).sum(axis=(1, 2)) for mean in means]
        assert np.mean(np.argmin(distance, axis=0) == number) > 0.5
