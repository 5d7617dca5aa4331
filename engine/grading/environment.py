"""The environment of grading processes: nothing that the candidate set for training leaks in."""

import os
from collections.abc import Mapping

from engine.grading import lanes
from engine.grading.protocol import Device


def environment(inherited: Mapping[str, str], device: Device) -> dict[str, str]:
    """The variables of a grading process on `device`, made of the `inherited` ones."""
    own = {
        "KERAS_BACKEND": "tensorflow",
        # ~/.keras/keras.json can change the float type and the order of axes.
        "KERAS_HOME": f"{os.devnull}/keras",
        "HDF5_PLUGIN_PATH": f"{os.devnull}/hdf5",
        "HDF5_USE_FILE_LOCKING": "FALSE",
        # A pool of threads at import would live outside the sandbox.
        "OPENBLAS_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    if device == "cpu":
        own["CUDA_VISIBLE_DEVICES"] = "-1"
        own["TF_NUM_INTRAOP_THREADS"] = str(lanes.threads_of_an_operation())
    else:
        own["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
    drop = {"TF_USE_LEGACY_KERAS", "PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONWARNINGS"}
    drop |= {"TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"}
    return {key: value for key, value in inherited.items() if key not in drop} | own
