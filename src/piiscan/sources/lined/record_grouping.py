"""Record grouping: lines of running text that make one record.

    收件人：张三            2023-07-12 10:05:30 昵称(10000)         BEGIN:VCARD
    电话：13800138000       发你一个 13800138000                    …
    地址：…                 张三 长沙                               END:VCARD

A record is a block of labels, a message or a visiting card.  A repeated label begins the next
record, unless a party's label (寄件人) comes between.  A blank or separator line ends the block.
Lines with several labels each are records, except the lines for the two parties of one record.  A
message extends from its head to the next head, or, if no message precedes it, to a blank line.  In
a list with one person a line, every line is a record, also inside a message.

Records have a maximum number of lines, so memory is bounded, and records do not depend on the
division of the text into blocks. docs/chats.md lists the supported forms of chats.
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
    KIND_MASK,
    LABEL,
    MORE_IN_LINE,
    PARTY,
    PLAIN,
    SEPARATOR,
    LabelNames,
    classify_lines,
)
from piiscan.sources.lined.person_lists import classify_numbers, is_person_list, split_person_list

#: Maximum lines and bytes of a record; of a card, which may include a photograph.
_MAX_LINES: Final = 200
_MAX_BYTES: Final = 64 << 10
_MAX_CARD_LINES: Final = 20_000
_MAX_CARD_BYTES: Final = 2 << 20
#: Maximum number of lines without a label between two lines with one.
_MAX_UNLABELLED: Final = 2

_LineArrays = tuple[Any, Any, Any, Any]  # kinds, labels, offsets, data


@inner
def _card_end(lines: _LineArrays, begin: int) -> tuple[int, bool]:
    """Return (line after the contact card at line ``begin``, True if its end is known)."""
    kinds, _, offsets, _ = lines
    for at in range(begin + 1, len(kinds)):
        if kinds[at] == CARD_END:
            return at + 1, True
        if kinds[at] == CARD_BEGIN or at - begin >= _MAX_CARD_LINES:
            return at, True
        if offsets[at + 1] - offsets[begin] > _MAX_CARD_BYTES:
            return at, True
    return len(kinds), False


@inner
def _message_end(lines: _LineArrays, begin: int, chat: bool) -> tuple[int, bool]:
    """Return (line after the message with head line ``begin``, True if its end is known).

    ``chat``: another message precedes it.
    """
    kinds, _, offsets, _ = lines
    if kinds[begin] & MORE_IN_LINE != 0:
        return begin + 1, True
    for at in range(begin + 1, len(kinds)):
        kind = kinds[at] & KIND_MASK
        if kind in (HEAD, SEPARATOR, CARD_BEGIN) or (kind == BLANK and not chat):
            return at, True
        if at - begin >= _MAX_LINES or offsets[at + 1] - offsets[begin] > _MAX_BYTES:
            return at, True
    return len(kinds), False


@inner
def _labels_end(
    lines: _LineArrays, begin: int, stop: int, line_features: Int64, seen_labels: UInt64
) -> tuple[int, bool]:
    """Return (line after the block of labels at line ``begin``, True if its end is known).

    ``seen_labels`` is work space.
    """
    kinds, labels, offsets, data = lines
    count = section = plain = 0
    last_has_several = has_party = False
    end = begin
    for at in range(begin, stop):
        kind = kinds[at]
        if at - begin >= _MAX_LINES or offsets[at + 1] - offsets[begin] > _MAX_BYTES:
            return max(end, begin + 1), True  # a line longer than any record is one by itself
        if kind == PLAIN:
            plain += 1
            classify_numbers(offsets, data, at, at + 1, line_features)
            if plain > _MAX_UNLABELLED or line_features[at] & 3:
                return end, True
            continue
        if kind & KIND_MASK != LABEL:
            return end, True
        party = kind & PARTY != 0
        many = kind & MORE_IN_LINE != 0
        # several labels in each line, so each line is a record: 姓名：… 电话：…
        if many and last_has_several and not (party and has_party):
            return at, True
        last_has_several, has_party = many, has_party or party
        for k in range(0 if party else section, count):
            if seen_labels[k] == labels[at]:
                return at, True
        if party:
            section = count
        seen_labels[count] = labels[at]
        count += 1
        plain = 0
        end = at + 1
    return end, False


@inner
def _split_message(
    lines: _LineArrays,
    begin: int,
    end: int,
    work: tuple[Int64, UInt8, UInt64],
    record_starts: Int64,
) -> None:
    """Write the record starts of a message's lines: one record, or one per listed person."""
    kinds, _, offsets, data = lines
    line_features, repeated, seen_labels = work
    for at in range(begin, end):
        record_starts[at] = begin
    low = begin + 1
    while end > low and kinds[end - 1] == BLANK:
        end -= 1
    if end - low < 2:
        return
    classify_numbers(offsets, data, low, end, line_features)
    if not is_person_list(line_features, low, end, repeated):
        return
    labelled = 0
    for at in range(low, end):
        labelled += kinds[at] & KIND_MASK == LABEL
    if labelled < 2:
        split_person_list(low, end, repeated, record_starts)
        return
    at = low
    while at < end:
        stop, _ = _labels_end(lines, at, end, line_features, seen_labels)
        stop = max(stop, at + 1)
        for k in range(at, stop):
            record_starts[k] = at
        at = stop


@allocating
def _group_records(
    lines: _LineArrays, record_starts: Int64, message_starts: Int64, chat: bool, final: bool
) -> tuple[int, bool]:
    """Write for each line the first line of its record and of its message.

    Return the first line of a record that may go on (with ``final``: the number of lines), and True
    if the last complete record is a message.
    """
    kinds = lines[0]
    line_features = np.zeros(len(kinds), np.int64)
    repeated = np.zeros(len(kinds), np.uint8)
    seen_labels = np.zeros(_MAX_LINES + 2, np.uint64)
    work = (line_features, repeated, seen_labels)
    at = 0
    while at < len(kinds):
        kind = kinds[at] & KIND_MASK
        end, known = at + 1, True
        if kind == HEAD:
            end, known = _message_end(lines, at, chat)
        elif kind == LABEL:
            end, known = _labels_end(lines, at, len(kinds), line_features, seen_labels)
        elif kind == CARD_BEGIN:
            end, known = _card_end(lines, at)
        if not known and not final:
            return at, chat
        if kind == HEAD:
            _split_message(lines, at, end, work, record_starts)
            message_starts[at:end] = at
        else:
            for k in range(at, end):
                record_starts[k] = at
        if kind != BLANK:
            chat = kind == HEAD
        at = end
    return at, chat


@dataclass(slots=True)
class _PendingBlock:
    """Buffer for one block whose last record may go on in the next one.

    Its complete records are yielded when more lines come, or all of them at the end.  So a short
    text remains one block.
    """

    block: Block | None = None
    chat: bool = False  # a message precedes the block
    ready: Block | None = None
    ready_lines: int = 0
    chat_after: bool = False  # ``ready`` ends with a message

    def add(self, block: Block, names: LabelNames) -> Iterator[Block]:
        """Yield the buffered block's complete records; buffer the incomplete one with ``block``."""
        if self.block is not None:
            if self.ready is not None:
                yield self.ready
            remaining = _slice_block(self.block, self.ready_lines, len(self.block.rows))
            block = _concat_blocks(remaining, block) if len(remaining.rows) else block
            self.chat = self.chat_after
        ready, self.ready_lines, self.chat_after = _group_block(
            block, names, self.chat, final=False
        )
        self.block, self.ready = block, ready if self.ready_lines else None

    def close(self, names: LabelNames) -> Iterator[Block]:
        """Yield all buffered lines as complete records; reset the buffer."""
        if self.block is not None:
            yield _group_block(self.block, names, self.chat, final=True)[0]
        self.block, self.chat, self.ready = None, False, None


def group_lines(blocks: Iterable[Block | Trouble], names: LabelNames) -> Iterator[Block | Trouble]:
    """Yield the blocks of a text with ``record_starts``; each block has complete records only."""
    pending = _PendingBlock()
    for block in blocks:
        if isinstance(block, Trouble):
            yield block
        elif block.own_range is not None:  # a line longer than a block is a record of its own
            yield from pending.close(names)
            yield block
        else:
            yield from pending.add(block, names)
    yield from pending.close(names)


def _group_block(
    block: Block, names: LabelNames, chat: bool, *, final: bool
) -> tuple[Block, int, bool]:
    """Group a block's lines: (complete records, their number of lines, True if in a chat)."""
    cells = block.columns[0]
    _, offset_buffer, data = cells.buffers()
    line_offsets = np.frombuffer(offset_buffer, np.int32)[
        cells.offset : cells.offset + len(cells) + 1
    ]
    offsets = frozen(line_offsets.astype(np.int64))
    text = frozen(np.frombuffer(data or b"\0", np.uint8))
    kinds, labels = np.empty(len(cells), np.uint8), np.empty(len(cells), np.uint64)
    classify_lines(offsets, text, names.table, names.parties, kinds, labels)
    record_starts, message_starts = (
        np.empty(len(cells), np.int64),
        np.full(len(cells), -1, np.int64),
    )
    end, chat = _group_records(
        (kinds, labels, offsets, text), record_starts, message_starts, chat, final
    )
    grouped = block if end == len(block.rows) else _slice_block(block, 0, end)
    message_rows = (
        np.append(grouped.rows, 0)[message_starts[:end]] if np.any(message_starts >= 0) else None
    )
    return (
        replace(
            grouped, record_starts=grouped.rows[record_starts[:end]], message_starts=message_rows
        ),
        end,
        chat,
    )


def _slice_block(block: Block, begin: int, end: int) -> Block:
    """Return the lines [begin, end) of a block."""
    columns = [column.slice(begin, end - begin) for column in block.columns]
    if begin:  # few lines: copied, so that the whole block can be freed
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


def _concat_blocks(remaining: Block, block: Block) -> Block:
    """Concatenate the lines of two consecutive blocks of one text."""
    pairs = zip(remaining.byte_starts or [], block.byte_starts or [], strict=True)
    starts = [np.concatenate(pair) for pair in pairs]
    kinds = None
    if remaining.kinds is not None and block.kinds is not None:
        kinds = np.concatenate([remaining.kinds, block.kinds])
    lines = None
    if remaining.lines is not None and block.lines is not None:
        lines = np.concatenate([remaining.lines, block.lines])
    return replace(
        block,
        columns=[pa.concat_arrays([remaining.columns[0], block.columns[0]])],
        rows=np.concatenate([remaining.rows, block.rows]),
        lines=lines,
        byte_starts=starts if block.byte_starts is not None else None,
        kinds=kinds,
    )
