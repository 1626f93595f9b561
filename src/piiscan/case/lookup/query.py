"""What is asked for: whole values by digest, masked ones and endings by what masks still show."""

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
_NAMED: Final = re.compile(r"[一-鿿·*]{2,6}")
_STARS: Final = str.maketrans(dict.fromkeys("＊×•●○", "*"))
#: Kinds that hold names; a masked name is compared with these alone.
NAMES: Final = ("PERSON", "NICKNAME")
#: Kinds whose endings people are told by.
TAILED: Final = (
    "CN_MOBILE", "CN_LANDLINE", "CN_VIRTUAL_NUMBER", "CN_BANK_CARD", "CN_RESIDENT_ID",
    "CN_FOREIGN_PR_ID", "MASKED", "PHONE_TAIL",
)  # fmt: skip
#: Of these the ones behind which an extension may stand.
_EXTENDED: Final = ("CN_LANDLINE", "CN_VIRTUAL_NUMBER")
#: Characters of a number that must stand on both sides before two masks are taken for one value.
_LEAST: Final = 4


@dataclass(frozen=True, slots=True)
class Question:
    """One thing asked for: its place among those given, how it may be shown.

    ``digests``: of every kind and form it may have in the case; ``masks``: how masked copies of it
    may stand there; ``mask`` a masked value, ``tail`` an ending, that were asked for themselves.
    """

    number: int
    shown: str
    digests: Sequence[bytes] = field(default=(), repr=False)
    masks: Sequence[str] = field(default=(), repr=False)
    mask: str | None = field(default=None, repr=False)
    tail: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which records alone are wanted.

    ``surname``: somebody of that name in the record; ``region``: a province, or what an address
    shows; ``first``, ``last``: what lists say of the time; ``kinds``: of the value found.
    """

    surname: str | None = field(default=None, repr=False)
    region: str | None = None
    first: datetime | None = None
    last: datetime | None = None
    kinds: tuple[str, ...] = ()

    @property
    def of_records(self) -> bool:
        """Whether more of a record than the value found must be looked at."""
        return any((self.surname, self.region, self.first, self.last))


def tail_of(text: str) -> str | None:
    """The ending that a text asks for, None if it is something else.

    >>> tail_of("手机尾号为3897"), tail_of("尾号３８９７"), tail_of("13800138000")
    ('3897', '3897', None)
    """
    found = _TAIL.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return found[1].upper() if found else None


def mask_of(text: str) -> str | None:
    """A text as a masked value, hidden characters as stars; None if nothing in it is hidden.

    >>> mask_of("138●●●●8000"), mask_of("138xxxx8000"), mask_of("张＊"), mask_of("张三")
    ('138****8000', '138****8000', '张*', None)
    """
    plain = "".join(unicodedata.normalize("NFKC", text.translate(_STARS)).split())
    if re.fullmatch(r"[0-9]+[xX#]{2,}[0-9]*", plain):
        plain = re.sub("[xX#]", "*", plain)
    known = plain.replace("*", "")
    return plain if "*" in plain and known else None


def is_name(mask: str) -> bool:
    """Whether a masked value is a name: its stars stand for one hidden character or several.

    >>> is_name("张*"), is_name("138****8000")
    (True, False)
    """
    return _NAMED.fullmatch(mask) is not None


def masks_of(value: str) -> list[str]:
    """How a masked copy of a number may stand in a case: head, stars, tail; at least 4 shown.

    >>> len(masks_of("13800138000")), "138****8000" in masks_of("13800138000")
    (45, True)
    """
    size = len(value)
    if not re.fullmatch(r"[0-9]{8,}[0-9X]?", value):
        return []
    return [
        value[:head] + "*" * (size - head - tail) + value[size - tail :]
        for head in range(size - 1)
        for tail in range(size - 1 - head)
        if head + tail >= _LEAST
    ]


def fits(asked: str, shown: str) -> bool:
    """Whether two masked values can be one: no character that both show differs, enough are shown.

    >>> fits("138****8000", "1******8000"), fits("138****8000", "139****8000"), fits("张*", "张**")
    (True, False, True)
    """
    if is_name(asked) or "@" in asked:
        pattern = "".join(".+" if c == "*" else re.escape(c) for c in re.sub(r"\*+", "*", asked))
        return re.fullmatch(pattern, shown) is not None
    shown = shown.partition(";")[0]
    if len(asked) != len(shown):
        return False
    pairs = [(a, b) for a, b in zip(asked, shown, strict=True) if "*" not in (a, b)]
    return len(pairs) >= _LEAST and all(a.upper() == b.upper() for a, b in pairs)


def ends_so(tail: str, shown: str) -> bool:
    """Whether a value of which ``shown`` may be seen can end in ``tail``.

    >>> ends_so("3897", "138****3897"), ends_so("13897", "138****3897"), ends_so("3897", "138****")
    (True, True, False)
    """
    shown = shown.partition(";")[0]
    if len(shown) < len(tail):
        return tail.endswith(shown)
    ending = shown[len(shown) - len(tail) :]
    sure = ending[-min(len(tail), _LEAST) :]
    return "*" not in sure and all(b in ("*", a) for a, b in zip(tail, ending, strict=True))


def is_sure(question: Question, shown: str) -> bool:
    """Whether what is shown leaves no doubt that it is what was asked for."""
    shown = shown.partition(";")[0]
    if question.tail is not None:
        return shown.endswith(question.tail)
    return shown == question.mask


def condition(questions: Iterable[Question]) -> str:
    """The SQL that masked findings meet which may answer one of the questions, and some more."""
    told = []
    for each in questions:
        if each.tail is not None:
            sure = each.tail[-_LEAST:]
            kinds = ", ".join(f"'{kind}'" for kind in TAILED)
            extended = ", ".join(f"'{kind}'" for kind in _EXTENDED)
            told.append(
                f"(entity in ({kinds}) and (masked like '%{sure}' or"
                f" (entity in ({extended}) and masked like '%{sure};%')))"
            )
        elif each.mask is not None:
            told.append(_mask_condition(each.mask))
    return " or ".join(told)


def _mask_condition(mask: str) -> str:
    kinds = ", ".join(f"'{kind}'" for kind in NAMES)
    if is_name(mask):
        pattern = "%".join(_plain(part) for part in re.split(r"\*+", mask))
        where = f"entity in ({kinds}) or recognizer = 'masked.name'"
        return f"(({where}) and masked like '{pattern}' escape '!')"
    if "@" in mask:
        pattern = "%".join(_plain(part) for part in re.split(r"\*+", mask))
        return f"(masked like '{pattern}' escape '!')"
    either = "".join("." if c == "*" else f"(?:{_exact(c)}|[*])" for c in mask)
    shape = f"regexp_full_match(masked, '(?i){either}(?:;.*)?')"
    return f"(entity not in ({kinds}) and length(masked) >= {len(mask)} and {shape})"


def _plain(text: str) -> str:
    """``text`` inside a pattern of ``like`` and a literal of SQL."""
    for sign in "!%_":
        text = text.replace(sign, "!" + sign)
    return text.replace("'", "''")


def _exact(character: str) -> str:
    return re.escape(character).replace("'", "''")
