"""The digest in a paper's code covers all code that makes its data."""

import ast
from collections.abc import Iterator
from pathlib import Path

from exam_bank import identity

BANK = Path(identity.__file__).parent
# Talks to people, but makes no data.
HARMLESS = {"exam_bank.errors", "exam_bank.phrase", "exam_bank.datasets"}


def makers() -> Iterator[Path]:
    """The code that makes data: that of the tasks, and what they share."""
    for path in BANK.glob("tasks/*/*.py"):
        if not path.match("starter*.py"):
            yield path
    for name in identity._SHARED:
        yield from BANK.glob(name if name.endswith(".py") else f"{name}/**/*.py")


def covered(module: str) -> bool:
    path = "/".join(module.split(".")[1:])
    return module in HARMLESS or any(
        f"{path}.py" == name or f"{path}/".startswith(f"{name}/") for name in identity._SHARED
    )


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def test_what_makes_data_imports_nothing_that_the_digest_leaves_out() -> None:
    found = {
        (path.relative_to(BANK).as_posix(), module)
        for path in makers()
        for module in imported(path)
        if module.split(".")[0] in ("exam_bank", "engine", "tui")
    }
    assert found
    assert not {(path, module) for path, module in found if not covered(module)}
