"""A diagnosis: a common mistake that was tried on a model and explains its score.

Plain data, kept beside the submission and shown by screens and reports. What a diagnosis says,
and how to mend it, is in `engine/coaching/diagnosis_table.py`, by its `id`.
"""

from typing import Annotated, Literal

import msgspec

from engine.grading.protocol import Fact, Score

MOST_FOUND = 8
DiagnosisId = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}\Z")]
_Facts = Annotated[dict[str, Fact], msgspec.Meta(max_length=20)]


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One mistake; `facts` fill its sentence.

    `would_score` and `would_measure` are the score and the metric that the model has once the
    mistake is undone; None where no transformation of a finished model can undo it.
    """

    id: DiagnosisId
    facts: _Facts = {}
    would_score: Score | None = None
    would_measure: float | None = None


class Diagnoses(msgspec.Struct, frozen=True, kw_only=True):
    """All that was found about one model of a task, the most telling first; often nothing.

    `score` is the model's own. `complete` says whether every mistake was tried within the time.
    """

    format_version: Literal[1] = 1
    task: str
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    score: Score
    found: Annotated[tuple[Diagnosis, ...], msgspec.Meta(max_length=MOST_FOUND)] = ()
    complete: bool = True

    @property
    def first(self) -> Diagnosis | None:
        """The diagnosis that explains most."""
        return self.found[0] if self.found else None
