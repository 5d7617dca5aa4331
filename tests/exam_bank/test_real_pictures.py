"""Tasks of real photographs: their loaders on small archives of the same form.

The data sets are too large to be had everywhere; what matters here is that archives with
the true names and folders, and with all that such archives also hold, become material.
"""

import importlib.util
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exam_bank.catalog import BUILT_IN
from exam_bank.datasets import LocalDataset
from exam_bank.errors import DataError
from exam_bank.material import Array, Material
from exam_bank.real import pictures
from exam_bank.synthetic.rng import Rng
from exam_bank.task import Task

# Task → archive → folders of the classes, as the real archives have them.
ARCHIVES = {
    "rock-paper-scissors": {
        "rps.zip": ["rps/paper", "rps/rock", "rps/scissors"],
        "rps-test-set.zip": ["rps-test-set/paper", "rps-test-set/rock", "rps-test-set/scissors"],
    },
    "horses-or-humans": {
        "horse-or-human.zip": ["horses", "humans"],
        "validation-horse-or-human.zip": ["horses", "humans"],
    },
    "cats-and-dogs": {"kagglecatsanddogs_5340.zip": ["PetImages/Cat", "PetImages/Dog"]},
    "beans": {
        name: [f"{name[:-4]}/{each}" for each in ("angular_leaf_spot", "bean_rust", "healthy")]
        for name in ("train.zip", "validation.zip", "test.zip")
    },
}
EVERY_TASK = pytest.mark.parametrize("name", sorted(ARCHIVES))


def picture(number: int, side: int = 40, form: str = "PNG") -> bytes:
    coarse = Rng(number, "fixture").uniform(0, 255, (6, 6, 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(coarse).resize((side, side + 7)).save(file, form)
    return file.getvalue()


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def fixture(name: str, folder: Path, per_class: int = 8) -> LocalDataset:
    """The archives of a task with a few pictures, each of its own."""
    number = 0
    for file, folders in ARCHIVES[name].items():
        members = {}
        for each in folders:
            for _ in range(per_class):
                number += 1
                members[f"{each}/{number}.png"] = picture(number)
            members[f"{each}/666.jpg"] = b"no picture at all"
            members[f"{each}/Thumbs.db"] = b"\0"
        archive(folder / file, members)
    return LocalDataset.unverified(folder)


def make(name: str, seed: int, dataset: LocalDataset) -> Material:
    path = BUILT_IN / name.replace("-", "_") / "data.py"
    spec = importlib.util.spec_from_file_location(f"data_of_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if name == "cats-and-dogs":
        vars(module)["HIDDEN"] = 5  # of eight pictures a class
    made = module.make(seed, dataset)
    assert isinstance(made, Material)
    return made


def pixels(files: list[bytes]) -> Array:
    return np.stack([np.asarray(Image.open(io.BytesIO(each))) for each in files])


@EVERY_TASK
def test_the_material_fits_the_contract(name: str, tmp_path: Path) -> None:
    contract = Task.read(BUILT_IN / name.replace("-", "_")).says.contract
    material = make(name, 3, fixture(name, tmp_path))
    assert material.hidden.inputs.shape[1:] == contract.input.shape
    assert material.hidden.inputs.dtype == np.uint8
    assert pixels(list(material.files.values())).shape[1:] == contract.input.shape
    for predictions in material.trivial.values():
        assert predictions.shape == (len(material.hidden.targets), *contract.output.shape)


@EVERY_TASK
def test_folders_are_the_classes_in_the_order_of_their_names(name: str, tmp_path: Path) -> None:
    material = make(name, 3, fixture(name, tmp_path))
    folders = {path.split("/")[2] for path in material.files}
    labels = set(material.hidden.targets.tolist())
    assert labels <= set(range(len(folders)))
    starter = (BUILT_IN / name.replace("-", "_") / "starter.py").read_text(encoding="utf-8")
    listed = ", ".join(f'"{each}"' for each in sorted(folders))
    assert f"LABELS = [{listed}]" in starter


@EVERY_TASK
def test_a_seed_gives_the_same_bytes_and_another_one_others(name: str, tmp_path: Path) -> None:
    dataset = fixture(name, tmp_path)
    once, again, other = (make(name, seed, dataset) for seed in (3, 3, 4))
    assert once.files == again.files
    assert once.hidden.inputs.tobytes() == again.hidden.inputs.tobytes()
    assert once.files != other.files


@EVERY_TASK
def test_no_hidden_picture_is_a_training_picture(name: str, tmp_path: Path) -> None:
    material = make(name, 3, fixture(name, tmp_path))
    train = {each.tobytes() for each in pixels(list(material.files.values()))}
    assert not train & {each.tobytes() for each in material.hidden.inputs}


def test_copies_of_training_pictures_are_not_hidden(tmp_path: Path) -> None:
    twice = {f"cats/{number}.png": picture(number % 6) for number in range(12)}
    album = pictures.read([archive(tmp_path / "pets.zip", twice)], ["cats"], 32)
    train, hidden = pictures.withhold(album, 6, Rng(1, "test"))
    assert len(train) == 6
    assert not set(hidden.sketches()) & set(train.sketches())


def test_damaged_and_foreign_members_are_passed_over(tmp_path: Path) -> None:
    whole = picture(1, side=200, form="JPEG")
    members = {
        "cats/1.jpg": whole,
        "cats/cut.jpg": whole[: len(whole) // 3],
        "cats/.hidden.jpg": picture(2, form="JPEG"),
        "cats/notes.txt": b"hello",
        "elsewhere/2.jpg": picture(3, form="JPEG"),
        "cats/": b"",
    }
    album = pictures.read([archive(tmp_path / "pets.zip", members)], ["cats"], 32)
    assert len(album) == 1


@pytest.mark.parametrize("drawn", [False, True])
def test_an_archive_packed_again_gives_the_same_pictures(tmp_path: Path, drawn: bool) -> None:
    names = [f"{each}/{number}.png" for each in ("cats", "dogs") for number in (1, 10, 9)]
    original = {f"PetImages/{name}": picture(place) for place, name in enumerate(names)}
    again = {
        "__MACOSX/dogs/1.png": picture(99),
        "dogs/.2.png": picture(98),
        **{
            name.replace("dogs", "pets/dogs"): original[f"PetImages/{name}"] for name in names[::-1]
        },
    }
    one, other = (
        pictures.read(
            [archive(tmp_path / f"{len(members)}.zip", members)],
            ["cats", "dogs"],
            32,
            rng=Rng(7, "test") if drawn else None,
        )
        for members in (original, again)
    )
    assert one.files == other.files
    assert one.labels.tolist() == other.labels.tolist()


def test_a_class_without_pictures_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = archive(tmp_path / "pets.zip", {"cats/1.png": picture(1)})
    with pytest.raises(DataError, match=r"no picture of dogs in .*pets\.zip"):
        pictures.read([path], ["cats", "dogs"], 32)


def test_what_is_no_archive_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "pets.zip"
    path.write_bytes(b"<html>sign in</html>")
    with pytest.raises(DataError, match=r"pets\.zip cannot be read as a zip archive"):
        pictures.read([path], ["cats"], 32)
