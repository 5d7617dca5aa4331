"""A diagnosis: a common mistake that was tried on a model and explains its score.

Plain data, kept beside the submission and shown by screens and reports. What a diagnosis says,
and how to mend it, is in `engine/coaching/diagnosis_table.py`, by its `id`.
"""

from typing import Annotated, Literal

import msgspec

from engine.grading.protocol import Fact, Score

MOST_FOUND = 8
# The mistakes that a child can undo, in inputs or inside the model.
TRIED = frozenset(
    {
        *("inputs_times_255", "inputs_divided_by_255", "inputs_minus_1_to_1", "inputs_inverted"),
        *("inputs_standardised", "inputs_not_standardised", "channels_reversed", "channels_first"),
        *("pictures_transposed", "pictures_mirrored", "pictures_upside_down"),
        *("sequence_reversed", "padding_on_other_side", "ids_shifted"),
        *("softmax_over_wrong_axis", "active_noise", "batch_statistics"),
    }
)
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


class Trial(msgspec.Struct, frozen=True):
    """One prediction of a diagnosis: with which mistake undone, and by how much.

    The first of all, `AS_IT_IS`, undoes none.
    """

    id: DiagnosisId
    by: Annotated[int, msgspec.Meta(ge=-10, le=10)] = 0


AS_IT_IS = Trial("as_it_is")


class WeightFacts(msgspec.Struct, frozen=True):
    """What a child says of a model's inside; nobody checks it, so it only names mistakes.

    `dead` is the largest share of units of one layer that are always 0. `draws` says that two
    predictions of the same examples differ.
    """

    untrained: bool = False
    dead: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    draws: bool = False
    single_softmax: bool = False


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
