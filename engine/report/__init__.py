"""What is left after a sitting, and what headless grading answers: TOML, JSON, CSV, JUnit, text."""

from engine.report.outcome import FILE_NAME, Report, TaskReport, read, result, write

__all__ = ["FILE_NAME", "Report", "TaskReport", "read", "result", "write"]
