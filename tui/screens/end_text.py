"""The state of a sitting, line by line: what counts, what is missing, what comes next. Pure."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from engine.marking import MAX_SCORE, PASS_PERCENT
from exam_bank.proof.digits import telling
from tui.locale import N_, _, ngettext, noted
from tui.text.format import fit, score_text, spread
from tui.text.modes import WITHHELD
from tui.text.verdicts import LATER, TONES, UNSUBMITTED, Look, look_of_task, score_tone

if TYPE_CHECKING:
    from engine.sitting.state.sitting import Sitting
    from engine.sitting.views.next_points import NextPoint

METRICS = {
    "accuracy": N_("accuracy"),
    "balanced_accuracy": N_("balanced accuracy"),
    "f1": N_("F1 score"),
    "mae": N_("mean absolute error"),
    "relative_mae": N_("relative error"),
}
_COLUMNS = (N_("best"), N_("weight"), N_("counts"))
_CELLS = 8
_NAMES = 12  # the least room for a task's name

_FULL = Look("✓", N_("full marks"), "good")
_SOME = Look("●", N_("still to gain"), "plain")
_NONE = Look("✗", N_("no points yet"), "bad")
_UNGRADED = Look("○", N_("nothing graded"), "bad")
_COMES = Look("…", N_("not graded yet"), "caution")

Titles = Callable[[str], str]


def table(
    sitting: "Sitting", unsubmitted: frozenset[str], title: Titles, width: int
) -> Iterator[Content]:
    """Column names, one line per task, and the total: best score, weight, contribution."""
    tasks = sitting.record.paper.tasks
    looks = {each.task: _look(sitting, each.task, unsubmitted) for each in tasks}
    states = max([16, *(cell_len(look.text()) for look in looks.values())]) + 1
    names = max(_NAMES, width - states - len(_COLUMNS) * _CELLS)
    labels = "".join(spread("", _(each), _CELLS) for each in _COLUMNS)
    yield Content.styled(" " * (states + names) + labels, "$foreground-muted")
    shares, hidden = sitting.record.paper.shares, sitting.withheld
    for each in tasks:
        best, look, share = sitting.best(each.task), looks[each.task], shares[each.task]
        yield Content.assemble(
            (fit(look.text(), states), look.style),
            fit(f"{each.category}  {title(each.task)}", names),
            (spread("", score_text(best), _CELLS), f"bold {TONES[score_tone(best)]}"),
            (spread("", percent(share), _CELLS), "$foreground-muted"),
            spread("", "–" if hidden else percent(share * (best or 0) / MAX_SCORE), _CELLS),
        )
    yield Content.assemble(
        fit(" " * states + _("Total"), width - _CELLS),
        (spread("", "–" if hidden else percent(sitting.percent), _CELLS), "bold"),
    )


def _look(sitting: "Sitting", task: str, unsubmitted: frozenset[str]) -> Look:
    if task in unsubmitted:
        return UNSUBMITTED
    if sitting.withheld:
        return look_of_task(sitting, task)
    best = sitting.best(task)
    if best == MAX_SCORE:
        return _FULL
    if any(each.task == task for each in sitting.unfinished):
        return _COMES
    if best is None:
        return _UNGRADED
    return _SOME if best else _NONE


def percent(value: float) -> str:
    """A share of the total: a whole number if it is one, else with one decimal."""
    text = f"{value:.1f}"
    return f"{text.removesuffix('.0')} %"


def later(sitting: "Sitting", marked: frozenset[str], title: Titles) -> Content | None:
    """Which tasks the candidate wanted to come back to."""
    tasks = [each for each in sitting.record.paper.tasks if each.task in marked]
    if not tasks:
        return None
    names = ", ".join(f"{each.category} {title(each.task)}" for each in tasks)
    text = _("{later}: {tasks}").format(later=LATER.text(), tasks=names)
    return Content.styled(text, LATER.style)


def missing(sitting: "Sitting") -> Content:
    """Whether this passes, and how much there is still to gain."""
    if sitting.withheld:
        return Content(_(WITHHELD))
    left = _("{percent} still to gain.").format(percent=percent(100.0 - sitting.percent))
    if sitting.complete:
        return Content.styled(
            "✓ " + _("Every category is at 5/5: there is nothing left to gain."), TONES["good"]
        )
    if sitting.record.kind == "practice":
        return Content(left)
    asked = percent(PASS_PERCENT)
    if sitting.passed:
        text = _("This passes; the pass mark is {asked}.").format(asked=asked)
        return Content.assemble(("✓ " + text, TONES["good"]), " ", left)
    short = percent(PASS_PERCENT - sitting.percent)
    text = _("{short} short of the pass mark, {asked}.").format(short=short, asked=asked)
    return Content.assemble(("✗ " + text, TONES["bad"]), " ", left)


def waiting(sitting: "Sitting") -> Content | None:
    """If gradings are still to come, a note that they will count."""
    count = len(sitting.unfinished)
    if not count:
        return None
    text = ngettext(
        "{n} submission is not graded yet; it will be, and it counts.",
        "{n} submissions are not graded yet; they will be, and they count.",
        count,
    )
    return Content.styled("… " + text.format(n=count), TONES["caution"])


def saved(unsubmitted: frozenset[str], *, automatic: bool) -> Content | None:
    """If saved models were not submitted, what happens to them."""
    count = len(unsubmitted)
    if not count:
        return None
    if automatic:
        text = ngettext(
            "{n} saved model is not submitted yet; press s to submit it now.",
            "{n} saved models are not submitted yet; press s to submit them now.",
            count,
        )
    else:
        text = ngettext(
            "{n} saved model was not submitted and will not count; press s to submit it.",
            "{n} saved models were not submitted and will not count; press s to submit them.",
            count,
        )
    return Content.styled("! " + text.format(n=count), TONES["caution"])


def cheapest(point: "NextPoint", title: Titles) -> Content:
    """The cheapest next points: from which metric to which, and what they bring."""
    metric, needed = _(METRICS[point.metric]), f"{point.needed:g}"
    name = f"{point.category} {title(point.task)}"
    brings = _("{score} there, {percent} more in all").format(
        score=score_text(point.score), percent=percent(point.percent)
    )
    if point.now is None:
        way = _("not measured yet; needs {metric} {needed}").format(metric=metric, needed=needed)
    else:
        way = f"{metric} {telling(point.now, [point.needed])} → {needed}"
    return Content.assemble(
        ("▸ " + _("Cheapest next point:"), "bold $text-primary"), f" {name}\n  {noted(way, brings)}"
    )
