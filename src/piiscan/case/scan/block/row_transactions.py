"""Row transactions: purchases and sales that the columns of a block record, as TRANSACTIONS rows.

A row can be obtained and sold.  Each of the two has its price, time and party, and its own
TRANSACTIONS row, called a leg.  A status cell has priority over filled-in columns: a list with
asking prices is not sold because it has a price.  An unreadable value is marked, never guessed.
``已售 | 800元 | 李四 -> sold, 800.00, 李*``
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
    TransactionTerms,
    normalize_word,
)
from piiscan.masking.mask import mask_values
from piiscan.parsing import prices, times
from piiscan.parsing.party_names import digest_parties
from piiscan.schemas import TRANSACTIONS
from piiscan.sources.block import DATA, Block
from piiscan.tabular.layout import ColumnLayout, TableLayout

#: Statuses of TRANSACTIONS in the order of their rows; the last is null.
_LEGS: Final = (OBTAINED, SOLD, PROVIDED, RECOVERED, KEPT, None)
_BITS: Final = {status: 1 << number for number, status in enumerate(STATUSES)}
_PARTIES: Final = {OBTAINED: ("seller", "source"), SOLD: ("buyer",), PROVIDED: ("buyer",)}
_PARTY_KINDS: Final = ("buyer", "seller")


@dataclass(frozen=True, slots=True)
class _Leg:
    """One status of some rows: their indices, prices in fen, times, and codes of parties."""

    rows: Int64
    price: Int64
    time: Int64
    party: Int64  # index into the parties, -1 for none
    party_kind: int
    channel: Int64


class _TableSide:
    """One table among tables side by side in a block, read column by column."""

    def __init__(
        self, block: Block, columns: dict[int, ColumnLayout], terms: TransactionTerms
    ) -> None:
        self._block, self._columns, self._terms = block, columns, terms
        self.data = np.ones(len(block.rows), np.bool_)
        if block.kinds is not None:
            self.data = block.kinds == DATA

    def _columns_of(self, kind: str) -> list[int]:
        """Return the numbers of the columns with the transaction field ``kind``."""
        return [number for number, column in self._columns.items() if column.transaction == kind]

    def _read(self, number: int, read: Any, none: int) -> Int64:
        """Return ``read(text)`` of each cell in column ``number``; ``none`` for blank cells.

        ``read`` is called once per distinct text.
        """
        encoded = self._block.columns[number].dictionary_encode()
        read_words = [
            none if normalize_word(text) in ("", *self._terms.nothing) else read(text)
            for text in encoded.dictionary.to_pylist()
        ]
        table = np.array([*read_words, none], np.int64)
        found: Int64 = table[
            encoded.indices.fill_null(len(read_words)).to_numpy(zero_copy_only=False)
        ]
        return found

    def stated_statuses(self) -> Int64:
        """Return the status bits that the cells of each row name (``int64[n]``)."""
        bits = np.zeros(len(self.data), np.int64)
        for number in self._columns_of("status"):
            bits |= self._read(number, self._statuses, 0)
        for number in self._columns_of("sold_flag"):
            bits |= self._read(number, self._sold_status, 0)
        return bits

    def _statuses(self, text: str) -> int:
        """Return the status bits of the words in a status cell: ``已售 -> SOLD``."""
        return sum(_BITS[status] for status in self._terms.statuses(text))

    def _sold_status(self, text: str) -> int:
        """Return the status bit of a ``sold`` cell: SOLD for yes (是), KEPT for no (否), else 0."""
        answer = self._terms.answers.get(normalize_word(text))
        return 0 if answer is None else _BITS[SOLD if answer == "yes" else KEPT]

    def price(self, *kinds: str) -> Int64:
        """Return the price of each row in fen, UNREADABLE or NONE (``int64[n]``).

        It is taken from the first filled column, in the order of ``kinds``.
        """
        price = np.full(len(self.data), prices.NONE, np.int64)
        for number in [n for kind in kinds for n in self._columns_of(kind)]:
            unit = self._columns[number].fen_per_unit

            def read(text: str, unit: int | None = unit) -> int:
                """Return the price in ``text`` in fen, UNREADABLE or NONE."""
                return prices.UNREADABLE if unit is None else prices.parse_price(text, factor=unit)

            price = np.where(price == prices.NONE, self._read(number, read, prices.NONE), price)
        return price

    def time(self, kind: str) -> tuple[Int64, Bool]:
        """Return the time of each row in seconds or NONE, and True where a cell is filled."""
        time = np.full(len(self.data), times.NONE, np.int64)
        filled = np.zeros(len(self.data), np.bool_)
        for number in self._columns_of(kind):
            cells = self._block.columns[number]
            time = np.where(time == times.NONE, times.parse_times(cells), time)
            blank = pc.is_in(pc.utf8_trim_whitespace(cells), pa.array(["", *self._terms.nothing]))
            filled |= ~blank.fill_null(True).to_numpy(
                zero_copy_only=False
            ) & cells.is_valid().to_numpy(zero_copy_only=False)
        return time, filled

    def words(self, codes: dict[str, int], *kinds: str) -> Int64:
        """Return the code of each row's first filled cell, -1 for none (``int64[n]``).

        ``codes`` gets new words; columns are read in the order of ``kinds``.
        """
        found = np.full(len(self.data), -1, np.int64)

        def read(text: str) -> int:
            """Return the code of ``text`` in ``codes``; a new text gets the next code."""
            return codes.setdefault(" ".join(text.split()), len(codes))

        for number in [n for kind in kinds for n in self._columns_of(kind)]:
            found = np.where(found < 0, self._read(number, read, -1), found)
        return found


def build_transactions(
    block: Block, layout: TableLayout, *, terms: TransactionTerms, key: bytes
) -> pa.Table | None:
    """Build the TRANSACTIONS rows of a block without source and member.

    Return None if no column has a transaction field.
    """
    columns = {n: layout.column(n) for n in range(len(block.columns))}
    groups = sorted({column.group for column in columns.values() if column.transaction})
    if not groups:
        return None
    parties: dict[str, int] = {}
    channels: dict[str, int] = {}
    legs = []
    for group in groups:
        side = {n: column for n, column in columns.items() if column.group == group}
        for number, leg in enumerate(_legs(_TableSide(block, side, terms), parties, channels)):
            legs.append((group, number, leg))
    return _table(block, legs, list(parties), list(channels), key)


def _legs(side: _TableSide, parties: dict[str, int], channels: dict[str, int]) -> list[_Leg]:
    """Return per status the rows that have it, with their price, time, party and channel."""
    stated = side.stated_statuses()
    times_of = {status: side.time(f"time_{status}") for status in (OBTAINED, SOLD, RECOVERED)}
    status_prices = {status: side.price(f"price_{status}") for status in (OBTAINED, SOLD)}
    party_of_leg = {leg: side.words(parties, *_PARTIES.get(leg or "", ())) for leg in _LEGS}
    has_seller = side.words(parties, "seller") >= 0
    has_status = {status: (stated & _BITS[status]) != 0 for status in STATUSES}
    is_kept = has_status[KEPT] & ~has_status[SOLD]
    has_status[OBTAINED] |= (
        times_of[OBTAINED][1] | (status_prices[OBTAINED] != prices.NONE) | has_seller
    )
    has_status[SOLD] |= ~is_kept & (
        times_of[SOLD][1] | (~has_status[PROVIDED] & (party_of_leg[SOLD] >= 0))
    )
    has_status[RECOVERED] |= times_of[RECOVERED][1]
    default_leg = _default_leg(stated, has_status)
    price, (time, _) = side.price("price", "price_unit"), side.time("time")
    channel = side.words(channels, "channel")
    found = []
    for number, leg in enumerate(_LEGS):
        is_default = default_leg == number
        price_of_leg = status_prices.get(leg or "", np.full(len(stated), prices.NONE))
        price_of_leg = np.where(
            (price_of_leg == prices.NONE) & is_default & ~is_kept, price, price_of_leg
        )
        moment = times_of[leg][0] if leg in times_of else np.full(len(stated), times.NONE)
        moment = np.where((moment == times.NONE) & is_default, time, moment)
        if leg is None:
            price_of_leg = np.where(
                (price_of_leg == prices.NONE) & is_default & ~is_kept,
                status_prices[SOLD],
                price_of_leg,
            )
            party_of_leg[None] = side.words(parties, "source")
            filled = (price_of_leg != prices.NONE) | (moment != times.NONE) | (channel >= 0)
            rows = is_default & (filled | (party_of_leg[None] >= 0))
        else:
            rows = is_kept if leg == KEPT else has_status[leg]
        at = np.flatnonzero(rows & side.data)
        party_kind = 0 if leg in (SOLD, PROVIDED) else 1
        found.append(
            _Leg(at, price_of_leg[at], moment[at], party_of_leg[leg][at], party_kind, channel[at])
        )
    return found


def _default_leg(stated: Int64, has_status: dict[str, Bool]) -> Int64:
    """Return, per row, the index in _LEGS of the status that an unmarked price belongs to.

    The same is true of an unmarked time. It is the leg that the status cell names (sold before
    obtained), else the one that the row has.
    """
    leg_of_row = np.full(len(stated), len(_LEGS) - 1)
    order = (RECOVERED, PROVIDED, OBTAINED, SOLD)
    for status in order:
        leg_of_row[has_status[status]] = _LEGS.index(status)
    for status in order:
        leg_of_row[(stated & _BITS[status]) != 0] = _LEGS.index(status)
    return leg_of_row


def _table(
    block: Block,
    legs: list[tuple[int, int, _Leg]],
    parties: list[str],
    channels: list[str],
    key: bytes,
) -> pa.Table:
    """Return the legs as TRANSACTIONS rows, sorted by row, group and status."""
    rows = np.concatenate([leg.rows for _, _, leg in legs])
    group = np.concatenate([np.full(len(leg.rows), g) for g, _, leg in legs])
    status = np.concatenate([np.full(len(leg.rows), s) for _, s, leg in legs])
    order = np.lexsort((status, group, rows))

    def joined(name: str) -> Int64:
        """Return the field ``name`` of all legs as one array, in the order of the rows."""
        return np.concatenate([getattr(leg, name) for _, _, leg in legs])[order]

    price, time, party = joined("price"), joined("time"), joined("party")
    kind = np.concatenate([np.full(len(leg.rows), leg.party_kind) for _, _, leg in legs])[order]
    masked, digest = mask_parties(parties, key)
    unread = price == prices.UNREADABLE
    type_of = {f.name: f.type for f in TRANSACTIONS}
    party_index = pa.array(party, mask=party < 0)
    statuses = [leg for leg in _LEGS if leg is not None]
    status_code = status[order]
    columns: list[Any] = [
        pa.array(block.rows[rows[order]]),
        pa.array(group[order].astype(np.int16)),
        dictionary_array(
            np.where(status_code < len(statuses), status_code, -1), statuses, type_of["status"]
        ),
        masked.take(party_index).dictionary_encode().cast(type_of["party"]),
        dictionary_array(np.where(party < 0, -1, kind), list(_PARTY_KINDS), type_of["party_kind"]),
        digest.take(party_index),
        yuan_of_fen(price),
        dictionary_array(np.where(unread, 0, -1), ["UNREADABLE"], type_of["price_state"]),
        pa.array(time, pa.timestamp("s"), mask=time == times.NONE),
        dictionary_array(joined("channel"), channels, type_of["channel"]),
    ]
    return pa.Table.from_arrays(columns, schema=pa.schema(list(TRANSACTIONS)[2:]))


def mask_parties(parties: list[str], key: bytes) -> tuple[pa.Array, pa.Array]:
    """Return mask and digest of each party; equal digests for ``张 三`` and ``张三``."""
    compared = [normalize_word(party) for party in parties]
    kinds = np.array([_party_mask(party) for party in compared], np.int64)
    masks = [("CN_MOBILE", ""), ("PERSON", ""), ("PARTY", "")]
    masked = mask_values(pa.array(compared, pa.string()), kinds, names=masks)
    return masked, digest_parties(parties, key)


def _party_mask(party: str) -> int:
    """Return the index of a party's mask: 0 mobile number, 1 name with Hanzi, 2 other."""
    if len(party) == 11 and party.isdigit() and party.startswith("1"):
        return 0
    return 1 if not party.isascii() else 2


def dictionary_array(numbers: Int64, words: list[str], type_: Any) -> pa.Array:
    """Return a dictionary array of ``type_``, null for -1."""
    indices = pa.array(numbers, mask=numbers < 0).cast(type_.index_type)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))


def yuan_of_fen(fen: Int64) -> pa.Array:
    """Return whole fen as yuan (``decimal128(18, 2)``), null if negative."""
    halves = np.zeros((len(fen), 2), np.int64)
    halves[:, 0] = np.maximum(fen, 0)
    valid = pa.py_buffer(np.packbits(fen >= 0, bitorder="little"))
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(fen), [valid, pa.py_buffer(halves)])
