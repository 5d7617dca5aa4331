"""The options that say on which machines a class is graded: `--cluster` and its certificates."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tui.locale import N_, _

if TYPE_CHECKING:
    from engine.classroom.grading_engine import GradingEngine
    from engine.settings import Settings
    from exam_bank.datasets.registry import Registry
    from exam_bank.phrase import Phrase

_F = TypeVar("_F", bound=Callable[..., Any])
_NAMES = ("cluster", "tls_ca_file", "tls_cert", "tls_key")


def cluster_options(function: _F) -> _F:
    """The options; `cluster_engine` reads what they were given."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def _keep(ctx: click.Context, parameter: click.Parameter, value: object) -> object:
    assert parameter.name is not None
    ctx.meta[f"tfexam.{parameter.name}"] = value
    return value


def _file(name: str, text: str) -> Callable[[Any], Any]:
    kind = click.Path(path_type=Path, exists=True, dir_okay=False)
    return click.option(
        name, metavar="FILE", type=kind, expose_value=False, callback=_keep, help=text
    )


_OPTIONS = (
    click.option(
        "--cluster",
        metavar="local:N|ADDRESS",
        expose_value=False,
        callback=_keep,
        help="Grade on a Dask cluster: N workers here, or the workers of a scheduler such as "
        "tls://host:8786. Needs pip install 'tfexam[cluster]'.",
    ),
    _file("--tls-ca-file", N_("With a tls:// cluster: who signed its certificates (PEM).")),
    _file("--tls-cert", N_("With a tls:// cluster: your own certificate (PEM).")),
    _file("--tls-key", N_("With a tls:// cluster: the key of your own certificate (PEM).")),
)


def cluster_engine(
    ctx: click.Context, settings: "Settings", registry: "Registry", *, h5_only: bool
) -> "GradingEngine | None":
    """Who grades on the cluster of these options; None without --cluster.

    Raises `ClassError` for an address that is none, and where Dask is missing.
    """
    address, *files = (ctx.meta.get(f"tfexam.{name}") for name in _NAMES)
    if address is None:
        if any(files):
            raise click.UsageError(_("--tls-… options need --cluster tls://…"))
        return None
    from engine.classroom.cluster.dask_engine import (
        Certificates,
        DaskCluster,
        check_address,
        need_dask,
    )

    if any(files) and not all(files):
        said = _("Give all three of --tls-ca-file, --tls-cert and --tls-key.")
        raise click.UsageError(said)
    authority, certificate, key = files
    certificates = None
    if authority and certificate and key:
        certificates = Certificates(authority, certificate, key)
    check_address(address, certificates)
    need_dask()
    return DaskCluster(
        address=address,
        registry=registry,
        certificates=certificates,
        device=settings.grader_device,
        h5_only=h5_only,
        on_trouble=_tell,
    )


def _tell(sentence: "Phrase") -> None:
    click.echo("\ntfexam: " + sentence.said(_), err=True)
