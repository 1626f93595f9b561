"""``ledger.yaml``: what the columns of a sale list are called, and what their words mean.

Read strictly, like a recognizer: an unknown key, a wrong type or a name that means two things is a
:class:`CatalogError` with file and line.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from piiscan.detect.catalog.recognizer import read
from piiscan.errors import CatalogError

#: What a column can say of a row's trade.
KINDS: Final = (
    *("sold_flag", "status", "price_obtained", "price_sold", "price", "price_unit"),
    *("time_obtained", "time_sold", "time_recovered", "time"),
    *("buyer", "seller", "source", "channel"),
)
#: What became of a row; ``kept``: it was not sold.
OBTAINED, SOLD, PROVIDED, RECOVERED, KEPT = "obtained", "sold", "provided", "recovered", "kept"
STATUSES: Final = (OBTAINED, SOLD, PROVIDED, RECOVERED, KEPT)
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "columns": KINDS,
    "status": STATUSES,
    "answers": ("yes", "no"),
}
_LONGEST: Final = 30
_Wrong = Callable[[str], CatalogError]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Names of columns, words of status cells, yes and no, and what stands for nothing."""

    columns: Mapping[str, str] = field(default_factory=dict)
    status: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    nothing: frozenset[str] = frozenset()

    def joined(self, other: Ledger) -> Ledger:
        """This one with the names of ``other``, which stand where both have one."""
        return Ledger(
            {**self.columns, **other.columns},
            {**self.status, **other.status},
            {**self.answers, **other.answers},
            self.nothing | other.nothing,
        )

    def statuses(self, cell: str) -> frozenset[str]:
        """What a status cell says: the longest known word at each place, none if there is none.

        >>> ledger = Ledger(status={"已售": "sold", "售": "sold", "找回": "recovered"})
        >>> sorted(ledger.statuses("已售，后找回")), sorted(ledger.statuses("零售业"))
        (['recovered', 'sold'], [])
        """
        text = as_compared(cell)
        if text in self.status:
            return frozenset([self.status[text]])
        found = set()
        at = 0
        while at < len(text) and len(text) <= _LONGEST:
            for size in range(min(len(text) - at, 12), 1, -1):
                word = text[at : at + size]
                if word in self.status and _stands_alone(text, at, at + size):
                    found.add(self.status[word])
                    at += size - 1
                    break
            at += 1
        return frozenset(found)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a Latin word is no part of a longer one (sold, but not soldier)."""
    if not text[start:end].isascii():
        return True
    around = text[max(start - 1, 0) : start] + text[end : end + 1]
    return not any(char.isascii() and char.isalpha() for char in around)


def as_compared(text: str) -> str:
    """A word or cell as it is compared: NFKC, small letters, no blanks.

    >>> as_compared(" Ｎｏt Sold ")
    'notsold'
    """
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def as_named(header: str) -> str:
    """A column name as it is compared, its brackets taken off before.

    >>> as_named("Sold_At"), as_named("sold at")
    ('soldat', 'soldat')
    """
    return as_compared(header).replace("_", "").replace("-", "")


def parse_ledger(content: bytes, path: Path) -> Ledger:
    """The ledger of one file; CatalogError with file and line where it breaks a rule."""
    entries, lines = read(content, path)

    def wrong(key: str, why: str) -> CatalogError:
        return CatalogError(f"{path}:{lines.get(key, 1)}: {key}: {why}")

    unknown = sorted(entries.keys() - _KEYS.keys() - {"nothing"})
    if unknown:
        raise wrong(unknown[0], "no such key")
    columns, status, answers = (
        _table(entries.get(key, {}), known, partial(wrong, key)) for key, known in _KEYS.items()
    )
    nothing = entries.get("nothing", [])
    _check_words(nothing, partial(wrong, "nothing"))
    columns = {as_named(name): kind for name, kind in columns.items()}
    return Ledger(columns, status, answers, frozenset(as_compared(word) for word in nothing))


def _table(entries: Any, known: tuple[str, ...], wrong: _Wrong) -> dict[str, str]:
    """Word -> code; no word may have two."""
    if not isinstance(entries, dict):
        raise wrong("a mapping of codes to lists of words is expected")
    found: dict[str, str] = {}
    for code, words in entries.items():
        if code not in known:
            raise wrong(f"no such code: {code}; one of {', '.join(known)}")
        _check_words(words, wrong)
        for word in words:
            if found.setdefault(as_compared(word), code) != code:
                raise wrong(f"{word} stands under {found[as_compared(word)]} and {code}")
    return found


def _check_words(words: Any, wrong: _Wrong) -> None:
    if not isinstance(words, list) or not all(isinstance(w, str) and w.strip() for w in words):
        raise wrong("a list of words is expected")
