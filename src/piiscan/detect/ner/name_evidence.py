"""Evidence of names that are words (高原, 平安): labels, titles, numbers and names beside them.

``业主高原 13800138000``: directly behind a label, before a number -> name.  The tagger misses such
names, because they are ordinary words elsewhere.  Points of all evidence are added; the table
``name_evidence.tsv`` has them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import exp
from string import digits
from typing import Final, NamedTuple, Self

import numpy as np

from piiscan.arrays import Bool, Int32, Int64, UInt8, UInt16
from piiscan.data import rows, surnames
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.context.keyed_values import NO_FORM, SURE_FORM, form_of_name
from piiscan.detect.matching.alphabet import base_char
from piiscan.detect.ner.model.network_numbers import PERSON
from piiscan.detect.ner.name_spans import NameSpans, NameText, Proposal

# Evidence, as numbers of bits: the order of name_evidence.tsv, without the points of a bare word.
ACT: Final = 0
AFTER_NAME: Final = 1
BEFORE_ADDRESS: Final = 2
BEFORE_NAME: Final = 3
BEFORE_NUMBER: Final = 4
BEFORE_VALUE: Final = 5
FIRST: Final = 6
FORM_WORD: Final = 7
GLUED: Final = 8
INTRODUCED: Final = 9
LABEL: Final = 10
LAST: Final = 11
LIST: Final = 12
LONG: Final = 13
NAMED: Final = 14
NEAR_VALUE: Final = 15
PERSON_LABEL: Final = 16
PROSE: Final = 17
REGION: Final = 18
SENTENCE: Final = 19
SEX: Final = 20
TAGGED: Final = 21
TITLE: Final = 22
VERB: Final = 23
EVIDENCE_KINDS: Final = 24

# Flags of a character.
SURNAME: Final = 1
GAP: Final = 2  # a sign or blank between a label and a name
CLOSING: Final = 4  # a sign that also may follow a name
INTRODUCER: Final = 8
PERSONAL_ENDING: Final = 16  # last character of a label that names a person
NAMING: Final = 32  # 叫
LABEL_ENDING: Final = 64  # last character of a label, or a digit
LISTING: Final = 128  # a gap between equals, not between a label and a name
FOLLOWING: Final = 256  # first character of a word behind a name
NO_START: Final = 512  # first and last characters of ordinary words only: 都为, 和所
NO_ENDING: Final = 1024

#: Keys of a role's words in vocabulary.yaml that are labels, and nouns behind its stems.
_ROLE_KEYS: Final = "words", "text", "lead", "glued"
_NOUNS: Final = "姓名", "名字"
HASH_FACTOR: Final = 0x9E3779B1
END_FACTOR: Final = 31
_HASH_MASK: Final = (1 << 64) - 1
PAIR_SHIFT: Final = 21  # bits of a code point
FEW_WORDS: Final = 32  # words of one call that need no second pass, and their numbers
FEW_NUMBERS: Final = 128
_GAPS: Final = " \t\u3000\xa0:：=＝\"'“‘「『[（(<>|,，、-—/\\+;；*`_&@"
_CLOSINGS: Final = ")）]】」』\"'”’>》`"
_PERSONAL_ENDINGS: Final = "人名长"
#: Points from which a word is a name, and the highest score of one.
_MIN_POINTS: Final = 0
_MAX_SCORE: Final = 0.95
_ROWS: Final = {row[0]: (int(row[1]), row[3]) for row in rows("name_evidence")}
EVIDENCE: Final = tuple(name for name in _ROWS if name != "base")


class EvidenceTables(NamedTuple):
    """Arrays of a search for evidence of names, as a kernel takes them.

    Attributes:
        flags: ``uint16[65536]``, flags of each character
        surname_pairs, form_pairs: surnames and ordinary words of two characters, as sorted integers
        points: points of each evidence
        labels: labels of a person, as sorted hashes of their characters, the last one first
        label_ends: ``bool[65536]``, True for the last two characters of a label, see END_FACTOR
        followers: words behind a name, as sorted hashes, and ``follower_kinds`` their evidence
        limits: least sum of points, which includes those of a bare word
    """

    flags: UInt16
    surname_pairs: Int64
    form_pairs: Int64
    points: Int32
    labels: Int64
    label_ends: Bool
    followers: Int64
    follower_kinds: UInt8
    limits: Int32

    @property
    def surname_count(self) -> int:
        """Return the number of surnames of two characters."""
        return len(self.surname_pairs)

    @property
    def form_count(self) -> int:
        """Return the number of ordinary words of two characters."""
        return len(self.form_pairs)

    @property
    def label_count(self) -> int:
        """Return the number of labels."""
        return len(self.labels)

    @property
    def follower_count(self) -> int:
        """Return the number of words behind a name."""
        return len(self.followers)

    @classmethod
    def of(cls, catalog: Catalog) -> Self:
        """Build the arrays from the vocabulary of ``catalog``: its columns and roles are labels."""
        followers = {f"{sign}{sex}": SEX for sign in ",(:/ \t" for sex in "男女"}
        for kind in (VERB, ACT, TITLE):
            followers |= dict.fromkeys(map(_folded, _ROWS[EVIDENCE[kind]][1].split()), kind)
        persons = [r for r in catalog.recognizers if r.tagged == "person"]
        labels = {word for r in persons for word in (*r.columns, *r.context)}
        labels.update(_ROWS["label"][1].split())
        for entry in catalog.vocabulary.get("roles", {}).values():
            stems = {*entry.get("mark", ()), *entry.get("stem", ())}
            labels |= stems | {stem + noun for stem in stems for noun in _NOUNS}
            labels |= {word for key in _ROLE_KEYS for word in entry.get(key, ())}
        labels = {_folded(word) for word in labels if len(word) > 1}
        words = {
            word
            for r in catalog.recognizers
            for word in (*r.columns, *r.context, *r.context_reject, *r.never)
        }
        hashed = sorted((_hash(word), kind) for word, kind in followers.items())
        return cls(
            flags=_char_flags(labels, followers),
            label_ends=_label_ends(labels),
            surname_pairs=_pairs(surnames()),
            form_pairs=_pairs(words | labels | {*_ROWS["form_word"][1].split()}),
            points=np.array([_ROWS[each][0] for each in EVIDENCE], np.int32),
            labels=np.array(sorted(_hash(word[::-1]) for word in labels), np.int64),
            followers=np.array([each for each, _ in hashed], np.int64),
            follower_kinds=np.array([kind for _, kind in hashed], np.uint8),
            limits=np.array([_MIN_POINTS - _ROWS["base"][0]], np.int32),
        )


def _label_ends(labels: Iterable[str]) -> Bool:
    """Return the table of the last two characters of labels."""
    table = np.zeros(0x10000, np.bool_)
    table[[(ord(word[-2]) * END_FACTOR ^ ord(word[-1])) & 0xFFFF for word in labels]] = True
    return table


def _folded(word: str) -> str:
    """Return a word in lower case and with narrow signs."""
    return "".join(map(base_char, word)).lower()


def _hash(word: str) -> int:
    """Return the hash of a word, as the kernel computes it."""
    mixed = 0
    for char in word:
        mixed = (mixed ^ ord(char)) * HASH_FACTOR & _HASH_MASK
    return mixed - (mixed >> 63 << 64)


def _pairs(words: Iterable[str]) -> Int64:
    """Return the words of two characters as sorted integers."""
    return np.array(
        sorted({ord(w[0]) << PAIR_SHIFT | ord(w[1]) for w in words if len(w) == 2}), np.int64
    )


def _char_flags(labels: Iterable[str], followers: Iterable[str]) -> UInt16:
    """Return the flags of each character."""
    flags = np.zeros(0x10000, np.uint16)
    for chars, flag in (
        ("".join(name[0] for name in surnames()), SURNAME),
        (_GAPS, GAP),
        (_CLOSINGS, CLOSING),
        ("都有为所与也或从任其很", NO_START),
        ("和都也或的与所有为很其是了就把被在着过", NO_ENDING),
        ("，,、；;", LISTING),
        ("的，：（　" + "".join(word[0] for word in followers), FOLLOWING),
        (_ROWS["introduced"][1], INTRODUCER),
        (_PERSONAL_ENDINGS, PERSONAL_ENDING),
        (_ROWS["named"][1], NAMING),
        (digits + "".join(word[-1] + word[-1].upper() for word in labels), LABEL_ENDING),
    ):
        flags[[ord(char) for char in chars]] |= np.uint16(flag)
    return flags


def propose_evident_names(text: NameText, spans: NameSpans) -> NameSpans:
    """Propose names that are words, by the evidence beside them: ``业主高原 138…`` -> 高原.

    A name that is found with a lower score gets that of the evidence.
    """
    if text.evidence is None:
        return spans
    found = text.evidence.find(
        text.codes, text.offsets, text.taken, spans.begin, spans.stop, spans.kind, spans.score
    )
    if not found:
        return spans
    score, proposals = spans.score.copy(), []
    for word in found:
        each = _proposal(text, *word)
        if each is None:
            continue
        known = (spans.begin == each.begin) & (spans.stop == each.stop) & (spans.kind == PERSON)
        if known.any():
            score[known] = each.score
        else:
            proposals.append(each)
    return replace(spans, score=score).propose(proposals)


def _proposal(text: NameText, begin: int, stop: int, evidence: int, points: int) -> Proposal | None:
    """Return the proposal of a word with its ``evidence`` and ``points``; None if it is no name."""
    form = form_of_name(text.slice(begin, stop))
    if form != SURE_FORM:
        evidence |= 1 << REGION
        points += _ROWS["region"][0]
    points += _ROWS["base"][0]
    if form == NO_FORM or points < _MIN_POINTS:
        return None
    score = min(_MAX_SCORE, round(1 / (1 + exp(-points / 10)), 2))
    return Proposal(begin, stop, score, PERSON, evidence)


def evidence_names(evidence: int) -> tuple[str, ...]:
    """Return the names of the bits of ``evidence``."""
    return tuple(name for bit, name in enumerate(EVIDENCE) if evidence >> bit & 1)
