"""A grading child without TensorFlow, that does what its first argument says."""

import struct
import sys
from pathlib import Path

from engine.grading.protocol import Grade, Graded, Job
from exam_bank.task import Contract, Limits, MarkScheme, OutputSpec, TensorSpec

ROOT = Path(__file__).parents[2]
SCRIPT = """
import hashlib, json, os, signal, sys, time
from pathlib import Path

how, job_files, device = sys.argv[1:]
sys.path.insert(0, ROOT)
from tests.engine.hidden_sets import answers
tries = Path(job_files).parent / "tries"
tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
first = tries.read_text() == "x"
(Path(job_files).parent / f"pid-{os.getpid()}").touch()

def say(**news):
    print(json.dumps(news), flush=True)

def progress(stage, done=0.0):
    say(type="progress", stage=stage, done=done)

def predicted(text):  # four points in the schemes of the tests
    shape = job["contract"]["output"]["shape"]
    content = answers(job["mark_scheme"]["metric"], shape[-1])
    (Path(job_files) / "predictions").write_bytes(content)
    answer = dict(type="predicted", shape=shape, notes=[{"template": text}])
    if how.startswith("lies:"):
        answer |= json.loads(how.removeprefix("lies:"))
        answer.pop("type" if "verdict" in answer else "", None)
    say(**answer)
    sys.exit()

def die(number):
    os.kill(os.getpid(), number)
    time.sleep(60)

if how == "starts_slowly":
    time.sleep(1.0)
if how == "never_ready":
    time.sleep(60)
while how == "spins" and time.process_time() < 60:
    pass
if how == "exits_early" or how == "exits_early_once" and first:
    sys.exit(3)
progress("starting", 1.0)
if how == "exits_waiting" and first:
    sys.exit(3)
line = sys.stdin.readline()
if not line:
    sys.exit()
job = json.loads(line)
progress("inspecting")
if how == "segfault_inspecting":
    die(signal.SIGSEGV)
say(type="inspected", runtime="tf_keras", model={"parameters": 48_000_000})
progress("predicting", 0.5)
if how == "hangs":
    time.sleep(60)
if how in ("computes", "computes_a_while"):
    while time.process_time() < (60 if how == "computes" else 0.8):
        pass
if how == "segfault":
    die(signal.SIGSEGV)
if how in ("killed", "large_and_killed") or how == "killed_once" and first:
    kept = bytearray(os.urandom(1)) * (60_000_000 if how == "large_and_killed" else 1)
    time.sleep(0.6 if how == "large_and_killed" else 0)  # until it was seen how large it is
    die(signal.SIGKILL)
if how == "segfault_once" and first:
    die(signal.SIGSEGV)
if how == "stops" or how == "stops_once" and first:
    die(signal.SIGSTOP)
if how == "stopped_a_while":
    pid = os.getpid()
    if os.fork() == 0:
        time.sleep(1.0)
        os.kill(pid, signal.SIGCONT)
        os._exit(0)
    os.kill(pid, signal.SIGSTOP)
    time.sleep(0.01)
if how == "answers_while_nobody_looks":
    while not (Path(job_files).parent / "answer").exists():
        time.sleep(0.01)
    (Path(job_files) / "predictions").write_bytes(answers("accuracy", 3))
    say(type="predicted", shape=[3])
    (Path(job_files).parent / "answered").touch()
    time.sleep(60)
if how == "nests":
    print('{"verdict":' + '[' * 900_000, flush=True)
    time.sleep(60)
if how == "chatters":
    for n in range(200_000):
        progress(("predicting", "marking")[n % 2], n / 200_000)
    predicted("chattered")
if how == "begins_again":
    progress("starting")
    die(signal.SIGSEGV)
if how == "uses_up_the_processor":
    import resource
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    while True:
        pass
if how == "closes_stdout":
    os.close(1)
    time.sleep(60)
if how == "bad_alloc":
    sys.stderr.write("terminate called after throwing an instance of 'std::bad_alloc'\\n")
    sys.stderr.flush()
    os.abort()
if how == "garbles":
    print("this is no answer", flush=True)
    time.sleep(60)
if how == "floods":
    for _ in range(40):
        sys.stdout.write("y" * 1_000_000)
    sys.stdout.flush()
    time.sleep(60)
if how == "grows":
    kept = bytearray(os.urandom(1)) * 120_000_000
    time.sleep(60)
if how == "slow":
    time.sleep(0.3)
if how == "shows_files":
    size = os.path.getsize(job["model"])
    here = Path(job["model"]).parent == Path(job["inputs"]).parent == Path(job_files)
    predicted(f"{size} {sorted(os.listdir(job_files))} {here}")
if how == "shows_digest":
    predicted(hashlib.sha256(Path(job["model"]).read_bytes()).hexdigest())
if how == "predicts_too_little":
    answers = lambda metric, width: bytes(4 * width)
predicted("well done")
"""


def noted(grade: Grade) -> str:
    """What the child had to tell its test."""
    assert isinstance(grade, Graded), grade
    return grade.notes[0].text()


def command(how: str) -> list[str]:
    return [sys.executable, "-c", f"ROOT = {str(ROOT)!r}\n{SCRIPT}", how]


def whole_hdf5(path: Path, size: int = 2048) -> Path:
    """A file that looks whole: a superblock that says where the file ends."""
    head = bytearray(size)
    head[:8] = b"\x89HDF\r\n\x1a\n"
    head[13] = head[14] = 8
    struct.pack_into("<Q", head, 40, size)
    path.write_bytes(head)
    return path


CONTRACT = Contract(
    input=TensorSpec(shape=(8, 8, 1)), output=OutputSpec(shape=(3,), activation="softmax")
)
SCHEME = MarkScheme(metric="accuracy", direction="higher", thresholds=(0.5, 0.6, 0.7, 0.8, 0.9))


def a_job(model: Path, hidden: Path, limits: Limits | None = None) -> Job:
    return Job(
        submission="0" * 64,
        task="garments",
        category=2,
        model=str(model),
        hidden=str(hidden),
        contract=CONTRACT,
        mark_scheme=SCHEME,
        limits=limits or Limits(),
    )
