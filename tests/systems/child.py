"""A grading child as on Windows or macOS, from start to end, with or without TensorFlow.

Run as `python child.py SYSTEM HOW FOLDER DEVICE`; HOW is `tensorflow` or `imitated`.
"""

import struct
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = ("numpy", "h5py", "tensorflow", "keras", "tf_keras")


def command(system: str, how: str) -> list[str]:
    # Not with -m: the child starts in another folder.
    return [sys.executable, "-P", str(Path(__file__)), system, how]


def main() -> None:
    system, how, *arguments = sys.argv[1:]
    sys.path.insert(0, str(ROOT))
    from tests.systems import likeness

    # Only the job folder is guarded, and a child writes nothing there.
    is_real = how == "tensorflow"
    likeness.put_on(system, Path(tempfile.gettempdir()), HEAVY if is_real else ())
    from engine.grading.child import worker

    if not is_real:
        _imitate(worker)
    worker.main(arguments)


def _imitate(worker: object) -> None:
    """A child without TensorFlow, which takes a submission's content for its score."""
    from engine.grading import wire
    from engine.grading.child import process
    from tests.engine.hidden_sets import N

    def grade(job: wire.ChildJob, say: object, predictions: int) -> wire.Predicted:
        content = Path(job.model).read_bytes()
        if b"hangs" in content:
            time.sleep(600)
        value = float(content.partition(b"mae=")[2].split(b";")[0])
        (width,) = job.contract.output.shape
        process.write_all(predictions, struct.pack("<f", value) * N * int(width))
        return wire.Predicted((int(width),))

    vars_of = vars(worker)
    vars_of["import_tensorflow"] = lambda **_: None
    vars_of["import_the_other_keras"] = vars_of["_warm"] = lambda *_: None
    vars_of["grade"] = grade


if __name__ == "__main__":
    main()
