"""Role words (收件人, 寄, consignee) as a trie over their reversed UTF-8 bytes.

A role word assigns the values after it to one side of a record: recipient, sender, customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from piiscan.arrays import Bool, Int16, UInt8
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.context.context_numbers import ANYWHERE, LEADING, MARKED, SET_OFF
from piiscan.detect.context.word_trie import WordTrie
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.spellings import Spelling
from piiscan.detect.matching.word_sieve import WordSieve

#: Nouns that make a role word of a mark or stem of two or more Hanzi: 收件电话.
NOUNS: Final = ("姓名", "名字", "电话", "手机", "地址")


@dataclass(frozen=True, slots=True)
class RoleWords:
    """All role words of a catalogue as a trie.

    ``role[word]`` is the number of its role, ``position[word]`` its required position (ANYWHERE …
    LEADING).  ``without_role[recognizer]`` is True for values that have no role: a waybill number
    belongs to both sides.
    """

    words: tuple[str, ...]
    trie: WordTrie
    role: Int16
    position: UInt8
    without_role: Bool

    @classmethod
    def of(cls, catalog: Catalog) -> RoleWords:
        """Build the trie from the section ``roles`` of the catalogue's vocabulary."""
        roles: Mapping[str, Mapping[str, Any]] = catalog.vocabulary.get("roles", {})
        entries: dict[str, tuple[int, int]] = {}
        for number, entry in enumerate(roles.values()):
            for word in entry.get("mark", ()):
                entries[word.lower()] = number, MARKED if len(word) == 1 else SET_OFF
            for word in (*entry.get("mark", ()), *entry.get("stem", ())):
                if len(word) > 1 and word[-1] > "\x7f":
                    entries |= {word + noun: (number, ANYWHERE) for noun in NOUNS}
        for number, entry in enumerate(roles.values()):
            for word in entry.get("lead", ()):
                entries[word.lower()] = number, LEADING
            for word in entry.get("text", ()):
                entries[word.lower()] = number, ANYWHERE
        words = tuple(sorted(entries))
        roleless = catalog.vocabulary.get("without_role", {}).get("entities", ())
        return cls(
            words,
            WordTrie.of(words),
            np.array([entries[word][0] for word in words], np.int16),
            np.array([entries[word][1] for word in words], np.uint8),
            np.array([r.entity in roleless for r in catalog.recognizers], np.bool_),
        )

    def sieve(
        self,
        alphabet: Alphabet,
        more_words: Iterable[str] = (),
        spellings: Iterable[Spelling] = (),
    ) -> WordSieve:
        """Build the sieve of positions where a role word, other word or spelling may end.

        The sieve works on folded text.  A word with a required position must follow a separator.
        """
        spelled = [
            word if how == ANYWHERE else "\0" + word
            for word, how in zip(self.words, self.position.tolist(), strict=True)
        ]
        return WordSieve.of([*spelled, *more_words], alphabet, spellings)

    def endings(self) -> set[str]:
        """Return the last two characters of each role word, for the word sieve."""
        return {word[-2:] for word in self.words}
