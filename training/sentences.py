"""Generator of sentences from patterns: chats, messages, forms in prose, resumes, courts and news.

Example: ``{p}的电话是{f} -> 张三的电话是13800138000``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .lines import ADDRESS, LOCATION, ORGANIZATION, PERSON, Line, LineGenerator, Piece, join_pieces
from .place_names import PlaceNames
from .word_lists import WORD_LISTS

# {p} person, {s} surname, {t} title, {S} form of address, {x} anonymised name,
# {l} names without separator, {e} names with a separator, {a} full address, {A} any address,
# {o} organisation, {k} courier or bank, {f} phone, {i} identity number, {n} number, {d} date,
# {m} mail address, {w} word, {y} medicine, {g} product, {b} brand, {B} shop,
# {L} long list of names, {q} foreign name without dots, {z} foreign place,
# {j} generic place, {u} party (of a dispute), {U} its member, {T} word before a name,
# {I} word that begins like a name, {C} country, {h} its short form, {r} currency,
# {G} given name alone, {M} foreign name of a ship, car or product, {Y} idiom,
# {K} mountain or river, {W} name that is an ordinary word, {R} role, {X} character before a name,
# {D} dish or animal, {P} place that begins like a name, {N} made-up brand that looks like a name,
# {E} thing, {Q} move of chess, {J} spoken digits, {F} name of a field, {V} app or store,
# {H} any character, {O} couplet of a poem, {c} address without place, {Z} verb before an address
PATTERNS = WORD_LISTS["sentences"]["patterns"]
COUNTRIES = WORD_LISTS["places"]["countries"]
COUNTRY_SHORT_FORMS = WORD_LISTS["places"]["shorts"]
SIDES = WORD_LISTS["people"]["sides"]
NAME_PREFIXES = WORD_LISTS["people"]["ahead"]
ROLES = WORD_LISTS["people"]["roles"]
TEMPTING = WORD_LISTS["sentences"]["tempting"]
PARTIES = WORD_LISTS["sentences"]["parties"]
COUPLETS = WORD_LISTS["sentences"]["couplets"]
BEFORE_NAMES = WORD_LISTS["people"]["before"]
FIELDS = WORD_LISTS["lines"]["fields"]
APPS = WORD_LISTS["organisations"]["apps"]
BEFORE_ADDRESSES = WORD_LISTS["addresses"]["before"]
CURRENCIES = WORD_LISTS["places"]["moneys"]
NOTES = WORD_LISTS["places"]["notes"]
PLACEHOLDER = re.compile(r"\{(\w)\}")


@dataclass(frozen=True, slots=True)
class Sentences:
    """Generator of sentences: a random pattern with a random value for each placeholder."""

    lines: LineGenerator

    def sentence(self) -> Line:
        """Return a random sentence, sometimes two joined."""
        return self.joined(PATTERNS)

    def tempting(self) -> Line:
        """Return a text without a person that looks like one: a menu, a poem, a list of brands."""
        return self.joined(TEMPTING)

    def parties(self) -> Line:
        """Return a text in which roles stand directly before names: ``客户张三13800138000``."""
        return self.joined(PARTIES)

    def joined(self, patterns: Sequence[str]) -> Line:
        """Return one of the ``patterns`` with random values, sometimes two of them joined."""
        draw = self.lines.random
        pieces = self.fill(draw.choice(patterns))
        if draw.random() < 0.3:
            pieces += [draw.choice(("", " ", "\n", "。")), *self.fill(draw.choice(patterns))]
        return join_pieces(pieces)

    def fill(self, pattern: str) -> list[Piece]:
        """Fill the placeholders of ``pattern`` with random values; return the pieces."""
        pieces: list[Piece] = []
        at = 0
        for placeholder in PLACEHOLDER.finditer(pattern):
            pieces.append(pattern[at : placeholder.start()])
            pieces += self.piece(placeholder.group(1))
            at = placeholder.end()
        return [*pieces, pattern[at:]]

    def piece(self, placeholder: str) -> list[Piece]:
        """Return random pieces for one placeholder letter of a pattern."""
        return (
            self.several_names(placeholder)
            if placeholder in "Lle"
            else [self.single_value(placeholder)]
        )

    def several_names(self, placeholder: str) -> list[Piece]:
        """Return several random names in a list, as the placeholder letter demands.

        ``L``: a long list with notes, ``l``: names without separator, ``e``: names with ``、``.
        """
        lines = self.lines
        if placeholder == "L":
            return self.name_roll()
        if placeholder == "l":
            return [lines.person() for _ in range(lines.random.randint(2, 9))]
        many = [lines.person() for _ in range(lines.random.randint(2, 6))]
        return [piece for one in many for piece in (one, "、")][:-1]

    def single_value(self, placeholder: str) -> Piece:
        """Return one random value (name, address …) for a placeholder letter."""
        lines = self.lines
        makers: dict[str, Callable[[], Piece]] = {
            "p": lines.person,
            "a": lambda: (lines.addresses.full_address(), ADDRESS),
            "A": lines.address,
            "o": lambda: (lines.organisations.organisation(), ORGANIZATION),
            "s": lambda: (lines.people.surname(), PERSON),
            "S": lambda: lines.people.surname() + lines.people.form_of_address(),
            "t": lines.people.title,
            "x": lambda: (lines.people.anonymised(), PERSON),
            "f": lines.numbers.phone,
            "i": lines.numbers.identity_number,
            "n": lambda: str(lines.random.randint(1, 3000)),
            "d": lines.numbers.time,
            "w": self.word,
            "j": lambda: PlaceNames(lines.addresses, lines.organisations).common_place(),
            "u": lambda: lines.random.choice(SIDES),
            "T": lambda: lines.random.choice(NAME_PREFIXES),
            "I": lambda: lines.random.choice(lines.tables.lookalikes),
            "U": lambda: lines.random.choice(ROLES),
            "m": lines.numbers.email,
            "y": lines.medicine,
            "g": lambda: lines.random.choice(("服装", "图书", "手机", "水果", "文件")),
            "k": lines.organisations.courier_or_bank,
            "b": lines.organisations.brand,
            "B": lines.organisations.shop,
            "q": lambda: (lines.people.foreign_name(), PERSON),
            "z": lambda: (lines.foreign_place(), LOCATION),
            "h": lambda: lines.random.choice(COUNTRY_SHORT_FORMS),
            "r": lambda: lines.random.choice(CURRENCIES),
            "C": lambda: (lines.random.choice(COUNTRIES), LOCATION),
            "G": lambda: (lines.people.given_name_only(), PERSON),
            "M": self.product_name,
            "Y": lambda: lines.random.choice(lines.tables.idioms),
            "K": lambda: (lines.random.choice(lines.tables.natural_features), LOCATION),
            "W": lambda: (lines.people.word_name(), PERSON),
            "R": self.role,
            "X": lambda: lines.random.choice(BEFORE_NAMES),
            "D": lambda: lines.random.choice(lines.tables.foods),
            "P": self.place,
            "N": self.brand_like,
            "E": lambda: lines.random.choice(lines.tables.things),
            "Q": self.move,
            "J": lambda: "".join(
                lines.random.choices("幺两三四五六拐八九洞", k=lines.random.randint(3, 11))
            ),
            "F": lambda: lines.random.choice(FIELDS),
            "V": lambda: lines.random.choice(APPS),
            "H": lambda: lines.random.choice(lines.tables.hanzi),
            "O": lambda: lines.random.choice(COUPLETS),
            "c": lambda: (lines.addresses.unit_address(), ADDRESS),
            "Z": lambda: lines.random.choice(BEFORE_ADDRESSES),
        }
        return makers[placeholder]()

    def role(self) -> Piece:
        """Return a random role word that stands before a name, without a label."""
        lines = self.lines
        known = lines.random.random() < 0.6
        return lines.random.choice(lines.tables.roles if known else NAME_PREFIXES)

    def place(self) -> Piece:
        """Return a town, county or other place, half of them beginning with a surname."""
        lines = self.lines
        if lines.random.random() < 0.5:
            return lines.random.choice(lines.tables.named_places), LOCATION
        place = lines.tables.place(lines.random)
        return lines.random.choice((place.town or place.county, place.county)), LOCATION

    def brand_like(self) -> Piece:
        """Return a made-up brand of two or three characters that may look like a name."""
        lines = self.lines
        chance = lines.random.random()
        if chance < 0.35:
            return lines.people.mainland()[:3]
        return lines.organisations.stem()[:3] if chance < 0.8 else lines.organisations.brand()

    def move(self) -> Piece:
        """Return a move of Chinese chess: ``马八进七``."""
        draw = self.lines.random
        piece = draw.choice("车马炮兵卒相象仕士帅将") + draw.choice("一二三四五六七八九")
        return piece + draw.choice("进退平") + draw.choice("一二三四五六七八九")

    def name_roll(self) -> list[Piece]:
        """Return 8 to 36 names in newspaper style, some with a note: ``张三（女） 李四``."""
        lines, draw = self.lines, self.lines.random
        between = draw.choice(("", "", "", " ", "\u3000", "、"))
        note_share = draw.choice((0.0, 0.08, 0.08, 0.9))
        pieces: list[Piece] = []
        for _ in range(draw.randint(8, 36)):
            name = lines.people.minority_name() if draw.random() < 0.05 else lines.people.mainland()
            pieces.append((name, PERSON))
            if draw.random() < note_share:
                pieces.append(f"（{draw.choice(NOTES)}）")
            pieces.append(between)
        return pieces[:-1]

    def product_name(self) -> Piece:
        """Return a name of a ship, car or product: a brand or a foreign-sounding word."""
        known = self.lines.random.random() < 0.4
        return self.lines.organisations.brand() if known else self.lines.people.foreign_part()

    def word(self) -> Piece:
        """Return a random word, idiom, or word that begins like a name: ``高利润``."""
        lines = self.lines
        chance = lines.random.random()
        if chance < 0.1:
            return lines.random.choice(lines.tables.lookalikes)
        return lines.random.choice(lines.tables.idioms) if chance < 0.14 else lines.word()
