"""Keeps the message catalogs: `python -m tests.tui.catalogs` brings them up to date.

Messages are the arguments of `_`, `N_` and `ngettext` in tui and in HTML templates, the
templates of `Message(…)` in engine, those of `phrase(…)` below tui, the titles of exceptions
and of data sets, the meanings of settings, and what `--help` says: docstrings of commands and
texts of their options. New ones are added to the .po untranslated, unused ones are dropped, and
the .mo that the app reads is rewritten.
"""

import ast
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from engine.settings_schema import SCHEMA
from exam_bank.datasets.registry import built_in
from tui.help import help_text
from tui.locale import CATALOGS, DOMAIN, FOLDER

ROOT = Path(__file__).parents[2]
TEMPLATE = FOLDER / f"{DOMAIN}.pot"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "Message": None, "phrase": None}
WRAP = 96

MessageId = str | tuple[str, ...]


def sources() -> Iterator[Path]:
    """The modules with messages for people."""
    for floor in ("tui", "engine", "exam_bank"):
        tasks = ROOT / floor / "tasks"
        yield from sorted(
            path for path in (ROOT / floor).rglob("*.py") if tasks not in path.parents
        )


def templates() -> Iterator[Path]:
    """The HTML templates, which mark their messages with `_` and `ngettext`."""
    yield from sorted((ROOT / "engine").rglob("templates/*.html"))


def found() -> Iterator[tuple[str, int, MessageId]]:
    """Every message with its file and line."""
    for path in sources():
        yield from _extracted(path, "python", {"encoding": "utf-8"})
    for path in templates():
        yield from _extracted(path, "jinja2", {"silent": "false"})
    for module in ("engine/errors.py", "exam_bank/errors.py"):
        for line, title in _titles(ROOT / module):
            yield module, line, title
    for path in (ROOT / "tui/cli.py", *sorted((ROOT / "tui/commands").glob("*.py"))):
        for line, text in _helps(ast.parse(path.read_text(encoding="utf-8"))):
            yield path.relative_to(ROOT).as_posix(), line, text
    for dataset in built_in().sets.values():
        yield "exam_bank/datasets/datasets.toml", 0, dataset.title
    for setting in SCHEMA:
        yield "engine/settings_schema.py", 0, setting.meaning


def _extracted(
    path: Path, method: str, options: dict[str, str]
) -> Iterator[tuple[str, int, MessageId]]:
    name = path.relative_to(ROOT).as_posix()
    with path.open("rb") as file:
        for line, message, *_ in extract(method, file, keywords=KEYWORDS, options=options):
            yield name, line, message


def _titles(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id == "title"
            and isinstance(node.value, ast.Constant)
        ):
            yield node.lineno, str(node.value.value)


def _helps(module: ast.Module) -> Iterator[tuple[int, str]]:
    """What click shows of each command in `module`."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and any(map(_makes_a_command, node.decorator_list)):
            yield node.lineno, help_text(ast.get_docstring(node, clean=False) or "")
        elif isinstance(node, ast.Call):
            texts = [each.value for each in node.keywords if each.arg in _HELP_ARGUMENTS]
            if isinstance(node.func, ast.Name) and node.func.id == "level_option":
                texts += node.args
            for text in texts:
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield node.lineno, text.value


_HELP_ARGUMENTS = ("help", "short_help", "epilog")


def _makes_a_command(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith(
        (".command", ".group")
    )


def _only_facts(message: MessageId) -> bool:
    """Whether there is nothing to translate: a bare field such as {version}."""
    text = message if isinstance(message, str) else message[0]
    return not text.strip() or re.fullmatch(r"\{[^}]*\}([^ :(]*\{[^}]*\})*", text) is not None


def template() -> Catalog:
    """The catalog of the messages in the source now."""
    catalog = Catalog(project="tfexam", charset="utf-8", header_comment="# Messages of tfexam.")
    for name, line, message in found():
        if not _only_facts(message):
            catalog.add(message, locations=[(name, line)])
    return catalog


def po_file(language: str) -> Path:
    """The catalog that people edit."""
    return FOLDER / CATALOGS[language] / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """The current translations of a language."""
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=CATALOGS[language], domain=DOMAIN)
    with path.open("rb") as file:
        return read_po(file, locale=CATALOGS[language], domain=DOMAIN)


def compiled(catalog: Catalog) -> bytes:
    """The content of a catalog's .mo."""
    from io import BytesIO

    stream = BytesIO()
    write_mo(stream, catalog)
    return stream.getvalue()


def main() -> int:
    """Update template, catalogs and compiled catalogs; returns 1 if a translation is missing."""
    source = template()
    with TEMPLATE.open("wb") as file:
        write_po(file, source, width=WRAP, no_location=True, omit_header=True, sort_output=True)
    missing = 0
    for language in CATALOGS:
        catalog = read(language)
        catalog.update(source, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        _head(catalog)
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=WRAP, no_location=True, sort_output=True)
        path.with_suffix(".mo").write_bytes(compiled(catalog))
        for message in catalog:
            if message.id and not all(forms(message.string)):
                missing += 1
                sys.stdout.write(f"{language}: {message.id!r}\n")
    return 1 if missing else 0


def _head(catalog: Catalog) -> None:
    """A constant header, so that a diff shows translations only."""
    catalog.header_comment = "# Messages of tfexam."
    catalog.project, catalog.version, catalog.fuzzy = "tfexam", "1", False
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)


def forms(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """Every form of a translation; untranslated ones are empty."""
    return tuple(string) if isinstance(string, list | tuple) else (string or "",)


if __name__ == "__main__":
    sys.exit(main())
