"""Reference implementation of the attributes: one value at a time, from tables and libraries."""

import datetime
from functools import cache
from typing import Any

import phonenumbers
from phonenumbers import geocoder
from stdnum.iso7064 import mod_11_2

from tests.oracles.numbers import day_of, table

Attributes = dict[str, Any]
NO_PLACE_NAMES = ("市辖区", "市区", "县", "市", "直辖县", "省直辖县级行政单位", "省直辖行政单位")
NO_PLACE_NAMES += ("省直辖县级行政区划",)


@cache
def regions() -> dict[str, tuple[str, list[str]]]:
    """Return (name, earlier names) of each region code."""
    return {row[0]: (row[5], row[6].split(" ")) for row in table("regions")}


def region(code: str) -> Attributes:
    """Return the names of a region code whose last characters may be masked."""
    permits = {"81": "香港特别行政区", "82": "澳门特别行政区", "83": "台湾省"}
    attributes: Attributes = {}
    if code[:2] in permits:
        attributes["province"] = permits[code[:2]]
    elif code[:2] + "0000" in regions():
        attributes["province"] = regions()[code[:2] + "0000"][0]
    if not code[:6].isdigit() or len(code) < 6:
        code = code[:4] if code[:4].isdigit() else ""
    elif attributes:
        attributes["region_code"] = code[:6]
    if code[:2] in permits or code[:2] == "71":
        return attributes
    if (name := regions().get(code[:4] + "00", ("市",))[0]) not in NO_PLACE_NAMES and code[
        2:4
    ] != "00":
        attributes["prefecture"] = name
    name, earlier = regions().get(code[:6], ("市", []))
    if len(code) == 6 and code[4:] != "00" and name not in NO_PLACE_NAMES:
        attributes["county"] = name
        attributes["county_earlier"] = "、".join(
            e for e in earlier if e and e not in NO_PLACE_NAMES
        )
    return {key: value for key, value in attributes.items() if value}


def birth(text: str, as_of: datetime.date) -> Attributes:
    """Return birth date and age from eight digits, and an empty dict if they are no date."""
    born = day_of(text)
    if born is None:
        return {}
    attributes: Attributes = {"birth_date": born.isoformat(), "birth_year": born.year}
    if born <= as_of:
        had_birthday = (as_of.month, as_of.day) >= (born.month, born.day)
        attributes["age"] = as_of.year - born.year - (not had_birthday)
        attributes["under_14"] = attributes["age"] < 14
    return attributes


def resident(value: str, as_of: datetime.date) -> Attributes:
    """Return the attributes of a resident identity number of 15 or 18 characters."""
    old = len(value) == 15
    if not (value.isdigit() if old else len(value) == 18 and value[:17].isdigit()):
        return {}
    digits = value[:6] + "19" + value[6:] if old else value[:17]
    attributes = region(value[:6]) | {"sex": "male" if int(digits[16]) % 2 else "female"}
    if old and int(digits[14:]) >= 996:
        return attributes
    attributes |= birth(digits[6:14], as_of)
    if old and "birth_date" in attributes:
        attributes["derived_id_18"] = digits + mod_11_2.calc_check_digit(digits)
    return attributes


def mobile(value: str) -> Attributes:
    """Return carrier and place of a mobile number."""
    attributes: Attributes = {}
    for prefix, carrier, kind in table("mobile_prefixes"):
        if value.startswith(prefix):
            attributes = {"carrier": carrier, "carrier_kind": kind}
    # The geocoder rejects numbers whose prefix it does not know, such as 146.
    number = phonenumbers.PhoneNumber(country_code=86, national_number=int(value))
    place = geocoder.description_for_valid_number(number, "zh")
    return attributes | ({} if place in ("", "中国") else {"place": place})


def card(value: str) -> Attributes:
    """Return bank and kind of a bank card number, by its longest listed prefix."""
    best: tuple[str, ...] = ()
    for prefix, length, bank, kind in table("bins"):
        if (
            value.startswith(prefix)
            and len(value) == int(length)
            and len(prefix) > len(best[0] if best else "")
        ):
            best = (prefix, bank, kind)
    return {"bank": best[1], "card_kind": best[2]} if best else {}


def common_word(name: str, head: str, column: int) -> str | None:
    """Return the word that all listed numbers beginning with ``head`` have in common, or None."""
    rows = [r for r in table(name) if r[0].startswith(head) or head.startswith(r[0])]
    words = {row[column] for row in rows}
    return words.pop() if len(words) == 1 else None
