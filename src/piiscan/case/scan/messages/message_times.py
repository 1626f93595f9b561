"""Message times: time and sender of chat messages, as TRANSACTIONS rows of their records.

``2024-01-05 10:00:00 老王(10001) -> 2024-01-05 10:00:00, sender 10001``
"""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Int64
from piiscan.case.scan.block.row_transactions import dictionary_array, mask_parties
from piiscan.parsing import times
from piiscan.schemas import TRANSACTIONS
from piiscan.sources.block import Block

_TIME: Final = (
    r"(?P<time>[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?[ \tT]*"
    r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)"
)
_ACCOUNT: Final = r"[(<（](?P<account>[0-9A-Za-z_.@-]{3,64})[)>）]"
#: Title of a member of a QQ group before his name: 【管理员】.
_TITLE: Final = re.compile(r"^\s*【[^】]{1,12}】")
#: Forms of message heads; the first that matches is used.  Name with account in brackets after or
#: before the time, the same before a colon and the message, name without account before the time
#: (or before the time in brackets, with a comma), the same behind it, and between the time and a
#: colon with the message, if the name has several messages; before a message without such a sign,
#: if nearly all lines have one of a few names; time alone.
_FORMS: Final = (
    rf"^[^0-9A-Za-z]*{_TIME}[\])】]?[ \t]*(?P<name>[^:：]{{0,40}}){_ACCOUNT}[ \t]*[:：]?\s*$",
    rf"^\s*(?P<name>[^:：]{{0,40}}){_ACCOUNT}[ \t]*{_TIME}\s*$",
    rf"^(?P<head>[^0-9A-Za-z]*{_TIME}[\])】]?[ \t]*(?P<name>[^:：]{{0,40}}){_ACCOUNT}[ \t]*[:：])",
    rf"^\s*(?P<name>[^:：，。,\s]{{1,20}})[ \t]+{_TIME}\s*$",
    rf"^\s*(?P<name>[^:：，。,\[\]]{{1,30}}), \[{_TIME}\]\s*$",
    rf"^[^0-9A-Za-z]*{_TIME}[\])】]?[ \t]+(?P<name>[^:：，。,\s]{{1,20}})(?P<bare>)\s*$",
    rf"^(?P<head>\s*\[{_TIME}\][ \t]*(?P<name>[^:：\[\]]{{1,30}})[:：])(?P<bare>)",
    rf"^(?P<head>\s*{_TIME} - (?P<name>[^:：\[\]]{{1,30}})[:：])(?P<bare>)",
    (
        rf"^(?P<head>[^0-9A-Za-z]*{_TIME}[\])】]?[ \t]+(?P<name>[^:：，。,\s()（）\[\]]{{1,20}})"
        r"(?:[ \t]*[:：]|[ \t]))(?P<most>)[ \t]*\S"
    ),
    rf"{_TIME}",
)
#: Heads of a block by which names that speak often are told; share of the heads that they need.
_SAMPLE: Final = 200
_MOST: Final = 0.8


def build_message_times(block: Block, rows: Int64, *, key: bytes) -> pa.Table | None:
    """Build the TRANSACTIONS rows of records that begin in ``rows``, without source and member.

    Each record in a message with a readable time has one row. Return None without such a record.
    """
    if block.message_starts is None or not len(rows):
        return None
    heads = block.message_starts[np.searchsorted(block.rows, rows)]
    rows, heads = rows[heads > 0], heads[heads > 0]
    if not len(rows):
        return None
    lines, head_number = np.unique(heads, return_inverse=True)
    moments, names, accounts, _ = read_heads(block, np.searchsorted(block.rows, lines))
    senders = [account or name for name, account in zip(names, accounts, strict=True)]
    parties = sorted({sender for sender in senders if sender})
    party_number = {party: number for number, party in enumerate(parties)}
    party = np.array([party_number.get(sender or "", -1) for sender in senders], np.int64)[
        head_number
    ]
    moment = moments[head_number]
    has_time = np.flatnonzero(moment != times.NONE)
    return _table(rows[has_time], moment[has_time], party[has_time], parties, key)


def read_heads(
    block: Block, lines: Int64
) -> tuple[Int64, list[str | None], list[str | None], Int64]:
    """Parse message head lines: return (time, sender's name, account, end of the head) arrays.

    NONE or None if not found. The head is the whole line if no message follows it there.
    ``lines``: indices in the block. Further heads of the block show who speaks often.
    """
    texts = block.columns[0].take(pa.array(np.append(lines, _further_heads(block, lines))))
    moments = np.full(len(texts), times.NONE, np.int64)
    ends = np.full(len(texts), np.iinfo(np.int64).max, np.int64)
    words_of_head: dict[str, list[str | None]] = {
        name: [None] * len(texts) for name in ("name", "account")
    }
    unread = np.arange(len(texts))
    for form in _FORMS:
        found = pc.extract_regex(texts.take(pa.array(unread)), form)
        matches = found.is_valid().to_numpy(zero_copy_only=False)
        names = [f.name for f in found.type]
        if matches.any() and not {"bare", "most"}.isdisjoint(names):
            speakers = pc.struct_field(found, "name")
            several = _often(speakers, len(texts) if "most" in names else 0)
            matches &= pc.is_in(speakers, value_set=several).to_numpy(zero_copy_only=False)
        if matches.any():
            groups = found.filter(pa.array(matches))
            moments[unread[matches]] = times.parse_times(groups.field(names.index("time")))
            if "head" in names:
                heads = groups.field(names.index("head"))
                ends[unread[matches]] = pc.utf8_length(heads).to_numpy(zero_copy_only=False)
            for name, words in words_of_head.items():
                if name in names:
                    texts_of_name = groups.field(names.index(name)).to_pylist()
                    for head, word in zip(unread[matches].tolist(), texts_of_name, strict=True):
                        words[head] = _TITLE.sub("", word).strip() or None
        unread = unread[~matches]
    names_, accounts = (words_of_head[name][: len(lines)] for name in ("name", "account"))
    return moments[: len(lines)], names_, accounts, ends[: len(lines)]


def _further_heads(block: Block, lines: Int64) -> Int64:
    """Return the first heads of messages in a block that are not among ``lines``."""
    assert block.message_starts is not None
    starts = np.unique(block.message_starts[block.message_starts > 0])
    found = np.searchsorted(block.rows, starts)
    return found[np.isin(found, lines, invert=True)][:_SAMPLE]


def _often(speakers: pa.Array, heads: int) -> pa.Array:
    """Return the names that occur several times.

    ``heads``: number of all heads; unless it is 0, the names must have nearly all, and not all of
    their letters are Latin: ``INFO`` of a log is nobody.
    """
    counts = speakers.drop_null().value_counts().to_pylist()
    several = {each["values"]: each["counts"] for each in counts if each["counts"] > 1}
    if heads:
        several = {name: n for name, n in several.items() if not name.isascii()}
        if sum(several.values()) < _MOST * heads:
            several = {}
    return pa.array(list(several), pa.string())


def _table(rows: Int64, moment: Int64, party: Int64, parties: list[str], key: bytes) -> pa.Table:
    """Return the TRANSACTIONS rows of messages: row, time, masked sender and its digest."""
    masked, digest = mask_parties(parties, key)
    party_index = pa.array(party, mask=party < 0)
    types = {f.name: f.type for f in TRANSACTIONS}
    filled: dict[str, Any] = {
        "row": pa.array(rows),
        "group": pa.array(np.zeros(len(rows), np.int16)),
        "party": masked.take(party_index).dictionary_encode().cast(types["party"]),
        "party_kind": dictionary_array(np.minimum(party, 0), ["sender"], types["party_kind"]),
        "party_digest": digest.take(party_index),
        "time": pa.array(moment, types["time"]),
    }
    schema = pa.schema(list(TRANSACTIONS)[2:])
    columns = [filled.get(f.name, pa.nulls(len(rows), f.type)) for f in schema]
    return pa.Table.from_arrays(columns, schema=schema)
