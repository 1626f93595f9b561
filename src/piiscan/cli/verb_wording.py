"""Wording of the command line: every sentence in Chinese and English, from verb_wording.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Wording:
    """Sentences by key in one language: ``words("find.help")``."""

    language: Language

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the sentence under ``key`` with ``values`` in its placeholders.

        Raise KeyError for an unknown key.
        """
        sentence = sentences()[key][self.language]
        return sentence.format(**values) if values else sentence


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """Return all sentences, ``{"find.help": {"zh": …, "en": …}}``, from verb_wording.toml."""
    found: dict[str, Mapping[str, str]] = {}
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        _flatten_entries("", tomllib.load(file), found)
    return found


def _flatten_entries(
    prefix: str, entries: Mapping[str, Any], found: dict[str, Mapping[str, str]]
) -> None:
    """Add the sentences of a nested TOML table to ``found``, dotted key -> languages."""
    for name, entry in entries.items():
        if "zh" in entry:
            found[prefix + name] = entry
        else:
            _flatten_entries(f"{prefix}{name}.", entry, found)


def locale_language(environment: Mapping[str, str]) -> Language:
    """Return ``en`` if the environment has an English locale, else ``zh``.

    ``zh`` is also for C, POSIX and no locale. The first of LC_ALL, LC_MESSAGES and LANG that is
    set decides, as POSIX defines.

    >>> locale_language({"LANG": "en_GB.UTF-8"}), locale_language({"LANG": "C.UTF-8"})
    ('en', 'zh')
    """
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "en" if environment[name].lower().startswith("en") else "zh"
    return "zh"


def split_language(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the value of ``--lang`` before ``--``, and the other arguments.

    >>> split_language(["find", "--lang", "en", "text"])
    ('en', ['find', 'text'])
    """
    language: str | None = None
    others: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            others += [argument, *rest]
        elif argument == "--lang":
            language = next(rest, "")
        elif argument.startswith("--lang="):
            language = argument.removeprefix("--lang=")
        else:
            others.append(argument)
    return language, others
