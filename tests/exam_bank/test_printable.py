import json
import sys
import unicodedata

import pytest

from exam_bank.printable import ascii_escaped, printable, printable_lines

HOSTILE = {
    "an escape sequence": "\x1b[31m",
    "a C1 control": "\x9b31m",
    "delete": "\x7f",
    "bidi override": "\u202e",
    "bidi isolate": "\u2066",
    "a direction mark": "\u200f",
    "zero width": "\u200b",
    "a byte order mark": "\ufeff",
    "private use": "\ue000",
    "unassigned": "\U000e0fff",
    "a tag": "\U000e0041",
    "a lone surrogate": "\udcff",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_steers_a_terminal_is_not_shown(text: str) -> None:
    assert printable(f"a{text}b") == "a" + text.replace(text[0], "�", 1) + "b"
    assert printable_lines(f"a{text}\n\tb") == printable(f"a{text}") + "\n\tb"


@pytest.mark.parametrize("end", ["\n", "\r", "\t", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_a_name_cannot_begin_a_line(end: str) -> None:
    assert printable(f"a{end}5/5") == "a 5/5"


@pytest.mark.parametrize(
    "text", ["mymodel.h5", "我的模型　最终版.h5", "naïve [red]", "a\u00a0b", ""]
)
def test_honest_text_is_shown_as_it_is(text: str) -> None:
    assert printable(text) == printable_lines(text) == text


def test_no_sign_of_unicode_comes_through_that_is_not_printable() -> None:
    for code in range(sys.maxunicode + 1):
        kind = unicodedata.category(shown := printable(chr(code)))
        assert kind not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"), (code, shown)


def test_a_long_text_is_cut() -> None:
    assert printable("x" * 30, 10) == "x" * 9 + "…"
    assert printable("x" * 10, 10) == "x" * 10


@pytest.mark.parametrize("text", [*HOSTILE.values(), "\u2028", "\x00", "中文　é😀", '"\\'])
def test_json_is_escaped_and_says_the_same(text: str) -> None:
    row = {"name": f"a{text}b", text: [1, None]}
    escaped = ascii_escaped(json.dumps(row, ensure_ascii=False))
    assert json.loads(escaped) == row
    assert escaped == printable_lines(escaped)
    assert "中文" not in text or "中文　é😀" in escaped
