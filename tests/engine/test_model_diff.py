from engine.clock import ManualClock
from engine.grading.protocol import Graded, Message, Metric, ModelFacts, Rejected
from engine.sitting.state.sitting import Submission, SubmissionState
from engine.sitting.views.model_diff import Change, from_the_one_before
from tests.engine.sittings import FIRST, SECOND


def submission(
    number: int, *layers: str, parameters: int | None = None, task: str = FIRST
) -> Submission:
    grade = Graded(
        message=Message(""),
        metric=Metric("mae", 0.5, 10),
        score=3,
        model=ModelFacts(layers=layers, parameters=parameters),
    )
    return Submission(
        number=number,
        task=task,
        sha256=str(number),
        size=1,
        at=ManualClock().now(),
        elapsed=0.0,
        state=SubmissionState.GRADED,
        grade=grade,
    )


def test_layers_that_came_went_or_were_exchanged_are_named() -> None:
    first = submission(1, "Flatten", "Dense(64, relu)", "Dense(10, softmax)", parameters=100)
    second = submission(
        2, "Flatten", "Dense(128, relu)", "Dropout", "Dense(10, softmax)", parameters=190
    )
    found = from_the_one_before(second, [first, second])
    assert found is not None
    assert found.number == 1
    assert found.changes == (
        Change("Dense(64, relu)", "Dense(128, relu)"),
        Change(None, "Dropout"),
    )
    assert found.parameters == 90
    back = from_the_one_before(submission(3, "Flatten", parameters=0), [first, second])
    assert back is not None
    assert [each.after for each in back.changes] == [None, None, None]


def test_models_that_are_built_alike_have_no_difference() -> None:
    first, second = submission(1, "Dense(1)", parameters=2), submission(2, "Dense(1)", parameters=2)
    found = from_the_one_before(second, [first, second])
    assert found is not None
    assert found.is_none


def test_only_models_of_the_same_task_whose_layers_are_known_are_compared() -> None:
    other = submission(1, "Dense(1)", task=SECOND)
    unknown = submission(2)
    mine = submission(3, "Dense(2)")
    assert from_the_one_before(mine, [other, unknown, mine]) is None
    assert from_the_one_before(unknown, [submission(1, "Dense(1)"), unknown]) is None


def test_a_model_that_was_rejected_after_inspection_is_compared_too() -> None:
    from msgspec.structs import replace

    rejected = Rejected(message=Message(""), model=ModelFacts(layers=("Dense(1)",)))
    first = replace(submission(1), grade=rejected)
    found = from_the_one_before(submission(2, "Dense(2)"), [first])
    assert found is not None
    assert found.changes == (Change("Dense(1)", "Dense(2)"),)
