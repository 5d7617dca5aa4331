"""The course's computer-drawn hands, 2,520 to train with; its 372 test pictures are hidden."""

from exam_bank.datasets import LocalDataset
from exam_bank.material import Material
from exam_bank.real import pictures
from exam_bank.synthetic.rng import Rng

NAMES = ("paper", "rock", "scissors")
SIDE = 150


def make(seed: int, dataset: LocalDataset) -> Material:
    """Every training picture for the candidate; the data set's own test pictures are hidden."""
    train = pictures.read([dataset.path("rps.zip")], NAMES, SIDE)
    hidden = pictures.read([dataset.path("rps-test-set.zip")], NAMES, SIDE).without(train)
    train = train.shuffled(Rng(seed, "rock-paper-scissors", "train"))
    hidden = hidden.shuffled(Rng(seed, "rock-paper-scissors", "hidden"))
    return pictures.material(train, hidden, NAMES, sigmoid=False)
