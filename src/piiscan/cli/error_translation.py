"""Error translation: Chinese sentences for the English errors of the library.

An error is recognised by its sentence, with any text in place of the filled-in values.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from piiscan.wording.words import Language

_GAP: Final = "{}"
#: An invalid cell in a returned form (:mod:`piiscan.forms.reader`).
_CELL_ERROR: Final = re.compile(r"([^\n]+?)(?:, sheet ([^\n]+?))?, row (\d+), ([^\n]+?): ([^\n]+)")


def translate(text: str, language: Language) -> str:
    """Return an English error text in ``language``; unchanged if no known sentence matches.

    >>> translate("/c: no such case folder", "zh")
    '/c：没有这个案卷文件夹'
    """
    if language == "en":
        return text
    if "\n" in text:
        lines = text.split("\n")
        translated = [translate(line, language) for line in lines]
        if all(map(str.__ne__, lines, translated)):
            return "\n".join(translated)
    if cell := _CELL_ERROR.fullmatch(text):
        file, sheet, row, heading, reason = cell.groups()
        place = f"，工作表 {sheet}" if sheet else ""
        return f"{file}{place}，第 {row} 行，“{heading}”：{translate(reason, language)}"
    for pattern, sentence in sentences():
        found = pattern.fullmatch(text)
        if found:
            parts = sentence.split(_GAP)
            filled = zip(parts, [*found.groups(), ""], strict=True)
            return "".join(part + value for part, value in filled)
    return text


@cache
def sentences() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return (pattern of the English error, Chinese sentence) pairs."""
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        entries = tomllib.load(file)["sentence"]
    return tuple((_sentence_pattern(each["en"]), each["zh"]) for each in entries)


def _sentence_pattern(sentence: str) -> re.Pattern[str]:
    """Return the regular expression of an English sentence with gaps ``{}``."""
    return re.compile("(.*?)".join(map(re.escape, sentence.split(_GAP))), re.DOTALL)
