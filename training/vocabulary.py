"""The characters and words that the tagger knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from piiscan.arrays import UInt8, UInt16, UInt32
from piiscan.detect.ner.model.dictionary_words import LONGEST, pack, spread
from piiscan.detect.ner.model.symbols import FIRST, folding, numbering

from .addresses import Addresses
from .tables import COMPOUND, Place, Tables, packaged, read_words

# Classes of words.
PERSON, FOREIGN, PLACE, FIRM, OFTEN, SOMETIMES, SELDOM, OFFICIAL = range(8)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Characters in order of their numbers, old forms, and the packed word list."""

    characters: str
    old: str
    new: str
    steps: UInt16
    kinds: UInt8

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return FIRST + len(self.characters)

    def folded(self) -> UInt16:
        """The folding table."""
        return folding((self.old, self.new))

    def numbered(self) -> UInt16:
        """The numbering table."""
        return numbering(self.characters)

    def words(self) -> UInt32:
        """The word table."""
        return spread(self.steps, self.kinds)


def load_vocabulary(texts: Iterable[str], tables: Tables, *, least: int = 12) -> Vocabulary:
    """The vocabulary of some texts, with the word list of jieba and the place list of jionlp."""
    old, new = read_pairs(packaged("jionlp", "dictionary/tra2sim_char.txt"))
    counts = Counter(char for text in texts for char in text)
    fold = folding((old, new))
    folded: Counter[str] = Counter()
    for char, count in counts.items():
        if ord(char) < 0xFFFE:
            folded[chr(fold[ord(char)])] += count
    known = [char for char, count in folded.most_common() if count >= least]
    known += [char for char in tables.hanzi + "".join(tables.rare) if folded[char] < least]
    kept = [char for char in dict.fromkeys(known) if usable(char)]
    words = dictionary(read_words(packaged("jieba", "dict.txt")))
    abroad = ((name, PLACE) for name in sorted(tables.abroad))
    listed = [*official(tables.places()), *abroad, *words]
    steps, kinds = pack(("".join(chr(fold[ord(c)]) for c in w), k) for w, k in listed if plain(w))
    return Vocabulary("".join(kept), old, new, steps, kinds)


def usable(char: str) -> bool:
    """Whether a folded character has a number of its own: no digit, no space, first plane."""
    return ord(char) < 0xD800 and not char.isspace() and not char.isdigit() and ord(char) > 32


def plain(word: str) -> bool:
    """Whether all characters of a word are in the first plane."""
    return all(ord(char) < 0xD800 for char in word)


def read_pairs(path: Path) -> tuple[str, str]:
    """Traditional characters and their simplified forms."""
    old, new = [], []
    for line in path.read_text("utf-8").splitlines():
        parts = line.split("\t")
        if len(parts) == 2 and all(len(p) == 1 and ord(p) < 0xD800 for p in parts):
            old.append(parts[0])
            new.append(parts[1])
    return "".join(old), "".join(new)


def dictionary(words: Iterable[tuple[str, int, str]]) -> Iterator[tuple[str, int]]:
    """Words of jieba's dictionary with their classes."""
    for word, count, tag in words:
        if not 2 <= len(word) <= LONGEST:
            continue
        if tag in ("nr", "nrfg"):
            yield word, PERSON
        elif tag == "nrt":
            yield word, FOREIGN
        elif tag == "ns":
            yield word, PLACE
        elif tag in ("nt", "nz"):
            yield word, FIRM
        else:
            yield word, OFTEN if count >= 1000 else SOMETIMES if count >= 50 else SELDOM


def official(places: Iterable[Place]) -> Iterator[tuple[str, int]]:
    """Provinces to towns as the official list has them, and without their last word."""
    seen: set[str] = set()
    for place in places:
        for level in place[:4]:
            if level not in seen:
                seen.add(level)
                yield level, OFFICIAL
                short = Addresses.short(level)
                if short != level and level != place.town:
                    yield short, PLACE
    for surname in COMPOUND:
        yield surname, PERSON
