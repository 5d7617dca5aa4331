import pickle
from pathlib import Path

import pytest

from exam_bank.errors import TfexamError
from exam_bank.phrase import Phrase, joined, phrase
from exam_bank.printable import LONGEST

GERMAN = {
    "{path} is gone.": "{path} ist weg.",
    "{path} cannot be read: {error}.": "{path} ist nicht lesbar: {error}.",
    "Permission denied": "Zugriff verweigert",
    "Mend it.": "Bring es in Ordnung.",
    "{n:.0f} seconds": "{n:.0f} Sekunden",
}


def german(template: str) -> str:
    return GERMAN.get(template, template)


def test_a_phrase_is_its_english_sentence() -> None:
    found = phrase("{path} is gone.", path=Path("/a"))
    assert found == "/a is gone."
    assert found.startswith("/a")


def test_it_can_be_said_in_another_language() -> None:
    assert phrase("{path} is gone.", path="/a").said(german) == "/a ist weg."
    assert phrase("{n:.0f} seconds", n=2.4).said(german) == "2 Sekunden"


def test_facts_that_are_phrases_are_said_with_it() -> None:
    found = phrase("{path} cannot be read: {error}.", path="/a", error=phrase("Permission denied"))
    assert found == "/a cannot be read: Permission denied."
    assert found.said(german) == "/a ist nicht lesbar: Zugriff verweigert."


def test_joined_parts_stay_phrases_and_braces_stay_braces() -> None:
    found = joined("; ", [phrase("{path} is gone.", path="{x}"), "plain {y}"])
    assert found == "{x} is gone.; plain {y}"
    assert found.said(german) == "{x} ist weg.; plain {y}"


def test_an_error_says_message_and_fix() -> None:
    error = TfexamError(phrase("{path} is gone.", path="/a"), fix=phrase("Mend it."))
    assert str(error) == "/a is gone. Mend it."
    assert error.sentence.said(german) == "/a ist weg. Bring es in Ordnung."
    assert str(TfexamError("Alone.")) == "Alone."


def test_an_error_keeps_its_phrases_on_the_way_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(TfexamError(phrase("{path} is gone.", path="/a"))))
    assert isinstance(error.message, Phrase)
    assert error.message.said(german) == "/a ist weg."


@pytest.mark.parametrize(
    "template",
    [
        "{gone} of {n}",
        "{0}",
        "{}",
        "{",
        "}",
        "{n",
        "{n.__class__}",
        "{name.__class__.__mro__}",
        "{name[0]}",
        "{n:9999999999}",
        "{n:>999}",
        "{n:.999f}",
        "{n:{n}}",
        "{name:d}",
        "{huge:.1f}",
        "{huge:c}",
        "{n!z}",
    ],
)
def test_a_template_that_its_facts_do_not_fill_is_shown_as_it_is(template: str) -> None:
    facts = {"n": 2, "name": "x", "huge": 10**400}
    assert phrase(template, **facts) == template
    assert Phrase("a", facts).said(lambda _: template) == template


def test_an_integer_of_more_digits_than_python_writes_does_no_harm() -> None:
    assert phrase("{n}", n=10**5000) == "{n}"


def test_a_sentence_and_its_facts_are_of_bounded_length() -> None:
    assert len(phrase("{a}" * 7000, a="x" * 1_000_000)) <= LONGEST
    assert len(phrase("x" * 10_000_000)) <= LONGEST
    assert phrase("{a} is long.", a="x" * 1_000_000).endswith("… is long.")


def test_what_steers_a_terminal_is_not_in_a_sentence() -> None:
    found = phrase("{a} \x1b[2J\u202e{n:c}", a="\x1b]0;title\x07\n5/5\ud800", n=27)
    assert found == "�]0;title� 5/5� �[2J��"
    assert found.said(german) == found
