"""The brief of the selected task as Markdown."""

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Markdown

from tui.locale import _


class BriefPanel(VerticalScroll):
    """Scrolls one brief; the Markdown is parsed anew only when the task changes."""

    DEFAULT_CSS = """
    BriefPanel {
        height: 1fr;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="panel pane")
        self._shown = ""

    def compose(self) -> ComposeResult:
        """The text."""
        yield Markdown(open_links=False)

    async def show(self, task: str, text: str, *, follows: bool) -> None:
        """Show the brief of `task`; `follows` says that an edit brought it here."""
        self.border_subtitle = _("follows starter.py") if follows else ""
        if task != self._shown:
            self._shown = task
            await self.query_one(Markdown).update(joined(_without_title(text)))
            self.scroll_home(animate=False)


def _without_title(text: str) -> str:
    """The brief less its first heading, which the panel's own title repeats."""
    first, _newline, rest = text.lstrip().partition("\n")
    return rest.lstrip("\n") if first.startswith("# ") else text


def joined(text: str) -> str:
    """Markdown with Chinese paragraphs on one line each.

    Markdown reads a line break as a space. Between Chinese characters there is none, and
    the wrapping would break the line there.
    """
    lines: list[str] = []
    fenced = False
    for line in text.split("\n"):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        before = lines[-1] if lines else ""
        heading = before.startswith("#")
        if not fenced and not heading and _is_wide(before[-1:]) and _is_wide(line[:1]):
            lines[-1] += line
        else:
            lines.append(line)
    return "\n".join(lines)


def _is_wide(character: str) -> bool:
    return cell_len(character) == 2
