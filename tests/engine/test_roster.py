"""Rosters as spreadsheets write them: each is read, or refused with line and column."""

import contextlib
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.classroom.intake.roster import read_roster
from engine.classroom.people import Roster
from engine.errors import RosterError

PLAIN = "id,name,email,group\ns1,Anna Weiß,anna@x.org,A\ns2,王小明,wang@x.org,B\n"


def read(folder: Path, content: str | bytes) -> Roster:
    path = folder / "roster.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_roster(path)


def refusal(folder: Path, content: str | bytes) -> str:
    with pytest.raises(RosterError) as caught:
        read(folder, content)
    return caught.value.message


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-le"),
        PLAIN.replace(",", ";").encode("utf-8-sig"),
        PLAIN.replace(",", "\t").encode("utf-16"),
        ("sep=;\r\n" + PLAIN.replace(",", ";").replace("\n", "\r\n")).encode(),
        ("sep=,\n" + PLAIN).encode("utf-8-sig"),
        PLAIN.replace("ß", "ss").encode("gb18030"),
        PLAIN.replace("\n", ",,,\n").encode(),
        (PLAIN + ",,,\n\n").encode(),
        PLAIN.replace("s1", '"=""s1"""').encode(),
        PLAIN.replace("id,", "ID Number,").replace("group", "Section").encode(),
        PLAIN.replace("id,name,email,group", "学号,姓名,邮箱,班级").encode("utf-8-sig"),
    ],
)
def test_every_way_to_write_a_roster_gives_the_same_people(tmp_path: Path, content: bytes) -> None:
    people = read(tmp_path, content).people
    assert [(each.id, each.email, each.group) for each in people] == [
        ("s1", "anna@x.org", "A"),
        ("s2", "wang@x.org", "B"),
    ]
    assert people[0].name in ("Anna Weiß", "Anna Weiss")
    assert people[1].name == "王小明"


def test_the_western_code_page_keeps_its_accents(tmp_path: Path) -> None:
    roster = read(tmp_path, "id;name\n1;José Müller\n".encode("cp1252"))
    assert roster.people[0].name == "José Müller"


def test_other_columns_are_kept_and_notes_without_a_name_too(tmp_path: Path) -> None:
    roster = read(tmp_path, "id,First name,Last name,Canvas ID,\n7,Ana,Sousa,4711,ill\n")
    assert roster.columns == ("Canvas ID", "column 5")
    (ana,) = roster.people
    assert (ana.id, ana.name, ana.line) == ("7", "Ana Sousa", 2)
    assert ana.more == {"Canvas ID": "4711", "column 5": "ill"}


def test_the_email_stands_for_a_missing_id_and_canvas_points_are_nobody(tmp_path: Path) -> None:
    roster = read(tmp_path, 'Student,Email\n    Points Possible,\n"Sousa, Ana",a@x.org\n')
    assert [(each.id, each.name) for each in roster.people] == [("a@x.org", "Sousa, Ana")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        ("id,name\n", "names nobody"),
        ("name,group\nAnna,A\n", "line 1: no column is called id or email; the columns are name"),
        ("id,name\ns1,Anna\n,Bert\n", "line 3, column id: it is empty"),
        ("id,name\ns1,Anna\nS1,Bert\n", "line 3, column id: this id is also that of line 2"),
        ("id,name,Name\ns1,a,b\n", "line 1, column Name: columns 2 and 3 have the same name"),
        ("id,name\ns1,Weiss, Anna\n", "line 2: it has 3 cells, the first line only 2"),
        ("id,name\n1.23E+11,Anna\n", "line 2, column id: a spreadsheet has shortened"),
        ('id,name\ns1,"Anna\n', "line 2: its quotation marks are not in pairs"),
        (b"id,name\ns1,An\0na\n", "zero bytes"),
        (b"\x50\x4b\x03\x04 xlsx \0", "zero bytes"),
    ],
)
def test_what_could_mean_somebody_else_is_refused_with_its_place(
    tmp_path: Path, content: str | bytes, says: str
) -> None:
    said = refusal(tmp_path, content)
    assert says in said
    assert "Anna" not in said
    assert "Bert" not in said


def test_two_people_of_one_name_are_two_people(tmp_path: Path) -> None:
    roster = read(tmp_path, "id,name\n1,Li Wei\n2,Li Wei\n")
    assert [each.id for each in roster.people] == ["1", "2"]


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)


@given(names=st.lists(CELLS, min_size=1, max_size=8), separator=st.sampled_from(",;\t"))
def test_whatever_a_name_holds_comes_back(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], separator: str
) -> None:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator)
    writer.writerow(["id", "name"])
    writer.writerows([f"s{n}", name] for n, name in enumerate(names))
    roster = read(tmp_path_factory.mktemp("r"), written.getvalue().encode("utf-8-sig"))
    assert [each.id for each in roster.people] == [f"s{n}" for n in range(len(names))]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_roster_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("r") / "roster.csv"
    path.write_bytes(content)
    with contextlib.suppress(RosterError):
        assert read_roster(path).people
