"""Predictors that need no training, and the straight line: computed from a task's data in numpy."""
