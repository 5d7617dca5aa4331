"""What is to be expected of the corpus: how close predictions must be, and which are refused."""

from tests.corpus.check import Outcome

CLOSE = 1e-5
# 16-bit floats have 11 significant bits, bfloat16 has 8; versions of TensorFlow round differently.
_COARSE = {
    "mixed_float16": 1e-3,
    "mixed_float16_everywhere": 1e-3,
    "whole_float16": 1e-3,
    "fixed_loss_scale": 2e-3,
    "policy_map": 1e-3,
    "mixed_bfloat16": 1e-2,
    "whole_bfloat16": 1e-2,
}
# The reason of a refusal, by case; for one version, or "" for all. An ending names one form.
_REFUSED = {
    ("quantized_int8", "keras-3.8.0"): "quantized",
    ("quantized_int8", "keras-3.15.1"): "quantized",
    ("quantized_int8", "keras-3.15.1-jax"): "quantized",
    ("quantized_int8", "keras-3.15.1-torch"): "quantized",
    # tf.ones_like of TensorFlow 2.3 is Fill: an array of a computed shape, which is not known.
    ("tf_more_shapes", "tensorflow-2.3"): "foreign_layer",
    # Computed in another way since; nobody may be graded by that.
    ("larger_pictures", "keras-2.2.4"): "computed_differently",
    ("larger_pictures", "keras-2.3.1"): "computed_differently",
    ("cropping_pictures_at_random", "keras-3.3.3"): "computed_differently",
}


def largest_difference(case: str) -> float:
    """How far predictions may be from those of the maker, relative where they exceed 1."""
    return _COARSE.get(case.partition(".")[0], CLOSE)


def refusal(version: str, case: str) -> str | None:
    """The reason for which `case` of `version` must be refused; None if it must be graded."""
    for name in (case, case.partition(".")[0]):
        for of in (version, ""):
            if (name, of) in _REFUSED:
                return _REFUSED[name, of]
    return None


def is_right(version: str, case: str, found: Outcome) -> bool:
    """Whether `case` of `version` was graded closely enough, or refused for the right reason."""
    if (reason := refusal(version, case)) is not None:
        return found.reason == reason
    return found.difference is not None and found.difference <= largest_difference(case)
