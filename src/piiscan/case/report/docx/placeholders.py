"""Names in double braces in paragraphs of a Word document, however Word split them over runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

#: The namespace of a document's text.
W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#: A name in double braces, half width or full.
NAME: Final = re.compile(r"[{｛]{2}\s*([^{}｛｝]{1,60}?)\s*[}｝]{2}")

Node = Any  # minidom is not typed closely enough


def is_a(node: Node, name: str) -> bool:
    """Whether a node is the element ``w:name``."""
    return bool(
        node.nodeType == node.ELEMENT_NODE and (node.namespaceURI, node.localName) == (W, name)
    )


def _texts(paragraph: Node) -> list[Node]:
    """The texts of a paragraph in order, without those of paragraphs inside of it."""
    found: list[Node] = []
    for node in paragraph.childNodes:
        if is_a(node, "t"):
            found.append(node)
        elif node.nodeType == node.ELEMENT_NODE and not is_a(node, "p"):
            found += _texts(node)
    return found


def _said(node: Node) -> str:
    return "".join(each.data for each in node.childNodes if each.nodeType == each.TEXT_NODE)


def text_of(paragraph: Node) -> str:
    """What a paragraph says."""
    return "".join(map(_said, _texts(paragraph)))


def replace_names(document: Node, paragraph: Node, value_of: Callable[[str], str | None]) -> None:
    """Every name in a paragraph gives way to its value, in the looks of its first character."""
    nodes = _texts(paragraph)
    said = [_said(node) for node in nodes]
    for found in reversed(list(NAME.finditer("".join(said)))):
        value = value_of(found[1])
        if value is None:
            continue
        at = 0
        for number, text in enumerate(list(said)):
            start, end = found.start() - at, found.end() - at
            at += len(text)
            if end <= 0 or start >= len(text):
                continue
            said[number] = text[: max(start, 0)] + (value if start >= 0 else "") + text[end:]
    for node, old, new in zip(nodes, map(_said, nodes), said, strict=True):
        if old != new:
            _write(document, node, new)


def _write(document: Node, node: Node, text: str) -> None:
    """The text of a w:t; lines are parted by line breaks."""
    run, behind = node.parentNode, node.nextSibling
    run.removeChild(node)
    _append(document, run, text, behind)


def _append(document: Node, run: Node, text: str, behind: Node) -> None:
    prefix = run.tagName.rpartition(":")[0]
    name = f"{prefix}:" if prefix else ""
    for number, line in enumerate(text.split("\n")):
        if number:
            run.insertBefore(document.createElementNS(W, f"{name}br"), behind)
        told = document.createElementNS(W, f"{name}t")
        told.setAttribute("xml:space", "preserve")
        told.appendChild(document.createTextNode(line))
        run.insertBefore(told, behind)


def set_text(document: Node, run: Node, text: str) -> None:
    """The run says ``text`` and keeps its looks."""
    for old in list(run.childNodes):
        if not is_a(old, "rPr"):
            run.removeChild(old)
    _append(document, run, text, None)
