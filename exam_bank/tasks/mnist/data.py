"""MNIST: 60,000 digits for the candidate in a drawn order; the test part is hidden."""

from exam_bank.datasets import LocalDataset
from exam_bank.material import Material
from exam_bank.real import idx


def make(seed: int, dataset: LocalDataset) -> Material:
    """Every training digit that no hidden one nearly repeats, and all 10,000 hidden ones."""
    return idx.material("mnist", seed, dataset)
