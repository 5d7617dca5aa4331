"""A task's Chinese texts: the same code in starter.zh.py, other words; no other paper by them."""

import ast
import re
import shutil
from pathlib import Path

import pytest

from exam_bank import identity
from exam_bank.catalog import BUILT_IN, Catalog
from exam_bank.proof.code_state import files_of
from exam_bank.task import Task
from tests.chinese import faults

FOLDERS = sorted(path.parent for path in BUILT_IN.glob("*/task.toml"))
CHINESE = re.compile("[\u4e00-\u9fff]")
SPEAKS = ("print", "NotImplementedError")


class WithoutWords(ast.NodeTransformer):
    """Leaves out docstrings, and what strings printed or raised say."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id in SPEAKS:
            node.args = [self.silent(each) for each in node.args]
        return self.generic_visit(node)

    def silent(self, said: ast.expr) -> ast.expr:
        if isinstance(said, ast.Constant) and isinstance(said.value, str):
            self.words.append(said.value)
            return ast.Constant("")
        return said

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            said = ast.get_docstring(node)
            if said is not None:
                self.words.append(said)
                node.body = node.body[1:]
        return super().generic_visit(node)


def code(path: Path) -> tuple[str, list[str]]:
    plain = WithoutWords()
    tree = plain.visit(ast.parse(path.read_text(encoding="utf-8")))
    return ast.dump(tree), plain.words


def comments(path: Path) -> list[str]:
    return re.findall(r"^ *#.*$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_starter_calls_the_training_log_alike(folder: Path) -> None:
    for starter in folder.glob("starter*.py"):
        assert "\ntraining_log = tf.keras.callbacks.CSVLogger(" in starter.read_text("utf-8")


def test_so_does_the_starter_of_a_new_task() -> None:
    templates = sorted(BUILT_IN.with_name("authoring").rglob("starter*.template"))
    assert templates
    for template in templates:
        text = template.read_text("utf-8")
        assert "\ntraining_log = tf.keras.callbacks.CSVLogger(" in text
        assert "LOGGER" not in text


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_chinese_starter_is_the_same_program(folder: Path) -> None:
    english, chinese = folder / "starter.py", folder / "starter.zh.py"
    ours, words = code(chinese)
    theirs, english_words = code(english)
    assert ours == theirs
    assert len(words) == len(english_words)
    for said, meant in zip(words, english_words, strict=True):
        # Only signs, such as "-", stay.
        assert CHINESE.search(said) or not re.search("[a-z]{3}", meant), said
        assert re.findall(r"TODO \d", said) == re.findall(r"TODO \d", meant)
    assert all(map(CHINESE.search, (line for line in comments(chinese) if len(line) > 60)))
    assert sum("TODO" in line for line in comments(chinese)) == sum(
        "TODO" in line for line in comments(english)
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_texts_follow_the_glossary(folder: Path) -> None:
    task = Task.read(folder)
    assert not list(faults(task.title("zh")))
    for path in folder.glob("*.zh.*"):
        assert not list(faults(path.read_text(encoding="utf-8"))), path
    assert task.brief("zh").splitlines()[0] == f"# {task.title('zh')}"


def test_a_translation_makes_no_other_paper_and_no_outdated_proof(tmp_path: Path) -> None:
    catalog = Catalog.find()
    shutil.copytree(BUILT_IN / "flats", tmp_path / "flats")
    before = Task.read(tmp_path / "flats")
    digests = identity.of_material(before, catalog.registry), files_of(before)
    for path in (tmp_path / "flats").glob("*.zh.*"):
        path.unlink()
    (tmp_path / "flats/starter.fr.py").write_text("# en français\n", encoding="utf-8")
    after = Task.read(tmp_path / "flats")
    assert (identity.of_material(after, catalog.registry), files_of(after)) == digests


def test_without_a_translation_the_starter_is_english(tmp_path: Path) -> None:
    shutil.copytree(BUILT_IN / "flats", tmp_path / "flats")
    task = Task.read(tmp_path / "flats")
    assert "规则" in task.starter("zh").decode()
    (tmp_path / "flats/starter.zh.py").unlink()
    assert task.starter("zh") == task.starter()
