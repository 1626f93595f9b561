"""Record grouping: lines of running text that make one record.

    收件人：张三            2023-07-12 10:05:30 昵称(10000)         BEGIN:VCARD
    电话：13800138000       发你一个 13800138000                    …
    地址：…                 张三 长沙                               END:VCARD

A record is a block of labels, a message, a visiting card, or a few short lines between blank or
separator lines with one phone or one identity number, or one of each.  In a block, a repeated label
begins the next record, unless a party's label (寄件人) comes between; a blank line ends the block.
Lines with several labels each are records, except the lines for the two parties of one record.  A
message extends from its head to the next head, or, if no message precedes it, to a blank line.  In
a list with one person a line, every line is a record, also inside a message.

Records have a maximum number of lines, so memory is bounded, and records do not depend on the
division of the text into blocks. docs/chats.md lists the supported forms of chats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from piiscan.arrow_strings import string_column
from piiscan.packed_state import packable
from piiscan.sources.block import Block, Trouble
from piiscan.sources.lined.line_kernels import classify_lines, group_records
from piiscan.sources.lined.line_kinds import LabelNames
from piiscan.sources.read_state import ReadState


@packable
@dataclass(slots=True)
class _PendingBlock:
    """Buffer of one block whose last record may continue in the next block.

    Its complete records are yielded when more lines come, or all of them at the end.  So a short
    text remains one block.
    """

    block: Block | None = None
    state: int = 0  # before the block, as :func:`group_records` returns it
    ready: Block | None = None
    ready_lines: int = 0
    state_after: int = 0  # behind ``ready``

    def add(self, block: Block, names: LabelNames) -> Iterator[Block]:
        """Yield the buffered block's complete records; buffer its last record with ``block``."""
        if self.block is not None:
            if self.ready is not None:
                yield self.ready
            remaining = _slice_block(self.block, self.ready_lines, len(self.block.rows))
            block = _concat_blocks(remaining, block) if len(remaining.rows) else block
            self.state = self.state_after
        ready, self.ready_lines, self.state_after = _group_block(
            block, names, self.state, final=False
        )
        self.block, self.ready = block, ready if self.ready_lines else None

    def close(self, names: LabelNames) -> Iterator[Block]:
        """Yield all buffered lines as complete records; empty the buffer."""
        if self.block is not None:
            yield _group_block(self.block, names, self.state, final=True)[0]
        self.block, self.state, self.ready = None, 0, None


def group_lines(
    blocks: Iterable[Block | Trouble], names: LabelNames, reading: ReadState | None = None
) -> Iterator[Block | Trouble]:
    """Group the lines of a text to records: blocks of whole records with ``record_starts``."""
    pending = (reading or ReadState()).stage("groups", _PendingBlock)
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
    block: Block, names: LabelNames, state: int, *, final: bool
) -> tuple[Block, int, int]:
    """Group a block's lines: (complete records, their number of lines, state behind them)."""
    cells = block.columns[0]
    _, offset_buffer, data = cells.buffers()
    ends = np.frombuffer(offset_buffer, np.int32)[cells.offset :][: len(cells) + 1]
    offsets = ends.astype(np.int64)
    text = np.frombuffer(data or b"\0", np.uint8)
    kinds, labels = np.empty(len(cells), np.uint8), np.empty(len(cells), np.uint64)
    classify_lines(offsets, text, names.table, names.parties, kinds, labels)
    record_starts = np.empty(len(cells), np.int64)
    message_starts = np.full(len(cells), -1, np.int64)
    end, state = group_records(
        (kinds, labels, offsets, text), record_starts, message_starts, state, final
    )
    grouped = block if end == len(block.rows) else _slice_block(block, 0, end)
    messages = None
    if np.any(message_starts >= 0):
        messages = np.append(grouped.rows, 0)[message_starts[:end]]
    starts = grouped.rows[record_starts[:end]]
    return replace(grouped, record_starts=starts, message_starts=messages), end, state


def _slice_block(block: Block, begin: int, end: int) -> Block:
    """Return the lines [begin, end) of a block."""
    part = block.slice(begin, end)
    if not begin:
        return part
    # few lines: copied, so that the whole block can be freed
    return replace(part, columns=[string_column(each.to_pylist()) for each in part.columns])


def _concat_blocks(remaining: Block, block: Block) -> Block:
    """Concatenate the lines of two consecutive blocks of one text."""
    pairs = zip(remaining.byte_starts or [], block.byte_starts or [], strict=True)
    starts = [np.concatenate(pair) for pair in pairs]
    kinds = lines = None
    if remaining.kinds is not None and block.kinds is not None:
        kinds = np.concatenate([remaining.kinds, block.kinds])
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
