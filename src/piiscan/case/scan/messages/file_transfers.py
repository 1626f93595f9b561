"""Which files the messages of a block say were sent, by whom, to whom, when: SENDINGS rows.

Messages are those of a chat written as text (``heads``), or rows of a table that has a column for
who sent and one for the name of a file or the words of a message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64
from piiscan.case.scan.block.row_transactions import tell_parties
from piiscan.case.scan.messages.chat_lines import marks_of
from piiscan.case.scan.messages.file_mentions import (
    MOMENT,
    NAME,
    PEER,
    TITLE,
    WORD,
    Mark,
    read_mark,
    read_more,
    read_xml,
    tell_marks,
)
from piiscan.case.scan.messages.message_times import read_heads
from piiscan.detect.catalog.transaction_terms import as_compared
from piiscan.detect.columns.message_columns import message_words
from piiscan.detect.engine import Engine
from piiscan.parsing import times
from piiscan.parsing.file_names import LONGEST, digest_names, read_size
from piiscan.schemas import SENDINGS
from piiscan.sources.block import DATA, Block
from piiscan.tabular.display_names import show_texts
from piiscan.tabular.layout import Frame

#: Heads with a name behind the time: in front of the message itself, or alone on their line.
_ONE_LINE: Final = re.compile(MOMENT + r"(?P<name>[^:：]{1,60})[:：]")
_ALONE: Final = re.compile(MOMENT + r"(?P<name>[^:：，。,]{1,40})[:：]?\s*$")
_PARTY: Final = re.compile(r"\s*(?P<name>.*?)\s*[(<（](?P<account>[0-9A-Za-z_.@-]{3,64})[)>）]\s*")
_WITH: Final = re.compile(
    r"\s*(?:消息对象|聊天对象|会话对象|会话名称?|聊天记录对象|群名称?|群聊名?称?|对话对象)"
    r"\s*[:：]\s*(?P<name>[^\r\n]{1,80}?)\s*"
)


@dataclass(slots=True)
class _Sent:
    """One row of SENDINGS, its names still as they stand."""

    row: int
    mark: Mark | None = None
    own: bool | None = None
    sender: str | None = None
    nick: str | None = None
    receiver: str | None = None
    peer: str | None = None
    time: int = times.NONE


def tell_sendings(block: Block, frame: Frame, *, engine: Engine, key: bytes) -> pa.Table | None:
    """The SENDINGS rows of a block without source and member; None if there are none."""
    if block.split:
        sent = _of_table(block, frame.messages) if frame.messages else []
    else:
        sent = [] if block.heads is None or not len(block.rows) else _of_text(block)
    return _table(sent, engine, key) if sent else None


def _of_text(block: Block) -> list[_Sent]:
    """What the lines of a chat say."""
    heads, texts = block.heads, block.columns[0]
    assert heads is not None
    marks = tell_marks(texts)
    sent: list[_Sent] = []
    for at in np.flatnonzero(marks & PEER != 0).tolist():  # some stand behind a message
        found = _WITH.fullmatch(texts[at].as_py() or "")
        if found is not None:
            sent.append(_Sent(int(block.rows[at]), peer=_plain(found["name"])))
    lines = np.flatnonzero((heads > 0) & (marks & (WORD | NAME | TITLE) != 0))
    marked = marks_of(texts, heads, marks, lines)
    places = np.array([at for at, _ in marked], np.int64)
    for (at, mark), (time, name, account) in zip(
        marked, _heads_of(block, heads, places), strict=True
    ):
        party = account or name
        own = True if as_compared(party or "") in message_words("holder") else None
        nick = name if account else None
        sent.append(_Sent(int(block.rows[at]), mark, own, None if own else party, nick, time=time))
    return sorted(sent, key=lambda each: each.row)


def _heads_of(
    block: Block, heads: Int64, places: Int64
) -> list[tuple[int, str | None, str | None]]:
    """Time, sender's name and account of the messages in which lines stand."""
    if not len(places):
        return []
    rows, which = np.unique(heads[places], return_inverse=True)
    inline = set(block.rows[places].tolist())
    texts = block.columns[0].take(pa.array(np.searchsorted(block.rows, rows)))
    moments, names, accounts = read_heads(texts)
    for number, name in enumerate(names):
        if name is None and accounts[number] is None:
            form = _ONE_LINE if int(rows[number]) in inline else _ALONE
            found = form.match(texts[number].as_py())
            if found is not None:
                names[number], accounts[number] = _party(found["name"])
    told = list(zip(moments.tolist(), names, accounts, strict=True))
    return [told[at] for at in which.tolist()]


def _party(text: str) -> tuple[str | None, str | None]:
    """A name and the account in brackets behind it.

    >>> _party("老王(10001)"), _party(" 老王 ")
    (('老王', '10001'), ('老王', None))
    """
    found = _PARTY.fullmatch(text)
    if found is None:
        return text.strip() or None, None
    return found["name"] or None, found["account"]


def _of_table(block: Block, columns: Mapping[str, tuple[int, ...]]) -> list[_Sent]:
    """What the rows of a table of messages say."""
    data = np.ones(len(block.rows), np.bool_) if block.kinds is None else block.kinds == DATA
    mine = {k: [n for n in c if n < len(block.columns)] for k, c in columns.items()}
    marked: dict[int, Mark] = {}
    for number in mine.get("content", ()):
        texts = block.columns[number].cast(pa.string()).fill_null("")
        marks = tell_marks(texts)
        for at in np.flatnonzero(data & (marks & (WORD | NAME | TITLE) != 0)).tolist():
            mark = _cell_mark(texts[at].as_py(), int(marks[at]))
            if mark is not None:
                marked.setdefault(at, mark)
    for number in mine.get("name", ()):
        cells = block.columns[number].cast(pa.string()).fill_null("")
        marks = tell_marks(cells)
        for at in np.flatnonzero(data & (marks & NAME != 0)).tolist():
            text = cells[at].as_py().strip()
            marked[at] = read_mark(text, NAME) or Mark(re.split(r"[\\/]", text)[-1])
    if not marked:
        return []
    rows = sorted(marked)
    cells_of = {k: _first(block, mine.get(k, ()), rows) for k in columns if k != "content"}
    return [
        _row(int(block.rows[at]), marked[at], {k: each[n] for k, each in cells_of.items()})
        for n, at in enumerate(rows)
    ]


def _cell_mark(text: str, bits: int) -> Mark | None:
    if bits & TITLE:
        return read_xml(text)
    mark = read_mark(text, bits)
    return None if mark is None else read_more(mark, text[mark.end :])


def _first(block: Block, columns: Sequence[int], rows: Sequence[int]) -> list[str]:
    """The first cell of each row that has anything in it."""
    found = [""] * len(rows)
    for number in columns:
        cells = block.columns[number].take(pa.array(rows, pa.int64())).to_pylist()
        found = [
            old or " ".join((cell or "").split()) for old, cell in zip(found, cells, strict=True)
        ]
    return found


def _row(row: int, mark: Mark, cells: Mapping[str, str]) -> _Sent:
    holder = message_words("holder")
    size, sum_ = read_size(cells.get("size", "")), cells.get("checksum", "").lower()
    whole = read_more(mark, sum_) if mark.checksum is None and sum_ else mark
    if size is not None:
        whole = Mark(whole.name, -1, size, whole.checksum)
    way = as_compared(cells.get("direction", ""))
    own = True if way in message_words("own") else False if way in message_words("other") else None
    name, account = _party(cells.get("sender", ""))
    receiver = cells.get("receiver", "")
    if as_compared(name or "") in holder:
        name, own = None, True
    if as_compared(receiver) in holder:
        receiver, own = "", False
    time = times.read_time(cells.get("time", ""))
    return _Sent(
        row,
        whole,
        own,
        account or name,
        name if account else None,
        _plain(receiver),
        _plain(cells.get("peer", "")),
        times.NONE if time is None else time,
    )


def _plain(text: str) -> str | None:
    name, account = _party(text)
    return account or name


def _table(sent: list[_Sent], engine: Engine, key: bytes) -> pa.Table:
    """The rows with names as they may be shown, and digests."""
    files = [each.mark.name if each.mark else "" for each in sent]
    distinct = sorted(set(files))
    shown = dict(zip(distinct, show_texts(engine, [_shown(t) for t in distinct]), strict=True))
    told: dict[str, Any] = {
        "row": [each.row for each in sent],
        "what": ["FILE" if each.mark else "PEER" for each in sent],
        "own": [each.own for each in sent],
        "time": [None if each.time == times.NONE else each.time for each in sent],
        "name": [shown[name] if name else None for name in files],
        "least": [each.mark.size[0] if each.mark and each.mark.size else None for each in sent],
        "most": [each.mark.size[1] if each.mark and each.mark.size else None for each in sent],
        "checksum": [each.mark.checksum if each.mark else None for each in sent],
    }
    for kind in ("sender", "receiver", "peer", "nick"):
        people, places = _distinct([(getattr(each, kind) or "")[:LONGEST] for each in sent])
        parties, digests = tell_parties(people, key)
        told[kind] = parties.take(places)
        told[f"{kind}_digest"] = digests.take(places)
    names, places = _distinct(files)
    told["name_digest"] = digest_names(names, key).take(places)
    schema = pa.schema(list(SENDINGS)[2:])
    columns = [
        told[f.name].cast(f.type) if isinstance(told[f.name], pa.Array) else _array(told[f.name], f)
        for f in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _distinct(texts: list[str]) -> tuple[list[str], pa.Array]:
    """The distinct texts, and which of them each is; null for none."""
    words: dict[str, int] = {}
    places = [words.setdefault(text, len(words)) if text else None for text in texts]
    return list(words), pa.array(places, pa.int64())


def _array(values: Sequence[Any], field: pa.Field) -> pa.Array:
    if pa.types.is_dictionary(field.type):
        return pa.array(values, pa.string()).dictionary_encode().cast(field.type)
    return pa.array(values, field.type)


def _shown(name: str) -> str:
    """A name of a file as one line of printable characters."""
    return "".join(c for c in re.split(r"[\\/]", name)[-1][:LONGEST] if c.isprintable())
