"""Settings: one place where flags, environment, `.env`, `config.toml` and defaults meet.

`settings_schema.py` describes every setting. Each value keeps its source, so that an
error can name it and the settings screen can say what can be changed.

The app imports this before its first paint, so it must not import anything heavy.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tomllib
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from engine.errors import SettingsError
from engine.files import said
from engine.settings_schema import SCHEMA, Setting, folder_from
from exam_bank.phrase import phrase
from exam_bank.safe_files import read_small

if TYPE_CHECKING:  # the first screen must not wait for imports that only lay-out and grading need
    from engine.grading.protocol import Device
    from engine.grading.sampling import Sampling
    from engine.sitting.state.sitting import KerasFiles, Mode
    from exam_bank.datasets.registry import Registry
    from exam_bank.datasets.store import Store
    from exam_bank.task import Level

Language = Literal["en", "zh"]
SourceKind = Literal["flag", "environment", "dotenv", "config", "default"]


@dataclass(frozen=True)
class Source:
    """Where a value came from: its kind, and how an error names the place."""

    kind: SourceKind
    place: str

    @property
    def outranks_config(self) -> bool:
        """Whether this source overrides config.toml."""
        return self.kind in ("flag", "environment", "dotenv")


Found = tuple[object, Source]


@dataclass(frozen=True)
class Settings:
    """Every setting with its value; made by `Settings.load`.

    `sources` says where each value came from, `config_path` where `config.toml` is.
    """

    home: Path
    workspaces: Path
    bank: tuple[Path, ...]
    data: tuple[Path, ...]
    lang: str
    candidate_name: str
    minutes: float
    practice_minutes: float
    extra_time: str
    mode: Mode
    level: Level
    sampling: Sampling
    keras_files: KerasFiles
    auto_grade: bool
    prewarm: bool
    grader_device: Device
    poll_seconds: float
    theme: str
    watch_downloads: bool
    follow_starter: bool
    bell: bool
    sources: Mapping[str, Source] = field(default_factory=dict, compare=False, repr=False)
    config_path: Path = field(default=Path("config.toml"), compare=False, repr=False)

    @classmethod
    def load(
        cls,
        flags: Mapping[str, object] | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Settings:
        """The settings in force: flags, environment, `.env` of `folder`, config.toml, defaults.

        `flags` maps setting names to values; None means not given. Raises `SettingsError`
        for a value that cannot be used, naming where it came from.
        """
        variables = os.environ if environment is None else environment
        given = ChainMap(*_sources(flags or {}, variables, folder or Path.cwd()))
        values = {each.name: value_of(each, given.get(each.name)) for each in SCHEMA}
        sources = {each.name: _source(each, given.get(each.name)) for each in SCHEMA}
        path = config_file(variables)
        return cls(**cast(dict[str, Any], values), sources=sources, config_path=path)

    @property
    def language(self) -> Language:
        """The language in force: the one set, or the locale's, or English."""
        locale = (os.environ.get(key, "") for key in ("LC_ALL", "LC_MESSAGES", "LANG"))
        return "zh" if next(filter(None, (self.lang, *locale)), "").startswith("zh") else "en"

    @property
    def time_factor(self) -> float:
        """How many times its usual length an exam may take."""
        return 1.0 if self.extra_time == "none" else float(self.extra_time)

    @property
    def packs(self) -> tuple[Path, ...]:
        """Folders of tasks besides the built-in ones."""
        return self.bank

    @property
    def sittings_folder(self) -> Path:
        """The folder that holds one folder per sitting."""
        return self.home / "sittings"

    @property
    def has_sittings(self) -> bool:
        """Whether any sitting exists; answers without reading one."""
        with contextlib.suppress(OSError):
            return any(self.sittings_folder.iterdir())
        return False

    @property
    def cache_folder(self) -> Path:
        """Holds what can be recreated: hidden sets for headless grading, data sets."""
        return self.home / "cache"

    def data_store(self, registry: Registry, *more: Path) -> Store:
        """The places to look for the data sets of `registry`, with `more` besides."""
        from exam_bank.datasets.store import Store

        return Store(self.cache_folder / "datasets", (*more, *self.data), registry)

    @property
    def logs_folder(self) -> Path:
        """Holds the logs of headless grading; each sitting keeps its own."""
        return self.home / "logs"


def config_file(environment: Mapping[str, str]) -> Path:
    """Where `config.toml` is expected; TFEXAM_CONFIG can name another place."""
    if named := environment.get("TFEXAM_CONFIG"):
        try:
            return folder_from(named)
        except (ValueError, RuntimeError) as error:
            raise SettingsError(
                phrase("TFEXAM_CONFIG is {named}: {error}", named=repr(named), error=error)
            ) from error
    import platformdirs

    return platformdirs.user_config_path("tfexam", appauthor=False) / "config.toml"


def trust_file() -> Path:
    """Where the list of trusted packs is kept; no setting can move it."""
    import platformdirs

    return platformdirs.user_config_path("tfexam", appauthor=False) / "trusted-packs.json"


def env_example() -> str:
    """The text of `.env.example`: every setting with its meaning and default."""
    lines = [
        "# Every setting of tfexam. Copy to .env in the folder you start tfexam from, or set",
        "# the same names in the environment. Options of a command come first, then the",
        "# environment, then .env, then config.toml (TFEXAM_CONFIG names another one).",
        "# A .env comes with a folder, so it may not decide which code runs: those settings",
        "# are marked. Values are taken as they stand; ${NAME} means nothing here.",
    ]
    for each in SCHEMA:
        choices = f" ({' or '.join(each.choices)})" if each.choices else ""
        lines += ["", f"# {each.meaning[0].upper()}{each.meaning[1:]}{choices}."]
        lines += ["# Not in a .env: export it, or write it into config.toml."] * each.personal
        lines += [f"#{each.variable}={each.default}"]
    return "\n".join(lines) + "\n"


def _sources(
    flags: Mapping[str, object], environment: Mapping[str, str], folder: Path
) -> Iterator[dict[str, Found]]:
    """Each source, highest priority first, as name → (value, where it came from)."""
    given = {name: value for name, value in flags.items() if value is not None}
    yield {name: (value, Source("flag", _flag(name))) for name, value in given.items()}
    yield _from_variables(environment, "environment", "the environment")
    dotenv = folder / ".env"
    if dotenv.is_file():
        variables = _read_dotenv(dotenv)
        _refuse_personal(variables, dotenv, config_file(environment))
        yield _from_variables(variables, "dotenv", str(dotenv))
    yield _from_config(config_file(environment))


def _source(setting: Setting, found: Found | None) -> Source:
    return found[1] if found else Source("default", f"The default of {setting.variable}")


def _flag(name: str) -> str:
    """The option as users type it: `tfexam practice` also calls its length --minutes."""
    return f"--{name.removeprefix('practice_')}"


def _read_dotenv(path: Path) -> dict[str, str]:
    from dotenv import dotenv_values

    try:
        text = read_small(path).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from error
    # With interpolation, a kilobyte of nested ${NAME} would fill the memory.
    found = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name: value for name, value in found.items() if value is not None}


def _refuse_personal(variables: Mapping[str, str], dotenv: Path, config: Path) -> None:
    """A `.env` comes with a folder, maybe from a stranger: it may not set everything."""
    for each in SCHEMA:
        if each.personal and variables.get(each.variable):
            raise SettingsError(
                phrase(
                    "{path} sets {variable}, which no .env file may do: the file comes with its "
                    "folder, and would decide which code runs on this machine.",
                    path=dotenv,
                    variable=each.variable,
                ),
                fix=phrase(
                    "Remove that line. If you want it, export {variable}, or put this line into "
                    "{config}: {line}",
                    variable=each.variable,
                    config=config,
                    line=_toml_line(each.name, variables[each.variable]),
                ),
            )


def _toml_line(name: str, text: str) -> str:
    """The equivalent line for config.toml."""
    import tomli_w  # rarely needed, and this module is imported before the first paint

    return tomli_w.dumps({name: text}).rstrip("\n")


def _from_variables(variables: Mapping[str, str], kind: SourceKind, place: str) -> dict[str, Found]:
    return {
        each.name: (variables[each.variable], Source(kind, f"{each.variable} in {place}"))
        for each in SCHEMA
        if variables.get(each.variable)
    }


def _from_config(path: Path) -> dict[str, Found]:
    try:
        table = tomllib.loads(read_small(path).decode())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise unreadable(path, error) from error
    _need_known(path, table)
    return {name: (value, of_config(name, path)) for name, value in table.items()}


def _need_known(path: Path, table: Iterable[str]) -> None:
    known = {each.name for each in SCHEMA}
    if unknown := sorted(set(table) - known):
        raise SettingsError(
            phrase(
                "{path} has unknown settings: {unknown}.", path=path, unknown=", ".join(unknown)
            ),
            fix=phrase("Known ones: {known}.", known=", ".join(sorted(known))),
        )


def of_config(name: str, path: Path) -> Source:
    """The source of values in the file at `path`."""
    return Source("config", f"{name} in {path}")


def unreadable(path: Path, error: Exception) -> SettingsError:
    """The error for a settings file that cannot be read."""
    why = said(error) if isinstance(error, OSError) else error
    return SettingsError(
        phrase("{path} cannot be read: {error}.", path=path, error=why),
        fix=phrase("Fix or remove it."),
    )


def value_of(setting: Setting, found: Found | None) -> object:
    """The value of `setting` among those `found`, or its default.

    Raises `SettingsError` for an unusable value, naming where it came from.
    """
    if found is None and setting.name == "home":
        return _default_home()
    source = _source(setting, found)
    value = found[0] if found else setting.default
    try:
        read = setting.read(_text(value))
    except (ValueError, RuntimeError) as error:  # the latter: ~ of an unknown user
        raise SettingsError(
            phrase(
                "{place} is {value}, which cannot be used: {error}.",
                place=source.place,
                value=repr(value),
                error=str(error).rstrip("."),
            ),
            fix=_another(setting, source),
        ) from error
    if setting.choices and read not in (*setting.choices, setting.default):
        raise SettingsError(
            phrase("{place} is {value}.", place=source.place, value=repr(value)),
            fix=phrase("Choose one of: {choices}.", choices=", ".join(setting.choices)),
        )
    return read


def _another(setting: Setting, source: Source) -> str:
    if source.kind == "flag":
        return phrase("Choose another value.")
    return phrase("Set {variable} to another value.", variable=setting.variable)


def _text(value: object) -> str:
    """A flag or TOML value as an environment variable would spell it, so one parser serves all.

    Raises `ValueError` for values without such a spelling, such as tables and dates.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        if not all(isinstance(part, str | Path) for part in value):
            raise ValueError("each item of the list must be text")
        return os.pathsep.join(str(part) for part in value)
    if not isinstance(value, str | int | float | Path):
        raise ValueError("it must be text, a number, true or false, or a list of text")
    return str(value)


def _default_home() -> Path:
    import platformdirs

    folder: Path = platformdirs.user_data_path("tfexam", appauthor=False)
    return folder


if __name__ == "__main__":
    sys.stdout.write(env_example())
