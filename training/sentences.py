"""Sentences out of patterns: chats, messages, forms told in prose, resumes, court texts, news."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from .lines import ADDRESS, LOCATION, ORGANIZATION, PERSON, Line, Lines, Piece, join
from .listed import LISTED
from .premises import Premises

# {p} person, {s} surname, {t} title, {S} form of address, {x} hidden name, {l} names glued,
# {e} names listed, {a} whole address, {A} any address, {o} organisation, {k} courier, {f} phone,
# {i} identity, {n} number, {d} date, {m} mail, {w} word, {y} medicine, {g} ware,
# {b} brand, {B} shop, {L} a long list of names, {q} a name from abroad without dots, {z} a place,
# {j} a place that is any of its kind, {u} one of several sides, {U} who works for it,
# {T} what stands before a name, {I} a word that begins like one,
# {C} a country, {h} the short form of one, {r} a currency, {G} a given name by itself,
# {M} what a ship, car or ware is called from abroad, {Y} an idiom, {K} a mountain or a river
PATTERNS = LISTED["sentences"]["patterns"]
COUNTRIES = LISTED["places"]["countries"]
SHORTS = LISTED["places"]["shorts"]
SIDES = LISTED["people"]["sides"]
AHEAD = LISTED["people"]["ahead"]
ROLES = LISTED["people"]["roles"]
MONEYS = LISTED["places"]["moneys"]
NOTES = LISTED["places"]["notes"]
HOLE = re.compile(r"\{(\w)\}")


@dataclass(frozen=True, slots=True)
class Sentences:
    """Draws sentences; each hole of a pattern is filled anew."""

    lines: Lines

    def sentence(self) -> Line:
        """One sentence, sometimes two behind one another."""
        draw = self.lines.random
        pieces = self.fill(draw.choice(PATTERNS))
        if draw.random() < 0.3:
            pieces += [draw.choice(("", " ", "\n", "。")), *self.fill(draw.choice(PATTERNS))]
        return join(pieces)

    def fill(self, pattern: str) -> list[Piece]:
        """Pieces of a pattern with its holes filled."""
        pieces: list[Piece] = []
        at = 0
        for hole in HOLE.finditer(pattern):
            pieces.append(pattern[at : hole.start()])
            pieces += self.piece(hole.group(1))
            at = hole.end()
        return [*pieces, pattern[at:]]

    def piece(self, hole: str) -> list[Piece]:
        """What fills one hole."""
        return self.several(hole) if hole in "Lle" else [self.one(hole)]

    def several(self, hole: str) -> list[Piece]:
        """Names in a long list, glued or listed."""
        lines = self.lines
        if hole == "L":
            return self.roll()
        if hole == "l":
            return [lines.person() for _ in range(lines.random.randint(2, 9))]
        many = [lines.person() for _ in range(lines.random.randint(2, 6))]
        return [piece for one in many for piece in (one, "、")][:-1]

    def one(self, hole: str) -> Piece:
        """One value."""
        lines = self.lines
        makers: dict[str, Callable[[], Piece]] = {
            "p": lines.person,
            "a": lambda: (lines.addresses.full(), ADDRESS),
            "A": lines.address,
            "o": lambda: (lines.firms.organisation(), ORGANIZATION),
            "s": lambda: (lines.people.surname(), PERSON),
            "S": lambda: lines.people.surname() + lines.people.familiar(),
            "t": lines.people.title,
            "x": lambda: (lines.people.hidden(), PERSON),
            "f": lines.numbers.phone,
            "i": lines.numbers.identity,
            "n": lambda: str(lines.random.randint(1, 3000)),
            "d": lines.numbers.time,
            "w": self.word,
            "j": lambda: Premises(lines.addresses, lines.firms).common(),
            "u": lambda: lines.random.choice(SIDES),
            "T": lambda: lines.random.choice(AHEAD),
            "I": lambda: lines.random.choice(lines.tables.alike),
            "U": lambda: lines.random.choice(ROLES),
            "m": lines.numbers.mail,
            "y": lines.medicine,
            "g": lambda: lines.random.choice(("服装", "图书", "手机", "水果", "文件")),
            "k": lines.firms.known,
            "b": lines.firms.brand,
            "B": lines.firms.shop,
            "q": lambda: (lines.people.abroad(), PERSON),
            "z": lambda: (lines.place_abroad(), LOCATION),
            "h": lambda: lines.random.choice(SHORTS),
            "r": lambda: lines.random.choice(MONEYS),
            "C": lambda: (lines.random.choice(COUNTRIES), LOCATION),
            "G": lambda: (lines.people.called(), PERSON),
            "M": self.make,
            "Y": lambda: lines.random.choice(lines.tables.idioms),
            "K": lambda: (lines.random.choice(lines.tables.heights), LOCATION),
        }
        return makers[hole]()

    def roll(self) -> list[Piece]:
        """Names in a row as newspapers print them, with a note behind some of them."""
        lines, draw = self.lines, self.lines.random
        between = draw.choice(("", "", "", " ", "\u3000", "、"))
        noted = draw.choice((0.0, 0.08, 0.08, 0.9))
        pieces: list[Piece] = []
        for _ in range(draw.randint(8, 36)):
            name = lines.people.single() if draw.random() < 0.05 else lines.people.mainland()
            pieces.append((name, PERSON))
            if draw.random() < noted:
                pieces.append(f"（{draw.choice(NOTES)}）")
            pieces.append(between)
        return pieces[:-1]

    def make(self) -> Piece:
        """What a ship, a car or a ware is called: a brand, or what sounds like a name."""
        known = self.lines.random.random() < 0.4
        return self.lines.firms.brand() if known else self.lines.people.part()

    def word(self) -> Piece:
        """An ordinary word; often one that begins like a name (何德何能, 高利润), or an idiom."""
        lines = self.lines
        chance = lines.random.random()
        if chance < 0.1:
            return lines.random.choice(lines.tables.alike)
        return lines.random.choice(lines.tables.idioms) if chance < 0.14 else lines.word()
