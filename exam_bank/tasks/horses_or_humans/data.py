"""The course's computer-drawn horses and humans; its 256 validation pictures are hidden."""

from exam_bank.datasets import LocalDataset
from exam_bank.material import Material
from exam_bank.real import pictures
from exam_bank.synthetic.rng import Rng

NAMES = ("horses", "humans")
SIDE = 300


def make(seed: int, dataset: LocalDataset) -> Material:
    """Every training picture for the candidate; the data set's validation part is hidden."""
    train = pictures.read([dataset.path("horse-or-human.zip")], NAMES, SIDE)
    hidden = pictures.read([dataset.path("validation-horse-or-human.zip")], NAMES, SIDE)
    hidden = hidden.without(train)
    train = train.shuffled(Rng(seed, "horses-or-humans", "train"))
    hidden = hidden.shuffled(Rng(seed, "horses-or-humans", "hidden"))
    return pictures.material(train, hidden, NAMES, sigmoid=True)
