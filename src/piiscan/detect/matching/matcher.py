"""Candidates: every place where a shape matches, as arrays; no object per candidate.

The kernel knows nothing about identifiers: it runs the automaton from every position where a
match may start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from piiscan.arrays import Bool, Int16, Int32, Int64, UInt8, UInt16, UInt64
from piiscan.detect.arithmetic.digits import digits_ahead
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_HAN_DIGIT, KIND_LETTER, Alphabet
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.boundaries import set_off
from piiscan.jit import eights, kernel

#: A shape is followed this far from its start, so that hostile runs do not cost their square.
LONGEST: Final = 512


@dataclass(frozen=True, slots=True)
class Candidates:
    """``k`` matches ordered by start: recognizer number and span in folded text.

    ``lead`` is how many ASCII digits it begins with, which need no gathering (at most 255).
    """

    recognizer: Int16
    start: Int64
    end: Int64
    lead: UInt8

    @classmethod
    def empty(cls, room: int) -> Candidates:
        """Room for so many."""
        return cls(
            np.empty(room, np.int16),
            np.empty(room, np.int64),
            np.empty(room, np.int64),
            np.empty(room, np.uint8),
        )

    def take(self, where: npt.NDArray[np.generic] | slice) -> Candidates:
        """Those at ``where`` (a mask, indices or a slice)."""
        return Candidates(
            self.recognizer[where], self.start[where], self.end[where], self.lead[where]
        )

    def over(self, kept: Int64) -> Candidates:
        """The same spans in the text of which only the places ``kept`` were looked at."""
        start, end = kept[self.start], kept[self.end - 1] + 1
        crossing = end - start > self.end - self.start
        return Candidates(self.recognizer, start, end, self.lead * ~crossing)


#: Numbers of one kind without a sign, for the kernel: places, and parts of the automaton's tables.
_NONE: Final = np.uint64(0)
_ONE: Final = np.uint64(1)
_MOST: Final = np.uint64(255)
_TWO: Final = np.uint64(2)
_EIGHT: Final = np.uint64(8)
_FOUR: Final = np.uint64(4)
_BYTE: Final = np.uint32(8)
_THREE: Final = np.uint32(3)


@kernel
def _match(  # noqa: C901 - one walk, kept in one kernel
    folded: UInt8,
    words: UInt64,
    places: Int64,
    table: UInt16,
    by_two: UInt16,
    alike: UInt16,
    accepting: Bool,
    accept_from: Int32,
    accepts: Int16,
    kind: UInt8,
    boundary: UInt8,
    best: Int64,
    met: UInt64,
    recognizer: Int16,
    start: Int64,
    end: Int64,
    lead: UInt8,
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Fill candidate arrays from ``places``; give (how many, how many places were done)."""
    room = np.uint64(len(start) - len(boundary))
    count = _NONE
    for number in range(len(places)):
        if count > room:
            return int(count), number
        at = np.uint64(places[number])
        ahead = folded[at - _ONE]
        before = kind[ahead]
        matched = _NONE
        limit = min(at + np.uint64(LONGEST), np.uint64(len(folded) - 1))
        state = np.uint32(1)
        place = at  # the first character that is not read
        final = kind[folded[at]]
        run = at  # where a run of digits that begins here ends
        if final == KIND_DIGIT:
            more = _EIGHT
            while more == _EIGHT and run + _EIGHT <= limit:
                more = digits_ahead(words[run])
                run += more
            while run < limit and folded[run] ^ 48 <= 9:
                run += _ONE
            # no match may end inside a run of digits, so they are taken two at a time, and eight
            # where it is the same whichever they are, as behind most beginnings
            while place + _ONE < run and state != 0:
                if place == at + _FOUR:
                    more = min(run - place, _EIGHT)
                    same = np.uint32(alike[(state << _THREE) | np.uint32(more - _ONE)])
                    if same != 1:
                        state = same
                        place += more
                        continue
                one, two = folded[place] ^ 48, folded[place + _ONE] ^ 48
                state = np.uint32(by_two[(state << _BYTE) | np.uint32(one << 4 | two)])
                place += _TWO
        if place == at:
            state = np.uint32(table[np.uint32(256) | folded[at]])
            place += _ONE
        while state != 0 and place <= limit:
            byte = folded[place]
            after = kind[byte]
            following = np.uint32(table[(state << _BYTE) | byte])
            if accepting[state] and not (after == final and after in (KIND_DIGIT, KIND_HAN_DIGIT)):
                glued = after in (KIND_DIGIT, KIND_LETTER)
                only = matched == _NONE and following == 0  # no longer match, and no shorter
                first, last = accept_from[state], accept_from[state + np.uint32(1)]
                for index in range(np.uint64(first), np.uint64(last)):
                    which = np.uint64(accepts[index])
                    rule = boundary[which]
                    if glued and (rule >= 2 or (rule == 1 and final == KIND_LETTER)):
                        continue
                    if rule >= 2 and rule != 5 and before in (KIND_DIGIT, KIND_LETTER):
                        continue
                    if rule == 3 and ahead in (46, 95, 37, 43):
                        continue  # . _ % + belong to the same address
                    looked = rule == 4 or rule > 5
                    if looked and not set_off(folded, np.int64(at), np.int64(place), rule, kind):
                        continue
                    if only:
                        recognizer[count] = which
                        start[count] = at
                        end[count] = place
                        lead[count] = min(run - at, place - at, _MOST)
                        count += _ONE
                        continue
                    if best[which] == 0:
                        met[matched] = which
                        matched += _ONE
                    best[which] = place
            final = after
            state = following
            place += _ONE
        digits = run - at
        for index in range(matched):
            which = met[index]
            length = np.uint64(best[which]) - at
            recognizer[count] = which
            start[count] = at
            end[count] = best[which]
            lead[count] = min(digits, length, _MOST)
            best[which] = 0
            count += _ONE
    return int(count), len(places)


def match(
    folded: UInt8, places: Int64, automaton: Automaton, alphabet: Alphabet, boundary: UInt8
) -> Candidates:
    """Every recognizer's longest match from each of ``places``."""
    best, met = np.zeros(len(boundary), np.int64), np.zeros(len(boundary), np.uint64)
    found = []
    done = 0
    while done < len(places):
        room = 2 * (len(places) - done) + len(boundary) + 1
        made = Candidates.empty(room)
        count, more = _match(
            folded,
            eights(folded),
            places[done:],
            automaton.table,
            automaton.by_two,
            automaton.alike,
            automaton.accepting,
            automaton.accept_from,
            automaton.accepts,
            alphabet.kind,
            boundary,
            best,
            met,
            made.recognizer,
            made.start,
            made.end,
            made.lead,
        )
        done += more
        found.append(made.take(slice(count)))
    return found[0] if len(found) == 1 else joined(found)


@kernel
def _merge(
    which: Int16,
    start: Int64,
    end: Int64,
    lead: UInt8,
    other_which: Int16,
    other_start: Int64,
    other_end: Int64,
    other_lead: UInt8,
    out_which: Int16,
    out_start: Int64,
    out_end: Int64,
    out_lead: UInt8,
) -> None:  # pragma: no cover - compiled
    """Merge two lists that are ordered by start; of equal starts the first list's comes first."""
    at = other = 0
    for place in range(len(out_start)):
        if other == len(other_start) or (at < len(start) and start[at] <= other_start[other]):
            out_which[place] = which[at]
            out_start[place] = start[at]
            out_end[place] = end[at]
            out_lead[place] = lead[at]
            at += 1
        else:
            out_which[place] = other_which[other]
            out_start[place] = other_start[other]
            out_end[place] = other_end[other]
            out_lead[place] = other_lead[other]
            other += 1


def joined(parts: list[Candidates]) -> Candidates:
    """Candidates of several passes, ordered by start."""
    parts = [part for part in parts if len(part.start)] or [Candidates.empty(0)]
    whole = parts[0]
    for part in parts[1:]:
        merged = Candidates.empty(len(whole.start) + len(part.start))
        _merge(
            whole.recognizer, whole.start, whole.end, whole.lead,
            part.recognizer, part.start, part.end, part.lead,
            merged.recognizer, merged.start, merged.end, merged.lead,
        )  # fmt: skip
        whole = merged
    return whole
