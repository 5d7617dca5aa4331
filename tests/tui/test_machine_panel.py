"""The machine panel with GPUs that report everything, something or nothing, and with none."""

import pytest
from msgspec.structs import replace

from engine.grading.protocol import Message
from engine.machine.gpu import _REASONS, NO_DEVICE, NO_PACKAGE, Gpus, GpuSample, NoGpu, Reading
from tests.tui.conftest import OpenRoom, Room
from tests.tui.fakes import ONE_GPU, FakeServices

GIB = 1024**3
CARD = ONE_GPU.samples[0]
TWO_GPUS = Gpus((CARD, replace(CARD, index=1, use_percent=4, memory_used=GIB, processes=None)))
WIDE = (120, 40)


async def rows(room: Room) -> list[str]:
    """The rows of the opened panel."""
    await room.pilot.press("g")
    await room.pilot.pause(0.2)
    return [line.rstrip() for line in room.text("MachineRows").split("\n")]


async def test_two_cards_have_three_lines_each_where_there_is_room(
    open_exam: OpenRoom, services: FakeServices
) -> None:
    services.gpu = TWO_GPUS
    async with open_exam(size=WIDE) as room:
        shown = await rows(room)
    assert shown[0].startswith("GPU0 ")
    assert shown[0].endswith(" 87 %")
    assert shown[1].endswith("9.0/24.0 GiB")
    assert "67 °C · 285 W" in shown[2]
    assert shown[3].startswith("GPU1 ")
    assert shown[3].endswith("  4 %")
    assert shown[4].endswith("1.0/24.0 GiB")


async def test_two_cards_have_a_line_each_where_there_is_little_room(
    open_exam: OpenRoom, services: FakeServices
) -> None:
    services.gpu = TWO_GPUS
    async with open_exam() as room:
        shown = await rows(room)
    assert [line[:4] for line in shown[:3]] == ["GPU0", "GPU1", "CPU "]
    assert shown[0].endswith(" 87 % 9.0/24.0 GiB")
    assert shown[1].endswith("  4 % 1.0/24.0 GiB")


@pytest.mark.parametrize(
    ("field", "row", "ends"),
    [
        ("use_percent", 0, "n/a"),
        ("memory_used", 1, "24.0 GiB"),
        ("memory_total", 1, "9.0 GiB"),
        ("memory_peak", 2, "peak n/a · 67 °C · 285 W"),
        ("temperature_c", 2, "· n/a · 285 W"),
        ("power_w", 2, "67 °C · n/a"),
    ],
)
async def test_a_field_the_card_does_not_tell_is_named_so_and_leaves_the_others(
    open_exam: OpenRoom, services: FakeServices, field: str, row: int, ends: str
) -> None:
    services.gpu = Gpus((replace(CARD, **{field: None}),))
    async with open_exam(size=WIDE) as room:
        shown = await rows(room)
    assert shown[row].endswith(ends)
    assert len(shown) == 6


async def test_a_card_that_tells_nothing_keeps_its_rows(
    open_exam: OpenRoom, services: FakeServices
) -> None:
    services.gpu = Gpus((GpuSample(index=0),))
    async with open_exam(size=WIDE) as room:
        shown = await rows(room)
    assert [line.split() for line in shown[:3]] == [
        ["GPU", "n/a"],
        ["VRAM", "n/a"],
        ["peak", "n/a", "·", "n/a", "·", "n/a"],
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("reason", [NO_PACKAGE, NO_DEVICE, *_REASONS.values()])
async def test_without_a_card_it_says_why_and_what_else_there_is(
    open_exam: OpenRoom, services: FakeServices, reason: Message, lang: str
) -> None:
    services.gpu = NoGpu(reason)
    async with open_exam(flags={"lang": lang}) as room:
        shown = await rows(room)
        words = "".join("".join(shown).split())
        text = "".join(room_text(reason, lang).split())
    assert text in words
    assert any(line.startswith("CPU") for line in shown)


def room_text(reason: Message, lang: str) -> str:
    from tui import locale

    locale.set_language(lang)
    return reason.text(locale._)


async def test_a_driver_that_goes_away_becomes_a_reason_and_a_card_that_comes_back_is_shown(
    open_exam: OpenRoom,
) -> None:
    readings: list[Reading | None] = [ONE_GPU, NoGpu(NO_DEVICE), ONE_GPU, None]
    heads = []
    async with open_exam(size=WIDE) as room:
        room.app.bridge.stop_watching()
        await room.settle()
        panel = room.app.screen.query_one("#machine")
        for reading in readings:
            panel.gpu = reading  # type: ignore[attr-defined]
            await room.pilot.pause()
            heads.append(room.text("MachineRows").split("\n")[0].split())
    assert heads[0] == heads[2]
    assert [each[-1] for each in (heads[0], heads[3])] == ["%", "n/a"]
    assert heads[1][:2] == ["GPU", "none"]
