"""Names of persons, drawn so that no name and no character of a name can be learned by heart."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .listed import LISTED
from .tables import Tables

DOTS = "····•‧・．.﹒"
TITLES = LISTED["people"]["titles"]
# Behind a lone surname these are forms of address: nothing to find.
FORMS = LISTED["people"]["forms"]
SOUNDS = "".join(LISTED["people"]["sounds"])
MINORITY = LISTED["people"]["minority"]
JAPANESE = LISTED["people"]["japanese"]
JAPANESE_GIVEN = LISTED["people"]["japanese_given"]


@dataclass(frozen=True, slots=True)
class People:
    """Draws names of each kind that dumps and prose hold."""

    tables: Tables
    random: Random

    def surname(self) -> str:
        """A surname: usually a frequent one, often a rare or a compound one."""
        chance = self.random.random()
        if chance < 0.56:
            return self.random.choices(self.tables.surnames, self.tables.weights)[0]
        if chance < 0.92:
            return self.random.choice(self.tables.rare)
        return self.random.choice(self.tables.compound)

    def given(self) -> str:
        """One or two characters of any kind behind a surname."""
        chance = self.random.random()
        if chance < 0.45:
            return self.random.choice(self.tables.given)
        if chance < 0.72:
            pair = self.random.choice(self.tables.given), self.random.choice(self.tables.given)
            return pair[0][0] + pair[1][-1]
        count = 1 if self.random.random() < 0.25 else 2
        if chance < 0.755:
            return self.random.choice(self.tables.hanzi) * 2
        if chance < 0.81:
            return next(w for w in iter(self._word, "") if len(w) == 2)
        return "".join(self.random.choice(self.tables.hanzi) for _ in range(count))

    def called(self) -> str:
        """A given name of two characters by itself, seldom of one said twice (佳佳)."""
        first, last = self.random.choice(self.tables.given), self.random.choice(self.tables.given)
        if self.random.random() < 0.12:
            return last[-1] * 2
        return first if len(first) == 2 else first + last[-1]

    def rare(self) -> str:
        """A name whose surname is one of the old list, or any character."""
        if self.random.random() < 0.12:
            return self.random.choice(self.tables.hanzi) + self.given()
        given = self._word()[:2] if self.random.random() < 0.25 else self.given()
        return self.random.choice(self.tables.rare) + given

    def _word(self) -> str:
        """An ordinary word."""
        return self.random.choice(self.tables.words)

    def mainland(self) -> str:
        """Surname and given name, seldom with two surnames."""
        name = self.surname() + self.given()
        if self.random.random() < 0.02:
            name = self.random.choice(self.tables.surnames) + name
        return name

    def foreign(self) -> str:
        """A transliterated or minority name with its dots."""
        dot = self.random.choice(DOTS)
        if self.random.random() < 0.45:
            parts = ["".join(self._minority()) for _ in range(self.random.choice((1, 2, 2, 2, 3)))]
        else:
            parts = [self.part() for _ in range(self.random.choice((1, 2, 2, 2, 3)))]
            if self.random.random() < 0.12:
                parts[0] = self.random.choice("ABCDEFGHJKLMRSTW")
        return dot.join(parts)

    def part(self) -> str:
        """One part of a transliterated name."""
        chance, known = self.random.random(), self.tables.foreign
        if chance < 0.6 and known:
            return self.random.choice(known)
        if chance < 0.85 and known:
            first, last = self.random.choice(known), self.random.choice(known)
            return first[: self.random.randint(1, 2)] + last[-self.random.randint(1, 3) :]
        return "".join(self.random.choice(SOUNDS) for _ in range(self.random.randint(2, 5)))

    def single(self) -> str:
        """A minority name without any dot."""
        return "".join(self._minority())

    def abroad(self) -> str:
        """A name from abroad without a dot: one part of it, or a Japanese one, whole or not."""
        if self.random.random() < 0.8:
            return self.part()
        given = self.random.choice(JAPANESE_GIVEN) if self.random.random() < 0.6 else ""
        return self.random.choice(JAPANESE) + given

    def is_given(self, name: str) -> bool:
        """Whether this can only be a given name by itself: no surname begins it."""
        return len(name) == 2 and name[0] not in self.tables.rare + self.tables.surnames

    def is_abroad(self, name: str) -> bool:
        """Whether this is written like a name from abroad, without a dot."""
        if name[:2] in JAPANESE:
            return True
        sounds = len(name) >= 2 and self.tables.sounds.issuperset(name)
        return sounds and (len(name) > 3 or name[0] not in self.tables.rare)

    def _minority(self) -> list[str]:
        """One or two syllable groups."""
        return [self.random.choice(MINORITY) for _ in range(self.random.choice((1, 1, 2)))]

    def name(self) -> str:
        """Any name that is a person's."""
        chance = self.random.random()
        if chance < 0.01:
            return self.rare()
        if chance < 0.93:
            return self.mainland()
        return self.foreign()

    def hidden(self) -> str:
        """A name as courts print it."""
        surname = self.random.choices(self.tables.surnames, self.tables.weights)[0]
        return surname + self.random.choice(("某", "某某", "某甲", "某乙", "某1", "某2", "某"))

    def familiar(self) -> str:
        """What makes a surname a form of address."""
        return self.random.choice(FORMS)

    def title(self) -> str:
        """A title that stands behind a name and is no part of it."""
        return self.random.choice(TITLES)
