"""The exam's skills checklist, `skills.toml`: which skills there are, and what to call them.

A `task.toml` names the skills that its task tests by their ids. The list is the exam's, so a
pack adds none of its own: what a candidate has covered means the same with every pack.
"""

import difflib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from exam_bank.errors import TaskFileError
from exam_bank.phrase import phrase
from exam_bank.safe_files import LARGEST_TOML, read_small
from exam_bank.task import Identifier, Task, Title
from exam_bank.toml_file import TomlTable, read_toml

FILE = Path(__file__).parents[1] / "skills.toml"


class SkillGroup(TomlTable, frozen=True, kw_only=True):
    """A part of the checklist, such as the skills of images."""

    id: Identifier
    title: Title


class Skill(TomlTable, frozen=True, kw_only=True):
    """One entry of the checklist.

    `untested` says why no graded model can show it; it is None for all others.
    """

    id: Identifier
    group: Identifier
    title: Title
    untested: Title | None = None


class SkillsFile(TomlTable, frozen=True, kw_only=True):
    """The whole of `skills.toml`."""

    format_version: Literal[1]
    groups: tuple[SkillGroup, ...]
    skills: tuple[Skill, ...]

    def __post_init__(self) -> None:
        groups, ids = [each.id for each in self.groups], [each.id for each in self.skills]
        if len(set(ids)) < len(ids) or len(set(groups)) < len(groups):
            raise ValueError("an id is there twice")
        if unknown := {each.group for each in self.skills} - set(groups):
            raise ValueError(f"there is no group {min(unknown)!r}")


@cache
def checklist() -> SkillsFile:
    """The checklist; raises `TaskFileError` if its file is missing or damaged."""
    return read_toml(FILE, SkillsFile, manual=phrase("Install tfexam again."))


def skill_tasks(tasks: Iterable[Task]) -> Mapping[str, tuple[Task, ...]]:
    """For every skill of the checklist the tasks that test it."""
    whole = tuple(tasks)
    return {
        skill.id: tuple(task for task in whole if skill.id in task.says.skills)
        for skill in checklist().skills
    }


def need_known_skills(task: Task) -> None:
    """Raise `TaskFileError`, naming file, line and key, if `task` names an unknown skill."""
    known = [each.id for each in checklist().skills]
    unknown = next((each for each in task.says.skills if each not in known), None)
    if unknown is None:
        return
    path = task.folder / "task.toml"
    near = difflib.get_close_matches(unknown, known, n=3, cutoff=0.5)
    raise TaskFileError(
        phrase(
            "{toml}, line {line}, skills: there is no skill {skill}.",
            toml=path,
            line=_line_of(unknown, path),
            skill=repr(unknown),
        ),
        fix=phrase("Similar ids: {ids}. `tfexam skills` lists all.", ids=", ".join(near))
        if near
        else phrase("`tfexam skills` lists all ids."),
    )


def _line_of(skill: str, path: Path) -> int:
    """The line of the file that names `skill` in its list; else that of the list."""
    lines = read_small(path, LARGEST_TOML).decode(errors="replace").splitlines()
    start = next((n for n, line in enumerate(lines, 1) if line.strip().startswith("skills")), 1)
    quoted = (f'"{skill}"', f"'{skill}'")
    found = (n for n, line in enumerate(lines, 1) if n >= start and any(q in line for q in quoted))
    return next(found, start)
