"""Only one room asks which system it runs on, and the sandbox, which only Linux has."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules.test_tree import name, sources

ROOMS = re.compile(r"exam_bank/platform/|engine/grading/sandbox/")
SYSTEM = {"sys.platform", "os.name", "platform.system", "os.uname", "platform.platform"}
# On Windows signal 0 kills the process it asks about, and on macOS fsync is not enough.
SYSTEM |= {"os.kill", "os.fsync"}
# Our code may not depend on whether one of Python's modules has a name.
OF_PYTHON = {"os", "signal", "socket", "select", "time", "subprocess"}
POSIX_MODULES = {"fcntl", "grp", "msvcrt", "pty", "pwd", "resource", "termios", "tty", "winreg"}
# The kernel's folders, except for a device that Python can name on every system.
KERNEL_FOLDER = re.compile(r"/(proc|sys)(/|$)")


def asked(tree: ast.AST) -> Iterator[str]:
    """Everything in `tree` that only one system understands."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute() if ast.unparse(node) in SYSTEM:
                yield ast.unparse(node)
            case ast.Call(func=ast.Name(id="hasattr" | "getattr"), args=[ast.Name(id=of), *_]):
                if of in OF_PYTHON:
                    yield ast.unparse(node)
            case ast.Import(names=names):
                yield from (each.name for each in names if each.name in POSIX_MODULES)
            case ast.ImportFrom(module=str(module)) if module in POSIX_MODULES | {"sys", "os"}:
                yield f"from {module}"
            case ast.Constant(value=str(text)) if KERNEL_FOLDER.match(text):
                yield text


@pytest.mark.parametrize("path", sources(), ids=name)
def test_the_system_is_asked_in_its_room_only(path: Path) -> None:
    if not ROOMS.match(name(path)):
        assert not list(asked(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    "code",
    [
        "import sys\nif sys.platform == 'win32': pass",
        "import os\nos.name",
        "import os\nhasattr(os, 'fork')",
        "import os\ngetattr(os, 'O_BINARY', 0)",
        "import os\nos.kill(1, 0)",
        "import resource",
        "from fcntl import flock",
        "from pathlib import Path\nPath('/proc/self')",
    ],
)
def test_each_way_to_ask_is_known(code: str) -> None:
    assert len(list(asked(ast.parse(code)))) == 1
