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
    # The operation of a loop over a computed shape, or one with several results.
    ("tf_more_reductions", "tensorflow-2.3"): "foreign_layer",
    ("tf_more_shapes", "tensorflow-2.3"): "foreign_layer",
    ("tf_pictures", "tensorflow-2.3"): "foreign_layer",
    # Its weights are listed in the layer, those of LSTM and GRU in its cell.
    ("cudnn_lstm.keras", "tensorflow-2.13"): "cannot_load",
    ("cudnn_gru.keras", "tensorflow-2.13"): "cannot_load",
    ("cudnn_lstm.keras", "tensorflow-2.15"): "cannot_load",
    ("cudnn_gru.keras", "tensorflow-2.15"): "cannot_load",
    # Computed in another way since; nobody may be graded by that.
    ("larger_pictures", "keras-2.3.1"): "computed_differently",
    ("cropping_pictures_at_random", "keras-3.3.3"): "computed_differently",
    # What this Keras does not read itself, or wrote with a setting that is gone.
    ("newer_augmentation.keras", "keras-3.15.1"): "cannot_load",
    ("rotating_pictures.keras", "keras-3.3.3"): "cannot_load",
    ("ops_of_shapes", "keras-3.3.3"): "cannot_load",
    ("newer_ops_of_two", "keras-3.8.0"): "cannot_load",
    ("ops_of_integers.h5", "keras-3.8.0"): "custom_object",
    ("ops_of_integers.keras", "keras-3.8.0"): "operation",
    ("ops_of_integers.h5", "keras-3.15.1"): "custom_object",
    ("ops_of_integers.keras", "keras-3.15.1"): "operation",
    # Its module is one of applications, which nothing may name.
    ("layer_scale.keras", "tensorflow-2.15"): "custom_object",
    ("layer_scale.keras", "keras-3.3.3"): "custom_object",
    ("layer_scale.keras", "keras-3.8.0"): "custom_object",
    ("layer_scale.keras", "keras-3.15.1"): "custom_object",
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
