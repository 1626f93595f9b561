"""Markup: tags, texts and comments of HTML and XML in one linear pass, however broken they are.

``<td title="a">张三</td>`` -> a start with its attributes, a text, an end. Entities that stand for
one character are replaced; those that a document defines are not: they stay as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import chain
from typing import BinaryIO, Final, NamedTuple

from piiscan.sources.content import Content
from piiscan.sources.encoding.decoder import read_pieces
from piiscan.sources.encoding.detector import EncodingGuess
from piiscan.sources.rows.table_warnings import TableWarnings

START, END, TEXT, RAW, COMMENT, OTHER = range(6)
_TOKEN: Final = re.compile(
    r"<!--(.*?)(?:-->|\Z)|<!\[CDATA\[(.*?)(?:\]\]>|\Z)|<\?(.*?)(?:\?>|\Z)|<!(.*?)(?:>|\Z)"
    r"""|<(/?)([^\W\d][\w:.-]*)((?:=\s*(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z))|[^>])*+)(?:>|\Z)"""
    r"|([^<]+|<)",
    re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(
    r"""([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"?|'([^']*)'?|([^\s"'][^\s]*)))?"""
)
#: What begins most documents; other declarations are read as text.
_DECLARATION: Final = re.compile(
    r"""xml\s+version=["']1\.\d["'](?:\s+encoding=["'][\w-]{2,20}["'])?"""
    r"""(?:\s+standalone=["'](?:yes|no)["'])?\s*|doctype\s+html""",
    re.IGNORECASE,
)
#: HTML elements whose content is no markup.
_RAW_NAMES: Final = ("script", "style")
#: Characters of one token above which it is cut.
_MAX_TOKEN: Final = 4 << 20


class Token(NamedTuple):
    """Part of an HTML or XML document: tag, text or comment, with its line number.

    ``kind``: START and END (``text`` is the name without its prefix), TEXT, RAW (CDATA, script,
    style), COMMENT, or OTHER (instruction, declaration). ``closed``: a start that is its own end.
    """

    kind: int
    text: str
    line: int
    attributes: dict[str, str] = {}  # noqa: RUF012 -- never changed
    closed: bool = False


def plain(text: str) -> str:
    """Return ``text`` with entities replaced: ``&lt;张&gt; -> <张>``; no-break spaces as spaces."""
    return (unescape(text) if "&" in text else text).replace("\xa0", " ")


def local_name(name: str) -> str:
    """Return the name of an element or attribute without its prefix: ``ss:Row -> Row``."""
    return name.rpartition(":")[2] or name


def read_tokens(
    content: Content,
    guess: EncodingGuess,
    warnings: TableWarnings | None = None,
    *,
    html: bool = False,
) -> Iterator[Token]:
    """Yield the tags, texts and comments of a content. ``html``: lower case, scripts as RAW."""
    with content.open() as stream:
        yield from tokens(_texts(stream, guess, warnings), html=html)


def _texts(stream: BinaryIO, guess: EncodingGuess, warnings: TableWarnings | None) -> Iterator[str]:
    """Yield the decoded pieces of a stream; add their line warnings to ``warnings``."""
    line = 1
    for piece in read_pieces(stream, guess):
        if warnings is not None:
            warnings.add_piece(piece, line)
        text = piece.text.tobytes().decode("utf-8", "replace")
        line += text.count("\n")
        yield text


def tokens(pieces: Iterator[str], *, html: bool = False) -> Iterator[Token]:
    """Yield the tags, texts and comments of a document in pieces; no character is left out."""
    rest, line, raw = "", 1, ""
    for piece in chain(pieces, (None,)):
        final = piece is None
        buffer, at = rest + (piece or ""), 0
        while at < len(buffer):
            if raw:
                end = re.compile(rf"</{raw}\b", re.IGNORECASE).search(buffer, at)
                if end is None and not final and len(buffer) - at < _MAX_TOKEN:
                    break
                stop = len(buffer) if end is None else end.start()
                token = Token(RAW, buffer[at:stop], line)
                raw = raw if end is None and not final else ""
            else:
                found = _TOKEN.match(buffer, at)
                assert found is not None  # any character is a token
                stop = found.end()
                if stop == len(buffer) and not final and stop - at < _MAX_TOKEN:
                    break
                token = _token(found, line, html=html)
                if html and token.kind == START and token.text in _RAW_NAMES and not token.closed:
                    raw = token.text
            if token.kind in (START, END) or token.text:
                yield token
            line += buffer.count("\n", at, stop)
            at = stop
        rest = buffer[at:]


def _token(found: re.Match[str], line: int, *, html: bool) -> Token:
    """Build the Token of a match in line number ``line``; ``html``: tags in lower case."""
    comment, cdata, instruction, declaration, slash, name, attributes, text = found.groups()
    if name is not None:
        short = local_name(name).lower() if html else local_name(name)
        if slash:
            return Token(END, short, line)
        return Token(START, short, line, _attributes(attributes), attributes.rstrip().endswith("/"))
    if text is not None:
        return Token(TEXT, plain(text), line)
    if comment is not None:
        return Token(COMMENT, comment, line)
    if cdata is not None:
        return Token(RAW, cdata, line)
    other = instruction if instruction is not None else declaration or ""
    return Token(OTHER, "" if _DECLARATION.fullmatch(other) else other, line)


def _attributes(text: str) -> dict[str, str]:
    """Return name -> value of the attributes in a start tag; a repeated one gets a number."""
    values: dict[str, str] = {}
    for number, found in enumerate(_ATTRIBUTE.finditer(text)):
        name = local_name(found[1])
        key = f"{name}#{number}" if name in values else name
        values[key] = plain(next((part for part in found.groups()[1:] if part), ""))
    return values
