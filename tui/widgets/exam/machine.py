"""The machine: each GPU's load and memory, or why there is none; CPU, memory, trainings.

In one line as long as nobody asks for more, and in a panel that opens and closes. A field that
a probe cannot read is shown as n/a, never left blank.
"""

from collections.abc import Iterator

from rich.cells import cell_len
from textual.app import ComposeResult, RenderResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from engine.machine.gpu import Gpus, GpuSample, NoGpu, Reading
from engine.machine.usage import TrainingProcess, UsageSample
from tui.locale import _
from tui.text.format import bar, bytes_text, fit, used_text

_FULL_LINES = 3  # for one GPU if there is room


class MachineClicked(Message):
    """The line was clicked, which opens the panel, or the panel, which closes it."""


class MachineLine(Widget):
    """The newest sample in as much of one line as there is."""

    DEFAULT_CSS = """
    MachineLine {
        height: 1;
        padding: 0 1;
        color: $foreground-muted;
        &:hover { background: $panel; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._line = Content("")
        self._sample: tuple[Reading | None, UsageSample | None] = (None, None)

    def on_click(self) -> None:
        """Open the panel."""
        self.post_message(MachineClicked())

    def on_resize(self) -> None:
        """Fit the line to the new width."""
        self.show(*self._sample)

    def show(self, gpu: Reading | None, usage: UsageSample | None) -> None:
        """Show what was read; repaint only if a figure has changed."""
        self._sample = (gpu, usage)
        line = one_line(gpu, usage, self.content_size.width)
        if _differ(line, self._line):
            self._line = line
            self.refresh()

    def render(self) -> RenderResult:
        """The line."""
        return self._line


def one_line(gpu: Reading | None, usage: UsageSample | None, width: int) -> Content:
    """The key of the panel, and as many figures as fit, the most telling first."""
    if gpu is None and usage is None:
        return Content.assemble(("g ", "$text-primary"), _("Reading the machine …"))
    texts = (
        " · ".join(each for each in parts if each)
        for parts in _lines_of(*_gpu_figures(gpu), *_usage_figures(usage))
    )
    text = next((each for each in texts if cell_len(each) <= width - 2), "")
    return Content.assemble(("g ", "$text-primary"), text)


def _lines_of(
    use: str, memory: str, short_memory: str, cpu: str, used: str
) -> Iterator[tuple[str, ...]]:
    """From all figures down to the least that says something."""
    yield use, memory, cpu, used
    yield use, memory, cpu
    yield use, short_memory, cpu
    yield use, cpu
    yield (cpu,)


def _gpu_figures(gpu: Reading | None) -> tuple[str, str, str]:
    """The busiest GPU's load, its memory, and that in short."""
    if not isinstance(gpu, Gpus) or not gpu.samples:
        return _words(_("GPU"), _("none") if isinstance(gpu, NoGpu) else _("n/a")), "", ""
    sample = max(gpu.samples, key=lambda each: each.use_percent or 0)
    count = f" ×{len(gpu.samples)}" if len(gpu.samples) > 1 else ""
    memory, short = _memory(sample), _known_bytes(sample.memory_used)
    head = _words(_("GPU") + count, _percent(sample.use_percent).strip())
    return head, _words(_("VRAM"), memory), short


def _usage_figures(usage: UsageSample | None) -> tuple[str, str]:
    if usage is None:
        return _words(_("CPU"), _("n/a")), ""
    memory = used_text(usage.memory_used, usage.memory_total)
    return _words(_("CPU"), f"{usage.cpu_percent:.0f} %"), _words(_("Memory"), memory)


def _words(label: str, figure: str) -> str:
    return f"{label} {figure}"


class MachinePanel(VerticalScroll, can_focus=False):
    """Shows the newest sample; scrolls if a machine has more than fits."""

    DEFAULT_CSS = """
    MachinePanel {
        height: 1fr;
        min-height: 3;
    }
    """

    # Only the rows are repainted: frame and empty lines would cost 4 kB every second.
    gpu: reactive[Reading | None] = reactive(None, repaint=False)
    usage: reactive[UsageSample | None] = reactive(None, repaint=False)

    def compose(self) -> ComposeResult:
        """The rows."""
        yield MachineRows()

    def on_mount(self) -> None:
        """Title."""
        self.add_class("panel")
        self.border_title = _("Machine")
        self.border_subtitle = _("g closes")

    def on_click(self) -> None:
        """Close."""
        self.post_message(MachineClicked())

    def watch_gpu(self) -> None:
        """A new reading."""
        self._show()

    def watch_usage(self) -> None:
        """A new sample."""
        self._show()

    def on_resize(self) -> None:
        """Fit each GPU to the new size."""
        self._show()

    def _show(self) -> None:
        rows = self.query(MachineRows)
        if rows:
            rows.first().show(self.gpu, self.usage, self.content_size.height)
            self.can_focus = rows.first().lines > self.content_size.height > 0


class MachineRows(Widget):
    """Rows of label, bar and figure; repainted only when a figure changes."""

    DEFAULT_CSS = """
    MachineRows { height: auto; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._gpu: Reading | None = None
        self._usage: UsageSample | None = None
        self._room = 0
        self.lines = 1

    def show(self, gpu: Reading | None, usage: UsageSample | None, room: int) -> None:
        """Show what was read; `room` is how many lines are visible."""
        if (gpu, usage, room) == (self._gpu, self._usage, self._room):
            return
        before = self._rows()
        self._gpu, self._usage, self._room = gpu, usage, room
        after = self._rows()
        self.lines = len(after)
        if len(before) != len(after):
            self.refresh(layout=True)
            return
        width = self.size.width
        changed = [n for n, pair in enumerate(zip(before, after, strict=True)) if _differ(*pair)]
        if changed:
            self.refresh(*(Region(0, line, width, 1) for line in changed))

    def render(self) -> RenderResult:
        """Render everything, one line each."""
        return Content("\n").join(self._rows())

    def _rows(self) -> list[Content]:
        if self._gpu is None and self._usage is None:
            return [Content.styled(_("Reading the machine …"), "$foreground-muted")]
        return [*self._gpu_rows(), *self._usage_rows()]

    def _width(self) -> int:
        return self.content_size.width or 29

    def _label(self, text: str) -> str:
        width = max(cell_len(_(name)) for name in ("GPU", "CPU", "VRAM", "Memory"))
        return fit(text, width) + " "

    def _level(self, label: str, part: float | None, figure: str) -> Content:
        head = self._label(label)
        room = self._width() - cell_len(head) - cell_len(figure) - 1
        if part is None or room < 3:
            return Content.assemble((head, "$foreground-muted"), figure)
        filled, empty = bar(part, room)
        tone = "$warning" if part >= 0.9 else "$primary"
        return Content.assemble(
            (head, "$foreground-muted"),
            (filled, tone),
            (empty, "$foreground-disabled"),
            " ",
            figure,
        )

    def _gpu_rows(self) -> Iterator[Content]:
        match self._gpu:
            case Gpus(samples):
                needed = len(samples) * _FULL_LINES + len(list(self._usage_rows()))
                is_short = len(samples) > 1 and needed > self._room
                for sample in samples:
                    name = self._gpu_name(sample, many=len(samples) > 1)
                    yield from self._short(name, sample) if is_short else self._full(name, sample)
            case NoGpu(reason):
                yield from self._reason(reason.text(_))
            case None:
                yield Content.assemble((self._label(_("GPU")), "$foreground-muted"), _("n/a"))

    def _reason(self, text: str) -> Iterator[Content]:
        """Why there is no GPU, with further lines aligned below the first."""
        head = self._label(_("GPU"))
        room = max(8, self._width() - cell_len(head))
        words = Content.assemble(_("none"), " · ", (text, "$foreground-muted"))
        for number, line in enumerate(words.wrap(room)):
            margin = head if number == 0 else " " * cell_len(head)
            yield Content.assemble((margin, "$foreground-muted"), line)

    def _gpu_name(self, sample: GpuSample, *, many: bool) -> str:
        return _("GPU") + str(sample.index) if many and sample.index is not None else _("GPU")

    def _full(self, name: str, sample: GpuSample) -> Iterator[Content]:
        """A GPU in three lines: load, memory, and whatever else is known."""
        use = sample.use_percent
        yield self._level(name, None if use is None else use / 100, _percent(use))
        yield self._level(_("VRAM"), _part(sample), _memory(sample))
        facts = [_("peak {memory}").format(memory=_known_bytes(sample.memory_peak))]
        facts.append(_("n/a") if sample.temperature_c is None else f"{sample.temperature_c} °C")
        facts.append(_("n/a") if sample.power_w is None else f"{sample.power_w:.0f} W")
        yield self._detail(self._label(""), " · ".join(facts))

    def _short(self, name: str, sample: GpuSample) -> Iterator[Content]:
        """A GPU among several in one line."""
        use = sample.use_percent
        figure = f"{_percent(use)} {_memory(sample)}"
        yield self._level(name, None if use is None else use / 100, figure)

    def _usage_rows(self) -> Iterator[Content]:
        usage = self._usage
        if usage is None:
            yield self._level(_("CPU"), None, _("n/a"))
            return
        yield self._level(_("CPU"), usage.cpu_percent / 100, f"{usage.cpu_percent:3.0f} %")
        part = usage.memory_used / usage.memory_total if usage.memory_total else 0.0
        yield self._level(_("Memory"), part, used_text(usage.memory_used, usage.memory_total))
        if not usage.training:
            yield Content.styled(_("No training is running."), "$foreground-muted")
        for process in usage.training:
            yield from self._training(process)

    def _training(self, process: TrainingProcess) -> Iterator[Content]:
        """A training in two lines: its name, and what it uses."""
        room = self._width() - 2
        name = f"{process.place} · {process.command}" if process.place else process.command
        yield Content.assemble(("▶ ", "$text-primary"), fit(name, room))
        percent = process.cpu_percent
        facts = [_("n/a") if percent is None else f"{percent:.0f} %", bytes_text(process.memory)]
        if isinstance(self._gpu, Gpus):
            used = self._gpu.memory_of(process.pid)
            facts.append(" ".join((_("VRAM"), _known_bytes(used))))
        yield self._detail("  ", " · ".join(facts))

    def _detail(self, margin: str, text: str) -> Content:
        """A muted detail line; without its margin or shortened if space is tight."""
        width = self._width()
        if cell_len(margin + text) > width:
            margin = ""
        if cell_len(text) > width:
            text = text.replace("iB", "")
        return Content.styled(fit(margin + text, width), "$foreground-muted")


def _differ(one: Content, other: Content) -> bool:
    return one.plain != other.plain or one.spans != other.spans


def _percent(use: int | None) -> str:
    return _("n/a") if use is None else f"{use:3d} %"


def _known_bytes(count: int | None) -> str:
    return _("n/a") if count is None else bytes_text(count)


def _part(sample: GpuSample) -> float | None:
    used, total = sample.memory_used, sample.memory_total
    return None if used is None or not total else used / total


def _memory(sample: GpuSample) -> str:
    used, total = sample.memory_used, sample.memory_total
    if used is None or total is None:
        return _known_bytes(total if used is None else used)
    return used_text(used, total)
