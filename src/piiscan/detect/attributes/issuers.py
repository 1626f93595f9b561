"""Who gave a number out: bank and kind of a card, courier of a waybill, operator of a SIM card."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.data import rows
from piiscan.detect.arithmetic.char_matrix import (
    Derived,
    Prefixes,
    certain,
    digits_of,
    lengths_of,
    listed,
    picked,
)

#: Digits of the longest issuer number in the table.
_BIN: Final = 10
_OPERATOR: Final = 6


@cache
def _banks() -> tuple[Prefixes, pa.Array, pa.Array]:
    """Issuer numbers told apart by the length of the card; bank and kind of each."""
    table = rows("bins")
    prefixes = Prefixes.of([row[0] for row in table], [int(row[1]) for row in table])
    return prefixes, listed(row[2] for row in table), listed(row[3] for row in table)


@cache
def certain_banks() -> Mapping[str, str]:
    """Head of a masked card -> the only bank whose cards begin so."""
    return certain((prefix, bank) for prefix, _, bank, _ in rows("bins"))


def describe_card(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """Bank and kind (借记卡, 贷记卡 …) of cards whose issuer number and length are in the table.

    >>> told = describe_card(pa.array(["6217000000000000000"]), "", as_of=20261231)
    >>> told["bank"].to_pylist(), told["card_kind"].to_pylist()
    (['建设银行'], ['借记卡'])
    """
    del recognizer, as_of
    prefixes, banks, kinds = _banks()
    place = prefixes.places(digits_of(values, _BIN), np.minimum(lengths_of(values), 99))
    return {"bank": picked(banks, place), "card_kind": picked(kinds, place)}


@cache
def couriers() -> dict[str, str]:
    """Recognizer of a waybill -> the courier's Chinese name."""
    return {recognizer: name for recognizer, name, _ in rows("couriers")}


def describe_waybill(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """The courier that the recognizer stands for; of international mail its country (alpha-2).

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
def _operators() -> tuple[Prefixes, pa.Array]:
    table = rows("operators")
    return Prefixes.of([row[0] for row in table]), listed(row[1] for row in table)


def describe_sim(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """Operator of an IMSI (460 and network), a SIM card number (8986 and issuer), an IoT number.

    >>> values = pa.array(["460070000000005", "89861100000000000032", "1400000000000"])
    >>> describe_sim(values, "", as_of=1)["carrier"].to_pylist()
    ['中国移动', '中国电信', '中国联通']
    """
    del recognizer, as_of
    prefixes, names = _operators()
    return {"carrier": picked(names, prefixes.places(digits_of(values, _OPERATOR)))}
