"""The lines a grading child sends: `Progress`, what it read of the model, one `Grade`.

Decodes by hand what one union cannot say: verdicts and news carry their tags in
different fields. `Progress(STARTING, 1.0)` is how a child says that it is ready.
"""

import msgspec

from engine.grading.protocol import Grade, ModelFacts, Progress, Runtime, Stage

LONGEST_LINE = 1024 * 1024
READY = Progress(Stage.STARTING, 1.0)


class Inspected(msgspec.Struct, frozen=True, tag="inspected"):
    """What inspection read of the model; kept for verdicts that the child cannot give."""

    model: ModelFacts
    runtime: Runtime


News = Progress | Inspected | Grade

_news = msgspec.json.Decoder(Progress | Inspected)
_grade = msgspec.json.Decoder(Grade)


def read(line: bytes) -> News:
    """What a line says; raises `msgspec.MsgspecError` when it says nothing known."""
    # Quotes inside texts are escaped, so no model can name a layer like this.
    news: News = _grade.decode(line) if b'"verdict":' in line else _news.decode(line)
    return news


def write(news: News) -> bytes:
    """The line, with its end."""
    return msgspec.json.encode(news) + b"\n"
