"""A whole exam in tmux: by the keyboard alone, then by the mouse alone.

Real app, real grader. Both candidates go the same way, from home through set-up, every
category, the panes and a model that is put back, to the result and the history; what is
done is one of `Keyboard` and `Mouse`, and nothing that either does is shared with the other.
The two windows here differ in all that they can; `python -m tests.e2e.hands everywhere` has the
others.
"""

import pytest

from tests.e2e.exam_room import ExamRoom
from tests.e2e.hands import Hands, Keyboard, Mouse, Window, scores_on, sit
from tests.e2e.tmux import PROGRAM

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(PROGRAM is None, reason="no tmux here"),
]

SEEN = [
    "home",
    "setup",
    "ready",
    "exam",
    *(f"category {number}" for number in range(1, 6)),
    "later",
    "machine",
    "files",
    "training",
    "submissions",
    "restored",
    "brief",
    "scores",
    "help",
    "end",
    "result",
    "history",
    "earlier result",
]


@pytest.mark.parametrize(
    ("hands", "window"),
    [(Mouse, Window((60, 15), "zh", true_colour=False)), (Keyboard, Window((80, 24)))],
    ids=["mouse-60x15-zh-256", "keyboard-80x24-en"],
)
def test_a_whole_exam_by_one_of_the_two_alone(
    hands: type[Hands], window: Window, room: ExamRoom
) -> None:
    seen = sit(room, hands, window)
    assert list(seen) == [each for each in SEEN if not window.is_compact or each != "machine"]
    (row,) = room.history()
    assert (row["phase"], row["kind"]) == ("ended", "exam")
    assert scores_on(seen["scores"]) == list(row["scores"].values())
