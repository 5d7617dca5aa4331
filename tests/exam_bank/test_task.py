"""What `task.toml` may say, and that a fault in it names the file and the key."""

from pathlib import Path

import pytest

from exam_bank.catalog import Catalog
from exam_bank.errors import TaskFileError
from exam_bank.task import Task

WHOLE = """
format_version = 1
id = "line"
category = 1
title = { en = "Line", zh = "直线" }
weight = 10
minutes = 15
skills = ["saving"]
source = "synthetic"
[contract]
input = { shape = [1], dtype = "float32" }
output = { shape = [1], dtype = "float32", activation = "linear" }
[mark_scheme]
metric = "mae"
direction = "lower"
thresholds = [5, 4, 3, 2, 1]
[proof]
weak = { mean = 1 }
"""


def write(folder: Path, text: str = WHOLE) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "task.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    task = Task.read(write(tmp_path))
    assert (task.id, task.category) == ("line", 1)
    assert task.says.mark_scheme.thresholds == (5, 4, 3, 2, 1)
    assert task.says.limits.seconds == 60
    assert task.title("zh") == "直线"
    assert task.title("fr") == "Line"


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("weight = 10", "weight = 10\nwieght = 10", ", line 7, wieght: there is no such key"),
        (
            'metric = "mae"',
            'metric = "mae"\nbonus = 1',
            ", line 15, mark_scheme.bonus: there is no such key",
        ),
        ("minutes = 15\n", "", ", minutes: is missing"),
        ("thresholds = [5, 4, 3, 2, 1]", "", ", line 13, mark_scheme: neither thresholds nor"),
        ('id = "line"', 'id = "A Line"', ", line 3, id: Expected `str` matching"),
        ("category = 1", "category = 6", ", line 4, category: Invalid enum value 6"),
        ("category = 1", 'category = "1"', ", line 4, category: Expected `int`"),
        ("format_version = 1", "format_version = 2", ", line 2, format_version: "),
        ("weight = 10", "weight = 0", ", line 6, weight: Expected"),
        (
            "[5, 4, 3, 2, 1]",
            "[1, 2, 3, 4, 5]",
            ", line 16, mark_scheme.thresholds: thresholds must fall",
        ),
        ("[5, 4, 3, 2, 1]", "[5, 4, 4, 2, 1]", "line 16, mark_scheme.thresholds: thresholds must"),
        ("[5, 4, 3, 2, 1]", "[5, 4, 4, 2, 1]", "coarse = true"),
        ("[5, 4, 3, 2, 1]", "[5, 4, 4, 2, 1]\ncoarse = 1", ", line 17, mark_scheme.coarse: "),
        ("[5, 4, 3, 2, 1]", "[5, 4, 5, 2, 1]\ncoarse = true", "thresholds must fall"),
        (
            'direction = "lower"',
            'direction = "higher"',
            ", line 15, mark_scheme.direction: direction of mae must be 'lower'",
        ),
        ("[5, 4, 3, 2, 1]", "[5, 4, 3, 2]", ", line 16, mark_scheme.thresholds: Expected `array`"),
        ("5, 4, 3, 2, 1", '5, 4, "3", 2, 1', ", line 16, mark_scheme.thresholds: Expected"),
        ('dtype = "float32" }', 'dtype = "float64" }', ", line 11, contract.input.dtype: "),
        (
            "weak = { mean = 1 }",
            "weak = { mean = 4 }",
            ", line 18, proof.weak: Expected `int` <= 3",
        ),
        ('metric = "mae"', 'metric = "f2"', ", line 14, mark_scheme.metric: "),
        ('metric = "mae"', 'metric = "f1"', "direction of f1 must be 'higher'"),
        (
            'activation = "linear"',
            'activation = "relu"',
            ", line 12, contract.output.activation: ",
        ),
        ("shape = [1]", 'shape = ["some"]', ", line 11, contract.input.shape: "),
        ("shape = [1]", "shape = [0]", ", line 11, contract.input.shape: Expected `int` >= 1"),
        ('zh = "直线"', 'fr = "Ligne"', ", line 5, title.fr: there is no such key"),
        (', zh = "直线"', "", ", line 5, title.zh: is missing"),
        ("weight = 10", "weight = nan", ", line 6, weight: "),
        # Windows makes no folder of this name.
        ('id = "line"', 'id = "com1"', ", id: "),
        ("weight = 10", "weight = inf", ", line 6, weight: "),
        ("[5, 4, 3, 2, 1]", "[inf, 4, 3, 2, 1]", ": thresholds must be finite"),
        ("[proof]", "[proof", "at line 17, column"),
        ("weight = 10", "weight = 10\nweight = 11", "at line 7, column"),
    ],
)
def test_a_fault_names_file_line_and_key(tmp_path: Path, was: str, becomes: str, says: str) -> None:
    assert was in WHOLE
    folder = write(tmp_path, WHOLE.replace(was, becomes, 1))
    with pytest.raises(TaskFileError) as caught:
        Task.read(folder)
    assert caught.value.message.startswith(str(folder / "task.toml"))
    assert says in caught.value.message
    assert "$." not in caught.value.message
    assert caught.value.fix


def test_a_key_of_a_dotted_table_is_found_too(tmp_path: Path) -> None:
    inline = 'input = { shape = [1], dtype = "float32" }'
    text = WHOLE.replace(inline, "").replace(
        "[mark_scheme]", '[contract.input] # as a table\nshape = [1]\ndtype = "int8"\n[mark_scheme]'
    )
    with pytest.raises(TaskFileError, match=r", line 15, contract\.input\.dtype: Invalid"):
        Task.read(write(tmp_path, text))


def test_a_scheme_that_says_it_is_coarse_may_repeat_a_threshold(tmp_path: Path) -> None:
    text = WHOLE.replace("[5, 4, 3, 2, 1]", "[5, 4, 3, 1, 1]\ncoarse = true")
    assert Task.read(write(tmp_path, text)).says.mark_scheme.thresholds == (5, 4, 3, 1, 1)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaskFileError, match=r"task\.toml") as caught:
        Task.read(tmp_path)
    assert str(tmp_path) in caught.value.message


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "task.toml").write_bytes(b"\xff\xfe\x00id")
    with pytest.raises(TaskFileError, match=r"task\.toml"):
        Task.read(tmp_path)


def test_a_brief_falls_back_to_english(tmp_path: Path) -> None:
    (write(tmp_path) / "brief.md").write_text("in English")
    (tmp_path / "brief.zh.md").write_text("中文", encoding="utf-8")
    task = Task.read(tmp_path)
    assert task.brief("zh") == "中文"
    assert task.brief("fr") == "in English"
    assert task.brief() == "in English"


@pytest.mark.parametrize("read", [Task.brief, Task.starter])
def test_a_missing_part_is_said_as_a_fault_of_the_folder(tmp_path: Path, read: object) -> None:
    task = Task.read(write(tmp_path))
    assert callable(read)
    with pytest.raises(TaskFileError, match="is missing"):
        read(task)


def test_every_built_in_task_has_all_its_parts() -> None:
    tasks = Catalog.find().tasks
    assert tasks
    for task in tasks:
        assert task.brief("zh") != task.brief("en")
        assert b"# TODO" in task.starter()
        assert task.references()
        assert {path.stem for path in task.weak_solutions()} == set(task.says.proof.weak)


def test_a_row_of_the_listing_has_what_design_asks_for(tmp_path: Path) -> None:
    row = Task.read(write(tmp_path)).listing()
    assert {"id", "category", "title", "source", "weight"} <= set(row)


LEVELS = """[mark_scheme.classic]
thresholds = [6, 5, 4, 3, 2]
target = 2.5

[mark_scheme.hard]
thresholds = [5, 4, 3, 2, 1]
"""


def by_level(levels: str = LEVELS) -> str:
    return WHOLE.replace("thresholds = [5, 4, 3, 2, 1]", levels)


def test_a_scheme_without_levels_holds_on_both(tmp_path: Path) -> None:
    task = Task.read(write(tmp_path, WHOLE))
    assert task.levels == ("classic", "hard")
    assert task.marks("classic") == task.marks("hard")
    assert task.says.mark_scheme.target is None


def test_each_level_has_its_own_thresholds(tmp_path: Path) -> None:
    task = Task.read(write(tmp_path, by_level()))
    assert task.levels == ("classic", "hard")
    assert task.marks("classic").thresholds == (6, 5, 4, 3, 2)
    assert task.marks("hard").thresholds == (5, 4, 3, 2, 1)
    assert task.says.mark_scheme.target == 2.5


def test_a_task_may_serve_one_level(tmp_path: Path) -> None:
    task = Task.read(write(tmp_path, by_level(LEVELS.partition("[mark_scheme.hard]")[0])))
    assert task.levels == ("classic",)
    assert task.says.mark_scheme.hardest == task.marks("classic")
    with pytest.raises(KeyError):
        task.marks("hard")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (by_level(f"thresholds = [5, 4, 3, 2, 1]\n{LEVELS}"), "not both"),
        (by_level("coarse = true\n" + LEVELS), "not both"),
        (by_level(LEVELS.replace("[6, 5, 4, 3, 2]", "[6, 5, 5, 3, 2]")), "thresholds must fall"),
        (by_level(LEVELS.replace("hard", "harder")), "there is no such key"),
        (
            by_level(LEVELS.replace("[6, 5, 4, 3, 2]", "[6, 5, 5, 3, 2]")),
            "line 17, mark_scheme.classic.thresholds: thresholds must fall; one that repeats",
        ),
        (
            by_level(LEVELS.replace("[5, 4, 3, 2, 1]", "[5, 4, 3, 2, inf]")),
            "line 21, mark_scheme.hard.thresholds: thresholds must be finite",
        ),
        (
            by_level(LEVELS.replace("[5, 4, 3, 2, 1]", '[5, 4, "3", 2, 1]')),
            "line 21, mark_scheme.hard.thresholds: Expected",
        ),
        (
            by_level(LEVELS.replace("target = 2.5", "target = 0")),
            "line 18, mark_scheme.classic.target: target is no value that mae can reach",
        ),
        (
            by_level(LEVELS + "target = 2"),
            "line 22, mark_scheme.hard.target: target cannot be given: only classic",
        ),
        (
            by_level(LEVELS).replace('direction = "lower"', 'direction = "higher"'),
            "line 15, mark_scheme.direction: direction of mae must be 'lower'",
        ),
    ],
)
def test_faulty_levels_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TaskFileError, match=said):
        Task.read(write(tmp_path, text))
