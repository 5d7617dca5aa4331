"""One line across the exam screen for what must not be overlooked."""

from textual.content import Content
from textual.widgets import Static

from engine.errors import TfexamError
from tui.locale import _


class Banner(Static):
    """Hidden while there is nothing to say; trouble goes before good news."""

    DEFAULT_CSS = """
    Banner {
        display: none;
        height: auto;
        max-height: 3;
        padding: 0 1;
        background: $panel;
        &.-good, &.-trouble { display: block; }
        &.-good { color: $text-success; text-style: bold; }
        &.-trouble { color: $text-error; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self._complete = False
        self._trouble: TfexamError | None = None

    @property
    def troubled(self) -> bool:
        """Whether trouble is shown, which can be dismissed."""
        return self._trouble is not None

    def complete(self, yes: bool) -> None:
        """Every task is at 5/5, or no longer."""
        self._complete = yes
        self._paint()

    def trouble(self, error: TfexamError | None) -> None:
        """Show `error` until it is dismissed with None."""
        self._trouble = error
        self._paint()

    def _paint(self) -> None:
        self.set_class(self._trouble is not None, "-trouble")
        self.set_class(self._complete and self._trouble is None, "-good")
        if self._trouble is not None:
            error = self._trouble
            self.update(
                Content.assemble(
                    ("! " + _(error.title), "bold"),
                    f" · {error.message} {error.fix}".rstrip(),
                    (f"  {_('x dismisses')}", "$foreground-muted"),
                )
            )
        elif self._complete:
            self.update(Content("✓ " + _("All at 5/5. You can end early with e.")))
