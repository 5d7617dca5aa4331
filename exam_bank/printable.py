"""Makes text from files, packs and journals safe for a terminal: they can hold anything.

A name with an escape sequence in it would control the terminal, and one with a
bidirectional override would read as another name. Characters that Unicode calls printable
are shown as they are; line ends become spaces, so that a name cannot pass for a line of
ours; everything else becomes "�".
"""

import re
import unicodedata

LONGEST = 20_000
"""The most characters of one text that are ever shown; no sentence of ours comes near."""

_KEPT_BREAKS = "\n\t"
_NAMED_WHITE = "\n\t\r\v\f\x85\u2028\u2029"


def printable(text: str, limit: int = LONGEST) -> str:
    """`text` on one line of at most `limit` characters, all safe to show."""
    cut = text[: limit + 1]
    safe = cut if cut.isprintable() else "".join(map(_shown, cut))
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def printable_lines(text: str) -> str:
    """`text` made safe to show, with its line ends and tabs kept."""
    if text.isprintable():
        return text
    return "".join(sign if sign in _KEPT_BREAKS else _shown(sign) for sign in text)


def ascii_escaped(json: str) -> str:
    """JSON with its unprintable characters escaped: the same value, safe to show.

    `json` must be whole and valid, so that such characters occur only in its strings.
    """
    return json if json.isprintable() else _UNPRINTED.sub(_escape, json)


# Only candidates: `_escape` keeps those that turn out to be printable.
_UNPRINTED = re.compile(r"[^\x20-\x7e\u4e00-\u9fff\n]")


def _escape(found: re.Match[str]) -> str:
    sign = found.group()
    if _is_safe(sign):
        return sign
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _shown(sign: str) -> str:
    if _is_safe(sign):
        return sign
    return " " if sign in _NAMED_WHITE else "�"


def _is_safe(sign: str) -> bool:
    # Spaces such as the ideographic one are harmless, and Chinese text uses them.
    return sign.isprintable() or unicodedata.category(sign) == "Zs"
