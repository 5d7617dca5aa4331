"""Reads `submission_metadata.yml` of a Gradescope export: whose each submission folder is."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.classroom.people import Person

LARGEST = 64 << 20


class DamagedMetadataError(Exception):  # never leaves the room, so not in the error tree
    """The file cannot be read, from `line` on; its own text would name people."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def submitters(content: bytes) -> dict[str, tuple[Person, ...]]:
    """The people of each submission folder; raises `DamagedMetadataError`.

    Ruby wrote it: its keys begin with a colon.
    """
    import yaml

    # The C loader where there is one: exports hold every earlier attempt, and are long.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        found = yaml.load(content, Loader=loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise DamagedMetadataError(mark.line + 1 if mark else 1) from error
    if not isinstance(found, dict):
        raise DamagedMetadataError(1)
    return {str(folder): tuple(_people(facts)) for folder, facts in found.items()}


def _people(facts: Any) -> Iterator[Person]:
    listed = facts.get(":submitters") if isinstance(facts, dict) else None
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict):
            yield _person(each)


def _person(fields: Mapping[Any, Any]) -> Person:
    name, sid, email = (str(fields.get(f":{each}") or "") for each in ("name", "sid", "email"))
    return Person(id=sid or email or name, name=name, email=email)
