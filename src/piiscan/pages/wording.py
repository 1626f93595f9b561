"""Words of tables and pages: headings from wording.toml, names of kinds from the case itself."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")

#: Kinds of names that stand in wording.toml, and where; a case may have more of them.
_OWN: Final = {"reasons": "reason", "events": "event", "classes": "file_class"}

#: Names of kinds, verdicts and reasons: ``{"entities": {code: {"zh": …, "en": …}}, …}``.
Vocabulary = Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Words:
    """Wording in one language; ``vocabulary`` is that of the catalogue the case was made with."""

    language: Language
    vocabulary: Vocabulary

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence ``key`` (dotted) with ``values`` filled in; KeyError if there is none.

        >>> Words("en", {})("column.hits")
        'hits'
        """
        entry: Any = wording()
        for part in key.split("."):
            entry = entry[part]
        text = str(entry[self.language])
        return text.format(**values) if values else text

    def beside(self, kind: str, entries: Mapping[str, Mapping[str, str]]) -> Words:
        """The same wording with names of another kind of thing added."""
        return Words(self.language, {**self.vocabulary, kind: entries})

    def name(self, kind: str, code: str) -> str:
        """What ``code`` of ``kind`` (entities, verdicts, reasons, roles) is called, else itself.

        >>> Words("zh", {})("class.person"), Words("zh", {}).name("reasons", "ENCRYPTED")
        ('个人信息', '已加密')
        """
        entry = self.vocabulary.get(kind, {}).get(code)
        if entry is None and kind in _OWN:
            entry = wording()[_OWN[kind]].get(code)
        return str(entry.get(self.language, code)) if entry else code


@cache
def wording() -> dict[str, Any]:
    """Everything in wording.toml, and what only workbooks and statements say (documents.toml)."""
    told: dict[str, Any] = {}
    for name in ("wording.toml", "documents.toml"):
        with Path(__file__).with_name(name).open("rb") as file:
            told |= tomllib.load(file)
    return told
