"""What is said between the app and its grading processes.

A child sends lines: `Progress`, what it read of the model, one `Grade`. They are decoded
by hand where one union cannot say it: verdicts and news carry their tags in different
fields. `Progress(STARTING, 1.0)` is how a child says that it is ready. The fork server, which
forks children, is asked by `Fork` and tells `ForkServerNews`.
"""

import msgspec

from engine.grading.protocol import Grade, ModelFacts, Progress, Runtime, Stage

LONGEST_LINE = 1024 * 1024
# A child reports ten times a second in lines of 60 bytes; so much says none of ours.
MOST_SAID = 4 * LONGEST_LINE
READY = Progress(Stage.STARTING, 1.0)


class Inspected(msgspec.Struct, frozen=True, tag="inspected"):
    """What inspection read of the model; kept for verdicts that the child cannot give."""

    model: ModelFacts
    runtime: Runtime


class Fork(msgspec.Struct, frozen=True):
    """Asks the fork server for a child with this job folder.

    In a `hurry` it does not wait until tf_keras is imported.
    """

    job_files: str
    hurry: bool


class ChildForked(msgspec.Struct, frozen=True, tag="forked"):
    """The child that was asked for first, of those not yet there, is there."""

    pid: int


class ChildEnded(msgspec.Struct, frozen=True, tag="ended"):
    """A child ended; `status` is what `Popen.returncode` means by it."""

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
    """A line says nothing known."""


def read(line: bytes) -> News:
    """What a line says; raises `UnreadableError` when it says nothing known.

    What is read may still be a lie: see `answer_check.py`.
    """
    try:
        # Quotes inside texts are escaped, so no model can name a layer like this.
        news: News = _grade.decode(line) if b'"verdict":' in line else _news.decode(line)
    # Hostile bytes: beside what msgspec says they bring RecursionError and UnicodeDecodeError.
    except Exception as error:
        raise UnreadableError(str(error)) from error
    return news


def write(news: News) -> bytes:
    """The line, with its end."""
    return msgspec.json.encode(news) + b"\n"
