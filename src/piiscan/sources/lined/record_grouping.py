"""Lines of running text that are one record: a block of labels, a message, a visiting card.

    收件人：张三            2023-07-12 10:05:30 昵称(10000)         BEGIN:VCARD
    电话：13800138000       发你一个 13800138000                    …
    地址：…                 张三 长沙                               END:VCARD

One label a line: a label that comes again begins the next record, unless a party's label (寄件人)
stands between; a blank line or a rule ends it.  Lines that hold several labels each are records,
but for two parties of one.  A message reaches from its head to the next one, or, if it is the
first, to a blank line.  A list with one person a line stays one record a line, also inside a
message.  Records end after a fixed number of lines, so memory is bounded and what is one record
does not depend on how the text came in blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64, UInt8, UInt64
from piiscan.arrow_strings import string_column
from piiscan.jit import allocating, frozen, inner
from piiscan.sources.block import Block, Trouble
from piiscan.sources.lined.line_kinds import (
    BLANK,
    CARD_BEGIN,
    CARD_END,
    HEAD,
    KIND,
    LABEL,
    MANY,
    PARTY,
    PLAIN,
    RULE,
    Names,
    tell_lines,
)
from piiscan.sources.lined.person_lists import is_list, split_list, tell_numbers

#: Lines and bytes of the longest record; a card with a photograph has more.
_LINES: Final = 200
_BYTES: Final = 64 << 10
_CARD_LINES: Final = 20_000
_CARD_BYTES: Final = 2 << 20
#: Lines without a label that may stand between two with one.
_BETWEEN: Final = 2

_Lines = tuple[Any, Any, Any, Any]  # kinds, labels, offsets, data


@inner
def _card_end(lines: _Lines, begin: int) -> tuple[int, bool]:
    """Behind the card that begins here, and whether that is known."""
    kinds, _, offsets, _ = lines
    for at in range(begin + 1, len(kinds)):
        if kinds[at] == CARD_END:
            return at + 1, True
        if kinds[at] == CARD_BEGIN or at - begin >= _CARD_LINES:
            return at, True
        if offsets[at + 1] - offsets[begin] > _CARD_BYTES:
            return at, True
    return len(kinds), False


@inner
def _message_end(lines: _Lines, begin: int, chat: bool) -> tuple[int, bool]:
    """Behind the message whose head this is; ``chat``: another one stood in front of it."""
    kinds, _, offsets, _ = lines
    if kinds[begin] & MANY != 0:
        return begin + 1, True
    for at in range(begin + 1, len(kinds)):
        kind = kinds[at] & KIND
        if kind in (HEAD, RULE, CARD_BEGIN) or (kind == BLANK and not chat):
            return at, True
        if at - begin >= _LINES or offsets[at + 1] - offsets[begin] > _BYTES:
            return at, True
    return len(kinds), False


@inner
def _labels_end(
    lines: _Lines, begin: int, stop: int, numbers: Int64, seen: UInt64
) -> tuple[int, bool]:
    """Behind the block of labels that begins here, and whether that is known."""
    kinds, labels, offsets, data = lines
    count = section = plain = 0
    full = owned = False
    end = begin
    for at in range(begin, stop):
        kind = kinds[at]
        if at - begin >= _LINES or offsets[at + 1] - offsets[begin] > _BYTES:
            return end, True
        if kind == PLAIN:
            plain += 1
            tell_numbers(offsets, data, at, at + 1, numbers)
            if plain > _BETWEEN or numbers[at] & 3:
                return end, True
            continue
        if kind & KIND != LABEL:
            return end, True
        party = kind & PARTY != 0
        many = kind & MANY != 0
        if many and full and not (party and owned):  # each line a record: 姓名：… 电话：…
            return at, True
        full, owned = many, owned or party
        for k in range(0 if party else section, count):
            if seen[k] == labels[at]:
                return at, True
        if party:
            section = count
        seen[count] = labels[at]
        count += 1
        plain = 0
        end = at + 1
    return end, False


@inner
def _split_message(
    lines: _Lines, begin: int, end: int, work: tuple[Int64, UInt8, UInt64], begins: Int64
) -> None:
    """One record, unless the lines behind the head are a list of people."""
    kinds, _, offsets, data = lines
    numbers, marks, seen = work
    for at in range(begin, end):
        begins[at] = begin
    low = begin + 1
    while end > low and kinds[end - 1] == BLANK:
        end -= 1
    if end - low < 2:
        return
    tell_numbers(offsets, data, low, end, numbers)
    if not is_list(numbers, low, end, marks):
        return
    labelled = 0
    for at in range(low, end):
        labelled += kinds[at] & KIND == LABEL
    if labelled < 2:
        split_list(low, end, marks, begins)
        return
    at = low
    while at < end:
        stop, _ = _labels_end(lines, at, end, numbers, seen)
        stop = max(stop, at + 1)
        for k in range(at, stop):
            begins[k] = at
        at = stop


@allocating
def _join(lines: _Lines, begins: Int64, heads: Int64, chat: bool, final: bool) -> tuple[int, bool]:
    """``begins``: the line with which the record of each begins; ``heads``: with which its message.

    The first line of a record that may go on (all of them are told if ``final``), and whether the
    last one told was a message.
    """
    kinds = lines[0]
    numbers = np.zeros(len(kinds), np.int64)
    marks = np.zeros(len(kinds), np.uint8)
    seen = np.zeros(_LINES + 2, np.uint64)
    work = (numbers, marks, seen)
    at = 0
    while at < len(kinds):
        kind = kinds[at] & KIND
        end, known = at + 1, True
        if kind == HEAD:
            end, known = _message_end(lines, at, chat)
        elif kind == LABEL:
            end, known = _labels_end(lines, at, len(kinds), numbers, seen)
        elif kind == CARD_BEGIN:
            end, known = _card_end(lines, at)
        if not known and not final:
            return at, chat
        if kind == HEAD:
            _split_message(lines, at, end, work, begins)
            heads[at:end] = at
        else:
            for k in range(at, end):
                begins[k] = at
        if kind != BLANK:
            chat = kind == HEAD
        at = end
    return at, chat


@dataclass(slots=True)
class _Open:
    """A block that may go on: its whole records are told when more lines come, or all at the end.

    So a short text stays one block, though its last record could have gone on.
    """

    block: Block | None = None
    chat: bool = False  # in front of it
    told: Block | None = None
    end: int = 0
    after: bool = False  # chat behind ``told``

    def take(self, block: Block, names: Names) -> Iterator[Block]:
        """The whole records of the block before; this one is kept."""
        if self.block is not None:
            if self.told is not None:
                yield self.told
            held = _part(self.block, self.end, len(self.block.rows))
            block = _behind(held, block) if len(held.rows) else block
            self.chat = self.after
        told, self.end, self.after = _told(block, names, self.chat, final=False)
        self.block, self.told = block, told if self.end else None

    def close(self, names: Names) -> Iterator[Block]:
        """All that is left; what comes next begins anew."""
        if self.block is not None:
            yield _told(self.block, names, self.chat, final=True)[0]
        self.block, self.chat, self.told = None, False, None


def join_lines(blocks: Iterable[Block | Trouble], names: Names) -> Iterator[Block | Trouble]:
    """The blocks of a text with their ``records``; each holds whole records only."""
    open_ = _Open()
    for block in blocks:
        if isinstance(block, Trouble):
            yield block
        elif block.own is not None:  # a line longer than a block is a record of its own
            yield from open_.close(names)
            yield block
        else:
            yield from open_.take(block, names)
    yield from open_.close(names)


def _told(block: Block, names: Names, chat: bool, *, final: bool) -> tuple[Block, int, bool]:
    """The whole records of a block, how many of its lines those are, and whether in a chat."""
    cells = block.columns[0]
    _, places, data = cells.buffers()
    own = np.frombuffer(places, np.int32)[cells.offset : cells.offset + len(cells) + 1]
    offsets = frozen(own.astype(np.int64))
    text = frozen(np.frombuffer(data or b"\0", np.uint8))
    kinds, labels = np.empty(len(cells), np.uint8), np.empty(len(cells), np.uint64)
    tell_lines(offsets, text, names.table, names.parties, kinds, labels)
    begins, heads = np.empty(len(cells), np.int64), np.full(len(cells), -1, np.int64)
    end, chat = _join((kinds, labels, offsets, text), begins, heads, chat, final)
    told = block if end == len(block.rows) else _part(block, 0, end)
    numbers = np.append(told.rows, 0)[heads[:end]] if np.any(heads >= 0) else None
    return replace(told, records=told.rows[begins[:end]], heads=numbers), end, chat


def _part(block: Block, begin: int, end: int) -> Block:
    """Lines begin:end of a block."""
    columns = [column.slice(begin, end - begin) for column in block.columns]
    if begin:  # few lines: the block they came from need not stay
        columns = [string_column(column.to_pylist()) for column in columns]
    return replace(
        block,
        columns=columns,
        rows=block.rows[begin:end],
        lines=None if block.lines is None else block.lines[begin:end],
        byte_starts=None
        if block.byte_starts is None
        else [starts[begin:end] for starts in block.byte_starts],
        kinds=None if block.kinds is None else block.kinds[begin:end],
    )


def _behind(held: Block, block: Block) -> Block:
    """The lines of two blocks of one text."""
    pairs = zip(held.byte_starts or [], block.byte_starts or [], strict=True)
    starts = [np.concatenate(pair) for pair in pairs]
    kinds = None
    if held.kinds is not None and block.kinds is not None:
        kinds = np.concatenate([held.kinds, block.kinds])
    lines = None
    if held.lines is not None and block.lines is not None:
        lines = np.concatenate([held.lines, block.lines])
    return replace(
        block,
        columns=[pa.concat_arrays([held.columns[0], block.columns[0]])],
        rows=np.concatenate([held.rows, block.rows]),
        lines=lines,
        byte_starts=starts if block.byte_starts is not None else None,
        kinds=kinds,
    )
