"""The curves of the selected category's newest training, or why there are none."""

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from engine.machine.curves import Curve, CurveReading, NoCurve, Pair
from tui.locale import _, ngettext
from tui.text.charts import charts
from tui.text.format import number_text


class TrainingPanel(Widget, can_focus=True):
    """Paints a reading; repaints only when that or the size changes."""

    DEFAULT_CSS = """
    TrainingPanel { height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="panel pane")
        self._reading: CurveReading | None = None

    def show(self, reading: CurveReading | None) -> None:
        """Show a reading; None means not known yet."""
        if reading is not self._reading:
            self._reading = reading
            self.border_subtitle = _about(reading) if isinstance(reading, Curve) else ""
            self.refresh()

    def render(self) -> RenderResult:
        """The charts."""
        match self._reading:
            case None:
                return Content.styled(_("Checking …"), "$foreground-muted")
            case NoCurve(reason):
                return Content.styled(reason.text(_), "$foreground-muted")
            case Curve():
                width, height = self.content_size
                lines = charts(self._reading, width, height)
                return (
                    Content("\n").join(lines) if lines else Content(_("Too little room to draw."))
                )


def _about(curve: Curve) -> str:
    """How long it ran, and where the validation was best."""
    count = curve.epochs[-1]
    words = ngettext("{n} epoch", "{n} epochs", count).format(n=count)
    best = next((_best(each, curve) for each in curve.pairs if each.name == "loss"), "")
    return f"{words} · {best}" if best else words


def _best(loss: Pair, curve: Curve) -> str:
    if loss.validation is None:
        return ""
    values = zip(loss.validation.values, curve.epochs, strict=True)
    known = [(value, epoch) for value, epoch in values if value is not None]
    if not known:
        return ""
    value, epoch = min(known)
    return _("lowest val_loss {value} at {epoch}").format(value=number_text(value), epoch=epoch)
