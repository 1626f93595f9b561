"""Labels of accounts as people write them: folded by sound, shape, emoji and spacing (labels.yaml).

One label has many spellings, each a row of units to choose from.  Parsed strictly: an unknown key,
part or type is a :class:`CatalogError` with file and line.

    label 微信: '<微> <信>' -> 微信, 薇❤, v x, 卫-xin …
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from piiscan.detect.matching.alphabet import ZERO_WIDTH
from piiscan.detect.matching.spellings import Spelling, texts_of
from piiscan.errors import CatalogError
from piiscan.wording.words import Sentence

#: Pieces of a spelling: a part in angle brackets, a blank (an optional gap), or literal text.
_PIECES: Final = re.compile(r"<(?P<part>[^<>]+)>|(?P<gap> )|(?P<text>[^<> ]+)")
_KEYS: Final = frozenset({"gaps", "parts", "labels", "no_names"})
_MakeError = Callable[[Sentence], CatalogError]


@dataclass(frozen=True, slots=True)
class LabelSpellings:
    """Spellings of account labels, by name of the label, and texts that are labels, never names."""

    labels: Mapping[str, tuple[Spelling, ...]] = field(default_factory=dict)
    no_names: tuple[str, ...] = ()

    def pattern(self, names: Iterable[str]) -> re.Pattern[str]:
        """Return the expression of all spellings of the labels ``names``, without blanks."""
        spellings = (spelling for name in names for spelling in self.labels[name])
        return re.compile("|".join(map(_expression, spellings)))


def _expression(spelling: Spelling) -> str:
    """Return a spelling as a regular expression.

    >>> _expression((("微", "v"), ("", " "), ("信",)))
    '(?:微|v)(?:|)(?:信)'
    """
    units = ("|".join(re.escape(text.strip()) for text in unit) for unit in spelling)
    return "".join(f"(?:{unit})" for unit in units)


class SpellingParser:
    """Reader of labels.yaml files, the shipped one and the user's, whose parts come together."""

    def __init__(self) -> None:
        self._gaps: list[str] = []
        self._parts: dict[str, list[str]] = {}
        self._labels: dict[str, list[tuple[str, _MakeError]]] = {}
        self._no_names: list[tuple[str, _MakeError]] = []

    def add(self, sections: Mapping[str, Any], lines: Mapping[str, int], path: Path) -> None:
        """Read one file.  Raise CatalogError with file and line if it breaks a rule."""

        def make_error(key: str, why: Sentence) -> CatalogError:
            return CatalogError("rule.key", file=path, line=lines.get(key, 1), key=key, why=why)

        unknown = sorted(sections.keys() - _KEYS)
        if unknown:
            raise make_error(unknown[0], Sentence("rule.no_such_key"))
        for key in ("parts", "labels"):
            if not isinstance(sections.get(key, {}), dict):
                raise make_error(key, Sentence("rule.codes"))
        self._gaps += _texts(sections.get("gaps", []), partial(make_error, "gaps"))
        for name, texts in sections.get("parts", {}).items():
            self._parts.setdefault(name, []).extend(_texts(texts, partial(make_error, "parts")))
        in_labels = partial(make_error, "labels")
        for name, texts in sections.get("labels", {}).items():
            spellings = self._labels.setdefault(name.lower(), [])
            spellings += [(text, in_labels) for text in _texts(texts, in_labels)]
        in_names = partial(make_error, "no_names")
        self._no_names += [
            (text, in_names) for text in _texts(sections.get("no_names", []), in_names)
        ]

    def spellings(self) -> LabelSpellings:
        """Return the labels of all files read.  Raise CatalogError if one names an unknown part."""
        labels = {
            name: tuple(self._spelling(text, make_error) for text, make_error in texts)
            for name, texts in self._labels.items()
        }
        no_names = {
            text
            for spelled, make_error in self._no_names
            for text in texts_of(self._spelling(spelled, make_error))
        }
        return LabelSpellings(labels, tuple(sorted(no_names)))

    def _spelling(self, text: str, make_error: _MakeError) -> Spelling:
        """Return the units of a spelling; raise an error if it names an unknown part."""
        units: list[tuple[str, ...]] = []
        for piece in _PIECES.finditer(text):
            part = piece["part"]
            if part is not None and part not in self._parts:
                known = tuple(sorted(self._parts))
                raise make_error(Sentence("rule.unknown_code", {"code": part, "known": known}))
            choices = [piece["text"]]
            if piece["gap"]:
                choices = ["", " ", *self._gaps]
            elif part is not None:
                choices = self._parts[part]
            units.append(tuple(dict.fromkeys(map(_normalize, choices))))
        return tuple(units)


def _normalize(text: str) -> str:
    """Return a text in small letters, full-width letters as ASCII, without invisible characters."""
    visible = "".join(char for char in text if ord(char) not in ZERO_WIDTH)
    return unicodedata.normalize("NFKC", visible).lower() if visible.strip() else visible


def _texts(entry: Any, make_error: _MakeError) -> list[str]:
    """Return a list of texts of the file; raise an error for any other value."""
    if not isinstance(entry, list) or not all(isinstance(text, str) for text in entry):
        raise make_error(Sentence("rule.texts"))
    return entry
