"""Mended cells: a damaged xlsx workbook without the cells that the native reader cannot read.

<c r="A2"><is><t>张三&x;</t></is></c> is left out; its text 张三&x; is read apart, with its place A2

So are the first of two cells at one place, and cells far from all others.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from itertools import pairwise
from typing import Final
from xml.etree import ElementTree

from piiscan.sources.rows.row_table import Cells
from piiscan.sources.texts.column_letters import column_letter, column_number

SHARED_STRINGS: Final = "xl/sharedStrings.xml"
#: Parts that the native reader needs.
_NEEDED: Final = re.compile(r"\[Content_Types\]\.xml|_rels/.*|xl/(?:_rels/)?[^/]+\.(?:xml|rels)")
_MOST_BYTES: Final = 128 << 20  # of the parts together
_CELL: Final = re.compile(
    rb"<((?:\w+:)?)c(?=\s)([^<>]*?)(?:/>|>(.*?)(?:</\1c>|(?=<\1c\s|</\1row>|<\1row\s)|\Z))",
    re.DOTALL,
)
_STRING: Final = re.compile(
    rb"<((?:\w+:)?)si(?=[\s>/])[^<>]*?(?:/>|>(.*?)(?:</\1si>|(?=<\1si[\s>])|\Z))", re.DOTALL
)
_COMMENT: Final = re.compile(rb"<!--.*?-->", re.DOTALL)
_COUNT: Final = re.compile(rb'\suniqueCount="(\d+)"')
_PLACE: Final = re.compile(rb"""\sr=["']([A-Z]{1,3})(\d{1,7})["']""")
_TYPE: Final = re.compile(rb"""\st=["']([^"']*)["']""")
_VALUE: Final = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)<")
_ERROR: Final = re.compile(rb"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|DATA!)")
_TAG: Final = re.compile(r"<[^<>]*>?")
_NUMBER: Final = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TYPES: Final = (b"b", b"d", b"inlineStr", b"str")
#: Most cells far from all others that are read apart.
_FAR_CELLS: Final = 1000
_LEAST_GAP: Final = 0.5  # of all rows or columns, before a far cell


def mend_workbook(
    archive: zipfile.ZipFile, sheets: list[str], most_cells: int
) -> tuple[bytes, dict[str, list[Cells]], int] | None:
    """Return a workbook without damaged cells, their [place, text] by part, and mended strings.

    Return None if that is not possible. ``sheets``: their parts. ``most_cells``: of a sheet's
    rectangle.
    """
    infos = [each for each in archive.infolist() if _NEEDED.fullmatch(each.filename)]
    infos += [each for each in archive.infolist() if each.filename in sheets]
    if sum(each.file_size for each in infos) > _MOST_BYTES:
        return None
    parts = {each.filename: archive.read(each) for each in infos}
    apart: dict[str, list[Cells]] = {}
    strings, mended = None, 0
    if SHARED_STRINGS in parts:
        found = _mended_strings(parts[SHARED_STRINGS])
        if found is None:
            return None
        parts[SHARED_STRINGS], strings, mended = found
    for name in sheets:
        if name in parts:
            apart[name] = []
            parts[name] = _mended_sheet(parts[name], strings, most_cells, apart[name])
    with zipfile.ZipFile(out := io.BytesIO(), "w") as written:
        for name, data in parts.items():
            written.writestr(name, data)
    return out.getvalue(), apart, mended


def _mended_strings(data: bytes) -> tuple[bytes, list[str], int] | None:
    """Return (part, texts, number of damaged strings); None if their number is not sure."""
    found = list(_STRING.finditer(data))
    whole = [_is_xml(each[1], each[2] or b"") for each in found]
    count = _COUNT.search(data)
    if not all(whole) if count is None else int(count[1]) != len(found):
        return None  # cells would show the strings of others
    texts = [_text(each[2]) for each in found]
    items = (
        each[0] if good else b"<si><t>%s</t></si>" % html.escape(text).encode()
        for each, good, text in zip(found, whole, texts, strict=True)
    )
    return b"<sst>%s</sst>" % b"".join(items), texts, whole.count(False)


def _mended_sheet(
    data: bytes, strings: list[str] | None, most_cells: int, apart: list[Cells]
) -> bytes:
    """Return the sheet of the cells that can be read; add [place, text] of others to ``apart``."""
    cells: dict[tuple[int, int], re.Match[bytes]] = {}
    others: list[tuple[tuple[int, int], re.Match[bytes]]] = []
    row, column = 1, 0
    for found in _CELL.finditer(_COMMENT.sub(b"", data)):
        place = _PLACE.search(found[2])
        row, column = (int(place[2]), column_number(place[1])) if place else (row, column + 1)
        if found[3] is None:
            continue
        if not _is_readable(found, None if strings is None else len(strings)):
            others.append(((row, column), found))
            continue
        if (row, column) in cells:
            others.append(((row, column), cells[row, column]))
        cells[row, column] = found
    others += [(each, cells.pop(each)) for each in _far_places(list(cells), most_cells)]
    for (row, column), found in others:
        name, text = _type_and_value(found)
        texts = strings if strings and name == b"s" and text.isdigit() else []
        shown = texts[int(text)] if texts and int(text) < len(texts) else _text(found[3])
        apart.append([f"{column_letter(column)}{row}", shown])
    rows: dict[int, list[bytes]] = {}
    for (number, _), found in sorted(cells.items(), key=lambda each: each[0]):
        rows.setdefault(number, []).append(b"<%sc%s>%s</%sc>" % found.group(1, 2, 3, 1))
    written = (b'<row r="%d">%s</row>' % (at, b"".join(each)) for at, each in rows.items())
    return b"<worksheet><sheetData>%s</sheetData></worksheet>" % b"".join(written)


def _is_readable(found: re.Match[bytes], strings: int | None) -> bool:
    """Return True if the native reader can read a cell. ``strings``: their number if known."""
    name, text = _type_and_value(found)
    if not _is_xml(found[1], found[3]):
        return False
    if name == b"s" and text:
        return text.isdigit() and (strings is None or int(text) < strings)
    if name == b"e":
        return _ERROR.fullmatch(text) is not None
    return name in _TYPES or not text or _NUMBER.fullmatch(text) is not None


def _type_and_value(found: re.Match[bytes]) -> tuple[bytes, bytes]:
    """Return the type and the stored value of a cell."""
    kind, value = _TYPE.search(found[2]), _VALUE.search(found[3])
    return kind[1] if kind else b"n", value[1].strip() if value else b""


def _is_xml(prefix: bytes, inner: bytes) -> bool:
    """Return True if the XML inside of an element is well-formed."""
    names = b' xmlns:%s="x"' % prefix[:-1] if prefix else b""
    try:
        ElementTree.fromstring(b"<c%s>%s</c>" % (names, inner))
    except ElementTree.ParseError:
        return False
    return True


def _text(inner: bytes | None) -> str:
    """Return the text of XML that can be damaged: ``<is><t>张三&x;</t></is> -> 张三&x;``."""
    return html.unescape(_TAG.sub(" ", (inner or b"").decode("utf-8", "replace"))).strip()


def _far_places(places: list[tuple[int, int]], most_cells: int) -> list[tuple[int, int]]:
    """Return the few cells behind the widest gaps, without which a sheet is small enough."""
    far: list[tuple[int, int]] = []
    while places and max(row for row, _ in places) * max(col for _, col in places) > most_cells:
        gaps = []
        for axis in (0, 1):
            ends = sorted({place[axis] for place in places})
            gaps += [((b - a) / ends[-1], axis, b) for a, b in pairwise(ends)]
        share, axis, start = max(gaps, default=(0, 0, 0))
        far += [place for place in places if place[axis] >= start]
        places = [place for place in places if place[axis] < start]
        if share < _LEAST_GAP or not places or len(far) > _FAR_CELLS:
            return []
    return far
