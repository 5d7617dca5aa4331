"""From the format of an older tfexam to today's: a sitting must outlive an upgrade.

`sitting.toml` carries the version of its folder's format. A step of `STEPS` takes what a
record of one version holds and gives what the next version holds; a folder is never
rewritten for it, so the older tfexam can still read what it made.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.errors import WorkspaceError
from exam_bank.phrase import phrase

FORMAT_VERSION = 1

Raw = dict[str, Any]
Step = Callable[[Raw], Raw]

# Version → how a record of that version becomes one of the next.
STEPS: Mapping[int, Step] = {}


def migrated(
    raw: Raw, path: Path, *, to: int = FORMAT_VERSION, steps: Mapping[int, Step] = STEPS
) -> Raw:
    """What the record at `path` says, in the format of version `to`.

    Raises `WorkspaceError` for a record without a version, of a newer tfexam, or of one so
    old that no step leads on.
    """
    version = raw.get("format_version")
    if not isinstance(version, int):
        raise WorkspaceError(
            phrase(
                "{path} has no format_version: it is not a sitting's record, or is damaged.",
                path=path,
            ),
            fix=phrase("Restore it from a backup; the journal beside it is untouched."),
        )
    if version > to:
        raise WorkspaceError(
            phrase(
                "{path} was made by a newer tfexam (format {version}; this one knows {to}).",
                path=path,
                version=version,
                to=to,
            ),
            fix=phrase("Upgrade tfexam; nothing in the sitting was changed."),
        )
    while version < to:
        if version not in steps:
            raise WorkspaceError(
                phrase(
                    "{path} has the format {version}, which this tfexam no longer reads.",
                    path=path,
                    version=version,
                ),
                fix=phrase("Open it with the tfexam that made it."),
            )
        raw = steps[version](raw) | {"format_version": version + 1}
        version += 1
    return raw
