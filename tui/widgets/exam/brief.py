"""The selected task's brief as Markdown that fits a narrow pane and breaks Chinese properly."""

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownBlock

from tui.locale import _
from tui.text.line_breaks import broken, has_chinese
from tui.text.narrow_tables import narrowed

if TYPE_CHECKING:
    Paragraph = MarkdownBlock
else:  # Textual's class has no public name, but its entry in the table has
    Paragraph = Markdown.BLOCKS.get("paragraph_open", MarkdownBlock)


class BriefParagraph(Paragraph):
    """A paragraph that breaks Chinese lines by the punctuation rules."""

    _whole: Content | None = None
    _broken_at = 0

    def set_content(self, content: Content) -> None:
        """Keep the text before any line breaks are added."""
        self._whole, self._broken_at = content, 0
        super().set_content(content)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Break lines for `width` first, since this is when it is known."""
        if width != self._broken_at and self._whole is not None and has_chinese(self._whole.plain):
            self._broken_at = width
            # A layout is in progress: asking for another here would never end.
            self.update(broken(self._whole, width), layout=False)
        return super().get_content_height(container, viewport, width)


class BriefText(Markdown):
    """Markdown with our paragraphs."""

    BLOCKS = {  # noqa: RUF012 - as Textual declares it
        **Markdown.BLOCKS,
        "paragraph_open": BriefParagraph,
    }


class BriefPanel(VerticalScroll):
    """Scrolls one brief; parses the Markdown again when the task or the usable width changes."""

    DEFAULT_CSS = """
    BriefPanel {
        height: 1fr;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="panel pane")
        self._of_task = self._brief = self._shown = ""

    def compose(self) -> ComposeResult:
        """The Markdown."""
        yield BriefText(open_links=False)

    async def show(self, task: str, text: str, *, follows: bool) -> None:
        """Show the brief of `task` and its hints; `follows` says that an edit selected it.

        If only the text grew, as by a hint, the view moves to its end.
        """
        self.border_subtitle = _("follows starter.py") if follows else ""
        brief = joined(_without_title(text))
        if (task, brief) == (self._of_task, self._brief):
            return
        grew = task == self._of_task
        self._of_task, self._brief = task, brief
        await self._fill()
        if grew:
            self.call_after_refresh(self.scroll_end, animate=False)
        else:
            self.scroll_home(animate=False)

    async def on_resize(self) -> None:
        """Tables may fit now, or not any more."""
        await self._fill()

    async def _fill(self) -> None:
        # One cell is the text's own padding.
        text = narrowed(self._brief, self.scrollable_content_region.width - 1)
        if text != self._shown:
            self._shown = text
            await self.query_one(BriefText).update(text)


def _without_title(text: str) -> str:
    """The brief without its first heading, which the panel's title repeats."""
    first, _newline, rest = text.lstrip().partition("\n")
    return rest.lstrip("\n") if first.startswith("# ") else text


def joined(text: str) -> str:
    """Markdown with each Chinese paragraph on one line.

    Markdown reads a line break as a space. Chinese has no spaces between characters, and
    wrapping would break the line there.
    """
    lines: list[str] = []
    fenced = False
    for line in text.split("\n"):
        fenced ^= line.lstrip().startswith("```")
        if lines and not fenced and _are_one(lines[-1], line):
            lines[-1] += line
        else:
            lines.append(line)
    return "\n".join(lines)


def _are_one(line: str, after: str) -> bool:
    """Whether the break is between Chinese characters, and not at the end of a heading."""
    ends = (line[-1:], after[:1])
    return not line.startswith("#") and all(cell_len(each) == 2 for each in ends)
