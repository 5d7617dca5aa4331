"""A small class as it comes, by one command: a row for everything, and the scores of `grade`."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.exam_room import ExamRoom
from tests.torture import whole_class
from tests.torture.make_class import MadeClass, make

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PEOPLE = 5


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeClass:
    return make(tmp_path_factory.mktemp("class") / "made", PEOPLE, seed=3, variants=1)


def test_one_command_gives_every_file_its_row_and_the_scores_of_grade(
    made: MadeClass, room: ExamRoom
) -> None:
    out = room.folder / "results"
    done = room.command(*whole_class.grade_command(made, out))
    assert done.returncode == whole_class.STATUS, done.stderr
    assert "Person" not in done.stderr
    alone = whole_class.lines(room.command(*whole_class.alone_command(made)).stdout)
    assert list(whole_class.faults(made, PEOPLE, out, done.stdout, alone)) == []
    for rows, others in broken(whole_class.lines(done.stdout), alone):
        text = "".join(json.dumps(each) + "\n" for each in rows)
        (out / "results.jsonl").write_text(text)
        assert list(whole_class.faults(made, PEOPLE, out, text, others)), "would not be seen"


def broken(
    rows: list[dict[str, Any]], alone: list[dict[str, Any]]
) -> Iterator[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """What the comparison has to see: a row lost, doubled or swapped, another score."""
    yield rows[1:], alone
    yield [*rows, rows[0]], alone
    yield [{**rows[0], "person": rows[-1]["person"]}, *rows[1:]], alone
    place = next(n for n, each in enumerate(alone) if each["verdict"] == "graded")
    other = {**alone[place], "score": (alone[place]["score"] + 1) % 6}
    yield rows, [*alone[:place], other, *alone[place + 1 :]]
