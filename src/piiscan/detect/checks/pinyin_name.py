"""Names in pinyin: a surname, then one to three syllables of a given name.

``ZhangXiaoming`` is one; ``LongBeach`` has no syllables, ``HongKong`` is a place.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import PINYIN_NAME_CHECK

#: Finals of pinyin by the initials that they follow, and all syllables.
_FINALS: Final = {
    "b p": "ang an ai ao a ei eng en iao ian ing in ie i o u",
    "m": "ang an ai ao a ei eng en e iao ian ing in iu ie i ou o u",
    "f": "ang an a ei eng en ou o u",
    "d t": "ang an ai ao a eng e iao ian ing iu ie i ong ou uan ui un uo u",
    "n l": "ang an ai ao a ei eng en e iang iao ian ing in iu ie ia i ong ou uan ue un uo u ve v",
    "g k h": "ang an ai ao a ei eng en e ong ou uang uan uai ua ui un uo u",
    "j q x": "iang iong iao ian ing in iu ie ia i uan ue un u",
    "zh ch sh": "ang an ai ao a eng en e i ong ou uang uan uai ua ui un uo u",
    "r": "ang an ao eng en e i ong ou uan ui un uo u",
    "z c s": "ang an ai ao a eng en e i ong ou uan ui un uo u",
    "w": "ang an ai a ei eng en o u",
    "y": "ang an ao a e ing in i ong ou uan ue un u",
    "": "ang an ai ao a en er e ou",
}
SYLLABLES: Final = frozenset(
    (initial + final).encode()
    for initials, finals in _FINALS.items()
    for initial in initials.split() or [""]
    for final in finals.split()
)
#: Surnames that are no English word: with one of them the form alone is enough.
SURNAMES: Final = frozenset(
    b"zhang zhao zhou zhu zheng zhong zeng xu xie xiao xiong xue xia qian qin qiu qiao "
    b"huang liu wang chen yang jiang guo luo liang deng feng cao peng cheng yuan lyu lv "
    b"shen wu hu guan hou liao meng shao tian wen yao yin yu duan cui tao zou zhuang kang "
    b"hao ouyang sima shangguan zhuge ".split()
)
#: Places of two words.
PLACES: Final = frozenset(
    b"chengde chengdu chenghuang fengshui guangdong guangxi guangzhou guiyang guizhou "
    b"hongkong hongqiao huanggang huangpu huangshan hubei huhehaote huhhot huludao hunan "
    b"jiangmen jiangsu jiangxi jiangyin luoyang meizhou shenyang shenzhen taiyuan tianjin "
    b"wangfujing wangjing wenzhou wuhan wuhu wuxi wuzhou xuchang xuhui xuzhou yangpu "
    b"yangzhou yinchuan yinyang yunnan yuxi zhangjia zhangye zhangzhou zhanjiang zhengzhou "
    b"zhongguancun zhongguo zhonghua zhongshan zhuhai zhuzhou ".split()
)

#: Judge names in capitals or small letters: refuted (PLACEHOLDER) if no pinyin or a place. A
#: surname that is no English word makes the level MEDIUM.
check: Final = partial(judge_rows, PINYIN_NAME_CHECK)
