"""Names in pinyin with the given name first: one to three syllables, then a surname.

``XiaomingWang`` is one; ``BigWang`` has no syllables, ``CanLiu`` may begin a sentence.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, Strength, Verdict
from piiscan.detect.checks.pinyin_name import GIVEN, SURNAMES, is_place

#: Given name and surname, told apart by the last capital after a small letter.
_PARTS: Final = re.compile(r"([A-Z][a-z]+(?:-?[A-Z]?[a-z]+)?)([A-Z][a-z]+|[A-Z]{2,})")
_GIVEN: Final = re.compile(GIVEN)
_SURE: Final = re.compile(SURNAMES)
#: Syllables, alone or joined, that are English words or other names.
_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "ai an ann anna ban banana bang beijing ben bin can canada chan chin china chongqing "
        "dan dana dang data dean den diana die dona eden en fan fen gang gene general "
        "guangdong guangzhou hainan han hang hangzhou he hen henan hong hongkong hunan jan "
        "jean juan kai kang kenya kin kong lie lin linda line long macao machine made male "
        "man mandarin manga mangan me men mine mona moon nan nana nanjing nina one pan panda "
        "pang pen pin ping ran rang sang sanya shanghai she sheng shenzhen sichuan sing song "
        "state sun taipei taiwan tan tang ten tianjin tina tong wan wang we wen wuhan yang "
        "yin you yuan yunnan ",
    )
)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge names: refuted (PLACEHOLDER) without syllables of pinyin.

    MEDIUM if neither part is an English word.

    >>> value = np.frombuffer(b"XiaomingWangBigWang     ", np.uint8).reshape(2, 12)
    >>> check(value, np.array([12, 7], np.int32), as_of=20261231).verdict.tolist()
    [1, 0]
    """
    del as_of
    judged = Judgement.of(len(chars))
    level = np.array(
        [
            _level(row[:size].tobytes().decode("ascii", "replace"))
            for row, size in zip(chars, length.tolist(), strict=True)
        ],
        np.int64,
    )
    judged.mark(level == 0, "PLACEHOLDER", verdict=Verdict.REFUTED)
    judged.strength[level == int(Strength.MEDIUM)] = int(Strength.MEDIUM)
    return judged


def _level(name: str) -> int:
    """Return the level of a name, 0 for none."""
    parts = _PARTS.fullmatch(name)
    if parts is None:
        return 0
    given, surname = parts[1].lower().replace("-", ""), parts[2].lower()
    if not _GIVEN.fullmatch(given) or is_place(given + surname):
        return 0
    sure = _SURE.fullmatch(surname) and given not in _WORDS
    return int(Strength.MEDIUM) if sure else int(Strength.LOW)
