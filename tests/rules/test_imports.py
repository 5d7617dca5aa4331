"""What importing each floor in a fresh interpreter really loads."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

HEAVY = {"tensorflow", "keras", "tf_keras", "numpy", "h5py", "pyfive"}
SCREEN = {"textual", "rich"}

# Everything that runs in the app's process, by folder, so that new modules are covered too.
APP_FOLDERS = (
    "engine/classroom",
    "engine/coaching",
    "engine/grading/host",
    "engine/machine",
    "engine/report",
    "engine/sitting",
    "engine/verification",
    "tui",
)
APP_MODULES = (
    "engine.grading.inspection.findings",
    "engine.settings",
    "engine.settings_file",
    "exam_bank.paper",
    "exam_bank.preparation",
    "exam_bank.datasets.fetch",
    "exam_bank.datasets.manual_add",
)


def modules_in(folder: str) -> tuple[str, ...]:
    """The dotted names of all modules in and below `folder`."""
    files = sorted((ROOT / folder).rglob("*.py"))
    names = (path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in files)
    return tuple(name.removesuffix(".__init__") for name in names)


def imported_by(*modules: str) -> set[str]:
    """The top-level modules in `sys.modules` after importing `modules` in a new process."""
    return {name.split(".")[0] for name in all_imported_by(*modules)}


def all_imported_by(*modules: str) -> set[str]:
    """All modules in `sys.modules` after importing `modules` in a new process."""
    code = (
        f"import json, sys; [__import__(name) for name in {modules!r}]; "
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("folder", APP_FOLDERS)
def test_no_module_of_the_app_imports_what_only_children_need(folder: str) -> None:
    assert not imported_by(*modules_in(folder)) & HEAVY


def test_no_other_module_that_the_app_uses_does() -> None:
    assert not imported_by(*APP_MODULES) & HEAVY


def test_the_marking_process_knows_no_model() -> None:
    found = imported_by(*modules_in("engine/grading/marking"))
    assert found & HEAVY == {"numpy"}


def test_the_engine_imports_no_screen() -> None:
    found = imported_by(*modules_in("engine/grading/host"), *modules_in("engine/sitting"))
    assert not found & (SCREEN | {"tui"})


def test_the_bank_imports_neither_engine_nor_screen() -> None:
    found = imported_by(*(name for name in APP_MODULES if name.startswith("exam_bank")))
    assert not found & (SCREEN | {"tui", "engine"})


def test_the_first_paint_waits_for_nothing_that_home_does_not_show() -> None:
    found = all_imported_by("tui.cli", "tui.commands.open_app", "tui.app", "tui.screens.home")
    assert "tui.screens.home" in found
    later = {"hashlib", "tui.link.messages", "engine.coaching.standing", "exam_bank.catalog"}
    assert not found & later


def test_the_command_line_alone_imports_no_screen() -> None:
    assert not imported_by("tui.cli") & (SCREEN | {"msgspec", "watchdog", "requests", "psutil"})
