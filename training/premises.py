"""Cells that tell a place by what stands there: a tower, a firm in its village, two towns."""

from __future__ import annotations

from dataclasses import dataclass

from .addresses import ESTATES, HALLS, SITES, ZONES, Addresses
from .listed import LISTED
from .organisations import Organisations

TOWERS = LISTED["premises"]["towers"]
TROOPS = LISTED["premises"]["troops"]
QUARTERS = LISTED["premises"]["quarters"]
BESIDE = LISTED["premises"]["beside"]
DUTIES = LISTED["premises"]["duties"]
ROOMS = LISTED["premises"]["rooms"]
GOODS = LISTED["premises"]["goods"]
PLAIN = LISTED["premises"]["plain"]
WARES = LISTED["premises"]["wares"]


@dataclass(frozen=True, slots=True)
class Premises:
    """Draws what people write into a cell for addresses instead of a whole address."""

    addresses: Addresses
    firms: Organisations

    def cell(self) -> str:
        """Any of them."""
        chance = self.addresses.random.random()
        if chance < 0.22:
            return self.tower()
        if chance < 0.3:
            return self.several()
        if chance < 0.42:
            return self.quarter()
        return self.housed()

    def common(self) -> str:
        """Any place of its kind, which is where nothing in particular is: 家居广场, 建材市场."""
        draw = self.addresses.random
        return draw.choice(GOODS) + draw.choice(PLAIN)

    def none(self) -> str:
        """What only reads like a place: any service centre, any motorway, what a province grows."""
        draw, places = self.addresses.random, self.addresses
        chance = draw.random()
        if chance < 0.25:
            return self.common()
        if chance < 0.45:
            return draw.choice(DUTIES) + draw.choice(ROOMS)
        if chance < 0.6:
            return draw.choice((*TOWERS, *QUARTERS, *TROOPS, *SITES, *ESTATES, *HALLS, *ZONES))
        place = places.tables.place(draw)
        return places.short(draw.choice((place.province, place.city))) + draw.choice(WARES)

    def level(self) -> str:
        """One level of administration, which is no address."""
        draw, places = self.addresses.random, self.addresses
        place = places.tables.place(draw)
        name = draw.choice((place.province, place.city or place.province, place.county))
        return draw.choice((name, places.short(name)))

    def tower(self) -> str:
        """A building that everyone in town knows, seldom with its town or floor."""
        draw, places = self.addresses.random, self.addresses
        built = places.stem() if draw.random() < 0.7 else self.firms.stem()
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
        """A town or district, whole or short, seldom below its province."""
        draw, places = self.addresses.random, self.addresses
        place = places.tables.place(draw)
        levels = [place.city or place.province, place.county, place.town]
        chosen = [level for level in levels[: draw.randint(1, 3)] if level][-draw.randint(1, 3) :]
        if draw.random() < 0.2:
            chosen.insert(0, place.province)
        cut = places.short if draw.random() < 0.35 else str
        return "".join(cut(level) for level in dict.fromkeys(chosen))

    def below(self) -> str:
        """A district, town, village, road or works: what no organisation's own name begins with."""
        draw, places = self.addresses.random, self.addresses
        place = places.tables.place(draw)
        chance = draw.random()
        town = place.town or place.county
        if chance < 0.25 and place.county.endswith("区"):
            head = place.county
            return (place.city + head) if draw.random() < 0.3 else head
        if chance < 0.45:
            return town + draw.choice(("", "", places.short(town) + "村", places.stem() + "村"))
        if chance < 0.65:
            road = places.road()
            return draw.choice((road, road, town + road, places.short(place.city) + road))
        if chance < 0.8:
            return places.stem() + draw.choice(QUARTERS)
        return places.rural(place)

    def housed(self) -> str:
        """A firm, school, shop or unit, told by the place that it is in."""
        draw, places = self.addresses.random, self.addresses
        chance = draw.random()
        if chance < 0.3:
            inner = self.firms.company()
        elif chance < 0.45:
            inner = self.firms.shop()
        elif chance < 0.5:
            inner = places.stem() + draw.choice(TROOPS)
        elif chance < 0.62:
            inner = places.trade()
        elif chance < 0.7:
            inner = self.firms.school()
        else:
            inner = places.site()
        end = draw.choice(BESIDE) if draw.random() < 0.25 else ""
        if chance > 0.93:
            place = places.tables.place(draw)
            cut = draw.choice((str, places.short))
            return place.province + cut(place.city) + cut(place.county) + self.firms.school()
        return self.below() + inner + end

    def quarter(self) -> str:
        """A quarter, station or works of a town without any number."""
        draw, places = self.addresses.random, self.addresses
        gap = draw.choice(("", "", "", "-", " "))
        inner = places.stem() + draw.choice(QUARTERS)
        end = draw.choice(BESIDE) if draw.random() < 0.2 else ""
        return self.area() + gap + inner + end

    def several(self) -> str:
        """Several places beside one another, or one below the other, all cut short."""
        draw, places = self.addresses.random, self.addresses
        first = places.tables.place(draw)
        names = [first.city or first.province, first.county]
        if draw.random() < 0.5:
            others = [places.tables.place(draw) for _ in range(draw.randint(1, 3))]
            names += [draw.choice((place.county, place.city or place.county)) for place in others]
            cut = draw.choice((places.short, str))
            return draw.choice(("、", "、", "/", "，", " ")).join(map(cut, names))
        names.append(first.town)
        start = draw.randint(0, 1)
        kept = dict.fromkeys(places.short(name) for name in names[start : start + 2] if name)
        end = draw.choice(("", "", places.stem())) if len(kept) > 1 else draw.choice(TOWERS)
        return "".join(kept) + end
