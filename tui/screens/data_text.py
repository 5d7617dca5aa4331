"""The data screen's texts: a data set, the progress of a fetch, and its outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from tui.locale import N_, _, labelled, ngettext, say
from tui.text.dataset_state import size_text
from tui.text.format import bar, fit, short_path

if TYPE_CHECKING:
    from pathlib import Path

    from exam_bank.datasets.fetch import FetchProgress
    from exam_bank.datasets.manual_add import Added
    from exam_bank.errors import DataError, TfexamError
    from tui.link.dataset_service import DataFileState, DataSetState

_MARK_CELLS, _STATE_CELLS, _SIZE_CELLS, _BAR_CELLS = 2, 9, 6, 24
# How much of something is here: glyph, word and tone.
STATES = {
    "here": ("✓", N_("here"), "$text-success"),
    "part": ("!", N_("partly"), "$text-warning"),
    "none": ("○", N_("absent"), "$foreground-muted"),
}


def state_of(data: DataSetState) -> tuple[str, str, str]:
    """Glyph, word and tone that show how much of a data set is here."""
    if data.is_here:
        return STATES["here"]
    return STATES["none" if len(data.missing) == len(data.files) else "part"]


def row(
    data: DataSetState, cells: int, *, marked: bool, state: tuple[str, str, str] | None
) -> Content:
    """One line of the list, `cells` wide; `state` stands in place of what is here of it."""
    glyph, word, tone = state or state_of(data)
    name = fit(data.id, cells - _MARK_CELLS - _STATE_CELLS - _SIZE_CELLS - 1)
    size = (size_text(data.says.bytes) if data.says.bytes else "–").rjust(_SIZE_CELLS)
    mark = ("■ " if marked else "  ", "$text-success")
    shown = (fit(f"{glyph} {_(word)}", _STATE_CELLS), tone)
    return Content.assemble(mark, shown, name, (f" {size}", "$foreground-muted"))


def words(data: DataSetState) -> Sequence[str]:
    """Everything that a filter finds a data set by."""
    titles = [title for task in data.tasks for title in (task.id, *map(task.title, ("en", "zh")))]
    _glyph, state, _tone = state_of(data)
    return [data.id, data.says.title, _(data.says.title), data.says.licence, _(state), *titles]


def marked(count: int, cost: int) -> Content:
    """How many data sets are marked, and what fetching them costs."""
    text = ngettext("{n} data set is marked", "{n} data sets are marked", count).format(n=count)
    size = _("to fetch {size}").format(size=_size(cost)) if cost else _("to fetch")
    return Content.styled(f"■ {text} · {size}", "$foreground-muted")


def details(data: DataSetState, language: str) -> Content:
    """The details of one data set."""
    return Content("\n").join(_lines(data, language))


def _lines(data: DataSetState, language: str) -> Iterator[Content]:
    yield Content.styled(_(data.says.title), "bold")
    yield Content("")
    yield _fact(_("Size"), _size(data.says.bytes))
    yield _fact(_("Licence"), data.says.licence)
    titles = ", ".join(f"{task.category} {task.title(language)}" for task in data.tasks)
    yield _fact(_("Tasks"), titles or _("not in this bank"))
    yield Content("")
    for file in data.files:
        yield from _file_lines(file)
    yield Content("")
    yield Content.styled(f"{data.says.citation} {data.says.home}".rstrip(), "$foreground-muted")


def _file_lines(file: DataFileState) -> Iterator[Content]:
    """Where each file is, or how large."""
    glyph, word, tone = STATES["none" if file.path is None else "here"]
    head = Content.assemble((f"{glyph} {_(word)} ", tone), file.name)
    if file.path is None:
        # A non-breaking space: a number and its unit must not be split between two lines.
        size = _size(file.bytes or 0).replace(" ", "\xa0")
        yield Content.assemble(head, (f" {size}", "$foreground-muted"))
    else:
        yield head
        yield Content.styled(f"  {short_path(file.path)}", "$foreground-muted")


def _fact(label: str, text: str) -> Content:
    return Content.assemble((fit(label, 9), "$foreground-muted"), text)


def _size(count: int) -> str:
    return size_text(count) if count else _("unknown")


def progress(step: FetchProgress) -> Content:
    """How much of a file has arrived, and where it comes from."""
    from exam_bank.datasets.fetch import place_of

    filled, empty = bar(step.done / step.total if step.total else 0.0, _BAR_CELLS)
    done = size_text(step.done) if step.done else "0"
    size = f" {done} / {size_text(step.total)}" if step.total else ""
    words = _("{file} from {place}").format(file=step.file, place=place_of(step.source))
    return Content.assemble(
        f"{words}\n", (filled, "$primary"), (empty, "$foreground-disabled"), size
    )


def progress_line(step: FetchProgress, width: int) -> Content:
    """The same in one line, below those of other data sets, whose names take `width` cells."""
    filled, empty = bar(step.done / step.total if step.total else 0.0, _BAR_CELLS)
    done = size_text(step.done) if step.done else "0"
    size = f" {done} / {size_text(step.total)}" if step.total else f" {done}"
    name = fit(step.dataset, width + 1)
    return Content.assemble(name, (filled, "$primary"), (empty, "$foreground-disabled"), size)


def error(trouble: TfexamError) -> Content:
    """What went wrong, and what to do."""
    return Content.assemble(
        ("✗ " + _(trouble.title), "bold $text-error"), f"\n{say(trouble.sentence)}"
    )


def fetched(name: str) -> Content:
    """The message that a data set is complete."""
    return Content.styled("✓ " + _("{name} is here.").format(name=name), "$text-success")


def verified(damaged: Mapping[Path, DataError], sets: Sequence[DataSetState]) -> Content:
    """The result of checking every file."""
    if damaged:
        lines = "\n".join(
            "✗ " + labelled(short_path(str(path)), say(wrong.message))
            for path, wrong in damaged.items()
        )
        advice = _("Remove the damaged files, then fetch them again.")
        return Content.assemble((lines, "$text-error"), f"\n{advice}")
    count = sum(file.path is not None for each in sets for file in each.files)
    text = ngettext("{n} file is intact.", "{n} files are intact.", count)
    return Content.styled("✓ " + text.format(n=count), "$text-success")


def added(files: Sequence[Added]) -> Content:
    """What an added file was recognised as."""
    text = _("{file} of {dataset} was added.")
    lines = [f"✓ {text.format(file=each.file, dataset=each.dataset)}" for each in files]
    return Content.styled("\n".join(lines), "$text-success")
