"""Paper: the tasks of one exam with their seeds, reproduced by its code.

A code such as TFX-7Q2M-0KXD-93YA holds a random number, the level, a digest of the bank it
was drawn from (`identity`: its tasks, their data and marks), and a checksum, in Crockford's
base 32 (no I, L, O, U; case does not matter; O is read as 0, I and L as 1). The checksum
is that of a Reed–Solomon code, so it always catches one or two wrong letters and any two
letters that were swapped.

Every seed is derived from the number by HMAC, so the code is the paper's whole secret: it
is kept with the sitting and never written into a workspace.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from exam_bank.errors import PaperCodeError
from exam_bank.phrase import phrase
from exam_bank.task import CATEGORIES, LEVEL_WORDS, LEVELS, Level

if TYPE_CHECKING:  # a sitting holds a paper: reading one must not import the drawing code
    from exam_bank.catalog import Catalog
    from exam_bank.task import Task
    from exam_bank.task_choice import Choices

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")
# Codes made before there were levels have 35 bits for the number; they name another bank.
_NUMBER_BITS, _LEVEL_BITS, _BANK_BITS, _CHECK_BITS = 34, 1, 15, 10
_CHECK_OFFSET = 0b10110_01101
_LENGTH = (_NUMBER_BITS + _LEVEL_BITS + _BANK_BITS + _CHECK_BITS) // 5
_TRIES = 2_000_000

# A paper is also read from a sitting's record, which may be damaged, and a task id names a folder.
_TaskId = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
_Category = Annotated[int, msgspec.Meta(ge=1, le=5)]
_Seed = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Weight = Annotated[float, msgspec.Meta(gt=0, lt=1e9)]
_Code = Annotated[str, msgspec.Meta(max_length=40)]

# Which hidden set of a task: the code's own; in a paper that has two, the one of the scores that
# candidates see, or the one that a class is graded on.
Part = Literal["whole", "first", "second"]
SECRET_BYTES = 32


class PaperTask(msgspec.Struct, frozen=True):
    """One task of a paper: its seed makes its data, its weight its share of the total."""

    category: _Category
    task: _TaskId
    seed: _Seed
    weight: _Weight


class Paper(msgspec.Struct, frozen=True):
    """The tasks of a sitting in the order of their categories; `code` is empty for practice.

    `stated_level`, the key `level` of a sitting's record, is missing in those from before there
    were levels.
    """

    code: _Code
    tasks: Annotated[tuple[PaperTask, ...], msgspec.Meta(min_length=1)]
    stated_level: Level | UnsetType = msgspec.field(default=UNSET, name="level")

    @property
    def level(self) -> Level:
        """The level its tasks are marked on; hard is what all were before there were levels."""
        return self.stated_level or "hard"

    @property
    def weights(self) -> dict[str, float]:
        """Each task id with its weight."""
        return {each.task: each.weight for each in self.tasks}

    @property
    def shares(self) -> dict[str, float]:
        """Each task id with its share of the total, in %."""
        whole = sum(each.weight for each in self.tasks)
        return {each.task: 100.0 * each.weight / whole for each in self.tasks}


def draw(
    catalog: "Catalog",
    *,
    level: Level = "classic",
    number: int | None = None,
    choices: "Choices | None" = None,
) -> Paper:
    """Draw one task of each category; a fresh random paper unless `number` is given.

    Only tasks that serve `level` are drawn, and a fresh paper takes its tasks from `choices`
    only, if given. Raises `PaperCodeError` when a category has no tasks, or no paper fits the
    choices.
    """
    options = {category: catalog.of(category, level) for category in CATEGORIES}
    for category in CATEGORIES:
        if not options[category]:
            raise none_of(category, level)
    if number is None:
        number = _fresh_number(options, choices)
    tasks = [_drawn(number, category, options[category]) for category in CATEGORIES]
    code = _encode(number, level, _bank_digest(catalog))
    return Paper(code, tuple(_with_seed(task, number) for task in tasks), level)


def none_of(category: int, level: Level) -> PaperCodeError:
    """The error for a bank without a task of `category` that serves `level`."""
    return PaperCodeError(
        phrase(
            "The bank has no task of category {category} on the level {level}.",
            category=category,
            level=LEVEL_WORDS[level],
        )
    )


def _drawn(number: int, category: int, options: "Sequence[Task]") -> "Task":
    return options[_derive(number, f"draw {category}") % len(options)]


def _fresh_number(options: "Mapping[int, Sequence[Task]]", choices: "Choices | None") -> int:
    """A random number whose tasks are all among `choices`.

    Numbers are drawn until one fits, so the code alone decides the tasks, whatever data
    another machine has.
    """
    if choices is None:
        return _random_number()
    # The category that is least likely to fit comes first.
    order = sorted(options, key=lambda each: len(choices[each]) / len(options[each]))
    for _ in range(_TRIES):
        number = _random_number()
        if all(_drawn(number, each, options[each]).id in choices[each] for each in order):
            return number
    raise PaperCodeError(
        phrase("No paper can be drawn: the data of too many tasks are missing."),
        fix=phrase("Fetch some: tfexam data fetch --all"),
    )


def from_code(catalog: "Catalog", code: str) -> Paper:
    """The paper that `code` names.

    Raises `PaperCodeError` for a typing error or a code from another bank. Does not check
    whether the data are on this machine.
    """
    number, level = _decode(code, _bank_digest(catalog))
    return draw(catalog, level=level, number=number)


def for_practice(
    tasks: "Sequence[Task]", *, level: Level = "classic", number: int | None = None
) -> Paper:
    """A paper of the given tasks, with fresh random seeds unless `number` is given.

    Raises `LevelError` for a task that does not serve `level`.
    """
    for task in tasks:
        task.need_level(level)
    if number is None:
        number = _random_number()
    ordered = sorted(tasks, key=lambda task: (task.category, task.id))
    return Paper("", tuple(_with_seed(task, number) for task in ordered), level)


def _random_number() -> int:
    import secrets

    return secrets.randbits(_NUMBER_BITS)


def _with_seed(task: "Task", number: int) -> PaperTask:
    seed = _derive(number, f"seed {task.id}")
    return PaperTask(task.category, task.id, seed, task.says.weight)


def _derive(number: int, name: str) -> int:
    """63 bits of an HMAC: TOML integers are signed 64-bit."""
    import hmac

    digest = hmac.digest(number.to_bytes(16, "big"), name.encode(), "sha256")
    return int.from_bytes(digest[:8], "big") >> 1


def _bank_digest(catalog: "Catalog") -> int:
    from exam_bank.identity import of_bank

    return _bits(of_bank(catalog), _BANK_BITS)


def _bits(digest: bytes, count: int) -> int:
    return int.from_bytes(digest[:4], "big") >> (32 - count)


def _checksum(payload: int) -> int:
    """Two letters: the payload's letters modulo (x + 1)(x + 2) over GF(32).

    Such a code has distance 3. The offset makes a row of zeros invalid.
    """
    high = low = 0
    for place in reversed(range(_LENGTH - _CHECK_BITS // 5)):
        factor = high ^ (payload >> 5 * place & 31)
        doubled = _double(factor)
        high, low = low ^ doubled ^ factor, doubled
    return (high << 5 | low) ^ _CHECK_OFFSET


def _double(letter: int) -> int:
    """Twice a letter in GF(32) with the polynomial x^5 + x^2 + 1."""
    return letter << 1 ^ (0b100101 if letter & 16 else 0)


def _encode(number: int, level: Level, bank: int) -> str:
    payload = (number << _LEVEL_BITS | LEVELS.index(level)) << _BANK_BITS | bank
    whole = payload << _CHECK_BITS | _checksum(payload)
    letters = "".join(_ALPHABET[whole >> 5 * place & 31] for place in reversed(range(_LENGTH)))
    return "TFX-" + "-".join(letters[i : i + 4] for i in range(0, _LENGTH, 4))


def _number_of(code: str) -> int:
    letters = code.strip().upper().removeprefix("TFX").replace("-", "").replace(" ", "")
    letters = letters.translate(_MISREAD)
    if len(letters) != _LENGTH or not set(letters) <= set(_ALPHABET):
        raise PaperCodeError(
            phrase("{code} is not a paper code.", code=repr(code)),
            fix=phrase("A code looks like TFX-7Q2M-0KXD-93YA."),
        )
    return functools.reduce(lambda whole, each: whole << 5 | _ALPHABET.index(each), letters, 0)


def _decode(code: str, bank: int) -> tuple[int, Level]:
    whole = _number_of(code)
    payload, check = whole >> _CHECK_BITS, whole & (1 << _CHECK_BITS) - 1
    if check != _checksum(payload):
        raise PaperCodeError(
            phrase("{code} contains a typing error.", code=repr(code)),
            fix=phrase("Compare it letter by letter."),
        )
    if payload & (1 << _BANK_BITS) - 1 != bank:
        raise PaperCodeError(
            phrase("{code} was made with another task bank.", code=repr(code)),
            fix=phrase(
                "Use the same version of tfexam and the same TFEXAM_BANK as whoever made it."
            ),
        )
    number_and_level = payload >> _BANK_BITS
    return number_and_level >> _LEVEL_BITS, LEVELS[number_and_level & 1]
