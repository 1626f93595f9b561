"""Names in pinyin: a surname, then one to three syllables of a given name.

``ZhangXiaoming`` is one; ``LongBeach`` has no syllables, ``HongKong`` is a place.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, Strength, Verdict

#: Syllables of pinyin as initials and the finals that follow them.
_SYLLABLES: Final = (
    "[bp](?:ang|an|ai|ao|a|ei|eng|en|iao|ian|ing|in|ie|i|o|u)|m(?:ang|an|ai|ao|a|ei|eng|en|e|iao|ian"
    "|ing|in|iu|ie|i|ou|o|u)|f(?:ang|an|a|ei|eng|en|ou|o|u)|[dt](?:ang|an|ai|ao|a|eng|e|iao|ian|ing"
    "|iu|ie|i|ong|ou|uan|ui|un|uo|u)|[nl](?:ang|an|ai|ao|a|ei|eng|en|e|iang|iao|ian|ing|in|iu|ie|ia"
    "|i|ong|ou|uan|ue|un|uo|u|ve|v)|[gkh](?:ang|an|ai|ao|a|ei|eng|en|e|ong|ou|uang|uan|uai|ua|ui|un"
    "|uo|u)|[jqx](?:iang|iong|iao|ian|ing|in|iu|ie|ia|i|uan|ue|un|u)|[zcs]h(?:ang|an|ai|ao|a|eng|en"
    "|e|i|ong|ou|uang|uan|uai|ua|ui|un|uo|u)|r(?:ang|an|ao|eng|en|e|i|ong|ou|uan|ui|un|uo|u)|[zcs]("
    "?:ang|an|ai|ao|a|eng|en|e|i|ong|ou|uan|ui|un|uo|u)|w(?:ang|an|ai|a|ei|eng|en|o|u)|y(?:ang|an|a"
    "o|a|e|ing|in|i|ong|ou|uan|ue|un|u)|ang|an|ai|ao|a|en|er|e|ou"
)
GIVEN: Final = rf"(?:{_SYLLABLES}){{1,3}}"
_NAME: Final = re.compile(GIVEN)
#: Surnames that are no English word: with one of them the form alone is enough.
SURNAMES: Final = "|".join(
    re.findall(
        r"\w+",
        "zhang zhao zhou zhu zheng zhong zeng xu xie xiao xiong xue xia qian qin qiu qiao "
        "huang liu wang chen yang jiang guo luo liang deng feng cao peng cheng yuan lyu lv "
        "shen wu hu guan hou liao meng shao tian wen yao yin yu duan cui tao zou zhuang kang "
        "hao ouyang sima shangguan zhuge ",
    )
)
_SURE: Final = re.compile(f"(?:{SURNAMES}){GIVEN}")
#: Places of two words.
_PLACES: Final = frozenset(
    re.findall(
        r"\w+",
        "chengde chengdu chenghuang fengshui guangdong guangxi guangzhou guiyang guizhou "
        "hongkong hongqiao huanggang huangpu huangshan hubei huhehaote huhhot huludao hunan "
        "jiangmen jiangsu jiangxi jiangyin luoyang meizhou shenyang shenzhen taiyuan tianjin "
        "wangfujing wangjing wenzhou wuhan wuhu wuxi wuzhou xuchang xuhui xuzhou yangpu "
        "yangzhou yinchuan yinyang yunnan yuxi zhangjia zhangye zhangzhou zhanjiang zhengzhou "
        "zhongguancun zhongguo zhonghua zhongshan zhuhai zhuzhou ",
    )
)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge names in capitals or small letters: refuted (PLACEHOLDER) if no pinyin or a place.

    A surname that is no English word makes the level MEDIUM.

    >>> value = np.frombuffer(b"ZhangWei LongBeachHuBei    ", np.uint8).reshape(3, 9)
    >>> check(value, np.array([8, 9, 5], np.int32), as_of=20261231).verdict.tolist()
    [1, 0, 0]
    """
    del as_of
    judged = Judgement.of(len(chars))
    names = [
        row[:size].tobytes().decode("ascii", "replace").lower()
        for row, size in zip(chars, length.tolist(), strict=True)
    ]
    found = [_level(re.sub("[^a-z]", "", name)) for name in names]
    level = np.array(found, np.int64)
    judged.mark(level == 0, "PLACEHOLDER", verdict=Verdict.REFUTED)
    judged.strength[level == int(Strength.MEDIUM)] = int(Strength.MEDIUM)
    return judged


def is_place(name: str) -> bool:
    """Return True if ``name``, in small letters without blanks, is a place of two words."""
    return name in _PLACES


def _level(name: str) -> int:
    """Return the level of a name in small letters, 0 for none."""
    if is_place(name):
        return 0
    if _SURE.fullmatch(name):
        return int(Strength.MEDIUM)
    return int(Strength.LOW) if _NAME.fullmatch(name) else 0
