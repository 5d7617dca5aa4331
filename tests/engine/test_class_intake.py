"""Folders, exports and zips of a class: each file is somebody's for one task, or says why not."""

import io
import os
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from engine.classroom.intake import collection as collection_module
from engine.classroom.intake import zips
from engine.classroom.intake.collection import Collection, labelled
from engine.classroom.intake.submissions import Submissions, without_file
from engine.classroom.intake.unpacked import Unpacked
from engine.classroom.people import FoundFile, Person, Roster
from engine.classroom.run_record import ClassTask, RunRecord
from engine.errors import ClassError

H5 = b"\x89HDF\r\n\x1a\n a model"
PEOPLE = Roster(
    people=(
        Person(id="s1", name="Anna Weiß", email="anna.weiss@x.org", line=2),
        Person(id="s2", name="王小明", email="wang@x.org", line=3),
        Person(id="s3", name="Li Wei", email="li1@x.org", more={"Canvas ID": "4713"}, line=4),
        Person(id="s4", name="Li Wei", email="li2@x.org", more={"Canvas ID": "4714"}, line=5),
        Person(id="s5", name="O'Neil, Ana María", email="ana@x.org", line=6),
    ),
    columns=("Canvas ID",),
)


def a_run(*names: str) -> RunRecord:
    names = names or ("one", "two", "three", "four", "five")
    tasks = [
        ClassTask(task=each, category=n, seed=1, level="classic", weight=1.0, material="0")
        for n, each in enumerate(names, start=1)
    ]
    return RunRecord(tfexam_version="0", code="", bank="0", tasks=tuple(tasks))


def write(folder: Path, *names: str, content: bytes = H5) -> Path:
    for each in names:
        path = folder / each
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content + each.encode())
    return folder


def zipped(path: Path, members: Mapping[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def find(
    paths: Sequence[Path],
    folder: Path,
    roster: Roster = PEOPLE,
    run: RunRecord | None = None,
    largest: int = 1_000_000,
) -> tuple[Roster, tuple[FoundFile, ...]]:
    unpacked = Unpacked(folder / "unpacked")
    found = Collection(unpacked, largest)
    for path, label in labelled(paths):
        found.add(path, label)
    return Submissions(roster, run or a_run(), unpacked).find(found)


def owners(found: Sequence[FoundFile]) -> set[tuple[str, int]]:
    assert all(each.fault is None for each in found), found
    return {(each.person, each.category) for each in found}


def reasons(found: Sequence[FoundFile]) -> dict[str, str]:
    return {Path(each.file).name: each.reason for each in found if each.fault is not None}


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["s1/Category1/mymodel.h5", "s2/Category2/mymodel.keras"], {("s1", 1), ("s2", 2)}),
        (
            ["Anna Weiss/category_3/mymodel.h5", "wang@x.org/Category5/mymodel.h5"],
            {("s1", 3), ("s2", 5)},
        ),
        (["group A/s1_weiss/answers/Category1/mymodel.h5"], {("s1", 1)}),
        (["Category4/s2.h5", "Category4/Weiß Anna_mymodel.h5"], {("s2", 4), ("s1", 4)}),
        (["María O'Neil Ana/Category2/mymodel.h5"], {("s5", 2)}),
        # Canvas: names without signs, the user's id, then the attachment's.
        (["weissanna_4711_81542_Category1_mymodel.h5"], {("s1", 1)}),
        (["weissanna_LATE_4711_81542_Category1_mymodel-1.h5"], {("s1", 1)}),
        (
            ["liwei_4714_815_Category2_mymodel.h5", "liwei_4713_816_Category2_mymodel.h5"],
            {("s4", 2), ("s3", 2)},
        ),
        # Moodle: a folder for each submission, or all in one name.
        (["Anna Weiß_81542_assignsubmission_file_/Category2/mymodel.h5"], {("s1", 2)}),
        (["王小明_81543_assignsubmission_file_Category2 mymodel.h5"], {("s2", 2)}),
        (["Anna Weiß_81542_assignsubmission_file/Category2/mymodel.h5"], {("s1", 2)}),
    ],
)
def test_each_layout_tells_whose_and_for_which_task(
    tmp_path: Path, names: list[str], wanted: set[tuple[str, int]]
) -> None:
    _, in_folder = find([write(tmp_path / "class", *names)], tmp_path)
    assert owners(in_folder) == wanted
    assert len(in_folder) == len(names)
    packed = zipped(tmp_path / "class.zip", {each: H5 + each.encode() for each in names})
    _, in_zip = find([packed], tmp_path)
    assert owners(in_zip) == wanted
    assert [each.sha256 for each in in_zip] == [each.sha256 for each in in_folder]
    assert all(each.path.is_relative_to(tmp_path / "unpacked") for each in in_zip)
    late = {each.file for each in in_folder if "late" in each.flags}
    assert late == {f"class/{each}" for each in names if "LATE" in each}


GRADESCOPE = """
submission_815:
  :submitters:
  - :name: Anna Weiß
    :sid: s1
    :email: anna.weiss@x.org
  - :name: Somebody Else
    :sid: s2
    :email: ""
  :created_at: 2026-11-30 09:00:00.000000000 Z
submission_816:
  :submitters:
  - :name: A Stranger
    :sid: "99"
    :email: stranger@x.org
"""


@pytest.mark.parametrize("as_zip", [False, True])
def test_gradescope_says_whose_in_a_file_of_its_own(tmp_path: Path, as_zip: bool) -> None:
    folder = write(
        tmp_path / "export",
        "submission_815/Category1/mymodel.h5",
        "submission_816/Category1/mymodel.h5",
    )
    (folder / "submission_metadata.yml").write_text(GRADESCOPE)
    if as_zip:
        folder = Path(shutil.make_archive(str(tmp_path / "export"), "zip", tmp_path, "export"))
    _, found = find([folder], tmp_path)
    assert [each.person for each in found] == ["s1", "s2", ""]
    assert found[0].sha256 == found[1].sha256
    assert found[2].reason == "nobody"


def test_a_damaged_gradescope_file_is_a_row_with_a_line_and_no_name(tmp_path: Path) -> None:
    folder = write(tmp_path / "export", "submission_815/Category1/mymodel.h5")
    (folder / "submission_metadata.yml").write_text("submission_815:\n  :name: 'Anna\n")
    _, found = find([folder], tmp_path)
    assert reasons(found) == {
        "submission_metadata.yml": "damaged_metadata",
        "mymodel.h5": "nobody",
    }
    assert {each.verdict for each in found} == {"unclaimed"}
    says = [each.fault.text() for each in found if each.fault is not None]
    assert says[1] == "Its line 3 cannot be read as YAML."


def test_a_class_in_a_broken_zip_is_one_row_that_says_so(tmp_path: Path) -> None:
    path = zipped(tmp_path / "class.zip", {"s1/Category1/mymodel.h5": H5})
    path.write_bytes(path.read_bytes()[:-40])
    _, (found,) = find([path], tmp_path)
    assert (found.verdict, found.reason) == ("unclaimed", "damaged_zip")


def test_what_somebody_says_of_others_is_not_believed(tmp_path: Path) -> None:
    folder = write(tmp_path / "class", "s3/submission_815/Category1/mymodel.h5")
    (folder / "s3" / "submission_metadata.yml").write_text(GRADESCOPE)
    assert owners(find([folder], tmp_path)[1]) == {("s3", 1)}


def test_a_name_of_two_people_is_nobodys_and_says_their_lines(tmp_path: Path) -> None:
    folder = write(tmp_path / "class", "Li Wei/Category1/mymodel.h5", "s3/Category1/mymodel.h5")
    _, found = find([folder], tmp_path)
    unsure, known = found
    assert (unsure.person, unsure.verdict, unsure.reason) == ("", "unclaimed", "several_people")
    assert unsure.fault is not None
    assert "lines 4, 5" in unsure.fault.text()
    assert known.person == "s3"


def test_who_is_missing_and_what_belongs_to_nobody(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "class",
        "s1/Category1/mymodel.h5",
        "x9/Category1/mymodel.h5",
        "s2/mymodel.h5",
        "s2/Category7/mymodel.h5",
    )
    run = a_run("one", "two")
    _, found = find([folder], tmp_path, run=run)
    assert {each.reason for each in found} == {"", "nobody", "no_task"}
    missing = {(person.id, task.category) for person, task in without_file(PEOPLE, run, found)}
    assert missing == {(f"s{n}", c) for n in range(1, 6) for c in (1, 2)} - {("s1", 1)}


def test_files_for_other_tasks_are_named_and_a_single_task_needs_no_folder(tmp_path: Path) -> None:
    folder = write(tmp_path / "class", "s1/mymodel.h5", "s2/Category4/mymodel.h5")
    _, found = find([folder], tmp_path, run=a_run("one"))
    assert [(each.person, each.task, each.reason) for each in found] == [
        ("s1", "one", ""),
        ("s2", "", "other_task"),
    ]


def test_another_name_counts_only_where_there_is_no_mymodel(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "class",
        "s1/Category1/mymodel.h5",
        "s1/Category1/best.h5",
        "s2/Category1/model.keras",
    )
    _, found = find([folder], tmp_path)
    assert reasons(found) == {"best.h5": "other_name"}
    assert [each.flags for each in found] == [("other_name",), (), ("other_name",)]


def test_without_a_roster_people_are_who_handed_in(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "class",
        "anna/Category1/mymodel.h5",
        "B/bert/Category1/mymodel.h5",
        "liwei_4_7_Category2_mymodel.h5",
        "liwei_5_8_Category2_mymodel.h5",
        "carl.h5",
    )
    roster, found = find([folder], tmp_path, Roster(stated=False), a_run("one", "two"))
    assert [each.id for each in roster.people] == ["anna", "bert", "carl", "liwei_4", "liwei_5"]
    assert reasons(found) == {"carl.h5": "no_task"}


def test_people_as_paths_of_their_own_keep_apart(tmp_path: Path) -> None:
    folders = [write(tmp_path / each, "Category1/mymodel.h5") for each in ("s1", "s2")]
    _, found = find(folders, tmp_path)
    assert owners(found) == {("s1", 1), ("s2", 1)}
    again = [write(tmp_path / each / "s1", "Category1/mymodel.h5") for each in "ab"]
    assert len({each.file for each in find(again, tmp_path)[1]}) == 2


# -- zips ---------------------------------------------------------------------------------


def test_zips_of_people_in_the_zip_of_a_class(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"answers/Category1/mymodel.h5": H5}).read_bytes()
    members = {
        "weissanna_4711_8_work.zip": inner,
        "王小明_9_assignsubmission_file_/work.ZIP": inner,
        "__MACOSX/weissanna_4711_8_work.zip": b"",
        "s3/work.rar": b"Rar!",
        "readme.txt": b"",
    }
    _, found = find([zipped(tmp_path / "class.zip", members)], tmp_path)
    assert [(each.person, each.category, each.reason) for each in found] == [
        ("s3", 0, "packed_otherwise"),
        ("s1", 1, ""),
        ("s2", 1, ""),
    ]
    assert found[1].file == "class.zip/weissanna_4711_8_work.zip/answers/Category1/mymodel.h5"


@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "cp437"])
def test_names_in_any_code_page_find_their_person(
    tmp_path: Path, encoding: str, flag: bool
) -> None:
    name = "王小明" if encoding != "cp437" else "Ana María O'Neil"
    raw = f"{name}/Category1/mymodel.h5".encode(encoding)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("x" * len(raw), H5)
    content = written.getvalue().replace(b"x" * len(raw), raw)
    if flag and encoding == "utf-8":
        content = content.replace(b"PK\x03\x04\x14\0\0\0", b"PK\x03\x04\x14\0\0\x08")
        content = content.replace(
            b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\0\x08"
        )
    path = tmp_path / "class.zip"
    path.write_bytes(content)
    _, found = find([path], tmp_path)
    assert owners(found) == {("s5" if encoding == "cp437" else "s2", 1)}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("s1/../../etc/Category1/mymodel.h5", "unsafe_name"),
        ("/s1/Category1/mymodel.h5", "unsafe_name"),
        ("C:\\s1\\Category1\\mymodel.h5", "unsafe_name"),
        ("s1\\..\\Category1\\mymodel.h5", "unsafe_name"),
        ("s1/" + "d/" * 60 + "Category1/mymodel.h5", "unsafe_name"),
    ],
)
def test_a_name_that_leads_out_is_a_rejected_row_and_takes_nothing_from_others(
    tmp_path: Path, name: str, reason: str
) -> None:
    members = {name: H5, "s2/Category1/mymodel.h5": H5}
    _, found = find([zipped(tmp_path / "class.zip", members)], tmp_path)
    bad = next(each for each in found if each.fault)
    assert (bad.person, bad.reason, bad.verdict, bad.task) == ("s1", reason, "rejected", "one")
    assert owners([each for each in found if not each.fault]) == {("s2", 1)}
    assert {each.name for each in tmp_path.iterdir()} == {"class.zip", "unpacked"}


def test_links_are_not_followed_in_zips_and_folders(tmp_path: Path) -> None:
    secret = tmp_path / "secret.h5"
    secret.write_bytes(H5)
    link = zipfile.ZipInfo("s1/Category1/mymodel.h5")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr(link, str(secret))
    folder = write(tmp_path / "class", "s2/Category1/mymodel.h5")
    (folder / "s1" / "Category1").mkdir(parents=True)
    (folder / "s1/Category1/mymodel.h5").symlink_to(secret)
    (folder / "s3").symlink_to(folder / "s2")
    _, found = find([tmp_path / "class.zip", folder], tmp_path)
    assert [(each.person, each.reason) for each in found] == [
        ("s1", "link"),
        ("s1", "link"),
        ("s2", ""),
        ("s3", "link"),
    ]


def test_what_may_not_hold_a_model_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("id\ns1\n")
    with pytest.raises(ClassError, match=r"roster\.csv is no folder, no zip and no model file"):
        find([tmp_path / "roster.csv"], tmp_path)


def test_bombs_are_stopped_by_what_they_unpack_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection_module, "ALWAYS", 3_000_000)
    monkeypatch.setattr(collection_module, "MOST_TIMES", 0)
    big = bytes(900_000)
    members = {f"s1/Category{n}/mymodel.h5": big + bytes([n]) for n in range(1, 6)}
    members["s2/Category1/mymodel.h5"] = bytes(1_000_001)
    _, found = find([zipped(tmp_path / "class.zip", members)], tmp_path)
    assert [each.reason for each in found] == ["", "", "", "too_large", "too_large", "too_large"]
    assert sum(each.stat().st_size for each in (tmp_path / "unpacked").iterdir()) < 3_000_000


def test_what_cannot_be_read_is_a_row_and_what_cannot_be_written_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "class", "s1/Category1/mymodel.h5", "s2/Category1/mymodel.h5")
    scan = os.scandir

    def forbidden(path: Path) -> object:
        if str(path).endswith("s1"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", forbidden)
    _, found = find([folder], tmp_path)
    assert [(each.person, each.reason) for each in found] == [("s1", "unreadable"), ("s2", "")]
    packed = zipped(tmp_path / "s2.zip", {"Category1/mymodel.h5": H5})
    (tmp_path / "unpacked").write_text("in the way")
    with pytest.raises(ClassError, match="unpacked cannot be written"):
        find([packed], tmp_path)


def test_zips_in_zips_end_somewhere(tmp_path: Path) -> None:
    content = H5
    name = "Category1/mymodel.h5"
    for depth in range(5):
        content = zipped(tmp_path / f"{depth}.zip", {name: content}).read_bytes()
        name = f"{depth}.zip"
    _, found = find([zipped(tmp_path / "s1.zip", {name: content})], tmp_path)
    assert [(each.person, each.reason) for each in found] == [("s1", "nested_zip")]


def test_too_many_members_are_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "s1.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for n in range(100_000):
            archive.writestr(zipfile.ZipInfo(f"{n}.h5"), b"")
    _, (found,) = find([path], tmp_path)
    assert (found.person, found.reason, found.verdict) == ("s1", "too_many_members", "rejected")
    assert found.fault is not None
    assert str(zips.MOST_MEMBERS) in found.fault.text()


@pytest.mark.parametrize("cut", ["head", "tail", "text", "member", "locked"])
def test_what_is_no_whole_zip_is_the_fault_of_its_owner(tmp_path: Path, cut: str) -> None:
    path = zipped(tmp_path / "class" / "s1.zip", {"Category1/mymodel.h5": os.urandom(5000)})
    whole = path.read_bytes()
    changed = {
        "head": whole[100:],
        "tail": whole[:-30],
        "text": b"I will send it later",
        "member": whole[:1000] + bytes(200) + whole[1200:],
        "locked": whole.replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\x01\0"),
    }
    path.write_bytes(changed[cut])
    write(tmp_path / "class", "s2/Category1/mymodel.h5")
    _, found = find([tmp_path / "class"], tmp_path)
    bad = next(each for each in found if each.fault)
    assert (bad.person, bad.verdict) == ("s1", "rejected")
    assert bad.reason == ("locked_zip" if cut == "locked" else "damaged_zip")
    assert [each.person for each in found if not each.fault] == ["s2"]


def test_two_members_of_one_name_are_two_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "s1.zip", "w") as archive:
        archive.writestr("Category1/mymodel.h5", H5)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("Category1/mymodel.h5", H5 + b"2")
    _, found = find([tmp_path / "s1.zip"], tmp_path)
    assert [each.file for each in found] == [
        "s1.zip/Category1/mymodel.h5",
        "s1.zip/Category1/mymodel.h5 (2)",
    ]
    assert len({each.sha256 for each in found}) == 2
