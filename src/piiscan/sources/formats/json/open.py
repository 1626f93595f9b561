"""JSON lines and JSON documents as tables: a column per key, a row per record."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from piiscan.arrays import Int64
from piiscan.arrow_strings import string_column
from piiscan.errors import SourceError
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.encoding.decoder import decode_window, read_pieces
from piiscan.sources.encoding.detector import Guess
from piiscan.sources.formats.json.flatten import DECODER, flatten
from piiscan.sources.formats.json.json_document import Broken, read_records
from piiscan.sources.limits import Budget
from piiscan.sources.rows.record_blocks import Form, read_blocks
from piiscan.sources.rows.table_warnings import MOST
from piiscan.sources.rows.tokenizer import MOST_CELLS, Dialect

_ROWS: Final = 8192
_SAMPLED: Final = 300
#: A record's line, its keys and texts; the key "" holds what is not a JSON object.
_Record = tuple[int, dict[str, str]]


@dataclass(slots=True)
class _Columns:
    """Keys in the order in which they were first seen, and the header of each; the last row."""

    keys: dict[str, int] = field(default_factory=dict)
    row: int = 0

    def add(self, record: dict[str, str]) -> None:
        for key in record:
            if key not in self.keys and len(self.keys) < MOST_CELLS - 1:
                self.keys[key] = len(self.keys)

    def headers(self) -> list[str | None]:
        return name_columns(list(self.keys))


def name_columns(keys: list[str]) -> list[str | None]:
    """Headers of dotted keys: below an Elasticsearch ``_source`` the last part, if it is unique.

    >>> name_columns(["_id", "_source.name", "_source.a.phone", "user.phone", ""])
    ['_id', 'name', 'phone', 'user.phone', None]
    """
    inner = [key.removeprefix("_source.") for key in keys]
    leaves = [
        short.rpartition(".")[2] if key.startswith("_source.") else short
        for key, short in zip(keys, inner, strict=True)
    ]
    return [
        (leaf if leaves.count(leaf) == 1 else short) or None
        for leaf, short in zip(leaves, inner, strict=True)
    ]


def looks_like_json_lines(head: str) -> bool:
    r"""Whether the first lines are JSON objects, one each.

    >>> looks_like_json_lines('{"a": 1}\n{"a": 2}\n'), looks_like_json_lines('{\n"a": 1}')
    (True, False)
    """
    lines = [line for line in head.split("\n")[:200] if line.strip()]
    if len(lines) < 2 or not lines[0].lstrip().startswith("{"):
        return False  # one line alone is a document
    good = sum(1 for line in lines[:50] if _object(line) is not None)
    return good * 10 >= 8 * min(len(lines), 50)


def _object(line: str) -> dict[str, str] | None:
    """The flattened object on a line, None if it holds anything else."""
    try:
        value = DECODER.decode(line.strip().strip("\ufeff\0").rstrip(","))
    except (ValueError, RecursionError):
        return None
    return flatten(value) if isinstance(value, dict) else None


def open_json_lines(content: Content, guess: Guess) -> Table:
    """JSON lines as one table; lines that do not parse stay, whole, in a column without name."""
    columns = _Columns()
    looks = []
    for number, window in enumerate(content.windows):
        text = decode_window(window, guess, whole=len(content.windows) == 1).tobytes().decode()
        lines = [(at, line) for at, line in enumerate(text.split("\n"), 1) if line.strip()]
        records = [
            (-1 if number else at, _object(line) or {"": line}) for at, line in lines[:_SAMPLED]
        ]
        looks.append(records)
        for _, record in looks[-1]:
            columns.add(record)
    sample = [r for look in looks for r in look]
    blocks: Callable[[], Iterator[Block | Trouble]] = lambda: _read_lines(content, guess, columns)  # noqa: E731
    return _table(content, guess.encoding, columns, sample, blocks)


def _table(
    content: Content,
    encoding: str,
    columns: _Columns,
    sample: list[_Record],
    blocks: Callable[[], Iterator[Block | Trouble]],
) -> Table:
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


def _read_lines(content: Content, guess: Guess, known: _Columns) -> Iterator[Block | Trouble]:
    """All lines as blocks; columns that the sample did not show follow behind."""
    columns, width = _Columns(dict(known.keys)), len(known.keys)
    form = Form(Dialect(), guess.encoding, False)
    broken = 0
    with content.open() as stream:
        for part in read_blocks(read_pieces(stream, guess), form, member=content.member):
            if isinstance(part, Trouble) or part.own is not None:
                yield part
                continue
            records: list[_Record] = []
            for row, line in zip(part.rows.tolist(), part.columns[0].to_pylist(), strict=True):
                if not line.strip():
                    continue
                record = _object(line)
                if record is None:
                    broken += 1
                    if broken <= MOST:
                        detail = "not a JSON object; read as a plain line"
                        yield Trouble(content.member, "BAD_JSON", detail, row, lost=False)
                    record = {"": line}
                records.append((row, record))
            yield from _blocks(records, columns, width, content.member)
    if broken > MOST:
        yield Trouble(content.member, "BAD_JSON", f"{broken - MOST} more lines", lost=False)


def _blocks(
    records: list[_Record], columns: _Columns, width: int, member: str
) -> Iterator[Block | Trouble]:
    for begin in range(0, len(records), _ROWS):
        part = records[begin : begin + _ROWS]
        for row, record in part:
            full = len(columns.keys) >= MOST_CELLS - 1
            columns.add(record)
            if not full and len(columns.keys) >= MOST_CELLS - 1:
                detail = "further keys are read together in the last column"
                yield Trouble(member, "TOO_MANY_COLUMNS", detail, row, lost=False)
        yield _block(part, columns, width, whole=True)


def _number(lines: Int64, columns: _Columns) -> Int64:
    """The row of each record: its line, or the number after the last where they share a line."""
    steps = np.arange(len(lines))
    rows: Int64 = np.maximum.accumulate(np.maximum(lines - steps, columns.row + 1)) + steps
    columns.row = int(rows[-1])
    return rows


def _block(records: list[_Record], columns: _Columns, width: int, *, whole: bool = False) -> Block:
    """One block; only columns that hold anything, beyond the table's own, follow them.

    ``whole``: all records come, in order, and are numbered; those of a sample have their lines.
    """
    keys = list(columns.keys)
    names = columns.headers()
    cells = [[record.get(key) for _, record in records] for key in keys[:width]]
    extra, shown = [], keys[:width]
    for number, key in enumerate(keys[width:], width):
        column = [record.get(key) for _, record in records]
        if any(cell is not None for cell in column):
            cells.append(column)
            extra.append(names[number])
            shown.append(key)
    if len(keys) >= MOST_CELLS - 1:
        rest = [_rest(record, columns.keys) for _, record in records]
        if any(rest):
            cells.append(rest)
            extra.append(None)
            shown.append("")
    lines = np.array([line for line, _ in records], np.int64)
    arrays = [string_column(column) for column in cells]
    kinds = np.zeros(len(records), np.int8)
    rows = _number(lines, columns) if whole else lines
    told = tuple(shown)
    return Block(
        arrays, rows, lines, None, None, kinds=kinds, extra_headers=tuple(extra), keys=told
    )


def _rest(record: dict[str, str], keys: dict[str, int]) -> str | None:
    left = [f"{key}: {text}" for key, text in record.items() if key not in keys]
    return "\n".join(left) or None


def open_json(content: Content, guess: Guess, budget: Budget) -> Table:
    """A JSON document that is not line by line, a row for each record in it.

    Raises SourceError if it is too large to be held, or not JSON from its start.
    """
    if content.size > budget.json:
        raise SourceError("JSON_TOO_LARGE", f"{content.size} bytes; over the budget")
    columns = _Columns()
    sample: list[_Record] = []
    for item in itertools.islice(read_records(_text(content, guess)), _SAMPLED):
        if isinstance(item, Broken):
            if not sample:
                raise SourceError("BAD_JSON", "not a JSON document")
            break
        sample.append(item)
        columns.add(item[1])
    blocks: Callable[[], Iterator[Block | Trouble]] = lambda: _read_document(  # noqa: E731
        content, guess, columns
    )
    return _table(content, guess.encoding, columns, sample, blocks)


def _text(content: Content, guess: Guess) -> str:
    with content.open() as stream:
        pieces = [piece.text.tobytes() for piece in read_pieces(stream, guess)]
    return b"".join(pieces).decode("utf-8", "replace")


def _read_document(content: Content, guess: Guess, known: _Columns) -> Iterator[Block | Trouble]:
    columns, width = _Columns(dict(known.keys)), len(known.keys)
    part: list[_Record] = []
    for item in read_records(_text(content, guess)):
        if isinstance(item, Broken):
            detail = "not JSON from here on; the rest is read as plain lines"
            yield Trouble(content.member, "BAD_JSON", detail, item.line, lost=False)
            continue
        part.append(item)
        if len(part) == _ROWS:
            yield from _blocks(part, columns, width, content.member)
            part = []
    yield from _blocks(part, columns, width, content.member)


def sniff_json(text: str) -> bool:
    """Whether a text begins as a JSON document does.

    >>> sniff_json('[{"a": 1'), sniff_json("[INFO] started")
    (True, False)
    """
    return bool(re.match(r'\s*(?:\[\s*)?\{\s*(?:"|\})', text))
