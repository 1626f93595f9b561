"""Opener for JSON lines and JSON documents: a column per dotted key, a row per record.

{"name": "张三", "phone": "13800138000"} -> columns name, phone; one row
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import cache, partial
from typing import Final

from piiscan.errors import OtherFormatError
from piiscan.sources.block import Block, CountNames, Trouble
from piiscan.sources.content import Content
from piiscan.sources.encoding.decoder import decode_window, read_pieces
from piiscan.sources.encoding.detector import EncodingGuess
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.formats.json.flatten import (
    DECODER,
    decode_inner,
    decode_objects,
    flatten,
)
from piiscan.sources.formats.json.json_document import GLUE, InvalidJson, read_records
from piiscan.sources.formats.json.long_document import read_long_records
from piiscan.sources.formats.json.record_discovery import line_record
from piiscan.sources.read_context import ReadContext
from piiscan.sources.read_state import ReadState
from piiscan.sources.rows.keyed_records import (
    SAMPLE_ROWS,
    KeyColumns,
    Record,
    keyed_blocks,
    keyed_table,
    read_keyed_blocks,
)
from piiscan.sources.rows.record_blocks import read_blocks
from piiscan.sources.rows.table_warnings import MAX_REPORTED
from piiscan.sources.rows.tokenizer import Dialect, TextFormat

#: Lines that are pages of records: they are read as a document.
_PAGE: Final = re.compile(
    r'"hits"\s*:\s*\[\s*\{|"(?:list|rows|records|items|data)"\s*:\s*\[\s*\{[^{}]*\}\s*,',
    re.IGNORECASE,
)
#: Lines that are decoded together.
_TOGETHER: Final = 512


def looks_like_json_lines(head: str) -> bool:
    r"""Return True if each of the first lines is a JSON object.

    >>> looks_like_json_lines('{"a": 1}\n{"a": 2}\n'), looks_like_json_lines('{\n"a": 1}')
    (True, False)
    """
    lines = [line for line in head.split("\n")[:200] if line.strip()]
    if len(lines) < 2 or not lines[0].lstrip("\ufeff \t").startswith("{"):
        return False  # a single line is a document
    objects = sum(1 for line in lines[:50] if _parse_line(line, lambda _: 1) is not None)
    pages = any(_PAGE.search(line) for line in lines[:10])
    return objects * 10 >= 8 * min(len(lines), 50) and not pages


def _parse_line(line: str, count_names: CountNames) -> dict[str, str] | None:
    """Return the flattened object on a line; None if the line is anything else."""
    text = line.strip().strip("\ufeff\0,").strip(" \t\r\n")
    try:
        value, end = DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    if end < len(text):
        return None
    return flatten(line_record(value, count_names)) if isinstance(value, dict) else None


def _parse_lines(
    lines: list[tuple[int, str]], count_names: CountNames
) -> Iterator[tuple[int, str, dict[str, str] | None]]:
    """Yield (row, line, flattened object) of each numbered line; None for a line of no object.

    Lines are decoded together as long as each is one object of several scalars.
    """
    is_plain = True
    for begin in range(0, len(lines), _TOGETHER):
        part = lines[begin : begin + _TOGETHER]
        text = ",\n".join([line for _, line in part])
        # of which each line has one brace, at its end
        found = decode_objects(text) if is_plain and text.count("},\n") == len(part) - 1 else []
        is_plain = len(found) == len(part) == text.count("}") and text.endswith("}")
        is_plain = is_plain and 1 not in map(len, found)  # its key may be a value
        cells = found if is_plain else (_parse_line(line, count_names) for _, line in part)
        yield from ((*each, found_cells) for each, found_cells in zip(part, cells, strict=True))


def _open_lines(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of JSON lines; invalid lines become cells of a column without name."""
    content, guess, count_names = sample.content, sample.text_guess, context.count_names
    records: list[Record] = []
    for number, window in enumerate(content.windows):
        text = decode_window(window, guess, whole=len(content.windows) == 1).tobytes().decode()
        lines = [(at, line) for at, line in enumerate(text.split("\n"), 1) if line.strip()]
        records += [
            (-1 if number else at, _parse_line(line, count_names) or {"": line})
            for at, line in lines[:SAMPLE_ROWS]
        ]
    read = partial(_read_lines, content, guess, count_names)
    yield keyed_table(
        content,
        records,
        read,
        kind="jsonl",
        encoding=guess.encoding,
        resumes=content.path is not None,
    )


def _read_lines(
    content: Content,
    guess: EncodingGuess,
    count_names: CountNames,
    columns: KeyColumns,
    reading: ReadState,
) -> Iterator[Block | Trouble]:
    """Yield JSON lines as blocks; columns that the sample lacks come last."""
    form = TextFormat(Dialect(), guess.encoding, False)
    columns, broken = reading.stage("lines", lambda: (columns, Counter[str]()))
    with content.open() as stream:
        pieces = read_pieces(stream, guess, reading=reading)
        for part in read_blocks(pieces, form, member=content.member, reading=reading):
            if isinstance(part, Trouble) or part.own_range is not None:
                yield part
                continue
            records: list[Record] = []
            numbered = zip(part.rows.tolist(), part.columns[0].to_pylist(), strict=True)
            filled = [(row, line) for row, line in numbered if line.strip()]
            for row, line, cells in _parse_lines(filled, count_names):
                if cells is None:
                    broken["lines"] += 1
                    if broken["lines"] <= MAX_REPORTED:
                        detail = "not a JSON object; read as a plain line"
                        yield Trouble(content.member, "BAD_JSON", detail, row, lost=False)
                records.append((row, {"": line} if cells is None else cells))
            yield from keyed_blocks(records, columns, content.member)
    if (more := broken["lines"] - MAX_REPORTED) > 0:
        yield Trouble(content.member, "BAD_JSON", f"{more} more lines", lost=False)


def _open_document(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of a JSON document, a row per record; OtherFormatError if it is no JSON.

    A document over the budget is read in a window, unless its cells need a place in the text.
    """
    content, encoding = sample.content, sample.text_guess.encoding
    if content.size > context.budget.json and not context.decode:
        detail = f"{content.size} bytes; over the budget; read as plain text"
        raise OtherFormatError("JSON_TOO_LARGE", detail)
    read = partial(_records, sample, context, cache(partial(_whole_text, sample)))
    records: list[Record] = []
    for item in itertools.islice(read(), SAMPLE_ROWS):
        if isinstance(item, Trouble):
            if not records:
                raise OtherFormatError("BAD_JSON", "not a JSON document; read as plain text")
            break
        records.append(item)
    yield keyed_table(
        content,
        records,
        lambda columns, _: read_keyed_blocks(read(), columns, content.member),
        kind="jsonl",
        encoding=encoding,
    )


def _texts(sample: Sample) -> Generator[str]:
    """Yield the pieces of a text."""
    with sample.content.open() as stream:
        for piece in read_pieces(stream, sample.text_guess):
            yield piece.text.tobytes().decode("utf-8", "replace")


def _whole_text(sample: Sample) -> str:
    """Return a text in one piece."""
    return "".join(_texts(sample))


def _records(
    sample: Sample, context: ReadContext, whole_text: Callable[[], str]
) -> Iterator[Record | Trouble]:
    """Yield the records of a document, and a Trouble where it is invalid."""
    content = sample.content
    with closing(_texts(sample)) as texts:
        if content.size > context.budget.json:
            records = read_long_records(texts, context.count_names)
        else:
            # without, strings stay strings, whose cells have a place in the text
            decode = decode_inner if context.decode else DECODER.raw_decode
            records = read_records(whole_text(), decode=decode, count_names=context.count_names)
        for each in records:
            if isinstance(each, InvalidJson):
                detail = "not JSON from here on; the rest is read as plain lines"
                yield Trouble(content.member, "BAD_JSON", detail, each.line, lost=False)
            else:
                yield each


def looks_like_json(text: str) -> bool:
    """Return True if the text begins like a JSON document.

    >>> looks_like_json('[{"a": 1'), looks_like_json("[INFO] started")
    (True, False)
    """
    glue = GLUE.match(text.lstrip())
    begin = text.lstrip()[glue.end() :] if glue is not None else text
    return bool(re.match(r'\s*(?:(?:\[\s*)?\{\s*(?:"|\})|\[\s*\[\s*(?:["\d-]|null))', begin))


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
