"""`tfexam class paper` and `tfexam exam --paper`: what is refused, and what two papers share."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.sitting.store.class_paper import read_class_paper
from tests.tui.sittings import drawn
from tui.cli import main

WINDOW = ("--open", "2026-12-05T09:00", "--close", "2026-12-05T12:00")


def call(home: Path, *args: object) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *map(str, args)])


def made(home: Path, name: str, *args: object) -> Result:
    return call(home, "class", "paper", "--out", home / name, *args)


def test_a_paper_for_extra_time_is_the_same_but_for_that(tmp_path: Path) -> None:
    one = made(tmp_path, "a.toml", "--code", drawn().code, *WINDOW, "--one-set", "--minutes", 90)
    assert one.exit_code == 0, one.output
    two = made(tmp_path, "b.toml", "--like", tmp_path / "a.toml", "--extra-time", "1.5")
    assert two.exit_code == 0, two.output
    first, second = (read_class_paper(tmp_path / name) for name in ("a.toml", "b.toml"))
    assert (first.code, first.open, first.close) == (second.code, second.open, second.close)
    assert (first.extra_time, second.extra_time) == (1.0, 1.5)
    assert (first.minutes, first.part) == (90, "whole")
    assert second.closes - first.closes == 45 * 60
    assert "135 minutes (90 × 1.5, extra time)" in two.output
    assert not (tmp_path / "secret.toml").exists()


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ((), "--open and --close"),
        (("--open", "2026-12-05T12:00", "--close", "2026-12-05T09:00"), "later than open"),
        ((*WINDOW, "--minutes", "-3"), "minutes"),
        ((*WINDOW, "--code", "TFX-0000-0000-0000"), "typing error"),
    ],
)
def test_what_cannot_be_is_a_sentence(tmp_path: Path, args: tuple[str, ...], says: str) -> None:
    code = () if "--code" in args else ("--code", drawn().code)
    found = made(tmp_path, "a.toml", *code, *args, "--one-set")
    assert found.exit_code == 2
    assert says in found.output
    assert not (tmp_path / "a.toml").exists()


@pytest.mark.parametrize(
    ("closes", "says"),
    [
        ("2026-01-05T12:00", "over already"),
        ("2999-01-05T10:00", "shorter than the exam"),
        ("2999-01-05T14:00", ""),
    ],
)
def test_a_window_that_is_probably_not_meant_is_told(
    tmp_path: Path, closes: str, says: str
) -> None:
    day = closes.partition("T")[0]
    window = ("--open", f"{day}T09:00", "--close", closes, "--minutes", 120)
    found = made(tmp_path, "a.toml", "--code", drawn().code, *window, "--one-set")
    assert found.exit_code == 0, found.output
    assert says in found.stderr
    assert bool(found.stderr) == bool(says)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "secret.toml").write_text("precious")
    found = made(tmp_path, "a.toml", "--code", drawn().code, *WINDOW)
    assert found.exit_code == 2
    assert "already exists" in found.output
    assert (tmp_path / "secret.toml").read_text() == "precious"


def test_a_class_paper_sets_what_the_options_would(tmp_path: Path) -> None:
    found = call(tmp_path, "exam", "--paper", tmp_path / "a.toml", "--extra-time", "2")
    assert found.exit_code == 2
    assert "leave out --extra-time" in found.output
