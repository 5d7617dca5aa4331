"""Builds the environment of grading processes: a few names, nothing else of the candidate's.

Settings for training must not change a grade, and keys and passwords must not reach a process
that reads strangers' files.
"""

import os
from collections.abc import Mapping

from engine.grading import parallel, wire
from engine.grading.protocol import Device

# Where Python and its libraries are, how files and text are encoded, where bytecode goes.
_PYTHON = (
    *("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME"),
    *("PYTHONPLATLIBDIR", "PYTHONNOUSERSITE", "PYTHONUSERBASE"),
    *("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONUTF8"),
    *("HOME", "TMPDIR", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ"),
)
# Windows starts no program and finds no library without some of these.
_WINDOWS = (
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP"),
    *("USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES"),
    *("NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE"),
)
_FOR_A_GPU = (
    *("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "CUDA_HOME", "CUDA_PATH", "CUDA_CACHE_PATH"),
    *("NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "XLA_FLAGS"),
    *("ROCM_PATH", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"),
)


# These would change the results of trainings that we run ourselves.
_DISTURBING = {
    *("TF_USE_LEGACY_KERAS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
    *("PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONWARNINGS"),
}


def environment(
    inherited: Mapping[str, str],
    device: Device,
    *,
    trusted: bool = False,
    priority: wire.Priority = "low",
) -> dict[str, str]:
    """The variables for a grading process on `device`, taken from the `inherited` ones.

    With `trusted`, for a bank's own solutions, most of those stay. Who has the priority of a
    training gets half of the cores, else all.
    """
    own = {
        "KERAS_BACKEND": "tensorflow",
        # ~/.keras/keras.json can change the float type and the order of axes.
        "KERAS_HOME": f"{os.devnull}/keras",
        "HDF5_PLUGIN_PATH": f"{os.devnull}/hdf5",
        "HDF5_USE_FILE_LOCKING": "FALSE",
        # Threads started at import would run outside the sandbox.
        "OPENBLAS_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        wire.PRIORITY: priority,
    }
    names = {*_PYTHON, *_WINDOWS}
    if device == "cpu":
        own["CUDA_VISIBLE_DEVICES"] = "-1"
        cores = parallel.cores() if priority == "low" else parallel.half_of_the_cores()
        own["TF_NUM_INTRAOP_THREADS"] = str(parallel.threads_of_an_operation(cores))
        own[wire.CORES] = str(cores)
    else:
        own["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
        names |= set(_FOR_A_GPU)
    kept = {
        key: value
        for key, value in inherited.items()
        # Windows does not distinguish upper and lower case.
        if key.upper() in names or (trusted and key not in _DISTURBING)
    }
    return kept | own
