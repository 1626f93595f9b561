"""Texts in a part of an office file, each with the bytes of its characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Final

from piiscan.redact.text.escaped_cells import char_at
from piiscan.redact.text_map import Passage

_MARKUP: Final = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|"
    rb"<(/?)([\w:.-]+)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>",
    re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(rb"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ENTITY: Final = re.compile(rb"&(?:#[xX]?[0-9A-Fa-f]+|\w+);")

#: Elements whose texts are pieces of one text, and those at whose end it ends.
_PIECES: Final = frozenset((b"t", b"delText", b"instrText"))
_ENDS: Final = frozenset((b"p", b"si", b"is", b"comment", b"text"))
#: Attributes that people write into, or are named in.
_WRITTEN: Final = frozenset(
    (b"v", b"Target", b"descr", b"title", b"alt", b"instr", b"string", b"display", b"tooltip")
)
_NAMING: Final = frozenset((b"author", b"initials", b"userId", b"displayName"))
_NAMES: Final = frozenset((b"author", b"creator", b"lastModifiedBy", b"Manager"))


@dataclass(slots=True)
class Runs:
    """A text in pieces: byte ranges of the part, or characters that have no bytes."""

    data: bytes
    pieces: list[tuple[int, int] | str] = field(default_factory=list)
    number: int = -1  # where the name of a tag stands whose value would have to stay a number

    @property
    def text(self) -> str:
        """What a reader reads."""
        return "".join(
            piece if isinstance(piece, str) else _text(self.data[piece[0] : piece[1]])
            for piece in self.pieces
        )

    def passage(self) -> Passage:
        """The text with the bytes of each character."""
        chars: list[str] = []
        begins: list[int] = []
        ends: list[int] = []
        for piece in self.pieces:
            if isinstance(piece, str):
                at = ends[-1] if ends else 0
                chars.append(piece)
                begins += [at] * len(piece)
                ends += [at] * len(piece)
                continue
            for char, begin, end in _spell(self.data, *piece):
                chars.append(char)
                begins += [begin] * len(char)
                ends += [end] * len(char)
        return Passage("".join(chars), begins, ends)


def _text(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return unescape(text) if "&" in text else text


def _spell(data: bytes, at: int, stop: int) -> Iterator[tuple[str, int, int]]:
    while at < stop:
        found = _ENTITY.match(data, at, stop) if data[at] == 38 else None
        if found is not None:
            yield unescape(found.group().decode()), at, found.end()
            at = found.end()
        else:
            char, end = char_at(data, at)
            yield char, at, end
            at = end


@dataclass(frozen=True, slots=True)
class Mark:
    """A tag: its name without prefix, whether it opens or closes, where its attributes stand."""

    name: bytes
    opens: bool
    closes: bool
    begin: int
    end: int
    named: int
    attributes: tuple[int, int]


def marks(data: bytes) -> Iterator[Mark | tuple[int, int]]:
    """The tags of a part, and the ranges of the text between them."""
    at = 0
    for found in _MARKUP.finditer(data):
        if found.start() > at:
            yield at, found.start()
        at = found.end()
        if found[2] is None:
            if found.group().startswith(b"<![CDATA["):
                yield found.start() + 9, found.end() - 3
            continue
        name = found[2].rpartition(b":")[2]
        closing = found[1] == b"/"
        yield Mark(
            name,
            not closing,
            closing or found[4] == b"/",
            found.start(),
            found.end(),
            found.end(2) - len(name),
            found.span(3),
        )
    if at < len(data):
        yield at, len(data)


def attribute(data: bytes, mark: Mark, name: bytes) -> str | None:
    """The value of an attribute, by its name without prefix."""
    for found in _ATTRIBUTE.finditer(data, *mark.attributes):
        if found[1].rpartition(b":")[2] == name:
            return _text(found[2] if found[2] is not None else found[3])
    return None


@dataclass(slots=True)
class Texts:
    """The texts of a part: what is written in it, and names of people who worked on it."""

    written: list[Runs] = field(default_factory=list)
    names: list[Runs] = field(default_factory=list)


def texts_of(data: bytes) -> Texts:
    """Every text of a part that is no document: comments, properties, drawings, links."""
    texts = Texts()
    open_runs: Runs | None = None
    inside = b""
    for each in marks(data):
        if isinstance(each, Mark):
            if each.opens:
                add_attributes(data, each, texts)
                inside = b"" if each.closes else each.name
            if each.closes:
                inside = b""
                if each.name in _ENDS and open_runs is not None:
                    texts.written.append(open_runs)
                    open_runs = None
        elif inside in _PIECES:
            open_runs = open_runs or Runs(data)
            open_runs.pieces.append(each)
        elif data[each[0] : each[1]].strip():
            kind = texts.names if inside in _NAMES else texts.written
            kind.append(Runs(data, [each]))
    if open_runs is not None:
        texts.written.append(open_runs)
    return texts


def add_attributes(data: bytes, mark: Mark, texts: Texts) -> None:
    """The values of a tag that people wrote, or that name them."""
    for found in _ATTRIBUTE.finditer(data, *mark.attributes):
        name = found[1].rpartition(b":")[2]
        if name in _WRITTEN or name in _NAMING:
            place = found.span(2) if found[2] is not None else found.span(3)
            if place[0] < place[1]:
                numeric = mark.named if name == b"v" and mark.name == b"n" else -1
                kind = texts.names if name in _NAMING else texts.written
                kind.append(Runs(data, [place], numeric))
