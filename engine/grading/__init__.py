"""Grades model files: inspection, sandboxed child, metric, verdict."""
