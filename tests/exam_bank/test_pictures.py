"""The picture tasks: their material fits the contract, is repeatable and leaks nothing."""

import csv
import hashlib
from collections.abc import Callable
from functools import cache
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from engine.grading.metrics import measure
from exam_bank.catalog import BUILT_IN
from exam_bank.material import Array, HiddenSet, Material
from exam_bank.preparation import make_material
from exam_bank.synthetic import camera, garments, gate, hands, leaves, raster, script
from exam_bank.synthetic.drawing import Part, blob, outline
from exam_bank.synthetic.rng import Rng
from exam_bank.task import Task

SIZES = {
    "garments": (8000, 8000),
    "lost_script": (6000, 5000),
    "hands": (1500, 1000),
    "garden_gate": (2000, 1600),
    "sick_leaves": (1600, 1600),
}
PHOTOGRAPHED = {"hands": hands.SIDE, "garden_gate": gate.SIDE, "sick_leaves": leaves.SIDE}
PICTURE_TASKS = pytest.mark.parametrize("name", sorted(SIZES))


@cache
def material(name: str) -> Material:
    return make_material(BUILT_IN / name, 5)


@cache
def training_set(name: str) -> tuple[Array, Array]:
    files = material(name).files
    if "data/train.npz" in files:
        with np.load(BytesIO(files["data/train.npz"])) as train:
            return train["images"], train["labels"]
    if name == "sick_leaves":
        rows = list(csv.DictReader(files["data/leaves.csv"].decode().splitlines()))
        listed = [files[f"data/leaves/{row['file']}"] for row in rows]
        labels = [leaves.LABELS.index(row["condition"]) for row in rows]
        return camera.decoded(listed, leaves.SIDE), np.array(labels)
    names = files["data/signs.txt"].decode().split() if name == "hands" else list(gate.LABELS)
    pictures = {path: file for path, file in files.items() if path.endswith(".jpg")}
    labels = [names.index(path.split("/")[2]) for path in pictures]
    return camera.decoded(list(pictures.values()), PHOTOGRAPHED[name]), np.array(labels)


def digests(images: Array) -> set[bytes]:
    return {hashlib.sha256(image.tobytes()).digest() for image in images}


@PICTURE_TASKS
def test_hidden_set_fits_the_contract(name: str) -> None:
    contract = Task.read(BUILT_IN / name).says.contract
    hidden = material(name).hidden
    assert hidden.inputs.shape == (SIZES[name][1], *contract.input.shape)
    assert hidden.inputs.dtype == np.uint8
    assert 0.9 < hidden.inputs.max() * hidden.input_scale <= 1.0
    assert hidden.targets.shape == (SIZES[name][1],)
    classes = max(2, int(contract.output.shape[0]))
    assert set(hidden.targets.tolist()) == set(range(classes))


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
def test_no_hidden_picture_is_nearly_a_training_picture(name: str) -> None:
    """Pictures of one kind lie closer than others, but never as close as two prints of one."""
    images, _ = training_set(name)
    hidden = material(name).hidden.inputs[:100]
    train, asked = _thumbnails(images), _thumbnails(hidden)
    squares = (asked**2).sum(axis=1)[:, None] + (train**2).sum(axis=1) - 2 * asked @ train.T
    noise = np.random.default_rng(0).normal(0, 10, hidden.shape)
    reprinted = _thumbnails(np.clip(hidden + noise, 0, 255).astype(np.uint8))
    assert squares.min() > 2 * ((reprinted - asked) ** 2).sum(axis=1).max()


def _thumbnails(images: Array) -> Array:
    """Pictures as few numbers, (n, 14 * 14 or so): block means of their brightness."""
    grey = images.astype(np.float32).reshape(*images.shape[:3], -1).mean(axis=-1)
    step = images.shape[1] // 14
    grey = grey[:, : step * 14, : step * 14].reshape(len(images), 14, step, 14, step)
    return np.asarray(grey.mean(axis=(2, 4)).reshape(len(images), -1), np.float64)


@PICTURE_TASKS
def test_trivial_predictors_earn_at_most_one_point(name: str) -> None:
    says, made = Task.read(BUILT_IN / name).says, material(name)
    assert made.trivial
    for predictions in made.trivial.values():
        assert predictions.shape == (len(made.hidden.targets), *says.contract.output.shape)
        assert measure(predictions, made.hidden, says.mark_scheme.hardest, says.contract)[1] <= 1


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("garments", 0.35),
        ("lost_script", 0.25),
        ("hands", 0.45),
        ("garden_gate", 0.58),
        ("sick_leaves", 0.38),
    ],
)
def test_neither_brightness_nor_colour_names_a_class(name: str, bound: float) -> None:
    """A threshold on one number must not solve the picture tasks."""
    images, labels = training_set(name)
    pixels = images.reshape(len(images), -1, images.shape[3] if images.ndim == 4 else 1)
    tints = pixels.mean(axis=1).T
    for feature in (*tints, pixels.std(axis=(1, 2)), *(tints[1:] - tints[:1])):
        order = np.argsort(feature, kind="stable")
        right = sum(int(np.bincount(each).max()) for each in np.array_split(labels[order], 20))
        assert right / len(labels) < bound


def _garden(seed: int, split: str) -> tuple[Array, Array]:
    files, labels = gate.Garden.draw(Rng(seed, "garden")).pictures(Rng(seed, "test", split), 3)
    return camera.decoded(files, gate.SIDE), labels


def _plant(seed: int, split: str) -> tuple[Array, Array]:
    files, labels = leaves.Plant.draw(Rng(seed, "plant")).pictures(Rng(seed, "test", split), 3)
    return camera.decoded(files, leaves.SIDE), labels


def _hands(seed: int, split: str) -> tuple[Array, Array]:
    files, labels = hands.pictures(Rng(seed, "test", split), 4)
    return camera.decoded(files, hands.SIDE), labels


def _script(seed: int, split: str) -> tuple[Array, Array]:
    return script.pictures(Rng(seed, "test", split), script.alphabet(Rng(seed, "alphabet")), 4)


def _garments(seed: int, split: str) -> tuple[Array, Array]:
    return garments.pictures(Rng(seed, "test", split), 4)


@pytest.mark.parametrize("drawn", [_garments, _script, _hands, _garden, _plant])
def test_same_stream_same_bytes_other_stream_other_bytes(
    drawn: Callable[[int, str], tuple[Array, Array]],
) -> None:
    def run(seed: int, split: str) -> tuple[bytes, bytes]:
        pictures, labels = drawn(seed, split)
        return pictures.tobytes(), labels.tobytes()

    first = run(1, "train")
    assert run(1, "train") == first
    assert run(2, "train")[0] != first[0]
    assert run(1, "hidden")[0] != first[0]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("hands", "data/train/paper/0001.jpg", "data/train/scissors/0500.jpg"),
        ("garden_gate", "data/train/keep_out/0001.jpg", "data/train/let_in/1000.jpg"),
        ("sick_leaves", "data/leaves/0001.jpg", "data/leaves/1600.jpg"),
    ],
)
def test_photographs_are_jpeg_files_of_the_promised_size(name: str, first: str, last: str) -> None:
    files, side = material(name).files, PHOTOGRAPHED[name]
    for path in (first, last):
        with Image.open(BytesIO(files[path])) as picture:
            assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (side, side))


def test_classes_differ_on_the_page() -> None:
    """Mean pictures of the easy classes stand apart, so labels and pictures belong together."""
    images, labels = training_set("garments")
    means = np.stack([images[labels == number].mean(axis=0) for number in range(10)])
    with np.load(BytesIO(material("garments").files["data/train.npz"])) as train:
        names = train["names"].tolist()
    assert sorted(names) == sorted(garments.LABELS)
    hidden, answers = material("garments").hidden.inputs, material("garments").hidden.targets
    for number in map(names.index, ("Trouser", "Bag", "Ankle boot")):
        mine = hidden[answers == number].astype(np.float64)
        distance = [((mine - mean) ** 2).sum(axis=(1, 2)) for mean in means]
        assert np.mean(np.argmin(distance, axis=0) == number) > 0.5


def test_the_shelves_hold_what_their_names_say() -> None:
    """A trouser's legs leave a gap below: the name of its number is that of its pictures."""
    images, labels = training_set("garments")
    with np.load(BytesIO(material("garments").files["data/train.npz"])) as train:
        names = train["names"].tolist()
    middle = images[:, 18:24, 13:15].mean(axis=(1, 2))
    gaps = [np.median(middle[labels == number]) for number in range(10)]
    long = [names.index(name) for name in ("Trouser", "Dress", "Coat")]
    assert gaps[long[0]] < min(gaps[long[1]], gaps[long[2]])


class TestPapersDiffer:
    """What is remembered of one paper must not help in another."""

    def test_shops_and_machines_number_their_classes_anew(self) -> None:
        orders = {tuple(Rng(seed, "hands", "signs").permutation(3)) for seed in range(20)}
        assert len(orders) > 3

    def test_gardens_let_others_in(self) -> None:
        gardens = [gate.Garden.draw(Rng(seed, "garden")) for seed in range(60)]
        assert len({(garden.kinds, garden.welcome) for garden in gardens}) == 16
        for garden in gardens:
            assert [kind in garden.welcome for kind in garden.kinds].count(True) == 2

    def test_plants_have_other_blights(self) -> None:
        forms = {leaves.Plant.draw(Rng(seed, "plant")).forms for seed in range(40)}
        assert len(forms) > 15
        assert len({each[-1] for each in forms}) == 1

    def test_alphabets_share_no_sign(self) -> None:
        one, other = (script.alphabet(Rng(seed, "alphabet")) for seed in (1, 2))
        assert not any(np.allclose(a, b, atol=0.05) for a in one for b in other)


class TestAlphabets:
    """Every alphabet must be as hard as the next."""

    @pytest.mark.parametrize("seed", range(4))
    def test_sisters_are_close_and_strangers_far(self, seed: int) -> None:
        drawn = script._plain(script.alphabet(Rng(seed, "alphabet")))
        apart = np.sqrt(((drawn[:, None] - drawn) ** 2).sum(axis=(2, 3)))
        sisters = apart[np.arange(0, 10, 2), np.arange(1, 10, 2)]
        strangers = apart[np.arange(10)[:, None] // 2 != np.arange(10) // 2]
        assert sisters == pytest.approx(3.0, abs=0.6)
        assert strangers.min() > 1.5 * sisters.max()


class TestRaster:
    """Polygons are filled by our own arithmetic, whatever Pillow is installed."""

    def test_a_square_covers_the_pixels_whose_centres_it_holds(self) -> None:
        square = Part(outline((2, 3), (6, 3), (6, 5), (2, 5)), np.array([200.0]))
        picture = raster.drawn([square], np.array([10.0]), 8)[0]
        wanted = np.full((8, 8), 10)
        wanted[3:5, 2:6] = 200
        assert picture.tolist() == wanted.tolist()

    def test_later_parts_lie_over_earlier_ones_where_they_are_shown(self) -> None:
        two = np.repeat(outline((0, 0), (8, 0), (8, 8), (0, 8)), 2, axis=0)
        below = Part(two, np.full((2, 3), 50.0))
        above = Part(two, np.full((2, 3), 90.0), np.array([True, False]))
        pictures = raster.drawn([below, above], np.zeros((2, 3)), 8)
        assert np.unique(pictures[0]).tolist() == [90]
        assert np.unique(pictures[1]).tolist() == [50]

    def test_a_disc_has_the_area_of_a_disc(self) -> None:
        disc = blob(np.array([[20.3, 19.8]]), np.array([[12.0, 12.0]]), 40, squareness=1.0)
        covered = raster.layered([Part(disc, np.zeros(1))], 40)
        assert covered.sum() == pytest.approx(np.pi * 144, rel=0.02)

    def test_what_lies_outside_is_cut_off(self) -> None:
        wide = outline((-50, 3), (50, 3), (50, 5), (-50, 5))
        away = outline((60, 60), (70, 60), (70, 70), (60, 70))
        canvas = raster.layered([Part(wide, np.zeros(1)), Part(away, np.zeros(1))], 8)
        assert canvas[0].sum(axis=1).tolist() == [0, 0, 0, 8, 8, 0, 0, 0]


def test_hidden_sets_are_not_too_large_to_grade() -> None:
    for name in SIZES:
        hidden: HiddenSet = material(name).hidden
        assert hidden.inputs.nbytes < 80_000_000, name
