"""README and its Chinese sister: the same commands, a picture everywhere, a code that is one."""

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from exam_bank import paper
from tests.chinese import faults

ROOT = Path(__file__).parents[2]
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
PAGES = (ENGLISH, CHINESE)
SISTERS = (
    (ENGLISH, CHINESE),
    (ROOT / "docs/authoring.md", ROOT / "docs/authoring.zh-CN.md"),
    (ROOT / "docs/classroom.md", ROOT / "docs/classroom.zh-CN.md"),
)


def blocks(page: Path, kind: str) -> list[str]:
    found = re.findall(rf"^```{kind}[^\n]*\n(.*?)^```$", read(page), re.DOTALL | re.MULTILINE)
    return [str(each) for each in found]


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def commands(page: Path) -> list[str]:
    """The commands without their comments."""
    lines = "".join(blocks(page, "sh")).splitlines()
    return [re.sub(r"\s+# .*$", "", line) for line in lines]


@pytest.mark.parametrize("pair", SISTERS, ids=lambda pair: pair[0].stem)
def test_the_sisters_have_the_same_commands_and_headings(pair: tuple[Path, Path]) -> None:
    english, chinese = pair
    assert commands(english)
    assert commands(chinese) == commands(english)
    levels = [
        re.findall(r"^#+(?= )", re.sub(r"```.*?```", "", read(page), flags=re.S), re.M)
        for page in pair
    ]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("pair", SISTERS, ids=lambda pair: pair[0].stem)
def test_the_sisters_link_to_each_other(pair: tuple[Path, Path]) -> None:
    english, chinese = pair
    assert f"[中文]({chinese.name})" in read(english)
    assert f"[English]({english.name})" in read(chinese)


def test_the_sisters_on_a_class_have_the_same_files() -> None:
    english, chinese = SISTERS[-1]
    for kind in ("text", "yaml", "python"):
        assert blocks(english, kind)
        assert blocks(chinese, kind) == blocks(english, kind)


def test_the_sisters_name_the_same_settings_and_options() -> None:
    def named(page: Path) -> set[str]:
        return set(re.findall(r"TFEXAM_[A-Z_]+|(?<=`)--[a-z-]+", read(page)))

    assert named(CHINESE) == named(ENGLISH)


@pytest.mark.parametrize("page", [*sorted((ROOT / "docs").glob("*.zh-CN.md")), CHINESE])
def test_chinese_pages_follow_the_glossary(page: Path) -> None:
    text = read(page)
    if page.name.startswith("glossary"):
        assert "隐藏数据集" in text
        return
    assert not list(faults(text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_first_picture_is_text_which_every_viewer_shows(page: Path) -> None:
    first = blocks(page, "text")[0]
    assert read(page).index("```text") < read(page).index("![")
    lines = first.splitlines()
    assert "tfexam" in lines[0]
    assert max(map(cell_len, lines)) <= 80
    frames = [line for line in lines if line.startswith("│")]
    assert len({cell_len(line) for line in frames}) == 1


def test_the_pictures_show_the_table_of_a_brief_as_a_table() -> None:
    names = re.findall(r"docs/screens/exam-[\w-]+\.svg", read(ENGLISH))
    assert names
    for picture in (blocks(ENGLISH, "text")[0], *(read(ROOT / name) for name in names)):
        text = picture.replace("&#160;", " ")
        assert re.search(r"array +shape.*?─{20}", text, re.DOTALL)
        assert not re.search("•[^•]*;[^•]*;", text)  # a row in one line, as it was once


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", read(page))
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "tui/commands/grade.py", ROOT / "tui/commands/exam.py"]
)
def test_the_paper_code_that_a_reader_may_type_has_right_check_digits(page: Path) -> None:
    codes = set(re.findall(r"TFX-\w{4}-\w{4}-\w{4}", read(page)))
    assert codes
    for code in codes:
        whole = paper._number_of(code)
        payload = whole >> paper._CHECK_BITS
        assert whole & (1 << paper._CHECK_BITS) - 1 == paper._checksum(payload), code
