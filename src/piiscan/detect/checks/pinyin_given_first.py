"""Names in pinyin with the given name first: one to three syllables, then a surname.

``XiaomingWang`` is one; ``BigWang`` has no syllables, ``CanLiu`` may begin a sentence.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import PINYIN_GIVEN_FIRST_CHECK

#: Syllables, alone or joined, that are English words or other names.
WORDS: Final = frozenset(
    b"ai an ann anna ban banana bang beijing ben bin can canada chan chin china chongqing "
    b"dan dana dang data dean den diana die dona eden en fan fen gang gene general "
    b"guangdong guangzhou hainan han hang hangzhou he hen henan hong hongkong hunan jan "
    b"jean juan kai kang kenya kin kong lie lin linda line long macao machine made male "
    b"man mandarin manga mangan me men mine mona moon nan nana nanjing nina one pan panda "
    b"pang pen pin ping ran rang sang sanya shanghai she sheng shenzhen sichuan sing song "
    b"state sun taipei taiwan tan tang ten tianjin tina tong wan wang we wen wuhan yang "
    b"yin you yuan yunnan ".split()
)

#: Judge names: refuted (PLACEHOLDER) without syllables of pinyin. MEDIUM if neither part is an
#: English word.
check: Final = partial(judge_rows, PINYIN_GIVEN_FIRST_CHECK)
