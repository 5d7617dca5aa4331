"""Chooses the hidden examples that a submission is measured on: all, or a draw of its own.

The real exam measures each submission on a different part of its hidden data: the same model
was seen to get 5, then 4, then 5. tfexam measures on the whole hidden set, because a score
that wobbles teaches nothing. Anyone who wants the real experience sets `sampling = draw`: half
of the examples, at most a thousand, without replacement, each class in proportion.

A draw depends only on the sitting and the attempt, so a repeated grading (after a crash, a
cancel, a fault of ours) measures the same. An attempt is a model that is new to the task: the
best score counts here, so the same file gets the same draw again, and another try at luck
costs at least another training.
"""

import hashlib
import hmac
from typing import TYPE_CHECKING, Literal

from engine.grading.protocol import Draw
from exam_bank.safe_files import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from exam_bank.material import Array, HiddenSet
    from exam_bank.synthetic.rng import Ints, Rng

Sampling = Literal["whole", "draw"]
LARGEST = 1_000
# More rows would make the number no harder to guess, and every grading later.
_MOST_HASHED = 1_000_000


def draw_for(seed: int, sitting: str, task: str, attempt: int) -> Draw:
    """The draw for one attempt; `seed` is the secret of the sitting's paper."""
    name = "\x1f".join(("draw", sitting, task, str(attempt))).encode()
    digest = hmac.new(seed.to_bytes(16, "big"), name, hashlib.sha256).digest()
    return Draw(seed=int.from_bytes(digest[:8], "big") >> 1, largest=LARGEST)


def drawn(hidden: "HiddenSet", draw: Draw) -> "HiddenSet":
    """The part of `hidden` that `draw` selects, in the original order."""
    import dataclasses

    import numpy as np

    from exam_bank.synthetic.rng import Rng

    size = min(draw.largest, -(-len(hidden.targets) // 2))
    rng = Rng(draw.seed, "hidden draw")
    if hidden.targets.ndim == 1 and np.issubdtype(hidden.targets.dtype, np.integer):
        rows = _by_class(np.asarray(hidden.targets), size, rng)
    else:
        rows = np.sort(rng.permutation(len(hidden.targets))[:size])
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


def _by_class(targets: "Array", size: int, rng: "Rng") -> "Ints":
    """`size` rows, each class in proportion (largest remainders first)."""
    import numpy as np

    classes, counts = np.unique(targets, return_counts=True)
    shares = counts * size / len(targets)
    quotas = np.floor(shares).astype(np.int64)
    for place in np.argsort(quotas - shares, kind="stable")[: size - int(quotas.sum())]:
        quotas[place] += 1
    rows = []
    for each, quota in zip(classes, quotas, strict=True):
        there = np.flatnonzero(targets == each)
        rows.append(there[rng.child(str(each)).permutation(len(there))[:quota]])
    return np.sort(np.concatenate(rows))
