"""Binary records: the strings of an xls or xlsb workbook outside of its cells.

Records are [MS-XLS] 2.1.4 (type, size as two bytes each) and [MS-XLSB] 2.1.4; those of cells,
fonts and styles are left out, all others are read as strings: comments, text boxes, links, page
headers, lists, names, texts in formulas.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int64
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content
from piiscan.sources.format import Opened
from piiscan.sources.formats.spreadsheet.spreadsheet_kernels import find_record_spans
from piiscan.sources.texts.raw_strings import open_strings_of

_WIDE: Final = re.compile(rb"(?:[\x20-\x7e]\0){4,}")
_TYPES: Final = 1 << 14
_GAP: Final = b"\0\0\0\0"
#: Types of xls records that hold cells or looks.
_XLS_CELLS: Final = (
    *(0x26, 0x27, 0x28, 0x29, 0xA1),  # margins of pages
    *(0x02, 0x03, 0x04, 0x05, 0x07, 0x31, 0x92, 0xBD, 0xBE, 0xD6, 0xD7, 0xE0, 0xFC, 0xFD, 0xFF),
    *(0x200, 0x201, 0x203, 0x204, 0x205, 0x207, 0x208, 0x20B, 0x231, 0x27E, 0x293, 0x8C1),
)
_FORMULA: Final = 0x06
_LINK: Final = 0x1B8
_FORMAT: Final = 0x41E
_PASSWORD: Final = 0x2F
_RESULT: Final = 0x207
#: Types of xlsb records that hold cells: row, cells 1 to 11, rich text, shared string.
_XLSB_CELLS: Final = (*range(12), 19, 62)
_SHARED_CELL: Final = 7  # a cell with the number of a shared string
_ITEM: Final = 19  # a shared string
#: Streams of an xls file whose strings are plain.
_PLAIN: Final = ("SummaryInformation", "DocumentSummaryInformation", "Ole")
#: The stream with the name of the program.
_PROGRAM: Final = "CompObj"
_BOOKS: Final = ("workbook", "book")


def other_records(data: bytes, *, is_xlsb: bool) -> bytes:
    """Return the BIFF records that are no cells, joined with gaps.

    The stored result of a formula is removed from it.
    """
    cells = np.zeros(_TYPES, np.bool_)
    cells[list(_XLSB_CELLS if is_xlsb else _XLS_CELLS)] = True
    spans = _find_spans(data, cells, is_xlsb=is_xlsb)
    found: list[bytes] = []
    of_formula = False
    if not is_xlsb and (spans[:, 0] == _PASSWORD).any():
        return b""
    for kind, start, end in spans.tolist():
        if not is_xlsb and kind == _RESULT:
            text = data[start + 3 : end]  # after the number of characters and the flags
            if of_formula and text:
                found[-1] = found[-1].replace(text, _GAP)
            continue
        of_formula = kind == _FORMULA and not is_xlsb
        if kind == _FORMAT and not is_xlsb and b'"' not in data[start:end]:
            continue
        if kind == _LINK and not is_xlsb:
            found += _link_texts(data[start:end], data)
        else:
            found.append(data[start + 22 : end] if of_formula else data[start:end])
    return _GAP.join(found)


def unused_strings(strings: bytes, sheets: Iterable[bytes]) -> bytes:
    """Return the shared strings of an xlsb workbook that no cell of ``sheets`` uses.

    A gap comes before each.
    """
    items = _spans_of(strings, _ITEM)
    used = np.zeros(len(items), np.bool_)
    for sheet in sheets:
        spans, view = _spans_of(sheet, _SHARED_CELL), np.frombuffer(sheet or b"\0", np.uint8)
        at = spans[spans[:, 1] - spans[:, 0] >= 12, 0] + 8  # behind column and style
        numbers = sum(view[at + n].astype(np.int64) << 8 * n for n in range(4))
        used[np.asarray(numbers)[np.asarray(numbers) < len(used)]] = True
    left = [strings[start + 5 : end] for start, end in items[~used].tolist()]
    return b"".join(_GAP + text for text in left)


def _spans_of(data: bytes, kind: int) -> Int64:
    """Return the byte range [start, end) of each xlsb record of type ``kind``: ``int64[n, 2]``."""
    others = np.ones(_TYPES, np.bool_)
    others[kind] = False
    return _find_spans(data, others, is_xlsb=True)[:, 1:]


def _find_spans(data: bytes, skipped: Bool, *, is_xlsb: bool) -> Int64:
    """Return (type, start, end) of each record whose type is not ``skipped``: ``int64[n, 3]``."""
    spans = np.zeros((1024, 3), np.int64)
    while (count := find_record_spans(data, skipped, is_xlsb, spans)) > len(spans):
        spans = np.zeros((count, 3), np.int64)
    return spans[:count]


def _link_texts(record: bytes, data: bytes) -> list[bytes]:
    """Return the texts of a hyperlink record that occur nowhere else in ``data``.

    A link to mail has its address twice, and the cell has it, too.
    """
    texts: dict[bytes, None] = {}
    for found in _WIDE.findall(record):
        text = re.sub(r"^(?:mailto|tel):", "", found.decode("utf-16-le", "replace"))
        wide = text.encode("utf-16-le")
        if data.count(text.encode()) == 0 and data.count(wide) <= record.count(wide):
            texts[wide] = None
    rest = _WIDE.sub(_GAP, record)
    return [*texts, rest]


def open_old_parts(content: Content) -> Opened:
    """Yield the strings of an xls file outside of its cells, stream by stream, and Troubles."""
    try:
        import olefile
    except ImportError:
        yield Trouble(content.member, "PACKAGE_MISSING", "xls, texts besides cells: office")
        return
    with content.open() as stream:
        data = stream.read()
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            for path in file.listdir():
                plain = path[-1].strip("\x01\x05") in _PLAIN or path[0] == "_SX_DB_CUR"
                if path[-1].strip("\x01") == _PROGRAM:
                    continue
                name = "/".join(path).replace("\x01", "").replace("\x05", "")
                found = file.openstream(path).read()
                if len(path) == 1 and name.lower() in _BOOKS:
                    found, plain = other_records(found, is_xlsb=False), True
                yield from open_strings_of(content, name, found, lost=not plain)
    except (OSError, ValueError, IndexError, TypeError, AttributeError) as error:
        yield Trouble(content.member, "CORRUPT", f"ole: {type(error).__name__}")
