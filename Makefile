# Everything here needs only Python and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: exam test quick lint bench screens captures clean help
help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) .ci/install.py $(VENV) . $@

$(VENV)/.installed-test: pyproject.toml constraints.txt
	$(PYTHON) .ci/install.py $(VENV) '.[test]' $@ $(VENV)/.installed

exam: $(VENV)/.installed ## install into .venv, start the app
	$(BIN)/tfexam

lint: $(VENV)/.installed-test ## ruff, mypy --strict for Linux, macOS and Windows, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --platform linux
	$(BIN)/mypy --platform darwin --cache-dir .mypy_cache/darwin -p tui -p engine -p exam_bank
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32 -p tui -p engine -p exam_bank
	$(BIN)/lint-imports

test: lint ## everything CI runs: lint, the fast tests, then the slow ones
	$(BIN)/python -m pytest -m 'not slow' -n 2 --dist worksteal
	$(BIN)/python -m pytest -m slow -n 2 --dist worksteal

quick: lint ## lint and the fast tests
	$(BIN)/python -m pytest -m 'not slow'

bench: $(VENV)/.installed-test ## grading against a bare script, training while the app runs, the cost for a terminal
	$(BIN)/python -m tests.bench.latency
	$(BIN)/python -m tests.bench.training
	$(BIN)/python -m tests.bench.terminal

screens: $(VENV)/.installed-test ## redraw docs/screens
	$(BIN)/python -m tests.tui.draw_screens
	$(BIN)/python -m tests.tui.record_session
	$(BIN)/python -m tests.e2e.draw_reports

captures: $(VENV)/.installed-test ## record whole exams by keyboard, by mouse and in a browser
	$(BIN)/python -m tests.e2e.browser
	$(BIN)/python -m tests.e2e.hands

clean: ## remove .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
