"""Spellings of place names: in full, without suffix, and by one letter for a province.

``湖南省 -> 湖南省, 湖南, 湘``
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from piiscan.data import PROVINCES
from piiscan.detect.address.address_numbers import CITY, DISTRICT, FULL, PROVINCE, SHORT, TOWN

#: One-character abbreviation of each province, as on number plates and in lists.
LETTERS: Final = dict(
    zip(
        map(str, PROVINCES),
        "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔滇藏陕甘青宁新",
        strict=True,
    )
)
_PEOPLES: Final = (
    "壮 回 维吾尔 蒙古 藏 苗 彝 布依 土家 侗 朝鲜 满 白 哈尼 哈萨克 傣 黎 傈僳 佤 畲 拉祜 水 "
    "东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 "
    "鄂温克 德昂 保安 裕固 独龙 鄂伦春 各 瑶"
)
_PEOPLE: Final = "|".join(sorted(_PEOPLES.split(), key=len, reverse=True))
_AUTONOMOUS: Final = re.compile(f"(?:(?:{_PEOPLE})族?)+自治(?P<kind>[州县旗])$")
_AUTONOMOUS_REGION: Final = re.compile(r"(壮族|回族|维吾尔)?自治区$|特别行政区$")
_ENDS: Final = {
    PROVINCE: re.compile("[省市]$"),
    CITY: re.compile("市$|地区$|盟$|州$|县$"),
    DISTRICT: re.compile("新区$|林区$|矿区$|特区$|区$|县$|市$|旗$|镇$|乡$"),
    TOWN: re.compile("街道$|民族乡$|镇$|乡$|地区$|苏木$|场$"),
}
#: Minimum length of a name without its suffix, in characters.
_STEM: Final = 2


def spellings(name: str, level: int) -> Iterator[tuple[str, int]]:
    """Yield (spelling, form) for the full ``name`` of a place: ``长沙市 -> 长沙市, 长沙``.

    >>> dict(spellings("湘西土家族苗族自治州", CITY))
    {'湘西土家族苗族自治州': 0, '湘西自治州': 0, '湘西州': 0, '湘西': 1}
    >>> dict(spellings("内蒙古自治区", PROVINCE)), dict(spellings("东区", DISTRICT))
    ({'内蒙古自治区': 0, '内蒙古': 1, '内蒙': 1}, {'东区': 0})
    """
    yield name, FULL if _ENDS[level].search(name) or level == PROVINCE else SHORT
    if level == PROVINCE:
        yield from _province_spellings(name)
        return
    autonomous = _AUTONOMOUS.search(name)
    if autonomous and autonomous.start() >= _STEM:
        stem = name[: autonomous.start()]
        yield f"{stem}自治{autonomous['kind']}", FULL
        yield stem + autonomous["kind"], FULL
        yield stem, SHORT
        return
    if level == TOWN and name.endswith("街道"):
        yield name + "办事处", FULL
        yield name + "办", FULL
    stem = _ENDS[level].sub("", name)
    road = level == TOWN and stem.endswith(("路", "街", "道", "巷", "场", "区", "园"))
    if stem != name and len(stem) >= _STEM and not road:
        yield stem, SHORT


def _province_spellings(name: str) -> Iterator[tuple[str, int]]:
    """Yield (spelling, form) for the short names of a province: ``湖南省 -> 湖南``."""
    stem = _AUTONOMOUS_REGION.sub("", name)
    if stem == name:
        stem = _ENDS[PROVINCE].sub("", name)
    elif "特别" in name:
        yield stem + "特区", FULL
    elif stem != "内蒙古":  # people write 广西省, though no such province exists
        yield stem + "省", FULL
    if stem != name:
        yield stem, SHORT
    if stem == "内蒙古":
        yield "内蒙", SHORT


def stem_of(name: str, level: int) -> str:
    """Return the place name without its suffix, which all its names over the years share.

    >>> stem_of("平泉县", DISTRICT), stem_of("平泉市", DISTRICT)
    ('平泉', '平泉')
    """
    return min((text for text, _ in spellings(name, level)), key=len)
