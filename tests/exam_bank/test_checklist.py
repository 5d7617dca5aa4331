"""The skills checklist, and that the bank tests what a model can show of it."""

from pathlib import Path

import msgspec
import pytest

from exam_bank.catalog import Catalog
from exam_bank.errors import TaskFileError
from exam_bank.learning.checklist import SkillsFile, checklist, skill_tasks
from exam_bank.learning.hints import hints_of
from exam_bank.task import Task
from tests.exam_bank.test_task import WHOLE, write

GROUPS = {"developer": 7, "models": 19, "images": 7, "text": 9, "series": 10}


def test_the_checklist_is_the_exam_s() -> None:
    skills = checklist().skills
    counts = {group: sum(each.group == group for each in skills) for group in GROUPS}
    assert counts == GROUPS
    assert len(skills) == 52
    titles = [each.title for each in skills] + [each.title for each in checklist().groups]
    assert all(each.en and each.zh for each in titles)


def test_every_skill_that_a_model_can_show_is_tested_twice_and_no_other_is() -> None:
    tasks = skill_tasks(Catalog.find().tasks)
    for skill in checklist().skills:
        count = len(tasks[skill.id])
        assert count == 0 if skill.untested else count >= 2, skill.id


def test_every_built_in_task_names_its_skills_in_the_checklist_s_order() -> None:
    order = [each.id for each in checklist().skills]
    for task in Catalog.find().tasks:
        places = [order.index(each) for each in task.says.skills]
        assert len(places) >= 5, task.id
        assert places == sorted(set(places)), task.id


def test_an_unknown_skill_names_file_line_and_the_nearest_ids(tmp_path: Path) -> None:
    text = WHOLE.replace('["saving"]', '[\n    "saving",\n    "embedings",\n]')
    write(tmp_path / "pack" / "line", text)
    with pytest.raises(TaskFileError) as caught:
        Catalog.find([tmp_path / "pack"])
    toml = tmp_path / "pack" / "line" / "task.toml"
    assert f"{toml}, line 10, skills: there is no skill 'embedings'." == caught.value.message
    assert "embeddings" in caught.value.fix


def test_an_unknown_skill_that_resembles_none_says_where_they_are_listed(tmp_path: Path) -> None:
    write(tmp_path / "pack" / "line", WHOLE.replace('["saving"]', '["0123456789"]'))
    with pytest.raises(TaskFileError) as caught:
        Catalog.find([tmp_path / "pack"])
    assert ", line 8, skills:" in caught.value.message
    assert "tfexam skills" in caught.value.fix


@pytest.mark.parametrize("fault", ["an id is there twice", "there is no group 'nowhere'"])
def test_a_faulty_checklist_is_refused(fault: str) -> None:
    title = {"en": "A", "zh": "甲"}
    skill = {"id": "ab", "group": "gr", "title": title}
    skills = [skill, skill] if "twice" in fault else [{**skill, "group": "nowhere"}]
    whole = {"format_version": 1, "groups": [{"id": "gr", "title": title}], "skills": skills}
    with pytest.raises(msgspec.ValidationError, match=fault):
        msgspec.convert(whole, SkillsFile)


@pytest.mark.parametrize("task", Catalog.find().tasks, ids=lambda each: each.id)
def test_every_built_in_task_has_hints_in_steps(task: Task) -> None:
    hints = hints_of(task)
    assert len(hints) >= 4
    assert all(each.title and len(each.text) > 40 for each in hints)
    if (task.folder / "hints.zh.md").is_file():
        assert len(hints_of(task, "zh")) == len(hints)


def hints_in(folder: Path, text: str | None) -> list[tuple[str, ...]]:
    task = Task.read(write(folder))
    if text is not None:
        (folder / "hints.md").write_text(text)
    return [tuple(each) for each in hints_of(task, "zh")]


def test_each_heading_begins_a_step(tmp_path: Path) -> None:
    text = "# Hints\n\n## 1. Stuck?\n\nDo this.\n\n### Or\n\nthat.\n\n## 2. More?\n\nNo.\n"
    found = hints_in(tmp_path, text)
    assert found == [("Stuck?", "Do this.\n\n### Or\n\nthat."), ("More?", "No.")]


def test_hints_without_headings_are_one_step(tmp_path: Path) -> None:
    assert hints_in(tmp_path, "Try a line.\n") == [("", "Try a line.")]


def test_a_task_may_have_no_hints(tmp_path: Path) -> None:
    assert hints_in(tmp_path, None) == []
