"""When the messages of a text were sent, and by whom: LEDGER rows of the records in them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Int64
from piiscan.case.scan.block.row_transactions import tell_parties, words_of
from piiscan.parsing import times
from piiscan.schemas import LEDGER
from piiscan.sources.block import Block

_TIME: Final = (
    r"(?P<time>[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?[ \tT]*"
    r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)"
)
_ACCOUNT: Final = r"[(<（](?P<account>[0-9A-Za-z_.@-]{3,64})[)>）]"
#: Heads of messages, the first that fits: with an account in brackets behind the name, a name
#: alone in front of the time, the time alone.
_FORMS: Final = (
    rf"^[^0-9A-Za-z]*{_TIME}[\])】]?[ \t]*(?P<name>[^:：]{{0,40}}){_ACCOUNT}[ \t]*[:：]?\s*$",
    rf"^\s*(?P<name>[^:：]{{0,40}}){_ACCOUNT}[ \t]*{_TIME}\s*$",
    rf"^\s*(?P<name>[^:：，。,\s]{{1,20}})[ \t]+{_TIME}\s*$",
    rf"{_TIME}",
)


def tell_messages(block: Block, rows: Int64, *, key: bytes) -> pa.Table | None:
    """The LEDGER rows of records that begin in ``rows``, without source and member.

    One for each record in a message whose head tells the time; None if there is none.
    """
    if block.heads is None or not len(rows):
        return None
    heads = block.heads[np.searchsorted(block.rows, rows)]
    rows, heads = rows[heads > 0], heads[heads > 0]
    if not len(rows):
        return None
    lines, which = np.unique(heads, return_inverse=True)
    texts = block.columns[0].take(pa.array(np.searchsorted(block.rows, lines)))
    moments, names, accounts = read_heads(texts)
    senders = [account or name for name, account in zip(names, accounts, strict=True)]
    parties = sorted({sender for sender in senders if sender})
    place = {party: number for number, party in enumerate(parties)}
    party = np.array([place.get(sender or "", -1) for sender in senders], np.int64)[which]
    moment = moments[which]
    told = np.flatnonzero(moment != times.NONE)
    return _table(rows[told], moment[told], party[told], parties, key)


def read_heads(texts: pa.Array) -> tuple[Int64, list[str | None], list[str | None]]:
    """The time of each head, and its sender's name and account, where they are plain to see."""
    moments = np.full(len(texts), times.NONE, np.int64)
    told: dict[str, list[str | None]] = {name: [None] * len(texts) for name in ("name", "account")}
    left = np.arange(len(texts))
    for form in _FORMS:
        found = pc.extract_regex(texts.take(pa.array(left)), form)
        fit = found.is_valid().to_numpy(zero_copy_only=False)
        if fit.any():
            some = found.filter(pa.array(fit))
            names = [f.name for f in found.type]
            moments[left[fit]] = times.read_times(some.field(names.index("time")))
            for name, words in told.items():
                if name in names:
                    _note(words, left[fit], some.field(names.index(name)).to_pylist())
        left = left[~fit]
    return moments, told["name"], told["account"]


def _note(told: list[str | None], places: Int64, words: list[str]) -> None:
    for place, word in zip(places.tolist(), words, strict=True):
        told[place] = word.strip() or None


def _table(rows: Int64, moment: Int64, party: Int64, parties: list[str], key: bytes) -> pa.Table:
    shown, digest = tell_parties(parties, key)
    at = pa.array(party, mask=party < 0)
    types = {f.name: f.type for f in LEDGER}
    filled: dict[str, Any] = {
        "row": pa.array(rows),
        "group": pa.array(np.zeros(len(rows), np.int16)),
        "party": shown.take(at).dictionary_encode().cast(types["party"]),
        "party_kind": words_of(np.minimum(party, 0), ["sender"], types["party_kind"]),
        "party_digest": digest.take(at),
        "time": pa.array(moment, types["time"]),
    }
    schema = pa.schema(list(LEDGER)[2:])
    columns = [filled.get(f.name, pa.nulls(len(rows), f.type)) for f in schema]
    return pa.Table.from_arrays(columns, schema=schema)
