"""Generator of clauses of chats: a name directly before a verb, an adverb or a particle.

A name of two characters and what follows look like a name of three. Only clauses in which the two
meet in every way teach where the name ends.

Example: ``找张三打款 -> PERSON [1, 3)``.
"""

from __future__ import annotations

from dataclasses import dataclass

from .lines import PERSON, Line, Piece, join_pieces
from .sentences import PLACEHOLDER, Sentences
from .word_lists import WORD_LISTS

BEFORE = WORD_LISTS["clauses"]["before"]
AFTER = WORD_LISTS["clauses"]["after"]
ROLES = WORD_LISTS["clauses"]["roles"]


@dataclass(frozen=True, slots=True)
class Clauses:
    """Generator of clauses around one name, or around a word in the place of a name."""

    sentences: Sentences

    def clause(self) -> Line:
        """Return a random clause, sometimes two with the same person."""
        draw = self.sentences.lines.random
        person = self.person()
        pieces = self.around(person)
        if draw.random() < 0.3:
            again = person if draw.random() < 0.5 else self.person()
            pieces += [draw.choice(("，", "，", " ", "。", "\n", "")), *self.around(again)]
        return join_pieces(pieces)

    def around(self, person: Piece) -> list[Piece]:
        """Return ``person`` with random words before and after."""
        draw = self.sentences.lines.random
        before = draw.choice(BEFORE) if draw.random() < 0.7 else ""
        pieces: list[Piece] = [before, person]
        if draw.random() < 0.95:
            pieces += self.fill(draw.choice(AFTER))
        return pieces

    def person(self) -> Piece:
        """Return a name of two or three characters, half of them of two, or a role in its place.

        One in twelve is an ordinary word.
        """
        lines = self.sentences.lines
        chance = lines.random.random()
        if chance < 0.13:
            return lines.random.choice(ROLES)
        if chance < 0.2:
            return lines.people.word_name(), PERSON
        if chance < 0.55:
            return lines.people.surname() + lines.people.single_given(), PERSON
        if chance < 0.95:
            return lines.people.mainland(), PERSON
        return lines.people.name(), PERSON

    def fill(self, pattern: str) -> list[Piece]:
        """Fill the placeholders of ``pattern``: verbs and adverbs, others as in sentences."""
        pieces: list[Piece] = []
        at = 0
        for placeholder in PLACEHOLDER.finditer(pattern):
            pieces += [pattern[at : placeholder.start()], *self.piece(placeholder.group(1))]
            at = placeholder.end()
        return [*pieces, pattern[at:]]

    def piece(self, placeholder: str) -> list[Piece]:
        """Return random pieces for one placeholder letter."""
        tables, draw = self.sentences.lines.tables, self.sentences.lines.random
        if placeholder == "v":
            return draw.choices(tables.verbs, tables.verb_weights)
        if placeholder == "d":
            return [draw.choice(tables.adverbs)]
        return self.sentences.piece(placeholder)
