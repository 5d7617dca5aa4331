"""8,000 photographs of cats and dogs to train with and 1,000 others, drawn by the seed, hidden."""

from exam_bank.datasets import LocalDataset
from exam_bank.material import Material
from exam_bank.real import pictures
from exam_bank.synthetic.rng import Rng

NAMES = ("cats", "dogs")
SIDE = 224
FOLDERS = ("Cat", "Dog")
TRAIN, HIDDEN = 8_000, 1_000


def make(seed: int, dataset: LocalDataset) -> Material:
    """8,000 photographs for the candidate, 1,000 others hidden; the seed draws which."""
    rng = Rng(seed, "cats-and-dogs", "parts")
    archives = [dataset.path("kagglecatsanddogs_5340.zip")]
    album = pictures.read(archives, FOLDERS, SIDE, most=TRAIN + HIDDEN, rng=rng.child("drawn"))
    train, hidden = pictures.withhold(album, HIDDEN, rng.child("withheld"))
    train = train.shuffled(Rng(seed, "cats-and-dogs", "train"))
    hidden = hidden.shuffled(Rng(seed, "cats-and-dogs", "hidden"))
    return pictures.material(train, hidden, NAMES, sigmoid=False)
