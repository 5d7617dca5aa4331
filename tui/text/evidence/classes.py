"""Evidence of a model that names classes: a heat map, each class, and single answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from textual.content import Content

from exam_bank.printable import printable
from tui.locale import N_, _
from tui.text.evidence.pictures import drawn
from tui.text.format import bar, fit, percent_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from engine.grading.evidence import CalibrationBin, ClassEvidence, ClassExample

_SHADES = " ░▒▓█"
_QUIET = "$foreground-muted"
_RIGHT, _WRONG = "$success", "$error"
_MOST_PAIRS, _MOST_LISTED = 5, 12
# A smaller share of a row has no shade.
_SEEN = 0.02
_BAR_CELLS = 10
_PICTURE_CELLS, _LEAST_CELLS, _GAP = 24, 22, 2
_MOST_PICTURES, _MOST_TEXTS = 6, 5
_WORD_LINES, _LONGEST_WORD, _LONGEST_NAME = 3, 40, 20


# -- what is taken for what ----------------------------------------------------------------------


def heat_map(found: ClassEvidence, width: int) -> list[Content]:
    """The confusion matrix: one row for each class, one column for each class named.

    A cell has its count, or its share in per cent, and a shade for that share: colour only adds
    to it.
    """
    style = next((each for each in _STYLES if _needs(found, each) <= width), _STYLES[-1])
    names = [*map(str, found.classes), *(["…"] if found.others else [])]
    label = max(map(len, names)) + 1
    head = "".join(fit(f"{name:>{style.cells - 1}}", style.cells) for name in names)
    lines = [Content.styled(" " * label + head, _QUIET)] if style.cells > 2 else []
    for row, (name, counts) in enumerate(zip(names, found.confusion, strict=True)):
        total = sum(counts) or 1
        cells = [
            _cell(count, count / total, style, right=row == column)
            for column, count in enumerate(counts)
        ]
        lines.append(Content.assemble((f"{name:>{label - 1}} ", _QUIET), *cells))
    note = _("rows: the class; columns: what the model named")
    return [*lines, *(Content.styled(each, _QUIET) for each in (note, _(style.note)))]


class _CellStyle(NamedTuple):
    """How a cell of the heat map is written, in how many cells."""

    cells: int
    write: Callable[[int, float], str]
    note: str


_NOTE_OF_COUNTS = N_("numbers: examples; shades: share of the row")
_NOTE_OF_SHARES = N_("numbers: per cent of the row; shades too")
_NOTE_OF_SHADES = N_("shades: share of the row")


def _counts(cells: int) -> _CellStyle:
    return _CellStyle(cells, lambda count, _share: f"{count or '·':>{cells - 1}}", _NOTE_OF_COUNTS)


_STYLES = (
    _counts(6),
    _counts(5),
    _CellStyle(4, lambda _count, share: f"{round(100 * share) or '·':>3}", _NOTE_OF_SHARES),
    _CellStyle(2, lambda _count, share: _shade(share), _NOTE_OF_SHADES),
    _CellStyle(1, lambda _count, _share: "", _NOTE_OF_SHADES),
)


def _needs(found: ClassEvidence, style: _CellStyle) -> int:
    most = max((count for row in found.confusion for count in row), default=0)
    if style.note == _NOTE_OF_COUNTS and len(str(most)) > style.cells - 2:
        return 10_000
    return 4 + style.cells * len(found.confusion)


def _cell(count: int, share: float, style: _CellStyle, *, right: bool) -> tuple[str, str]:
    text = style.write(count, share) + _shade(share)
    percent = round(60 * share if right else 25 + 50 * share)
    ground = f"on {_RIGHT if right else _WRONG} {percent}%" if share >= _SEEN else ""
    return text, f"bold {ground}" if right else ground


def _shade(share: float) -> str:
    return _SHADES[0 if share < _SEEN else min(4, 1 + int(share * 4))]


def confusions(found: ClassEvidence, names: Sequence[str] = ()) -> Iterator[str]:
    """The classes that are most often taken for another, in words."""
    pairs = [
        (count, count / sum(row), of, named)
        for of, row in zip(found.classes, found.confusion, strict=False)
        for named, count in zip(found.classes, row, strict=False)
        if of != named and count
    ]
    for count, share, of, named in sorted(pairs, reverse=True)[:_MOST_PAIRS]:
        yield _("class {of} taken for {named}: {count}, {share} of its examples").format(
            of=_class(of, names),
            named=_class(named, names),
            count=f"{count:,}",
            share=percent_text(share),
        )


def _class(number: int, names: Sequence[str]) -> str:
    """The class's number, and its name if that is known."""
    known = names[number] if 0 <= number < len(names) else ""
    return f"{number} {printable(known, _LONGEST_NAME)}".rstrip()


def by_class(found: ClassEvidence, width: int, names: Sequence[str] = ()) -> list[Content]:
    """Recall and precision of each class, the weakest first; names stand where there is room."""
    rows = sorted(
        zip(found.classes, found.recall, found.precision, strict=True),
        key=lambda row: (row[1] is None, row[1] or 0.0),
    )
    words = _("recall"), _("precision")
    room = width - sum(map(cell_len, words)) - 22
    named = {number: _class(number, names) for number, *_shares in rows}
    longest = max(map(cell_len, named.values()), default=0)
    if longest > 4 and room - longest < _BAR_CELLS:
        named, longest = {number: str(number) for number in named}, 0
    cells = max(2, min(_BAR_CELLS, (room - longest) // 2))
    lines = []
    for number, *shares in rows[:_MOST_LISTED]:
        name = named[number]
        parts = [Content(fit(name, longest) if longest > 4 else f"{name:>4}")]
        for word, share in zip(words, shares, strict=True):
            parts.append(Content.assemble(f"  {word} ", *_share_bar(share, cells)))
        lines.append(Content("").join(parts))
    if len(rows) > _MOST_LISTED:
        rest = _("and {n} more, all better").format(n=len(rows) - _MOST_LISTED)
        lines.append(Content.styled(rest, _QUIET))
    return lines


def _share_bar(share: float | None, cells: int) -> tuple[tuple[str, str], ...]:
    if share is None:
        return ((fit("n/a", cells + 5), _QUIET),)
    full, rest = bar(share, cells)
    return (full, "$primary"), (rest, _QUIET), (f" {share:4.2f}", "bold")


# -- how surely ----------------------------------------------------------------------------------


def calibration(found: ClassEvidence) -> list[Content]:
    """What share is right where the model says so much, and which way it errs."""
    lines = [_calibration_line(each) for each in found.calibration]
    total = sum(each.n for each in found.calibration) or 1
    over = sum(each.n * (each.confidence - each.right) for each in found.calibration) / total
    if abs(over) < 0.02:
        said = _("Its probabilities are about right.")
    elif over > 0:
        said = _("It is too sure: by {points} points on average.").format(
            points=f"{100 * over:.0f}"
        )
    else:
        said = _("It is too unsure: by {points} points on average.").format(
            points=f"{-100 * over:.0f}"
        )
    return [Content(said), *lines]


def _calibration_line(each: CalibrationBin) -> Content:
    full, rest = bar(each.right, _BAR_CELLS)
    says = _("says {low}–{high} %").format(low=round(100 * each.low), high=round(100 * each.high))
    right = _("{share} right of {n}").format(share=percent_text(each.right), n=f"{each.n:,}")
    return Content.assemble(f"{fit(says, 16)} ", (full, "$primary"), (rest, _QUIET), f" {right}")


# -- single answers ------------------------------------------------------------------------------


def examples(
    chosen: Sequence[ClassExample],
    vocabulary: Sequence[str],
    width: int,
    *,
    colours: bool,
    names: Sequence[str] = (),
) -> list[Content]:
    """The examples themselves: pictures beside each other, texts in words, rows in numbers."""
    if any(each.shown.picture for each in chosen):
        return _pictures(chosen[:_MOST_PICTURES], width, colours=colours)
    lines: list[Content] = []
    for each in chosen[:_MOST_TEXTS]:
        named = caption(each, names)
        fits = cell_len(named) <= width
        lines.append(Content.styled(named if fits else caption(each), "bold"))
        lines += [Content(line) for line in _in_words(each, vocabulary, width)]
    return lines


def caption(each: ClassExample, names: Sequence[str] = ()) -> str:
    """Which example it is, what it is, and what the model says."""
    return _("#{index}: {target}, said {named} ({share})").format(
        index=each.index,
        target=_class(each.target, names),
        named=_class(each.named, names),
        share=percent_text(each.probability),
    )


def _pictures(chosen: Sequence[ClassExample], width: int, *, colours: bool) -> list[Content]:
    beside = max(1, (width + _GAP) // (_LEAST_CELLS + _GAP))
    cells = min(_PICTURE_CELLS, (width - _GAP * (beside - 1)) // beside)
    lines: list[Content] = []
    for start in range(0, len(chosen), beside):
        row = [each for each in chosen[start : start + beside] if each.shown.picture]
        drawings = [
            drawn(each.shown.picture, cells, colours=colours) for each in row if each.shown.picture
        ]
        captions = [fit(caption(each), cells) for each in row]
        lines.append(Content.styled((" " * _GAP).join(captions), "bold"))
        lines += _beside(drawings, cells)
        lines.append(Content(""))
    return lines


def _beside(drawings: Sequence[Sequence[Content]], cells: int) -> Iterator[Content]:
    for y in range(max(map(len, drawings), default=0)):
        parts = [drawing[y] if y < len(drawing) else Content("") for drawing in drawings]
        padded = [each.pad_right(cells - each.cell_length) for each in parts]
        yield Content(" " * _GAP).join(padded)


def _in_words(each: ClassExample, vocabulary: Sequence[str], width: int) -> list[str]:
    if each.shown.words:
        said = (_word(number, vocabulary) for number in each.shown.words)
        return _wrapped(list(said), width)
    return _wrapped([f"{number:g}" for number in each.shown.numbers], width)


def _word(number: int, vocabulary: Sequence[str]) -> str:
    known = vocabulary[number] if 0 <= number < len(vocabulary) else ""
    return printable(known, _LONGEST_WORD) or f"<{number}>"


def _wrapped(words: Sequence[str], width: int) -> list[str]:
    """At most three lines; … stands for the rest."""
    lines = [*_lines(words, width - 2)]
    if len(lines) > _WORD_LINES:
        lines = [*lines[: _WORD_LINES - 1], fit(lines[_WORD_LINES - 1] + " …", width)]
    return [fit(each, width).rstrip() for each in lines]


def _lines(words: Sequence[str], width: int) -> Iterator[str]:
    line = ""
    for word in words:
        longer = f"{line} {word}".strip()
        if cell_len(longer) > width and line:
            yield line
            line = word
        else:
            line = longer
    yield line
