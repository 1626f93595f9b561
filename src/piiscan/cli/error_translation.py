"""The user's language for what the rooms below raise: they speak English, and know no language.

An error is recognized by its sentence, with anything where something was filled in.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from piiscan.cli.wording import Language

_GAP: Final = "{}"
#: A fault in a sheet that was given back (:mod:`piiscan.forms.reader`).
_CELL: Final = re.compile(r"([^\n]+?)(?:, sheet ([^\n]+?))?, row (\d+), ([^\n]+?): ([^\n]+)")


def translate(text: str, language: Language) -> str:
    """``text`` in ``language``; as it stands where no sentence fits it.

    >>> translate("/c: no such case folder", "zh")
    '/c：没有这个案卷文件夹'
    """
    if language == "en":
        return text
    if "\n" in text:
        lines = text.split("\n")
        told = [translate(line, language) for line in lines]
        if all(map(str.__ne__, lines, told)):
            return "\n".join(told)
    if cell := _CELL.fullmatch(text):
        file, sheet, row, heading, why = cell.groups()
        place = f"，工作表 {sheet}" if sheet else ""
        return f"{file}{place}，第 {row} 行，“{heading}”：{translate(why, language)}"
    for pattern, sentence in sentences():
        found = pattern.fullmatch(text)
        if found:
            parts = sentence.split(_GAP)
            filled = zip(parts, [*found.groups(), ""], strict=True)
            return "".join(part + value for part, value in filled)
    return text


@cache
def sentences() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What each error looks like, and its Chinese."""
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        entries = tomllib.load(file)["sentence"]
    return tuple((_pattern(each["en"]), each["zh"]) for each in entries)


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(map(re.escape, sentence.split(_GAP))), re.DOTALL)
