"""What a sheet to be filled in has: its columns, their headings, and the words a cell may hold.

A form is a TOML file beside the module that uses it; headings and words stand in it in Chinese and
English, and a sheet in either language comes back the same.
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
#: How a column's cells are written: as text, as a number, as a share of one.
Kind = Literal["text", "number", "share"]

_NO_WORD: Final = re.compile(r"[\s\u200b-\u200f\ufeff]+")


@dataclass(frozen=True, slots=True)
class Choice:
    """One word that cells of a column may hold: its code, and how people write it."""

    code: str
    words: Mapping[str, str]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    ``needed``: a sheet without it is refused.  ``editable``: for people to fill in, and coloured.
    ``exact``: blanks at either end of its cells mean something.  ``also``: other headings it may
    come back under.
    """

    name: str
    heading: Mapping[str, str]
    about: Mapping[str, str] = field(default_factory=dict)
    width: int = 14
    kind: Kind = "text"
    needed: bool = False
    editable: bool = False
    exact: bool = False
    also: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()

    def code_of(self, text: str) -> str | None:
        """The code of the choice that ``text`` is a word for, None if there is none."""
        wanted = plain(text)
        for choice in self.choices:
            if wanted in {plain(each) for each in (choice.code, *choice.words.values())}:
                return choice.code
            if wanted in {plain(each) for each in choice.also}:
                return choice.code
        return None

    def word_of(self, code: str, language: Language) -> str:
        """How the choice ``code`` is written."""
        return next(each.words[language] for each in self.choices if each.code == code)


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet's columns, its title, and what its second sheet explains."""

    title: Mapping[str, str]
    help: Mapping[str, str]
    notes: tuple[Mapping[str, str], ...]
    columns: tuple[Column, ...]

    def __getitem__(self, name: str) -> Column:
        """The column ``name``."""
        return next(each for each in self.columns if each.name == name)


def load_form(path: Path) -> Form:
    """The form that the TOML file at ``path`` describes."""
    with path.open("rb") as file:
        content = tomllib.load(file)
    about = content["sheet"]
    columns = tuple(_column(entry) for entry in content["column"])
    return Form(about["title"], about["help"], tuple(about["notes"]), columns)


def _column(entry: Mapping[str, Any]) -> Column:
    choices = tuple(
        Choice(code, {"zh": words["zh"], "en": words["en"]}, tuple(words.get("also", ())))
        for code, words in entry.get("choices", {}).items()
    )
    rest = {key: value for key, value in entry.items() if key not in ("also", "choices")}
    return Column(**rest, also=tuple(entry.get("also", ())), choices=choices)


def plain(text: str) -> str:
    """A word as it is compared: width, letter case and blanks do not matter.

    >>> plain(" ＳＭ 3") == plain("sm3")
    True
    """
    return _NO_WORD.sub("", unicodedata.normalize("NFKC", text)).casefold()


def heading_keys(text: str) -> list[str]:
    """What a heading may be recognized by, best first: all of it, its parts around brackets.

    >>> heading_keys("角色，可修改 (role)")
    ['角色,可修改(role)', '角色,可修改', 'role', '角色']
    """
    whole = plain(text)
    outer, _, inner = whole.partition("(")
    keys = [whole, outer, inner.rstrip(")"), outer.partition(",")[0]]
    return [key for key in dict.fromkeys(keys) if key]
