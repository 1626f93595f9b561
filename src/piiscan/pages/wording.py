"""Wording of tables and pages: sentences from wording.toml, names of entities from the case."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")

#: Kind of names -> section of wording.toml; a case can have further names.
_WORDING_SECTIONS: Final = {"reasons": "reason", "events": "event", "classes": "file_class"}

#: Names of kinds, verdicts and reasons: ``{"entities": {code: {"zh": …, "en": …}}, …}``.
Vocabulary = Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Words:
    """Wording in one language; ``vocabulary`` has the names of the case's catalogue."""

    language: Language
    vocabulary: Vocabulary

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the sentence with the dotted ``key``, its placeholders filled from ``values``.

        Raise KeyError if there is none.

        >>> Words("en", {})("column.hits")
        'hits'
        """
        entry: Any = wording()
        for part in key.split("."):
            entry = entry[part]
        text = str(entry[self.language])
        return text.format(**values) if values else text

    def with_names(self, kind: str, entries: Mapping[str, Mapping[str, str]]) -> Words:
        """Return a copy whose display names for codes of ``kind`` are ``entries``."""
        return Words(self.language, {**self.vocabulary, kind: entries})

    def name(self, kind: str, code: str) -> str:
        """Return the name of ``code`` in ``kind`` (entities, verdicts, reasons, roles).

        Return the code if it has no name.

        >>> Words("zh", {})("class.person"), Words("zh", {}).name("reasons", "ENCRYPTED")
        ('个人信息', '已加密')
        """
        entry = self.vocabulary.get(kind, {}).get(code)
        if entry is None and kind in _WORDING_SECTIONS:
            entry = wording()[_WORDING_SECTIONS[kind]].get(code)
        return str(entry.get(self.language, code)) if entry else code


@cache
def wording() -> dict[str, Any]:
    """Return all sentences of wording.toml and documents.toml, nested by key."""
    sections: dict[str, Any] = {}
    for name in ("wording.toml", "documents.toml"):
        with Path(__file__).with_name(name).open("rb") as file:
            sections |= tomllib.load(file)
    return sections
