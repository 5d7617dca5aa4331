"""Text from data as a terminal may be sent it: files, packs and journals can hold anything.

A name with an escape sequence in it would steer the terminal, and one with a bidirectional
override would read as another name. What Unicode calls printable is shown as it is; line
ends are spaces, so that a name cannot pretend to be a line of ours; the rest is "�".
"""

import re
import unicodedata

LONGEST = 20_000
"""The most characters of one text that anybody is shown: no sentence of ours comes near."""

_KEPT_BREAKS = "\n\t"
_NAMED_WHITE = "\n\t\r\v\f\x85\u2028\u2029"


def printable(text: str, limit: int = LONGEST) -> str:
    """`text` on one line, in at most `limit` characters that are safe to show."""
    cut = text[: limit + 1]
    safe = cut if cut.isprintable() else "".join(map(_shown, cut))
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def printable_lines(text: str) -> str:
    """`text` with its lines and tabs as they are and everything else safe to show."""
    if text.isprintable():
        return text
    return "".join(sign if sign in _KEPT_BREAKS else _shown(sign) for sign in text)


def ascii_escaped(json: str) -> str:
    """JSON with its unprintable signs as escapes: the same value, safe to show.

    `json` is whole and valid, so that such signs are in its strings and nowhere else.
    """
    return json if json.isprintable() else _UNPRINTED.sub(_escape, json)


# Candidates only: `_escape` keeps those that are printable after all.
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
    # Spaces such as the ideographic one are no danger, and Chinese text has them.
    return sign.isprintable() or unicodedata.category(sign) == "Zs"
