"""Companies, offices, schools, banks and shops: who sends, employs or leaks, never a person."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .addresses import Addresses
from .listed import LISTED
from .tables import Tables

COURIERS = LISTED["organisations"]["couriers"]
BANKS = LISTED["organisations"]["banks"]
LINES = LISTED["organisations"]["lines"]
FORMS = LISTED["organisations"]["forms"]
OFFICES = LISTED["organisations"]["offices"]
SCHOOLS = LISTED["organisations"]["schools"]
BRANDS = LISTED["organisations"]["brands"]
SNACKS = LISTED["organisations"]["snacks"]
SHOPS = LISTED["organisations"]["shops"]


@dataclass(frozen=True, slots=True)
class Organisations:
    """Draws names of organisations."""

    tables: Tables
    addresses: Addresses
    random: Random

    def stem(self) -> str:
        """A made-up trade name."""
        draw = self.random
        chance = draw.random()
        if chance < 0.4:
            return draw.choice(self.tables.hanzi) + draw.choice(self.tables.hanzi)
        if chance < 0.6 and self.tables.brands:
            return draw.choice(self.tables.brands)
        if chance < 0.8:
            return draw.choice(self.tables.given)[:2].ljust(2, "鑫")
        return (
            self.addresses.people.mainland()[:3]
            if chance < 0.85
            else draw.choice(self.tables.words)[:4]
        )

    def area(self) -> str:
        """A place in front of a name, whole, short or none."""
        place = self.tables.place(self.random)
        level = self.random.choice((place.province, place.city, place.county, ""))
        return level if self.random.random() < 0.5 else self.addresses.short(level)

    def company(self) -> str:
        """A company."""
        draw = self.random
        area = self.area()
        if area.endswith("区") and not area.endswith("自治区"):
            area = self.addresses.short(area)  # with its whole name it says where the firm is
        if draw.random() < 0.12:
            where = self.addresses.short(area) or "中国"
            return f"{self.stem()}({where}){draw.choice(LINES)}{draw.choice(FORMS[:3])}"
        return area + self.stem() + draw.choice(LINES) + draw.choice(FORMS)

    def organisation(self) -> str:
        """Any organisation with its full name."""
        draw = self.random
        chance = draw.random()
        if chance < 0.45:
            return self.company()
        if chance < 0.62:
            return self.area() + draw.choice(OFFICES)
        return self.school() if chance < 0.82 else self.branch()

    def school(self) -> str:
        """A school, hospital, publisher or the like."""
        name = self.random.choice(("", self.stem()))
        return self.area() + name + self.random.choice(SCHOOLS)

    def branch(self) -> str:
        """A bank's branch, said whole."""
        draw = self.random
        end = draw.choice(("支行", "分行", "分理处", "营业部", "储蓄所"))
        middle = self.addresses.short(self.area())
        return (
            draw.choice(BANKS)
            + draw.choice(("", "股份有限公司"))
            + middle
            + draw.choice(("", self.addresses.stem() + draw.choice(("路", "街", ""))))
            + end
        )

    def shop(self) -> str:
        """A shop."""
        draw, people = self.random, self.addresses.people
        chance = draw.random()
        if chance < 0.3:
            first = (
                draw.choice(("小", "老", "阿", ""))
                + people.surname()
                + draw.choice(("记", "家", "氏", ""))
            )
            return first + draw.choice(SNACKS)
        name = self.stem() if chance < 0.7 else people.mainland()
        return name + draw.choice(SHOPS)

    def brand(self) -> str:
        """A brand or the like, which may look like a name."""
        return self.random.choice(BRANDS)

    def known(self) -> str:
        """A courier or bank that everyone knows: context, and no finding of its own on a label."""
        return self.random.choice(COURIERS)
