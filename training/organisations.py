"""Generator of organisation names: companies, offices, schools, banks and shops.

Example: ``长沙示例科技有限公司``.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .addresses import Addresses
from .tables import Tables
from .word_lists import WORD_LISTS

COURIERS = WORD_LISTS["organisations"]["couriers"]
BANKS = WORD_LISTS["organisations"]["banks"]
BUSINESS_LINES = WORD_LISTS["organisations"]["lines"]
COMPANY_FORMS = WORD_LISTS["organisations"]["forms"]
OFFICES = WORD_LISTS["organisations"]["offices"]
SCHOOLS = WORD_LISTS["organisations"]["schools"]
BRANDS = WORD_LISTS["organisations"]["brands"]
SNACKS = WORD_LISTS["organisations"]["snacks"]
SHOPS = WORD_LISTS["organisations"]["shops"]


@dataclass(frozen=True, slots=True)
class Organisations:
    """Generator of organisation names."""

    tables: Tables
    addresses: Addresses
    random: Random

    def stem(self) -> str:
        """Return a made-up trade name: ``鑫达``."""
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
        """Return a random place as the first part of a name: in full, shortened or empty."""
        place = self.tables.place(self.random)
        level = self.random.choice((place.province, place.city, place.county, ""))
        return level if self.random.random() < 0.5 else self.addresses.shorten(level)

    def company(self) -> str:
        """Return a random company name: ``长沙示例科技有限公司``."""
        draw = self.random
        area = self.area()
        if area.endswith("区") and not area.endswith("自治区"):
            # A full district name before a company would be part of an address.
            area = self.addresses.shorten(area)
        if draw.random() < 0.12:
            where = self.addresses.shorten(area) or "中国"
            return (
                f"{self.stem()}({where}){draw.choice(BUSINESS_LINES)}"
                f"{draw.choice(COMPANY_FORMS[:3])}"
            )
        return area + self.stem() + draw.choice(BUSINESS_LINES) + draw.choice(COMPANY_FORMS)

    def organisation(self) -> str:
        """Return the full name of a random company, office, school or bank branch."""
        draw = self.random
        chance = draw.random()
        if chance < 0.45:
            return self.company()
        if chance < 0.62:
            return self.area() + draw.choice(OFFICES)
        return self.school() if chance < 0.82 else self.branch()

    def school(self) -> str:
        """Return a random school, hospital, publisher or similar institution."""
        name = self.random.choice(("", self.stem()))
        return self.area() + name + self.random.choice(SCHOOLS)

    def branch(self) -> str:
        """Return the full name of a random bank branch."""
        draw = self.random
        end = draw.choice(("支行", "分行", "分理处", "营业部", "储蓄所"))
        middle = self.addresses.shorten(self.area())
        return (
            draw.choice(BANKS)
            + draw.choice(("", "股份有限公司"))
            + middle
            + draw.choice(("", self.addresses.stem() + draw.choice(("路", "街", ""))))
            + end
        )

    def shop(self) -> str:
        """Return a random shop name, often with a surname in it: ``老王家面馆``."""
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
        """Return a random brand, which may look like a person name."""
        return self.random.choice(BRANDS)

    def courier_or_bank(self) -> str:
        """Return a well-known courier or bank. On a label it is context, no finding."""
        return self.random.choice(COURIERS)
