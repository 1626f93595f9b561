"""Keyed values: values in running text after a column's name and a sign: ``name=张三``.

``姓名：张三``, ``name=张三``, ``"name":"张三"`` and ``<name>张三</name>`` say as much as a cell
张三 under the header 姓名, and are read by the same rules.  ``数量：13800138000`` says that the
number is none of a telephone.

    keyed := name [")"] quotes sign quotes value        sign := ":" | "=" | ">"
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int8, Int32, Int64, UInt8
from piiscan.data import region_names, surnames
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import OTHER_NUMBERS, normalize_header
from piiscan.detect.context.context_numbers import (
    KEY_HANZI,
    KEY_LATIN,
    KEY_NAME_END,
    KEY_QUOTE,
    KEY_SIGN,
)
from piiscan.detect.context.word_trie import WordTrie
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_HAN, KIND_HAN_DIGIT, KIND_LETTER, SKIP

_MIN_NAME: Final = 2

#: Forms of a value, by which it may be a name.
NO_FORM: Final = 0
LIKELY_FORM: Final = 1  # a surname and a given name: 宁静
SURE_FORM: Final = 2  # the same, without an ending or a meaning of things: 宁静, but not 管理员
#: Names of columns that have things in them as often as persons.
_OPEN_NAMES: Final = frozenset(
    ("name", "cname", "accountname", "account_name", "username_cn", "户名", "账户名", "名字")
)
#: Last characters of words for things and offices that begin with a surname.
_THING_ENDINGS: Final = frozenset("员部组版省市县区局处科费号类型型码率单元数性化机室厅所站点")

_COLON: Final = np.uint8(ord(":"))
_EQUALS: Final = np.uint8(ord("="))
_GREATER: Final = np.uint8(ord(">"))


class KeyedValues(NamedTuple):
    """Keyed values with the names before them, ordered by position.

    Attributes:
        place: code point at which the value starts in folded text
        stop: end of the Hanzi or of the letters and digits from there on, before the next name
        name_end: code point at which the name ends
        name: number of the name
    """

    place: Int64
    stop: Int64
    name_end: Int64
    name: Int32


@dataclass(frozen=True, slots=True)
class ValueNames:
    """Column names that may precede a value in running text, as tables.

    Attributes:
        names: the names, normalized; a name's number is its index
        trie: trie of ``names``
        named: ``bool[name, recognizer]``, True if the name is one of its columns
        other: ``bool[name]``, True for names of columns whose numbers no recognizer finds, and of
            numbers of systems (uid)
        counts: ``bool[name]``, False for names that are context words of all their recognizers,
            unless the values are nobody's and thus no telephone numbers either
        form: ``int8[name]``, lowest :func:`form_of_name` of a person behind the name
        flags: flags of each folded byte
    """

    names: tuple[str, ...]
    trie: WordTrie
    named: Bool
    other: Bool
    counts: Bool
    form: Int8
    flags: UInt8

    @classmethod
    def of(cls, catalog: Catalog, kind: UInt8) -> ValueNames:
        """Collect the names of the recognizers' columns; ``kind``: kind of each folded byte."""
        columns = [
            {
                form
                for each in r.columns
                for name in [normalize_header(each)]
                for form in (name, name.replace("_", ""))
                if len(form) >= _MIN_NAME
            }
            for r in catalog.recognizers
        ]
        known = [
            set[str]()
            if r.whole_cell or r.whose == "none"
            else {normalize_header(word) for word in r.context}
            for r in catalog.recognizers
        ]
        others = {
            normalize_header(name)
            for kind, names in catalog.vocabulary.get("other_columns", {}).items()
            if kind in OTHER_NUMBERS
            for name in names
        }
        others |= {
            normalize_header(name)
            for names in catalog.vocabulary.get("system_numbers", {}).values()
            for name in names
        }
        others = others.difference(*columns)
        names = tuple(sorted(others.union(*columns)))
        named = np.array([[name in each for each in columns] for name in names], np.bool_)
        return cls(
            names,
            WordTrie.of(names),
            named.reshape(len(names), len(columns)),
            np.array([name in others for name in names], np.bool_),
            np.array(
                [
                    name in others
                    or any(
                        name in each and name not in words
                        for each, words in zip(columns, known, strict=True)
                    )
                    for name in names
                ],
                np.bool_,
            ),
            np.where([name in _OPEN_NAMES for name in names], SURE_FORM, LIKELY_FORM).astype(
                np.int8
            ),
            _byte_flags(kind),
        )


def _byte_flags(kind: UInt8) -> UInt8:
    """Return the flags of each folded byte for the search (``uint8[256]``)."""
    hanzi = (kind == KIND_HAN) | (kind == KIND_HAN_DIGIT)
    latin = (kind == KIND_LETTER) | (kind == KIND_DIGIT)
    flags = hanzi * np.uint8(KEY_HANZI) | (hanzi | latin) * np.uint8(KEY_NAME_END)
    flags |= latin * np.uint8(KEY_LATIN)
    flags[[ord(char) for char in " \t\"'`)[]\\"]] = KEY_QUOTE
    flags[[ord(char) for char in ":=>"]] = KEY_SIGN
    flags[SKIP] = KEY_HANZI | KEY_LATIN | KEY_QUOTE
    result: UInt8 = flags
    return result


def form_of_name(value: str) -> int:
    """Return how name-like a ``value`` of Hanzi is: NO_FORM, LIKELY_FORM or SURE_FORM.

    >>> [form_of_name(each) for each in ("宁静", "管理员", "请填写", "欧阳娜娜", "江苏")]
    [2, 1, 0, 2, 1]
    """
    length = 2 if value[:2] in surnames() else 1 if value[:1] in surnames() else 0
    if not length or not length < len(value) <= length + 2 or value in region_names():
        return NO_FORM
    is_thing = len(value) > 2 and value[-1] in _THING_ENDINGS
    is_region = any(value + level in region_names() for level in "省市县区")
    return LIKELY_FORM if is_thing or is_region else SURE_FORM
