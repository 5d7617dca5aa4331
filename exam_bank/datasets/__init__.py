"""Public data sets: where they come from, what their bytes are, and which are on this machine.

    registry.py      what `datasets.toml` says: sources, sizes, hashes, licence, citation
    content.py       recognises a file by its hashes, even compressed or with other line ends
    members.py       recognises an archive by its members, however it was packed
    compression.py   how a file is packed, and which zips are safe to open
    local.py         LocalDataset: the verified files that a task's `data.py` reads
    store.py         finds those files, whatever their names, and remembers what it hashed

A task names a data set by its id in `source`; nothing is downloaded unless asked for.
"""

from exam_bank.datasets.local import LocalDataset, LocalFile

__all__ = ["LocalDataset", "LocalFile"]
