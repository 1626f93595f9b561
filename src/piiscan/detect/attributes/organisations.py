"""Attributes of organisations: department and kind by code, courier or bank by name.

A courier or bank near a person's data only carried a parcel or has an account.  It is therefore
marked and not counted as an employer or source.  ``顺丰快递 -> 快递, 顺丰速运``
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

import pyarrow as pa

from piiscan.data import rows
from piiscan.detect.arithmetic.char_matrix import AttributeColumns, digits_of
from piiscan.detect.attributes.issuers import couriers
from piiscan.detect.attributes.region_codes import name_regions

#: Registering departments by one character of a code, kinds of organisation by two.
_CODES: Final = dict(rows("credit_codes"))

#: Words of a bank's branch; a bank may be named in full or abbreviated (招行长沙分行).
_BRANCH: Final = "(?:支行|分行|总行|分理处|营业部|营业厅|储蓄所|卡中心|信用卡中心)"
_BANK: Final = (
    "^(?:(?P<bank>.{2,12}?银行|.{1,10}?信用(?:合作)?(?:联)?社)"
    "(?:股份有限公司|有限责任公司|有限公司)?"
    f"(?:.{{0,20}}{_BRANCH})?|[招工建农中交][行商].{{0,16}}{_BRANCH})$"
)
#: Words that make a brand a courier; without them 京东 is a shop and 天天 a common word.
_COURIER_WORDS: Final = "物流|快递|速运|快运|速递"
_AMBIGUOUS: Final = ("京东", "天天", "跨越", "优速")


def describe_credit_code(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return department, kind of organisation and region of unified social credit codes.

    >>> found = describe_credit_code(pa.array(["91430100MA0000007Q"]), "", as_of=20261231)
    >>> found["organisation_kind"].to_pylist(), found["prefecture"].to_pylist()
    (['企业'], ['长沙市'])
    """
    import pyarrow.compute as pc

    del recognizer, as_of
    return {
        "department": _look_up(pc.utf8_slice_codeunits(values, 0, 1), _CODES),
        "organisation_kind": _look_up(pc.utf8_slice_codeunits(values, 0, 2), _CODES),
        **name_regions(digits_of(values, 8)[2:]),
    }


def describe_licence(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return the region of the registrar of 15-digit business licence numbers (GS 15-2006).

    Region code, province, prefecture and county; null if unknown. Only ``values`` count.
    """
    del recognizer, as_of
    return name_regions(digits_of(values, 6))


def describe_organisation(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return kind (快递 or 银行) and brand of couriers and banks by name; else null.

    >>> names = pa.array(["顺丰快递", "招商银行长沙分行", "示例公司"])
    >>> found = describe_organisation(names, "", as_of=20261231)
    >>> found["organisation_kind"].to_pylist(), found["carrier"].to_pylist()
    (['快递', '银行', None], ['顺丰速运', None, None])
    >>> found["bank"].to_pylist()
    [None, '招商银行', None]
    """
    import pyarrow.compute as pc

    del recognizer, as_of
    known = pa.array([name for _, name in _brands()])
    brand = pc.struct_field(pc.extract_regex(values, _courier_regex()), "brand")
    alone = pc.struct_field(pc.extract_regex(values, _courier_regex(alone=True)), "brand")
    words = pa.array([word for word, _ in _brands()])
    carrier = known.take(pc.index_in(pc.coalesce(alone, brand), words))
    is_bank = pc.match_substring_regex(values, _BANK.replace("?P<bank>", ""))
    bank = pc.struct_field(pc.extract_regex(values, _BANK), "bank")
    kind = pc.if_else(is_bank, "银行", pc.if_else(pc.is_valid(carrier), "快递", None))
    none = pa.nulls(len(values), pa.string())
    return {
        "organisation_kind": kind,
        "carrier": pc.if_else(is_bank, none, carrier),
        "bank": pc.if_else(pc.equal(bank, ""), none, bank),
    }


def _brands() -> Iterator[tuple[str, str]]:
    """Yield (brand, full name) for every courier: 顺丰 and 顺丰速运."""
    for name in couriers().values():
        yield name, name
        short = re.sub(f"(?:{_COURIER_WORDS})$", "", name)
        for word in re.split("[（）]", short):
            if word:
                yield word, name


@cache
def _courier_regex(*, alone: bool = False) -> str:
    """Return a regular expression that captures the brand of a courier's name.

    ``alone``: only the unambiguous brand by itself; else the brand with a word such as 快递.
    """
    words = dict.fromkeys(word for word, _ in _brands())
    if alone:
        return f"^(?P<brand>{'|'.join(w for w in words if w not in _AMBIGUOUS)})$"
    return f"^.{{0,6}}?(?P<brand>{'|'.join(words)})(?:{_COURIER_WORDS}).{{0,30}}$"


def _look_up(codes: pa.Array, table: dict[str, str]) -> pa.Array:
    """Return ``table[code]`` for each code, null if absent."""
    import pyarrow.compute as pc

    return pa.array(list(table.values())).take(pc.index_in(codes, pa.array(list(table))))
