"""Grades a made class by one command, and looks whether everything is there and true.

    python -m tests.torture.whole_class FOLDER --people 200 --variants 2

Makes the class (`make_class`) in FOLDER unless it is there, grades it as an instructor would
with its results in FOLDER/results, and then grades each different content by itself with
`tfexam grade`. Every person and every file must have exactly one row with the verdict of its
kind; the totals must be those of the scores that `tfexam grade` gave; report, feedback and tables
must be there. Prints what came of it; status 1 for any fault.
"""

import argparse
import csv
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.marking import total_percent
from exam_bank import paper
from exam_bank.catalog import Catalog
from exam_bank.safe_files import sha256_of
from tests.torture.make_class import LIMITS, MadeClass, make, names, read

# What each kind comes to.
VERDICTS = {
    **dict.fromkeys(("reference", "decent", "weak", "copied"), "graded"),
    **dict.fromkeys(("rejected", "corrupted", "hostile code", "hostile file"), "rejected"),
    "hangs": "timed_out",
    "eats memory": "out_of_memory",
    "missing": "missing",
}
# `tfexam grade` has no limits but the tasks' own.
LIMITED = ("hangs", "eats memory")
SAME = ("task", "sha256", "verdict", "score", "metric", "message")
# The stranger's file is nobody's.
STATUS = 3

Rows = Sequence[Mapping[str, Any]]


def grade_command(made: MadeClass, out: Path, *more: str) -> list[str]:
    """The options that grade the whole class into `out`, with its rows on stdout."""
    return [
        *("class", "grade", *map(str, made.handed_in), "--roster", str(made.roster)),
        *("--code", made.code, "--out", str(out), *LIMITS, "--format", "json", *more),
    ]


def alone_command(made: MadeClass) -> list[str]:
    """The options of `tfexam grade` for each different content of the class, once for a task."""
    contents = {
        (each.category, sha256_of(made.folder / each.path)): str(made.folder / each.path)
        for each in made.files
        if each.kind not in LIMITED
    }
    return ["grade", *contents.values(), "--code", made.code, "--format", "json"]


def lines(text: str) -> list[dict[str, Any]]:
    """The objects of a text with one on each line."""
    return [json.loads(line) for line in text.splitlines()]


def faults(made: MadeClass, people: int, out: Path, said: str, alone: Rows) -> Iterator[str]:
    """A line for each thing that is not as it must be.

    `said` is what the command printed, `alone` the answers of `tfexam grade`.
    """
    rows = lines(said)
    if lines((out / "results.jsonl").read_text()) != rows:
        yield "results.jsonl is not what was printed"
    owned = [each for each in rows if each["person"]]
    yield from _row_faults(made, people, owned)
    if [each["verdict"] for each in rows if not each["person"]] != ["unclaimed"]:
        yield "the stranger's file has not exactly one row, unclaimed"
    yield from _differences(owned, alone)
    yield from _table_faults(made, people, out, owned, alone)
    yield from _missing_pages(out, people)


def _row_faults(made: MadeClass, people: int, rows: Rows) -> Iterator[str]:
    kinds = {(each.person, each.category): each.kind for each in made.files}
    counts = Counter((each["person"], each["category"]) for each in rows)
    for who in names(people):
        for category in range(1, 6):
            if counts.pop((who, category), 0) != 1:
                yield f"{who}, category {category}: not exactly one row"
    yield from (f"{place}: nobody handed that in" for place in counts)
    files = Counter(each["file"] for each in rows if each["file"])
    if len(files) != len(made.files) or max(files.values(), default=1) > 1:
        yield f"{len(files)} files have rows, of {len(made.files)}, or one has several"
    for each in rows:
        kind = kinds.get((each["person"], each["category"]), "missing")
        if each["verdict"] != VERDICTS[kind]:
            place = f"{each['person']}, category {each['category']}"
            yield f"{place}: {kind}, but {each['verdict']}"


def _differences(rows: Rows, alone: Rows) -> Iterator[str]:
    """Where a row says something else than `tfexam grade` of the same bytes."""
    single = {(each["task"], each["sha256"]): each for each in alone}
    for row in rows:
        if row["verdict"] in ("missing", "timed_out", "out_of_memory"):
            continue
        other = single.get((row["task"], row["sha256"]))
        place = f"{row['person']}, category {row['category']}"
        if other is None:
            yield f"{place}: `tfexam grade` said nothing of these bytes"
        elif any(row[key] != other[key] for key in SAME):
            yield f"{place}: `tfexam grade` says {[other[key] for key in SAME]}"


def _table_faults(
    made: MadeClass, people: int, out: Path, rows: Rows, alone: Rows
) -> Iterator[str]:
    """Whether grades.csv has everyone once, with the total of the scores of `tfexam grade`."""
    weights = paper.from_code(Catalog.find(), made.code).weights
    single = {(each["task"], each["sha256"]): each["score"] for each in alone}
    with (out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    if [each["id"] for each in table] != list(names(people)):
        yield "grades.csv does not have everyone exactly once"
    for each in table:
        theirs = [row for row in rows if row["person"] == each["id"]]
        scores = {row["task"]: single.get((row["task"], row["sha256"]), 0) for row in theirs}
        total = f"{round(total_percent(scores, weights), 2):g}"
        if each["total"] != total:
            yield f"{each['id']}: {each['total']} in grades.csv, {total} file by file"


def _missing_pages(out: Path, people: int) -> Iterator[str]:
    wanted = ["report.html", "flags.jsonl", "unclaimed.csv", "class.json"]
    with (out / "feedback" / "files.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    if [each["id"] for each in listed] != list(names(people)):
        yield "feedback/files.csv does not have everyone exactly once"
    wanted += [f"feedback/{each[form]}" for each in listed for form in ("markdown", "html")]
    for each in wanted:
        if not (out / each).is_file():
            yield f"{each} is not there"


def main() -> int:
    """Make, grade, compare, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--variants", type=int, default=2)
    parser.add_argument("--jobs", default="2")
    given = parser.parse_args()
    folder = given.folder
    is_made = (folder / "made.json").exists()
    made = read(folder) if is_made else make(folder, given.people, given.seed, given.variants)
    out = folder / "results"
    start = time.monotonic()
    said = _tfexam(*grade_command(made, out, "--jobs", given.jobs), statuses=(STATUS,))
    together = time.monotonic() - start
    alone = lines(_tfexam(*alone_command(made), "--jobs", given.jobs, statuses=(0, 1, 3)))
    found = list(faults(made, given.people, out, said, alone))
    counts = Counter(each["verdict"] for each in lines(said))
    sys.stdout.write(
        f"{given.people} people, {len(made.files)} files in {together:.0f} s; "
        f"{len(alone)} different contents graded by themselves; {len(found)} faults\n"
        f"rows: {dict(counts)}\n"
    )
    sys.stdout.writelines(f"✗ {each}\n" for each in found)
    return 1 if found else 0


def _tfexam(*options: str, statuses: Sequence[int]) -> str:
    """What the command prints; its progress goes to our stderr."""
    command = [sys.executable, "-m", "tui.cli", *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in statuses:
        raise SystemExit(f"status {done.returncode}: {options[:2]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
