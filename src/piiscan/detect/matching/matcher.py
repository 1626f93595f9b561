"""Matcher: run the automaton from every position where a match may start, and return candidates.

A candidate is a match of one recognizer's shape before any validation. The kernel has no code for
single identifiers. Each recognizer's longest match from a position counts.

    手机13800138000 -> recognizer cn.mobile, folded span [3, 14)
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Int16, Int64, UInt8, UInt64
from piiscan.bundles import empty_rows, join_rows, take_rows
from piiscan.detect.arithmetic.digits import count_leading_digits
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_HAN_DIGIT, KIND_LETTER, Alphabet
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.boundaries import fits_boundary
from piiscan.jit import kernel, unaligned_words

#: Longest match, in code points; bounds the cost of hostile runs.
MAX_MATCH: Final = 512


class Candidates(NamedTuple):
    """Candidates of one chunk, ordered by start: recognizer number and span in folded text.

    ``leading_digits``: number of ASCII digits that the span starts with, at most 255. The value
    check reads those digits in place.
    """

    recognizer: Int16
    start: Int64
    end: Int64
    leading_digits: UInt8

    def map_positions(self, positions: Int64) -> Candidates:
        """Map candidate spans i of the scanned text to ``positions[i]`` of the full text.

        ``leading_digits`` is 0 for a span that includes skipped characters.
        """
        start, end = positions[self.start], positions[self.end - 1] + 1
        has_gap = end - start > self.end - self.start
        return Candidates(self.recognizer, start, end, self.leading_digits * ~has_gap)


#: Unsigned constants of one type, so that numba does not mix signed and unsigned indices.
_ZERO: Final = np.uint64(0)
_ONE: Final = np.uint64(1)
_MAX_LEADING: Final = np.uint64(255)
_TWO: Final = np.uint64(2)
_EIGHT: Final = np.uint64(8)
_FOUR: Final = np.uint64(4)
_BYTE: Final = np.uint32(8)
_THREE: Final = np.uint32(3)


@kernel
def _match(  # noqa: C901 - one pass in one kernel
    folded: UInt8,
    words: UInt64,
    positions: Int64,
    automaton: Automaton,
    kind: UInt8,
    boundary: UInt8,
    scratch: tuple[Int64, UInt64],
    out: Candidates,
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Write each recognizer's longest match at each position; return (matches, positions done).

    Stop early if the candidate arrays may not have room for the next position. Grammar of a span:

        match := bytes accepted by the automaton, at most MAX_MATCH, with neighbours of the boundary

    A match never ends inside a run of digits. ``scratch``: the end of each
    recognizer's best match from a position, and the recognizers that match there.
    """
    best, matched_recognizers = scratch
    table, accepting = automaton.table, automaton.accepting
    accept_from, accepts = automaton.accept_from, automaton.accepts
    recognizer, start, end, leading_digits = out
    capacity = np.uint64(len(start) - len(boundary))
    count = _ZERO
    for number in range(len(positions)):
        if count > capacity:
            return int(count), number
        at = np.uint64(positions[number])
        byte_before = folded[at - _ONE]
        kind_before = kind[byte_before]
        matched = _ZERO
        limit = min(at + np.uint64(MAX_MATCH), np.uint64(len(folded) - 1))
        state = np.uint32(1)
        position = at  # next byte to read
        last_kind = kind[folded[at]]
        digits_end = at  # end of the run of digits that starts here
        if last_kind == KIND_DIGIT:
            digit_count = _EIGHT
            while digit_count == _EIGHT and digits_end + _EIGHT <= limit:
                digit_count = count_leading_digits(words[digits_end])
                digits_end += digit_count
            while digits_end < limit and folded[digits_end] ^ 48 <= 9:
                digits_end += _ONE
            # No match may end inside a run of digits, so read two digits a step, and up to eight
            # if the next state is the same for all digits (usual after the fourth).
            while position + _ONE < digits_end and state != 0:
                if position == at + _FOUR:
                    digit_count = min(digits_end - position, _EIGHT)
                    common_state = np.uint32(
                        automaton.after_digits[(state << _THREE) | np.uint32(digit_count - _ONE)]
                    )
                    if common_state != 1:
                        state = common_state
                        position += digit_count
                        continue
                one, two = folded[position] ^ 48, folded[position + _ONE] ^ 48
                state = np.uint32(
                    automaton.after_two_digits[(state << _BYTE) | np.uint32(one << 4 | two)]
                )
                position += _TWO
        if position == at:
            state = np.uint32(table[np.uint32(256) | folded[at]])
            position += _ONE
        while state != 0 and position <= limit:
            byte = folded[position]
            kind_after = kind[byte]
            next_state = np.uint32(table[(state << _BYTE) | byte])
            if accepting[state] and not (
                kind_after == last_kind and kind_after in (KIND_DIGIT, KIND_HAN_DIGIT)
            ):
                touches_word = kind_after in (KIND_DIGIT, KIND_LETTER)
                single_match = (
                    matched == _ZERO and next_state == 0
                )  # neither a longer match nor a shorter one
                first, last = accept_from[state], accept_from[state + np.uint32(1)]
                for index in range(np.uint64(first), np.uint64(last)):
                    which = np.uint64(accepts[index])
                    rule = boundary[which]
                    if touches_word and (2 <= rule <= 8 or (rule and last_kind == KIND_LETTER)):
                        continue
                    if rule >= 2:
                        whole_word = rule < 8 and rule != 5
                        if whole_word and kind_before in (KIND_DIGIT, KIND_LETTER):
                            continue
                        if rule == 3 and byte_before in (46, 95, 37, 43):
                            continue  # . _ % + are part of the same mail address
                        checks_neighbours = rule == 4 or rule > 5
                        checks_neighbours &= rule != 9 or digits_end != position
                        if checks_neighbours and not fits_boundary(
                            folded, np.int64(at), np.int64(position), rule, kind
                        ):
                            continue
                    if single_match:
                        recognizer[count] = which
                        start[count] = at
                        end[count] = position
                        leading_digits[count] = min(digits_end - at, position - at, _MAX_LEADING)
                        count += _ONE
                        continue
                    if best[which] == 0:
                        matched_recognizers[matched] = which
                        matched += _ONE
                    best[which] = position
            last_kind = kind_after
            state = next_state
            position += _ONE
        digits = digits_end - at
        for index in range(matched):
            which = matched_recognizers[index]
            length = np.uint64(best[which]) - at
            recognizer[count] = which
            start[count] = at
            end[count] = best[which]
            leading_digits[count] = min(digits, length, _MAX_LEADING)
            best[which] = 0
            count += _ONE
    return int(count), len(positions)


def match(
    folded: UInt8, positions: Int64, automaton: Automaton, alphabet: Alphabet, boundary: UInt8
) -> Candidates:
    """Return each recognizer's longest match from each folded position in ``positions``.

    ``boundary``: ``uint8[recognizer]``, the boundary rule of each recognizer (see ``BOUNDARIES``).
    """
    scratch = np.zeros(len(boundary), np.int64), np.zeros(len(boundary), np.uint64)
    found = []
    done = 0
    while done < len(positions):
        capacity = 2 * (len(positions) - done) + len(boundary) + 1
        batch = empty_rows(Candidates, capacity)
        count, scanned = _match(
            folded,
            unaligned_words(folded),
            positions[done:],
            automaton,
            alphabet.kind,
            boundary,
            scratch,
            batch,
        )
        done += scanned
        found.append(take_rows(batch, slice(count)))
    return join_rows(found) if found else empty_rows(Candidates, 0)


@kernel
def _merge(
    one: Candidates, two: Candidates, out: Candidates
) -> None:  # pragma: no cover - compiled
    """Merge two lists ordered by start into ``out``; the first list wins ties."""
    at = other = 0
    for row in range(len(out.start)):
        if other == len(two.start) or (at < len(one.start) and one.start[at] <= two.start[other]):
            out.recognizer[row] = one.recognizer[at]
            out.start[row] = one.start[at]
            out.end[row] = one.end[at]
            out.leading_digits[row] = one.leading_digits[at]
            at += 1
        else:
            out.recognizer[row] = two.recognizer[other]
            out.start[row] = two.start[other]
            out.end[row] = two.end[other]
            out.leading_digits[row] = two.leading_digits[other]
            other += 1


def merge_candidates(parts: list[Candidates]) -> Candidates:
    """Merge candidate lists into one, ordered by start; earlier lists win ties."""
    parts = [part for part in parts if len(part.start)] or [empty_rows(Candidates, 0)]
    whole = parts[0]
    for part in parts[1:]:
        merged = empty_rows(Candidates, len(whole.start) + len(part.start))
        _merge(whole, part, merged)
        whole = merged
    return whole
