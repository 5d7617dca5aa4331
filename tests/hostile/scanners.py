"""Our inspection and modelaudit on the same files: `python -m tests.hostile.scanners PYTHON`.

PYTHON is that of an environment with `modelaudit` (and h5py) installed; ours needs none of it. The
hostile files are those of the tests and of the advisories; the honest ones are a quarter of the
corpus and, where they are at hand, the public models and the shared cases.
Prints what each missed and what each refused without reason.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from engine.errors import SubmissionRejected
from engine.grading.inspection.model_file import look
from tests.corpus.check import case, sample, version
from tests.corpus.expected import refusal
from tests.hostile.advisories import ADVISORIES
from tests.hostile.makers import HOSTILE
from tests.hostile.registry import Maker

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("TFEXAM_SHARED", ROOT.parent / "shared"))
SECONDS = 10
MEMORY = 8 << 30

# Runs in the other environment: a line of JSON for each path that it reads.
SCAN = f"""
import json, logging, resource, signal, sys
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
logging.disable(logging.CRITICAL)
from modelaudit.core import determine_exit_code, scan_model_directory_or_file
answers, sys.stdout = sys.stdout, sys.stderr
def stop(*_):
    raise TimeoutError("more than {SECONDS} s")
signal.signal(signal.SIGALRM, stop)
for line in sys.stdin:
    path = line.rstrip("\\n")
    signal.alarm({SECONDS})
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * {SECONDS})  # ends a process that hangs in C
    try:
        found = scan_model_directory_or_file(path, timeout={SECONDS}, cache_enabled=False)
        said = [each.message for each in found.issues if str(each.severity).rpartition(".")[2]
                not in ("DEBUG", "INFO")]
        answer = [determine_exit_code(found), (said or [""])[0][:100]]
    except Exception as error:
        answer = [2, type(error).__name__]
    signal.alarm(0)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    print(json.dumps([path, *answer]), file=answers, flush=True)
"""


class Answer(NamedTuple):
    """Whether a scanner lets a file pass, and what it says otherwise."""

    passes: bool
    says: str


def hostile(folder: Path) -> Iterator[Path]:
    """Every hostile file, each in a folder of its own."""
    makers: list[tuple[str, Maker]] = list(HOSTILE.items())
    for number, advisory in enumerate(ADVISORIES):
        makers += [(f"advisory-{number}-{each.__name__}", each) for each in advisory.makers]
    for name, make in makers:
        place = folder / name
        place.mkdir(exist_ok=True)
        path = make(place)
        if path.is_file():
            yield path


def honest(folder: Path) -> Iterator[Path]:
    """Honest files; of the corpus those that are to be graded."""
    for archive, names in sample().items():
        for name in names:
            if refusal(version(archive), name) is None:
                path = folder / f"{version(archive)}-{name}"
                path.write_bytes(case(archive, name).file)
                yield path
    yield from sorted((SHARED / "models").glob("*.h5"))
    # The last one lacks the other side of its comparison: no Keras can load it.
    refused = ("keras_1", "moved_as", "quantized", "opl_not_equal")
    yield from (
        each
        for each in sorted((SHARED / "cases").glob("*.h5"))
        if not each.name.startswith(refused)
    )


def ours(path: Path) -> Answer:
    """What inspection says, as in a grading."""
    try:
        look(path)
    except SubmissionRejected as refused:
        return Answer(False, refused.reason)
    return Answer(True, "")


def theirs(python: str, paths: list[Path]) -> dict[Path, Answer]:
    """What modelaudit says; a file at which its process ended counts as refused."""
    quiet = {**os.environ, "PROMPTFOO_DISABLE_TELEMETRY": "1", "NO_ANALYTICS": "1"}
    found: dict[Path, Answer] = {}
    while left := [path for path in paths if path not in found]:
        done = subprocess.run(
            [python, "-c", SCAN],
            input="".join(f"{path}\n" for path in left),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
            env=quiet,
        )
        for line in done.stdout.splitlines():
            path, status, says = json.loads(line)
            found[Path(path)] = Answer(status == 0, str(says))
        ended_at = next((path for path in left if path not in found), None)
        if ended_at is not None:
            found[ended_at] = Answer(False, f"its process ended, status {done.returncode}")
    return found


def compare(python: str, kind: str, paths: list[Path], *, must_pass: bool) -> int:
    """Print both scanners' mistakes on `paths`; returns how many are ours."""
    other, mistakes = theirs(python, paths), Counter[str]()
    for path in paths:
        for name, answer in (("tfexam", ours(path)), ("modelaudit", other[path])):
            if answer.passes != must_pass:
                mistakes[name] += 1
                where = path.name if must_pass else path.parent.name
                sys.stdout.write(f"  {name:10} {where}: {answer.says}\n")
    word = "refused without reason" if must_pass else "missed"
    for name in ("tfexam", "modelaudit"):
        sys.stdout.write(f"{name:10} {word}: {mistakes[name]} of {len(paths)} {kind} files\n")
    sys.stdout.flush()
    return mistakes["tfexam"]


def main(python: str) -> int:
    """Both tables; returns how many mistakes are ours."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "honest").mkdir()
        missed = compare(python, "hostile", list(hostile(folder)), must_pass=False)
        return missed + compare(python, "honest", list(honest(folder / "honest")), must_pass=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) > 0)
