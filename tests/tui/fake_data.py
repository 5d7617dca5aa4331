"""Data sets of a machine that has some: nothing is hashed, and nothing uses the network."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine.errors import TfexamError
from exam_bank.datasets.fetch import FetchProgress
from exam_bank.datasets.manual_add import Added
from exam_bank.datasets.registry import DataFile, DataSet
from exam_bank.errors import DataError, FetchStopped
from exam_bank.task import Task
from tui.link.dataset_service import DataFileState, DatasetService, DataSetState

_CACHE = "/home/ada/.local/share/tfexam/cache/datasets"


def _set(
    name: str, title: str, licence: str, tasks: Sequence[Task], *files: tuple[str, int, bool]
) -> DataSetState:
    return DataSetState(
        id=name,
        says=DataSet(
            title=title,
            licence=licence,
            citation="Somebody: Something, 2017",
            home=f"https://example.org/{name}",
            files={
                file: DataFile(
                    sources=("https://example.org/file",), bytes=size, sha256=("0" * 64,)
                )
                for file, size, _here in files
            },
        ),
        tasks=tuple(tasks),
        files=tuple(
            DataFileState(file, size, f"{_CACHE}/{name}/{file}" if here else None)
            for file, size, here in files
        ),
    )


class FakeData(DatasetService):
    """Answers at once, unless `hold` is cleared: then fetching waits until it is set."""

    def __init__(self, tasks: Mapping[str, Task]) -> None:
        ordered = list(tasks.values())
        self.states = [
            _set(
                "garments",
                "Garments: 70,000 grey pictures, 28×28, 10 classes",
                "MIT",
                ordered[1:2],
                ("train-images.gz", 26_421_880, True),
                ("train-labels.gz", 29_515, True),
            ),
            _set(
                "hands",
                "Hands: 2,892 pictures of three gestures, 300×300",
                "CC BY 4.0",
                ordered[2:3],
                ("hands.zip", 200_682_221, False),
                ("hands-test.zip", 29_516_758, True),
            ),
            _set(
                "reviews",
                "Reviews: 50,000 of films, good or bad",
                "academic use",
                ordered[3:4],
                ("reviews.tar.gz", 84_125_825, False),
            ),
            _set("planets", "Planets: unused here", "CC0", (), ("planets.csv", 1_200, False)),
        ]
        self.hold = threading.Event()
        self.hold.set()
        self.fails: TfexamError | None = None
        self.fails_for: dict[str, TfexamError] = {}
        self._changing = threading.Lock()
        self.damaged: dict[Path, DataError] = {}
        self.asked: list[str] = []

    def sets(self) -> list[DataSetState]:
        return self.states

    def fetch(
        self, name: str, on_progress: Callable[[FetchProgress], None], cancel: threading.Event
    ) -> None:
        self.asked.append(f"fetch {name}")
        if error := self.fails_for.get(name, self.fails):
            raise error
        wanted = next(each for each in self.states if each.id == name)
        for file in wanted.missing:
            total = file.bytes or 0
            source = f"https://files.example.org/{file.name}"
            on_progress(FetchProgress(name, file.name, source, total * 2 // 5, total))
            while not self.hold.wait(0.005):
                if cancel.is_set():
                    raise FetchStopped("Fetching hands was stopped.", fix="Fetch it again.")
        with self._changing:  # several may be fetched at once
            self._all_here(name)

    def _all_here(self, name: str) -> None:
        self.states = [
            replace(
                each,
                files=tuple(
                    replace(file, path=f"{_CACHE}/{name}/{file.name}") for file in each.files
                ),
            )
            if each.id == name
            else each
            for each in self.states
        ]

    def verify(self) -> Mapping[Path, DataError]:
        self.asked.append("verify")
        return self.damaged

    def add(self, path: Path) -> list[Added]:
        self.asked.append(f"add {path}")
        if self.fails is not None:
            raise self.fails
        self._all_here("reviews")
        return [Added(str(path), "reviews", "reviews.tar.gz", "/cache")]
