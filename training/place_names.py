"""Generator of place names for address cells: a tower, a firm with its village, two towns.

People write these instead of a complete address. Example: ``岳麓区示例商贸有限公司``.
"""

from __future__ import annotations

from dataclasses import dataclass

from .addresses import ESTATES, MARKETS, SITES, ZONES, Addresses
from .organisations import Organisations
from .word_lists import WORD_LISTS

TOWERS = WORD_LISTS["premises"]["towers"]
TROOPS = WORD_LISTS["premises"]["troops"]
QUARTERS = WORD_LISTS["premises"]["quarters"]
BESIDE = WORD_LISTS["premises"]["beside"]
DUTIES = WORD_LISTS["premises"]["duties"]
ROOMS = WORD_LISTS["premises"]["rooms"]
GOODS = WORD_LISTS["premises"]["goods"]
PLAIN = WORD_LISTS["premises"]["plain"]
WARES = WORD_LISTS["premises"]["wares"]


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """Generator of place names that are the whole text of an address cell."""

    addresses: Addresses
    organisations: Organisations

    def cell(self) -> str:
        """Return a random place name: building, quarter, several places, or firm in its place."""
        chance = self.addresses.random.random()
        if chance < 0.22:
            return self.building()
        if chance < 0.3:
            return self.several_places()
        if chance < 0.42:
            return self.quarter()
        return self.organisation_in_place()

    def common_place(self) -> str:
        """Return a generic place, which is no address: ``家居广场``, ``建材市场``."""
        draw = self.addresses.random
        return draw.choice(GOODS) + draw.choice(PLAIN)

    def not_a_place(self) -> str:
        """Return a random text that only looks like a place: ``服务中心``, a motorway."""
        draw, places = self.addresses.random, self.addresses
        chance = draw.random()
        if chance < 0.25:
            return self.common_place()
        if chance < 0.45:
            return draw.choice(DUTIES) + draw.choice(ROOMS)
        if chance < 0.6:
            return draw.choice((*TOWERS, *QUARTERS, *TROOPS, *SITES, *ESTATES, *MARKETS, *ZONES))
        place = places.tables.place(draw)
        return places.shorten(draw.choice((place.province, place.city))) + draw.choice(WARES)

    def admin_level(self) -> str:
        """Return a single administrative level, which is no address: ``长沙市``."""
        draw, places = self.addresses.random, self.addresses
        place = places.tables.place(draw)
        name = draw.choice((place.province, place.city or place.province, place.county))
        return draw.choice((name, places.shorten(name)))

    def building(self) -> str:
        """Return a local building, sometimes with its town or floor: ``示例大厦A座``."""
        draw, places = self.addresses.random, self.addresses
        built = places.stem() if draw.random() < 0.7 else self.organisations.stem()
        name = built + draw.choice(("", "", places.stem()[:2])) + draw.choice(TOWERS)
        chance = draw.random()
        if chance < 0.12:
            name = self.area() + name
        elif chance < 0.32:
            name += draw.choice(
                ("A座", " A座", " B座12楼", "2期", f"{draw.randint(2, 30)}楼", "东塔", "北门")
            )
        return name

    def area(self) -> str:
        """Return one to three administrative levels, in full or shortened.

        The province precedes some of them.
        """
        draw, places = self.addresses.random, self.addresses
        place = places.tables.place(draw)
        levels = [place.city or place.province, place.county, place.town]
        chosen = [level for level in levels[: draw.randint(1, 3)] if level][-draw.randint(1, 3) :]
        if draw.random() < 0.2:
            chosen.insert(0, place.province)
        cut = places.shorten if draw.random() < 0.35 else str
        return "".join(cut(level) for level in dict.fromkeys(chosen))

    def locality(self) -> str:
        """Return a district, town, village, road or works: ``桃花村``.

        No organisation name begins with one of these.
        """
        draw, places = self.addresses.random, self.addresses
        place = places.tables.place(draw)
        chance = draw.random()
        town = place.town or place.county
        if chance < 0.25 and place.county.endswith("区"):
            head = place.county
            return (place.city + head) if draw.random() < 0.3 else head
        if chance < 0.45:
            return town + draw.choice(("", "", places.shorten(town) + "村", places.stem() + "村"))
        if chance < 0.65:
            road = places.road()
            return draw.choice((road, road, town + road, places.shorten(place.city) + road))
        if chance < 0.8:
            return places.stem() + draw.choice(QUARTERS)
        return places.rural(place)

    def organisation_in_place(self) -> str:
        """Return a firm, school, shop or army unit after its locality: ``桃花村示例小学``."""
        draw, places = self.addresses.random, self.addresses
        chance = draw.random()
        if chance < 0.3:
            inner = self.organisations.company()
        elif chance < 0.45:
            inner = self.organisations.shop()
        elif chance < 0.5:
            inner = places.stem() + draw.choice(TROOPS)
        elif chance < 0.62:
            inner = places.trade_name()
        elif chance < 0.7:
            inner = self.organisations.school()
        else:
            inner = places.site()
        end = draw.choice(BESIDE) if draw.random() < 0.25 else ""
        if chance > 0.93:
            place = places.tables.place(draw)
            cut = draw.choice((str, places.shorten))
            return (
                place.province + cut(place.city) + cut(place.county) + self.organisations.school()
            )
        return self.locality() + inner + end

    def quarter(self) -> str:
        """Return a quarter, station or works with its town, without a number."""
        draw, places = self.addresses.random, self.addresses
        gap = draw.choice(("", "", "", "-", " "))
        inner = places.stem() + draw.choice(QUARTERS)
        end = draw.choice(BESIDE) if draw.random() < 0.2 else ""
        return self.area() + gap + inner + end

    def several_places(self) -> str:
        """Return several places with a separator, or one place inside another, all shortened."""
        draw, places = self.addresses.random, self.addresses
        first = places.tables.place(draw)
        names = [first.city or first.province, first.county]
        if draw.random() < 0.5:
            others = [places.tables.place(draw) for _ in range(draw.randint(1, 3))]
            names += [draw.choice((place.county, place.city or place.county)) for place in others]
            cut = draw.choice((places.shorten, str))
            return draw.choice(("、", "、", "/", "，", " ")).join(map(cut, names))
        names.append(first.town)
        start = draw.randint(0, 1)
        kept = dict.fromkeys(places.shorten(name) for name in names[start : start + 2] if name)
        end = draw.choice(("", "", places.stem())) if len(kept) > 1 else draw.choice(TOWERS)
        return "".join(kept) + end
