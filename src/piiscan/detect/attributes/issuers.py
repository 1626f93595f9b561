"""Issuers of numbers: bank and kind of a card, courier of a waybill, operator of a SIM card.

``6217000000000000000 -> 建设银行, 借记卡``, ``SF000000001 -> 顺丰速运``
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.data import rows
from piiscan.detect.arithmetic.char_matrix import (
    AttributeColumns,
    PrefixTable,
    digits_of,
    lengths_of,
    take_words,
    unambiguous_prefixes,
    word_array,
)

#: Digits of the longest issuer number in the table.
_BIN: Final = 10
_OPERATOR: Final = 6


@cache
def _banks() -> tuple[PrefixTable, pa.Array, pa.Array]:
    """Return the prefix table of issuer numbers (subkey: card length), bank and kind of each."""
    table = rows("bins")
    prefixes = PrefixTable.of([row[0] for row in table], [int(row[1]) for row in table])
    return prefixes, word_array(row[2] for row in table), word_array(row[3] for row in table)


@cache
def certain_banks() -> Mapping[str, str]:
    """Return card head -> bank, for heads of bank card numbers that only one bank issues."""
    return unambiguous_prefixes((prefix, bank) for prefix, _, bank, _ in rows("bins"))


def describe_card(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return bank and kind (借记卡, 贷记卡 …) of bank card numbers; null if unlisted.

    >>> found = describe_card(pa.array(["6217000000000000000"]), "", as_of=20261231)
    >>> found["bank"].to_pylist(), found["card_kind"].to_pylist()
    (['建设银行'], ['借记卡'])
    """
    del recognizer, as_of
    prefixes, banks, kinds = _banks()
    place = prefixes.find(digits_of(values, _BIN), np.minimum(lengths_of(values), 99))
    return {"bank": take_words(banks, place), "card_kind": take_words(kinds, place)}


@cache
def couriers() -> dict[str, str]:
    """Return recognizer id of a waybill number -> Chinese name of its courier."""
    return {recognizer: name for recognizer, name, _ in rows("couriers")}


def describe_waybill(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return the courier of waybill numbers; for international mail also the country.

    The country is two letters (alpha-2).

    >>> describe_waybill(pa.array(["SF000000001"]), "waybill.sf", as_of=1)["carrier"].to_pylist()
    ['顺丰速运']
    >>> describe_waybill(pa.array(["RB123456785GB"]), "waybill.s10", as_of=1)["country"].to_pylist()
    ['GB']
    """
    import pyarrow.compute as pc

    del as_of
    if recognizer == "waybill.s10":
        country = pc.utf8_slice_codeunits(values, 11, 13)
        home = pc.if_else(pc.equal(country, "CN"), couriers()["waybill.ems"], None)
        return {"country": country, "carrier": home}
    name = couriers().get(recognizer)
    return {"carrier": pa.array([name] * len(values), pa.string())} if name else {}


@cache
def _operators() -> tuple[PrefixTable, pa.Array]:
    """Return the prefix table of mobile operators and the operator of each prefix."""
    table = rows("operators")
    return PrefixTable.of([row[0] for row in table]), word_array(row[1] for row in table)


def describe_sim(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return the operator of IMSIs, SIM card numbers (ICCID) and IoT numbers.

    The first digits give it: 460 and network, 8986 and issuer.

    >>> values = pa.array(["460070000000005", "89861100000000000032", "1400000000000"])
    >>> describe_sim(values, "", as_of=1)["carrier"].to_pylist()
    ['中国移动', '中国电信', '中国联通']
    """
    del recognizer, as_of
    prefixes, names = _operators()
    return {"carrier": take_words(names, prefixes.find(digits_of(values, _OPERATOR)))}
