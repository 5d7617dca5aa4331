"""A sitting's folder: where everything in it lies, and its record `sitting.toml`.

    <sittings>/<id>/
        sitting.toml          written last by the lay-out: now the sitting is ready
        journal.jsonl         every event
        tasks/<task>/         task.toml, briefs and starter as they were at lay-out
        hidden/<task>/        the hidden sets; readable by their owner only
        submissions/          frozen model files under their SHA-256
        evidence/             what their grades are made of, where the candidate may see it
        diagnoses/            what explains the scores of models, there too
        logs/                 what grading children printed
        later.json            the tasks that the candidate marked to come back to
        not_taken.json        what lay in the folders at the end and does not count, if anything
        result.toml           once it has ended and everything is graded

Tasks are copied so that a sitting means the same after an upgrade, and can continue when
the pack it was drawn from is gone.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import WorkspaceError
from engine.files import in_the_way, said
from engine.sitting.state.sitting import SittingRecord, Submission
from exam_bank.phrase import phrase
from exam_bank.safe_files import LARGEST_KEPT, UNDECODABLE, read_small
from exam_bank.task import Task

RECORD = "sitting.toml"
FORMAT_VERSION = 1


def kept_sittings(root: Path) -> list[Path]:
    """The folder of each sitting in the folder `root`, which need not exist.

    Raises `WorkspaceError` if something else lies there: sittings may be kept elsewhere.
    """
    if root.is_dir():
        return [each for each in root.iterdir() if (each / RECORD).is_file()]
    if (blocking := in_the_way(root)) is not None:
        raise WorkspaceError(
            phrase("{path} is not a folder, so no sittings can be kept there.", path=blocking),
            fix=phrase("Set TFEXAM_HOME to a folder that you can write to, or leave it unset."),
        )
    return []


def read_record(folder: Path) -> SittingRecord:
    """The record of the sitting in `folder`.

    Raises `WorkspaceError` when there is none, or it is unreadable or in another format: a
    folder is never rewritten, so that the tfexam that made it can still read it.
    """
    path = folder / RECORD
    try:
        raw = msgspec.toml.decode(read_small(path, LARGEST_KEPT))
        _need_this_format(raw.get("format_version"), path)
        return msgspec.convert(raw, SittingRecord)
    except OSError as error:
        raise WorkspaceError(
            phrase("{path} cannot be read: {error}.", path=path, error=said(error)),
            fix=phrase("`tfexam history` lists the sittings."),
        ) from error
    except UNDECODABLE as error:
        raise WorkspaceError(
            phrase("{path} is damaged: {error}.", path=path, error=error),
            fix=phrase("Restore it from a backup; the journal beside it is untouched."),
        ) from error


def _need_this_format(version: Any, path: Path) -> None:
    if not isinstance(version, int):
        raise WorkspaceError(
            phrase(
                "{path} has no format_version: it is not the record of a sitting, or it is "
                "damaged.",
                path=path,
            ),
            fix=phrase("Restore it from a backup; the journal beside it is untouched."),
        )
    if version > FORMAT_VERSION:
        raise WorkspaceError(
            phrase(
                "{path} was made by a newer tfexam (format {version}; this one knows {to}).",
                path=path,
                version=version,
                to=FORMAT_VERSION,
            ),
            fix=phrase("Upgrade tfexam. The sitting was not changed."),
        )
    if version < FORMAT_VERSION:
        raise WorkspaceError(
            phrase(
                "{path} has format {version}, which this tfexam no longer reads.",
                path=path,
                version=version,
            ),
            fix=phrase("Open it with the version of tfexam that made it."),
        )


def read_tasks(folder: Path, record: SittingRecord) -> dict[str, Task]:
    """The tasks of the sitting in `folder`, by id in the paper's order.

    Raises `TaskFileError` when a copy is missing or damaged.
    """
    return {each.task: Task.read(task_folder(folder, each.task)) for each in record.paper.tasks}


def task_folder(folder: Path, task: str) -> Path:
    """Where the sitting in `folder` keeps its copy of `task`."""
    return folder / "tasks" / task


def hidden_folder(folder: Path, task: str) -> Path:
    """Where the hidden set of `task` lies; only grading reads it."""
    return folder / "hidden" / task


def submission_file(folder: Path, sha256: str) -> Path:
    """The frozen model file with that hash."""
    return folder / "submissions" / f"{sha256}.h5"


def need_kept(folder: Path, submission: Submission) -> None:
    """Raise `WorkspaceError` if the frozen file of `submission` is gone."""
    kept = submission_file(folder, submission.sha256)
    if not kept.is_file():
        raise WorkspaceError(
            phrase(
                "The kept copy of submission {number} is gone from {kept}.",
                number=submission.number,
                kept=kept,
            )
        )


def category_folder(record: SittingRecord, task: str) -> Path:
    """The candidate's folder for `task`, as an absolute path: Category<N> in the workspace.

    Raises `KeyError` for a task that is not in the paper.
    """
    return category_folders(record)[task]


def category_folders(record: SittingRecord) -> Mapping[str, Path]:
    """Every task's folder; further tasks of one category get Category<N>b, then c, and so on."""
    workspace = Path(record.workspace)
    count: dict[int, int] = {}
    folders = {}
    for each in record.paper.tasks:
        place = count.get(each.category, 0)
        count[each.category] = place + 1
        folders[each.task] = workspace / f"Category{each.category}{_suffix(place)}"
    return folders


def _suffix(place: int) -> str:
    """Empty for the first, then b, c, … z, and numbers after that."""
    if place == 0:
        return ""
    return chr(ord("a") + place) if place < 26 else str(place + 1)
