"""`--help` and what commands print, in Chinese: translated, and without half-width marks."""

import importlib
import re
import shutil
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from engine.clock import SystemClock
from engine.settings import Settings
from tests.chinese import english, faults
from tui.cli import COMMANDS, main
from tui.commands import bank, data
from tui.help import translated
from tui.locale import set_language

ROOM = {"COLUMNS": "80", "LANG": "zh_CN.UTF-8", "LC_ALL": "", "TFEXAM_LANG": ""}
SITTINGS = Path(__file__).parents[1] / "fixtures" / "sittings"
SITTING = "2026-11-29-2033-a4c8"
PAPER = ("class", "paper", "--open", "2026-12-05T12:00", "--close")
LICENCES = ("none stated", "free for research", "for research only")
CLASS_COMMANDS = importlib.import_module("tui.commands.class").COMMANDS
GROUPS = [("bank", name) for name in bank.command.commands]
GROUPS += [("data", name) for name in data.command.commands]
GROUPS += [("class", name) for name in CLASS_COMMANDS]


def call(*args: str, **environment: str) -> Result:
    return CliRunner().invoke(main, args, env=ROOM | environment, prog_name="tfexam")


@pytest.mark.parametrize("names", [(), *((name,) for name in COMMANDS), *GROUPS], ids=" ".join)
def test_help_is_chinese_all_through(names: tuple[str, ...]) -> None:
    found = call(*names, "--help")
    assert found.exit_code == 0
    text = found.output
    assert text.startswith("用法：tfexam")
    assert "显示这段说明并退出。" in text
    assert not english(text)
    assert not list(faults(text))
    lines = [line for line in text.splitlines() if not line.startswith("    tfexam ")]
    assert max(map(cell_len, lines)) <= 88  # examples keep their lines


def test_the_texts_stand_in_one_column() -> None:
    """By cells: a term with Chinese takes more of them than it has characters."""
    formatter = translated_formatter()
    formatter.write_dl([("--文件", "一"), ("-a", "二"), ("--a-very-long-term-of-an-option", "三")])
    first, second, third, below = formatter.getvalue().splitlines()
    assert cell_len(first[: first.index("一")]) == cell_len(second[: second.index("二")])
    assert third == "--a-very-long-term-of-an-option"
    assert below.strip() == "三"


def translated_formatter() -> click.HelpFormatter:
    set_language("zh")
    try:
        context = translated(main).make_context("tfexam", [], resilient_parsing=True)
        return context.make_formatter()
    finally:
        set_language("en")


def test_the_language_comes_from_option_variable_or_settings(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('lang = "zh"\n')
    english = {"LANG": "C.UTF-8"}
    assert call("--help", **english).output.startswith("Usage:")
    assert call("--lang", "zh", "grade", "--help", **english).output.startswith("用法：")
    assert call("--lang", "zh", "--help", **english).output.startswith("用法：")
    assert call("--help", TFEXAM_LANG="zh", **english).output.startswith("用法：")
    assert call("--help", TFEXAM_CONFIG=str(config), **english).output.startswith("用法：")
    assert call("--lang", "en", "--help").output.startswith("Usage:")


def test_a_broken_setting_does_not_keep_help_from_being_shown(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("minutes = 'many'\n")
    assert call("grade", "--help", TFEXAM_CONFIG=str(config)).exit_code == 0


def test_english_help_is_what_click_writes() -> None:
    from tui.commands import grade

    found = call("grade", "--help", LANG="C.UTF-8").output
    assert found.startswith("Usage: tfexam grade [OPTIONS] PATH...\n\n  Grade model files: each")
    assert found.endswith("Show this message and exit.\n")
    assert translated(grade.command) is grade.command


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("grade",), "缺少"),
        (("grade", "--foo", "x"), "没有选项 --foo。"),
        (("--foo",), "没有选项 --foo。"),
        (("bank", "list", "--format", "xml"), "'--format' 的值无法使用：'xml' 不在"),
        (
            ("plan", "--exam", "x", "--hours", "2"),
            "'--exam' 的值无法使用：'x' 不符合格式 '%Y-%m-%d'。",
        ),
        (
            ("plan", "--exam", "2027-01-01", "--hours", "x"),
            "'--hours' 的值无法使用：'x' 不是数字。",
        ),
        (("grade", "x", "--jobs", "0"), "'--jobs' 的值无法使用：0 不在 x>=1 范围内。"),
        (("grade", "x", "--seed", "y"), "'--seed' 的值无法使用：'y' 不是整数。"),
        (
            ("class", "report", "/etc/passwd"),
            "'DIR' 的值无法使用：'/etc/passwd' 是文件，不是文件夹。",
        ),
        (("practice", "1"), "界面需要终端，而标准输入不是终端。"),
        (("data", "fetch"), "请写出数据集"),
        (("grade", "m.h5"), "m.h5 对应哪道题？"),
        (("report", "--certificate", "--format", "json"), "--certificate 总是写成 HTML"),
        (("exam", "--paper", "p.toml", "--minutes", "5"), "这由班级试卷决定：不要用 --minutes。"),
        (("class", "marks"), "没有命令 marks。"),
        (("class", "paper"), "请用 --open 和 --close 说明"),
        ((*PAPER, "2026-12-05T09:00"), "关闭时间必须晚于开放时间。"),
        ((*PAPER, "2026-12-05"), "'--close' 的值无法使用："),
        (("class", "paper", "--like", "p.toml", "--one-set"), "--like 自带代码和密钥"),
        (("class", "export"), "请说明用于哪个系统：--gradescope。"),
        (("class", "export", "--gradescope"), "请用 --code 指定试卷，或用 --task"),
        (("class", "grade", ".", "--out", "out"), "请用 --code 指定试卷，或用 --task"),
        (
            ("class", "grade", ".", "--out", "out", "--task", "flats", "--tls-key", "p.toml"),
            "`--tls-…`",
        ),
        (("class", "report", "missing"), "'DIR' 的值无法使用：'missing' 不存在。"),
    ],
)
def test_a_wrong_use_is_told_in_chinese(
    args: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("p.toml").touch()
    found = call("--home", str(tmp_path), *args)
    assert found.exit_code == 2
    assert found.stderr.startswith("用法：tfexam")
    assert f"错误：{said}" in found.stderr
    assert not list(faults(found.stderr))


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("bank", "list"), "公寓房价"),
        (("bank", "show", "flats"), "在同一隐藏数据集上的误差"),
        (("data", "list"), "手势图片"),
        (("history",), "还没有场次。"),
        (("report",), "还没有场次。"),
        (("skills",), "掌握程度"),
        (("next",), "还没练过"),
        (("lint", "none.h5"), "会被拒收"),
        (("doctor",), "✓ Python：3."),
        (("plan", "--exam", "EXAM"), "考试日。祝你好运！"),
    ],
)
def test_what_a_command_prints_has_no_half_width_marks(
    args: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    args = tuple(each.replace("EXAM", exam_day()) for each in args)
    found = call("--home", str(tmp_path), *args)
    assert said in found.output
    assert not list(faults(found.output))
    assert not [each for each in english(found.output) if each not in LICENCES]


def exam_day() -> str:
    return (SystemClock().now().local() + timedelta(days=3)).date().isoformat()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("report",), "未通过：20 %（90 % 通过）"),
        (("history",), "已经结束"),
        (("history", "--check"), "完好"),
        (("review", SITTING, "straight-line"), "3 次提交"),
    ],
)
def test_what_is_said_of_a_sitting_has_no_half_width_marks(
    args: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    shutil.copytree(SITTINGS / SITTING, tmp_path / "sittings" / SITTING)
    found = call("--home", str(tmp_path), *args)
    assert said in found.output
    # What a library says of a damaged file is quoted in brackets.
    text = re.sub(r"（Unable[^）]*）", "", found.output.split("## 提示")[0])
    assert not list(faults(text))


def test_settings_of_a_chinese_locale_are_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert Settings.load({"lang": ""}, environment={}).language == "zh"
