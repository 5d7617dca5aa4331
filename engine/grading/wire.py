"""What the app and its grading processes say to each other.

A child sends lines: `Progress`, what it read of the model, one `Grade`. They are decoded by
hand where a single union is not enough: verdicts and news carry their tags in different
fields. With `Progress(STARTING, 1.0)` a child says that it is ready. The fork server, which
forks children, receives `Fork` and sends `ForkServerNews`.
"""

import msgspec

from engine.grading.protocol import Grade, ModelFacts, Progress, Runtime, Stage

LONGEST_LINE = 1024 * 1024
# A child reports ten times a second in lines of 60 bytes; no honest one says this much.
MOST_SAID = 4 * LONGEST_LINE
READY = Progress(Stage.STARTING, 1.0)


class Inspected(msgspec.Struct, frozen=True, tag="inspected"):
    """What inspection read of the model; kept for verdicts that the child cannot give."""

    model: ModelFacts
    runtime: Runtime


class Fork(msgspec.Struct, frozen=True):
    """Asks the fork server for a child with this job folder.

    In a `hurry` it does not wait for the import of tf_keras.
    """

    job_files: str
    hurry: bool


class ChildForked(msgspec.Struct, frozen=True, tag="forked"):
    """The child requested first, among those still missing, has been forked."""

    pid: int


class ChildEnded(msgspec.Struct, frozen=True, tag="ended"):
    """A child ended; `status` has the meaning of `Popen.returncode`."""

    pid: int
    status: int


class CannotFork(msgspec.Struct, frozen=True, tag="cannot_fork"):
    """Nothing can be forked here."""

    why: str


News = Progress | Inspected | Grade
ForkServerNews = ChildForked | ChildEnded | CannotFork

_news = msgspec.json.Decoder(Progress | Inspected)
_grade = msgspec.json.Decoder(Grade)


class UnreadableError(Exception):
    """A line is not a known message."""


def read(line: bytes) -> News:
    """What a line says; raises `UnreadableError` for an unknown one.

    It may still be a lie: see `answer_check.py`.
    """
    try:
        # Quotes inside texts are escaped, so no layer name can look like this.
        news: News = _grade.decode(line) if b'"verdict":' in line else _news.decode(line)
    # Hostile bytes cause RecursionError and UnicodeDecodeError as well as msgspec's errors.
    except Exception as error:
        raise UnreadableError(str(error)) from error
    return news


def write(news: News) -> bytes:
    """The message as a line, with its line end."""
    return msgspec.json.encode(news) + b"\n"
