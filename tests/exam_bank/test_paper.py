"""Papers: a code brings back the same one, and a mistyped code never another."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exam_bank.catalog import Catalog
from exam_bank.errors import LevelError, PaperCodeError
from exam_bank.identity import of_bank, of_shared_code
from exam_bank.paper import Paper, PaperTask, draw, for_practice, from_code
from exam_bank.task import LEVELS, Level, Task, TaskFile
from tests.exam_bank.test_task import WHOLE, write

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PLACES = [place for place, sign in enumerate("TFX-0000-0000-0000") if sign == "0"]


def task(name: str, category: int, levels: str = "") -> Task:
    """A task; `levels` are its tables of thresholds, if they are not the same on both."""
    whole = WHOLE.replace("thresholds = [5, 4, 3, 2, 1]\n", levels) if levels else WHOLE
    text = whole.replace('"line"', f'"{name}"').replace("category = 1", f"category = {category}")
    return Task(says=msgspec.toml.decode(text, type=TaskFile), folder=Path(name))


def bank(*extra: Task) -> Catalog:
    built = [task(f"{word}-{category}", category) for category in range(1, 6) for word in "abc"]
    return Catalog((*built, *extra))


BANK = bank()
numbers = st.integers(0, 2**34 - 1)
levels = st.sampled_from(LEVELS)


@given(numbers, levels)
def test_a_code_brings_back_its_paper(number: int, level: Level) -> None:
    paper = draw(BANK, level=level, number=number)
    assert from_code(BANK, paper.code) == paper
    assert paper.level == level


@given(numbers)
def test_a_paper_has_one_task_of_each_category(number: int) -> None:
    assert [each.category for each in draw(BANK, number=number).tasks] == [1, 2, 3, 4, 5]


@given(numbers)
def test_seeds_differ_by_task_and_fit_toml(number: int) -> None:
    seeds = [each.seed for each in draw(BANK, number=number).tasks]
    assert len(set(seeds)) == 5
    assert all(0 <= seed < 2**63 for seed in seeds)


@given(numbers, numbers)
def test_different_numbers_give_different_codes_and_seeds(one: int, other: int) -> None:
    assume(one != other)
    first, second = draw(BANK, number=one), draw(BANK, number=other)
    assert first.code != second.code
    assert {each.seed for each in first.tasks}.isdisjoint(each.seed for each in second.tasks)


wrong_letters = st.dictionaries(
    st.sampled_from(PLACES), st.sampled_from(ALPHABET), min_size=1, max_size=2
)


@given(numbers, wrong_letters)
def test_one_or_two_wrong_letters_never_give_another_paper(
    number: int, wrong: dict[int, str]
) -> None:
    code = draw(BANK, number=number).code
    written = "".join(wrong.get(place, sign) for place, sign in enumerate(code))
    assume(written != code)
    with pytest.raises(PaperCodeError, match="typing error") as caught:
        from_code(BANK, written)
    assert caught.value.fix


@given(numbers, st.sampled_from(PLACES), st.sampled_from(PLACES))
def test_two_swapped_letters_never_give_another_paper(number: int, one: int, other: int) -> None:
    signs = list(draw(BANK, number=number).code)
    assume(signs[one] != signs[other])
    signs[one], signs[other] = signs[other], signs[one]
    with pytest.raises(PaperCodeError):
        from_code(BANK, "".join(signs))


@given(numbers)
def test_case_hyphens_spaces_and_misread_letters_do_not_matter(number: int) -> None:
    paper = draw(BANK, number=number)
    letters = paper.code.removeprefix("TFX-")
    misread = letters.replace("0", "O").replace("1", "I")
    misread_again = letters.replace("0", "o").replace("1", "l")
    for written in (
        paper.code.lower(),
        f"  {paper.code}\n",
        paper.code.replace("-", ""),
        paper.code.replace("-", " "),
        letters,
        f"TFX-{misread}",
        f"tfx-{misread_again.lower()}",
        misread,
    ):
        assert from_code(BANK, written) == paper


@pytest.mark.parametrize(
    "code", ["", "TFX", "TFX-", "hello", "TFX-0000-0000-000", "TFX-0000-0000-00000", "TFX-U" * 4]
)
def test_what_is_no_code_is_said_to_be_none(code: str) -> None:
    with pytest.raises(PaperCodeError, match="not a paper code"):
        from_code(BANK, code)


@given(numbers)
def test_the_code_of_another_bank_is_refused(number: int) -> None:
    code = draw(bank(task("extra", 3)), number=number).code
    with pytest.raises(PaperCodeError, match="another task bank"):
        from_code(BANK, code)


SITTINGS = Path(__file__).parents[1] / "fixtures" / "sittings"


def test_a_code_from_before_there_were_levels_is_refused() -> None:
    record = next(SITTINGS.glob("*/sitting.toml")).read_bytes()
    code = msgspec.toml.decode(record)["paper"]["code"]
    with pytest.raises(PaperCodeError) as caught:
        from_code(Catalog.find(), code)
    assert str(caught.value) == (
        f"'{code}' was made with another task bank. Use the same version of tfexam and the same "
        "TFEXAM_BANK as whoever made it."
    )


ONLY_HARD = "[mark_scheme.hard]\nthresholds = [5, 4, 3, 2, 1]\n"


def served(level: str, *where: int) -> Catalog:
    """BANK, with one task for each category in `where` that serves `level` only."""
    scheme = ONLY_HARD.replace("hard", level)
    return bank(*(task(f"{level}-{each}", each, scheme) for each in where))


@given(numbers, st.permutations(LEVELS))
def test_only_tasks_that_serve_the_level_are_drawn(number: int, both: list[Level]) -> None:
    level, other = both
    catalog = served(other, 1, 2, 3, 4, 5)
    names = [each.task for each in draw(catalog, level=level, number=number).tasks]
    assert not any(name.startswith(other) for name in names)
    drawn = {each.task for n in range(60) for each in draw(catalog, level=other, number=n).tasks}
    assert f"{other}-1" in drawn


def test_a_category_without_a_task_on_the_level_is_refused() -> None:
    catalog = Catalog((*(task(f"a-{n}", n) for n in range(1, 5)), task("a-5", 5, ONLY_HARD)))
    assert draw(catalog, level="hard").level == "hard"
    with pytest.raises(PaperCodeError, match="category 5 on the level classic"):
        draw(catalog, level="classic")


def test_every_task_of_a_category_is_drawn_sometimes() -> None:
    drawn = {each.task for number in range(100) for each in draw(BANK, number=number).tasks}
    assert drawn == {each.id for each in BANK.tasks}


def test_a_fresh_paper_differs_each_time() -> None:
    assert draw(BANK).code != draw(BANK).code


def test_a_bank_without_a_category_is_refused() -> None:
    with pytest.raises(PaperCodeError, match="category 5"):
        draw(Catalog(tuple(each for each in BANK.tasks if each.category != 5)))


def test_practice_has_the_given_tasks_in_order_and_no_code() -> None:
    paper = for_practice([BANK.task("b-3"), BANK.task("a-1"), BANK.task("a-3")], number=5)
    assert [each.task for each in paper.tasks] == ["a-1", "a-3", "b-3"]
    assert paper.code == ""
    assert len({each.seed for each in paper.tasks}) == 3


def test_practice_refuses_a_task_that_does_not_serve_its_level() -> None:
    tasks = [task("a-1", 1), task("b-2", 2, ONLY_HARD)]
    assert for_practice(tasks, level="hard").level == "hard"
    with pytest.raises(LevelError, match="b-2 is not asked on the level classic, only on hard"):
        for_practice(tasks, level="classic")


def test_practice_seeds_are_fresh_each_time() -> None:
    tasks = [BANK.task("a-1")]
    assert for_practice(tasks).tasks[0].seed != for_practice(tasks).tasks[0].seed


def test_a_paper_survives_toml_and_keeps_its_weights() -> None:
    paper = draw(BANK, number=123)
    again = msgspec.toml.decode(msgspec.toml.encode(paper), type=Paper)
    assert again == paper
    assert again.weights == {each.task: 10 for each in paper.tasks}


def test_a_paper_from_before_there_were_levels_counts_as_hard() -> None:
    paper = draw(BANK, number=5)
    old = {"code": paper.code, "tasks": msgspec.to_builtins(paper.tasks)}
    again = msgspec.convert(old, Paper)
    assert again.level == "hard"
    assert msgspec.to_builtins(again) == old


def test_shares_follow_the_weights_and_make_a_whole() -> None:
    tasks = [
        PaperTask(place, f"task-{place}", 1, weight) for place, weight in ((1, 10.0), (2, 30.0))
    ]
    assert Paper("", tuple(tasks)).shares == {"task-1": 25.0, "task-2": 75.0}


def test_codes_of_one_bank_keep_their_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exam_bank.identity.of_bank", lambda _: bytes(range(32)))
    paper = draw(BANK, number=2**33 + 12345)
    assert paper.code == "TFX-G000-R3J0-00WY"
    assert [each.task for each in paper.tasks] == ["a-1", "c-2", "c-3", "c-4", "a-5"]
    assert paper.tasks[0].seed == 4852819621116532552
    assert draw(BANK, level="hard", number=2**33 + 12345).code == "TFX-G000-R3K0-0030"


def test_the_digest_of_a_bank_tells_what_decides_data_and_marks(tmp_path: Path) -> None:
    def changed(old: str, new: str, **code: str) -> bytes:
        text = WHOLE.replace(old, new)
        folder = write(tmp_path / "one", text)
        for name in ("data", "more", "starter"):
            (folder / f"{name}.py").write_text(code.get(name, f"{name} = 1\n"), newline="")
        return of_bank(Catalog((Task.read(folder),)))

    same = changed("", "")
    assert changed('"Line"', '"A better line"') == same
    assert changed("", "", starter="better = 1\n") == same
    assert changed("", "", data="data = 1\r\n") == same
    others = [
        changed("weight = 10", "weight = 11"),
        changed("category = 1", "category = 2"),
        changed('"line"', '"lime"'),
        changed("[5, 4, 3, 2, 1]", "[6, 4, 3, 2, 1]"),
        changed('"synthetic"', '"iris"'),
        changed('"synthetic"', '"mnist"'),
        changed('"synthetic"', '"household-power"'),
        changed("", "", data="data = 2\n"),
        changed("", "", more="more = 2\n"),
    ]
    assert len({same, *others}) == len(others) + 1


def test_the_digest_of_a_bank_leaves_targets_out() -> None:
    def of_levels(levels: str) -> bytes:
        return of_bank(bank(task("extra", 3, levels)))

    marks = ONLY_HARD.replace("hard", "classic")
    assert of_levels(marks) == of_levels(f"{marks}target = 0.5\n")
    assert of_levels(marks) != of_levels(ONLY_HARD)
    assert of_levels(marks) != of_levels(marks + ONLY_HARD)


def test_the_digest_changes_with_shared_generators(monkeypatch: pytest.MonkeyPatch) -> None:
    before = of_bank(BANK)
    monkeypatch.setattr("exam_bank.identity._SHARED", ("material.py",))
    of_shared_code.cache_clear()
    assert of_bank(BANK) != before
    of_shared_code.cache_clear()


CHOICES = {
    1: frozenset({"a-1"}),
    2: frozenset({"b-2", "c-2"}),
    3: frozenset({"c-3"}),
    4: frozenset({"a-4", "b-4", "c-4"}),
    5: frozenset({"b-5"}),
}


def test_a_fresh_paper_has_none_but_the_choices_and_its_code_needs_none() -> None:
    seen: set[str] = set()
    for _ in range(50):
        paper = draw(BANK, choices=CHOICES)
        assert all(each.task in CHOICES[each.category] for each in paper.tasks)
        assert from_code(BANK, paper.code) == paper
        seen.update(each.task for each in paper.tasks)
    assert seen == frozenset().union(*CHOICES.values())


def test_choices_that_nothing_fits_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exam_bank.paper._TRIES", 10)
    with pytest.raises(PaperCodeError) as caught:
        draw(BANK, choices={**CHOICES, 3: frozenset()})
    assert "tfexam data fetch" in caught.value.fix


def test_a_row_of_one_letter_is_no_code() -> None:
    for letter in ALPHABET:
        with pytest.raises(PaperCodeError):
            from_code(BANK, letter * 12)
