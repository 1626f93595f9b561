"""Frames of isolated formats: packing and checking of tables, blocks, members, troubles, drawings.

    Trouble("a.db", "CORRUPT")  ->  trouble {"member": "a.db", "reason": "CORRUPT", ...}
    Block([names, phones])      ->  block {"encoding": null, ...} + Arrow: 0, 1, rows, kinds

Byte ranges of cells travel as columns of a block, ``start 0``, ``start 1``, …, if it has them.
Answers are checked: every field has its type, and numbers stay inside the table and the content.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.sources.block import KINDS, Block, Table, Trouble, unbuilt_table
from piiscan.sources.content import Content, Window, memory_content
from piiscan.sources.drawing import Drawing
from piiscan.sources.encoding.detector import CODECS
from piiscan.sources.limits import BudgetUsage
from piiscan.sources.lined.line_kinds import LabelNames
from piiscan.sources.read_context import ReadContext
from piiscan.sources.workers.worker_frames import (
    Frame,
    checked_fields,
    checked_value,
    fields_of,
    pack_batch,
    read_batch,
    reason_code,
)

_Kinds = dict[str, Callable[[Any, bytes], Any]]
Item = Table | Content | Trouble | Drawing | Block | bytes | None
#: Kind of an answer, the bytes unpacked so far, and the item, the question or the error.
Answer = tuple[str, int, Any]
#: Kind, fields and data of a frame.
Parts = tuple[str, Any, bytes]

#: Columns of numbers of a block, all but those of byte starts.
_NUMBERS: Final = {
    "rows": pa.int64(),
    "lines": pa.int64(),
    "kinds": pa.int8(),
    "record_starts": pa.int64(),
    "message_starts": pa.int64(),
}
_ALL_NUMBERS: Final = {**_NUMBERS, "start": pa.int64()}
_COLUMNS: Final = ("columns", "byte_starts", *_NUMBERS)
_MOST_COLUMNS: Final = 1 << 20
_TABLE_KINDS: Final = (
    *("text", "delimited", "jsonl", "sheet", "sql", "database", "html", "xml", "mail"),
    *("contacts", "chat", "document"),
)


@dataclass(frozen=True, slots=True)
class Opening:
    """Request to open a content: its description, and the options of its format.

    ``windows``: offset and size of each, of bytes that come first in the data; ``label_slots``:
    number of slots of the table of label names that follows them, None for no table.
    """

    format: str
    rank: int
    path: bytes | None  # None: the content itself follows, as frames of bytes
    name: str
    member: str
    size: int
    windows: list[tuple[int, int]]
    sha256: str | None
    packed_size: int | None
    usage: BudgetUsage
    seed: int
    label_slots: int | None
    passwords: tuple[bytes, ...]
    peek: bool
    section: str | None
    wanted: frozenset[str] | None
    raw: bool


def pack_opening(name: str, rank: int, content: Content, context: ReadContext) -> Parts:
    """Pack a request to open a content: kind, fields, data."""
    labels = context.label_names
    opening = Opening(
        format=name,
        rank=rank,
        path=None if content.path is None else bytes(content.path),
        name=content.name,
        member=content.member,
        size=content.size,
        windows=[(each.start, len(each.data)) for each in content.windows],
        sha256=content.sha256,
        packed_size=content.packed_size,
        usage=context.usage,
        seed=context.seed,
        label_slots=None if labels is None else len(labels.table),
        passwords=context.passwords,
        peek=context.peek,
        section=context.section,
        wanted=context.wanted,
        raw=context.selection.raw,
    )
    tables = [] if labels is None else [labels.table.tobytes(), labels.parties.tobytes()]
    return "open", fields_of(opening), b"".join([*(w.data for w in content.windows), *tables])


def read_opening(frame: Frame) -> tuple[Opening, tuple[Window, ...], LabelNames | None]:
    """Parse a request to open a content: (opening, sample windows, label names or None)."""
    opening = checked_fields(Opening, frame.fields)
    stream = io.BytesIO(frame.data)
    windows = tuple(Window(start, stream.read(size)) for start, size in opening.windows)
    if (slots := opening.label_slots) is None:
        return opening, windows, None
    table = np.frombuffer(stream.read(8 * slots), np.uint64)
    return opening, windows, LabelNames(table, np.frombuffer(stream.read(), np.uint8))


def pack_item(item: Item) -> Parts:
    """Pack an item that a format yielded: kind, fields, data (the bytes of a member).

    A member that is not in memory has none: its bytes are requested piece by piece.
    """
    if item is None:
        return "end", None, b""
    if isinstance(item, bytes):
        return "bytes", None, item
    if isinstance(item, Trouble):
        return "trouble", fields_of(item), b""
    if isinstance(item, Block):
        return "block", *_pack_block(item)
    if isinstance(item, Table) and item.whole is not None:
        return "lines", item.member, item.whole.encode("utf-8", "replace")
    if isinstance(item, Table):
        fields, streams = _pack_table(item)
        return "table", fields, b"".join(streams)
    if isinstance(item, Drawing):
        fields = fields_of(item, without=("pixels",))
        return "drawing", [item.pixels.shape[:2], fields], item.pixels.tobytes()
    if item.data is None:
        return "stream", [item.name, item.member, item.size, item.packed_size or item.size], b""
    return "member", [item.name, item.member, item.sha256, item.packed_size], item.data


def _pack_block(block: Block) -> tuple[dict[str, Any], bytes]:
    """Pack a block: its fields, and its columns as an Arrow stream."""
    numbers = {name: getattr(block, name) for name in _NUMBERS}
    numbers |= {f"start {n}": each for n, each in enumerate(block.byte_starts or ())}
    return fields_of(block, without=_COLUMNS), pack_batch(block.columns, numbers)


def _pack_table(table: Table) -> tuple[dict[str, Any], list[bytes]]:
    """Pack a table: its fields, and the columns of its samples, siblings included."""
    sample, data = _pack_block(table.sample)
    siblings = [_pack_table(each) for each in table.siblings]
    fields = {
        "content": fields_of(table, without=("sample", "blocks", "resume", "siblings", "whole")),
        "sample": sample,
        "sample_size": len(data),
        "siblings": [each for each, _ in siblings],
    }
    return fields, [data, *(each for _, streams in siblings for each in streams)]


def needs_no_request(item: Item) -> bool:
    """Return True if the item after ``item`` is sent without a request: nothing is asked of it."""
    return isinstance(item, Trouble) or (isinstance(item, Table) and item.whole is not None)


class AnswerReader:
    """Parser of a worker's answers about one content; raises ValueError for invalid answers."""

    def __init__(self, content: Content, seed: int) -> None:
        self._content, self._seed = content, seed

    def item(self, frame: Frame) -> Answer:
        """Parse the answer to a request for an item: table, member, drawing or trouble."""
        kinds: _Kinds = {"table": self._whole, "member": self._member, "drawing": _drawing}
        return self._answer(frame, {**kinds, "stream": self._stream, "lines": self._lines})

    def part(self, frame: Frame) -> Answer:
        """Parse the answer to a request for a part of an item: block, bytes or trouble."""
        return self._answer(frame, {"block": self._block, "bytes": lambda _, data: data})

    def _answer(self, frame: Frame, kinds: _Kinds) -> Answer:
        """Parse an answer of one of ``kinds``, or of a kind valid for any request."""
        kind, fields, data = frame
        if fields.keys() != {"total", "answer"}:
            raise ValueError("other fields than those of an answer")
        total, answer = checked_value(int, fields["total"]), fields["answer"]
        if kind in kinds:
            return kind, total, kinds[kind](answer, data)
        if data:
            raise ValueError("data of a kind that has none")
        if kind == "trouble":
            return kind, total, self._trouble(checked_fields(Trouble, answer))
        if kind == "count":
            return kind, total, checked_value(list[str], answer)
        if kind in ("other", "failed"):
            reason, detail = checked_value(tuple[str, str], answer)
            if reason or kind == "failed":
                reason_code(reason)
            return kind, total, (reason, detail)
        if kind == "end" and answer is None:
            return kind, total, None
        raise ValueError("an unknown kind of answer")

    def _whole(self, fields: Any, data: bytes) -> Table:
        """Parse a table with its siblings; no byte of ``data`` may remain."""
        stream = io.BytesIO(data)
        table = self._table(fields, stream)
        if stream.read(1):
            raise ValueError("bytes after a table")
        return table

    def _inside(self, member: str) -> str:
        """Return the path ``member``; raise ValueError unless it is inside the content."""
        if not member.startswith(self._content.member):
            raise ValueError("a member of another content")
        return member

    def _trouble(self, trouble: Trouble) -> Trouble:
        """Return a trouble; raise ValueError unless it is about the content."""
        self._inside(trouble.member)
        reason_code(trouble.reason)
        return trouble

    def _member(self, fields: Any, data: bytes) -> Content:
        """Parse a member with its bytes."""
        name, member, sha256, packed = checked_value(
            tuple[str, str, str | None, int | None], fields
        )
        return memory_content(
            data,
            name,
            member=self._inside(member),
            seed=self._seed,
            sha256=sha256,
            packed_size=packed,
        )

    def _lines(self, member: Any, data: bytes) -> Table:
        """Parse a text from which the reader builds a table."""
        return unbuilt_table(self._inside(checked_value(str, member)), data.decode("utf-8"))

    def _stream(self, fields: Any, data: bytes) -> Content:
        """Parse a member whose bytes are requested later."""
        name, member, size, packed = checked_value(tuple[str, str, int, int], fields)
        if data or min(size, packed) < 0:
            raise ValueError("bytes of a member that come later, or a negative size")
        return Content(name, self._inside(member), size, (), io.BytesIO, packed_size=packed)

    def _table(self, fields: Any, stream: io.BytesIO, depth: int = 0) -> Table:
        """Parse a table without its blocks; its sample is read from ``stream``."""
        names = {"content", "sample", "sample_size", "siblings"}
        if type(fields) is not dict or fields.keys() != names or depth > 1:
            raise ValueError("other fields than those of a table")
        size = checked_value(int, fields["sample_size"])
        sample = self._block(fields["sample"], stream.read(size) if size > 0 else b"")
        if type(fields["siblings"]) is not list:
            raise ValueError("siblings are no list")
        siblings = tuple(self._table(each, stream, depth + 1) for each in fields["siblings"])
        given: dict[str, Any] = {"sample": sample, "siblings": siblings, "resume": None}
        given |= {"whole": None, "blocks": lambda: iter(())}  # they are requested later
        table = checked_fields(Table, fields["content"], **given)
        self._inside(table.member)
        if table.kind not in _TABLE_KINDS or table.encoding not in (None, *CODECS):
            raise ValueError("a table of an unknown kind or encoding")
        if len(table.headers or ()) > _MOST_COLUMNS or len(table.groups) > _MOST_COLUMNS:
            raise ValueError("too many columns")
        if not all(0 <= each <= len(table.groups) for each in table.groups):
            raise ValueError("a column of no table")
        for trouble in table.troubles:
            self._trouble(trouble)
        return table

    def _block(self, fields: Any, data: bytes) -> Block:
        """Parse a block; raise ValueError for offsets outside of the content or its records."""
        texts, numbers = read_batch(data, _ALL_NUMBERS)
        starts = [numbers.pop(f"start {n}", None) for n in range(len(texts))]
        has_starts = any(each is not None for each in starts)
        if has_starts and any(each is None for each in starts):
            raise ValueError("cells without numbers of bytes")
        if not {"rows"} <= numbers.keys() <= _NUMBERS.keys():
            raise ValueError("a block without numbers of rows, or with others")
        given: dict[str, Any] = {**dict.fromkeys(_NUMBERS), **numbers, "columns": texts}
        given["byte_starts"] = starts if has_starts else None
        block = checked_fields(Block, fields, **given)
        size = self._content.size
        for each in block.byte_starts or ():
            if len(each) and not (-2 - size <= each.min() and each.max() <= size):
                raise ValueError("a cell outside the content")
        if block.kinds is not None and not np.isin(block.kinds, np.arange(len(KINDS))).all():
            raise ValueError("an unknown kind of record")
        if block.encoding not in (None, *CODECS) or min(block.piece_start, block.table) < 0:
            raise ValueError("an unknown encoding, piece or table")
        return block


def _drawing(fields: Any, data: bytes) -> Drawing:
    """Parse a drawing; raise ValueError unless its pixels fit its size."""
    if type(fields) is not list or len(fields) != 2:
        raise ValueError("other fields than those of a drawing")
    height, width = checked_value(tuple[int, int], fields[0])
    if min(height, width) < 0 or height * width * 3 != len(data):
        raise ValueError("pixels of another number")
    pixels = np.frombuffer(data, np.uint8).reshape(height, width, 3).copy()
    return checked_fields(Drawing, fields[1], pixels=pixels)
