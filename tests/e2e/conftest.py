"""What every whole-app test starts from."""

from pathlib import Path

import pytest

from tests.e2e.exam_room import ExamRoom


@pytest.fixture
def room(tmp_path: Path) -> ExamRoom:
    """An exam room of its own."""
    return ExamRoom(tmp_path)
