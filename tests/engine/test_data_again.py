"""The data of a task come back as they were handed out, or not at all."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from engine.clock import ManualClock
from engine.errors import UnknownTaskError, WorkspaceError
from engine.sitting.data_again import bring_data_back, is_data_gone
from engine.sitting.store.opening import open_folders
from engine.sitting.store.record import category_folder, hidden_folder, read_record
from exam_bank.catalog import Catalog
from exam_bank.preparation import Order, Step
from exam_bank.task import Task
from tests.engine.sittings import FIRST, fake_prepare, make_settings, make_sitting


class Sat:
    """A sitting whose folders are open, and what brings data back in it."""

    def __init__(self, tmp_path: Path, folder: Path) -> None:
        self.folder, self.record = folder, read_record(folder)
        self.settings = make_settings(tmp_path)
        tasks = (tmp_path / "bank").glob("*/task.toml")
        self.bank = Catalog(tuple(Task.read(each.parent) for each in sorted(tasks)))
        self.place = category_folder(self.record, FIRST)
        self.prepare = fake_prepare

    @property
    def is_gone(self) -> bool:
        return is_data_gone(self.record, FIRST)

    async def bring_back(self) -> None:
        await bring_data_back(
            self.folder,
            self.record,
            FIRST,
            settings=self.settings,
            catalog=self.bank,
            prepare=self.prepare,
        )

    def names(self) -> list[str]:
        return sorted(each.name for each in (*self.folder.iterdir(), *self.place.parent.iterdir()))


@pytest.fixture
async def sat(tmp_path: Path) -> Sat:
    folder = await make_sitting(tmp_path, ManualClock())
    sat = Sat(tmp_path, folder)
    open_folders(sat.record)
    return sat


def lose_all(place: Path) -> None:
    shutil.rmtree(place)


def lose_content(place: Path) -> None:
    shutil.rmtree(place)
    place.mkdir()


def lose_data(place: Path) -> None:
    shutil.rmtree(place / "data")


def empty_data(place: Path) -> None:
    (place / "data" / "train.npz").unlink()


@pytest.mark.parametrize("lose", [lose_all, lose_content, lose_data, empty_data])
async def test_lost_data_come_back(sat: Sat, lose: Callable[[Path], None]) -> None:
    before = sat.names()
    assert not sat.is_gone
    lose(sat.place)
    assert sat.is_gone
    await sat.bring_back()
    assert (sat.place / "data" / "train.npz").read_bytes() == b"train"
    assert sat.names() == before  # nothing is left of what was made


async def test_what_a_changed_task_makes_is_not_put_there(sat: Sat) -> None:
    async def prepare(orders: Sequence[Order], on_step: Callable[[Step], None]) -> None:
        await fake_prepare(orders, on_step)
        (Path(orders[0].hidden) / "hidden.json").write_text("{}")

    before = sat.names()
    lose_data(sat.place)
    sat.prepare = prepare
    with pytest.raises(WorkspaceError, match="has changed"):
        await sat.bring_back()
    assert sat.is_gone
    assert sat.names() == before


async def test_a_task_that_the_bank_no_longer_has_says_so(sat: Sat) -> None:
    lose_data(sat.place)
    sat.bank = Catalog(())
    with pytest.raises(UnknownTaskError):
        await sat.bring_back()


async def test_without_a_hidden_set_nothing_can_be_compared(sat: Sat) -> None:
    lose_data(sat.place)
    shutil.rmtree(hidden_folder(sat.folder, FIRST))
    with pytest.raises(WorkspaceError, match="cannot be used"):
        await sat.bring_back()
    assert sat.is_gone


async def test_data_that_are_a_link_are_left_alone(sat: Sat, tmp_path: Path) -> None:
    lose_data(sat.place)
    (sat.place / "data").symlink_to(tmp_path / "nowhere")
    assert not sat.is_gone
