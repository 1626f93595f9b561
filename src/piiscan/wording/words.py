"""Sentences by key in two languages, from the TOML files of this folder.

The first part of a key is a section: ``column.hits`` is ``hits`` of ``[column]``. A section is
parsed when one of its sentences is first asked for.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, Protocol, runtime_checkable

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")

#: Kind of names -> section with them; a case can have further names.
_NAME_SECTIONS: Final = {"reasons": "reason", "events": "event", "classes": "file_class"}

#: Names of kinds, verdicts and reasons: ``{"entities": {code: {"zh": …, "en": …}}, …}``.
Vocabulary = Mapping[str, Mapping[str, Mapping[str, str]]]


@runtime_checkable
class Translated(Protocol):
    """Object with a text in each language: a sentence or an error."""

    def text(self, language: Language) -> str:
        """Return the text in ``language``."""
        ...


@dataclass(frozen=True, slots=True)
class Sentence:
    """Sentence before its language is chosen: its key, and the fields of its placeholders."""

    key: str
    fields: Mapping[str, object] = field(default_factory=dict, repr=False)

    def text(self, language: Language) -> str:
        """Return the sentence in ``language``; raise KeyError if it is missing."""
        return fill(sentence(self.key, language), self.fields, language)


@dataclass(frozen=True, slots=True)
class Words:
    """Wording in one language; ``vocabulary`` has the names of the case's catalogue."""

    language: Language
    vocabulary: Vocabulary = field(default_factory=dict)

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the sentence with the dotted ``key``, its placeholders filled from ``values``.

        Raise KeyError if there is none.

        >>> Words("en")("column.hits")
        'hits'
        """
        text = sentence(key, self.language)
        return text.format(**values) if values else text

    def with_names(self, kind: str, entries: Mapping[str, Mapping[str, str]]) -> Words:
        """Return a copy whose display names for codes of ``kind`` are ``entries``."""
        return Words(self.language, {**self.vocabulary, kind: entries})

    def name(self, kind: str, code: str) -> str:
        """Return the name of ``code`` in ``kind`` (entities, verdicts, reasons, roles).

        Return the code if it has no name.  The second contact of a record, ``contact#2``, is
        called 紧急联系人2.

        >>> Words("zh")("class.person"), Words("zh").name("reasons", "ENCRYPTED")
        ('个人信息', '已加密')
        """
        code, mark, number = code.partition("#") if kind == "roles" else (code, "", "")
        entry = self.vocabulary.get(kind, {}).get(code)
        if entry is None and kind in _NAME_SECTIONS:
            entry = section(_NAME_SECTIONS[kind]).get(code)
        name = str(entry.get(self.language, code)) if entry else code
        return name + (" " * (self.language == "en") + number if mark else "")


def find_code(names: Mapping[str, Mapping[str, str]], name: str) -> str | None:
    """Return the code equal to ``name``, or with this name in a language; None for other words.

    >>> find_code({"CN_MOBILE": {"zh": "手机号码", "en": "Mobile number"}}, "mobile NUMBER")
    'CN_MOBILE'
    """
    for code, entry in names.items():
        if name.casefold() in map(str.casefold, (code, *map(str, entry.values()))):
            return code
    return None


def sentence(key: str, language: Language) -> str:
    """Return the sentence with the dotted ``key``, placeholders unfilled.

    Raise KeyError if there is none.
    """
    first, *rest = key.split(".")
    entry: Any = section(first)
    for part in rest:
        entry = entry[part]
    return str(entry[language])


def fill(text: str, fields: Mapping[str, object], language: Language) -> str:
    """Fill the placeholders of ``text``; fields that have several languages say theirs.

    A tuple of names is joined by commas, a list of sentences by line ends.

    >>> fill("{count} of {names}", {"count": 1, "names": ("a", "b")}, "en")
    '1 of a, b'
    """
    return text.format(**{name: _shown(value, language) for name, value in fields.items()})


def _shown(value: object, language: Language) -> object:
    """Return a field as its placeholder shows it."""
    if isinstance(value, Translated):
        return value.text(language)
    if isinstance(value, list | tuple):
        joint = ", " if isinstance(value, tuple) else "\n"
        return joint.join(str(_shown(each, language)) for each in value)
    return value


@cache
def section(name: str) -> dict[str, Any]:
    """Return the sentences of a section, nested by key; raise KeyError if it is missing."""
    found: dict[str, Any] = {}
    for text in _section_texts()[name]:
        found |= tomllib.loads(text)[name]
    return found


@cache
def _section_texts() -> dict[str, list[str]]:
    """Return the TOML text of each section, one for each file that has sentences of it."""
    found: dict[str, list[str]] = {}
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        tables: dict[str, str] = {}
        for table in re.split(r"^(?=\[)", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            name = re.split(r"[].]", table[1:], maxsplit=1)[0]
            tables[name] = tables.get(name, "") + table
        for name, text in tables.items():
            found.setdefault(name, []).append(text)
    return found
