"""From what was collected to whose it is: each file with its person and task, or its fault.

No file is lost: one that is nobody's, or of no task, is found too, and says why it is not
graded.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from engine.classroom.intake import bundles
from engine.classroom.intake.collection import Collected, Collection
from engine.classroom.intake.layouts import Label, Place, place_of, usual_person
from engine.classroom.intake.owners import Owners
from engine.classroom.intake.unpacked import Unpacked
from engine.classroom.intake.zips import Fault
from engine.classroom.people import FoundFile, Person, Roster
from engine.classroom.run_record import ClassTask, RunRecord
from engine.grading.protocol import Message

NOBODY = Fault("nobody", Message("Nobody in the roster has this name, id or e-mail address."))
NO_TASK = Fault(
    "no_task",
    Message(
        "Its task cannot be told: put it into a folder called Category1 to Category5, or grade "
        "one task with --task."
    ),
)
OTHER_TASK = Fault("other_task", Message("Its task is not one of those that are graded."))
OTHER_NAME = Fault(
    "other_name",
    Message("Only mymodel.h5 counts, and there is one for this task; this file has another name."),
)


class Submissions:
    """Finds whose each collected file is, and for which task of `run`."""

    def __init__(self, roster: Roster, run: RunRecord, unpacked: Unpacked) -> None:
        self._roster, self._run, self._unpacked = roster, run, unpacked
        self._owners = Owners(roster)
        self._by_category = {each.category: each for each in run.tasks}
        # Without a roster: whoever handed in something, by id.
        self._met: dict[str, Person] = {}
        self._submitters: Mapping[tuple[str, ...], tuple[Person, ...]] = {}

    def find(self, collection: Collection) -> tuple[Roster, tuple[FoundFile, ...]]:
        """The people of the class, and every file with its person and task or its fault."""
        self._submitters = self._outermost(collection)
        found = [each for one in collection.files for each in self._of(one)]
        ordered = _with_own_names(_only_proper(found))
        if not self._roster.stated:
            people = tuple(self._met[name] for name in sorted(self._met))
            return replace(self._roster, people=people), tuple(ordered)
        return self._roster, tuple(ordered)

    def _outermost(self, collection: Collection) -> dict[tuple[str, ...], tuple[Person, ...]]:
        """Who submitted which folder, except within the folder of somebody."""
        return {
            folder: people
            for folder, people in collection.submitters.items()
            if not self._is_of_somebody(folder[:-1])
        }

    def _of(self, collected: Collected) -> Iterator[FoundFile]:
        place = place_of(collected.parts)
        for owner in self._owners_of(collected, place):
            person, fault = ("", owner) if isinstance(owner, Fault) else (owner.id, None)
            if collected.is_bundle and fault is None:
                yield from self._bundled(collected, person)
            else:
                yield self._placed(collected, place, person, fault)

    def _placed(
        self, collected: Collected, place: Place, person: str, nobody: Fault | None
    ) -> FoundFile:
        task = self._task(place)
        found = FoundFile(
            person=person,
            task=task.task if task else "",
            category=task.category if task else place.category or 0,
            file=_shown(collected.parts),
            path=collected.path,
            sha256=collected.sha256,
            flags=place.flags if place.proper else (*place.flags, "other_name"),
        )
        no_task = None if task else OTHER_TASK if place.category else NO_TASK
        return _with_first_fault(found, nobody, collected.fault, no_task)

    def _bundled(self, collected: Collected, person: str) -> Iterator[FoundFile]:
        found = bundles.models_of(collected.path, self._run, self._unpacked)
        tasks = {each.task: each for each in self._run.tasks}
        whole = FoundFile(
            person=person,
            task="",
            category=0,
            file=_shown(collected.parts),
            path=collected.path,
            sha256=collected.sha256,
        )
        if isinstance(found, Fault):
            yield _with_fault(whole, found, "rejected")
            return
        for each in found:
            if (task := tasks.get(each.task)) is not None:
                yield replace(
                    whole,
                    task=task.task,
                    category=task.category,
                    file=f"{whole.file}/{task.task}/{each.sha256[:12]}{each.path.suffix}",
                    path=each.path,
                    sha256=each.sha256,
                )

    def _task(self, place: Place) -> ClassTask | None:
        if place.category is not None:
            return self._by_category.get(place.category)
        named = [each for each in self._run.tasks if each.task in place.rest]
        if len(named) == 1:
            return named[0]
        return self._run.tasks[0] if len(self._run.tasks) == 1 else None

    def _owners_of(self, collected: Collected, place: Place) -> Sequence[Person | Fault]:
        """The people a file is of: several for a group on Gradescope; or why it is nobody's."""
        if people := self._submitters_of(collected.parts):
            return [self._known(each) for each in people]
        if self._roster.stated:
            return [self._match(place.labels)]
        label = usual_person(place)
        name = f"{label.text}_{label.number}" if label.number else label.text
        return [self._known(Person(id=name, name=label.text))]

    def _submitters_of(self, parts: tuple[str, ...]) -> Sequence[Person]:
        """The people who submitted the innermost folder of `parts` that was submitted."""
        folders = (parts[:length] for length in range(len(parts), 0, -1))
        return next(filter(None, map(self._submitters.get, folders)), ())

    def _is_of_somebody(self, folder: Sequence[str]) -> bool:
        """Whether a folder is a person's own: what they say there of others is not believed."""
        return self._roster.stated and isinstance(self._match(place_of(folder).labels), Person)

    def _known(self, person: Person) -> Person | Fault:
        """That person as the roster has them; without a roster, as they are."""
        if not self._roster.stated:
            return self._met.setdefault(person.id, person)
        return self._match([Label(each) for each in (person.id, person.email, person.name)])

    def _match(self, labels: Sequence[Label]) -> Person | Fault:
        # The platform's number decides between two people of one name.
        spelled = [each for label in labels for each in (label.text, label.id) if each]
        looks = (self._owners.whole, self._owners.within)
        matches = [look(label) for look in looks for label in spelled]
        for each in matches:
            if each.person is not None:
                return each.person
        unsure = next((each.others for each in matches if each.others), ())
        return _of_several(unsure) if unsure else NOBODY


def _with_first_fault(
    found: FoundFile, nobody: Fault | None, own: Fault | None, no_task: Fault | None
) -> FoundFile:
    """`found` with whatever keeps it from being graded, if anything does: its own fault first."""
    fault = next(filter(None, (own, nobody, no_task)), None)
    if fault is None:
        return found
    return _with_fault(found, fault, "unclaimed" if nobody or not own else "rejected")


def _with_fault(found: FoundFile, fault: Fault, verdict: str) -> FoundFile:
    return replace(found, fault=fault.says, reason=fault.reason, verdict=verdict)


def _of_several(people: Iterable[Person]) -> Fault:
    lines = ", ".join(str(each.line) for each in people)
    says = Message(
        "It may be of several people, in lines {lines} of the roster: put it into a folder named "
        "by the id.",
        {"lines": lines},
    )
    return Fault("several_people", says)


def _only_proper(found: Sequence[FoundFile]) -> Iterator[FoundFile]:
    """Without their grade: files with another name, where the person has one called mymodel."""
    proper = {
        (each.person, each.task)
        for each in found
        if each.fault is None and "other_name" not in each.flags
    }
    for each in found:
        is_other = "other_name" in each.flags and each.fault is None
        if is_other and (each.person, each.task) in proper:
            yield _with_fault(each, OTHER_NAME, "unclaimed")
        else:
            yield each


def _with_own_names(found: Iterable[FoundFile]) -> Iterator[FoundFile]:
    """A zip may hold two files of one name: the second gets a number, so each has its row."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for each in found:
        key = (each.person, each.task, each.file)
        seen[key] += 1
        yield each if seen[key] == 1 else replace(each, file=f"{each.file} ({seen[key]})")


def _shown(parts: Sequence[str]) -> str:
    """A path as a row names it; names that are not UTF-8 lose what no JSON can hold."""
    return "/".join(parts).encode("utf-8", "replace").decode()


def without_file(
    roster: Roster, run: RunRecord, found: Iterable[FoundFile]
) -> Iterator[tuple[Person, ClassTask]]:
    """Each person with each task for which no file of theirs was found."""
    there = _tasks_of_people(found)
    for person in roster.people:
        for task in run.tasks:
            if task.task not in there[person.id]:
                yield person, task


def _tasks_of_people(found: Iterable[FoundFile]) -> Mapping[str, set[str]]:
    """The tasks for which each person has a file."""
    there: dict[str, set[str]] = defaultdict(set)
    for each in found:
        if each.verdict != "unclaimed":
            there[each.person].add(each.task)
    return there


def unpacked_folder(out: Path) -> Path:
    """Where a run into `out` keeps what came from zips."""
    return out / "unpacked"
