"""Placeholders in Word paragraphs: names in double braces, also when Word splits them over runs.

``{{案件编号}}``, ``｛｛案件编号｝｝``
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

#: XML namespace of WordprocessingML.
W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#: A name in double braces, ASCII or full-width.
PLACEHOLDER: Final = re.compile(r"[{｛]{2}\s*([^{}｛｝]{1,160}?)\s*[}｝]{2}")

Node = Any  # minidom is not typed closely enough


def is_element(node: Node, name: str) -> bool:
    """Return True if ``node`` is the element ``w:name`` of WordprocessingML."""
    return bool(
        node.nodeType == node.ELEMENT_NODE and (node.namespaceURI, node.localName) == (W, name)
    )


def _text_nodes(paragraph: Node) -> list[Node]:
    """Return the text nodes (``w:t``) of a paragraph in order, without nested paragraphs."""
    found: list[Node] = []
    for node in paragraph.childNodes:
        if is_element(node, "t"):
            found.append(node)
        elif node.nodeType == node.ELEMENT_NODE and not is_element(node, "p"):
            found += _text_nodes(node)
    return found


def _node_text(node: Node) -> str:
    """Return the text inside one XML node."""
    return "".join(each.data for each in node.childNodes if each.nodeType == each.TEXT_NODE)


def paragraph_text(paragraph: Node) -> str:
    """Return the joined ``w:t`` texts of a paragraph, without nested paragraphs and tabs."""
    return "".join(map(_node_text, _text_nodes(paragraph)))


def replace_placeholders(
    document: Node, paragraph: Node, value_of: Callable[[str], str | None]
) -> None:
    """Replace every placeholder in a paragraph by its value, in the format of its first character.

    ``value_of``: name -> value; None leaves the placeholder unchanged.
    """
    nodes = _text_nodes(paragraph)
    texts = [_node_text(node) for node in nodes]
    for found in reversed(list(PLACEHOLDER.finditer("".join(texts)))):
        value = value_of(found[1])
        if value is None:
            continue
        at = 0
        for number, text in enumerate(list(texts)):
            start, end = found.start() - at, found.end() - at
            at += len(text)
            if end <= 0 or start >= len(text):
                continue
            texts[number] = text[: max(start, 0)] + (value if start >= 0 else "") + text[end:]
    for node, old, new in zip(nodes, map(_node_text, nodes), texts, strict=True):
        if old != new:
            run, following = node.parentNode, node.nextSibling
            run.removeChild(node)
            _insert_lines(document, run, new, following)


def _insert_lines(document: Node, run: Node, text: str, following: Node) -> None:
    """Insert ``text`` into a run before the node ``following``, with line breaks between lines."""
    prefix = run.tagName.rpartition(":")[0]
    name = f"{prefix}:" if prefix else ""
    for number, line in enumerate(text.split("\n")):
        if number:
            run.insertBefore(document.createElementNS(W, f"{name}br"), following)
        element = document.createElementNS(W, f"{name}t")
        element.setAttribute("xml:space", "preserve")
        element.appendChild(document.createTextNode(line))
        run.insertBefore(element, following)


def set_run_text(document: Node, run: Node, text: str) -> None:
    """Set the text of a run and keep its format."""
    for old in list(run.childNodes):
        if not is_element(old, "rPr"):
            run.removeChild(old)
    _insert_lines(document, run, text, None)
