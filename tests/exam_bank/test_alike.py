"""Near-duplicates: every alike pair is found, and only those."""

from hypothesis import given
from hypothesis import strategies as st

from exam_bank.real.alike import SHARE, distinct, unlike

PRIZE = "You have WON a 1000 pound prize! Call 0905 now to claim it"
AGAIN = "you have won a 2500 pound prize, call 0871 NOW to claim it..."
texts = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=9).map(" ".join), max_size=12)


def test_digits_case_and_punctuation_make_no_difference() -> None:
    assert distinct([PRIZE, "See you at six", AGAIN]) == [0, 1]


def test_a_shared_part_below_the_limit_is_not_alike() -> None:
    one, other = "one two three four five", "one two three four six seven"
    assert distinct([one, other]) == [0, 1]
    assert distinct([one, other], share=4 / 7) == [0]


def test_texts_without_words_are_alike() -> None:
    assert distinct(["...", "", ":-)", "5", "ok"]) == [0, 4]


def test_what_repeats_the_others_or_an_earlier_one_is_left_out() -> None:
    assert unlike([PRIZE, "so long my friend", "So long, my friend!", "hi"], [AGAIN]) == [1, 3]


@given(texts, texts)
def test_no_pair_is_missed(asked: list[str], others: list[str]) -> None:
    kept = [asked[place] for place in unlike(asked, others)]
    for place, text in enumerate(kept):
        assert not any(alike(text, other) for other in [*others, *kept[:place]])
    left = [text for place, text in enumerate(asked) if place not in unlike(asked, others)]
    assert all(any(alike(text, other) for other in [*others, *kept]) for text in left)


def alike(one: str, other: str) -> bool:
    """The definition itself."""
    first, second = set(one.split()), set(other.split())
    return len(first & second) >= SHARE * len(first | second)
