"""The names of the exam screen's panes, each with its key; a click shows the pane.

Not Textual's Tabs: those take three lines and animate an underline.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.locale import _


@dataclass(frozen=True)
class Tab:
    """One pane: its `name` in code, its visible `label` (untranslated), and its key."""

    name: str
    label: str
    key: str


class TabLabel(Static):
    """One name; a click on it posts `Clicked` with its pane."""

    DEFAULT_CSS = """
    TabLabel {
        width: auto;
        height: 1;
        padding: 0 1;
        color: $foreground-muted;
        &:hover { background: $panel; }
        &.-front {
            background: $block-cursor-blurred-background;
            color: $foreground;
            text-style: bold;
        }
    }
    """

    class Clicked(Message):
        """A name was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, tab: Tab) -> None:
        super().__init__(Content.assemble((tab.key, "$text-primary"), f" {_(tab.label)}"))
        self.tab = tab

    def on_click(self) -> None:
        """Ask for this pane."""
        self.post_message(self.Clicked(self.tab.name))


class TabBar(Horizontal):
    """A line of names with the shown one marked."""

    DEFAULT_CSS = """
    TabBar {
        height: 1;
        width: 1fr;
        padding: 0 1;
    }
    """

    def __init__(self, tabs: Sequence[Tab], *, classes: str = "") -> None:
        super().__init__(classes=classes)
        self._tabs = tuple(tabs)

    def compose(self) -> ComposeResult:
        """One label per pane."""
        for tab in self._tabs:
            yield TabLabel(tab)

    def mark(self, front: str) -> None:
        """Mark the pane that is in front."""
        for label in self.query(TabLabel):
            label.set_class(label.tab.name == front, "-front")
