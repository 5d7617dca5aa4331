"""The grading child: imports TensorFlow, shuts itself in, takes one job, answers, exits.

Run as `python -P -m engine.grading.child.worker FOLDER DEVICE` by `child.py`, or forked with the
imports done by `fork_server_main.py`. It says READY once TensorFlow is imported and then, while no
job has come, does what the first job would have to wait for: the import of tf_keras,
threads, kernels. The order is what makes the sandbox hold: imports first (they may write
bytecode), then the walls while there is one thread, then everything that starts threads,
then the file.

One child takes one job, so nothing that a model changes outlives its own grading.
"""

import contextlib
import sys
from pathlib import Path
from typing import NoReturn

import msgspec

from engine import errors
from engine.grading import sandbox, wire
from engine.grading.child import process
from engine.grading.child.one_job import grade
from engine.grading.child.process import Say
from engine.grading.protocol import Grade, Job, failed
from exam_bank.phrase import phrase
from exam_bank.platform import processes


def main(arguments: list[str]) -> NoReturn:
    """Run the child's whole life; `arguments` are the job folder's path and the device."""
    say = process.answer_channel()
    processes.die_with_parent()
    processes.step_back()
    try:
        import_tensorflow(gpu=arguments[1] == "gpu")
    except errors.GradingError as error:
        say(failed(error.message))
        process.leave(1)
    live(say, Path(arguments[0]), gpu=arguments[1] == "gpu")


def live(say: Say, job_files: Path, *, gpu: bool) -> NoReturn:
    """The child's life once TensorFlow is imported, up to its exit."""
    say(wire.READY)
    try:
        if process.idle():
            import_the_other_keras()
        if gpu:
            _warm()  # opens the GPU's devices, which the sandbox would forbid
        sys.stderr.write(f"sandbox: {sandbox.enter([job_files], gpu=gpu)}\n")
        if process.idle():
            _warm()
        line = process.read_line()
    except errors.GradingError as error:
        say(failed(error.message))
        process.leave(1)
    if line:
        process.leave_when_stdin_ends()
        say(grade_line(line, say))
    process.leave(0)


def import_tensorflow(*, gpu: bool = False) -> None:
    """Import all that grading needs but tf_keras; raises `GraderError`."""
    try:
        import tensorflow as tf

        from engine.grading import metrics, sampling  # noqa: F401
        from engine.grading.child import runtime
        from engine.grading.inspection import model_file  # noqa: F401
    except ImportError as error:
        if not isinstance(error, ModuleNotFoundError):  # it is there
            raise errors.GraderError(
                phrase(
                    "TensorFlow cannot be loaded ({error}). Reinstall it, or raise the memory "
                    "limit (ulimit -v) if there is one.",
                    error=error,
                )
            ) from error
        raise errors.GraderError(
            phrase(
                "TensorFlow cannot be imported ({error}). Install it into the Python that runs "
                "tfexam: pip install tensorflow tf-keras.",
                error=error,
            )
        ) from error
    with contextlib.suppress(ImportError, AttributeError):  # another TensorFlow may lack it
        runtime.let_threads_sleep()
    if gpu:
        for device in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(device, True)


def import_the_other_keras() -> None:
    """Import tf_keras; without it files that Keras 2 saved are rejected, with the reason."""
    with contextlib.suppress(ImportError):
        import tf_keras  # noqa: F401


def grade_line(line: bytes, say: Say) -> Grade:
    """The grade of the job that `line` tells; never raises."""
    try:
        job = msgspec.json.decode(line, type=Job)
        sandbox.limit(job.limits.seconds, job.memory_mb)
        return grade(job, say)
    except Exception as error:  # the last wall: whatever is not foreseen is our fault
        import traceback

        traceback.print_exc()
        return failed(f"{type(error).__name__}: {error}"[:500])


def _warm() -> None:
    from engine.grading.child.runtime import warm

    warm("keras3")
    if "tf_keras" in sys.modules and process.idle():
        warm("tf_keras")


if __name__ == "__main__":
    main(sys.argv[1:])
