"""Changes one setting in the user's `config.toml` and leaves everything else alone.

The file belongs to the user: comments, order and unknown entries stay. Only if the entry
is not a single plain line is the whole file rewritten, which keeps all values but loses
the comments.
"""

import os
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli_w

from engine.errors import SettingsError
from engine.files import said, write_atomically
from engine.settings import Settings, Source, of_config, unreadable, value_of
from engine.settings_schema import Setting
from exam_bank.phrase import phrase
from exam_bank.safe_files import read_small


def change(settings: Settings, setting: Setting, text: str) -> Settings:
    """`settings` with `setting` set to `text` and saved; an empty text restores the default.

    Raises `ValueError` for a text that is not a valid value, and `SettingsError` when the file
    cannot be read or written.
    """
    path = settings.config_path
    if text:
        value = setting.value_of(text)
        source = of_config(setting.name, path)
    else:
        value = value_of(setting, None)
        source = Source("default", "")
    save(path, setting.name, _for_toml(value, text) if text else None)
    values: dict[str, Any] = {setting.name: value}
    return replace(settings, sources={**settings.sources, setting.name: source}, **values)


def _for_toml(value: object, text: str) -> object:
    """The value as the file spells it: folders as typed, with their ~."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return text.split(os.pathsep) if isinstance(value, tuple) else text


def save(path: Path, name: str, value: object | None) -> None:
    """Set `name` to `value` in the file at `path`; None removes it."""
    text = _read(path)
    try:
        wanted = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise unreadable(path, error) from error
    wanted.pop(name, None)
    if value is not None:
        wanted[name] = value
    line = "" if value is None else tomli_w.dumps({name: value})
    _write(path, _edited(text, name, line, wanted))


def _edited(text: str, name: str, line: str, wanted: dict[str, object]) -> str:
    """`text` with the entry replaced by `line` if that yields `wanted`, else written anew."""
    head = re.search(r"^[ \t]*\[", text, re.MULTILINE)
    # A key belongs to the table above it, so ours must come before the first table.
    place = head.start() if head else len(text)
    ours, rest = text[:place], text[place:]
    entry = re.compile(rf"""^[ \t]*["']?{name}["']?[ \t]*=.*(\n|\Z)""", re.MULTILINE)
    if entry.search(ours):
        edited = entry.sub(lambda _: line, ours, count=1) + rest
    else:
        gap = "" if ours.endswith("\n") or not ours else "\n"
        edited = ours + gap + line + rest
    return edited if _says(edited) == wanted else tomli_w.dumps(wanted)


def _says(text: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _read(path: Path) -> str:
    try:
        return read_small(path).decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from error


def _write(path: Path, text: str) -> None:
    # If the file is a link, write to its target.
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, text.encode())
    except OSError as error:
        raise SettingsError(
            phrase("{target} cannot be written: {error}.", target=target, error=said(error)),
            fix=phrase("Check its permissions, or name another file with TFEXAM_CONFIG."),
        ) from error
