"""Runs `tfexam data fetch`: one bar per file on stderr; Ctrl-C loses nothing."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Protocol, Self

import click

from exam_bank.datasets.fetch import Fetcher, FetchProgress, place_of
from exam_bank.datasets.store import Store
from exam_bank.errors import DataError
from exam_bank.printable import printable
from tui.locale import _, say
from tui.streams import beneath
from tui.text.dataset_state import size_text


class _Bar(Protocol):
    """The part of click's progress bar that is used here."""

    def update(self, n_steps: int) -> None:
        """Advance by so many steps."""
        ...


def fetch_sets(wanted: Sequence[str], store: Store) -> bool:
    """Fetch the data sets `wanted` one by one; returns whether all are here now.

    One that cannot be fetched is named on stderr and the others are fetched all the same.
    Raises `DataError` for an id that is no data set, before anything is fetched.
    """
    holdings = store.look()
    for name in wanted:
        holdings.files(name)
    try:
        fetched = [_fetch(name, store) for name in wanted]
        return all(fetched)
    except KeyboardInterrupt:
        click.echo(
            "\n" + _("What has arrived is kept: run the same command again to resume."),
            err=True,
        )
        raise


def _fetch(name: str, store: Store) -> bool:
    if store.look().is_here(name):
        click.echo(_("✓ {name} is here already.").format(name=name))
        return True
    says = store.registry.sets[name]
    try:
        with Bars() as bars, Fetcher(store, on_progress=bars.show) as fetcher:
            fetcher.fetch(name)
    except DataError as error:
        click.echo(printable(f"✗ {say(error.message)}"), err=True)
        return False
    said = _("✓ {name} is here. Licence: {licence}. {citation}.").format(
        name=name, licence=says.licence, citation=says.citation
    )
    click.echo(printable(said))
    return True


class Bars:
    """A bar for each file as it is fetched; only its label where there is no terminal."""

    def __init__(self) -> None:
        self._shown: tuple[str, str] | None = None
        self._bar: _Bar | None = None
        self._done = 0
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def show(self, step: FetchProgress) -> None:
        """Show how much of a file has arrived."""
        if self._shown != (step.file, step.source):
            self._close()
            self._shown = (step.file, step.source)
            if not sys.stderr.isatty():
                click.echo(_label(step), err=True)
        if self._bar is None and step.total and sys.stderr.isatty():
            file = beneath(sys.stderr)
            bar = click.progressbar(length=step.total, label=_label(step), file=file)
            self._bar = self._open.enter_context(bar)
        if self._bar is not None:
            # A try that starts again at zero moves the bar back.
            self._bar.update(step.done - self._done)
            self._done = step.done

    def _close(self) -> None:
        self._open.close()
        self._bar, self._shown, self._done = None, None, 0


def _label(step: FetchProgress) -> str:
    size = _(" ({size})").format(size=size_text(step.total)) if step.total else ""
    said = _("{file} from {place}").format(file=step.file, place=place_of(step.source))
    return printable(said + size)
