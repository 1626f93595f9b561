"""Redaction of text files: byte edits of the UTF-8 view for the findings in its blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from itertools import chain, groupby
from typing import Final

from piiscan.copies.read_table import ReadTable
from piiscan.copies.replacer import CellFinding, Replacer, cell_text
from piiscan.copies.text.escaped_cells import match_quoted, match_sql_value
from piiscan.copies.text.json_positions import (
    Cells,
    Scalar,
    cell_edits,
    document_cells,
    join_scalars,
    line_cells,
)
from piiscan.copies.text.utf8_view import Utf8View, ViewEdit
from piiscan.detect.columns.header_names import count_header_names
from piiscan.masking.splice import Change
from piiscan.sources.block import Block, CountNames, Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.encoding.byte_map import OTHER_ENCODING
from piiscan.sources.formats.json.open import looks_like_json_lines
from piiscan.sources.formats.json.record_discovery import INNER_KEY, KEY
from piiscan.sources.read import open_text_tables
from piiscan.tabular.column_overrides import ColumnOverrides

#: Maximum bytes of an escaped cell per byte of its text (``\xe5`` takes four for one).
_MAX_ESCAPE_FACTOR: Final = 6
_NUMBER: Final = re.compile(r"[-+]?[0-9][0-9.]*")
_BOM: Final = 3
_MAX_RAW: Final = 16 << 20
_KEY: Final = re.compile(r'"((?:[^"\\]|\\.)*)"[ \t\r\n]*:')
#: Keys that may be values: Hanzi, escapes, an @ or four digits.
_MAY_HOLD: Final = re.compile(r"[^\x00-\x7f]|[\\@]|(?:[0-9][^0-9]?){4}")


def _text_blocks(
    content: Content, replacer: Replacer, overrides: ColumnOverrides
) -> Iterator[tuple[Block, ReadTable] | Trouble]:
    """Yield each block of a text by its lines, with its table, and a Trouble per part unread."""
    engine = replacer.search.engine
    known = partial(count_header_names, engine.catalog)
    for table in open_text_tables(content, count_names=known):
        if isinstance(table, Trouble):
            yield table
            continue
        tables = [ReadTable.of(each, engine, overrides) for each in (table, *table.siblings)]
        for block in table.blocks():
            yield block if isinstance(block, Trouble) else (block, tables[block.table])
        yield from table.troubles


def text_edits(
    view: Utf8View, replacer: Replacer, overrides: ColumnOverrides, *, is_copy: bool
) -> Iterator[list[ViewEdit] | Trouble]:
    """Yield byte edits of the view that redact it, one list per block, and each Trouble.

    ``is_copy``: the text is a copy already (see :meth:`Replacer.find_replacements`).
    """
    content = view.content()
    is_json_lines = looks_like_json_lines(content.head[_BOM:].decode("utf-8", "replace"))
    document: _JsonDocument | None = None
    known = partial(count_header_names, replacer.search.engine.catalog)
    has_keys = False
    for item in _text_blocks(content, replacer, overrides):
        if isinstance(item, Trouble):
            yield item
            continue
        block, read = item
        found = replacer.find_replacements(block, read, is_copy=is_copy)
        if not block.keys:
            yield list(_cell_edits(view, block, read.table, found))
        elif is_json_lines:
            yield list(_line_edits(view, block, found, known))
        else:
            document = document or _JsonDocument(view, known)
            yield list(document.edits(block, found))
        has_keys |= bool(block.keys)
    if has_keys:
        yield from _key_edits(view, replacer)


def _key_edits(view: Utf8View, replacer: Replacer) -> Iterator[list[ViewEdit]]:
    """Yield byte edits of the keys of JSON that are values, such as ``{"张三": 1}``."""
    known: dict[str, list[Change]] = {}
    for offset, text in _pieces(view):
        keys = [found for found in _KEY.finditer(text) if _MAY_HOLD.search(found[1])]
        names = {found[1]: _decoded_key(found[1]) for found in keys}
        new = [name for name in dict.fromkeys(names.values()) if name not in known]
        known |= zip(new, replacer.find_in_names(new), strict=True) if new else {}
        changes: list[Change] = []
        for found in keys:
            name = names[found[1]]
            key = Scalar(name, found.start(1) - 1, found.end(1) + 1)
            changes += key.edits(text, known[name]) if known[name] else []
        yield list(_to_byte_edits(text, changes, offset))


def _decoded_key(raw: str) -> str:
    """Return the text of a JSON key with its escapes decoded; unchanged if they are invalid."""
    try:
        return str(json.loads(f'"{raw}"', strict=False))
    except ValueError:
        return raw


def _pieces(view: Utf8View) -> Iterator[tuple[int, str]]:
    """Yield (byte offset in the view, text) of whole lines; a very long line is cut."""
    offset, rest = _BOM, b""
    for raw in chain((piece.text.tobytes() for _, piece in view.pieces()), [None]):
        data = rest if raw is None else rest + raw
        cut = len(data) if raw is None or len(data) > _MAX_RAW else data.rfind(b"\n") + 1
        if cut:
            yield offset, data[:cut].decode("utf-8", "replace")
        offset, rest = offset + cut, data[cut:]


def raw_edits(view: Utf8View, replacer: Replacer) -> Iterator[list[ViewEdit] | Trouble]:
    """Yield byte edits for values left in a copy outside of cells: keys, comments."""
    for offset, text in _pieces(view):
        yield list(_to_byte_edits(text, replacer.find_in_lines(text), offset))


def _cell_edits(
    view: Utf8View, block: Block, table: Table, found: list[CellFinding]
) -> Iterator[ViewEdit]:
    """Yield byte edits of the findings in a block of delimited, SQL or plain text.

    Cells whose offset is unknown and cells that do not decode to their text yield nothing.
    """
    for _, group in groupby(found, key=lambda each: (each.record, each.column)):
        cell = list(group)
        if all(each.byte_offset >= 0 for each in cell):
            if table.kind == "sql" and block.split and _NUMBER.fullmatch(cell_text(block, cell[0])):
                yield from _quote_number(view, block, cell[0])
            for each in cell:
                yield each.byte_offset, each.byte_offset + len(each.item.text.encode()), each.new
            continue
        assert block.byte_starts is not None
        at = OTHER_ENCODING - int(block.byte_starts[cell[0].column][cell[0].record])
        if at < 0:
            continue
        text = cell_text(block, cell[0])
        begin = max(at - 1, 0)
        data = view.read(begin, at + _MAX_ESCAPE_FACTOR * len(text.encode()) + 16)
        match_cell = match_sql_value if table.kind == "sql" else match_quoted
        text_map = match_cell(data, at - begin, text)
        if text_map is None:
            continue
        changes = [(each.start, each.end, each.new) for each in cell]
        for first, last, new in text_map.edits(changes):
            yield begin + first, begin + last, new.decode()


def _quote_number(view: Utf8View, block: Block, found: CellFinding) -> Iterator[ViewEdit]:
    """Yield two edits that quote a bare number of an INSERT statement: ``138 -> '138'``.

    Its replacement is no number. Quoted values and COPY cells need no quotes and yield nothing.
    """
    assert block.byte_starts is not None
    at = int(block.byte_starts[found.column][found.record])
    size = len(cell_text(block, found).encode())
    before, after = view.read(at - 1, at), view.read(at + size, at + size + 1)
    if before in b"'\"" or (before in b"\t\n" and after in (b"\t", b"\n", b"\r", b"")):
        return
    yield at, at, "'"
    yield at + size, at + size, "'"


def _line_edits(
    view: Utf8View, block: Block, found: list[CellFinding], count_names: CountNames
) -> Iterator[ViewEdit]:
    """Yield byte edits of the findings in a block of JSON lines."""
    assert block.lines is not None
    for record, group in groupby(found, key=lambda each: each.record):
        begin, raw = view.read_line(int(block.lines[record]))
        text = raw.decode("utf-8", "replace")
        cells = line_cells(text, count_names)
        yield from _to_byte_edits(text, _record_edits(text, cells, block, list(group)), begin)


class _JsonDocument:
    """JSON document with positions, read record by record in step with the reader's blocks."""

    def __init__(self, view: Utf8View, count_names: CountNames) -> None:
        """Load the whole document as text."""
        parts = [piece.text.tobytes() for _, piece in view.pieces()]
        self._text = b"".join(parts).decode("utf-8", "replace")
        self._records = document_cells(self._text, count_names)
        self._point, self._byte = 0, _BOM

    def edits(self, block: Block, found: list[CellFinding]) -> Iterator[ViewEdit]:
        """Yield byte edits of one block's findings. Blocks must come in document order."""
        by_record = {r: list(group) for r, group in groupby(found, key=lambda each: each.record)}
        for record in range(len(block.rows)):
            cells = next(self._records, {})
            if record in by_record:
                changes = _record_edits(self._text, cells, block, by_record[record])
                yield from self._byte_edits(changes)

    def _byte_edits(self, changes: list[Change]) -> Iterator[ViewEdit]:
        """Convert changes (code points of the document) to byte edits of the view."""
        for start, end, new in sorted(changes):
            if start < self._point:
                self._point, self._byte = 0, _BOM
            self._byte += len(self._text[self._point : start].encode())
            self._point = start
            yield self._byte, self._byte + len(self._text[start:end].encode()), new


def _record_edits(text: str, cells: Cells, block: Block, found: list[CellFinding]) -> list[Change]:
    """Return the changes of ``text`` for the findings in one JSON record's cells.

    A table has a limit of keys. A finding under a key beyond it is searched in all scalars.
    """
    changes: list[Change] = []
    for column, group in groupby(found, key=lambda each: each.column):
        cell_findings = list(group)
        if block.keys[column] in (KEY, INNER_KEY):  # replaced with the other keys
            continue
        scalars = cells.get(block.keys[column], [])
        if join_scalars(scalars) == cell_text(block, cell_findings[0]):
            changes += cell_edits(
                text, scalars, [(each.start, each.end, each.new) for each in cell_findings]
            )
            continue
        # the table has no column for this key: search the text
        for each in cell_findings:
            for scalar in (scalar for listed in cells.values() for scalar in listed):
                at = scalar.text.find(each.item.text)
                if at >= 0:
                    change = (at, at + len(each.item.text), each.new)
                    changes += cell_edits(text, [scalar], [change])
    return changes


def _to_byte_edits(text: str, changes: list[Change], base: int) -> Iterator[ViewEdit]:
    """Convert changes of ``text`` (code points) to byte edits; ``base``: its byte offset."""
    at, begin = 0, base
    for start, end, new in sorted(changes):
        begin += len(text[at:start].encode())
        at = start
        yield begin, begin + len(text[start:end].encode()), new
