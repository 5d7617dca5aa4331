import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tests.chinese import english, faults
from tests.tui import catalogs
from tui import locale

MessageId = catalogs.MessageId
SPOKEN = ("click.UsageError", "click.BadParameter", "click.echo", "click.confirm", "print")


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    locale.set_language("en")


def ids(source: Catalog) -> set[MessageId]:
    return {each.id if isinstance(each.id, str) else tuple(each.id) for each in source if each.id}


def fields(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", locale.CATALOGS)
def test_every_message_is_translated_and_none_is_stale(language: str) -> None:
    hint = "bring the catalogs up to date: python -m tests.tui.catalogs"
    source, there = ids(catalogs.template()), ids(catalogs.read(language))
    assert not source - there, hint
    assert not there - source, hint
    for message in catalogs.read(language):
        if message.id:
            assert all(catalogs.forms(message.string)), f"{language}: {message.id!r}"


@pytest.mark.parametrize("language", locale.CATALOGS)
def test_translations_keep_the_fields(language: str) -> None:
    for message in catalogs.read(language):
        if message.id:
            wanted = set().union(*(fields(form) for form in catalogs.forms(message.id)))
            for form in catalogs.forms(message.string):
                assert fields(form) == wanted, f"{language}: {message.id!r}"


def test_chinese_follows_the_glossary_and_leaves_no_english() -> None:
    found = {
        str(message.id)[:60]: wrong
        for message in catalogs.read("zh")
        if message.id
        for form in catalogs.forms(message.string)
        # A task is 题目; only a brief may speak of what a model is for.
        if (wrong := [*faults(form), *english(form), *re.findall("任务", form)])
    }
    assert not found


@pytest.mark.parametrize("path", sorted((catalogs.ROOT / "tui").rglob("*.py")), ids=str)
def test_what_a_command_says_goes_through_the_catalog(path: Path) -> None:
    """A sentence of three words that `click` prints or raises, written there without `_`."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in SPOKEN and call.args:
            bare = plain(call.args[0])
            assert not english(bare), f"{path.name}:{call.lineno}: {bare}"


def plain(node: ast.expr) -> str:
    """The constants in a text that is not the argument of a call."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    parts = {ast.JoinedStr: "values", ast.BinOp: "left right"}.get(type(node), "").split()
    inner = [getattr(node, part) for part in parts]
    return "".join(
        plain(each) for part in inner for each in (part if isinstance(part, list) else [part])
    )


@pytest.mark.parametrize("language", locale.CATALOGS)
def test_the_compiled_catalog_is_the_one_people_translated(language: str) -> None:
    compiled = catalogs.po_file(language).with_suffix(".mo").read_bytes()
    assert compiled == catalogs.compiled(catalogs.read(language))


def test_every_sentence_stands_where_it_is_looked_for() -> None:
    """The literal must be in the call itself: from a variable it would reach no catalog."""
    for path in catalogs.sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            if ast.unparse(node.func) in ("Message", "phrase"):
                first = node.args[0]
                known = isinstance(first, ast.Attribute) and first.attr == "template"
                assert known or isinstance(first, ast.Constant), f"{path.name}:{node.lineno}"


def test_the_language_is_chosen_and_unchosen() -> None:
    locale.set_language("zh")
    assert locale._("Submit") == "提交"
    assert locale.ngettext("{n} attempt", "{n} attempts", 2) == "{n} 次提交"
    locale.set_language("en")
    assert locale._("Submit") == "Submit"
    assert locale.ngettext("{n} attempt", "{n} attempts", 2) == "{n} attempts"


def test_what_has_no_translation_stays_english() -> None:
    locale.set_language("zh")
    assert locale._("no such message") == "no such message"
    assert locale._("") == ""


def test_no_sentence_hides_in_an_f_string() -> None:
    """Babel does not look into f-strings: what stands there is in no catalog."""
    hidden = [
        f"{path.name}:{call.lineno}"
        for path in catalogs.sources()
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in catalogs.KEYWORDS
        and isinstance(call.args[0], ast.Constant)
    ]
    assert not hidden


# Found by people who read the screens: words that nobody says, or figures without their unit.
CLUMSY = (
    "is asked for",
    "what tfexam goes by",
    "hangs on the hour",
    "parted by",
    "with 1 numbers",
    " · {n}×",
)


@pytest.mark.parametrize("words", CLUMSY)
def test_no_sentence_says_again_what_read_badly(words: str) -> None:
    texts = (form for each in catalogs.template() for form in catalogs.forms(each.id))
    assert [text for text in texts if words in text] == []


def test_no_sentence_has_minutes_as_a_part_of_an_hour() -> None:
    """3 minutes are "3 min"; they stood there as "0:03 h"."""
    texts = (form for each in catalogs.template() for form in catalogs.forms(each.id))
    assert [text for text in texts if re.search(r"\} h\b", text)] == []


@pytest.mark.parametrize("words", ["hangs on", "parted by", "goes by", "with 1 numbers"])
def test_no_brief_and_no_page_says_again_what_read_badly(words: str) -> None:
    tasks = catalogs.ROOT / "exam_bank" / "tasks"
    pages = [*catalogs.ROOT.glob("README.md"), *catalogs.ROOT.glob("docs/*.md")]
    pages += [each for name in ("brief.md", "hints.md", "starter.py") for each in tasks.rglob(name)]
    assert len(pages) > 90
    said = {each: " ".join(each.read_text("utf-8").split()) for each in pages}
    assert [each for each, text in said.items() if words in text] == []
