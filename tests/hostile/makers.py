"""Every hostile and broken file by name, for the tests of inspection, sandbox and grader.

HOSTILE   attacks whoever loads it
HARMLESS  attacks HDF5's C code, and is an honest model for whoever reads it without that
BROKEN    is no whole Keras model
REASONS   the reason inspection must give
RUNS_CODE the hostile ones that touch `canary(folder)` when tf_keras loads them
"""

from tests.hostile import (
    archives,
    configs,
    layouts,
    not_models,
    operations,
    sizes,
    structures,
    work,
)
from tests.hostile.registry import (
    BROKEN,
    HARMLESS,
    HOSTILE,
    REASONS,
    RUNS_CODE,
    Maker,
    canary,
)

__all__ = ["BROKEN", "FAMILIES", "HARMLESS", "HOSTILE", "REASONS", "RUNS_CODE", "Maker", "canary"]

FAMILIES = (archives, configs, layouts, not_models, operations, sizes, structures, work)
