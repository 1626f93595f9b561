"""Generator of mainland addresses, complete, shortened or incomplete.

Example: ``湖南省长沙市岳麓区示例路1号示例小区3栋501室``.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .hmt_addresses import HmtAddresses
from .people import People
from .tables import Place, Tables
from .unit_numbers import UnitNumbers
from .word_lists import WORD_LISTS

ROADS = WORD_LISTS["addresses"]["roads"]
UNIVERSITIES = WORD_LISTS["addresses"]["universities"]
QUARTERS = WORD_LISTS["addresses"]["quarters"]
ESTATES = WORD_LISTS["addresses"]["estates"]
SITES = WORD_LISTS["addresses"]["sites"]
NEARBY = WORD_LISTS["addresses"]["near"]
COMMON_STEMS = WORD_LISTS["addresses"]["open"]
TRADES = WORD_LISTS["addresses"]["trades"]
ESTATE_PREFIXES = WORD_LISTS["addresses"]["built"]
SUFFIXES = WORD_LISTS["addresses"]["suffixes"]
UNSHORTENED = WORD_LISTS["addresses"]["whole"]
MARKETS = WORD_LISTS["addresses"]["halls"]
ZONES = WORD_LISTS["addresses"]["zones"]
FIRMS = WORD_LISTS["addresses"]["firms"]
PHASES = WORD_LISTS["addresses"]["phases"]
ROOMS = WORD_LISTS["addresses"]["rooms"]
COMPANIES = WORD_LISTS["addresses"]["companies"]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Generator of mainland addresses from official places, road names and unit numbers."""

    tables: Tables
    people: People
    units: UnitNumbers
    random: Random

    def stem(self) -> str:
        """Return a random name stem of a road, estate or shop: ``解放``, ``岳麓``, ``金沙``."""
        chance = self.random.random()
        if chance < 0.3:
            return self.random.choice(COMMON_STEMS)
        if chance < 0.5:
            return self.random.choice(self.tables.hanzi) + self.random.choice(self.tables.hanzi)
        if chance < 0.62:
            return self.shorten(self.tables.place(self.random).county)
        if chance < 0.72:
            return self.shorten(self.tables.place(self.random).town)
        if chance < 0.86:
            return self.random.choice(self.tables.given)
        return self.random.choice(self.tables.words)[:3]

    @staticmethod
    def shorten(name: str) -> str:
        """Return a place name without its suffix, or ``name`` unchanged: ``长沙市 -> 长沙``.

        At least two characters remain. A name that ends in one of UNSHORTENED is unchanged.
        """
        for suffix in SUFFIXES:
            if name.endswith(suffix) and len(name) - len(suffix) >= 2:
                return name if name.endswith(UNSHORTENED) else name[: -len(suffix)]
        return name

    def road(self) -> str:
        """Return a random road or crossing, usually with a house number: ``示例路1号``."""
        draw = self.random
        road = self.stem() + draw.choice(ROADS)
        if draw.random() < 0.08:
            road += (
                draw.choice(("与", "和", ""))
                + self.stem()
                + draw.choice(ROADS[:8])
                + draw.choice(("交叉口", "交汇处", "路口", "口"))
            )
            return road + draw.choice(("", "", "东北角", "西南侧", "向东50米", "往北200米"))
        if draw.random() < 0.06:
            road += draw.choice(("北段", "南段", "中段", "东段", "一段", "2段"))
        return road + (self.units.house_number() if draw.random() < 0.8 else "")

    def estate(self) -> str:
        """Return a random housing estate, tower or works, usually with a unit: ``示例花园3栋``."""
        draw = self.random
        name = (
            (draw.choice(ESTATE_PREFIXES) if draw.random() < 0.3 else "")
            + self.stem()
            + draw.choice(ESTATES)
        )
        if draw.random() < 0.12:
            name += draw.choice(PHASES)
        return name + (self.units.building_unit() if draw.random() < 0.75 else "")

    def site(self) -> str:
        """Return a random school, shop or office as a delivery address: ``示例小学对面``."""
        draw = self.random
        name = draw.choice(("", self.stem(), self.stem())) + draw.choice(SITES)
        if draw.random() < 0.2:
            name = (
                self.stem()
                + draw.choice(TRADES)
                + draw.choice(
                    ("有限公司", "有限责任公司", "公司", "厂", "店", "专卖店", "", "集团", "部")
                )
            )
        if draw.random() < 0.12:
            floor = draw.choice(
                ("", f"{draw.randint(1, 12)}楼", f"{draw.choice('一二三五六')}号楼三楼")
            )
            return name + floor + draw.choice(ROOMS)
        return name + (draw.choice(NEARBY) if draw.random() < 0.45 else "")

    def rural(self, place: Place) -> str:
        """Return a random village of ``place`` with group and number: ``桃花村3组12号``."""
        draw = self.random
        village = place.village or self.stem() + "村"
        village = village.replace("民委员会", "").replace("委会", draw.choice(("委会", "")))
        if draw.random() < 0.25 and not village.endswith(("村", "社区", "会", "屯", "庄")):
            village += "村"
        if draw.random() < 0.55:
            village += draw.choice(
                ("{}组", "{}社", "{}队", "第{}组", "{}屯", "{}小组", "{}村民小组", "{}组组")
            ).format(draw.choice("1234567890一二三四五六七八九十"))
        elif draw.random() < 0.06:
            village = (
                draw.choice(("一零", "七十九", "二十", "121", "四十三"))
                + "团"
                + draw.choice(("", "九连", "12连"))
            )
        elif draw.random() < 0.3:
            village += self.stem() + draw.choice(
                ("自然村", "屯", "庄", "湾", "寨", "组", "坪", "沟")
            )
        return village + (self.units.house_number() if draw.random() < 0.5 else "")

    def upper_levels(self, place: Place) -> str:
        """Return province, city and county of ``place``, with random levels omitted or shortened.

        Return an empty string for some addresses.
        """
        draw = self.random
        cut = self.shorten if draw.random() < 0.12 else str
        levels = [cut(place.province), cut(place.city), cut(place.county)]
        if place.province == place.city and draw.random() < 0.6:
            levels[1] = ""
        chance = draw.random()
        if chance < 0.18:
            levels[0] = ""
        elif chance < 0.28:
            levels[0] = levels[1] = ""
        elif chance < 0.33:
            levels[1] = ""
        elif chance < 0.37:
            levels[2] = ""
        elif chance < 0.42:
            levels[2] = place.county * 2
        elif chance < 0.44:
            levels[2] = place.county + "".join(levels)
        elif chance < 0.5:
            return ""
        mark = draw.choice((" ", "-", "/")) if draw.random() < 0.07 else ""
        return mark.join(level for level in levels if level) + mark

    def lower_levels(self, place: Place) -> str:
        """Return the part of an address below the county: town, road, estate, site or village."""
        draw = self.random
        town = place.town if draw.random() < 0.45 else ""
        chance = draw.random()
        if chance < 0.3:
            rest = self.road() + self.after_road()
        elif chance < 0.52:
            rest = self.estate()
        elif chance < 0.62:
            rest = self.road() + self.site()
        elif chance < 0.72:
            rest = self.site() + (self.units.building_unit() if draw.random() < 0.3 else "")
        elif chance < 0.92:
            town, rest = place.town, self.rural(place)
        else:
            rest = ""
            town = place.town
        gap = " " if draw.random() < 0.05 else ""
        return town + gap + rest

    def after_road(self) -> str:
        """Return the text after a road and its number: an estate, unit, landmark or nothing."""
        chance = self.random.random()
        gap = self.random.choice("，, ") if chance < 0.02 else ""
        if chance < 0.4:
            return self.random.choice((gap, gap, gap, gap, gap, gap, " ", "  ")) + self.estate()
        if chance < 0.55:
            return self.units.building_unit()
        return self.random.choice(NEARBY) if chance < 0.6 else ""

    def unit_address(self) -> str:
        """Return an estate or a university's quarters with building and room, no place before."""
        draw = self.random
        place = self.tables.place(draw)
        if draw.random() < 0.6:
            return (
                self.stem()
                + draw.choice(("", "", self.stem()[:2]))
                + draw.choice(ESTATES)
                + draw.choice(("", "", draw.choice(PHASES)))
                + self.units.building_unit()
            )
        quarters = self.stem()[:2] + draw.choice(QUARTERS)
        head = draw.choice((self.shorten(place.city or place.province), self.stem()))
        school = head + draw.choice(UNIVERSITIES) + draw.choice(("", "", "东校区", "新校区"))
        return school + draw.choice(("", quarters, quarters)) + self.units.building_unit()

    def local_address(self) -> str:
        """Return an address as locals write it, without the county: a market, tower or shop."""
        draw = self.random
        place = self.tables.place(draw)
        area = draw.choice((self.shorten(place.county), self.shorten(place.city), place.town))
        area = area or place.county
        head = draw.choice((area, ""))
        hall = (draw.choice(ESTATE_PREFIXES) if draw.random() < 0.3 else "") + self.stem()
        chance = draw.random()
        if chance < 0.25:
            room = self.units.dashed_unit(f"1{draw.randint(10, 99)}")
            stall = self.units.market_stall(self.trade_name())
            return head + hall + draw.choice(MARKETS) + draw.choice((stall, stall, room, ""))
        if chance < 0.45:
            road = self.stem() + draw.choice(ROADS) + self.units.house_number()
            city = draw.choice(("", self.shorten(place.city)))
            return head + road + city + self.trade_name() + draw.choice(COMPANIES)
        if chance < 0.6:
            firm = self.stem() + draw.choice((*TRADES, *SITES))
            return area + hall + draw.choice(ZONES) + firm + draw.choice((*COMPANIES, "", "", ""))
        if chance < 0.63:
            floor = draw.choice(("", f"{draw.randint(2, 30)}楼", self.units.building_unit()))
            return (
                self.road()
                + hall
                + draw.choice(MARKETS)
                + floor
                + self.trade_name()
                + draw.choice(FIRMS)
            )
        if chance < 0.7:
            road = self.stem() + draw.choice(ROADS[:6])
            return head + road + hall + draw.choice(MARKETS) + self.units.building_unit()
        if chance < 0.8:
            return head + hall + draw.choice(ESTATES) + self.units.building_unit()
        if chance < 0.9:
            unit = draw.choice(
                ("", self.units.building_unit(), self.units.market_stall(self.trade_name()))
            )
            return self.road() + hall + draw.choice(MARKETS) + unit
        return (
            area + self.site() + draw.choice(("", self.units.building_unit(), draw.choice(NEARBY)))
        )

    def trade_name(self) -> str:
        """Return a random firm name without its legal form: ``金沙商贸``."""
        return self.stem() + self.random.choice(TRADES)

    def area(self) -> str:
        """Return two or three administrative levels without a street: ``长沙市岳麓区``."""
        draw = self.random
        place = self.tables.place(draw)
        cut = draw.choice((str, self.shorten))
        levels = [cut(place.province), cut(place.city), cut(place.county), place.town]
        levels = [level for level in dict.fromkeys(levels) if level]
        first = draw.randint(0, max(0, len(levels) - 2))
        chosen = levels[first : first + draw.choice((2, 2, 3, 3))]
        return draw.choice(("", "", "", "-", "/", " ")).join(chosen)

    def address(self) -> str:
        """Return a random address of at least five characters: ``长沙市示例路1号``."""
        chance = self.random.random()
        if chance < 0.14:
            return self.local_address()
        if chance < 0.17:
            return self.unit_address()
        if chance < 0.22:
            return HmtAddresses(self.random, self.stem).address()
        place = self.tables.place(self.random)
        gap = self.random.choice("，, _") if self.random.random() < 0.03 else ""
        text = (self.upper_levels(place) + gap + self.lower_levels(place)).strip(" -/，,_")
        chance = self.random.random()
        if chance < 0.03:
            text += f"（{self.site()}）"
        elif chance < 0.05:
            text += f"({self.estate()})"
        return text if len(text) >= 5 else self.address()

    def full_address(self) -> str:
        """Return an address with province, city and road, the form for a residence in prose."""
        if self.random.random() < 0.05:
            return HmtAddresses(self.random, self.stem).address()
        place = self.tables.place(self.random)
        levels = [place.province, "" if place.province == place.city else place.city, place.county]
        if self.random.random() < 0.15:
            levels[0] = ""
        return "".join(levels) + (
            self.lower_levels(place) if self.random.random() < 0.5 else self.road()
        )
