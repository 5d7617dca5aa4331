"""Checks that every HTML page of ours must pass: valid, whole in itself, without script."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_ADDRESSES = {"src", "href", "srcset", "action", "formaction", "poster", "data", "background"}
_ADDRESSES |= {"cite", "ping", "manifest", "longdesc", _XLINK}
_FORBIDDEN = {"script", "iframe", "object", "embed", "base", "form", "img", "image", "use"}
_FORBIDDEN |= {"foreignObject", "video", "audio", "source", "track", "frame", "applet"}


def parsed(html: str) -> Element:
    """The page as a tree; an error of its HTML fails."""
    parser = html5lib.HTMLParser(
        tree=html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False
    )
    tree: Element = parser.parse(html)
    return tree


def elements(tree: Element) -> Iterator[tuple[str, Element]]:
    """Every element with its name."""
    for each in tree.iter():
        if isinstance(each.tag, str):
            yield each.tag.removeprefix(_SVG), each


def faults(html: str) -> list[str]:
    """What is not as in a page that asks nothing of anybody."""
    return list(_faults(parsed(html)))


def _faults(tree: Element) -> Iterator[str]:
    for name, each in elements(tree):
        if name in _FORBIDDEN:
            yield f"<{name}>"
        for key, value in each.attrib.items():
            if key.lower().startswith("on"):
                yield f"{name} {key}"
            if key.lower() in _ADDRESSES and not value.startswith(("#", "data:")):
                yield f"{name} {key}={value}"
            if key == "style" and _calls_out(value):
                yield f"style={value}"
        if name == "style" and _calls_out(each.text or ""):
            yield "<style>"
        if name == "meta" and each.get("http-equiv", "").lower() == "refresh":
            yield "refresh"


def _calls_out(css: str) -> bool:
    return bool(re.search(r"@import|@font-face|url\s*\(|image-set|src\s*:", css, re.IGNORECASE))


def text_of(html: str) -> str:
    """All words of the page, without its styles."""
    tree = parsed(html)
    for _name, each in elements(tree):
        for child in [child for child in each if child.tag == "style"]:
            each.remove(child)
    return " ".join("".join(tree.itertext()).split())
