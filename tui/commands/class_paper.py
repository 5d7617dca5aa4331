"""`tfexam class paper`: one file from which a whole class sits the same exam."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.commands.options import SettingOption, level_option, need_same_level, settings_of
from tui.locale import _, listed

if TYPE_CHECKING:
    from engine.settings import Settings
    from engine.sitting.store.class_paper import ClassPaper, ClassSecret
    from exam_bank.catalog import Catalog
    from exam_bank.paper import Paper
    from exam_bank.preparation import Step
    from exam_bank.task import Level

_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M%z"]


@click.command("paper")
@click.option("--code", metavar="TFX-…", help="Use the paper of this code.  [default: a new one]")
@level_option("Draw the new paper on this level; --code brings its own.  [default: {level}]")
@click.option(
    "--minutes",
    type=float,
    metavar="N",
    cls=SettingOption,
    help="Length of the exam.  [default: {minutes}]",
)
@click.option(
    "--open",
    "opens",
    metavar="TIME",
    type=click.DateTime(_FORMATS),
    help="When it can be started, in the time of this machine, such as 2026-12-05T09:00.",
)
@click.option(
    "--close",
    "closes",
    metavar="TIME",
    type=click.DateTime(_FORMATS),
    help="When every exam ends.",
)
@click.option(
    "--extra-time",
    type=click.Choice(["1.25", "1.5", "2"]),
    help="Give so many times the usual time; --close moves by as many minutes.",
)
@click.option(
    "--mode",
    type=click.Choice(["faithful", "coach", "blind"]),
    cls=SettingOption,
    help="What candidates see of their scores.  [default: {mode}]",
)
@click.option(
    "--like",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Take what is not given here from this class paper, and its secret.",
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("paper.toml"),
    show_default=True,
    help="The file for the candidates.",
)
@click.option(
    "--secret-out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file that you keep.  [default: secret.toml beside --out]",
)
@click.option(
    "--one-set",
    is_flag=True,
    help="Make no secret: the class is graded on the hidden set that the code gives.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    out: Path,
    secret_out: Path | None,
    **asked: Any,
) -> None:
    """Make a class paper: candidates sit it with `tfexam exam --paper FILE`.

    Everybody gets the same tasks with the same data, length, mode and window. An exam can be
    started from --open until --close; it ends at its own deadline or at --close, whichever
    comes first.

    A code gives its hidden set to anyone with the bank. So a second file is made that you
    keep: it holds a secret that decides on which other examples the class is graded, with
    `tfexam class grade --secret FILE`. Candidates see scores on the first set only. Data
    that are public cannot be drawn again: such a hidden set is cut in two. This takes about
    a minute, because both sets are made once to be sure that they can be.

    For somebody with extra time, make a second file from the first with --like.

    \b
    Examples:
      tfexam class paper --minutes 120 --open 2026-12-05T09:00 --close 2026-12-05T12:00
      tfexam class paper --like paper.toml --extra-time 1.5 --out paper-150.toml
    """  # noqa: D301
    from engine.classroom.comparison.second_sets import try_second_sets
    from engine.sitting.store.class_paper import write_class_file
    from exam_bank.catalog import Catalog

    flags = {name: asked[name] for name in ("minutes", "mode", "level")}
    settings = settings_of(ctx, **flags)
    bank = Catalog.find(settings.packs)
    made, secret = _asked_for(bank, settings, has_place=secret_out is not None, **asked)
    paper = _named(bank, settings, made.code)
    kept = _place(secret_out, out) if secret else None
    _need_free(*filter(None, (out, kept)))
    if secret is not None and kept is not None:
        asyncio.run(try_second_sets(bank, settings, paper, secret.secret, _show_step))
        write_class_file(kept, secret)
    write_class_file(out, made)
    _tell(made, out, kept, bank, paper)


def _place(secret_out: Path | None, out: Path) -> Path:
    """The file for the secret."""
    return secret_out or out.with_name("secret.toml")


def _asked_for(
    bank: "Catalog",
    settings: "Settings",
    *,
    has_place: bool,
    code: str | None,
    level: "Level | None",
    like: Path | None,
    one_set: bool,
    opens: datetime | None,
    closes: datetime | None,
    extra_time: str | None,
    **changes: Any,
) -> "tuple[ClassPaper, ClassSecret | None]":
    """The class paper, and its secret if it gets a new one."""
    if like is not None:
        if any((code, level, one_set, has_place)):
            raise click.UsageError(
                _(
                    "--like brings code and secret: leave out --code, --level, --one-set and "
                    "--secret-out."
                )
            )
        return _alike(like, opens, closes, extra_time, **changes), None
    window = _need_window(opens, closes)
    drawn = _paper(bank, settings, code, level).code
    secret = None if one_set else _new_secret(drawn)
    return _class_paper(settings, drawn, window, extra_time, secret), secret


def _alike(
    like: Path,
    opens: datetime | None,
    closes: datetime | None,
    extra_time: str | None,
    **changes: Any,
) -> "ClassPaper":
    import msgspec

    from engine.sitting.store.class_paper import ClassPaper, read_class_paper

    changes |= {
        "open": _aware(opens) if opens else None,
        "close": _aware(closes) if closes else None,
        "extra_time": float(extra_time) if extra_time else None,
    }
    given = {name: value for name, value in changes.items() if value is not None}
    was = msgspec.structs.asdict(read_class_paper(like))
    return _checked({**was, **given}, ClassPaper)


def _class_paper(
    settings: "Settings",
    code: str,
    window: tuple[datetime, datetime],
    extra_time: str | None,
    secret: "ClassSecret | None",
) -> "ClassPaper":
    from engine.sitting.store.class_paper import ClassPaper

    opens, closes = window
    values = {
        "code": code,
        "minutes": settings.minutes,
        "mode": settings.mode,
        "extra_time": float(extra_time or 1),
        "sampling": settings.sampling,
        "open": opens,
        "close": closes,
        "secret_sha256": secret.digest if secret else "",
    }
    return _checked(values, ClassPaper)


def _checked(values: dict[str, object], whole: "type[ClassPaper]") -> "ClassPaper":
    """A class paper with these values; a usage error says which is unusable."""
    import msgspec

    if values["open"] >= values["close"]:  # type: ignore[operator]
        raise click.UsageError(_("close must be later than open."))
    try:
        return msgspec.convert(values, whole)
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from error


def _need_window(opens: datetime | None, closes: datetime | None) -> tuple[datetime, datetime]:
    if opens is None or closes is None:
        raise click.UsageError(_("Say when it can be sat: --open and --close."))
    return _aware(opens), _aware(closes)


def _aware(moment: datetime) -> datetime:
    """With the time zone of this machine, unless it has one."""
    return moment if moment.tzinfo else moment.astimezone()


def _paper(
    bank: "Catalog", settings: "Settings", code: str | None, level: "Level | None"
) -> "Paper":
    from engine.clock import SystemClock
    from engine.sitting.store.paper_choice import fresh_paper

    if code is None:
        return fresh_paper(settings, SystemClock(), bank, level=settings.level)
    paper = _named(bank, settings, code)
    need_same_level(paper, level)
    return paper


def _named(bank: "Catalog", settings: "Settings", code: str) -> "Paper":
    from engine.sitting.store.paper_choice import paper_named

    return paper_named(settings, bank, code)


def _new_secret(code: str) -> "ClassSecret":
    import secrets

    from engine.sitting.store.class_paper import ClassSecret
    from exam_bank.paper import SECRET_BYTES

    return ClassSecret(code=code, secret=secrets.token_hex(SECRET_BYTES))


def _need_free(*paths: Path) -> None:
    """Raise before minutes of work if a file could not be written at the end."""
    from engine.errors import ClassPaperError
    from exam_bank.phrase import phrase

    for path in paths:
        if path.exists() or path.is_symlink():
            raise ClassPaperError(
                phrase("{path} already exists.", path=path),
                fix=phrase("Move it away, or choose another name."),
            )
    if len(set(paths)) < len(paths):
        raise click.UsageError(_("--out and --secret-out must be two files."))


def _show_step(step: "Step") -> None:
    text = _("Making the second hidden sets: {done} of {total}")
    click.echo(text.format(done=step.done, total=step.total), err=True)


def _tell(
    made: "ClassPaper", out: Path, kept: Path | None, bank: "Catalog", paper: "Paper"
) -> None:
    from engine.classroom.comparison.second_sets import of_public_data
    from engine.clock import local_time
    from exam_bank.printable import printable
    from tui.text.modes import length_text, mode_word

    click.echo(printable(_("{path} is for the candidates.").format(path=out)))
    window = _("It can be started from {opens} until {closes}.")
    opens, closes = made.open.timestamp(), made.close.timestamp()
    click.echo(window.format(opens=local_time(opens), closes=local_time(closes)))
    click.echo(f"{length_text(made.minutes, made.extra_time)} · {mode_word(made.mode)}")
    if made.extra_time != 1:
        text = _("With the extra time every exam ends by {closes}.")
        click.echo(text.format(closes=local_time(made.closes)))
    _warn_of_window(made)
    if kept is not None:
        text = _("{path} is yours: keep it secret, and keep it. It cannot be made again.")
        click.echo(printable(text.format(path=kept)))
    if made.secret_sha256 and (public := of_public_data(bank, paper)):
        text = _("Of public data, whose second hidden set is withheld but no secret: {tasks}.")
        click.echo(text.format(tasks=listed(public)))


def _warn_of_window(made: "ClassPaper") -> None:
    """On stderr: the paper can be used, but probably not as meant."""
    from engine.clock import SystemClock

    if SystemClock().now().wall >= made.closes:
        click.echo(_("tfexam: this window is over already: nobody can start the exam."), err=True)
    elif (made.close - made.open).total_seconds() < made.minutes * 60:
        text = _("tfexam: the window is shorter than the exam: nobody gets all of its time.")
        click.echo(text, err=True)
