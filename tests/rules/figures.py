"""Measures the structure of the code: how large, how tangled, which names mean two things.

    python -m tests.rules.figures

Prints modules per folder, import cycles between rooms, class names used twice, complexity
and lines. `test_figures.py` sets the bounds.
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FLOORS = ("tui", "engine", "exam_bank")
# They have one module for each thing, however many there are.
ONE_MODULE_A_THING = ("exam_bank/tasks", "exam_bank/synthetic", "tui/commands", "tui/screens")
# Every paper's code contains a digest of this code: not even a name can change there.
IN_PAPER_CODES = ("exam_bank/tasks", "exam_bank/synthetic", "exam_bank/real")

_BRANCHES = (
    *(ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler),
    *(ast.comprehension, ast.Assert, ast.match_case),
)


class Module(NamedTuple):
    """One module, parsed."""

    name: str
    path: Path
    lines: int
    tree: ast.Module

    @property
    def folder(self) -> str:
        """Its folder, from the root, with slashes."""
        return self.path.parent.relative_to(ROOT).as_posix()


@cache
def modules() -> dict[str, Module]:
    """Every module of the three floors by dotted name, except candidates' programs."""
    found = {}
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            for_candidates = parts[:2] == ("exam_bank", "tasks") and parts[-1] != "data"
            if for_candidates or "templates" in parts:
                continue
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            text = path.read_text(encoding="utf-8")
            found[name] = Module(name, path, len(text.splitlines()), ast.parse(text))
    return found


def modules_per_folder() -> Counter[str]:
    """How many modules are in each folder, not counting `__init__`."""
    return Counter(each.folder for each in modules().values() if each.path.name != "__init__.py")


def imports(module: Module) -> Iterator[str]:
    """Our modules that `module` imports at run time, wherever the import is."""
    for node in _at_run_time(module.tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name in modules())
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for each in node.names:
                inner = f"{node.module}.{each.name}"
                if inner in modules():
                    yield inner
                elif node.module in modules():
                    yield node.module


def _at_run_time(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node except those that only a type checker sees."""
    ahead = [tree]
    while ahead:
        node = ahead.pop()
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            yield node
            ahead += ast.iter_child_nodes(node)


@cache
def _with_rooms() -> set[str]:
    """The folders that contain rooms."""
    return {each.folder.rsplit("/", 1)[0] for each in modules().values() if "/" in each.folder}


def room(module: Module) -> str:
    """The room of a module: its folder, or the module itself if that folder contains rooms.

    A module next to rooms sits above or below them (`app.py`, `errors.py`), so it is a room.
    """
    return module.name if module.folder in _with_rooms() else module.folder


def circles() -> list[list[str]]:
    """Rooms that import each other at run time, directly or indirectly."""
    arrows: dict[str, set[str]] = defaultdict(set)
    for module in modules().values():
        for name in imports(module):
            if room(modules()[name]) != room(module):
                arrows[room(module)].add(room(modules()[name]))
    reach = {folder: _reachable(folder, arrows) for folder in arrows}
    groups = {
        tuple(sorted({other for other in reach[folder] if folder in reach.get(other, ())}))
        for folder in arrows
        if folder in reach[folder]
    }
    return [list(group) for group in sorted(groups)]


def _reachable(start: str, arrows: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = list(arrows[start])
    while ahead:
        folder = ahead.pop()
        if folder not in seen:
            seen.add(folder)
            ahead += arrows.get(folder, ())
    return seen


def classes_named_twice() -> dict[str, list[str]]:
    """Each class name that several modules define, with those modules."""
    where: dict[str, list[str]] = defaultdict(list)
    for module in modules().values():
        if not module.folder.startswith(IN_PAPER_CODES):
            for node in ast.walk(module.tree):
                if isinstance(node, ast.ClassDef):
                    where[node.name].append(module.name)
    return {name: places for name, places in sorted(where.items()) if len(places) > 1}


def complexities() -> dict[str, int]:
    """The cyclomatic complexity of each function, counting boolean operators."""
    found = {}
    for module in modules().values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[f"{module.name}:{node.name}:{node.lineno}"] = 1 + sum(map(_adds, _own(node)))
    return found


def ninetieth(values: Iterable[int]) -> float:
    """The value that nine in ten do not exceed."""
    return quantiles(values, n=10)[-1]


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, without those of nested functions."""
    ahead = list(ast.iter_child_nodes(function))
    while ahead:
        node = ahead.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            ahead += ast.iter_child_nodes(node)


def _adds(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    return int(isinstance(node, _BRANCHES))


def main() -> None:
    """Print the figures."""
    folders = modules_per_folder()
    print("modules per folder:", ", ".join(f"{name} {n}" for name, n in folders.most_common()))
    print("circles of rooms:", len(circles()))
    for group in circles():
        print("   ", " ↔ ".join(group))
    twice = classes_named_twice()
    print("class names used twice:", len(twice), " ".join(twice))
    values = sorted(complexities().values())
    over = {name: value for name, value in complexities().items() if value > 10}
    print(
        f"complexity: median {median(values):g}, p90 {ninetieth(values):g}, "
        f"max {values[-1]}, {len(over)} above 10"
    )
    for name, value in sorted(over.items(), key=lambda item: -item[1]):
        print("   ", value, name)
    lines = [each.lines for each in modules().values()]
    print(f"modules {len(lines)}, lines {sum(lines)}, longest {max(lines)}")


if __name__ == "__main__":
    main()
