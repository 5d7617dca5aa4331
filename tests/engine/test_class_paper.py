"""A class paper: strict to read, open inside its window only, and the same time for all."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from engine.clock import Instant, ManualClock, local_time
from engine.errors import ClassPaperError, TransitionError
from engine.sitting.state import events, reminders
from engine.sitting.state.report import result
from engine.sitting.state.sitting import Phase, Sitting, replay
from engine.sitting.store.class_paper import (
    ClassPaper,
    ClassSecret,
    read_class_paper,
    read_class_secret,
    write_class_file,
)
from engine.sitting.store.history import past
from engine.sitting.store.layout import lay_out
from engine.sitting.store.record import read_record
from exam_bank.catalog import Catalog
from exam_bank.preparation import Order
from tests.engine.scene import Scene
from tests.engine.sittings import (
    fake_prepare,
    make_bank,
    make_paper,
    make_record,
    make_settings,
)

OPEN = datetime(2026, 12, 5, 9, 0, tzinfo=timezone(timedelta(hours=1)))
CLOSE = OPEN + timedelta(hours=3)
CODE = "TFX-7Q2M-0KXD-93YA"
MINUTE = 60.0


def paper(**changes: object) -> ClassPaper:
    values = {"code": CODE, "minutes": 120.0, "open": OPEN, "close": CLOSE, **changes}
    return msgspec.convert(values, ClassPaper)


def at(moment: datetime) -> Instant:
    return Instant(moment.timestamp(), 1.0, "boot")


# -- the file ---------------------------------------------------------------------------


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    secret = ClassSecret(code=CODE, secret="5e" * 32)
    made = paper(mode="blind", extra_time=1.5, secret_sha256=secret.digest)
    write_class_file(tmp_path / "made" / "paper.toml", made)
    write_class_file(tmp_path / "secret.toml", secret)
    assert read_class_paper(tmp_path / "made" / "paper.toml") == made
    assert read_class_secret(tmp_path / "secret.toml") == secret
    assert secret.secret not in (tmp_path / "made" / "paper.toml").read_text()
    assert (tmp_path / "secret.toml").stat().st_mode & 0o777 == 0o600


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secret.toml"
    path.write_text("precious")
    with pytest.raises(ClassPaperError, match="already exists"):
        write_class_file(path, ClassSecret(code=CODE, secret="5e" * 32))
    assert path.read_text() == "precious"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("minuten = 3", "line 3, minuten: there is no such key"),
        ('minutes = "long"', "line 3, minutes"),
        ("minutes = -1", "line 3, minutes"),
        ('mode = "open"', "line 3, mode"),
        ("extra_time = 9", "line 3, extra_time"),
        ('secret_sha256 = "abc"', "line 3, secret_sha256"),
        ("open = 2026-12-05T09:00:00", "open needs a time zone"),
        ("close = 2020-12-05T09:00:00Z", "close must be later than open"),
        ("format_version = 2", "line 3, format_version"),
        ("= 3", "paper.toml: "),
    ],
)
def test_a_damaged_file_is_a_sentence(tmp_path: Path, line: str, says: str) -> None:
    lines = {
        "code": f'code = "{CODE}"',
        "minutes": "minutes = 120",
        "open": "open = 2026-12-05T09:00:00+01:00",
        "close": "close = 2026-12-05T12:00:00+01:00",
    }
    lines.pop(line.partition(" ")[0], None)
    path = tmp_path / "paper.toml"
    order = ["# a paper", "", line, *lines.values()]
    path.write_text("\n".join(order) + "\n")
    with pytest.raises(ClassPaperError, match=r"paper\.toml") as caught:
        read_class_paper(path)
    assert says in str(caught.value)


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ClassPaperError, match="cannot be read"):
        read_class_paper(tmp_path / "none.toml")


def test_a_damaged_secret_is_not_printed(tmp_path: Path) -> None:
    path = tmp_path / "secret.toml"
    path.write_text(f'code = "{CODE}"\nsecret = "{"5e" * 31}"\n')
    with pytest.raises(ClassPaperError) as caught:
        read_class_secret(path)
    assert "5e5e" not in str(caught.value)
    assert "secret" in str(caught.value)


def test_a_digest_belongs_to_one_secret_and_one_code() -> None:
    digests = {
        ClassSecret(code=CODE, secret="5e" * 32).digest,
        ClassSecret(code=CODE, secret="5f" * 32).digest,
        ClassSecret(code="TFX-0000-0000-0000", secret="5e" * 32).digest,
    }
    assert len(digests) == 3


# -- the window -------------------------------------------------------------------------


def test_before_and_after_its_window_it_says_when_in_local_time() -> None:
    with pytest.raises(ClassPaperError) as early:
        paper().need_open(at(OPEN - timedelta(minutes=1)))
    assert f"opens at {local_time(OPEN.timestamp())}" in str(early.value)
    with pytest.raises(ClassPaperError) as late:
        paper().need_open(at(CLOSE))
    assert f"closed at {local_time(CLOSE.timestamp())}" in str(late.value)
    paper().need_open(at(OPEN))
    paper().need_open(at(CLOSE - timedelta(seconds=1)))


def test_extra_time_moves_the_close_by_what_it_adds() -> None:
    longer = paper(extra_time=1.5)
    assert longer.closes - paper().closes == 60 * MINUTE
    longer.need_open(at(CLOSE + timedelta(minutes=59)))
    with pytest.raises(ClassPaperError):
        longer.need_open(at(CLOSE + timedelta(minutes=60)))


def test_local_time_names_the_zone() -> None:
    local = OPEN.astimezone()
    assert local_time(OPEN.timestamp()) == f"{local:%Y-%m-%d %H:%M %Z}"


# -- the sitting ------------------------------------------------------------------------


def sitting(start: datetime, *, extra: float = 1.0, minutes: float = 120.0) -> Sitting:
    made = paper(extra_time=extra, minutes=minutes)
    record = msgspec.structs.replace(
        make_record("exam", minutes), extra_time=extra, closes=made.closes
    )
    return replay(record, [events.Started(at=at(start))])


@pytest.mark.parametrize(
    ("late", "extra", "minutes"),
    [(0, 1.0, 120), (60, 1.0, 120), (90, 1.0, 90), (0, 1.5, 180), (60, 1.5, 180), (90, 1.5, 150)],
)
def test_a_sitting_ends_at_its_deadline_or_the_close_whichever_comes_first(
    late: int, extra: float, minutes: float
) -> None:
    begun = OPEN + timedelta(minutes=late)
    running = sitting(begun, extra=extra)
    assert running.time_left(at(begun)) == pytest.approx(minutes * MINUTE)
    assert running.deadline is not None
    assert running.deadline.wall == pytest.approx(begun.timestamp() + minutes * MINUTE)


def test_the_clock_cannot_be_started_once_the_paper_has_closed() -> None:
    with pytest.raises(TransitionError, match=f"closed at {local_time(CLOSE.timestamp())}"):
        sitting(CLOSE)


def test_reminders_and_the_result_know_the_extra_time() -> None:
    running = sitting(OPEN, extra=2.0, minutes=40.0)
    assert reminders.due(running, 61 * MINUTE) is None
    assert reminders.due(running, 60 * MINUTE) == 60  # of 80 minutes; of 40 it would be none
    told = result(running)
    assert (told.minutes, told.extra_time, told.length) == (40.0, 2.0, 80 * MINUTE)
    plain = result(replay(make_record("exam", 40.0), [events.Started(at=at(OPEN))]))
    assert plain.length == 40 * MINUTE
    assert not plain.extra_time
    cut = result(sitting(CLOSE - timedelta(minutes=15)))
    assert cut.length == 15 * MINUTE


def test_old_sittings_have_neither(tmp_path: Path) -> None:
    from engine.sitting.state.sitting import SittingRecord

    raw = msgspec.to_builtins(make_record("exam"))
    for name in ("extra_time", "closes", "part"):
        raw.pop(name, None)
    old = msgspec.convert(raw, SittingRecord)
    assert (old.extra_time, old.closes, old.part) == (1.0, msgspec.UNSET, "whole")


class Orders:
    """Keeps the orders that a lay-out gives."""

    def __init__(self) -> None:
        self.given: list[Order] = []

    async def __call__(self, orders: list[Order], on_step: object) -> None:
        self.given += orders
        await fake_prepare(orders, lambda _: None)


def another_bank(tmp_path: Path) -> Catalog:
    return make_bank(tmp_path / f"bank-{len(list(tmp_path.glob('bank-*')))}")


async def laid_out(tmp_path: Path, clock: ManualClock, made: ClassPaper, orders: Orders) -> Path:
    catalog = another_bank(tmp_path)
    drawn = make_paper(catalog)
    return await lay_out(
        make_settings(tmp_path, sampling="draw"),
        clock,
        paper=drawn,
        catalog=catalog,
        kind="exam",
        mode=made.mode,
        minutes=made.minutes,
        extra_time=made.extra_time,
        class_paper=structs.replace(made, code=drawn.code),
        prepare=orders,  # type: ignore[arg-type]
    )


async def test_a_sitting_of_a_class_paper_keeps_its_terms(tmp_path: Path) -> None:
    clock, orders = ManualClock(wall=OPEN.timestamp()), Orders()
    secret = ClassSecret(code=CODE, secret="5e" * 32)
    made = paper(mode="blind", extra_time=1.25, secret_sha256=secret.digest)
    folder = await laid_out(tmp_path, clock, made, orders)
    record = read_record(folder)
    assert (record.mode, record.minutes, record.extra_time) == ("blind", 120.0, 1.25)
    assert (record.closes, record.part) == (made.closes, "first")
    assert record.sampling == "whole"  # the paper's, not the candidate's own
    assert {each.part for each in orders.given} == {"first"}
    assert {each.secret for each in orders.given} == {""}


async def test_nothing_is_laid_out_outside_the_window(tmp_path: Path) -> None:
    early = ManualClock(wall=OPEN.timestamp() - 1)
    orders = Orders()
    with pytest.raises(ClassPaperError):
        await laid_out(tmp_path, early, paper(), orders)
    assert not orders.given
    assert not list((tmp_path / "home" / "sittings").glob("*"))


async def test_the_proctor_ends_it_when_the_paper_closes(tmp_path: Path) -> None:
    clock = ManualClock(wall=CLOSE.timestamp() - 600)
    folder = await laid_out(tmp_path, clock, paper(), Orders())
    scene = Scene(folder, make_settings(tmp_path), clock)
    await scene.started()
    assert scene.proctor.time_left() == pytest.approx(600)
    clock.advance(601)
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    assert scene.sitting.end_reason == "time"
    await scene.close()
    assert past(folder).phase is Phase.ENDED
    back = ManualClock(wall=OPEN.timestamp())
    with pytest.raises(ClassPaperError, match=f"{folder.name} has ended"):
        await laid_out(tmp_path, back, paper(), Orders())


async def test_a_class_paper_that_was_not_ended_can_be_laid_out_again(tmp_path: Path) -> None:
    clock = ManualClock(wall=OPEN.timestamp())
    first = await laid_out(tmp_path, clock, paper(), Orders())
    assert await laid_out(tmp_path, clock, paper(), Orders()) != first


async def test_a_prepared_sitting_is_not_started_after_the_close(tmp_path: Path) -> None:
    clock = ManualClock(wall=OPEN.timestamp())
    folder = await laid_out(tmp_path, clock, paper(), Orders())
    clock.advance(4 * 3600)
    scene = Scene(folder, make_settings(tmp_path), clock)
    scene.open()
    scene.proctor.start()
    await scene.until_after(lambda: scene.troubles)
    assert "The class paper closed at" in str(scene.troubles[0])
    assert scene.sitting.phase is Phase.PREPARED
    await scene.close()
