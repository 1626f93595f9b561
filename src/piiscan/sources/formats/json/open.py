"""Opener for JSON lines and JSON documents: a column per dotted key, a row per record.

{"name": "张三", "phone": "13800138000"} -> columns name, phone; one row
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from piiscan.arrays import Int64
from piiscan.arrow_strings import replace_surrogates, string_column
from piiscan.errors import SourceError
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.encoding.decoder import decode_window, read_pieces
from piiscan.sources.encoding.detector import EncodingGuess
from piiscan.sources.formats.json.flatten import DECODER, flatten
from piiscan.sources.formats.json.json_document import InvalidJson, read_records
from piiscan.sources.limits import Budget
from piiscan.sources.rows.record_blocks import TextFormat, read_blocks
from piiscan.sources.rows.table_warnings import MAX_REPORTED
from piiscan.sources.rows.tokenizer import MAX_CELLS, Dialect

_BLOCK_ROWS: Final = 8192
_SAMPLE_ROWS: Final = 300
#: Line number and cells of a record; the key "" has text that is not a JSON object.
_Record = tuple[int, dict[str, str]]


@dataclass(slots=True)
class _KeyColumns:
    """Column number of each key, in order of appearance, and the number of the last row."""

    keys: dict[str, int] = field(default_factory=dict)
    row: int = 0

    def add(self, record: dict[str, str]) -> None:
        for key in record:
            if key not in self.keys and len(self.keys) < MAX_CELLS - 1:
                self.keys[key] = len(self.keys)

    def headers(self) -> list[str | None]:
        return name_columns(list(self.keys))


def name_columns(keys: list[str]) -> list[str | None]:
    """Return a header per dotted key: below an Elasticsearch ``_source`` the last part, if unique.

    >>> name_columns(["_id", "_source.name", "_source.a.phone", "user.phone", ""])
    ['_id', 'name', 'phone', 'user.phone', None]
    """
    short_names = [key.removeprefix("_source.") for key in keys]
    last_parts = [
        short.rpartition(".")[2] if key.startswith("_source.") else short
        for key, short in zip(keys, short_names, strict=True)
    ]
    counts = Counter(last_parts)
    return [
        replace_surrogates(leaf if counts[leaf] == 1 else short) or None
        for leaf, short in zip(last_parts, short_names, strict=True)
    ]


def looks_like_json_lines(head: str) -> bool:
    r"""Return True if each of the first lines is a JSON object.

    >>> looks_like_json_lines('{"a": 1}\n{"a": 2}\n'), looks_like_json_lines('{\n"a": 1}')
    (True, False)
    """
    lines = [line for line in head.split("\n")[:200] if line.strip()]
    if len(lines) < 2 or not lines[0].lstrip().startswith("{"):
        return False  # a single line is a document
    objects = sum(1 for line in lines[:50] if _parse_line(line) is not None)
    return objects * 10 >= 8 * min(len(lines), 50)


def _parse_line(line: str) -> dict[str, str] | None:
    """Return the flattened object on a line; None if the line is anything else."""
    try:
        value = DECODER.decode(line.strip().strip("\ufeff\0").rstrip(","))
    except (ValueError, RecursionError):
        return None
    return flatten(value) if isinstance(value, dict) else None


def open_json_lines(content: Content, guess: EncodingGuess) -> Table:
    """Open JSON lines as one table; invalid lines become cells of a column without name."""
    columns = _KeyColumns()
    samples = []
    for number, window in enumerate(content.windows):
        text = decode_window(window, guess, whole=len(content.windows) == 1).tobytes().decode()
        lines = [(at, line) for at, line in enumerate(text.split("\n"), 1) if line.strip()]
        records = [
            (-1 if number else at, _parse_line(line) or {"": line})
            for at, line in lines[:_SAMPLE_ROWS]
        ]
        samples.append(records)
        for _, record in samples[-1]:
            columns.add(record)
    sample = [r for window_sample in samples for r in window_sample]
    blocks: Callable[[], Iterator[Block | Trouble]] = lambda: _read_lines(content, guess, columns)  # noqa: E731
    return _table(content, guess.encoding, columns, sample, blocks)


def _table(
    content: Content,
    encoding: str,
    columns: _KeyColumns,
    sample: list[_Record],
    blocks: Callable[[], Iterator[Block | Trouble]],
) -> Table:
    """Build the Table of a JSON text from its columns, sample records and block reader."""
    headers = columns.headers()
    return Table(
        member=content.member,
        kind="jsonl",
        encoding=encoding,
        delimiter=None,
        headers=headers,
        header_row=None,
        groups=[0] * len(headers),
        sample=_block(sample, columns, len(headers)),
        blocks=blocks,
        sha256=content.sha256,
        size=content.size,
    )


def _read_lines(
    content: Content, guess: EncodingGuess, known_columns: _KeyColumns
) -> Iterator[Block | Trouble]:
    """Yield JSON lines as blocks; columns missing from the sample come last."""
    columns, width = _KeyColumns(dict(known_columns.keys)), len(known_columns.keys)
    form = TextFormat(Dialect(), guess.encoding, False)
    broken = 0
    with content.open() as stream:
        for part in read_blocks(read_pieces(stream, guess), form, member=content.member):
            if isinstance(part, Trouble) or part.own_range is not None:
                yield part
                continue
            records: list[_Record] = []
            for row, line in zip(part.rows.tolist(), part.columns[0].to_pylist(), strict=True):
                if not line.strip():
                    continue
                record = _parse_line(line)
                if record is None:
                    broken += 1
                    if broken <= MAX_REPORTED:
                        detail = "not a JSON object; read as a plain line"
                        yield Trouble(content.member, "BAD_JSON", detail, row, lost=False)
                    record = {"": line}
                records.append((row, record))
            yield from _blocks(records, columns, width, content.member)
    if broken > MAX_REPORTED:
        yield Trouble(content.member, "BAD_JSON", f"{broken - MAX_REPORTED} more lines", lost=False)


def _blocks(
    records: list[_Record], columns: _KeyColumns, width: int, member: str
) -> Iterator[Block | Trouble]:
    """Yield JSON records as blocks; report when the number of columns reaches its maximum."""
    for begin in range(0, len(records), _BLOCK_ROWS):
        part = records[begin : begin + _BLOCK_ROWS]
        for row, record in part:
            full = len(columns.keys) >= MAX_CELLS - 1
            columns.add(record)
            if not full and len(columns.keys) >= MAX_CELLS - 1:
                detail = "further keys are read together in the last column"
                yield Trouble(member, "TOO_MANY_COLUMNS", detail, row, lost=False)
        yield _block(part, columns, width, whole=True)


def _number_rows(lines: Int64, columns: _KeyColumns) -> Int64:
    """Number JSON records by their lines; a record on an occupied line gets the next number."""
    steps = np.arange(len(lines))
    rows: Int64 = np.maximum.accumulate(np.maximum(lines - steps, columns.row + 1)) + steps
    columns.row = int(rows[-1])
    return rows


def _block(
    records: list[_Record], columns: _KeyColumns, width: int, *, whole: bool = False
) -> Block:
    """Build one Block of JSON records: the first ``width`` columns, and later filled ones.

    ``whole``: the records come in order and get row numbers; records of a sample have their lines.
    """
    keys = list(columns.keys)
    names = columns.headers()
    cells = [[record.get(key) for _, record in records] for key in keys[:width]]
    extra, shown_keys = [], keys[:width]
    for number, key in enumerate(keys[width:], width):
        column = [record.get(key) for _, record in records]
        if any(cell is not None for cell in column):
            cells.append(column)
            extra.append(names[number])
            shown_keys.append(key)
    if len(keys) >= MAX_CELLS - 1:
        rest = [_join_other_keys(record, columns.keys) for _, record in records]
        if any(rest):
            cells.append(rest)
            extra.append(None)
            shown_keys.append("")
    lines = np.array([line for line, _ in records], np.int64)
    arrays = [string_column(column) for column in cells]
    kinds = np.zeros(len(records), np.int8)
    rows = _number_rows(lines, columns) if whole else lines
    dotted_keys = tuple(shown_keys)
    return Block(
        arrays, rows, lines, None, None, kinds=kinds, extra_headers=tuple(extra), keys=dotted_keys
    )


def _join_other_keys(record: dict[str, str], keys: dict[str, int]) -> str | None:
    """Join the cells of a record whose keys have no column as ``key: text`` lines.

    Return None if there are none.
    """
    others = [f"{key}: {text}" for key, text in record.items() if key not in keys]
    return "\n".join(others) or None


def open_json(content: Content, guess: EncodingGuess, budget: Budget) -> Table:
    """Open a JSON document (not JSON lines) as one table with a row per record.

    Raises SourceError if it is too large for the budget, or not JSON from its start.
    """
    if content.size > budget.json:
        raise SourceError("JSON_TOO_LARGE", f"{content.size} bytes; over the budget")
    columns = _KeyColumns()
    sample: list[_Record] = []
    for item in itertools.islice(read_records(_text(content, guess)), _SAMPLE_ROWS):
        if isinstance(item, InvalidJson):
            if not sample:
                raise SourceError("BAD_JSON", "not a JSON document")
            break
        sample.append(item)
        columns.add(item[1])
    blocks: Callable[[], Iterator[Block | Trouble]] = lambda: _read_document(  # noqa: E731
        content, guess, columns
    )
    return _table(content, guess.encoding, columns, sample, blocks)


def _text(content: Content, guess: EncodingGuess) -> str:
    with content.open() as stream:
        pieces = [piece.text.tobytes() for piece in read_pieces(stream, guess)]
    return b"".join(pieces).decode("utf-8", "replace")


def _read_document(
    content: Content, guess: EncodingGuess, known_columns: _KeyColumns
) -> Iterator[Block | Trouble]:
    """Yield all records of a JSON document as blocks, with a Trouble where it is invalid."""
    columns, width = _KeyColumns(dict(known_columns.keys)), len(known_columns.keys)
    part: list[_Record] = []
    for item in read_records(_text(content, guess)):
        if isinstance(item, InvalidJson):
            detail = "not JSON from here on; the rest is read as plain lines"
            yield Trouble(content.member, "BAD_JSON", detail, item.line, lost=False)
            continue
        part.append(item)
        if len(part) == _BLOCK_ROWS:
            yield from _blocks(part, columns, width, content.member)
            part = []
    yield from _blocks(part, columns, width, content.member)


def looks_like_json(text: str) -> bool:
    """Return True if the text begins like a JSON document.

    >>> looks_like_json('[{"a": 1'), looks_like_json("[INFO] started")
    (True, False)
    """
    return bool(re.match(r'\s*(?:\[\s*)?\{\s*(?:"|\})', text))
