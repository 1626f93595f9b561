"""Column names: what a header says its cells are.

Names live in the recognizer files (``columns``, ``ambiguous_columns``, ``part_columns``) and, for
things no recognizer finds, in the vocabulary (``other_columns``); this module only looks them up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from piiscan.detect.catalog.catalog import Catalog, by_digest
from piiscan.detect.catalog.transaction_terms import as_named

_BRACKETS: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|<[^<>]*>")
_DROPPED: Final = re.compile(r"[\s*:：'\"“”‘’`=\ufeff\u200b]+")
_NUMBERED: Final = re.compile(r"(?<=\D)[0-9]{1,2}$|[一二三四五六]$")


@dataclass(frozen=True, slots=True)
class Label:
    """What a column is called, and so what its cells are.

    ``recognizers`` are the ids it names; ``role`` whose they are (recipient, sender …); ``parts``
    is True for columns of address parts; ``other`` names something no recognizer finds.
    ``sure`` is False for a name that must be borne out by the cells.  ``chance`` are recognizers
    whose checks the cells pass by chance only (see ``chance``).
    """

    header: str
    recognizers: tuple[str, ...] = ()
    role: str | None = None
    parts: bool = False
    other: str | None = None
    sure: bool = True
    chance: tuple[str, ...] = ()


#: Kinds of other columns whose cells are numbers: what looks like a phone there is none.
OTHER_NUMBERS: Final = frozenset(
    {"birth", "age", "amount", "time", "quantity", "sequence", "postcode"}
)


def plain(header: str) -> str:
    """A column name as it is compared: NFKC, lower case, no blanks, brackets, stars or colons.

    >>> plain(' 手机号码（必填）*'), plain('Phone Number:')
    ('手机号码', 'phonenumber')
    """
    name = _BRACKETS.sub("", unicodedata.normalize("NFKC", header).lower())
    return _DROPPED.sub("", name)


@dataclass(frozen=True, slots=True)
class _Names:
    sure: Mapping[str, tuple[str, ...]]
    unsure: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, tuple[str, ...]]
    other: Mapping[str, str]
    roles: tuple[tuple[str, str], ...]  # (word, role), longest word first
    nobodys: frozenset[str]  # recognizers of what has no role: a waybill number is both sides'


@by_digest
def _names(catalog: Catalog) -> _Names:
    sure: dict[str, list[str]] = {}
    unsure: dict[str, list[str]] = {}
    parts: dict[str, list[str]] = {}
    for recognizer in catalog.recognizers:
        for names, listed in (
            (recognizer.columns, sure),
            (recognizer.ambiguous_columns, unsure),
            (recognizer.part_columns, parts),
        ):
            for name in names:
                listed.setdefault(plain(name), []).append(recognizer.id)
    vocabulary = catalog.vocabulary
    other = {
        plain(name): kind
        for kind, names in vocabulary.get("other_columns", {}).items()
        for name in names
    }
    roles = [
        (plain(word), role)
        for role, entry in vocabulary.get("roles", {}).items()
        for word in entry.get("words", [])
    ]
    roles.sort(key=lambda pair: (-len(pair[0]), pair))
    without = vocabulary.get("without_role", {}).get("entities", ())
    nobodys = frozenset(r.id for r in catalog.recognizers if r.entity in without)
    return _Names(_frozen(sure), _frozen(unsure), _frozen(parts), other, tuple(roles), nobodys)


def _frozen(listed: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(sorted(set(ids))) for name, ids in listed.items()}


def label_of(catalog: Catalog, header: str | None) -> Label | None:
    """What ``header`` says, or None where it is no known column name.

    Tried in turn: the whole name, without a number behind it, without a role word in front
    (收件人手机号), and the longest known name that it ends with (客户紧急联系电话).
    收件人信息 and the like name a role only.
    """
    if not header or not header.strip():
        return None
    names = _names(catalog)
    whole = plain(header)
    role = _role(whole, names)
    for name in _spellings(whole, names):
        found = _look_up(name, header, role, names)
        if found is not None:
            nobodys = found.recognizers and names.nobodys.issuperset(found.recognizers)
            return replace(found, role=None) if nobodys else found
    if role is not None and any(whole.endswith(end) for end in _ABOUT) and len(whole) <= _LONGEST:
        return Label(header, role=role)
    return None


def trade_of(catalog: Catalog, header: str) -> str | None:
    """What a column so called tells of a trade in its row (ledger.yaml), None if nothing.

    >>> from piiscan.detect.catalog.catalog import load
    >>> trade_of(load(), "售价(元)"), trade_of(load(), "手机号")
    ('price_sold', None)
    """
    return catalog.ledger.columns.get(as_named(plain(header)))


@by_digest
def line_labels(catalog: Catalog) -> tuple[tuple[str, ...], frozenset[str]]:
    """Names that stand in front of a value in running text, one a line, and those of a party.

    Every known column name is one; a party's (寄件人, 寄件人电话) says whose the next lines are.
    """
    listed = _names(catalog)
    more = catalog.vocabulary.get("line_labels", {})
    roles = [word for word, _ in listed.roles]
    parties = {*roles, *(f"{word}{end}" for word in roles for end in _OF_A_PARTY)}
    parties |= {plain(word) for word in more.get("party", ())}
    names = {*listed.sure, *listed.unsure, *listed.parts, *listed.other, *catalog.ledger.columns}
    names |= {plain(word) for word in more.get("other", ())}
    return tuple(sorted(names | parties)), frozenset(parties)


#: What stands behind the word of a role in a label.
_OF_A_PARTY: Final = (
    *("姓名", "名字", "名称", "电话", "手机", "手机号", "手机号码", "联系电话", "联系方式"),
    *(
        "地址",
        "详细地址",
        "身份证",
        "身份证号",
        "信息",
        "name",
        "phone",
        "mobile",
        "tel",
        "address",
    ),
)


def is_name(catalog: Catalog, header: str) -> bool:
    """Whether ``header`` is a known column name."""
    return label_of(catalog, header) is not None or trade_of(catalog, header) is not None


def _role(whole: str, names: _Names) -> str | None:
    """The role that a name begins with, else one inside: taxpayer_id is no payer's."""
    known = [(word, role) for word, role in names.roles if word in whole]
    for word, role in known:
        if whole.startswith(word):
            return role
    inside = (
        role
        for word, role in known
        if not word.isascii() or len(word) >= _UNMISTAKABLE or f"_{word}" in whole
    )
    return next(inside, None)


def _spellings(whole: str, names: _Names) -> Iterable[str]:
    unnumbered = _NUMBERED.sub("", whole)
    yield whole
    yield unnumbered
    yield unnumbered.replace("_", "").replace("-", "")
    for word, _ in names.roles:
        if unnumbered.startswith(word):
            rest = unnumbered[len(word) :].lstrip("_-的人方")
            yield rest
            yield rest.replace("_", "").replace("-", "")
    if any("一" <= char <= "鿿" for char in unnumbered):
        for start in range(1, len(unnumbered) - 1):
            ending = unnumbered[start:]
            if len(ending) >= 3 or ending in _SHORT_ENDINGS:
                yield ending


#: Endings of the names of columns that tell several things of one person: 收件人信息.
_ABOUT: Final = ("信息", "资料", "详情", "info", "information", "detail", "details")
_LONGEST: Final = 20
_UNMISTAKABLE: Final = 8
_SHORT_ENDINGS: Final = ("姓名", "手机", "电话", "地址", "住址", "邮箱")


def _look_up(name: str, header: str, role: str | None, names: _Names) -> Label | None:
    if name in names.sure:
        return Label(header, names.sure[name], role)
    if name in names.unsure:
        other = names.other.get(name)
        return Label(header, names.unsure[name], role, other=other, sure=False)
    if name in names.parts:
        return Label(header, names.parts[name], role, parts=True)
    if name in names.other:
        kind = names.other[name]
        return Label(header, role=role if kind == "account" else None, other=kind)
    return None
