"""Role words (收件人, 寄, consignee) as a trie over their reversed UTF-8 bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from piiscan.arrays import Bool, Int16, Int32, UInt8
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.context.word_trie import trie
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.word_sieve import Sieve

#: What can stand behind a mark or stem of two or more Hanzi and make it a role word: 收件电话.
NOUNS: Final = ("姓名", "名字", "电话", "手机", "地址")

#: How a role word must stand.
ANYWHERE: Final = 0
SET_OFF: Final = 1  # no Hanzi, letter or digit on either side
MARKED: Final = 2  # the same, and at the start of a line or with a mark behind it
LEADING: Final = 3  # none in front of it: 快递员王五, but not 他是一名快递员


@dataclass(frozen=True, slots=True)
class RoleWords:
    """All role words as a trie over their reversed UTF-8 bytes, as context words are.

    ``role`` and ``how`` are by word: the number of its role, and how it must stand; ``without``
    are the recognizers whose values are nobody's: a waybill number belongs to both sides.
    """

    words: tuple[str, ...]
    table: Int32
    word_at: Int32
    role: Int16
    how: UInt8
    without: Bool

    @classmethod
    def of(cls, catalog: Catalog) -> RoleWords:
        """The role words of the catalogue's vocabulary."""
        roles: Mapping[str, Mapping[str, Any]] = catalog.vocabulary.get("roles", {})
        known: dict[str, tuple[int, int]] = {}
        for number, entry in enumerate(roles.values()):
            for word in entry.get("mark", ()):
                known[word.lower()] = number, MARKED if len(word) == 1 else SET_OFF
            for word in (*entry.get("mark", ()), *entry.get("stem", ())):
                if len(word) > 1 and word[-1] > "\x7f":
                    known |= {word + noun: (number, ANYWHERE) for noun in NOUNS}
        for number, entry in enumerate(roles.values()):
            for word in entry.get("lead", ()):
                known[word.lower()] = number, LEADING
            for word in entry.get("text", ()):
                known[word.lower()] = number, ANYWHERE
        words = tuple(sorted(known))
        table, word_at = trie(words)
        nobodys = catalog.vocabulary.get("without_role", {}).get("entities", ())
        return cls(
            words,
            table,
            word_at,
            np.array([known[word][0] for word in words], np.int16),
            np.array([known[word][1] for word in words], np.uint8),
            np.array([r.entity in nobodys for r in catalog.recognizers], np.bool_),
        )

    def sieve(self, alphabet: Alphabet, more: Iterable[str] = ()) -> Sieve:
        """What finds every place where one of the words, or of ``more``, may end in folded text."""
        apart = [
            word if how == ANYWHERE else "\0" + word
            for word, how in zip(self.words, self.how.tolist(), strict=True)
        ]
        return Sieve.of([*apart, *more], alphabet)

    def endings(self) -> set[str]:
        """The last two characters of the words."""
        return {word[-2:] for word in self.words}
