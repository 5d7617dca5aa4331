"""Reads the roster: a CSV file as people and spreadsheets write it.

Excel puts a mark or `sep=;` before the first line, splits by semicolons or tabs, writes UTF-16
or the machine's own code page, and adds empty columns and lines. All that is read. What could
mean somebody else's grade is an error that names line and column, and no person: errors end
up in logs.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.classroom.intake.encodings import file_text
from engine.classroom.people import Person, Roster
from engine.errors import RosterError
from engine.files import said
from exam_bank.phrase import phrase
from exam_bank.safe_files import read_small

LARGEST = 32 << 20
MOST_PEOPLE = 100_000
# Column names as spreadsheets, Canvas, Moodle and Gradescope write them, plainly spelled.
IDS = (
    *("id", "sid", "studentid", "studentnumber", "idnumber", "sisuserid", "userid"),
    *("学号", "学生编号", "工号", "编号", "username", "login", "sisloginid", "loginid", "netid"),
)
_COLUMNS = {
    "name": ("name", "fullname", "student", "studentname", "姓名", "名字"),
    "first": ("firstname", "first", "givenname", "名"),
    "last": ("lastname", "last", "surname", "familyname", "姓"),
    "email": ("email", "emailaddress", "mail", "邮箱", "电子邮件", "电子邮箱"),
    "group": ("group", "groups", "section", "class", "sections", "班级", "小组", "组"),
}
_SEPARATORS = ",;\t|"
_SHORTENED = re.compile(r"\d([.,]\d+)?e\+\d+", re.IGNORECASE)
# Canvas writes this into the second line of its grade book.
_NO_PERSON = "pointspossible"
_FIX = phrase(
    "The first line names the columns: id, name, email, group, and any others; "
    "id or email must be there."
)


def read_roster(path: Path) -> Roster:
    """The roster in the CSV file `path`; raises `RosterError`."""
    try:
        text, _ = file_text(read_small(path, LARGEST))
    except (OSError, ValueError) as error:
        why = said(error) if isinstance(error, OSError) else error.args[0]
        raise _unusable(path, str(why) if isinstance(error, UnicodeError) else why) from error
    return _Reading(path.name).roster(text)


def plain(text: str) -> str:
    """`text` for comparing: no case, accents, spaces or punctuation."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(each for each in bare if each.isalnum()))


class _Line(NamedTuple):
    number: int
    cells: list[str]


class _Header(NamedTuple):
    """Which column holds what, and the names of all columns, empty for those without one."""

    known: dict[str, int]
    names: list[str]

    def more(self) -> dict[str, int]:
        """The columns that are kept as they are."""
        taken = set(self.known.values())
        return {name: at for at, name in enumerate(self.names) if name and at not in taken}


class _Reading:
    """One reading of the roster called `name`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def roster(self, text: str) -> Roster:
        lines = [each for each in self._lines(text) if any(each.cells)]
        if not lines:
            raise _unusable(Path(self._name), phrase("it is empty"))
        header = self._header(lines[0], lines[1:])
        people = [
            self._person(each, header) for each in lines[1:] if not _is_no_person(each, header)
        ]
        self._need_people(people)
        return Roster(people=tuple(people), columns=tuple(header.more()))

    def _lines(self, text: str) -> Iterator[_Line]:
        separator, text, skipped = _without_separator_line(text)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        try:
            for cells in reader:
                yield _Line(reader.line_num + skipped, [_bare(each) for each in cells])
        except csv.Error as error:
            why = phrase("its quotation marks are not in pairs ({error})", error=error)
            raise self._fault(reader.line_num + skipped, "", why) from error

    def _header(self, line: _Line, others: Sequence[_Line]) -> _Header:
        used = max(_length(each.cells) for each in (line, *others))
        # Cells below an empty one are somebody's notes: keep them, under a name of ours.
        names = [name or f"column {at + 1}" for at, name in enumerate(line.cells[:used])]
        self._need_distinct(names, line.number)
        known = {}
        for field, synonyms in (("id", IDS), *_COLUMNS.items()):
            if (at := _first_of(synonyms, names)) is not None:
                known[field] = at
        if not {"id", "email"} & set(known):
            why = phrase(
                "no column is called id or email; the columns are {names}",
                names=", ".join(names),
            )
            raise self._fault(line.number, "", why)
        return _Header(known, names)

    def _need_distinct(self, names: Sequence[str], number: int) -> None:
        seen: dict[str, int] = {}
        for at, name in enumerate(names):
            if (before := seen.setdefault(plain(name) or name, at)) != at:
                why = phrase(
                    "columns {first} and {second} have the same name",
                    first=before + 1,
                    second=at + 1,
                )
                raise self._fault(number, name, why)

    def _person(self, line: _Line, header: _Header) -> Person:
        if _length(line.cells) > len(header.names):
            why = phrase(
                "it has {count} cells, the first line only {wanted}; a name with a comma needs "
                "quotes",
                count=_length(line.cells),
                wanted=len(header.names),
            )
            raise self._fault(line.number, "", why)
        cells = line.cells + [""] * (len(header.names) - len(line.cells))
        found = {field: cells[at] for field, at in header.known.items()}
        name = found.get("name") or " ".join(filter(None, (found.get("first"), found.get("last"))))
        return Person(
            id=self._id(found, line, header),
            name=name,
            email=found.get("email", ""),
            group=found.get("group", ""),
            more={name: cells[at] for name, at in header.more().items()},
            line=line.number,
        )

    def _id(self, found: dict[str, str], line: _Line, header: _Header) -> str:
        field = "id" if "id" in header.known else "email"
        column, value = header.names[header.known[field]], found[field]
        if not value:
            raise self._fault(line.number, column, phrase("it is empty"))
        if _SHORTENED.fullmatch(value):
            why = phrase(
                "a spreadsheet has shortened this number, and its last digits are lost: "
                "format the column as text"
            )
            raise self._fault(line.number, column, why)
        return value

    def _need_people(self, people: Sequence[Person]) -> None:
        if not people:
            raise _unusable(Path(self._name), phrase("it names nobody"))
        if len(people) > MOST_PEOPLE:
            raise _unusable(
                Path(self._name), phrase("it names more than {n} people", n=MOST_PEOPLE)
            )
        self._need_own_ids(people)

    def _need_own_ids(self, people: Sequence[Person]) -> None:
        seen: dict[str, Person] = {}
        for each in people:
            if (before := seen.setdefault(plain(each.id) or each.id, each)) is not each:
                why = phrase("this id is also that of line {line}", line=before.line)
                raise self._fault(each.line, "id", why)

    def _fault(self, line: int, column: str, why: str) -> RosterError:
        if column:
            says = phrase(
                "{file}, line {line}, column {column}: {why}.",
                file=self._name,
                line=line,
                column=column,
                why=why,
            )
        else:
            says = phrase("{file}, line {line}: {why}.", file=self._name, line=line, why=why)
        return RosterError(says, fix=_FIX)


def _is_no_person(line: _Line, header: _Header) -> bool:
    at = header.known.get("name", len(line.cells))
    return plain("".join(line.cells[at : at + 1])) == _NO_PERSON


def _without_separator_line(text: str) -> tuple[str, str, int]:
    """The separator, the text without a first line that names it, how many lines that is."""
    first, _, rest = text.partition("\n")
    if found := re.fullmatch(r'"?sep=(.)"?[,;\t]*\r?', first, re.IGNORECASE):
        return found[1], rest, 1
    return _separator(text), text, 0


def _separator(text: str) -> str:
    """What splits the first line that is not empty: the sign that is there most often."""
    first = next((each for each in text.splitlines() if each.strip(_SEPARATORS + ' "')), "")
    outside = re.sub(r'"[^"]*"', "", first)
    return max(_SEPARATORS, key=outside.count)


def _bare(cell: str) -> str:
    """A cell without spaces, and without what keeps Excel from reading it as a number."""
    cell = cell.replace("\ufeff", "").replace("\xa0", " ").strip()
    if found := re.fullmatch(r'="?([^"]*)"?', cell):
        return found[1].strip()
    return cell.removeprefix("'") if re.fullmatch(r"'\d+", cell) else cell


def _length(cells: Sequence[str]) -> int:
    """How many cells there are without the empty ones at the end."""
    return max((at + 1 for at, each in enumerate(cells) if each), default=0)


def _first_of(synonyms: Sequence[str], names: Sequence[str]) -> int | None:
    spelled = [plain(each) for each in names]
    return next((spelled.index(each) for each in synonyms if each in spelled), None)


def _unusable(path: Path, why: str) -> RosterError:
    return RosterError(
        phrase("The roster {file} cannot be used: {why}.", file=path.name, why=why), fix=_FIX
    )
