"""The total over the whole sitting, against the pass mark; drawn where there is room."""

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from engine.clock import Instant
from engine.marking import PASS_PERCENT
from engine.sitting.state.sitting import Sitting
from engine.sitting.views.total_trend import total_over_time, total_trend
from tui.locale import _
from tui.text.charts import BROKEN, LINE, plot
from tui.text.format import minutes_text

_LEAST_ROWS = 6


class TotalChart(Widget):
    """Repainted only when the line has changed by at least a dot."""

    DEFAULT_CSS = """
    TotalChart {
        height: 1fr;
        max-height: 14;
        padding: 1 2 0 1;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._totals: tuple[float | None, ...] = ()
        self._seconds = 0.0
        self._now: tuple[Sitting, float] | None = None

    def show(self, sitting: Sitting, now: Instant) -> None:
        """Show how the total of `sitting` grew until `now`; nothing before the first point."""
        self._now = (sitting, sitting.elapsed_at(now))
        self._measure()

    def on_resize(self) -> None:
        """Measure for the new width."""
        self._measure()

    def _measure(self) -> None:
        if self._now is None or not self.display:
            return
        sitting, elapsed = self._now
        won = len(total_trend(sitting)) > 1
        places = max(0, self.content_size.width) * 2
        totals = total_over_time(sitting, elapsed, places) if won else ()
        if totals != self._totals:
            self._totals, self._seconds = totals, sitting.seconds
            self.refresh()

    def render(self) -> RenderResult:
        """What the lines mean, and the lines."""
        width, height = self.content_size
        known = [each for each in self._totals if each is not None]
        if not known or height < _LEAST_ROWS:
            return Content("")
        ends = (minutes_text(0), minutes_text(self._seconds))
        passing = [PASS_PERCENT] * len(self._totals)
        lines = plot(self._totals, passing, ends, width, height - 1)
        return Content("\n").join([_legend(known[-1]), *lines]) if lines else Content("")


def _legend(total: float) -> Content:
    won = _("total {percent} %").format(percent=f"{total:.0f}")
    wanted = _("pass mark {percent} %").format(percent=f"{PASS_PERCENT:.0f}")
    return Content.assemble(
        (f"{LINE} {won}", "bold $text-primary"), (f"  {BROKEN} {wanted}", "bold $text-warning")
    )
