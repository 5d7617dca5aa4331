"""Chooses the hidden examples that a submission is measured on: all, or a draw of its own.

The real exam measures each submission on a different part of its hidden data: the same model
was seen to get 5, then 4, then 5. tfexam measures on the whole hidden set, because a score
that wobbles teaches nothing. Anyone who wants the real experience sets `sampling = draw`: a
part of the examples, without replacement, each class in proportion. The part is as large as it
takes for luck to decide little (`draw_size.py`). Some hidden sets are too small for that, and
where a metric is no share of right answers (a mean error, F1) a few examples can decide it:
those are measured whole, and the grade says so.

A draw depends only on the sitting and the attempt, so a repeated grading (after a crash, a
cancel, a fault of ours) measures the same. An attempt is a model that is new to the task: the
best score counts here, so the same file gets the same draw again, and another try at luck
costs at least another training.
"""

import hashlib
import hmac
import math
from typing import TYPE_CHECKING, Literal

from engine.grading.draw_size import draw_size
from engine.grading.protocol import Draw, Message
from exam_bank.proof.hidden_size import examples
from exam_bank.safe_files import sha256_of
from exam_bank.task import MarkScheme

if TYPE_CHECKING:
    from pathlib import Path

    from exam_bank.material import Array, HiddenSet
    from exam_bank.synthetic.rng import Ints, Rng

Sampling = Literal["whole", "draw"]
WHOLE = Message(
    "No sample was drawn: this task's hidden set is too small for a fair one, or its metric "
    "varies too much. The whole set was measured."
)
# More rows would make the number no harder to guess, and every grading later.
_MOST_HASHED = 1_000_000


def draw_for(seed: int, sitting: str, task: str, attempt: int) -> Draw:
    """The draw for one attempt; `seed` is the secret of the sitting's paper."""
    name = "\x1f".join(("draw", sitting, task, str(attempt))).encode()
    digest = hmac.new(seed.to_bytes(16, "big"), name, hashlib.sha256).digest()
    return Draw(seed=int.from_bytes(digest[:8], "big") >> 1)


def size_of_draw(targets: "Array", scheme: MarkScheme) -> int | None:
    """How many of the examples with these `targets` a draw holds; None: there is no fair draw."""
    alike = examples(targets, scheme)
    if not alike or targets.ndim != 1:
        return None
    size = draw_size(alike, scheme.thresholds[-1])
    return None if size is None else math.ceil(len(targets) * size / alike)


def drawn(hidden: "HiddenSet", draw: Draw, scheme: MarkScheme) -> "HiddenSet | None":
    """The part of `hidden` that `draw` selects, in the original order.

    None if there is no fair draw: the whole set is to be measured.
    """
    import dataclasses

    import numpy as np

    from exam_bank.synthetic.rng import Rng

    targets = np.asarray(hidden.targets)
    size = size_of_draw(targets, scheme)
    if size is None:
        return None
    rows = _by_class(targets, size, Rng(draw.seed, "hidden draw"))
    return dataclasses.replace(hidden, inputs=hidden.inputs[rows], targets=hidden.targets[rows])


def secret(model: "Path", inputs: "Array") -> int:
    """A number derived from the file `model` and the hidden `inputs`, which nobody can know.

    Whoever makes the model does not know the inputs. The same file on the same examples always
    gets the same number, so the order of its examples and its random draws are the same too.
    Targets have no part in it: the child learns this number, and could try out guesses on it.
    """
    import numpy as np

    step = -(-inputs.nbytes // _MOST_HASHED) or 1
    rows = np.ascontiguousarray(inputs[::step])
    found = hmac.new(bytes.fromhex(sha256_of(model)), rows.tobytes(), hashlib.sha256).digest()
    return int.from_bytes(found[:8], "big")


def quotas_of(counts: "Ints", size: int) -> "Ints":
    """How many of each class a draw of `size` holds, where the set holds `counts` of them."""
    import numpy as np

    shares = counts * size / counts.sum()  # largest remainders first
    quotas: Ints = np.floor(shares).astype(np.int64)
    for place in np.argsort(quotas - shares, kind="stable")[: size - int(quotas.sum())]:
        quotas[place] += 1
    return quotas


def _by_class(targets: "Array", size: int, rng: "Rng") -> "Ints":
    """`size` rows, each class in proportion."""
    import numpy as np

    classes, counts = np.unique(targets, return_counts=True)
    rows = []
    for each, quota in zip(classes, quotas_of(counts, size), strict=True):
        there = np.flatnonzero(targets == each)
        rows.append(there[rng.child(str(each)).permutation(len(there))[:quota]])
    return np.sort(np.concatenate(rows))
