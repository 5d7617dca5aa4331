"""Reads TOML that an author wrote, and says where it is wrong: file, line and key.

msgspec names the path of a value but not its line, and no parser at hand keeps lines. So
the file is scanned again, the way authors write it: a table's header, or a key at the
start of a line. A value inside an inline table gets the line of that table's key.
"""

import re
from pathlib import Path
from typing import TypeVar

import msgspec

from exam_bank.errors import TaskFileError
from exam_bank.phrase import phrase
from exam_bank.safe_files import LARGEST_TOML, UNDECODABLE, read_small

_HEADER = re.compile(r"^\s*\[+([^\[\]]+)\]+\s*(#.*)?$")
_KEY = re.compile(r"^\s*((?:[A-Za-z0-9_.-]|\"[^\"]*\"|'[^']*')+)\s*=")
_STEP = re.compile(r"\"([^\"]*)\"|'([^']*)'|([^.\s]+)")
_AT = re.compile(r" - at `(?:key in )?\$(?P<path>[^`]*)`$")
_FIELD = re.compile(r"^Object (?P<what>contains unknown|missing required) field `(?P<name>[^`]+)`")

# What msgspec writes for a key that the author chose.
_ANY = "[...]"

_Path = tuple[str, ...]


class TomlTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table in such a file; unknown keys are refused."""


_Table = TypeVar("_Table", bound=TomlTable)


def read_toml(path: Path, whole: type[_Table], *, manual: str, missing: str = "") -> _Table:
    """The file at `path`, read as a `whole`.

    Raises `TaskFileError`, naming file, line and key, and what is wrong there. `manual`
    says what to read about it, `missing` what to do if there is no file.
    """
    text = b""
    try:
        text = read_small(path, LARGEST_TOML)
        return msgspec.toml.decode(text, type=whole)
    except OSError as error:
        raise TaskFileError(
            phrase("{path} cannot be read: {error}.", path=path, error=error.strerror), fix=missing
        ) from error
    except UNDECODABLE as error:
        fault = _where_and_what(text.decode(errors="replace"), error)
        raise TaskFileError(phrase("{path}{fault}.", path=path, fault=fault), fix=manual) from error


def _where_and_what(text: str, error: Exception) -> str:
    """What is wrong in the TOML `text`, as ", line 7, mark_scheme.thresholds: …"."""
    said = str(error)
    at = _AT.search(said)
    path = _steps(at["path"]) if at else ()
    why = said[: at.start()] if at else said
    lines = _lines(text)
    field, first = _FIELD.match(why), why.partition(" ")[0]
    if field:
        path = (*path, field["name"])
        why = "is missing" if field["what"] == "missing required" else "there is no such key"
    elif any(_fits(each, (*path, *_keys(first))) for each in lines):
        path = (*path, *_keys(first))
        why = why[len(first) - len(path[-1]) :]
    key, line = _nearest(path, lines)
    return f"{f', line {line}' if line else ''}{f', {key}' if key else ''}: {why}"


def _nearest(path: _Path, lines: dict[_Path, int]) -> tuple[str, int]:
    """The key as the author wrote it, and its line or that of its table; 0 if unknown."""
    for n in range(len(path), 0, -1):
        found = [each for each in lines if _fits(each, path[:n])]
        if len(found) == 1:
            rest = (step for step in path[n:] if step != _ANY)
            return ".".join((*found[0], *rest)), lines[found[0]]
    return ".".join(path).replace(f".{_ANY}", ".*"), 0


def _fits(each: _Path, path: _Path) -> bool:
    return len(each) == len(path) and all(
        want in (_ANY, step) for step, want in zip(each, path, strict=True)
    )


def _steps(path: str) -> _Path:
    """The keys in `.sets[...].sources[0]`; an index counts as its list."""
    named = re.sub(r"\[\d+\]", "", path).replace(_ANY, "/*")
    return tuple(_ANY if step == "*" else step for step in re.split(r"[./]", named) if step)


def _lines(text: str) -> dict[_Path, int]:
    found: dict[_Path, int] = {}
    table: _Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _keys(header[1])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, *_keys(key[1])), number)
    return found


def _keys(dotted: str) -> _Path:
    return tuple("".join(found) for found in _STEP.findall(dotted))
