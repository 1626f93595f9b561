"""Labels of accounts as people write them: folded by sound, shape, emoji and spacing (labels.yaml).

One label has many spellings, each a row of units to choose from.  Parsed strictly: an unknown key,
part or type is a :class:`CatalogError` with file and line.

    label 微信: '<微> <信>' -> 微信, 薇❤, v x, 卫-xin …
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from piiscan.config.document import STRICT, Document, Place
from piiscan.detect.matching.alphabet import ZERO_WIDTH
from piiscan.detect.matching.spellings import Spelling, texts_of
from piiscan.wording.words import Sentence

#: Pieces of a spelling: a part in angle brackets, a blank (an optional gap), or literal text.
_PIECES: Final = re.compile(r"<(?P<part>[^<>]+)>|(?P<gap> )|(?P<text>[^<> ]+)")
#: A spelling as written, and where it stands.
_Written = tuple[str, Document, Place]


@dataclass(frozen=True, slots=True)
class LabelsFile:
    """Keys of a labels.yaml file."""

    __pydantic_config__: ClassVar[Any] = STRICT

    gaps: tuple[str, ...] = ()
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    no_names: tuple[str, ...] = ()


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
        self._labels: dict[str, list[_Written]] = {}
        self._no_names: list[_Written] = []

    def add(self, document: Document) -> None:
        """Read one file, which has the keys of :class:`LabelsFile`."""
        sections = document.values
        self._gaps += sections.get("gaps", ())
        for name, texts in sections.get("parts", {}).items():
            self._parts.setdefault(name, []).extend(texts)
        for name, texts in sections.get("labels", {}).items():
            spellings = self._labels.setdefault(name.lower(), [])
            spellings += [(each, document, ("labels", name, n)) for n, each in enumerate(texts)]
        names = sections.get("no_names", ())
        self._no_names += [(each, document, ("no_names", n)) for n, each in enumerate(names)]

    def spellings(self) -> LabelSpellings:
        """Return the labels of all files read.  Raise CatalogError if one names an unknown part."""
        labels = {
            name: tuple(map(self._spelling, written)) for name, written in self._labels.items()
        }
        no_names = {text for each in self._no_names for text in texts_of(self._spelling(each))}
        return LabelSpellings(labels, tuple(sorted(no_names)))

    def _spelling(self, written: _Written) -> Spelling:
        """Return the units of a spelling; raise an error if it names an unknown part."""
        text, document, place = written
        units: list[tuple[str, ...]] = []
        for piece in _PIECES.finditer(text):
            part = piece["part"]
            if part is not None and part not in self._parts:
                known = tuple(sorted(self._parts))
                why = Sentence("rule.unknown_code", {"code": part, "known": known})
                raise document.error(why, *place)
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
