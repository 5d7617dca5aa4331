"""Same-work flags: files of different people that are equal, or whose weights are alike.

Equal files are told by their hashes. The weights are read in a process of its own
(`engine/grading/weights`), which sees no names; this module only starts it and says who it is.
"""

import asyncio
import contextlib
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from engine.classroom.comparison.flags import ClassFlag, FlaggedFile
from engine.classroom.people import FoundFile
from engine.classroom.rows import Row
from engine.errors import ClassError
from engine.grading.protocol import Message
from engine.grading.weights.wire import (
    AlikePair,
    Compared,
    CompareWeights,
    Likeness,
    WeightFile,
    WeightsAnswer,
    WeightsRead,
)
from exam_bank.phrase import phrase
from exam_bank.platform import processes
from exam_bank.task import Task

_LARGEST_LINE = 1 << 20
_Content = tuple[str, str]

_SAYS: dict[str, Message] = {
    "equal_files": Message("{n} people handed in the same file, byte by byte."),
    "equal_weights": Message(
        "The weights of {n} people's models are equal, though their files differ. The same "
        "program with the same seed gives that, too."
    ),
    "near_weights": Message(
        "The weights of {n} people's models are {distance} apart; {models} models of that "
        "architecture are usually {usual} apart. Of independent ones, {expected} pairs are "
        "expected to be as near. The same program with the same seed gives that, too."
    ),
    "near_few": Message(
        "The weights of {n} people's models are {distance} apart, where unrelated ones are about "
        "1.4 apart; there are too few of that architecture to say what is usual."
    ),
    "permuted_weights": Message(
        "The models of {n} people have the same units in another order (their lengths are "
        "{distance} apart)."
    ),
}


async def same_work(
    found: Sequence[FoundFile],
    rows: Iterable[Row],
    tasks: Mapping[str, Task],
    on_read: Callable[[int, int], None] = lambda _done, _files: None,
) -> list[ClassFlag]:
    """The flags about files of different people; `on_read` is told how many are read, of how many.

    `rows` say which bytes each of `found` had. Raises `ClassError` if the process that reads
    the weights fails.
    """
    contents = _contents(found, rows)
    pairs = await _pairs(_weight_files(contents, tasks), on_read)
    in_order = list(contents.values())
    return [*_equal(in_order), *(_of_pairs(each, in_order) for each in _joined(pairs))]


def _equal(contents: Iterable[Sequence[FoundFile]]) -> Iterator[ClassFlag]:
    """The flags about equal files."""
    for files in contents:
        if len(people := _people(files)) > 1:
            yield _flag("equal_files", files, {"n": len(people)})


async def _pairs(
    asked: Sequence[WeightFile], on_read: Callable[[int, int], None]
) -> list[AlikePair]:
    """The pairs of these contents that are alike."""
    pairs = []
    async for answer in _compared(asked):
        if isinstance(answer, WeightsRead):
            on_read(answer.done, len(asked))
        elif isinstance(answer, AlikePair):
            pairs.append(answer)
    return pairs


def _people(files: Iterable[FoundFile]) -> set[str]:
    return {each.person for each in files}


def _weight_files(
    contents: Mapping[_Content, Sequence[FoundFile]], tasks: Mapping[str, Task]
) -> list[WeightFile]:
    """Each content with numbers instead of people."""
    numbers = _numbers(contents.values())
    return [
        WeightFile(
            path=str(files[0].path.absolute()),
            task=task,
            owners=tuple(sorted(numbers[person] for person in _people(files))),
            limit_mb=tasks[task].says.limits.model_mb,
        )
        for (task, _), files in contents.items()
    ]


def _numbers(groups: Iterable[Sequence[FoundFile]]) -> dict[str, int]:
    """A number for each person."""
    everyone = sorted({each.person for files in groups for each in files})
    return {person: number for number, person in enumerate(everyone)}


def _contents(found: Sequence[FoundFile], rows: Iterable[Row]) -> dict[_Content, list[FoundFile]]:
    """The files that were read, by task and bytes; those of nobody are left out."""
    hashes = {each.key: each.sha256 for each in rows}
    files: dict[_Content, list[FoundFile]] = defaultdict(list)
    for each in found:
        sha256 = hashes.get((each.person, each.task, each.file), "")
        is_theirs = all((sha256, each.person, each.task))
        if is_theirs and each.fault is None:
            files[each.task, sha256].append(each)
    return files


def _joined(pairs: Sequence[AlikePair]) -> list[list[AlikePair]]:
    """The pairs in groups that hang together, for each kind of likeness."""
    groups: dict[tuple[Likeness, int], list[AlikePair]] = {}
    group_of: dict[tuple[Likeness, int], int] = {}
    for number, pair in enumerate(pairs):
        ends = [(pair.likeness, pair.one), (pair.likeness, pair.other)]
        touched = {group_of[each] for each in ends if each in group_of}
        merged = [pair]
        for each in touched:
            merged += groups.pop((pair.likeness, each))
        groups[pair.likeness, number] = merged
        for known in merged:
            group_of[pair.likeness, known.one] = group_of[pair.likeness, known.other] = number
    return list(groups.values())


def _of_pairs(pairs: Sequence[AlikePair], contents: Sequence[Sequence[FoundFile]]) -> ClassFlag:
    """One flag for pairs that hang together: with the figures of the least alike of them."""
    numbers = sorted({number for pair in pairs for number in (pair.one, pair.other)})
    files = [each for number in numbers for each in contents[number]]
    worst = max(pairs, key=lambda each: each.distance)
    is_few = worst.likeness == "near_weights" and worst.usual is None
    facts = {"n": len(_people(files)), **_facts(worst)}
    flag = _flag(worst.likeness, files, facts, says="near_few" if is_few else worst.likeness)
    return msgspec.structs.replace(
        flag, figure=worst.distance, usual=worst.usual, expected=worst.expected
    )


def _facts(pair: AlikePair) -> dict[str, str | int | float]:
    """The figures of a pair as a sentence has them."""
    return {
        "distance": f"{pair.distance:.2g}",
        "models": pair.models,
        "usual": "–" if pair.usual is None else f"{pair.usual:.2g}",
        "expected": "–" if pair.expected is None else f"{pair.expected:.0e}",
    }


def _flag(
    kind: "Likeness | str",
    files: Sequence[FoundFile],
    facts: dict[str, str | int | float],
    *,
    says: str = "",
) -> ClassFlag:
    return msgspec.convert(
        {
            "kind": kind,
            "task": files[0].task,
            "category": files[0].category,
            "files": [FlaggedFile(each.person, each.file) for each in files],
            "says": Message(_SAYS[says or kind].template, facts),
        },
        ClassFlag,
    )


async def _compared(files: Sequence[WeightFile]) -> AsyncIterator[WeightsAnswer]:
    """The answers of a process that reads `files`; it ends with the generator."""
    if len(files) < 2:
        return
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "engine.grading.weights.weights_main"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_LARGEST_LINE,
        start_new_session=True,
        creationflags=processes.OWN_GROUP,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    is_whole = False
    try:
        with contextlib.suppress(ConnectionError):
            process.stdin.write(msgspec.json.encode(CompareWeights(tuple(files))) + b"\n")
            await process.stdin.drain()
        async for line in process.stdout:
            answer = _understood(line, len(files))
            is_whole = is_whole or isinstance(answer, Compared)
            yield answer
    finally:
        processes.kill_group(process)
        await process.wait()
    if not is_whole:
        raise ClassError(
            phrase("The process that compares the weights ended too soon."),
            fix=phrase("The grades are whole. Run the same command again to compare the weights."),
        )


def _understood(line: bytes, files: int) -> WeightsAnswer:
    """An answer about files that there are; a file may have taken the process over."""
    try:
        answer: WeightsAnswer = msgspec.json.decode(line, type=WeightsAnswer)
        if isinstance(answer, AlikePair) and not {answer.one, answer.other} <= set(range(files)):
            raise ValueError("no such file")
    except (msgspec.MsgspecError, ValueError) as error:
        raise ClassError(
            phrase(
                "The process that compares the weights cannot be understood: {error}.", error=error
            )
        ) from error
    return answer
