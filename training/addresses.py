"""Addresses of every shape: whole, cut short, out of order, of towns and of villages."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .isles import Isles
from .listed import LISTED
from .people import People
from .tables import Place, Tables
from .units import Units

ROADS = LISTED["addresses"]["roads"]
ESTATES = LISTED["addresses"]["estates"]
SITES = LISTED["addresses"]["sites"]
NEAR = LISTED["addresses"]["near"]
OPEN = LISTED["addresses"]["open"]
TRADES = LISTED["addresses"]["trades"]
BUILT = LISTED["addresses"]["built"]
SUFFIXES = LISTED["addresses"]["suffixes"]
WHOLE = LISTED["addresses"]["whole"]
HALLS = LISTED["addresses"]["halls"]
ZONES = LISTED["addresses"]["zones"]
FIRMS = LISTED["addresses"]["firms"]
PHASES = LISTED["addresses"]["phases"]
ROOMS = LISTED["addresses"]["rooms"]
COMPANIES = LISTED["addresses"]["companies"]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Draws addresses out of a list of places and of words put together."""

    tables: Tables
    people: People
    units: Units
    random: Random

    def stem(self) -> str:
        """What a road, estate or shop is called."""
        chance = self.random.random()
        if chance < 0.3:
            return self.random.choice(OPEN)
        if chance < 0.5:
            return self.random.choice(self.tables.hanzi) + self.random.choice(self.tables.hanzi)
        if chance < 0.62:
            return self.short(self.tables.place(self.random).county)
        if chance < 0.72:
            return self.short(self.tables.place(self.random).town)
        if chance < 0.86:
            return self.random.choice(self.tables.given)
        return self.random.choice(self.tables.words)[:3]

    @staticmethod
    def short(name: str) -> str:
        """A place name without its last word."""
        for suffix in SUFFIXES:
            if name.endswith(suffix) and len(name) - len(suffix) >= 2:
                return name if name.endswith(WHOLE) else name[: -len(suffix)]
        return name

    def road(self) -> str:
        """A road, usually with a number."""
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
        return road + (self.units.number() if draw.random() < 0.8 else "")

    def estate(self) -> str:
        """A housing estate, tower or works, usually with its unit."""
        draw = self.random
        name = (
            (draw.choice(BUILT) if draw.random() < 0.3 else "") + self.stem() + draw.choice(ESTATES)
        )
        if draw.random() < 0.12:
            name += draw.choice(PHASES)
        return name + (self.units.unit() if draw.random() < 0.75 else "")

    def site(self) -> str:
        """A school, shop or office that things are sent to."""
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
        return name + (draw.choice(NEAR) if draw.random() < 0.45 else "")

    def rural(self, place: Place) -> str:
        """A village with its group and number."""
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
        return village + (self.units.number() if draw.random() < 0.5 else "")

    def head(self, place: Place) -> str:
        """The levels of administration, some left out or cut short."""
        draw = self.random
        cut = self.short if draw.random() < 0.12 else str
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

    def tail(self, place: Place) -> str:
        """Everything below the district."""
        draw = self.random
        town = place.town if draw.random() < 0.45 else ""
        chance = draw.random()
        if chance < 0.3:
            rest = self.road() + self.behind()
        elif chance < 0.52:
            rest = self.estate()
        elif chance < 0.62:
            rest = self.road() + self.site()
        elif chance < 0.72:
            rest = self.site() + (self.units.unit() if draw.random() < 0.3 else "")
        elif chance < 0.92:
            town, rest = place.town, self.rural(place)
        else:
            rest = ""
            town = place.town
        gap = " " if draw.random() < 0.05 else ""
        return town + gap + rest

    def behind(self) -> str:
        """What stands behind a road and its number, if anything."""
        chance = self.random.random()
        gap = self.random.choice("，, ") if chance < 0.02 else ""
        if chance < 0.4:
            return gap + self.estate()
        if chance < 0.55:
            return self.units.unit()
        return self.random.choice(NEAR) if chance < 0.6 else ""

    def local(self) -> str:
        """What someone of the town calls a place: no district, often a market, tower or works."""
        draw = self.random
        place = self.tables.place(draw)
        area = draw.choice((self.short(place.county), self.short(place.city), place.town))
        area = area or place.county
        head = draw.choice((area, ""))
        hall = (draw.choice(BUILT) if draw.random() < 0.3 else "") + self.stem()
        chance = draw.random()
        if chance < 0.25:
            room = self.units.dashed(f"1{draw.randint(10, 99)}")
            stall = self.units.stall(self.trade())
            return head + hall + draw.choice(HALLS) + draw.choice((stall, stall, room, ""))
        if chance < 0.45:
            road = self.stem() + draw.choice(ROADS) + self.units.number()
            city = draw.choice(("", self.short(place.city)))
            return head + road + city + self.trade() + draw.choice(COMPANIES)
        if chance < 0.6:
            firm = self.stem() + draw.choice((*TRADES, *SITES))
            return area + hall + draw.choice(ZONES) + firm + draw.choice((*COMPANIES, "", "", ""))
        if chance < 0.63:
            floor = draw.choice(("", f"{draw.randint(2, 30)}楼", self.units.unit()))
            return (
                self.road() + hall + draw.choice(HALLS) + floor + self.trade() + draw.choice(FIRMS)
            )
        if chance < 0.7:
            road = self.stem() + draw.choice(ROADS[:6])
            return head + road + hall + draw.choice(HALLS) + self.units.unit()
        if chance < 0.8:
            return head + hall + draw.choice(ESTATES) + self.units.unit()
        if chance < 0.9:
            unit = draw.choice(("", self.units.unit(), self.units.stall(self.trade())))
            return self.road() + hall + draw.choice(HALLS) + unit
        return area + self.site() + draw.choice(("", self.units.unit(), draw.choice(NEAR)))

    def trade(self) -> str:
        """What a shop or firm is called, without its form."""
        return self.stem() + self.random.choice(TRADES)

    def area(self) -> str:
        """Only levels of administration, as short cells hold them."""
        draw = self.random
        place = self.tables.place(draw)
        cut = draw.choice((str, self.short))
        levels = [cut(place.province), cut(place.city), cut(place.county), place.town]
        levels = [level for level in dict.fromkeys(levels) if level]
        first = draw.randint(0, max(0, len(levels) - 2))
        chosen = levels[first : first + draw.choice((2, 2, 3, 3))]
        return draw.choice(("", "", "", "-", "/", " ")).join(chosen)

    def address(self) -> str:
        """A whole address, seldom with the end of it bracketed."""
        chance = self.random.random()
        if chance < 0.14:
            return self.local()
        if chance < 0.19:
            return Isles(self.random, self.stem).address()
        place = self.tables.place(self.random)
        gap = self.random.choice("，, _") if self.random.random() < 0.03 else ""
        text = (self.head(place) + gap + self.tail(place)).strip(" -/，,_")
        chance = self.random.random()
        if chance < 0.03:
            text += f"（{self.site()}）"
        elif chance < 0.05:
            text += f"({self.estate()})"
        return text if len(text) >= 5 else self.address()

    def full(self) -> str:
        """An address with province, city and road, as prose says where someone lives."""
        if self.random.random() < 0.05:
            return Isles(self.random, self.stem).address()
        place = self.tables.place(self.random)
        levels = [place.province, "" if place.province == place.city else place.city, place.county]
        if self.random.random() < 0.15:
            levels[0] = ""
        return "".join(levels) + (self.tail(place) if self.random.random() < 0.5 else self.road())
