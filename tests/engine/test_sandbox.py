"""The walls alone, without inspection: code that runs in the child touches no canary."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from engine.grading import sandbox
from engine.grading.host.environment import environment
from engine.grading.sandbox import landlock, seccomp

CANARIES = """
import ctypes, json, mmap, os, pathlib, socket, subprocess, sys, threading
from engine.grading import sandbox

job_files, outside, port = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
level = sandbox.enter([job_files])
sandbox.limit(60, 1000)

def refused(attack):
    try:
        attack()
    except (OSError, MemoryError, subprocess.SubprocessError) as error:
        return type(error).__name__
    return "went through"

def in_thread(attack):
    said = []
    thread = threading.Thread(target=lambda: said.append(refused(attack)))
    thread.start()
    thread.join()
    return said[0]

def connect():
    socket.create_connection(("127.0.0.1", port), timeout=2)

def clone():
    # What libc.fork would do, past Python's own fork handlers.
    if ctypes.CDLL(None, use_errno=True).fork() == 0:
        (outside / "forked").touch()
        os._exit(0)
    raise OSError(ctypes.get_errno(), "fork") if ctypes.get_errno() else AssertionError

def new_program():
    os.posix_spawn("/bin/sh", ["sh", "-c", f"touch {outside}/spawned"], {})

attacks = {
    "read outside": lambda: (outside / "secret").read_text(),
    "list outside": lambda: os.listdir(outside),
    "read another's environment": lambda: open(f"/proc/{os.getppid()}/environ").read(),
    "create outside": lambda: (outside / "created").touch(),
    "create on the job_files": lambda: (job_files / "created").touch(),
    "change the model": lambda: open(job_files / "model.h5", "r+b"),
    "append to the model": lambda: open(job_files / "model.h5", "ab"),
    "truncate": lambda: os.truncate(job_files / "model.h5", 0),
    "remove": lambda: (job_files / "model.h5").unlink(),
    "rename": lambda: (job_files / "model.h5").rename(job_files / "other.h5"),
    "link": lambda: os.link(job_files / "model.h5", job_files / "other.h5"),
    "symlink": lambda: os.symlink("/", job_files / "root"),
    "make a folder": lambda: (job_files / "folder").mkdir(),
    "change a mode": lambda: (job_files / "model.h5").chmod(0o777),
    "change a time": lambda: os.utime(job_files / "model.h5"),
    "open a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "connect": connect,
    "a pair of sockets": socket.socketpair,
    "subprocess": lambda: subprocess.run(["touch", str(outside / "run")], check=True),
    "new program": new_program,
    "replace the program": lambda: os.execv("/bin/true", ["true"]),
    "fork": clone,
    "signal the parent": lambda: os.kill(os.getppid(), 0),
    "signal the group": lambda: os.killpg(0, 0),
    "raise a limit": lambda: __import__("resource").prlimit(os.getppid(), 7),
    "take memory": lambda: bytearray(4_000_000_000),
}
answers = {name: refused(attack) for name, attack in attacks.items()}
for name in ("read outside", "connect"):
    answers[f"{name}, in a thread"] = in_thread(attacks[name])
# A shell that cannot start is a status, not an error.
os.system(f"touch {outside}/shell")
allowed = {
    "read the model": (job_files / "model.h5").read_bytes().decode(),
    "import": __import__("wave").__name__,
    "print": print("heard", file=sys.stderr),
    "signal itself": os.kill(os.getpid(), 0),
    "start a thread": in_thread(lambda: None),
}
print(json.dumps({"level": level.name, "answers": answers, "allowed": allowed}))
"""

full = pytest.mark.skipif(
    not (landlock.abi() and seccomp.available()), reason="this kernel has no such walls"
)


@full
def test_no_canary_is_touched(tmp_path: Path) -> None:
    job_files, outside = tmp_path / "job_files", tmp_path / "outside"
    job_files.mkdir()
    outside.mkdir()
    (job_files / "model.h5").write_text("weights")
    (outside / "secret").write_text("hidden")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        done = subprocess.run(
            [sys.executable, "-c", CANARIES, job_files, outside, str(server.getsockname()[1])],
            capture_output=True,
            text=True,
        )
        with pytest.raises(BlockingIOError):
            server.accept()
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["level"] == "full"
    through = [name for name, answer in said["answers"].items() if answer == "went through"]
    assert not through
    assert len(said["answers"]) == 28
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert [path.name for path in job_files.iterdir()] == ["model.h5"]
    assert (job_files / "model.h5").read_text() == "weights"
    assert said["allowed"]["read the model"] == "weights"
    assert said["allowed"]["import"] == "wave"
    assert "heard" in done.stderr


@pytest.mark.skipif(not seccomp.available(), reason="this kernel takes no filters")
@pytest.mark.skipif(sys.platform != "linux", reason="the wall is Linux's")
def test_seccomp_alone_still_keeps_files_from_change(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from engine.grading import sandbox; from engine.grading.sandbox import landlock\n"
        "landlock.abi = lambda: 0\n"
        "print(sandbox.enter([]).name)\n"
        "open(sys.argv[1], 'w')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "canary"], capture_output=True, text=True
    )
    assert done.stdout.strip() == "partial"
    assert "PermissionError" in done.stderr
    assert not list(tmp_path.iterdir())


def test_level_changes_nothing_and_says_what_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(sandbox.level().holds) + len(sandbox.level().lacks) == 3
    (tmp_path / "still writable").touch()
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    monkeypatch.setattr(seccomp, "available", lambda: False)
    weak = sandbox.level()
    assert weak.name == "weak"
    assert weak.lacks == (sandbox.FILES, sandbox.CALLS)
    assert "not here" in str(weak)


# Attacks that fire at load and at predict when nothing inspects the file before.
MAKE_LAMBDA = """
import sys, tf_keras

def attack(tensor):
    import os, socket
    for go in (
        lambda: open(canary, "w"),
        lambda: os.system(f"touch {canary}"),
        lambda: tf.io.write_file(canary, "x").mark_used(),
        lambda: socket.socket(),
        lambda: print(open(secret).read()),
        lambda: print(tf.io.read_file(secret)),
    ):
        try:
            go()
        except Exception as error:
            print("REFUSED", type(error).__name__)
    return tensor

inputs = tf_keras.layers.Input((2,))
canary = secret = "/dev/null/none"
tf_keras.Model(inputs, tf_keras.layers.Lambda(attack)(inputs)).save(sys.argv[1])
"""

LOAD_LAMBDA = """
import pathlib, sys
import tensorflow as tf, tf_keras
from engine.grading.child import runtime; from engine.grading import sandbox

model, outside = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
print("level", sandbox.enter([model.parent]).name)
runtime.warm("tf_keras")
secret, canary = str(outside / "secret"), str(outside / "canary")
loaded = tf_keras.models.load_model(
    model, compile=False, safe_mode=False,
    custom_objects={"tf": tf, "canary": canary, "secret": secret})
loaded(tf.zeros((1, 2)))
reads = (tf.io.read_file, tf.function(lambda path: tf.io.read_file(path), autograph=False))
for read in reads:  # in the main thread, and in those of TensorFlow
    try:
        print(read(tf.constant(secret)))
    except tf.errors.PermissionDeniedError as error:
        print("REFUSED", type(error).__name__)
"""


def python(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment(os.environ, "cpu"),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@full
@pytest.mark.slow
def test_a_lambda_that_runs_in_tensorflow_touches_no_canary(tmp_path: Path) -> None:
    job_files, outside = tmp_path / "job_files", tmp_path / "outside"
    job_files.mkdir()
    outside.mkdir()
    (outside / "secret").write_text("the hidden set")
    python(MAKE_LAMBDA, job_files / "lambda.h5")
    said = python(LOAD_LAMBDA, job_files / "lambda.h5", outside)
    assert "level full" in said  # so TensorFlow had no threads before the walls
    assert said.count("REFUSED") >= 7
    assert "the hidden set" not in said
    assert [path.name for path in outside.iterdir()] == ["secret"]


@full
def test_threads_that_run_already_are_not_claimed() -> None:
    code = (
        "import threading, time; from engine.grading import sandbox\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "print(sandbox.enter([]).name)"
    )
    assert python(code).strip() == "partial"
