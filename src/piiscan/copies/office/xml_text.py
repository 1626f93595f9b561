"""XML texts: the texts in a part of an office file, each with the bytes of its characters.

``<t>张</t><t>三</t> -> 张三``
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import Final, NamedTuple

from piiscan.copies.text.escaped_cells import read_char
from piiscan.copies.text_map import Edit, TextMap
from piiscan.masking.splice import Change, resolve_changes

_MARKUP: Final = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|"
    rb"<(/?)([\w:.\x80-\xff-]+)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>",
    re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(rb"([\w:.\x80-\xff-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ENTITY: Final = re.compile(rb"&(?:#[xX]?[0-9A-Fa-f]+|\w+);")

#: Elements that contain pieces of one text, and elements whose end tag ends the text.
_TEXT_ELEMENTS: Final = frozenset((b"t", b"delText", b"instrText"))
_TEXT_ENDS: Final = frozenset((b"p", b"si", b"is", b"comment", b"text"))
#: Text that is too short for a value: no Hanzi, no reference, no @ and fewer than four digits.
_MAY_HOLD: Final = re.compile(rb"[\x80-\xff&@]|(?:[0-9][^0-9\x80-\xff]{0,2}){4}")
#: Attributes that name something in the file: tag, attribute. Their stand-ins are made of letters,
#: digits and ``_``, as are those of tags.
_IDENTIFIERS: Final = frozenset(
    (
        *((b"definedName", b"name"), (b"table", b"name"), (b"table", b"displayName")),
        *((b"bookmarkStart", b"name"), (b"hyperlink", b"anchor"), (b"sheetPr", b"codeName")),
        *((b"workbookPr", b"codeName"), (b"protectedRange", b"name"), (b"shape", b"id")),
    )
)
#: Elements with numbers only: of charts, and properties of a type.
_NUMBER_ELEMENTS: Final = frozenset(
    (
        *(b"numCache", b"numLit", b"i1", b"i2", b"i4", b"i8", b"int", b"ui1", b"ui2", b"ui4"),
        *(b"ui8", b"uint", b"r4", b"r8", b"decimal", b"cy"),
    )
)
#: Value of an attribute whose type may be a number: a text of digits is one too.  A cell of
#: OpenDocument with its ``value`` masked becomes a text.
_NUMBER: Final = re.compile(rb"\s*[-+]?[0-9]+(?:\.[0-9]+)?\s*")
_NAME_ATTRIBUTES: Final = frozenset((b"author", b"initials", b"userId", b"displayName"))
_NAMING: Final = re.compile(b"|".join(sorted(_NAME_ATTRIBUTES)))
_NAME_ELEMENTS: Final = frozenset((b"author", b"creator", b"lastModifiedBy", b"Manager"))


@dataclass(slots=True)
class TextRuns:
    """Text of an XML part as runs: byte ranges [begin, end) of the part, and literal texts.

    ``pieces``: the runs in order. A literal text has no bytes of its own, such as a line break.

    ``number_tag_offset``: offset of the name of a tag for numbers (``n``), which must become the
    tag for strings if the text is replaced; -1 for other texts. ``encoder`` encodes a replacement.
    """

    data: bytes
    pieces: list[tuple[int, int] | str] = field(default_factory=list)
    number_tag_offset: int = -1
    encoder: Callable[[str], bytes] = str.encode

    @property
    def text(self) -> str:
        """Return the runs as one string, in order: decoded byte ranges and literal texts."""
        return "".join(
            piece if isinstance(piece, str) else _decode(self.data[piece[0] : piece[1]])
            for piece in self.pieces
        )

    def text_map(self) -> TextMap:
        """Return the text with each character's byte range in the part."""
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
            for char, begin, end in _iterate_characters(self.data, *piece):
                chars.append(char)
                begins += [begin] * len(char)
                ends += [end] * len(char)
        return TextMap("".join(chars), begins, ends, self.encoder)

    def edits(self, changes: Iterable[Change]) -> list[Edit]:
        """Convert ``changes`` of the text (code points) to byte edits of the part."""
        if len(self.pieces) == 1 and not isinstance(self.pieces[0], str):
            begin, end = self.pieces[0]
            raw = self.data[begin:end]
            text = raw.decode("utf-8", "replace")
            if b"&" not in raw and text.encode() == raw:
                return [
                    (
                        begin + len(text[:start].encode()),
                        begin + len(text[:stop].encode()),
                        self.encoder(new),
                    )
                    for start, stop, new in resolve_changes(changes)
                    if start < stop
                ]
        return self.text_map().edits(changes)


def _encode_number(_: str) -> bytes:
    """Encode a stand-in as ``0``, where XML may allow only a number (cached values of charts)."""
    return b"0"


def _encode_identifier(text: str) -> bytes:
    """Encode a stand-in with ``_`` for characters that no name in a file has: ``张* -> 张_``."""
    return re.sub(r"[^\w.-]", "_", text).encode()


def _decode(data: bytes) -> str:
    """Decode UTF-8 XML text and resolve its entities: ``&amp; -> &``."""
    text = data.decode("utf-8", "replace")
    return unescape(text) if "&" in text else text


def _iterate_characters(data: bytes, at: int, stop: int) -> Iterator[tuple[str, int, int]]:
    """Yield (character, start, end) for each character or entity in ``data[at:stop]``."""
    while at < stop:
        found = _ENTITY.match(data, at, stop) if data[at] == 38 else None
        if found is not None:
            yield unescape(found.group().decode()), at, found.end()
            at = found.end()
        else:
            char, end = read_char(data, at)
            yield char, at, end
            at = end


class Tag(NamedTuple):
    """XML tag: name without prefix, byte range, offset of its name, byte range of its attributes.

    ``opens`` and ``closes`` are both True for an empty element.
    """

    name: bytes
    opens: bool
    closes: bool
    begin: int
    end: int
    name_offset: int
    attributes: tuple[int, int]


class Aside(NamedTuple):
    """Byte range of the text in an XML comment or processing instruction."""

    begin: int
    end: int


def tokenize(data: bytes) -> Iterator[Tag | Aside | tuple[int, int]]:
    """Yield tags, asides and byte ranges [start, end) of text of an XML part, in order."""
    at = 0
    for found in _MARKUP.finditer(data):
        if found.start() > at:
            yield at, found.start()
        at = found.end()
        if found[2] is None:
            if found.group().startswith(b"<![CDATA["):
                yield found.start() + 9, found.end() - 3
            elif found.group().startswith(b"<!--"):
                yield Aside(found.start() + 4, found.end() - 3)
            elif not found.group().startswith(b"<?xml "):
                yield Aside(found.start() + 2, found.end() - 2)
            continue
        name = found[2].rpartition(b":")[2]
        closing = found[1] == b"/"
        yield Tag(
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


def attribute_value(data: bytes, tag: Tag, name: bytes) -> str | None:
    """Return the value of a tag's attribute by its local name; None if it is missing."""
    for found in _ATTRIBUTE.finditer(data, *tag.attributes):
        if found[1].rpartition(b":")[2] == name:
            return _decode(found[2] if found[2] is not None else found[3])
    return None


@dataclass(slots=True)
class PartTexts:
    """Texts of a part: names of people who edited it, and all other texts."""

    other: list[TextRuns] = field(default_factory=list)
    names: list[TextRuns] = field(default_factory=list)


def collect_texts(data: bytes) -> PartTexts:
    """Collect every text of an XML part outside of paragraphs: comments, properties."""
    texts = PartTexts()
    open_runs: TextRuns | None = None
    inside = b""
    encoder: Callable[[str], bytes] = str.encode
    for each in tokenize(data):
        if isinstance(each, Tag):
            add_tag(data, each, texts)
            if each.name in _NUMBER_ELEMENTS:
                encoder = _encode_number if each.opens else str.encode
            if each.opens:
                inside = b"" if each.closes else each.name
            if each.closes:
                inside = b""
                if each.name in _TEXT_ENDS and open_runs is not None:
                    texts.other.append(open_runs)
                    open_runs = None
        elif isinstance(each, Aside):
            add_aside(data, each, texts)
        elif inside in _TEXT_ELEMENTS:
            open_runs = open_runs or TextRuns(data)
            open_runs.pieces.append(each)
        elif data[each[0] : each[1]].strip():
            target = texts.names if inside in _NAME_ELEMENTS else texts.other
            target.append(TextRuns(data, [each], encoder=encoder))
    if open_runs is not None:
        texts.other.append(open_runs)
    return texts


def add_aside(data: bytes, aside: Aside, texts: PartTexts) -> None:
    """Add the text of a comment or processing instruction to ``texts``."""
    if _MAY_HOLD.search(data, aside.begin, aside.end):
        texts.other.append(TextRuns(data, [(aside.begin, aside.end)]))


@lru_cache(4096)
def _can_have(name: bytes) -> bool:
    """Return True if the name of a tag may be a value."""
    return _MAY_HOLD.search(name) is not None


def add_tag(data: bytes, tag: Tag, texts: PartTexts) -> None:
    """Add the name of a tag, and names and values of its attributes, to ``texts``."""
    if _can_have(tag.name):
        _add_identifier(data, (tag.name_offset, tag.name_offset + len(tag.name)), texts)
    span = tag.attributes
    if not tag.opens or not (_MAY_HOLD.search(data, *span) or _NAMING.search(data, *span)):
        return
    for found in _ATTRIBUTE.finditer(data, *tag.attributes):
        name = found[1].rpartition(b":")[2]
        _add_identifier(data, found.span(1), texts)
        span = found.span(2) if found[2] is not None else found.span(3)
        if name in _NAME_ATTRIBUTES and span[0] < span[1]:
            texts.names.append(TextRuns(data, [span]))
        elif _MAY_HOLD.search(data, *span):
            numeric = tag.name_offset if name == b"v" and tag.name == b"n" else -1
            encoder: Callable[[str], bytes] = str.encode
            if (tag.name, name) in _IDENTIFIERS:
                encoder = _encode_identifier
            elif numeric < 0 and name != b"value" and _NUMBER.fullmatch(data, *span):
                encoder = _encode_number
            texts.other.append(TextRuns(data, [span], numeric, encoder))


def _add_identifier(data: bytes, span: tuple[int, int], texts: PartTexts) -> None:
    """Add the name of a tag or attribute, at the bytes ``span``, to ``texts``."""
    if _MAY_HOLD.search(data, *span):
        texts.other.append(TextRuns(data, [span], encoder=_encode_identifier))
