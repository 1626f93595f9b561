"""Generator of addresses in Taiwan, Hong Kong and Macau.

Examples: ``台北市大安区示例路3段12巷5号7楼``, ``香港九龙旺角示例道18号示例大厦B座3楼``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random

from piiscan.data import rows

from .word_lists import WORD_LISTS

QUARTERS = WORD_LISTS["isles"]["quarters"]
STREETS = WORD_LISTS["isles"]["streets"]
BUILDINGS = WORD_LISTS["isles"]["buildings"]
LANES = WORD_LISTS["isles"]["lanes"]
TAIWAN = "710000"


@dataclass(frozen=True, slots=True)
class HmtAddresses:
    """Generator of these addresses. ``stem`` returns a random name of a road or building."""

    random: Random
    stem: Callable[[], str]

    def address(self) -> str:
        """Return a random address in Taiwan, Hong Kong or Macau."""
        chance = self.random.random()
        if chance < 0.55:
            return self.taiwan()
        return self.hong_kong() if chance < 0.85 else self.macau()

    def taiwan(self) -> str:
        """Return an address in Taiwan: county, town, road, section, lane, number and floor.

        Some have a village and a neighbourhood (里, 邻).
        """
        draw = self.random
        city, town = draw.choice(taiwan_towns())
        text = draw.choice(("", "", "台湾省", "中国台湾")) if draw.random() < 0.1 else ""
        text += city + town if draw.random() < 0.9 else draw.choice((city, town))
        if draw.random() < 0.2:
            text += self.stem() + draw.choice("里里村") + f"{draw.randint(1, 40)}邻"
        text += self.stem() + draw.choice(
            ("路", "路", "路", "街", "街", "大道", "东路", "西路", "南路", "北路", "一路", "二街")
        )
        if draw.random() < 0.35:
            text += draw.choice("一二三四五六12345") + "段"
        if draw.random() < 0.35:
            text += f"{draw.randint(1, 600)}巷"
            text += f"{draw.randint(1, 90)}弄" if draw.random() < 0.4 else ""
        text += f"{draw.randint(1, 999)}" + draw.choice(("", "", "之1", "-2")) + "号"
        return text + draw.choice(
            ("", "", f"{draw.randint(1, 25)}楼", f"{draw.randint(2, 25)}楼之{draw.randint(1, 9)}",
             f"{draw.randint(2, 25)}F", "B1", "1楼", "顶楼")
        )  # fmt: skip

    def hong_kong(self) -> str:
        """Return an address in Hong Kong: district, street, number, building, floor and flat."""
        draw = self.random
        text = draw.choice(
            ("香港", "九龙", "新界", "新界", "九龙", "香港", "", "香港九龙", "香港新界")
        )
        text += draw.choice(QUARTERS) if draw.random() < 0.9 or not text else ""
        chance = draw.random()
        if chance < 0.8:
            text += self.stem() + draw.choice(STREETS) + f"{draw.randint(1, 900)}"
            text += (f"-{draw.randint(2, 99)}" if draw.random() < 0.1 else "") + "号"
        elif chance < 0.9:
            text += self.stem() + draw.choice("村村围") + f"{draw.randint(1, 400)}号"
            return text + draw.choice(("", "地下", f"{draw.randint(1, 3)}楼"))
        if chance >= 0.9 or draw.random() < 0.75:
            text += self.building()
        elif draw.random() < 0.5:
            text += draw.choice(("地下", "地铺", f"地下{draw.randint(1, 20)}号铺"))
        return text

    def building(self) -> str:
        """Return a Hong Kong building with block, floor and flat: ``示例大厦A座12楼3室``."""
        draw = self.random
        text = self.stem() + draw.choice(BUILDINGS)
        if text.endswith(("邨", "苑")):
            text += self.stem()[:2] + draw.choice("楼阁座")
        block = draw.choice(("", "", "第{}座", "{}座", "{}期", "A座", "东座"))
        text += block.format(draw.randint(1, 20))
        text += draw.choice(("{}楼", "{}楼", "{}字楼", "{}/F", "")).format(draw.randint(1, 50))
        flat = draw.choice(("", "", "{}室", "{}室", "A室", "C1室", "B", "{}号室", "全层"))
        return text + flat.format(draw.randint(1, 3300))

    def macau(self) -> str:
        """Return an address in Macau: street and number, building, block, floor and flat."""
        draw = self.random
        text = draw.choice(("澳门", "澳门", "澳门", "氹仔", "澳门氹仔", "路环", "澳门半岛"))
        text += self.stem() + draw.choice(LANES) + f"{draw.randint(1, 900)}号"
        if draw.random() < 0.25:
            return text + draw.choice(("", "地下", "地铺"))
        text += self.stem() + draw.choice(
            ("大厦", "花园", "中心", "广场", "阁", "花城", "工业大厦")
        )
        text += draw.choice(("", "", f"第{draw.randint(1, 9)}座"))
        return text + f"{draw.randint(1, 40)}楼" + draw.choice(("", "A", "B", "C座", "H"))


@cache
def taiwan_towns() -> tuple[tuple[str, str], ...]:
    """Return (city or county, town) for each town of Taiwan: 臺北市, 大安區."""
    return tuple(
        (city, town)
        for city, region, names in rows("hmt_districts")
        if region == TAIWAN
        for town in names.split()
    )
