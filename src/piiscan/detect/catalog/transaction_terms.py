"""Transaction terms: column names of sale lists, and the words of their status cells (ledger.yaml).

Parsed strictly, like a recognizer. An unknown key, a wrong type or a name with two meanings is a
:class:`CatalogError` with file and line.

    column 售价 -> price_sold, cell 已售 -> sold
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal, get_args

from piiscan.config.document import STRICT, Document
from piiscan.wording.words import Sentence

#: Kinds of transaction columns.
Kind = Literal[
    "sold_flag", "status", "price_obtained", "price_sold", "price", "price_unit", "time_obtained",
    "time_sold", "time_recovered", "time", "buyer", "seller", "source", "channel",
]  # fmt: skip
KINDS: Final = get_args(Kind)
#: Statuses of a row; ``kept``: not sold.
OBTAINED, SOLD, PROVIDED, RECOVERED, KEPT = "obtained", "sold", "provided", "recovered", "kept"
Status = Literal["obtained", "sold", "provided", "recovered", "kept"]
STATUSES: Final = get_args(Status)
_MAX_CELL: Final = 30


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """Keys of a ledger.yaml file: codes with their words."""

    __pydantic_config__: ClassVar[Any] = STRICT

    columns: dict[Kind, tuple[str, ...]] = field(default_factory=dict)
    status: dict[Status, tuple[str, ...]] = field(default_factory=dict)
    answers: dict[Literal["yes", "no"], tuple[str, ...]] = field(default_factory=dict)
    nothing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TransactionTerms:
    """Terms of sale lists: meanings of column names and cell words, by normalized word.

    ``columns``: kind of column (price, buyer …). ``status``: status of a row. ``answers``: yes or
    no. ``nothing``: words for an empty cell.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    status: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    nothing: frozenset[str] = frozenset()

    def merged_with(self, other: TransactionTerms) -> TransactionTerms:
        """Return these terms with those of ``other`` added; ``other`` wins conflicts."""
        return TransactionTerms(
            {**self.columns, **other.columns},
            {**self.status, **other.status},
            {**self.answers, **other.answers},
            self.nothing | other.nothing,
        )

    def statuses(self, cell: str) -> frozenset[str]:
        """Return the statuses in a status cell, the longest known word first; empty if none.

        >>> terms = TransactionTerms(status={"已售": "sold", "售": "sold", "找回": "recovered"})
        >>> sorted(terms.statuses("已售，后找回")), sorted(terms.statuses("零售业"))
        (['recovered', 'sold'], [])
        """
        text = normalize_word(cell)
        if text in self.status:
            return frozenset([self.status[text]])
        found = set()
        at = 0
        while at < len(text) and len(text) <= _MAX_CELL:
            for size in range(min(len(text) - at, 12), 1, -1):
                word = text[at : at + size]
                if word in self.status and _is_whole_word(text, at, at + size):
                    found.add(self.status[word])
                    at += size - 1
                    break
            at += 1
        return frozenset(found)


def _is_whole_word(text: str, start: int, end: int) -> bool:
    """Return False if a Latin word is part of a longer one (sold in soldier)."""
    if not text[start:end].isascii():
        return True
    around = text[max(start - 1, 0) : start] + text[end : end + 1]
    return not any(char.isascii() and char.isalpha() for char in around)


def normalize_word(text: str) -> str:
    """Return a word or cell for comparison: NFKC, lower case, no blanks.

    >>> normalize_word(" Ｎｏt Sold ")
    'notsold'
    """
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def normalize_column_name(header: str) -> str:
    """Return a column name for comparison: as a word, without ``_`` and ``-``.

    >>> normalize_column_name("Sold_At"), normalize_column_name("sold at")
    ('soldat', 'soldat')
    """
    return normalize_word(header).replace("_", "").replace("-", "")


def build_transaction_terms(document: Document) -> TransactionTerms:
    """Return the terms of a ledger.yaml file, which has the keys of :class:`LedgerFile`.

    Raise CatalogError with file and line if a word is blank or has two codes.
    """
    columns, status, answers = (
        _codes_by_word(document, key) for key in ("columns", "status", "answers")
    )
    columns = {normalize_column_name(name): kind for name, kind in columns.items()}
    nothing = frozenset(map(normalize_word, document.values.get("nothing", ())))
    return TransactionTerms(columns, status, answers, nothing)


def _codes_by_word(document: Document, key: str) -> dict[str, str]:
    """Invert the key ``key`` (code -> words) of ledger.yaml. Return normalized word -> code.

    Raise CatalogError if a word is blank or has two codes.
    """
    found: dict[str, str] = {}
    for code, words in document.values.get(key, {}).items():
        for at, word in enumerate(words):
            other = found.setdefault(normalize_word(word), code)
            if not word.strip():
                raise document.error(Sentence("rule.words"), key, code, at)
            if other != code:
                why = Sentence("rule.word_twice", {"word": word, "first": other, "second": code})
                raise document.error(why, key, code, at)
    return found
