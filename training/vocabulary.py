"""Vocabulary of the tagger: its characters, folding pairs and dictionary words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8, UInt16, UInt32
from piiscan.detect.ner.model.network_numbers import BITS, CLASSES, FIRST, MAX_WORD_LENGTH
from piiscan.detect.ner.model.symbols import build_fold_table, build_number_table
from piiscan.detect.ner.model.weights import build_hash_table

from .addresses import Addresses
from .tables import COMPOUND_SURNAMES, Place, Tables, packaged_file, read_words

#: Rows of the table of word features: 8 positions (begin and end of two characters; begin, middle
#: and end of three, and of four or more) for each class, and row 0 for none.
ROWS: Final = 1 + 8 * CLASSES

# Word classes.
PERSON, FOREIGN, PLACE, ORGANISATION, COMMON, UNCOMMON, RARE, OFFICIAL = range(8)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Characters in order of their numbers, traditional forms, and packed dictionary words."""

    characters: str
    traditional: str
    simplified: str
    word_steps: UInt16
    word_kinds: UInt8

    @property
    def size(self) -> int:
        """Return the number of symbols of the network, special ones included."""
        return FIRST + len(self.characters)

    def fold_table(self) -> UInt16:
        """Return the folded form of each code point (``uint16[65536]``)."""
        return build_fold_table((self.traditional, self.simplified))

    def number_table(self) -> UInt16:
        """Return the symbol number of each folded code point (``uint16[65536]``)."""
        return build_number_table(self.characters)

    def word_table(self) -> UInt32:
        """Return the hash table of the dictionary words (``uint32``), as the tagger reads it."""
        return build_hash_table(self.word_steps, self.word_kinds)


def load_vocabulary(texts: Iterable[str], tables: Tables, *, min_count: int = 12) -> Vocabulary:
    """Return the vocabulary of ``texts``, with the words of jieba and the places of jionlp.

    Characters that occur fewer than ``min_count`` times are left out, unless the tables contain
    them.
    """
    traditional, simplified = read_character_pairs(
        packaged_file("jionlp", "dictionary/tra2sim_char.txt")
    )
    counts = Counter(char for text in texts for char in text)
    fold = build_fold_table((traditional, simplified))
    folded: Counter[str] = Counter()
    for char, count in counts.items():
        if ord(char) < 0xFFFE:
            folded[chr(fold[ord(char)])] += count
    candidates = [char for char, count in folded.most_common() if count >= min_count]
    candidates += [char for char in tables.hanzi + "".join(tables.rare) if folded[char] < min_count]
    characters = [char for char in dict.fromkeys(candidates) if gets_number(char)]
    words = classify_words(read_words(packaged_file("jieba", "dict.txt")))
    topics = ((word, UNCOMMON) for word in tables.foods + tables.medicines)
    foreign = ((name, PLACE) for name in sorted(tables.foreign_places))
    word_classes = [*official_places(tables.places()), *foreign, *words, *topics]
    steps, kinds = pack_words(
        ("".join(chr(fold[ord(c)]) for c in w), k) for w, k in word_classes if in_first_plane(w)
    )
    return Vocabulary("".join(characters), traditional, simplified, steps, kinds)


def word_hash(word: str) -> int:
    """Return the hash of ``word``, an integer of BITS bits."""
    number = 0
    for char in word:
        number = (number * 0x9E3779B1 + ord(char)) & 0xFFFFFFFF
    return (number ^ (number >> 15)) * 0x85EBCA6B >> 3 & ((1 << BITS) - 1)


def pack_words(words: Iterable[tuple[str, int]]) -> tuple[UInt16, UInt8]:
    """Pack (word, class) pairs as differences between sorted hashes, and classes.

    Words of one or more than six characters are left out.
    """
    classes: dict[int, int] = {}
    for word, kind in words:
        if 2 <= len(word) <= MAX_WORD_LENGTH:
            classes.setdefault(word_hash(word), kind)
    numbers = np.array(sorted(classes), dtype=np.int64)
    kinds = np.array([classes[int(number)] for number in numbers], np.uint8)
    steps = np.diff(numbers, prepend=0)
    if len(steps) and steps.max() > 0xFFFF:
        too_far = steps > 0xFFFF  # differences above 16 bits need filler entries
        return pack_sparse(numbers, kinds, too_far)
    return steps.astype(np.uint16), kinds


def pack_sparse(numbers: Int64, kinds: UInt8, too_far: Bool) -> tuple[UInt16, UInt8]:
    """Pack a short list of hashes; a filler (class CLASSES) splits differences above 65535.

    ``too_far`` marks the entries whose difference is too large for 16 bits.
    """
    steps: list[int] = []
    classes: list[int] = []
    at = 0
    for number, kind, long in zip(numbers.tolist(), kinds.tolist(), too_far.tolist(), strict=True):
        while long and number - at > 0xFFFF:
            steps.append(0xFFFF)
            classes.append(CLASSES)
            at += 0xFFFF
        steps.append(number - at)
        classes.append(kind)
        at = number
    return np.array(steps, np.uint16), np.array(classes, np.uint8)


def gets_number(char: str) -> bool:
    """Return True if a folded character gets a number of its own.

    It is no digit, blank or control character, and its code point is below U+D800.
    """
    return ord(char) < 0xD800 and not char.isspace() and not char.isdigit() and ord(char) > 32


def in_first_plane(word: str) -> bool:
    """Return True if all characters of ``word`` are below U+D800."""
    return all(ord(char) < 0xD800 for char in word)


def read_character_pairs(path: Path) -> tuple[str, str]:
    """Return the traditional characters and, at the same positions, their simplified forms."""
    traditional, simplified = [], []
    for line in path.read_text("utf-8").splitlines():
        parts = line.split("\t")
        if len(parts) == 2 and all(len(p) == 1 and ord(p) < 0xD800 for p in parts):
            traditional.append(parts[0])
            simplified.append(parts[1])
    return "".join(traditional), "".join(simplified)


def classify_words(words: Iterable[tuple[str, int, str]]) -> Iterator[tuple[str, int]]:
    """Yield the words of jieba's dictionary with their classes, by tag and frequency."""
    for word, count, tag in words:
        if not 2 <= len(word) <= MAX_WORD_LENGTH:
            continue
        if tag in ("nr", "nrfg"):
            yield word, PERSON
        elif tag == "nrt":
            yield word, FOREIGN
        elif tag == "ns":
            yield word, PLACE
        elif tag in ("nt", "nz"):
            yield word, ORGANISATION
        else:
            yield word, COMMON if count >= 1000 else UNCOMMON if count >= 50 else RARE


def official_places(places: Iterable[Place]) -> Iterator[tuple[str, int]]:
    """Yield the official names of provinces to towns, their short forms, and compound surnames."""
    seen: set[str] = set()
    for place in places:
        for level in place[:4]:
            if level not in seen:
                seen.add(level)
                yield level, OFFICIAL
                short = Addresses.shorten(level)
                if short != level and level != place.town:
                    yield short, PLACE
    for surname in COMPOUND_SURNAMES:
        yield surname, PERSON
