"""What the intake says about a model or folder: what is wrong, and what to do about it."""

import os
from pathlib import Path

from engine.errors import TfexamError, WorkspaceError
from engine.files import said
from engine.grading.inspection.rejection import megabytes
from engine.grading.protocol import Message
from engine.sitting.intake.frozen import PART
from engine.supervisor import reason, remedy
from exam_bank.phrase import Phrase, phrase

UNFINISHED = Message(
    "{file} is not complete yet, or has something after its end. It is submitted as soon as it is "
    "complete, or as it is once it no longer changes."
)
NOT_A_FILE = Message("{file} is not a file: a model is saved as one file, mymodel.h5.")


def as_message(error: TfexamError) -> Message:
    """What `error` says happened, as it can be kept."""
    said = error.message
    if isinstance(said, Phrase):
        facts = {name: str(f) if isinstance(f, str) else f for name, f in said.facts.items()}
        return Message(said.template, facts)
    return Message("{text}", {"text": said})


def set_aside(name: str) -> Message:
    """A model that was never submitted made way for one that was put back."""
    return Message(
        "The previous mymodel.h5 had never been submitted: it is kept as {name}.",
        {"name": name},
    )


def not_put_back(model: Path, error: OSError) -> WorkspaceError:
    """A model could not be put back."""
    return WorkspaceError(
        phrase("{model} could not be put back: {error}.", model=model, error=said(error)),
        fix=phrase("Free some disk space, check the permissions, and try again."),
    )


def not_taken_over(source: Path, error: OSError) -> WorkspaceError:
    """A file of another name could not be taken as the model."""
    return WorkspaceError(
        phrase("{file} could not be taken: {error}.", file=source, error=said(error)),
        fix=phrase("Copy it into the category folder as mymodel.h5."),
    )


def too_large(model: Path, size: int, limit: float) -> Message:
    """A model is larger than its task allows."""
    return Message(
        "{file} has {size} MB, and this task allows {limit} MB, so it is not "
        "submitted: use a smaller model, or save it with include_optimizer=False.",
        {"file": str(model), "size": megabytes(size), "limit": limit},
    )


def not_taken(model: Path) -> WorkspaceError:
    """An error of ours kept a model from being submitted before the end."""
    return WorkspaceError(
        phrase("{model} could not be submitted before the end; it does not count.", model=model),
        fix=phrase("It stays where it is."),
    )


def not_complete(model: Path) -> WorkspaceError:
    """A model was still being written at the end."""
    return WorkspaceError(
        phrase("{model} was not complete in time; it does not count.", model=model),
        fix=phrase("It stays where it is."),
    )


def nothing_there(path: Path) -> Message:
    """A model was to be submitted by hand, but there is none."""
    return Message("There is no mymodel.h5 in {folder}.", {"folder": str(path)})


def gone(path: Path) -> WorkspaceError:
    """A category folder was removed or renamed."""
    return WorkspaceError(
        phrase("{path} is gone. The sitting continues, and what was submitted is kept.", path=path),
        fix=phrase("Create the folder again; a mymodel.h5 saved there is submitted as before."),
    )


def not_taken_yet(model: Path, error: Exception) -> WorkspaceError:
    """Trying to submit `model` failed with `error`, which names the place."""
    file = error.filename if isinstance(error, OSError) else None
    path = os.fspath(file) if file else str(model)
    if path.endswith(PART):  # a copy has another name with each try: its folder says more
        path = str(Path(path).parent)
    where = "" if path == str(model) else f"{path}: "
    return WorkspaceError(
        phrase(
            "{model} could not be submitted: {where}{error}. tfexam will try again.",
            model=model,
            where=where,
            error=reason(error),
        ),
        fix=remedy(error),
    )
