"""A child wholly in a stranger's hands reads nothing of others and gets no points by a lie."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("fcntl", reason="the walls are Linux's")

from engine.grading.host.fork_server import ForkServer
from engine.grading.host.marking_process import MarkingProcess
from engine.grading.protocol import score_of
from tests.hostile import stranger

pytestmark = pytest.mark.skipif(not stranger.possible(), reason="this kernel has no such walls")


async def expect_held(folder: Path, kind: str, *, real: bool = False) -> None:
    if kind == "forked" and not ForkServer.possible("cpu"):
        pytest.skip("nothing is forked here")
    done = await stranger.tries(folder, kind, real=real)
    print("\n".join(map(str, done)))  # noqa: T201 - pytest shows it when the test fails
    assert len(done) >= 45
    assert not [str(each) for each in done if not each.held]
    assert stranger.CANARY.decode() not in json.dumps([each.outcome for each in done])


@pytest.mark.parametrize("kind", stranger.KINDS)
async def test_whatever_he_tries_is_held(tmp_path: Path, kind: str) -> None:
    await expect_held(tmp_path, kind)


async def test_without_walls_he_would_get_it(tmp_path: Path) -> None:
    done = await stranger.reads_without_walls(tmp_path)
    got = {each.name for each in done if not each.held}
    assert {"read the targets", "read the journal", "list the other jobs"} <= got
    assert "find the targets in its own memory" in got  # where he has just read them


async def test_who_predicts_well_gets_his_points(tmp_path: Path) -> None:
    """So the tries that earn nothing could earn something."""
    scene = stranger.Scene(tmp_path)
    marking = MarkingProcess()
    right = np.eye(3, dtype=np.float32)[scene.targets]
    (tmp_path / "predictions").write_bytes(right.tobytes())
    grade = await marking.mark(scene.job(), tmp_path / "predictions", (3,))
    await marking.close()
    assert score_of(grade) == 5


@pytest.mark.slow
async def test_it_is_where_tensorflow_was_imported_before_the_fork(tmp_path: Path) -> None:
    await expect_held(tmp_path, "forked", real=True)
