"""What a class report is told beside the rows: diagnoses, flags, the scores that candidates saw."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from engine.classroom.comparison.flags import FLAGS, ClassFlag, read_flags
from engine.classroom.results import FIRST_SET, RECORD, read_results
from engine.classroom.rows import Row
from engine.errors import ClassError
from engine.grading.diagnosis import Diagnoses
from engine.sitting.store.diagnoses import diagnoses_of
from exam_bank.phrase import phrase
from exam_bank.safe_files import UNDECODABLE


class ClassNotes(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, as far as somebody found it out.

    `diagnoses` are by SHA-256 and task. `first_scores` are by person and task: the best that the
    candidate saw, on the hidden set of the paper's code.
    """

    diagnoses: Mapping[tuple[str, str], Diagnoses] = {}
    first_scores: Mapping[tuple[str, str], int] = {}
    flags: tuple[ClassFlag, ...] = ()


def read_notes(out: Path, rows: Iterable[Row]) -> ClassNotes:
    """What lies in a folder of results beside its `rows`; what is missing tells nothing.

    Diagnoses are where a sitting has them, in the folder `diagnoses`. Raises `ClassError` for
    what cannot be read.
    """
    wanted = {(each.sha256, each.task) for each in rows if each.sha256}
    found = ((key, diagnoses_of(out, *key)) for key in wanted)
    return ClassNotes(
        diagnoses={key: each for key, each in found if each is not None},
        first_scores=_first_scores(out / FIRST_SET),
        flags=_flags(out),
    )


def best_rows(rows: Iterable[Row]) -> dict[tuple[str, str], Row]:
    """The file that counts, by person and task: the first with the best score."""
    best: dict[tuple[str, str], Row] = {}
    for each in rows:
        if each.score is None or not each.file:
            continue
        key = (each.person, each.task)
        if key not in best or each.score > (best[key].score or 0):
            best[key] = each
    return best


def _first_scores(folder: Path) -> dict[tuple[str, str], int]:
    if not (folder / RECORD).exists():
        return {}
    return {key: row.score or 0 for key, row in best_rows(read_results(folder).rows).items()}


def _flags(out: Path) -> tuple[ClassFlag, ...]:
    try:
        return read_flags(out)
    except (OSError, *UNDECODABLE) as error:
        raise ClassError(
            phrase("{path} is damaged, or of a newer tfexam.", path=out / FLAGS),
            fix=phrase("Remove it: `tfexam class grade` makes it anew."),
        ) from error
