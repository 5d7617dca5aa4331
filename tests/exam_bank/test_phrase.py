import pickle
from pathlib import Path

from exam_bank.errors import TfexamError
from exam_bank.phrase import Phrase, joined, phrase

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
