"""What is to be expected of the corpus: how close predictions must be, and which are refused."""

CLOSE = 1e-5
# 16-bit floats have 11 significant bits, bfloat16 has 8; versions of TensorFlow round differently.
_COARSE = {
    "mixed_float16": 1e-3,
    "mixed_float16_everywhere": 1e-3,
    "whole_float16": 1e-3,
    "fixed_loss_scale": 1e-3,
    "policy_map": 1e-3,
    "mixed_bfloat16": 1e-2,
    "whole_bfloat16": 1e-2,
}
# The reason of a refusal, by case; for one version, or "" for all. An ending names one form.
_REFUSED = {
    ("quantized_int8", ""): "quantized",
    # The operation of a loop over a computed shape, or one with several results.
    ("tf_more_reductions", "tensorflow-2.3"): "foreign_layer",
    ("tf_more_shapes", "tensorflow-2.3"): "foreign_layer",
    ("tf_pictures", "tensorflow-2.3"): "foreign_layer",
    # Its weights are listed in the layer, those of LSTM and GRU in its cell.
    ("cudnn_lstm.keras", "tensorflow-2.13"): "cannot_load",
    ("cudnn_gru.keras", "tensorflow-2.13"): "cannot_load",
    ("layer_scale.keras", "tensorflow-2.13"): "custom_object",
    ("layer_scale.keras", "tensorflow-2.15"): "custom_object",
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
