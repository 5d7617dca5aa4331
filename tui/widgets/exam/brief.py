"""The selected task's brief as Markdown: its tables wrap, and Chinese breaks by its rules."""

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownBlock

from tui.locale import _
from tui.text.line_breaks import broken, has_chinese
from tui.text.table_layout import laid_out

if TYPE_CHECKING:
    Paragraph = MarkdownBlock
    Table = MarkdownBlock
else:  # Textual's classes have no public names, but their entries in the table have
    Paragraph = Markdown.BLOCKS.get("paragraph_open", MarkdownBlock)
    Table = Markdown.BLOCKS.get("table_open", MarkdownBlock)


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


class BriefTable(Table):
    """A table whose cells wrap at the width that it is given."""

    def compose(self) -> ComposeResult:
        """One text instead of Textual's grid of cropped cells."""
        if (parts := getattr(self, "_get_headers_and_rows", None)) is None:
            yield from super().compose()
        else:
            yield TableText(*parts())


class TableText(Static):
    """The lines of a table for the width at hand."""

    def __init__(self, head: list[Content], rows: list[list[Content]]) -> None:
        super().__init__()
        self._head, self._rows = head, rows

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Lay the table out first, since this is when its width is known."""
        self.update(laid_out(self._head, self._rows, width), layout=False)
        return super().get_content_height(container, viewport, width)


class BriefText(Markdown):
    """Markdown with our paragraphs and tables."""

    BLOCKS = {  # noqa: RUF012 - as Textual declares it
        **Markdown.BLOCKS,
        "paragraph_open": BriefParagraph,
        "table_open": BriefTable,
    }


class BriefPanel(VerticalScroll):
    """Scrolls one brief; parses the Markdown again when the task changes."""

    DEFAULT_CSS = """
    BriefPanel {
        height: 1fr;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="panel pane")
        self._of_task = self._brief = ""

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
        await self.query_one(BriefText).update(brief)
        if grew:
            self.call_after_refresh(self.scroll_end, animate=False)
        else:
            self.scroll_home(animate=False)


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
