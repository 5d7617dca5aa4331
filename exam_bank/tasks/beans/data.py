"""Bean leaves, photographed in the field; the data set's validation and test parts are hidden."""

from exam_bank.datasets import LocalDataset
from exam_bank.material import Material
from exam_bank.real import pictures
from exam_bank.synthetic.rng import Rng

NAMES = ("angular_leaf_spot", "bean_rust", "healthy")
SIDE = 300


def make(seed: int, dataset: LocalDataset) -> Material:
    """The training part for the candidate; the validation and the test part are hidden."""
    train = pictures.read([dataset.path("train.zip")], NAMES, SIDE)
    parts = [dataset.path("validation.zip"), dataset.path("test.zip")]
    hidden = pictures.read(parts, NAMES, SIDE).without(train)
    train = train.shuffled(Rng(seed, "beans", "train"))
    hidden = hidden.shuffled(Rng(seed, "beans", "hidden"))
    return pictures.material(train, hidden, NAMES, sigmoid=False)
