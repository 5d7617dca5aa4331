import asyncio
import errno
import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import ManualClock
from engine.errors import (
    DataError,
    SittingLockedError,
    TaskFileError,
    TransitionError,
    UnknownTaskError,
    WorkspaceError,
)
from engine.sitting.state import events
from engine.sitting.state.sitting import KerasFiles, SittingRecord
from engine.sitting.store import layout as on_disk
from engine.sitting.store import leftovers
from engine.sitting.store.history import sittings
from engine.sitting.store.journal import Journal
from engine.sitting.store.layout import lay_out
from engine.sitting.store.lock import SittingLock
from engine.sitting.store.opening import open_folders
from engine.sitting.store.record import category_folder, category_folders, read_record, read_tasks
from exam_bank.catalog import Catalog
from exam_bank.datasets.registry import DataFile, DataSet, Registry
from exam_bank.paper import Paper, PaperTask, from_code
from exam_bank.preparation import Order, Step
from exam_bank.task import Task
from tests.engine.sittings import (
    FIRST,
    SECOND,
    fake_prepare,
    make_bank,
    make_paper,
    make_record,
    make_settings,
)
from tests.tui.sittings import synthetic_paper


class Layout:
    """Everything `lay_out` needs, so that a test mentions only what is special about it."""

    def __init__(self, tmp_path: Path) -> None:
        self.tmp_path = tmp_path
        self.settings = make_settings(tmp_path)
        self.catalog = make_bank(tmp_path / "bank")
        self.steps: list[Step] = []

    async def make(
        self,
        folder: Path | None = None,
        *,
        lang: str = "en",
        auto_grade: str = "1",
        keras_files: str = "practice",
        prepare: on_disk.Prepare = fake_prepare,
        paper: Paper | None = None,
    ) -> Path:
        return await lay_out(
            make_settings(self.tmp_path, lang=lang, auto_grade=auto_grade, keras_files=keras_files),
            ManualClock(),
            paper=paper or make_paper(self.catalog),
            catalog=self.catalog,
            kind="exam",
            mode="faithful",
            minutes=300,
            workspace=folder,
            on_step=self.steps.append,
            prepare=prepare,
        )

    def left_over(self) -> list[str]:
        """Everything on disk except the bank."""
        folders = (self.settings.sittings_folder, self.settings.workspaces)
        return [str(path) for each in folders if each.exists() for path in each.rglob("*")]


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def started(folder: Path) -> SittingRecord:
    """The record of the sitting in `folder`, whose category folders are opened."""
    record = read_record(folder)
    open_folders(record)
    return record


def in_view(workspace: Path) -> list[str]:
    """What an ordinary user can find there; a test may run as root, whom no mode keeps out."""
    found = [path for path in workspace.iterdir() if path.stat().st_mode & 0o700]
    return sorted(path.name for path in found)


async def test_nothing_can_be_read_before_the_start(layout: Layout) -> None:
    record = read_record(await layout.make())
    workspace = Path(record.workspace)
    assert in_view(workspace) == []
    open_folders(record)
    assert in_view(workspace) == ["Category1", "Category2"]
    open_folders(record)  # a start that was interrupted opens again


@pytest.mark.parametrize("moved", [0, 1])
async def test_an_opening_that_was_interrupted_goes_on(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, moved: int
) -> None:
    record = read_record(await layout.make())
    true = Path.rename
    done: list[Path] = []

    def rename(path: Path, target: Path) -> Path:
        if len(done) == moved:
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        done.append(path)
        return true(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        with pytest.raises(WorkspaceError, match="No space left"):
            open_folders(record)
    open_folders(record)
    assert in_view(Path(record.workspace)) == ["Category1", "Category2"]


async def test_folders_of_ones_own_are_not_written_over_at_the_start(layout: Layout) -> None:
    record = read_record(await layout.make())
    mine = Path(record.workspace, "Category2")
    mine.mkdir()  # noqa: ASYNC240
    (mine / "notes.txt").touch()
    with pytest.raises(WorkspaceError, match="Category2 already exists"):
        open_folders(record)
    assert tree(mine) == ["notes.txt"]
    mine.rename(mine.with_name("mine"))  # noqa: ASYNC240
    open_folders(record)
    assert (mine / "starter.py").exists()


async def test_a_workspace_where_another_sitting_waits_is_refused(
    layout: Layout, tmp_path: Path
) -> None:
    await layout.make(tmp_path / "mine")
    with pytest.raises(WorkspaceError, match="belongs to another sitting"):
        await layout.make(tmp_path / "mine")


async def test_the_candidate_gets_starter_brief_and_data_and_nothing_else(layout: Layout) -> None:
    record = started(await layout.make())
    assert tree(Path(record.workspace)) == [
        "Category1/brief.md",
        "Category1/data/train.npz",
        "Category1/starter.py",
        "Category2/brief.md",
        "Category2/data/train.npz",
        "Category2/starter.py",
    ]
    own = category_folder(record, FIRST)
    assert (own / "brief.md").read_text() == f"# Brief of {FIRST}\n"
    assert (own / "starter.py").read_text() == f"# starter of {FIRST}\n"
    assert [(each.done, each.total) for each in layout.steps] == [(0, 2), (1, 2), (2, 2)]


async def test_nothing_in_the_workspace_tells_of_the_seed(layout: Layout) -> None:
    record = started(await layout.make())
    workspace_files = list(Path(record.workspace).rglob("*"))  # noqa: ASYNC240
    secrets = [str(each.seed) for each in record.paper.tasks] + [record.id]
    for path in workspace_files:
        content = path.read_bytes().decode(errors="replace") if path.is_file() else ""
        assert not any(secret in content or secret in path.name for secret in secrets)


async def test_the_sitting_keeps_what_the_candidate_must_not_see_to_its_owner(
    layout: Layout,
) -> None:
    folder = await layout.make()
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "sitting.toml").stat().st_mode & 0o077 == 0
    assert (folder / "hidden" / FIRST / "hidden.json").exists()
    assert not list(folder.rglob("data.py"))


async def test_the_record_says_what_was_asked_for(layout: Layout) -> None:
    folder = await layout.make()
    record = read_record(folder)
    assert record.id == folder.name
    assert folder.parent == layout.settings.sittings_folder
    assert (record.kind, record.mode, record.minutes) == ("exam", "faithful", 300)
    assert record.paper == make_paper(layout.catalog)
    assert record.created == ManualClock().now()
    assert record.id.startswith(ManualClock().now().local().strftime("%Y-%m-%d-%H%M-"))
    assert Path(record.workspace) == layout.settings.workspaces / record.id


@pytest.mark.parametrize(("auto_grade", "kept"), [("1", "automatic"), ("0", "by_hand")])
async def test_a_sitting_keeps_how_models_were_submitted_when_it_began(
    layout: Layout, auto_grade: str, kept: str
) -> None:
    record = read_record(await layout.make(auto_grade=auto_grade))
    assert record.submitting == kept
    assert record.is_automatic(auto_grade != "1") == (auto_grade == "1")


@pytest.mark.parametrize(("chosen", "counts"), [("practice", False), ("always", True)])
async def test_a_sitting_keeps_which_files_counted_when_it_began(
    layout: Layout, chosen: str, counts: bool
) -> None:
    record = read_record(await layout.make(keras_files=chosen))
    every: list[KerasFiles] = ["practice", "always", "never"]
    assert {record.takes_keras_files(each) for each in every} == {counts}
    old = replace(record, keras_files="as_set")
    assert [old.takes_keras_files(each) for each in every] == [False, True, False]


async def test_the_sitting_keeps_its_tasks_when_the_bank_is_gone(layout: Layout) -> None:
    folder = await layout.make()
    before = {task.id: task.says for task in layout.catalog.tasks}
    for path in sorted((layout.tmp_path / "bank").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    tasks = read_tasks(folder, read_record(folder))
    assert {name: task.says for name, task in tasks.items()} == before
    assert tasks[FIRST].brief("zh") == f"# {FIRST} 的说明\n"


async def test_in_chinese_the_english_brief_is_there_too(layout: Layout) -> None:
    record = started(await layout.make(lang="zh"))
    own = category_folder(record, FIRST)
    assert (own / "brief.md").read_text(encoding="utf-8") == f"# {FIRST} 的说明\n"
    assert (own / "brief.en.md").read_text(encoding="utf-8") == f"# Brief of {FIRST}\n"


async def test_the_starter_is_in_the_language_of_the_settings(layout: Layout) -> None:
    bank = layout.tmp_path / "bank"
    (bank / FIRST / "starter.zh.py").write_text("# 起始代码\n", encoding="utf-8")
    folder = await layout.make(lang="zh")
    record = started(folder)
    own, other = (category_folder(record, name) / "starter.py" for name in (FIRST, SECOND))
    assert own.read_text(encoding="utf-8") == "# 起始代码\n"
    assert other.read_text(encoding="utf-8") == f"# starter of {SECOND}\n"
    assert [path.name for path in own.parent.glob("starter*")] == ["starter.py"]
    # The sitting keeps both, to lay the starter out again in either language.
    kept = read_tasks(folder, record)[FIRST]
    assert kept.starter("zh") != kept.starter() == f"# starter of {FIRST}\n".encode()


async def test_a_chosen_workspace_may_hold_other_things(layout: Layout, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("keep me")
    record = started(await layout.make(mine))
    assert record.workspace == str(mine)
    assert (mine / "notes.txt").read_text() == "keep me"
    assert (mine / "Category1" / "starter.py").exists()
    assert [path.name for path in mine.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("kind", ["folder", "file", "link", "dangling link"])
async def test_a_workspace_of_another_sitting_is_refused_and_untouched(
    layout: Layout, tmp_path: Path, kind: str
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    other = mine / "Category2"
    if kind == "folder":
        other.mkdir()
    elif kind == "file":
        other.write_text("mine")
    else:
        other.symlink_to(tmp_path if kind == "link" else "nowhere")
    with pytest.raises(WorkspaceError, match=r"Category2 already exists.*--dir"):
        await layout.make(mine)
    assert [path.name for path in mine.iterdir()] == ["Category2"]
    assert layout.left_over() == []


async def test_a_workspace_that_is_a_file_is_refused(layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("a file")
    with pytest.raises(WorkspaceError, match=r"mine cannot be used: it is not a folder"):
        await layout.make(tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == "a file"


async def test_a_workspace_that_cannot_be_written_is_named(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = os.mkdir

    def refuse(path: str | Path, mode: int = 0o777) -> None:
        if "mine" in str(path):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        true(path, mode)

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(WorkspaceError, match=r"mine.* cannot be used: Permission denied.*--dir"):
        await layout.make(tmp_path / "mine")
    assert layout.left_over() == []


async def test_data_that_cannot_be_made_leave_nothing(layout: Layout) -> None:
    async def fail(orders: Sequence[Order], on_step: Callable[[Step], None]) -> None:
        await fake_prepare(orders, on_step)
        raise DataError("The data of first-task could not be made: no memory.")

    with pytest.raises(DataError):
        await layout.make(prepare=fail)
    assert layout.left_over() == []


async def test_a_task_that_the_bank_lacks_is_named_before_anything_is_made(
    layout: Layout,
) -> None:
    layout.catalog = Catalog(layout.catalog.tasks[:1])
    paper = make_paper(Catalog(layout.catalog.tasks))
    unknown = Paper("", (*paper.tasks, PaperTask(5, "unknown-task", 1, 1.0)))
    with pytest.raises(UnknownTaskError, match="unknown-task"):
        await layout.make(paper=unknown)
    assert layout.left_over() == []


async def test_cancelling_leaves_nothing(layout: Layout) -> None:
    begun = asyncio.Event()

    async def for_ever(orders: Sequence[Order], on_step: Callable[[Step], None]) -> None:
        await fake_prepare(orders, on_step)
        begun.set()
        await asyncio.Event().wait()

    making = asyncio.create_task(layout.make(prepare=for_ever))
    await begun.wait()
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert layout.left_over() == []


class Killed(BaseException):
    """Stands for SIGKILL: nothing is cleaned up."""


@pytest.mark.parametrize("moment", ["prepare", "starter", "close", "record"])
async def test_a_crash_in_the_middle_leaves_no_sitting_that_looks_ready(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr(on_disk._Layout, "undo", lambda _: None)
    targets = {
        "prepare": (on_disk._Layout, "orders"),
        "starter": (on_disk, "write_texts"),
        "close": (on_disk, "close_folders"),
        "record": (on_disk, "write_atomically"),
    }
    with monkeypatch.context() as patch:
        patch.setattr(*targets[moment], die)
        with pytest.raises(Killed):
            await layout.make()
    assert layout.left_over() != []
    assert sittings(layout.settings, ManualClock()) == []
    assert read_record(await layout.make()).kind == "exam"


async def test_two_sittings_of_one_minute_have_names_of_their_own(layout: Layout) -> None:
    assert await layout.make() != await layout.make()


def test_tasks_of_one_category_get_folders_of_their_own() -> None:
    tasks = tuple(PaperTask(category, f"task-{n}", n, 1) for n, category in enumerate([1, 3, 3, 3]))
    record = SittingRecord(
        id="x",
        kind="practice",
        mode="coach",
        minutes=1,
        paper=Paper("", tasks),
        workspace="/w",
        created=make_record().created,
        tfexam_version="0",
    )
    names = [path.name for path in category_folders(record).values()]
    assert names == ["Category1", "Category3", "Category3b", "Category3c"]
    with pytest.raises(KeyError):
        category_folder(record, "other")


async def test_a_record_that_is_missing_damaged_or_newer_is_named(layout: Layout) -> None:
    folder = await layout.make()
    path = folder / "sitting.toml"
    whole = path.read_text()
    for content in ("", whole[:-40], whole.replace("format_version = 1", "format_version = 2")):
        path.write_text(content)
        with pytest.raises(
            WorkspaceError,
            match=r"sitting\.toml (is damaged|has no format_version|was made by a newer)",
        ):
            read_record(folder)
    path.unlink()
    with pytest.raises(WorkspaceError, match=r"sitting\.toml cannot be read: No such file"):
        read_record(folder)


async def test_a_task_copy_that_is_gone_is_named(layout: Layout) -> None:
    folder = await layout.make()
    (folder / "tasks" / SECOND / "task.toml").unlink()
    with pytest.raises(TaskFileError, match=SECOND):
        read_tasks(folder, read_record(folder))


def killed_lay_out(layout: Layout, *, age: float) -> tuple[Path, Path]:
    """What a lay-out killed `age` seconds ago leaves: its folder and its workspace."""
    name = "2027-01-01-0000-dead"
    folder, work = layout.settings.sittings_folder / name, layout.settings.workspaces / name
    (folder / "hidden" / FIRST).mkdir(parents=True)
    (work / f".tfexam-{name}" / "Category1").mkdir(parents=True)
    leftovers.put_note(folder, work)
    then = ManualClock().now().wall - age
    os.utime(folder, (then, then))
    return folder, work


async def test_what_a_killed_lay_out_left_is_swept_up_by_the_next(layout: Layout) -> None:
    folder, work = killed_lay_out(layout, age=3600)
    await layout.make()
    assert not folder.exists()
    assert not work.exists()


async def test_a_lay_out_that_may_still_go_on_is_left_alone(layout: Layout) -> None:
    folder, work = killed_lay_out(layout, age=10)
    await layout.make()
    assert folder.exists()
    assert work.exists()


async def test_a_lay_out_that_is_locked_is_left_alone_however_old(layout: Layout) -> None:
    folder, work = killed_lay_out(layout, age=3600)
    code = (
        "import sys, filelock\n"
        "with filelock.FileLock(sys.argv[1]): print('locked', flush=True); sys.stdin.read()"
    )
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, str(folder / "lock")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert other.stdout is not None
    await other.stdout.readline()
    os.utime(folder, (1.0, 1.0))
    await layout.make()
    await other.communicate(b"")
    assert folder.exists()
    assert work.exists()


@pytest.mark.parametrize("name", ["journal.jsonl", "sitting.toml"])
async def test_a_sitting_is_never_swept_up(layout: Layout, name: str) -> None:
    folder, work = killed_lay_out(layout, age=0)
    (folder / name).touch()
    os.utime(folder, (1.0, 1.0))
    await layout.make()
    assert folder.exists()
    assert work.exists()


async def test_what_the_candidate_put_beside_a_killed_lay_out_stays(layout: Layout) -> None:
    _, work = killed_lay_out(layout, age=3600)
    (work / "notes.txt").touch()
    await layout.make()
    assert [path.name for path in work.iterdir()] == ["notes.txt"]


async def test_a_finished_lay_out_leaves_no_note_and_no_lock(layout: Layout) -> None:
    folder = await layout.make()
    assert not (folder / leftovers.NOTE).exists()
    SittingLock.take(folder, ManualClock()).release()


async def test_a_workspace_around_the_hidden_sets_is_refused(layout: Layout) -> None:
    with pytest.raises(WorkspaceError, match="hidden sets"):
        await layout.make(layout.tmp_path)
    assert layout.left_over() == []


async def test_a_lay_out_that_goes_on_is_noted_and_locked(layout: Layout) -> None:
    seen: list[str] = []

    async def prepare(orders: Sequence[Order], on_step: Callable[[Step], None]) -> None:
        (folder,) = layout.settings.sittings_folder.iterdir()
        seen.append(str((folder / leftovers.NOTE).is_file()))
        with pytest.raises(SittingLockedError):
            SittingLock.take(folder, ManualClock())
        await fake_prepare(orders, on_step)

    await layout.make(prepare=prepare)
    assert seen == ["True"]


async def test_a_data_folder_that_is_a_file_is_named_with_its_setting(layout: Layout) -> None:
    layout.settings.home.touch()
    with pytest.raises(WorkspaceError, match="TFEXAM_HOME"):
        await layout.make()


def with_source(layout: Layout, source: str) -> None:
    """Make the first task need a data set."""
    path = layout.tmp_path / "bank" / FIRST / "task.toml"
    path.write_text(path.read_text().replace('"synthetic"', f'"{source}"'))
    tasks = [Task.read(path.parent), layout.catalog.task(SECOND)]
    layout.catalog = Catalog(tuple(tasks), TABLES)


TABLES = Registry(
    format_version=1,
    sets={
        "tables": DataSet(
            title="Tables",
            licence="CC0",
            citation="Somebody",
            files={
                "table.csv": DataFile(
                    sources=("https://data.example/table.csv",),
                    sha256=(hashlib.sha256(b"a,b").hexdigest(),),
                )
            },
        )
    },
)


async def test_a_data_set_is_found_in_the_folder_datasets_of_the_workspace(
    layout: Layout, tmp_path: Path
) -> None:
    with_source(layout, "tables")
    (tmp_path / "here" / "datasets").mkdir(parents=True)
    (tmp_path / "here" / "datasets" / "my copy").write_bytes(b"a,b")
    orders: list[Order] = []

    async def prepare(given: Sequence[Order], on_step: Callable[[Step], None]) -> None:
        orders.extend(given)
        await fake_prepare(given, on_step)

    await layout.make(tmp_path / "here", prepare=prepare)
    first, second = orders
    assert first.dataset is not None
    assert first.dataset.payload("table.csv") == b"a,b"
    assert second.dataset is None


async def test_a_data_set_that_is_not_here_is_named_and_nothing_is_left(layout: Layout) -> None:
    with_source(layout, "tables")
    with pytest.raises(DataError) as caught:
        await layout.make()
    assert "tfexam data fetch tables" in caught.value.fix
    assert layout.left_over() == []


@pytest.mark.slow
async def test_one_code_gives_two_homes_the_same_bytes(tmp_path: Path) -> None:
    """A real paper, entered by somebody else: same workspace and hidden sets, byte for byte."""
    catalog = Catalog.find()
    code = synthetic_paper(lambda _: True, 77).code
    trees = []
    for name in ("mine", "yours"):
        settings = make_settings(tmp_path / name)
        folder = await lay_out(
            settings,
            ManualClock(),
            paper=from_code(catalog, code.lower()),
            catalog=catalog,
            kind="exam",
            mode="faithful",
            minutes=300,
        )
        places = (Path(started(folder).workspace), folder / "hidden")
        trees.append([content(place) for place in places])
    assert trees[0] == trees[1]
    assert all(trees[0])


def content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in tree(folder)}


async def test_what_was_prepared_in_vain_is_removed(layout: Layout) -> None:
    folder = await layout.make()
    leftovers.discard(folder, ManualClock())
    assert layout.left_over() == []


async def test_the_folder_that_a_candidate_named_stays(layout: Layout, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").touch()
    leftovers.discard(await layout.make(mine), ManualClock())
    assert [each.name for each in mine.iterdir()] == ["notes.txt"]
    (mine / "notes.txt").unlink()
    leftovers.discard(await layout.make(mine), ManualClock())
    assert mine.exists()


async def test_what_has_started_is_not_removed(layout: Layout) -> None:
    folder, clock = await layout.make(), ManualClock()
    with Journal.open(folder, clock) as journal:
        journal.append(events.Started(at=clock.now()))
    before = layout.left_over()
    with pytest.raises(TransitionError, match="started"):
        leftovers.discard(folder, clock)
    assert layout.left_over() == before


async def test_what_is_open_is_not_removed(layout: Layout) -> None:
    folder = await layout.make()
    lock = SittingLock.take(folder, ManualClock())
    with pytest.raises(SittingLockedError):
        leftovers.discard(folder, ManualClock())
    lock.release()
    assert (folder / "sitting.toml").exists()


async def test_a_removal_that_was_interrupted_is_finished_later(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = await layout.make()
    with monkeypatch.context() as killed:
        killed.setattr(leftovers, "_remove_all", lambda *_, **__: None)
        leftovers.discard(folder, ManualClock())
    os.utime(folder, (0, 0))
    leftovers.sweep(layout.settings.sittings_folder, ManualClock())
    assert layout.left_over() == []
