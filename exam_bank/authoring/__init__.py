"""Helps an author make a task: `bank new`, `bank try`, templates."""
