"""Look-up queries: whole values by digest, masked values and endings by visible characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

#: 尾号3897, 手机尾号是3897, 后四位 3897.
_TAIL: Final = re.compile(
    r"(?:手机|电话|手机号|号码|卡号|银行卡|身份证)?(?:尾号|尾數|尾数|后[四4]位|末[四4]位)[为是:\s]*([0-9]{1,17}[0-9Xx])"
)
_MASKED_NAME: Final = re.compile(r"[一-鿿·*]{2,6}")
_STAR_SIGNS: Final = str.maketrans(dict.fromkeys("＊×•●○", "*"))
#: Entities of names; a masked name is compared with these only.
NAME_ENTITIES: Final = ("PERSON", "NICKNAME")
#: Entities that people identify by their ending (尾号).
ENDING_ENTITIES: Final = (
    "CN_MOBILE", "CN_LANDLINE", "CN_VIRTUAL_NUMBER", "CN_WAYBILL", "CN_BANK_CARD", "CN_RESIDENT_ID",
    "CN_FOREIGN_PR_ID", "MASKED", "PHONE_NUMBER", "PHONE_TAIL",
)  # fmt: skip
#: Those of them that can have an extension (``;``).
_EXTENSION_ENTITIES: Final = ("CN_LANDLINE", "CN_VIRTUAL_NUMBER")
#: Visible characters that must agree before two masks count as one value.
_MIN_SHOWN: Final = 4
#: Characters at the end of masked identity numbers, and lengths of these numbers.
_IDENTITY_TAIL: Final = 3
_IDENTITY_LENGTHS: Final = (15, 18)


@dataclass(frozen=True, slots=True)
class Query:
    """One query: its number among the given texts, and its text for display.

    ``digests``: digests under every entity and form. ``masks``: masked copies the case may contain.
    ``mask``: the masked value that was queried. ``tail``: the ending that was queried.
    """

    number: int
    shown: str
    digests: Sequence[bytes] = field(default=(), repr=False)
    masks: Sequence[str] = field(default=(), repr=False)
    mask: str | None = field(default=None, repr=False)
    tail: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Conditions on the record of a finding: surname, region, days, kinds.

    ``surname``: a person of that name is in the record. ``region``: a province, or text of an
    address. ``since``, ``until``: transaction time, [since, until). ``kinds``: entities of the
    value found.
    """

    surname: str | None = field(default=None, repr=False)
    region: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    kinds: tuple[str, ...] = ()

    @property
    def needs_record(self) -> bool:
        """Return True if the filter reads other findings or transactions of a record."""
        return any((self.surname, self.region, self.since, self.until))


def parse_ending(text: str) -> str | None:
    """Return the digits of an ending: ``尾号3897 -> 3897``; None for any other text.

    >>> parse_ending("手机尾号为3897"), parse_ending("尾号３８９７"), parse_ending("13800138000")
    ('3897', '3897', None)
    """
    found = _TAIL.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return found[1].upper() if found else None


def parse_mask(text: str) -> str | None:
    """Return a masked query with ``*`` per hidden character; None if no character is hidden.

    >>> parse_mask("138●●●●8000"), parse_mask("138xxxx8000"), parse_mask("张＊"), parse_mask("张三")
    ('138****8000', '138****8000', '张*', None)
    """
    normalized = "".join(unicodedata.normalize("NFKC", text.translate(_STAR_SIGNS)).split())
    if re.fullmatch(r"[0-9]+[xX#]{2,}[0-9]*", normalized):
        normalized = re.sub("[xX#]", "*", normalized)
    visible = normalized.replace("*", "")
    return normalized if "*" in normalized and visible else None


def is_masked_name(mask: str) -> bool:
    """Return True if ``mask`` is a masked name (``张*``), whose ``*`` may hide several letters.

    >>> is_masked_name("张*"), is_masked_name("138****8000")
    (True, False)
    """
    return _MASKED_NAME.fullmatch(mask) is not None


def possible_masks(value: str) -> list[str]:
    """Return the masked forms of a number that a case may contain: ``138****8000``.

    At least 4 digits stay visible; empty for a value that is no number of 8 digits or more.

    >>> len(possible_masks("13800138000")), "138****8000" in possible_masks("13800138000")
    (45, True)
    """
    size = len(value)
    if not re.fullmatch(r"[0-9]{8,}[0-9X]?", value):
        return []
    return [
        value[:head] + "*" * (size - head - tail) + value[size - tail :]
        for head in range(size - 1)
        for tail in range(size - 1 - head)
        if head + tail >= _MIN_SHOWN
    ]


def masks_agree(mask: str, shown: str) -> bool:
    """Return True if two masks can be of one value: ``138****8000`` and ``1******8000``.

    No visible character may differ and at least 4 must agree. The ``*`` of a name or an e-mail
    address hides any number of characters.

    >>> masks_agree("138****8000", "1******8000"), masks_agree("138****8000", "139****8000")
    (True, False)
    >>> masks_agree("张*", "张**")
    True
    """
    if is_masked_name(mask) or "@" in mask:
        pattern = "".join(".+" if c == "*" else re.escape(c) for c in re.sub(r"\*+", "*", mask))
        return re.fullmatch(pattern, shown) is not None
    shown = shown.partition(";")[0]
    if len(mask) != len(shown):
        return False
    compared = [(a, b) for a, b in zip(mask, shown, strict=True) if "*" not in (a, b)]
    return len(compared) >= _MIN_SHOWN and all(a.upper() == b.upper() for a, b in compared)


def may_end_in(tail: str, shown: str) -> bool:
    """Return True if a value masked as ``shown`` can end in ``tail``.

    >>> may_end_in("3897", "138****3897"), may_end_in("13897", "138****3897")
    (True, True)
    >>> may_end_in("3897", "138****"), may_end_in("0016", "4301***********016")
    (False, True)
    """
    shown = shown.partition(";")[0]
    if len(shown) < len(tail):
        return tail.endswith(shown)
    ending = shown[len(shown) - len(tail) :]
    least = _IDENTITY_TAIL if len(shown) in _IDENTITY_LENGTHS else _MIN_SHOWN
    last_characters = ending[-min(len(tail), least) :]
    return "*" not in last_characters and all(
        b in ("*", a) for a, b in zip(tail, ending, strict=True)
    )


def is_certain(query: Query, shown: str) -> bool:
    """Return True if the mask ``shown`` contains every character of the query."""
    shown = shown.partition(";")[0]
    if query.tail is not None:
        return shown.endswith(query.tail)
    return shown == query.mask


def sql_condition(queries: Iterable[Query]) -> str:
    """Return the SQL condition that selects candidates for masked queries, maybe too many."""
    conditions = []
    for each in queries:
        if each.tail is not None:
            last_characters = each.tail[-_MIN_SHOWN:]
            kinds = ", ".join(f"'{kind}'" for kind in ENDING_ENTITIES)
            extended = ", ".join(f"'{kind}'" for kind in _EXTENSION_ENTITIES)
            identity = each.tail[-_IDENTITY_TAIL:]
            conditions.append(
                f"(entity in ({kinds}) and (masked like '%{last_characters}' or"
                f" masked like '%*{identity}' or"
                f" (entity in ({extended}) and masked like '%{last_characters};%')))"
            )
        elif each.mask is not None:
            conditions.append(_mask_sql(each.mask))
    return " or ".join(conditions)


def _mask_sql(mask: str) -> str:
    """Return the SQL condition that a finding's mask agrees with the masked query ``mask``.

    ``mask``: a name, an e-mail address or a number.
    """
    kinds = ", ".join(f"'{kind}'" for kind in NAME_ENTITIES)
    if is_masked_name(mask):
        pattern = "%".join(_like_literal(part) for part in re.split(r"\*+", mask))
        condition = f"entity in ({kinds}) or recognizer = 'masked.name'"
        return f"(({condition}) and masked like '{pattern}' escape '!')"
    if "@" in mask:
        pattern = "%".join(_like_literal(part) for part in re.split(r"\*+", mask))
        return f"(masked like '{pattern}' escape '!')"
    escaped = {c: re.escape(c).replace("'", "''") for c in mask}  # inside an SQL literal
    either = "".join("." if c == "*" else f"(?:{escaped[c]}|[*])" for c in mask)
    shape = f"regexp_full_match(masked, '(?i){either}(?:;.*)?')"
    return f"(entity not in ({kinds}) and length(masked) >= {len(mask)} and {shape})"


def _like_literal(text: str) -> str:
    """Return ``text`` escaped for an SQL ``like`` pattern."""
    for sign in "!%_":
        text = text.replace(sign, "!" + sign)
    return text.replace("'", "''")
