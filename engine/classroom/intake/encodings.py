"""Reads text whose encoding nobody states: CSV files from spreadsheets, names in zips.

Excel writes what its Windows is set to, and a zip made there keeps names in that code page
without saying so. UTF-8 can be told from all others; of the others only those are tried that
a class meets: GBK, whose characters are pairs of high bytes, and the Western code page.
"""

import codecs
import re

from exam_bank.phrase import phrase

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH = re.compile(rb"[\x80-\xff]+")


def file_text(content: bytes) -> tuple[str, str]:
    """The text of a file and the encoding it was read in.

    Raises `ValueError` for what is no text: it holds zero bytes.
    """
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return content.decode(encoding), encoding
    if encoding := _utf_16(content):
        return content.decode(encoding), encoding
    if b"\0" in content:
        raise ValueError(phrase("it holds zero bytes, so it is no CSV file"))
    return unmarked_text(content, "cp1252")


def unmarked_text(content: bytes, western: str) -> tuple[str, str]:
    """Bytes as UTF-8, else as GBK if they look like it, else in the `western` code page."""
    for encoding in ("utf-8", *(("gb18030",) if _looks_like_gbk(content) else ())):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return content.decode(western, errors="replace"), western


def _utf_16(content: bytes) -> str:
    """UTF-16 without a mark: many bytes at even places are zero and none at odd ones, or so."""
    start = content[:400]
    if len(start) < 4 or len(content) % 2:
        return ""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if even * 2 > len(start) // 2 and not odd:
        return "utf-16-be"
    if odd * 2 > len(start) // 2 and not even:
        return "utf-16-le"
    return ""


def _looks_like_gbk(content: bytes) -> bool:
    """Whether most runs of high bytes have an even length; accented letters come one by one."""
    runs = [len(each) for each in _HIGH.findall(content)]
    return bool(runs) and sum(each % 2 == 0 for each in runs) * 2 > len(runs)
