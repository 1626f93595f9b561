"""Transaction terms: column names of sale lists, and the words of their status cells (ledger.yaml).

Parsed strictly, like a recognizer. An unknown key, a wrong type or a name with two meanings is a
:class:`CatalogError` with file and line.

    column 售价 -> price_sold, cell 已售 -> sold
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from piiscan.errors import CatalogError
from piiscan.wording.words import Sentence

#: Kinds of transaction columns.
KINDS: Final = (
    *("sold_flag", "status", "price_obtained", "price_sold", "price", "price_unit"),
    *("time_obtained", "time_sold", "time_recovered", "time"),
    *("buyer", "seller", "source", "channel"),
)
#: Statuses of a row; ``kept``: not sold.
OBTAINED, SOLD, PROVIDED, RECOVERED, KEPT = "obtained", "sold", "provided", "recovered", "kept"
STATUSES: Final = (OBTAINED, SOLD, PROVIDED, RECOVERED, KEPT)
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "columns": KINDS,
    "status": STATUSES,
    "answers": ("yes", "no"),
}
_MAX_CELL: Final = 30
_MakeError = Callable[[Sentence], CatalogError]


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


def parse_transaction_terms(
    sections: Mapping[str, Any], lines: Mapping[str, int], path: Path
) -> TransactionTerms:
    """Parse one ledger.yaml file and return its terms.

    Raise CatalogError with file and line if the file breaks a rule.
    """

    def make_error(key: str, why: Sentence) -> CatalogError:
        return CatalogError("rule.key", file=path, line=lines.get(key, 1), key=key, why=why)

    unknown = sorted(sections.keys() - _KEYS.keys() - {"nothing"})
    if unknown:
        raise make_error(unknown[0], Sentence("rule.no_such_key"))
    columns, status, answers = (
        _codes_by_word(sections.get(key, {}), known, partial(make_error, key))
        for key, known in _KEYS.items()
    )
    nothing = sections.get("nothing", [])
    _check_words(nothing, partial(make_error, "nothing"))
    columns = {normalize_column_name(name): kind for name, kind in columns.items()}
    return TransactionTerms(
        columns, status, answers, frozenset(normalize_word(word) for word in nothing)
    )


def _codes_by_word(entries: Any, codes: tuple[str, ...], make_error: _MakeError) -> dict[str, str]:
    """Invert ``entries`` (code -> words) of ledger.yaml.  Return normalized word -> code.

    Raise an error if a code is not in ``codes`` or a word has two codes.
    """
    if not isinstance(entries, dict):
        raise make_error(Sentence("rule.codes"))
    found: dict[str, str] = {}
    for code, words in entries.items():
        if code not in codes:
            raise make_error(Sentence("rule.unknown_code", {"code": code, "known": codes}))
        _check_words(words, make_error)
        for word in words:
            if found.setdefault(normalize_word(word), code) != code:
                other = found[normalize_word(word)]
                raise make_error(
                    Sentence("rule.word_twice", {"word": word, "first": other, "second": code})
                )
    return found


def _check_words(words: Any, make_error: _MakeError) -> None:
    """Raise an error if ``words`` is no list of non-empty strings."""
    if not isinstance(words, list) or not all(isinstance(w, str) and w.strip() for w in words):
        raise make_error(Sentence("rule.words"))
