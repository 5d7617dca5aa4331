"""Puts back what a journal of scores only leaves out: the metrics, from the winners' evidence.

Before the end of a faithful or blind sitting nothing on disk tells a metric, so its journal holds
none. After the end the winners are graded once more for evidence, which does.
"""

from pathlib import Path

from msgspec.structs import replace

from engine.errors import SittingError
from engine.grading.evidence import Evidence
from engine.grading.metric_sentence import describe
from engine.grading.protocol import Graded
from engine.sitting.state.sitting import Phase, Sitting, Submission
from engine.sitting.store.evidence_files import evidence_file


def with_metrics(folder: Path, sitting: Sitting) -> Sitting:
    """The sitting of `folder` with the metrics that its evidence knows, once it has ended."""
    if sitting.phase is not Phase.ENDED:
        return sitting
    return replace(
        sitting, submissions=tuple(measured(folder, each) for each in sitting.submissions)
    )


def measured(folder: Path, submission: Submission) -> Submission:
    """`submission` with its metric, if that was left out and there is evidence."""
    grade = submission.grade
    if not isinstance(grade, Graded) or not grade.is_score_only:
        return submission
    try:
        found = Evidence.read(evidence_file(folder, submission.sha256, submission.task))
    except (OSError, SittingError):
        return submission
    says = describe(found.metric, found.scheme.thresholds)
    return replace(submission, grade=replace(grade, metric=found.metric, message=says))
