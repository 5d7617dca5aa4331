import subprocess
import sys
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from tests.tui.conftest import OpenRoom
from tests.tui.fakes import FakeServices
from tui.text.line_breaks import breaks, broken
from tui.text.table_layout import Row, laid_out
from tui.widgets.exam import brief as brief_module
from tui.widgets.exam.brief import BriefPanel, BriefParagraph, TableText, joined

TABLE = """\
| | shape | type |
|---|---|---|
| input | (28, 28) | float32, 0–1 |
| output | (10,) | softmax |"""


def test_chinese_lines_of_a_paragraph_are_joined() -> None:
    assert joined("为小幅图样\n预测标签。\n用数据训练") == "为小幅图样预测标签。用数据训练"


def test_english_lines_headings_lists_tables_and_code_stay() -> None:
    text = "# 标题\n正文\n\nPredict the\nlabel.\n\n- 一\n- 二\n\n| 甲 |\n|---|\n| 乙 |\n"
    text += "\n```\n代码\n代码\n```\n"
    assert joined(text) == text


def test_a_line_that_begins_or_ends_in_latin_letters_keeps_its_break() -> None:
    assert joined("保存为 `mymodel.h5`\n放在旁边\nthen") == "保存为 `mymodel.h5`\n放在旁边\nthen"


def lines(text: str, width: int) -> list[str]:
    return broken(Content(text), width).plain.split("\n")


def test_no_line_begins_with_a_closing_mark() -> None:
    text = "请认出图片里是哪一类（共十类）。输入没有通道轴：形状是 (28, 28)，不是 (28, 28, 1)。"
    for width in range(8, 60):
        found = lines(text, width)
        assert not [each for each in found if each[0] in "，。、；：）"]
        assert not [each for each in found if each[-1] in "（"]
        assert all(cell_len(each) <= width for each in found)


def test_words_and_names_of_files_stay_whole() -> None:
    assert lines("请把模型保存为 mymodel.h5 文件", 20) == ["请把模型保存为", "mymodel.h5 文件"]


def test_what_fits_nowhere_is_folded() -> None:
    assert lines("看 https://example.org/a/long 吧", 12) == [
        "看 https://e",
        "xample.org/a",
        "/long 吧",
    ]


@given(st.text(alphabet="模型，。（） a(28,h5)`", max_size=80), st.integers(4, 40))
def test_breaking_loses_nothing_and_every_line_fits(text: str, width: int) -> None:
    places = breaks(text, width)
    assert places == sorted(set(places))
    parts = [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
    assert "".join(parts) == text
    assert all(cell_len(each.rstrip()) <= width for each in parts)


def test_styles_go_along() -> None:
    found = broken(Content.assemble("模型，", ("模型，模型", "bold"), "。"), 8)
    assert found.plain == "模型，模\n型，模\n型。"
    assert "".join(
        found.plain[span.start : span.end] for span in found.spans if span.style == "bold"
    )


def table(*rows: str) -> tuple[list[Content], list[list[Content]]]:
    head, *body = [[Content(cell) for cell in row.split("|")] for row in rows]
    return head, body


def test_a_table_that_fits_has_a_line_below_its_head() -> None:
    head, rows = table("|shape|type", "input|(28, 28)|float32", "output|(10,)|softmax")
    assert laid_out(head, rows, 60).plain.split("\n") == [
        "        shape     type",
        "─────────────────────────",
        "input   (28, 28)  float32",
        "output  (10,)     softmax",
    ]


def test_cells_that_do_not_fit_wrap() -> None:
    head, rows = table("column|meaning", "hour|the hour of the day, from 0 to 23", "load|in MW")
    assert laid_out(head, rows, 24).plain.split("\n") == [
        "column  meaning",
        "────────────────────────",
        "hour    the hour of the",
        "        day, from 0 to",
        "        23",
        "────────────────────────",
        "load    in MW",
    ]


def test_a_row_that_lacks_cells_is_shown() -> None:
    head, rows = table("a|b", "1")
    assert laid_out(head, rows, 20).plain.split("\n") == ["a  b", "────", "1"]


WORDS = st.text(alphabet="ab 模型，。(28)", max_size=40)


@example(rows=[("", "2222", ""), ("22。 ", "", "2")], width=13)
@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=5), st.integers(12, 90))
def test_a_table_fits_and_loses_nothing(rows: list[tuple[str, str, str]], width: int) -> None:
    head, *body = [[Content(cell) for cell in row] for row in rows]
    found = laid_out(head, body, width).plain
    assert all(cell_len(line) <= width for line in found.split("\n"))
    kept = sorted("".join(found.split()).replace("─", ""))
    assert kept == sorted("".join("".join(row) for row in rows).replace(" ", ""))


TABLE = """\
| column | unit | meaning |
|---|---|---|
| hour | – | the hour of the day, from 0 to 23, in local time without summer time |"""


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_brief_shows_every_word_of_its_tables(
    open_exam: OpenRoom, services: FakeServices, size: tuple[int, int]
) -> None:
    brief = services.task_map["flats"].folder / "brief.md"
    brief.write_text(f"# Flats\n\nPredict.\n\n{TABLE}\n")
    async with open_exam(size=size) as room:
        await room.settle()
        for width in (size[0], 200, 60, size[0]):
            await room.pilot.resize_terminal(width, size[1])
            await room.pilot.press("b")  # in a small window a pane is shown only when asked for
            await room.settle()
            shown = room.app.screen.query_one(TableText)
            text = str(shown.render())
            assert text.startswith("column")
            words = "hour – the hour of the day, from 0 to 23, in local time without summer time"
            assert not set(words.split()) - set(text.split())
            assert shown.size.height == len(text.split("\n"))


async def test_keys_in_a_zoomed_brief_take_effect_at_once_and_lay_out_no_table_again(
    open_exam: OpenRoom, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = services.task_map["flats"].folder / "brief.md"
    brief.write_text(f"# Flats\n\nPredict.\n\n{TABLE}\n" + "\n\nA paragraph.\n" * 60)
    widths: list[int] = []

    def noted(head: Row, rows: Sequence[Row], width: int) -> Content:
        widths.append(width)
        return laid_out(head, rows, width)

    monkeypatch.setattr(brief_module, "laid_out", noted)
    async with open_exam(size=(120, 40)) as room:
        await room.pilot.press("z")
        await room.settle()
        panel, table = room.app.screen.query_one(BriefPanel), room.app.screen.query_one(TableText)
        assert widths[-1] == table.size.width > 100
        widths.clear()
        await room.pilot.press("down", "down", "down")
        await room.settle()
        assert panel.scroll_target_y == 3
        assert widths == []
        await room.pilot.press("t", "escape")
        await room.settle()
        assert not room.app.screen.has_class("-zoomed")


async def test_a_chinese_brief_is_broken_by_the_rules(open_exam: OpenRoom) -> None:
    async with open_exam(flags={"lang": "zh"}) as room:
        await room.settle()
        shown = [str(each.render()) for each in room.app.screen.query(BriefParagraph)]
        assert any("\n" in each for each in shown)
        assert not [line for each in shown for line in each.split("\n") if line[:1] in "，。、；："]


async def test_a_textual_that_gives_paragraphs_their_text_otherwise_still_shows_them(
    open_exam: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(BriefParagraph, "set_content")
    async with open_exam(flags={"lang": "zh"}) as room:
        first = room.app.screen.query(BriefParagraph).first()
        assert str(first.render()).startswith("为小幅灰度服装图样预测标签。")
        assert first.size.height > 1


def test_a_textual_without_a_paragraph_of_its_own_is_enough() -> None:
    code = """
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownBlock
del Markdown.BLOCKS["paragraph_open"]
from tui.widgets.exam.brief import BriefParagraph, BriefText
print(BriefParagraph.__bases__ == (MarkdownBlock,))
print(BriefText.BLOCKS["paragraph_open"] is BriefParagraph)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
