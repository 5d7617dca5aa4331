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
        # By what they are about, the newest last, which is the one shown.
        self._troubles: dict[str, TfexamError] = {}

    @property
    def troubled(self) -> bool:
        """Whether the banner shows a trouble that can be dismissed."""
        return bool(self._troubles)

    def trouble(self, error: TfexamError, about: str = "") -> None:
        """Show `error` until it is dismissed, or what it is `about` is over."""
        self._troubles.pop(about, None)
        self._troubles[about] = error
        self._paint()

    def over(self, about: str) -> bool:
        """Take back the trouble with what works again; whether there was any."""
        was_there = self._troubles.pop(about, None) is not None
        if was_there:
            self._paint()
        return was_there

    def dismiss(self) -> None:
        """Take back the trouble that is shown; one from before that still stands comes again."""
        if self._troubles:
            self._troubles.popitem()
            self._paint()

    def _paint(self) -> None:
        self.set_class(self.troubled, "-trouble")
        if self._troubles:
            error = list(self._troubles.values())[-1]
            self.update(
                Content.assemble(
                    ("! " + _(error.title), "bold"),
                    f" · {say(error.message)} {say(error.fix)}".rstrip(),
                    ("  " + _("x dismisses"), "$foreground-muted"),
                )
            )
