"""Public data sets: where they come from, which bytes they are, and which of them are here.

    registry.py      what `datasets.toml` says: sources, sizes, hashes, licence, citation
    content.py       one file's content as it may be met: packed, with other line ends
    members.py       an archive by what it holds, packed by whomever
    compression.py   how a file is packed, and which zips are safe to open
    local.py         LocalDataset: the verified files that a task's `data.py` reads
    store.py         finds those files, whatever they are called, and remembers what it hashed

A task names a data set by its id in `source`; nothing here is downloaded unless asked for.
"""

from exam_bank.datasets.local import LocalDataset, LocalFile

__all__ = ["LocalDataset", "LocalFile"]
