"""The terminal of the tests tells a program that cleans up from one that does not."""

import os
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal


@pytest.mark.parametrize(
    ("program", "left_behind"),
    [
        (r"printf '\033[?1049;1000h\033[?25l'; stty -echo", ["no echo"]),
        (r"printf '\033[?1049h\033[?25l\033[?1049l\033[?25h'; stty -echo; stty echo", []),
    ],
)
def test_what_a_program_leaves_behind_is_named(
    program: str, left_behind: list[str], tmp_path: Path
) -> None:
    environment = {"PATH": os.environ["PATH"]}
    with Terminal(["/bin/sh", "-c", program], environment=environment, folder=str(tmp_path)) as sh:
        sh.leave()
    modes = ["mode 1049", "mode 1000", "mode 25"] if left_behind else []
    assert sh.left_behind == modes + left_behind


def test_a_program_sees_its_own_size_and_not_that_of_the_tests(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "80", "LINES": "24"}
    ask = "import os, shutil; print(*shutil.get_terminal_size())"
    with Terminal(
        [sys.executable, "-c", ask], environment=environment, folder=str(tmp_path)
    ) as shown:
        shown.leave()
        assert "120 40" in shown.screen()
