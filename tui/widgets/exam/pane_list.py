"""A list as a pane of the exam screen: its highlight shows only while it has the focus."""

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class PaneList(OptionList):
    """Looks like the other panes; subclasses fill it with options."""

    DEFAULT_CSS = """
    PaneList {
        padding: 0 1;
        scrollbar-gutter: auto;
        &.panel { border: round $border-blurred; }
        &.panel:focus { border: round $primary; }
        & > .option-list--option { padding: 0; }
        & > .option-list--option-disabled { color: $text-muted; }
        & > .option-list--option-highlighted {
            background: transparent;
            color: $foreground;
            text-style: none;
        }
        &:focus > .option-list--option-highlighted {
            background: $block-cursor-background;
            text-style: none;
        }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="panel pane", markup=False)


def quiet_line(text: str) -> Option:
    """A muted line of the list that cannot be chosen."""
    return Option(Content.styled(text, "$foreground-muted"), disabled=True)
