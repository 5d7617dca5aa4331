"""What Python's modules lack on Windows or macOS, read from the type stubs that mypy includes.

A list kept by hand would go out of date. So every name that a stub gives to Linux, but not to the
other system, is taken away.
"""

import ast
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import mypy


def lacking(module: str, system: str) -> frozenset[str]:
    """The names of `module` that Linux has and `system` has not."""
    return _names(module, "linux") - _names(module, system)


@cache
def _names(module: str, system: str) -> frozenset[str]:
    folder = Path(mypy.__file__).parent / "typeshed" / "stdlib"
    found = next(
        path
        for path in (folder / f"{module}.pyi", folder / module / "__init__.pyi")
        if path.exists()
    )
    return frozenset(_defined(ast.parse(found.read_text(encoding="utf-8")).body, system))


def _defined(body: Sequence[ast.stmt], system: str) -> Iterator[str]:
    for statement in body:
        match statement:
            case ast.If(test=test):
                yield from _defined(
                    statement.body if _holds(test, system) else statement.orelse, system
                )
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name):
                yield name
                yield from _members(statement, system)
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign(targets=targets):
                yield from (each.id for each in targets if isinstance(each, ast.Name))
            case ast.ImportFrom(names=names):
                yield from (each.asname or each.name for each in names)


def _members(statement: ast.ClassDef, system: str) -> Iterator[str]:
    """The members of an enum: modules such as `signal` and `socket` export them by name too."""
    if any("Enum" in ast.unparse(base) or "Flag" in ast.unparse(base) for base in statement.bases):
        yield from _defined(statement.body, system)


def _holds(test: ast.expr, system: str) -> bool:
    """Whether a condition in a stub holds on that system, with this version of Python."""
    code = ast.unparse(test).replace("sys.platform", repr(system))
    code = code.replace("sys.version_info", repr(tuple(sys.version_info[:3])))
    return bool(eval(code, {"TYPE_CHECKING": True}))
