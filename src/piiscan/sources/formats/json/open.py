"""Opener for JSON lines and JSON documents: a column per dotted key, a row per record.

{"name": "张三", "phone": "13800138000"} -> columns name, phone; one row
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Final

from piiscan.errors import OtherFormatError, SourceError
from piiscan.sources.block import Block, CountNames, Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.encoding.decoder import decode_window, read_pieces
from piiscan.sources.encoding.detector import EncodingGuess
from piiscan.sources.format import Format, Opened, ReadContext, Sample
from piiscan.sources.formats.json.flatten import DECODER, decode_inner, flatten
from piiscan.sources.formats.json.json_document import GLUE, InvalidJson, read_records
from piiscan.sources.formats.json.long_document import read_long_records
from piiscan.sources.formats.json.record_discovery import line_record
from piiscan.sources.limits import Budget
from piiscan.sources.rows.keyed_records import (
    BLOCK_ROWS,
    SAMPLE_ROWS,
    KeyColumns,
    Record,
    keyed_blocks,
    keyed_table,
)
from piiscan.sources.rows.record_blocks import TextFormat, read_blocks
from piiscan.sources.rows.table_warnings import MAX_REPORTED
from piiscan.sources.rows.tokenizer import Dialect

#: Lines that are pages of records: they are read as a document.
_PAGE: Final = re.compile(
    r'"hits"\s*:\s*\[\s*\{|"(?:list|rows|records|items|data)"\s*:\s*\[\s*\{[^{}]*\}\s*,',
    re.IGNORECASE,
)


def looks_like_json_lines(head: str) -> bool:
    r"""Return True if each of the first lines is a JSON object.

    >>> looks_like_json_lines('{"a": 1}\n{"a": 2}\n'), looks_like_json_lines('{\n"a": 1}')
    (True, False)
    """
    lines = [line for line in head.split("\n")[:200] if line.strip()]
    if len(lines) < 2 or not lines[0].lstrip("\ufeff \t").startswith("{"):
        return False  # a single line is a document
    objects = sum(1 for line in lines[:50] if _parse_line(line) is not None)
    pages = any(_PAGE.search(line) for line in lines[:10])
    return objects * 10 >= 8 * min(len(lines), 50) and not pages


def _parse_line(line: str) -> dict[str, str] | None:
    """Return the flattened object on a line; None if the line is anything else."""
    try:
        value = DECODER.decode(line.strip().strip("\ufeff\0,"))
    except (ValueError, RecursionError):
        return None
    return flatten(line_record(value)) if isinstance(value, dict) else None


def open_json_lines(content: Content, guess: EncodingGuess) -> Table:
    """Open JSON lines as one table; invalid lines become cells of a column without name."""
    columns = KeyColumns()
    samples = []
    for number, window in enumerate(content.windows):
        text = decode_window(window, guess, whole=len(content.windows) == 1).tobytes().decode()
        lines = [(at, line) for at, line in enumerate(text.split("\n"), 1) if line.strip()]
        records = [
            (-1 if number else at, _parse_line(line) or {"": line})
            for at, line in lines[:SAMPLE_ROWS]
        ]
        samples.append(records)
        for _, record in samples[-1]:
            columns.add(record)
    sample = [r for window_sample in samples for r in window_sample]
    blocks: Callable[[], Iterator[Block | Trouble]] = lambda: _read_lines(content, guess, columns)  # noqa: E731
    return keyed_table(content, guess.encoding, columns, sample, blocks)


def _read_lines(
    content: Content, guess: EncodingGuess, known_columns: KeyColumns
) -> Iterator[Block | Trouble]:
    """Yield JSON lines as blocks; columns that the sample lacks come last."""
    columns, width = KeyColumns(dict(known_columns.keys)), len(known_columns.keys)
    form = TextFormat(Dialect(), guess.encoding, False)
    broken = 0
    with content.open() as stream:
        for part in read_blocks(read_pieces(stream, guess), form, member=content.member):
            if isinstance(part, Trouble) or part.own_range is not None:
                yield part
                continue
            records: list[Record] = []
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
            yield from keyed_blocks(records, columns, width, content.member)
    if broken > MAX_REPORTED:
        yield Trouble(content.member, "BAD_JSON", f"{broken - MAX_REPORTED} more lines", lost=False)


def open_json(
    content: Content,
    guess: EncodingGuess,
    budget: Budget,
    count_names: CountNames,
    *,
    decode: bool = True,
) -> Table:
    """Open a JSON document (not JSON lines) as one table with a row per record.

    A document over the budget is read in a window. Raises SourceError if it is not JSON.
    ``decode``: False if each cell must have a place in the text: strings stay strings then, and a
    document over the budget is an error.
    """
    columns = KeyColumns()
    sample: list[Record] = []
    if content.size > budget.json and not decode:
        raise SourceError("JSON_TOO_LARGE", f"{content.size} bytes; over the budget")
    how = "long" if content.size > budget.json else "decoded" if decode else "written"
    for item in itertools.islice(_records(content, guess, count_names, how), SAMPLE_ROWS):
        if isinstance(item, InvalidJson):
            if not sample:
                raise SourceError("BAD_JSON", "not a JSON document")
            break
        sample.append(item)
        columns.add(item[1])
    blocks: Callable[[], Iterator[Block | Trouble]] = lambda: _read_document(  # noqa: E731
        content, _records(content, guess, count_names, how), columns
    )
    return keyed_table(content, guess.encoding, columns, sample, blocks)


def _records(
    content: Content, guess: EncodingGuess, count_names: CountNames, how: str
) -> Iterator[Record | InvalidJson]:
    """Yield the records of a document. ``how``: ``long``, ``decoded`` or as ``written``."""
    with content.open() as stream:
        pieces = (piece.text.tobytes() for piece in read_pieces(stream, guess))
        if how == "long":
            texts = (piece.decode("utf-8", "replace") for piece in pieces)
            yield from read_long_records(texts, count_names)
            return
        text = b"".join(pieces).decode("utf-8", "replace")
    decode = decode_inner if how == "decoded" else DECODER.raw_decode
    yield from read_records(text, decode=decode, count_names=count_names)


def _read_document(
    content: Content, records: Iterator[Record | InvalidJson], known_columns: KeyColumns
) -> Iterator[Block | Trouble]:
    """Yield all records of a JSON document as blocks, with a Trouble where it is invalid."""
    columns, width = KeyColumns(dict(known_columns.keys)), len(known_columns.keys)
    part: list[Record] = []
    for item in records:
        if isinstance(item, InvalidJson):
            detail = "not JSON from here on; the rest is read as plain lines"
            yield Trouble(content.member, "BAD_JSON", detail, item.line, lost=False)
            continue
        part.append(item)
        if len(part) == BLOCK_ROWS:
            yield from keyed_blocks(part, columns, width, content.member)
            part = []
    yield from keyed_blocks(part, columns, width, content.member)


def looks_like_json(text: str) -> bool:
    """Return True if the text begins like a JSON document.

    >>> looks_like_json('[{"a": 1'), looks_like_json("[INFO] started")
    (True, False)
    """
    glue = GLUE.match(text.lstrip())
    begin = text.lstrip()[glue.end() :] if glue is not None else text
    return bool(re.match(r'\s*(?:(?:\[\s*)?\{\s*(?:"|\})|\[\s*\[\s*(?:["\d-]|null))', begin))


def _open_lines(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of JSON lines."""
    del context
    assert sample.guess is not None  # only texts are asked about
    yield open_json_lines(sample.content, sample.guess)


def _open_document(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of a JSON document; OtherFormatError if it is no JSON at all."""
    assert sample.guess is not None  # only texts are asked about
    try:
        how = {"decode": context.decode}
        yield open_json(sample.content, sample.guess, context.budget, context.count_names, **how)
    except SourceError as error:
        detail = f"{error.detail}; read as plain text"
        raise OtherFormatError(error.reason, detail) from None


FORMATS: Final = (
    Format(
        "json lines",
        60,
        _open_lines,
        probe=lambda sample: looks_like_json_lines(sample.text),
        extensions=("jsonl", "ndjson"),
    ),
    Format(
        "json",
        61,
        _open_document,
        probe=lambda sample: looks_like_json(sample.text),
        extensions=("json",),
    ),
)
