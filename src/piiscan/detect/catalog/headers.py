"""Column headers: parse the name of a column to the identifier, role or kind of its cells.

Known names are in the recognizer files (``columns``, ``ambiguous_columns``, ``part_columns``).
Names of columns that no recognizer covers are in vocabulary.yaml (``other_columns``), spellings of
account labels in labels.yaml.

    收件人手机号 -> recognizer cn.mobile, role of 收件人
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from piiscan.detect.catalog.catalog import Catalog, cached_by_digest
from piiscan.detect.catalog.transaction_terms import normalize_column_name

_BRACKETS: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|<[^<>]*>")
_IGNORED_CHARS: Final = re.compile(r"[\s*:：'\"“”‘’`=\ufeff\u200b]+")
_NUMBERED: Final = re.compile(r"(?<=\D)[0-9]{1,2}$|[一二三四五六]$")


@dataclass(frozen=True, slots=True)
class Label:
    """Meaning of a column, parsed from its header.

    ``recognizers``: ids that the header names. ``role``: role of the person in the cells
    (recipient, sender …). ``parts``: True for columns of address parts. ``other``: kind of a column
    that no recognizer covers (amount, time …). ``sure``: False for a name that counts only if
    enough cells are valid. ``chance``: recognizers whose checks the cells pass only by chance (see
    ``columns/checksum_chance.py``). ``raised``, ``lowered``: recognizers that win or lose overlaps
    because of all cells (see ``columns/shared_hosts.py``). ``mixed``: the cells named the column,
    and many are no names (电脑 among 张三): each is searched as if it had no label.
    """

    header: str
    recognizers: tuple[str, ...] = ()
    role: str | None = None
    parts: bool = False
    other: str | None = None
    sure: bool = True
    chance: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()
    lowered: tuple[str, ...] = ()
    mixed: bool = False


#: Kinds of other columns with numbers, which are no phone numbers even if they have their shape.
OTHER_NUMBERS: Final = frozenset(
    {"birth", "age", "amount", "time", "quantity", "sequence", "postcode", "article"}
)
#: Kind of columns with numbers of a system (uid), unless most of the cells are of another kind.
SYSTEM_NUMBER: Final = "system"


def normalize_header(header: str) -> str:
    """Return a column name for comparison: NFKC, lower case, no blanks, brackets, stars or colons.

    >>> normalize_header(' 手机号码（必填）*'), normalize_header('Phone Number:')
    ('手机号码', 'phonenumber')
    """
    name = _BRACKETS.sub("", unicodedata.normalize("NFKC", header).lower())
    return _IGNORED_CHARS.sub("", name)


@dataclass(frozen=True, slots=True)
class _HeaderNames:
    """Normalized header names of a catalogue, with the recognizers, kinds and roles they mean."""

    certain: Mapping[str, tuple[str, ...]]
    uncertain: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, tuple[str, ...]]
    other: Mapping[str, str]
    spelled: tuple[tuple[re.Pattern[str], str], ...]  # spellings of account labels, recognizer
    any_spelled: re.Pattern[str]  # one of ``spelled``
    roles: tuple[tuple[str, str], ...]  # (word, role), longest word first
    role_words: tuple[str, ...]  # words of ``roles``
    without_role: frozenset[str]  # recognizers without role: a waybill belongs to both parties
    found: dict[str, Label | None] = field(default_factory=dict)  # headers looked up before


@cached_by_digest
def _header_names(catalog: Catalog) -> _HeaderNames:
    """Collect the header names of ``catalog``, cached by digest."""
    certain: dict[str, list[str]] = {}
    uncertain: dict[str, list[str]] = {}
    parts: dict[str, list[str]] = {}
    for recognizer in catalog.recognizers:
        for names, ids_by_name in (
            (recognizer.columns, certain),
            (recognizer.ambiguous_columns, uncertain),
            (recognizer.part_columns, parts),
        ):
            for name in names:
                ids_by_name.setdefault(normalize_header(name), []).append(recognizer.id)
    vocabulary = catalog.vocabulary
    other = {
        normalize_header(name): kind
        for kind, names in vocabulary.get("other_columns", {}).items()
        for name in names
    }
    other |= {
        normalize_header(name): SYSTEM_NUMBER
        for names in vocabulary.get("system_numbers", {}).values()
        for name in names
    }
    roles = [
        (normalize_header(word), role)
        for role, entry in vocabulary.get("roles", {}).items()
        for word in entry.get("words", [])
    ]
    roles.sort(key=lambda pair: (-len(pair[0]), pair))
    roleless = vocabulary.get("without_role", {}).get("entities", ())
    without_role = frozenset(r.id for r in catalog.recognizers if r.entity in roleless)
    spelled = tuple(
        (catalog.spellings.pattern(r.labels), r.id)
        for r in catalog.recognizers
        if r.labels and r.region is None
    )
    return _HeaderNames(
        _sorted_tuples(certain),
        _sorted_tuples(uncertain),
        _sorted_tuples(parts),
        other,
        spelled,
        re.compile("|".join(f"(?:{pattern.pattern})" for pattern, _ in spelled)),
        tuple(roles),
        tuple(word for word, _ in roles),
        without_role,
    )


def _sorted_tuples(ids_by_name: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Return header name -> sorted tuple of its distinct recognizer ids."""
    return {name: tuple(sorted(set(ids))) for name, ids in ids_by_name.items()}


def label_of(catalog: Catalog, header: str | None) -> Label | None:
    """Return the meaning of the column name ``header``, or None if it is unknown.

    Tried in this order: the whole name, the name without a final number, without a leading role
    word (收件人手机号 -> 手机号), and its longest known ending (客户紧急联系电话 -> 联系电话).

    A name such as 收件人信息 means a role only.
    """
    if not header or not header.strip():
        return None
    names = _header_names(catalog)
    try:
        return names.found[header]
    except KeyError:
        if len(names.found) >= _MAX_KEPT:
            names.found.clear()
        label = names.found[header] = _find_label(header, names)
        return label


def _find_label(header: str, names: _HeaderNames) -> Label | None:
    """Return the meaning of the column name ``header``, or None if it is unknown."""
    normalized = normalize_header(header)
    forms = dict.fromkeys(_shorter_forms(normalized, names))
    name = next((each for each in forms if _is_known(each, names)), None)
    is_party = normalized.endswith(_PERSON_SUFFIXES) and len(normalized) <= _MAX_LENGTH
    if name is None and not is_party:
        return None
    role = _role(normalized, names)
    if name is None:
        return None if role is None else Label(header, role=role)
    found = _look_up(name, header, role, names)
    is_roleless = found.recognizers and names.without_role.issuperset(found.recognizers)
    return replace(found, role=None) if is_roleless else found


def role_of(catalog: Catalog, header: str) -> str | None:
    """Return the role in a column name: that of its label, or of a name that is a role word alone.

    >>> from piiscan.detect.catalog.catalog import load
    >>> role_of(load(), "配偶"), role_of(load(), "收件人手机号"), role_of(load(), "手机号")
    ('spouse', 'recipient', None)
    """
    label = label_of(catalog, header)
    if label is not None:
        return label.role
    name = _NUMBERED.sub("", normalize_header(header))
    return next((role for word, role in _header_names(catalog).roles if word == name), None)


def party_of(catalog: Catalog, header: str) -> tuple[str | None, str]:
    """Return the role of the person with whom a column name begins, and the rest of the name.

    The word of a step of the trade names nobody: 付款 of 付款人.

    >>> from piiscan.detect.catalog.catalog import load
    >>> party_of(load(), "担保人收入"), party_of(load(), "付款金额")
    (('guarantor', '收入'), (None, '付款金额'))
    """
    name, roles = normalize_header(header), _header_names(catalog).roles
    for word, role in roles:
        if name.startswith(word):
            is_step = any(
                other != word and other.startswith(word) and its_role == role
                for other, its_role in roles
            )
            return (None, name) if is_step else (role, name[len(word) :])
    return None, name


def transaction_column(catalog: Catalog, header: str) -> str | None:
    """Return the kind of transaction data in a column (see ledger.yaml), or None if it has none.

    >>> from piiscan.detect.catalog.catalog import load
    >>> transaction_column(load(), "售价(元)"), transaction_column(load(), "手机号")
    ('price_sold', None)
    """
    return catalog.transaction_terms.columns.get(normalize_column_name(normalize_header(header)))


@cached_by_digest
def line_labels(catalog: Catalog) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return (all names that may precede a value on a line, the names of a party among them).

    A party name (寄件人, 寄件人电话) sets the owner of the lines that follow it.
    """
    known = _header_names(catalog)
    extra = catalog.vocabulary.get("line_labels", {})
    roles = [word for word, _ in known.roles]
    parties = {*roles, *(f"{word}{end}" for word in roles for end in _PARTY_SUFFIXES)}
    parties |= {normalize_header(word) for word in extra.get("party", ())}
    names = {
        *known.certain,
        *known.uncertain,
        *known.parts,
        *known.other,
        *catalog.transaction_terms.columns,
    }
    names |= {normalize_header(word) for word in extra.get("other", ())}
    return tuple(sorted(names | parties)), frozenset(parties)


#: Suffixes of a role word in the label of a party (寄件人 + 电话).
_PARTY_SUFFIXES: Final = (
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


def column_name_forms(catalog: Catalog, header: str) -> list[str]:
    """Return the spellings of a column name to look up, the whole name first."""
    return list(dict.fromkeys(_shorter_forms(normalize_header(header), _header_names(catalog))))


def is_column_name(catalog: Catalog, header: str) -> bool:
    """Return True if ``header`` is a known column name."""
    return label_of(catalog, header) is not None or transaction_column(catalog, header) is not None


def _role(name: str, names: _HeaderNames) -> str | None:
    """Return the role of a party (recipient …) that a normalized column name contains, or None.

    A role word at the start wins over one inside. A short Latin word counts inside only after
    ``_``, so ``taxpayer_id`` is not the payer's.
    """
    present = [(word, role) for word, role in names.roles if word in name]
    for word, role in present:
        if name.startswith(word):
            return role
    inside = (
        role
        for word, role in present
        if not word.isascii() or len(word) >= _MIN_INNER_ROLE or f"_{word}" in name
    )
    return next(inside, None)


def _shorter_forms(name: str, names: _HeaderNames) -> Iterable[str]:
    """Yield the spellings of a column name to look up: without number, role word or leading words.

    ``收件人手机号2 -> 收件人手机号2, 收件人手机号, …, 手机号, …``
    """
    unnumbered = _NUMBERED.sub("", name).rstrip(".")
    yield name
    yield unnumbered
    yield unnumbered.replace("_", "").replace("-", "")
    if unnumbered.startswith(names.role_words):
        for word in filter(unnumbered.startswith, names.role_words):
            without_role = unnumbered[len(word) :].lstrip("_-的人方")
            yield without_role
            yield without_role.replace("_", "").replace("-", "")
    if any("一" <= char <= "鿿" for char in unnumbered):
        for start in range(1, len(unnumbered) - 1):
            ending = unnumbered[start:]
            if len(ending) >= 3 or ending in _SHORT_ENDINGS:
                yield ending


#: Suffixes of columns with several facts about one person: 收件人信息.
_PERSON_SUFFIXES: Final = ("信息", "资料", "详情", "info", "information", "detail", "details")
_MAX_LENGTH: Final = 20
_MIN_INNER_ROLE: Final = 8
#: Number of column names whose meaning is kept: files of one folder often have the same.
_MAX_KEPT: Final = 4096
_SHORT_ENDINGS: Final = ("姓名", "手机", "电话", "地址", "住址", "邮箱", "微信", "qq")


def _is_known(name: str, names: _HeaderNames) -> bool:
    """Return True if the normalized column name ``name`` has a label."""
    tables = (names.certain, names.uncertain, names.parts, names.other)
    return any(name in table for table in tables) or (
        len(name) > 1 and names.any_spelled.fullmatch(name) is not None
    )


def _look_up(name: str, header: str, role: str | None, names: _HeaderNames) -> Label:
    """Return the label of the normalized column name ``name``, which is known."""
    if name in names.certain:
        return Label(header, names.certain[name], role)
    if name in names.uncertain:
        other = names.other.get(name)
        return Label(header, names.uncertain[name], role, other=other, sure=False)
    if name in names.parts:
        return Label(header, names.parts[name], role, parts=True)
    if name in names.other:
        kind = names.other[name]
        role = role if kind == "account" else None
        return Label(header, role=role, other=kind, sure=kind != SYSTEM_NUMBER)
    spelled = tuple(each for pattern, each in names.spelled if pattern.fullmatch(name))
    return Label(header, spelled, role, sure=False)
