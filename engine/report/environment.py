"""The one way from data to HTML: every value is escaped, and safe to show, before it is written.

Templates hold no script, and pages ask nothing of anybody: styles and pictures are inside.
"""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from engine.marking import MAX_SCORE
from engine.report.drawing import number
from engine.report.plots.sitting_plots import clock
from engine.report.words import Words
from exam_bank.printable import printable_lines


@cache
def environment() -> Environment:
    """The templates of this package; an unknown name in one is an error, not an empty text."""
    made = Environment(
        loader=PackageLoader("engine.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_safe,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(clock=clock, number=number, percent=_percent)
    made.globals.update(max_score=MAX_SCORE)
    return made


def render(template: str, words: Words, **content: Any) -> str:
    """The page that `template` makes of `content`, in the language of `words`."""
    found = environment().get_template(template)
    return found.render(
        lang=words.tag, _=words.gettext, ngettext=words.ngettext, say=words.say, **content
    )


def _safe(value: Any) -> Any:
    """No control character reaches a page: HTML allows none. What is marked up is done already."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return printable_lines(value)


def _percent(value: float) -> str:
    return f"{value:.3g} %"
