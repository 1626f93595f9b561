"""Role words (收件人, 寄, consignee) as a trie over their reversed UTF-8 bytes.

A role word assigns the values after it to one side of a record: recipient, sender, customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from piiscan.arrays import Bool, Int16, UInt8
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.role_classes import RoleClasses
from piiscan.detect.context.context_numbers import (
    ANYWHERE,
    DIRECT,
    DIRECT_KEY,
    DIRECT_NAMED,
    DIRECT_ONLY,
    DIRECT_STEP,
    LEADING,
    MARKED,
    NEVER_DIRECT,
    SET_OFF,
)
from piiscan.detect.context.word_trie import WordTrie
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.spellings import Spelling
from piiscan.detect.matching.word_sieve import WordSieve

#: Nouns that make a role word of a mark or stem of two or more Hanzi: 收件电话.
NOUNS: Final = ("姓名", "名字", "电话", "手机", "地址")
#: Entities of names, and the classes of roles whose values are only numbers to reach them by.
_NAMES: Final = frozenset(("PERSON", "NICKNAME"))
#: Roles that say nothing of a person beside another word: 甲方（出租人）.
_SIDES: Final = frozenset(("party_a", "party_b"))
_STRICT: Final = frozenset(("staff", "dealer", "speaker", "own"))


@dataclass(frozen=True, slots=True)
class RoleWords:
    """All role words of a catalogue as a trie.

    Of words: number of its ``role``, required ``position`` (ANYWHERE … DIRECT_ONLY), and if it also
    counts directly before a span (``glued``).  ``last_bytes[byte before * 256 + byte]`` is True for
    the last two bytes of such a word.  ``nouns``: nouns of keys.

    Of roles: ``strict`` ones are of staff and dealers, ``person`` of persons beside the subject,
    ``lends`` of parents and contacts, ``side`` of parties of a contract.  Of recognizers: ``names``
    are of persons, ``reaches`` reach them (phones, accounts), ``without_role`` have none: a waybill
    number belongs to both sides.
    """

    words: tuple[str, ...]
    trie: WordTrie
    nouns: WordTrie
    role: Int16
    position: UInt8
    glued: UInt8
    last_bytes: Bool
    strict: Bool
    person: Bool
    lends: Bool
    side: Bool
    names: Bool
    reaches: Bool
    without_role: Bool

    @classmethod
    def of(cls, catalog: Catalog) -> RoleWords:
        """Build the trie from the section ``roles`` of the catalogue's vocabulary."""
        roles: Mapping[str, Mapping[str, Any]] = catalog.vocabulary.get("roles", {})
        glued, placed = dict[str, tuple[int, int]](), dict[str, tuple[int, int]]()
        for number, entry in enumerate(roles.values()):
            words = entry.get("words", ())
            steps = {word for word in words if f"{word}人" in words or f"{word}方" in words}
            for word in (*words, *entry.get("glued", ())):
                is_step = len(word) == 1 or word in steps.difference(entry.get("glued", ()))
                how = DIRECT_KEY if word.isascii() else DIRECT_STEP if is_step else DIRECT
                glued[word.lower()] = number, how
            glued |= dict.fromkeys(entry.get("named", ()), (number, DIRECT_NAMED))
            for word in entry.get("mark", ()):
                placed[word.lower()] = number, MARKED if len(word) == 1 else SET_OFF
            for word in (*entry.get("mark", ()), *entry.get("stem", ())):
                if len(word) > 1 and word[-1] > "\x7f":
                    placed |= {word + noun: (number, ANYWHERE) for noun in NOUNS}
        for number, entry in enumerate(roles.values()):
            for word in entry.get("lead", ()):
                placed[word.lower()] = number, LEADING
            for word in entry.get("text", ()):
                placed[word.lower()] = number, ANYWHERE
        found = glued | placed
        words = tuple(sorted(found))
        last_bytes = np.zeros(1 << 16, np.bool_)
        for word in glued:
            for last in {word[-1], word[-1].upper()}:
                low = last.encode()[-2:]
                last_bytes[low[0] << 8 | low[1] if len(low) > 1 else slice(low[0], None, 256)] = (
                    True
                )
        classes = [str(entry.get("class", "person")) for entry in roles.values()]
        entities = np.array([r.entity for r in catalog.recognizers], np.str_)
        roleless = catalog.vocabulary.get("without_role", {})
        return cls(
            words,
            WordTrie.of(words),
            WordTrie.of(catalog.vocabulary.get("role_nouns", {}).get("keys", ())),
            np.array([found[word][0] for word in words], np.int16),
            np.array([placed.get(word, (0, DIRECT_ONLY))[1] for word in words], np.uint8),
            np.array([glued.get(word, (0, NEVER_DIRECT))[1] for word in words], np.uint8),
            last_bytes,
            np.array([each in _STRICT for each in classes], np.bool_),
            np.array([each == "person" for each in classes], np.bool_),
            np.array([RoleClasses.of(catalog).lends(role) for role in roles], np.bool_),
            np.array([role in _SIDES for role in roles], np.bool_),
            np.isin(entities, list(_NAMES)),
            np.isin(entities, roleless.get("reached", ())),
            np.isin(entities, roleless.get("entities", ())),
        )

    def sieve(
        self,
        alphabet: Alphabet,
        more_words: Iterable[tuple[int, str]] = (),
        spellings: Sequence[tuple[int, Spelling]] = (),
        groups: int = 1,
    ) -> WordSieve:
        """Build the sieve of positions where a role word, other word or spelling may end.

        Other words have the recognizers that they support, as bits.  The sieve works on folded
        text.  A word with a required position must follow a separator.  Words that only count
        directly before a span are searched from the span, not by the sieve.
        """
        spelled = [
            (0, word if how == ANYWHERE else "\0" + word)
            for word, how in zip(self.words, self.position.tolist(), strict=True)
            if how != DIRECT_ONLY
        ]
        return WordSieve.of([*spelled, *more_words], alphabet, spellings, groups)

    def endings(self) -> set[str]:
        """Return the last two characters of each role word that the word sieve has."""
        placed = self.position != DIRECT_ONLY
        return {word[-2:] for word, is_placed in zip(self.words, placed, strict=True) if is_placed}
