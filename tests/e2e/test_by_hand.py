"""A whole exam in tmux: by the keyboard alone, then by the mouse alone.

Real app, real grader. Both candidates go the same way, from home through set-up, every
category, the panes and a model that is put back, to the result and the history; what is
done is one of `Keyboard` and `Mouse`, and nothing that either does is shared with the other.
"""

import re

import pytest

from tests.e2e.exam_room import ExamRoom
from tests.e2e.hands import Hands, Keyboard, Mouse, sit
from tests.e2e.tmux import PROGRAM

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(PROGRAM is None, reason="no tmux here"),
]

SEEN = [
    "home",
    "setup",
    "exam",
    *(f"category {number}" for number in range(1, 6)),
    "files",
    "training",
    "submissions",
    "restored",
    "help",
    "end",
    "result",
    "history",
    "earlier result",
]


@pytest.mark.parametrize("hands", [Mouse, Keyboard])
def test_a_whole_exam_by_one_of_the_two_alone(hands: type[Hands], room: ExamRoom) -> None:
    seen = sit(room, hands)
    assert list(seen) == SEEN
    (row,) = room.history()
    assert (row["phase"], row["kind"]) == ("ended", "exam")
    scored = re.findall(r"(?m)^│ +[1-5]  .*[■□]{5} ([0-5])/5", seen["files"])
    assert [int(score) for score in scored] == list(row["scores"].values())
