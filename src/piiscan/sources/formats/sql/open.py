"""An SQL dump as a Table for each of its tables, and one for all text that is no row of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from piiscan.arrays import Int64
from piiscan.sources.block import Block, CountNames, Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.encoding.decoder import decode_window, read_pieces
from piiscan.sources.encoding.detector import Guess
from piiscan.sources.formats.sql.dump_blocks import (
    Waiting,
    by_head,
    join_blocks,
    number_rows,
    row_blocks,
    text_block,
)
from piiscan.sources.formats.sql.dump_scanner import DumpReader, Found
from piiscan.sources.formats.sql.statements import escapes_with_slashes
from piiscan.sources.formats.sql.table_definitions import Head, Tables, Target
from piiscan.sources.rows.delimiter import looks_like_sql

_SAMPLED: Final = 300
_LOOK: Final = 64 << 10
_TOO_MANY: Final = "statements of further tables are read as plain text"


@dataclass(frozen=True, slots=True)
class _Dump:
    content: Content
    guess: Guess
    slashes: bool

    @property
    def width(self) -> str:
        """How a block counts on inside a cell."""
        encoding = self.guess.encoding
        return "utf-16" if encoding.startswith("utf-16") else encoding


@dataclass(slots=True)
class _Seen:
    """Rows of one table kept to type its columns by: first ones, some in between, last ones."""

    rng: np.random.Generator
    rows: int = 0
    turns: int = 0
    head: list[Block] = field(default_factory=list)
    middle: Block | None = None
    tail: Block | None = None


def open_dump(
    content: Content, guess: Guess, count_names: CountNames, *, seed: int = 0
) -> Table | None:
    """The dump's text as a Table with the dump's tables ``beside`` it; None if no rows are found.

    The whole is read once to learn what tables there are, and to sample them.
    """
    looks = [decode_window(w, guess, whole=len(content.windows) == 1) for w in content.windows]
    if content.extension != "sql" and not any(looks_like_sql(look) for look in looks):
        return None
    dump = _Dump(
        content, guess, escapes_with_slashes(b"\n".join(look[:_LOOK].tobytes() for look in looks))
    )
    tables = Tables()
    try:
        seen, sample = _survey(dump, tables, seed)
    except OSError:
        return None  # reading it as text will say what is wrong
    if not any(kept.rows for kept in seen):
        return None
    beside = tuple(
        _table(dump, target, kept, count_names)
        for target, kept in zip(tables.targets, seen, strict=True)
    )
    return Table(
        member=content.member,
        kind="text",
        encoding=guess.encoding,
        delimiter=None,
        headers=None,
        header_row=None,
        groups=[0],
        sample=sample,
        blocks=lambda: _read(dump, tables),
        sha256=content.sha256,
        size=content.size,
        beside=beside,
    )


def _table(dump: _Dump, target: Target, seen: _Seen, count_names: CountNames) -> Table:
    headers = target.headers(count_names)
    blocks = [b for b in (*seen.head, seen.middle, seen.tail) if b is not None]
    width = max([1, len(headers), *(len(block.columns) for block in blocks)])
    return Table(
        member=f"{dump.content.member}#{target.name}",
        kind="sql",
        encoding=dump.guess.encoding,
        delimiter=None,
        headers=headers + [None] * (width - len(headers)) if headers else None,
        header_row=None,
        groups=[0] * width,
        sample=join_blocks(blocks, width),
        blocks=lambda: iter(()),
        sha256=dump.content.sha256,
        size=dump.content.size,
    )


def _survey(dump: _Dump, tables: Tables, seed: int) -> tuple[list[_Seen], Block]:
    """What was seen of each table, and the first lines of text."""
    seen: list[_Seen] = []
    sample: Block | None = None
    for found in _found(dump, tables):
        if not isinstance(found, Found):
            continue
        if sample is None or not len(sample.rows):
            sample = text_block(found, dump.width)
        for number, chosen in by_head(found):
            head = tables.heads[number]
            while len(seen) <= head.table:
                seen.append(_Seen(np.random.default_rng([seed, len(seen)])))
            _look(seen[head.table], found, head, tables.targets[head.table], chosen, dump.width)
    while len(seen) < len(tables.targets):
        seen.append(_Seen(np.random.default_rng(0)))
    return seen, sample if sample is not None else join_blocks([], 1)


def _look(seen: _Seen, found: Found, head: Head, target: Target, chosen: Int64, width: str) -> None:
    seen.rows += len(chosen)
    kept = sum(len(block.rows) for block in seen.head)
    if kept < _SAMPLED:
        first, chosen = chosen[: _SAMPLED - kept], chosen[_SAMPLED - kept :]
        seen.head += row_blocks(found, head, target, first, None, width)
    if len(chosen):
        seen.turns += 1
        seen.tail = row_blocks(found, head, target, chosen[-_SAMPLED:], None, width)[0]
        if seen.rng.random() * seen.turns < 1:
            at = int(seen.rng.integers(max(len(chosen) - _SAMPLED, 0) + 1))
            part = chosen[at : at + _SAMPLED]
            seen.middle = row_blocks(found, head, target, part, None, width)[0]


def _found(dump: _Dump, tables: Tables) -> Iterator[Found | Block | Trouble]:
    reader = DumpReader(tables, slashes=dump.slashes, width=dump.width, member=dump.content.member)
    with dump.content.open() as stream:
        yield from reader.read(read_pieces(stream, dump.guess))


def _read(dump: _Dump, tables: Tables) -> Iterator[Block | Trouble]:
    """The whole dump as blocks; each says in ``table`` which of the tables it is of."""
    member = dump.content.member
    rows = [0] * len(tables.targets)
    uneven: dict[int, list[int]] = {}
    waiting = Waiting()
    tables.use("")
    try:
        for found in _found(dump, tables):
            if not isinstance(found, Found):
                yield found
                continue
            text = text_block(found, dump.width)
            if len(text.rows):
                yield text
            numbers = number_rows(found, tables, rows)
            for number, chosen in by_head(found):
                head = tables.heads[number]
                target = tables.targets[head.table]
                _measure(found, head, target, chosen, numbers, uneven)
                for block in row_blocks(found, head, target, chosen, numbers, dump.width):
                    yield from waiting.pass_on(number, block)
    except OSError as error:
        yield Trouble(member, "READ_ERROR", f"{type(error).__name__}: the rest is not read")
    yield from waiting.empty()
    for table, (count, first) in sorted(uneven.items()):
        chain = f"{member}#{tables.targets[table].name}"
        detail = f"{count} rows with more or fewer values than columns"
        yield Trouble(chain, "UNEVEN_ROWS", detail, first, lost=False)
    if tables.full:
        yield Trouble(member, "TOO_MANY_TABLES", _TOO_MANY, lost=False)


def _measure(
    found: Found,
    head: Head,
    target: Target,
    chosen: Int64,
    numbers: Int64,
    uneven: dict[int, list[int]],
) -> None:
    """Count rows that have not as many values as the statement has columns."""
    columns = len(target.columns if head.columns is None else head.columns)
    wrong = np.flatnonzero(np.diff(found.harvest.rows(chosen).firsts) != columns)
    if columns and len(wrong):
        told = uneven.setdefault(head.table, [0, int(numbers[chosen[wrong[0]]])])
        told[0] += len(wrong)
