"""The data of one seed: the official training reviews in a drawn order, others to be hidden.

The archive is read from end to end, once and never unpacked: 100,000 small files on disk
would cost more than reading it.
"""

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

from exam_bank.datasets import LocalDataset
from exam_bank.errors import DataError
from exam_bank.material import Material
from exam_bank.real.corpus import published_split
from exam_bank.real.names import is_junk
from exam_bank.synthetic.rng import Rng
from exam_bank.text_material import Labelled

_HIDDEN, _WORDS = 10_000, 10_000
# Of long texts, only those that are nearly the same in nearly every word: 25,000 are compared.
_SHARE = 0.85
_MEMBER = re.compile(r"(?:.*/)?(train|test)/(pos|neg)/(\d+_\d+\.txt)")
_LARGEST = 1 << 20


def make(seed: int, dataset: LocalDataset) -> Material:
    """25,000 labelled reviews for the candidate, 10,000 of the official test for the grader."""
    found = sorted(_reviews(dataset.path("aclImdb_v1.tar.gz")))
    parts = {
        part: [Labelled(text, int(mood == "pos")) for each, mood, _, text in found if each == part]
        for part in ("train", "test")
    }
    order = Rng(seed, "imdb", "order").permutation(len(parts["train"]))
    return published_split(
        [parts["train"][place] for place in order],
        parts["test"],
        Rng(seed, "imdb", "hidden"),
        words=_WORDS,
        most=_HIDDEN,
        share=_SHARE,
    )


def _reviews(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """Part, mood, name and text of each labelled review."""
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                match = _MEMBER.fullmatch(member.name)
                if not match or is_junk(member.name):
                    continue
                if member.isfile() and member.size <= _LARGEST:
                    file = archive.extractfile(member)
                    assert file is not None
                    yield match[1], match[2], match[3], file.read().decode()
    except tarfile.TarError as error:
        raise DataError(f"{path} cannot be read: {error}.") from error
