"""One line across the exam screen for trouble that must not be overlooked."""

from textual.content import Content
from textual.widgets import Static

from engine.errors import TfexamError
from tui.locale import _, say


class TroubleBanner(Static):
    """A banner that is hidden while there is no trouble."""

    DEFAULT_CSS = """
    TroubleBanner {
        display: none;
        height: auto;
        max-height: 3;
        padding: 0 1;
        background: $panel;
        color: $text-error;
        &.-trouble { display: block; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self._trouble: TfexamError | None = None

    @property
    def troubled(self) -> bool:
        """Whether the banner shows a trouble that can be dismissed."""
        return self._trouble is not None

    def trouble(self, error: TfexamError | None) -> None:
        """Show `error` until it is dismissed with None."""
        self._trouble = error
        self._paint()

    def _paint(self) -> None:
        self.set_class(self._trouble is not None, "-trouble")
        if self._trouble is not None:
            error = self._trouble
            self.update(
                Content.assemble(
                    ("! " + _(error.title), "bold"),
                    f" · {say(error.message)} {say(error.fix)}".rstrip(),
                    ("  " + _("x dismisses"), "$foreground-muted"),
                )
            )
