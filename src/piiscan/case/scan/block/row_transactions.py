"""What a block's columns say of buying and selling: LEDGER rows.

A row can be obtained and sold; each of the two has its price, time and party, and its own LEDGER
row.  What a status cell says outright counts before what is filled in: a list with asking prices
is not sold because a price stands there.  What cannot be read is said so, and nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Bool, Int64
from piiscan.detect.catalog.transaction_terms import (
    KEPT,
    OBTAINED,
    PROVIDED,
    RECOVERED,
    SOLD,
    STATUSES,
    Ledger,
    as_compared,
)
from piiscan.hashing.digest import digest_values
from piiscan.masking.mask import mask_values
from piiscan.parsing import prices, times
from piiscan.schemas import LEDGER
from piiscan.sources.block import DATA, Block
from piiscan.tabular.layout import Column, Frame

#: Statuses of LEDGER in the order of their rows; the last is null.
_LEGS: Final = (OBTAINED, SOLD, PROVIDED, RECOVERED, None)
_BITS: Final = {status: 1 << number for number, status in enumerate(STATUSES)}
_PARTIES: Final = {OBTAINED: ("seller", "source"), SOLD: ("buyer",), PROVIDED: ("buyer",)}
_KINDS: Final = ("buyer", "seller")


@dataclass(frozen=True, slots=True)
class _Leg:
    """One status of some rows: which rows, prices (fen), times, columns of the parties."""

    rows: Int64
    price: Int64
    time: Int64
    party: Int64  # word numbers, -1 for none
    party_kind: int
    channel: Int64


class _Side:
    """One of the tables side by side in a block, its cells read column by column."""

    def __init__(self, block: Block, columns: dict[int, Column], ledger: Ledger) -> None:
        self._block, self._columns, self._ledger = block, columns, ledger
        self.data = np.ones(len(block.rows), np.bool_)
        if block.kinds is not None:
            self.data = block.kinds == DATA

    def _of(self, kind: str) -> list[int]:
        return [number for number, column in self._columns.items() if column.trade == kind]

    def _read(self, number: int, read: Any, none: int) -> Int64:
        """``read`` of each cell's text, once for each distinct one; ``none`` where it is blank."""
        encoded = self._block.columns[number].dictionary_encode()
        known = [
            none if as_compared(text) in ("", *self._ledger.nothing) else read(text)
            for text in encoded.dictionary.to_pylist()
        ]
        table = np.array([*known, none], np.int64)
        found: Int64 = table[encoded.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)]
        return found

    def said(self) -> Int64:
        """Per row the bits of the statuses that its cells name."""
        bits = np.zeros(len(self.data), np.int64)
        for number in self._of("status"):
            bits |= self._read(number, self._statuses, 0)
        for number in self._of("sold_flag"):
            bits |= self._read(number, self._answer, 0)
        return bits

    def _statuses(self, text: str) -> int:
        return sum(_BITS[status] for status in self._ledger.statuses(text))

    def _answer(self, text: str) -> int:
        answer = self._ledger.answers.get(as_compared(text))
        return 0 if answer is None else _BITS[SOLD if answer == "yes" else KEPT]

    def price(self, *kinds: str) -> Int64:
        """Fen, UNREADABLE or NONE: of the first column of the first kind that has any."""
        price = np.full(len(self.data), prices.NONE, np.int64)
        for number in [n for kind in kinds for n in self._of(kind)]:
            unit = self._columns[number].unit

            def read(text: str, unit: int | None = unit) -> int:
                return prices.UNREADABLE if unit is None else prices.read_price(text, factor=unit)

            price = np.where(price == prices.NONE, self._read(number, read, prices.NONE), price)
        return price

    def time(self, kind: str) -> tuple[Int64, Bool]:
        """The times of a kind, and where anything was written."""
        time = np.full(len(self.data), times.NONE, np.int64)
        filled = np.zeros(len(self.data), np.bool_)
        for number in self._of(kind):
            cells = self._block.columns[number]
            time = np.where(time == times.NONE, times.read_times(cells), time)
            blank = pc.is_in(pc.utf8_trim_whitespace(cells), pa.array(["", *self._ledger.nothing]))
            filled |= ~blank.fill_null(True).to_numpy(
                zero_copy_only=False
            ) & cells.is_valid().to_numpy(zero_copy_only=False)
        return time, filled

    def words(self, words: dict[str, int], *kinds: str) -> Int64:
        """The number in ``words`` of each cell of the first column that has any, -1 for none."""
        found = np.full(len(self.data), -1, np.int64)

        def read(text: str) -> int:
            return words.setdefault(" ".join(text.split()), len(words))

        for number in [n for kind in kinds for n in self._of(kind)]:
            found = np.where(found < 0, self._read(number, read, -1), found)
        return found


def tell_trades(block: Block, frame: Frame, *, ledger: Ledger, key: bytes) -> pa.Table | None:
    """The LEDGER rows of a block without source and member; None if no column tells of trades."""
    columns = {n: frame.column(n) for n in range(len(block.columns))}
    groups = sorted({column.group for column in columns.values() if column.trade})
    if not groups:
        return None
    parties: dict[str, int] = {}
    channels: dict[str, int] = {}
    legs = []
    for group in groups:
        own = {n: column for n, column in columns.items() if column.group == group}
        for number, leg in enumerate(_legs(_Side(block, own, ledger), parties, channels)):
            legs.append((group, number, leg))
    return _table(block, legs, list(parties), list(channels), key)


def _legs(side: _Side, parties: dict[str, int], channels: dict[str, int]) -> list[_Leg]:
    """One for each of _LEGS: which rows are of that status, and what belongs to it."""
    said = side.said()
    known = {status: side.time(f"time_{status}") for status in (OBTAINED, SOLD, RECOVERED)}
    own_prices = {status: side.price(f"price_{status}") for status in (OBTAINED, SOLD)}
    who = {leg: side.words(parties, *_PARTIES.get(leg or "", ())) for leg in _LEGS}
    named = side.words(parties, "seller") >= 0
    is_ = {status: (said & _BITS[status]) != 0 for status in STATUSES}
    kept = is_[KEPT] & ~is_[SOLD]
    is_[OBTAINED] |= known[OBTAINED][1] | (own_prices[OBTAINED] != prices.NONE) | named
    is_[SOLD] |= ~kept & (known[SOLD][1] | (~is_[PROVIDED] & (who[SOLD] >= 0)))
    is_[RECOVERED] |= known[RECOVERED][1]
    owner = _owner(said, is_)
    price, (time, _) = side.price("price", "price_unit"), side.time("time")
    channel = side.words(channels, "channel")
    found = []
    for number, leg in enumerate(_LEGS):
        mine = owner == number
        told = own_prices.get(leg or "", np.full(len(said), prices.NONE))
        told = np.where((told == prices.NONE) & mine & ~kept, price, told)
        moment = known[leg][0] if leg in known else np.full(len(said), times.NONE)
        moment = np.where((moment == times.NONE) & mine, time, moment)
        if leg is None:
            told = np.where((told == prices.NONE) & mine & ~kept, own_prices[SOLD], told)
            who[None] = side.words(parties, "source")
            filled = (told != prices.NONE) | (moment != times.NONE) | (channel >= 0)
            rows = mine & (filled | (who[None] >= 0))
        else:
            rows = is_[leg]
        at = np.flatnonzero(rows & side.data)
        party_kind = 0 if leg in (SOLD, PROVIDED) else 1
        found.append(_Leg(at, told[at], moment[at], who[leg][at], party_kind, channel[at]))
    return found


def _owner(said: Int64, is_: dict[str, Bool]) -> Int64:
    """Which leg of a row a price or time belongs to that its column does not tell.

    That which its status cell names (sold before obtained), else the one that it has.
    """
    owner = np.full(len(said), len(_LEGS) - 1)
    order = (RECOVERED, PROVIDED, OBTAINED, SOLD)
    for status in order:
        owner[is_[status]] = _LEGS.index(status)
    for status in order:
        owner[(said & _BITS[status]) != 0] = _LEGS.index(status)
    return owner


def _table(
    block: Block,
    legs: list[tuple[int, int, _Leg]],
    parties: list[str],
    channels: list[str],
    key: bytes,
) -> pa.Table:
    rows = np.concatenate([leg.rows for _, _, leg in legs])
    group = np.concatenate([np.full(len(leg.rows), g) for g, _, leg in legs])
    status = np.concatenate([np.full(len(leg.rows), s) for _, s, leg in legs])
    order = np.lexsort((status, group, rows))

    def joined(name: str) -> Int64:
        return np.concatenate([getattr(leg, name) for _, _, leg in legs])[order]

    price, time, party = joined("price"), joined("time"), joined("party")
    kind = np.concatenate([np.full(len(leg.rows), leg.party_kind) for _, _, leg in legs])[order]
    shown, digest = tell_parties(parties, key)
    unread = price == prices.UNREADABLE
    type_of = {f.name: f.type for f in LEDGER}
    at = pa.array(party, mask=party < 0)
    statuses = [leg for leg in _LEGS if leg is not None]
    own = status[order]
    columns: list[Any] = [
        pa.array(block.rows[rows[order]]),
        pa.array(group[order].astype(np.int16)),
        words_of(np.where(own < len(statuses), own, -1), statuses, type_of["status"]),
        shown.take(at).dictionary_encode().cast(type_of["party"]),
        words_of(np.where(party < 0, -1, kind), list(_KINDS), type_of["party_kind"]),
        digest.take(at),
        yuan(price),
        words_of(np.where(unread, 0, -1), ["UNREADABLE"], type_of["price_state"]),
        pa.array(time, pa.timestamp("s"), mask=time == times.NONE),
        words_of(joined("channel"), channels, type_of["channel"]),
    ]
    return pa.Table.from_arrays(columns, schema=pa.schema(list(LEDGER)[2:]))


def tell_parties(parties: list[str], key: bytes) -> tuple[pa.Array, pa.Array]:
    """What may be shown of each party, and its digest, equal for one name however written."""
    compared = [as_compared(party) for party in parties]
    kinds = np.array([_looks_like(party) for party in compared], np.int64)
    masks = [("CN_MOBILE", ""), ("PERSON", ""), ("PARTY", "")]
    shown = mask_values(pa.array(compared, pa.string()), kinds, names=masks)
    none = np.zeros(len(compared), np.int64)
    texts = pa.array(compared, pa.string())
    return shown, digest_values(texts, none, entities=["PARTY"], key=key)


def _looks_like(party: str) -> int:
    if len(party) == 11 and party.isdigit() and party.startswith("1"):
        return 0
    return 1 if not party.isascii() else 2


def words_of(numbers: Int64, words: list[str], type_: Any) -> pa.Array:
    """A dictionary array of ``type_``, null for -1."""
    indices = pa.array(numbers, mask=numbers < 0).cast(type_.index_type)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))


def yuan(fen: Int64) -> pa.Array:
    """``decimal128(18, 2)`` of whole fen, null where they are negative."""
    halves = np.zeros((len(fen), 2), np.int64)
    halves[:, 0] = np.maximum(fen, 0)
    valid = pa.py_buffer(np.packbits(fen >= 0, bitorder="little"))
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(fen), [valid, pa.py_buffer(halves)])
