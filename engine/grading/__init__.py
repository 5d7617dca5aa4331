"""From a model file to a grade: inspection, sandboxed child, metric, verdict."""
