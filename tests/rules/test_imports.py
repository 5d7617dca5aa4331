"""The floors as a fresh interpreter sees them: what importing each one drags in."""

import json
import subprocess
import sys

import pytest

HEAVY = {"tensorflow", "keras", "tf_keras", "numpy", "h5py"}
SCREEN = {"textual", "rich"}

# Everything the TUI process imports on its way through a whole sitting.
APP_MODULES = (
    "tui.app",
    "tui.link.bridge",
    "tui.cli",
    "engine.settings",
    "engine.sitting.proctor",
    "engine.sitting.store.layout",
    "engine.sitting.store.history",
    "engine.grading.host.grader",
    "engine.grading.host.batch",
    "engine.machine.gpu",
    "engine.machine.usage",
    "engine.machine.checks",
    "engine.sitting.state.report",
    "exam_bank.paper",
    "exam_bank.preparation",
    "exam_bank.datasets.manual_add",
    "exam_bank.datasets.fetch",
    "tui.link.dataset_service",
    "tui.screens.data",
    "tui.screens.settings",
    "tui.screens.setup",
    "engine.settings_file",
)


def imported_by(*modules: str) -> set[str]:
    """The top-level modules in `sys.modules` after importing `modules` afresh."""
    code = (
        f"import json, sys; [__import__(name) for name in {modules!r}]; "
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("module", APP_MODULES)
def test_no_module_of_the_app_imports_what_only_children_need(module: str) -> None:
    assert not imported_by(module) & HEAVY


def test_the_engine_imports_no_screen() -> None:
    found = imported_by(*(name for name in APP_MODULES if name.startswith("engine")))
    assert not found & (SCREEN | {"tui"})


def test_the_bank_imports_neither_engine_nor_screen() -> None:
    found = imported_by(*(name for name in APP_MODULES if name.startswith("exam_bank")))
    assert not found & (SCREEN | {"tui", "engine"})


def test_the_command_line_alone_imports_no_screen() -> None:
    assert not imported_by("tui.cli") & (SCREEN | {"msgspec", "watchdog", "requests", "psutil"})
