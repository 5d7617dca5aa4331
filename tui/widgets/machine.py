"""The machine: each GPU's use and memory, or why there is none; CPU, memory, trainings.

A field that a probe does not know is shown as n/a, never left blank.
"""

from collections.abc import Iterator

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from engine.machine.gpu import Gpus, GpuSample, NoGpu, Reading
from engine.machine.usage import TrainingProcess, UsageSample
from tui.format import bar, bytes_text, fit, used_text
from tui.locale import _


class MachinePanel(Widget):
    """Shows the newest sample; only itself is painted again."""

    DEFAULT_CSS = """
    MachinePanel {
        height: 1fr;
        min-height: 3;
    }
    """

    gpu: reactive[Reading | None] = reactive(None)
    usage: reactive[UsageSample | None] = reactive(None)

    def on_mount(self) -> None:
        """Title."""
        self.add_class("panel")
        self.border_title = _("Machine")

    def render(self) -> RenderResult:
        """Rows of a label, a bar and a figure."""
        if self.gpu is None and self.usage is None:
            return Content.styled(_("Reading the machine …"), "$foreground-muted")
        return Content("\n").join([*self._gpu_rows(), *self._usage_rows()])

    def _label(self, text: str) -> str:
        width = max(cell_len(_(name)) for name in ("GPU", "CPU", "VRAM", "Memory"))
        return fit(text, width) + " "

    def _level(self, label: str, part: float | None, figure: str) -> Content:
        head = self._label(label)
        room = self.content_size.width - cell_len(head) - cell_len(figure) - 1
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
        match self.gpu:
            case Gpus(samples):
                for sample in samples:
                    yield from self._one_gpu(sample, many=len(samples) > 1)
            case NoGpu(reason):
                yield from self._reason(reason.text(_))
            case None:
                yield Content.assemble((self._label(_("GPU")), "$foreground-muted"), _("n/a"))

    def _reason(self, text: str) -> Iterator[Content]:
        """Why there is no GPU, its further lines under the first."""
        head = self._label(_("GPU"))
        room = max(8, self.content_size.width - cell_len(head))
        words = Content.assemble(f"{_('none')} · ", (text, "$foreground-muted"))
        for number, line in enumerate(words.wrap(room)):
            margin = head if number == 0 else " " * cell_len(head)
            yield Content.assemble((margin, "$foreground-muted"), line)

    def _one_gpu(self, sample: GpuSample, *, many: bool) -> Iterator[Content]:
        name = _("GPU") if not many or sample.index is None else f"{_('GPU')}{sample.index}"
        use = sample.use_percent
        figure = _("n/a") if use is None else f"{use:3d} %"
        yield self._level(name, None if use is None else use / 100, figure)
        used, total = sample.memory_used, sample.memory_total
        if used is None or total is None:
            known = total if used is None else used
            yield self._level(_("VRAM"), None, _("n/a") if known is None else bytes_text(known))
        else:
            part = used / total if total else 0.0
            yield self._level(_("VRAM"), part, used_text(used, total))

    def _usage_rows(self) -> Iterator[Content]:
        usage = self.usage
        if usage is None:
            yield self._level(_("CPU"), None, _("n/a"))
            return
        yield self._level(_("CPU"), usage.cpu_percent / 100, f"{usage.cpu_percent:3.0f} %")
        part = usage.memory_used / usage.memory_total if usage.memory_total else 0.0
        yield self._level(_("Memory"), part, used_text(usage.memory_used, usage.memory_total))
        if not usage.training:
            yield Content.styled(_("No training is running."), "$foreground-muted")
        for process in usage.training:
            yield self._training(process)

    def _training(self, process: TrainingProcess) -> Content:
        percent = "" if process.cpu_percent is None else f" {process.cpu_percent:.0f} %"
        tail = f"{percent} {bytes_text(process.memory)}"
        room = self.content_size.width - cell_len(tail) - 2
        return Content.assemble(
            ("▶ ", "$text-primary"), fit(process.command, room), (tail, "$foreground-muted")
        )
