"""Form schema: the columns of a form, their headings, and the words a cell may contain.

A form is a TOML file next to the module that uses it.  It has headings and words in Chinese and
English, so a returned form in either language reads the same.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

Language = Literal["zh", "en"]
#: Type of a column's cells: text, number, or a share between 0 and 1.
CellType = Literal["text", "number", "share"]

_IGNORED_CHARACTERS: Final = re.compile(r"[\s\u200b-\u200f\ufeff]+")


@dataclass(frozen=True, slots=True)
class Choice:
    """Choice of a column: its code, and the words that people write for it."""

    code: str
    words: Mapping[str, str]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Column of a form.

    ``needed``: a form without the column is refused.  ``editable``: people fill it in, and it is
    coloured. ``exact``: blanks at the ends of its cells are significant.  ``also``: other headings
    that are accepted.
    """

    name: str
    heading: Mapping[str, str]
    about: Mapping[str, str] = field(default_factory=dict)
    width: int = 14
    kind: CellType = "text"
    needed: bool = False
    editable: bool = False
    exact: bool = False
    also: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()

    def code_of(self, text: str) -> str | None:
        """Return the code of the choice with this word or code, None for an unknown text."""
        normalized = normalize_word(text)
        for choice in self.choices:
            if normalized in {
                normalize_word(each) for each in (choice.code, *choice.words.values())
            }:
                return choice.code
            if normalized in {normalize_word(each) for each in choice.also}:
                return choice.code
        return None

    def word_of(self, code: str, language: Language) -> str:
        """Return the word that people see for the choice ``code`` in ``language``."""
        return next(each.words[language] for each in self.choices if each.code == code)


@dataclass(frozen=True, slots=True)
class Form:
    """Form: its columns, its title, and the notes on its help sheet."""

    title: Mapping[str, str]
    help: Mapping[str, str]
    notes: tuple[Mapping[str, str], ...]
    columns: tuple[Column, ...]

    def __getitem__(self, name: str) -> Column:
        """Return the column ``name``."""
        return next(each for each in self.columns if each.name == name)


def load_form(path: Path) -> Form:
    """Load the form in the TOML file at ``path``."""
    with path.open("rb") as file:
        content = tomllib.load(file)
    sheet = content["sheet"]
    columns = tuple(_column(entry) for entry in content["column"])
    return Form(sheet["title"], sheet["help"], tuple(sheet["notes"]), columns)


def _column(entry: Mapping[str, Any]) -> Column:
    """Build a Column from its TOML table."""
    choices = tuple(
        Choice(code, {"zh": words["zh"], "en": words["en"]}, tuple(words.get("also", ())))
        for code, words in entry.get("choices", {}).items()
    )
    rest = {key: value for key, value in entry.items() if key not in ("also", "choices")}
    return Column(**rest, also=tuple(entry.get("also", ())), choices=choices)


def normalize_word(text: str) -> str:
    """Fold width, letter case and blanks of a form's word for comparison.

    >>> normalize_word(" ＳＭ 3") == normalize_word("sm3")
    True
    """
    return _IGNORED_CHARACTERS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def heading_keys(text: str) -> list[str]:
    """Return the comparison keys of a heading, best first: whole, then parts around brackets.

    >>> heading_keys("角色，可修改 (role)")
    ['角色,可修改(role)', '角色,可修改', 'role', '角色']
    """
    whole = normalize_word(text)
    outer, _, inner = whole.partition("(")
    keys = [whole, outer, inner.rstrip(")"), outer.partition(",")[0]]
    return [key for key in dict.fromkeys(keys) if key]
