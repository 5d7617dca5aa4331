"""What inspection says of a file that may be loaded. The app's process knows this type too."""

from typing import Any

import msgspec

from engine.grading.inspection.size.shape_types import Shape
from engine.grading.protocol import Message, ModelFacts, Runtime


class Inspection(msgspec.Struct, frozen=True):
    """What a file holds, once it may be loaded.

    Shapes have the batch axis first; None in place of a shape means that only the loaded model
    can tell: then call `check_shapes` with its shapes. `plain` is the configuration to load, where
    it is not the file's own. `structure` is what the file says, a `Structure`; it is for loading
    and stays in the process that read it.
    """

    model: ModelFacts
    saved_by: Runtime
    input_shape: Shape | None
    output_shape: Shape | None
    warnings: tuple[Message, ...] = ()
    plain: str | None = None
    structure: Any = None
