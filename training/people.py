"""Generator of person names: mainland, minority, Japanese and transliterated names.

Names are composed at random, so that the network cannot memorize names or single characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .tables import Tables
from .word_lists import WORD_LISTS

DOTS = "····•‧・．.﹒"
TITLES = WORD_LISTS["people"]["titles"]
# After a surname alone these make a form of address, which is no name.
FORMS_OF_ADDRESS = WORD_LISTS["people"]["forms"]
TRANSLITERATION = "".join(WORD_LISTS["people"]["sounds"])
MINORITY = WORD_LISTS["people"]["minority"]
JAPANESE = WORD_LISTS["people"]["japanese"]
JAPANESE_GIVEN = WORD_LISTS["people"]["japanese_given"]
CLANS = WORD_LISTS["people"]["clans"]
VIETNAMESE = WORD_LISTS["people"]["vietnamese"]


@dataclass(frozen=True, slots=True)
class People:
    """Generator of person names."""

    tables: Tables
    random: Random

    def surname(self) -> str:
        """Return a random surname: a frequent, a rare or a compound one."""
        chance = self.random.random()
        if chance < 0.56:
            return self.random.choices(self.tables.surnames, self.tables.weights)[0]
        if chance < 0.92:
            return self.random.choice(self.tables.rare)
        return self.random.choice(self.tables.compound)

    def given(self) -> str:
        """Return a random given name of one or two characters: ``三``, ``建国``.

        One in five has one character, as in people's registers. Characters drawn at random are
        none that begin what follows a name (``打``, ``说``, ``的``): the network would read them
        into it.
        """
        chance = self.random.random()
        if chance < 0.18:
            return self.single_given()
        if chance < 0.25:
            return self.random.choice(self.tables.common_given)
        if chance < 0.54:
            return self.random.choice(self.tables.given)
        if chance < 0.87:
            pair = self.random.choice(self.tables.given), self.random.choice(self.tables.given)
            return pair[0][0] + pair[1][-1]
        if chance < 0.89:
            return self.random.choice(self.tables.rare_hanzi) * 2
        if chance < 0.93:
            return next(w for w in iter(self._word, "") if len(w) == 2 and self._may_end_name(w))
        count = 1 if self.random.random() < 0.25 else 2
        return "".join(self.random.choice(self.tables.rare_hanzi) for _ in range(count))

    def single_given(self) -> str:
        """Return a random given name of one character: ``伟``, ``娜``."""
        if self.random.random() < 0.4:
            return next(n for n in iter(self._common_given, "") if len(n) == 1)
        given = iter(lambda: self.random.choice(self.tables.given)[-1], "")
        return next(char for char in given if self._may_end_name(char))

    def _common_given(self) -> str:
        return self.random.choice(self.tables.common_given)

    def _may_end_name(self, text: str) -> bool:
        """Return True if the last character of ``text`` seldom begins what follows a name."""
        return text[-1] not in self.tables.function_hanzi

    def given_name_only(self) -> str:
        """Return a random given name of two characters without surname: ``建国``, ``佳佳``."""
        first, last = self.random.choice(self.tables.given), self.random.choice(self.tables.given)
        if self.random.random() < 0.12:
            return last[-1] * 2
        return first if len(first) == 2 else first + last[-1]

    def rare(self) -> str:
        """Return a name with a surname of 百家姓, or with any character as surname."""
        if self.random.random() < 0.12:
            return self.random.choice(self.tables.rare_hanzi) + self.given()
        given = self._word()[:2] if self.random.random() < 0.25 else self.given()
        return self.random.choice(self.tables.rare) + given

    def _word(self) -> str:
        """Return a random ordinary word."""
        return self.random.choice(self.tables.words)

    def word_name(self) -> str:
        """Return a name that is an ordinary word, or a surname before one: ``高原``, ``文静``."""
        if self.random.random() < 0.85:
            return self.random.choice(self.tables.name_words)
        return self.surname() + next(w for w in iter(self._word, "") if len(w) == 2)

    def mainland(self) -> str:
        """Return a surname and a given name, sometimes with a second surname: ``张三``."""
        name = self.surname() + self.given()
        if self.random.random() < 0.02:
            name = self.random.choice(self.tables.surnames) + name
        return name

    def dotted_name(self) -> str:
        """Return a transliterated or minority name of up to three parts: ``玛丽·约翰``."""
        dot = self.random.choice(DOTS)
        chance = self.random.random()
        if chance < 0.08:
            parts = [self.random.choice(CLANS), self.random.choice(self.tables.given)]
        elif chance < 0.45:
            parts = ["".join(self._minority()) for _ in range(self.random.choice((1, 2, 2, 2, 3)))]
        else:
            parts = [self.foreign_part() for _ in range(self.random.choice((1, 2, 2, 2, 3)))]
            if self.random.random() < 0.12:
                parts[0] = self.random.choice("ABCDEFGHJKLMRSTW")
        return dot.join(parts)

    def foreign_part(self) -> str:
        """Return one part of a transliterated name: ``约翰``."""
        chance, foreign_parts = self.random.random(), self.tables.foreign_parts
        if chance < 0.6 and foreign_parts:
            return self.random.choice(foreign_parts)
        if chance < 0.85 and foreign_parts:
            first, last = self.random.choice(foreign_parts), self.random.choice(foreign_parts)
            return first[: self.random.randint(1, 2)] + last[-self.random.randint(1, 3) :]
        return "".join(
            self.random.choice(TRANSLITERATION) for _ in range(self.random.randint(2, 5))
        )

    def minority_name(self) -> str:
        """Return a random name of a Chinese minority, without a dot."""
        return "".join(self._minority())

    def foreign_name(self) -> str:
        """Return a foreign name without a dot: a transliterated part or a Japanese name."""
        if self.random.random() < 0.8:
            return self.foreign_part()
        return self.japanese_name() if self.random.random() < 0.6 else self.random.choice(JAPANESE)

    def japanese_name(self) -> str:
        """Return a Japanese surname and given name: ``山本太郎``."""
        return self.random.choice(JAPANESE) + self.random.choice(JAPANESE_GIVEN)

    def is_given_name(self, name: str) -> bool:
        """Return True if ``name`` is two characters that no surname begins, such as ``建国``."""
        return len(name) == 2 and name[0] not in self.tables.rare + self.tables.surnames

    def looks_foreign(self, name: str) -> bool:
        """Return True if ``name`` looks like a foreign name without a dot: ``克林顿``."""
        if name[:2] in JAPANESE:
            return True
        transliterated = len(name) >= 2 and self.tables.transliteration.issuperset(name)
        return transliterated and (len(name) > 3 or name[0] not in self.tables.rare)

    def _minority(self) -> list[str]:
        """Return one to three random syllable groups of minority names."""
        return [self.random.choice(MINORITY) for _ in range(self.random.choice((1, 1, 2, 2, 3)))]

    def name(self) -> str:
        """Return a random person name of any form."""
        chance = self.random.random()
        if chance < 0.015:
            return self.rare()
        if chance < 0.88:
            return self.mainland()
        if chance < 0.9:
            return self.minority_name()
        if chance < 0.912:
            return self.japanese_name()
        if chance < 0.92:
            return self.foreign_part()
        if chance < 0.925:
            return self.random.choice(VIETNAMESE) + self.random.choice(self.tables.given)[-1]
        if chance < 0.935:
            return self.mainland() + self.random.choice(self.tables.given)[-1]
        return self.dotted_name()

    def anonymised(self) -> str:
        """Return a name as court decisions print it: ``张某某``."""
        surname = self.random.choices(self.tables.surnames, self.tables.weights)[0]
        return surname + self.random.choice(("某", "某某", "某甲", "某乙", "某1", "某2", "某"))

    def form_of_address(self) -> str:
        """Return a random word that makes a surname a form of address: ``先生``, ``老师``."""
        return self.random.choice(FORMS_OF_ADDRESS)

    def title(self) -> str:
        """Return a random title that follows a name and is no part of it."""
        return self.random.choice(TITLES)
