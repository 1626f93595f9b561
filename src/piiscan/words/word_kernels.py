# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of the cut of words: prefix tree of jieba's dictionary, best way, hidden Markov model.

The tree is a hash table from (node, letter) to the next node. The node of a first letter has the
letter's own number.

长沙的快递 -> ends 2, 3, 5
"""

from typing import TYPE_CHECKING

import cython
import numpy as np
from cython.cimports.libc.stdint import int32_t, int64_t, uint8_t, uint16_t, uint64_t
from cython.cimports.piiscan.kernel_arrays import *
from cython.cimports.piiscan.words.word_cut import *
from cython.cimports.piiscan.words.word_tree import *

from piiscan import arrays

if TYPE_CHECKING:
    from piiscan.words import word_cut, word_tree

#: Scores of nodes that are no word: a prefix in jieba's dictionary, and a prefix that is not.
PREFIX = -np.inf
ABSENT = np.inf
_PREFIX = cython.declare(cython.double, PREFIX)
_ABSENT = cython.declare(cython.double, ABSENT)
#: States of a character in its word: begin, end, middle, single, in jieba's order of ties.
STATES = "BEMS"
#: The two states that can come before each state, the one that wins a tie last.
BEFORE = ("ES", "BM", "BM", "ES")
_END = cython.declare(cython.int, STATES.index("E"))
_SINGLE = cython.declare(cython.int, STATES.index("S"))
#: Row of the first Hanzi in the model.
FIRST_ROW = 3
_FIRST_ROW = cython.declare(int64_t, FIRST_ROW)

#: [state * 2 + choice]: state before.
_STATES_BEFORE = cython.declare(uint8_t[8])
#: [ASCII character]: 1 if jieba reads it as a part of words.
_IS_WORD_ASCII = cython.declare(uint8_t[128])
#: [code point]: 1 for white space.
_IS_BLANK = cython.declare(uint8_t[0x3001])


def _fill_tables() -> None:
    """Fill the tables of states and characters."""
    for number, state in enumerate("".join(BEFORE)):
        _STATES_BEFORE[number] = STATES.index(state)
    for code in range(128):
        _IS_WORD_ASCII[code] = chr(code).isalnum() or chr(code) in "+#&._%-"
    for code in range(0x3001):
        _IS_BLANK[code] = chr(code).isspace()


_fill_tables()


def read_letters(codes: arrays.UInt32, letters: arrays.UInt16) -> None:
    """Write the letter of each code point to ``letters``."""
    size: int64_t = len(codes)
    source: UInt32 = uint32(codes)
    out: UInt16Out = uint16_out(letters)
    with cython.nogil:
        _read_letters(source, size, out)


@cython.cfunc
@cython.nogil
def _read_letters(codes: UInt32, size: int64_t, letters: UInt16Out) -> cython.void:
    """Write the letter of each code point to ``letters``."""
    for at in range(size):
        code = codes[at]
        if HAN_START <= code < HAN_END:
            letters[at] = cython.cast(uint16_t, code - (HAN_START - FIRST_HAN))
        elif code < 128 and _IS_WORD_ASCII[code]:
            letters[at] = cython.cast(uint16_t, code)
        else:
            letters[at] = 0


@cython.cfunc
@cython.inline
@cython.nogil
def _key(node: int64_t, letter: uint16_t) -> uint64_t:
    """Return the key of the node below ``node`` by ``letter``."""
    return cython.cast(uint64_t, node) << 16 | letter


@cython.cfunc
@cython.inline
@cython.nogil
def _first_slot(key: uint64_t) -> uint64_t:
    """Return the hash of ``key``; its low bits are the slot where the search begins."""
    return (key * cython.cast(uint64_t, 0x9E3779B97F4A7C15)) >> 32


@cython.cfunc
@cython.inline
@cython.nogil
def _next_node(slots: UInt64, mask: uint64_t, node: int64_t, letter: uint16_t) -> int64_t:
    """Return the node below ``node`` by ``letter``, or 0; with LAST if no node is below it."""
    key: uint64_t = _key(node, letter)
    at: uint64_t = _first_slot(key) & mask
    while slots[at] != 0:
        if slots[at] >> NODE_BITS == key:
            return cython.cast(int64_t, slots[at] & (2 * LAST - 1))
        at = (at + 1) & mask
    return 0


@cython.cfunc
@cython.nogil
def _find_node(
    tree: cython.pointer[WordTree], letters: UInt16, start: int64_t, stop: int64_t
) -> int64_t:
    """Return the node of the word at [start, stop) in ``letters``, or 0."""
    node: int64_t = letters[start]
    for at in range(start + 1, stop):
        if node == 0:
            break
        node = _next_node(tree.slots, tree.mask, node, letters[at]) & (LAST - 1)
    return node


def insert_words(
    letters: arrays.UInt16,
    ends: arrays.Int64,
    scores: arrays.Float64,
    slots: arrays.UInt64,
    node_scores: arrays.Float64,
    forced: arrays.UInt8,
) -> int:
    """Insert words by their ``ends`` in ``letters``. Return the number of nodes, 0 if too many.

    The words after the last of ``scores`` are those that are always split.
    """
    source: UInt16 = uint16(letters)
    stops: Int64 = int64(ends)
    words: int64_t = len(ends)
    of_word: Float64 = float64(scores)
    scored: int64_t = len(scores)
    table: UInt64Out = uint64_out(slots)
    mask: uint64_t = len(slots) - 1
    of_node: Float64Out = float64_out(node_scores)
    limit: int64_t = len(node_scores)
    is_forced: UInt8Out = uint8_out(forced)
    with cython.nogil:
        nodes = _insert_words(
            source, stops, words, of_word, scored, table, mask, of_node, limit, is_forced
        )
    return nodes


@cython.cfunc
@cython.nogil
def _insert_words(
    letters: UInt16,
    ends: Int64,
    words: int64_t,
    scores: Float64,
    scored: int64_t,
    slots: UInt64Out,
    mask: uint64_t,
    node_scores: Float64Out,
    limit: int64_t,
    forced: UInt8Out,
) -> int64_t:
    """Insert words in the table of slots. Return the number of nodes, 0 if above ``limit``."""
    nodes: int64_t = LETTERS
    start: int64_t = 0
    end: int64_t
    at: int64_t
    is_readable: cython.bint
    for word in range(words):
        end = ends[word]
        is_readable = end > start
        for at in range(start, end):
            is_readable &= letters[at] != 0
        if is_readable:
            node = letters[start]
            for at in range(start + 1, end):
                child = _next_node(slots, mask, node, letters[at])
                if child == 0:
                    if nodes == limit:
                        return 0
                    key = _key(node, letters[at])
                    slot = _first_slot(key) & mask
                    while slots[slot] != 0:
                        slot = (slot + 1) & mask
                    slots[slot] = key << NODE_BITS | cython.cast(uint64_t, nodes)
                    child = nodes
                    nodes += 1
                node = child
            if word < scored:
                node_scores[node] = scores[word]
            else:
                forced[node] = 1
        start = end
    return nodes


def mark_last(slots: arrays.UInt64, parents: arrays.Bool) -> None:
    """Set LAST in the slots of nodes without a node below; ``parents``: scratch, False."""
    table: UInt64Out = uint64_out(slots)
    is_parent: BoolOut = boolean_out(parents)
    size: int64_t = len(slots)
    with cython.nogil:
        for at in range(size):
            is_parent[table[at] >> (NODE_BITS + 16)] = True
        for at in range(size):
            if table[at] != 0 and not is_parent[table[at] & (LAST - 1)]:
                table[at] |= LAST


def cut_words(
    codes: arrays.UInt32,
    tree: word_tree.WordTree,
    model: arrays.Float64,
    out: word_cut.TextArrays,
    tokens: cython.bint,
) -> int:
    """Write the ends of all words to ``out``, with ``tokens`` spaCy's tokens too.

    Return the number of words, with ``tokens`` that of tokens. ``codes``: code points of the text;
    ``tree``: the dictionary; ``model``: that of unknown words.
    """
    source: UInt32 = uint32(codes)
    size: int64_t = len(codes)
    words: WordTree = word_tree_of(tree)
    unknown: Float64 = float64(model)
    made: TextArraysOut = text_arrays_out(out)
    count: int64_t = 0
    at: int64_t = 0
    after: int64_t
    with cython.nogil:
        _read_letters(source, size, made.letters)
        while at < size:
            if made.letters[at] == 0:
                at += 1
                if at < size and source[at - 1] == 13 and source[at] == 10:
                    at += 1
                made.ends[count] = at
                count += 1
                continue
            stop = at + 1
            while stop < size and made.letters[stop] != 0:
                stop += 1
            _find_route(made.letters, at, stop, cython.address(words), made.route, made.word_end)
            single = at
            while at < stop:
                after = made.word_end[at]
                if after > at + 1:
                    count = _cut_singles(
                        cython.address(made), single, at, cython.address(words), unknown, count
                    )
                    made.ends[count] = after
                    count += 1
                    single = after
                at = after
            count = _cut_singles(
                cython.address(made), single, stop, cython.address(words), unknown, count
            )
        if tokens:
            count = _write_tokens(source, size, cython.address(made))
    return count


@cython.cfunc
@cython.nogil
def _find_route(
    letters: UInt16,
    start: int64_t,
    stop: int64_t,
    tree: cython.pointer[WordTree],
    route: Float64Out,
    word_end: Int32Out,
) -> cython.void:
    """Write the end of the best word at each letter of the block [start, stop) to ``word_end``.

    ``route``: score of the best way from each letter to the end. Of equal ways the longer word
    wins, as in jieba's comparison of tuples.
    """
    slots: UInt64 = tree.slots
    mask: uint64_t = tree.mask
    scores: Float64 = tree.scores
    log_total: cython.double = scores[0]
    for at in range(start, stop - 1):  # apart from the rest, so that memory is read ahead
        word_end[at] = _next_node(slots, mask, letters[at], letters[at + 1])
    word_end[stop - 1] = 0
    route[stop] = 0.0
    for at in range(stop - 1, start - 1, -1):
        best = 0.0
        end = 0
        node = letters[at]
        here = at + 1
        below = word_end[at]
        while scores[node] != _ABSENT:
            if scores[node] != _PREFIX:
                score = scores[node] - log_total + route[here]
                if end == 0 or score >= best:
                    best = score
                    end = here
            if below == 0:
                break
            node = below & (LAST - 1)
            here += 1
            if below & LAST or here == stop:
                below = 0
            else:
                below = _next_node(slots, mask, node, letters[here])
        if end == 0:
            best = 0.0 - log_total + route[at + 1]
            end = at + 1
        route[at] = best
        word_end[at] = end


@cython.cfunc
@cython.nogil
def _cut_singles(
    out: cython.pointer[TextArraysOut],
    start: int64_t,
    stop: int64_t,
    tree: cython.pointer[WordTree],
    model: Float64,
    count: int64_t,
) -> int64_t:
    """Append the ends of the words in the single characters [start, stop); return the new count.

    They stay single if they are a word together. Otherwise Hanzi are cut by the model, and
    letters and digits are words with ``.5`` and ``%`` behind them.
    """
    if stop - start > 1:
        node = _find_node(tree, out.letters, start, stop)
        if node == 0 or tree.scores[node] == _PREFIX or tree.scores[node] == _ABSENT:
            return _cut_joined(out, start, stop, tree, model, count)
    for at in range(start, stop):
        out.ends[count] = at + 1
        count += 1
    return count


@cython.cfunc
@cython.nogil
def _cut_joined(
    out: cython.pointer[TextArraysOut],
    start: int64_t,
    stop: int64_t,
    tree: cython.pointer[WordTree],
    model: Float64,
    count: int64_t,
) -> int64_t:
    """Append the ends of the words in [start, stop), which is no word; return the new count."""
    letters: UInt16 = out.letters
    at: int64_t = start
    while at < stop:
        begin = at
        if letters[at] >= FIRST_HAN:
            while at < stop and letters[at] >= FIRST_HAN:
                at += 1
            count = _cut_unknown(out, begin, at, tree, model, count)
            continue
        if _is_alphanumeric(letters[at]):
            while at < stop and _is_alphanumeric(letters[at]):
                at += 1
            if at + 1 < stop and letters[at] == 46 and _is_digit(letters[at + 1]):  # .
                at += 2
                while at < stop and _is_digit(letters[at]):
                    at += 1
            if at < stop and letters[at] == 37:  # %
                at += 1
        else:
            while at < stop and letters[at] < FIRST_HAN and not _is_alphanumeric(letters[at]):
                at += 1
        out.ends[count] = at
        count += 1
    return count


@cython.cfunc
@cython.nogil
def _is_digit(letter: uint16_t) -> cython.bint:
    """Return True for an ASCII digit."""
    return 48 <= letter <= 57


@cython.cfunc
@cython.nogil
def _is_alphanumeric(letter: uint16_t) -> cython.bint:
    """Return True for an ASCII letter or digit."""
    return 48 <= letter <= 57 or 65 <= letter <= 90 or 97 <= letter <= 122


@cython.cfunc
@cython.inline
@cython.nogil
def _best_before(
    state: cython.int, row: int64_t, one: cython.double, two: cython.double, model: Float64
) -> tuple[cython.double, int32_t]:
    """Return (score, 0 or 1) of the better of two states before ``state``; a tie is the second's.

    ``one`` and ``two``: scores of the two states at the character before; ``row``: this one's.
    """
    first: cython.double = one + model[4 + state] + model[4 * row + state]
    second: cython.double = two + model[8 + state] + model[4 * row + state]
    if second >= first:
        return second, 1
    return first, 0


@cython.cfunc
@cython.nogil
def _cut_unknown(
    out: cython.pointer[TextArraysOut],
    start: int64_t,
    stop: int64_t,
    tree: cython.pointer[WordTree],
    model: Float64,
    count: int64_t,
) -> int64_t:
    """Append the ends of the words in Hanzi [start, stop) to ``ends``; return the new count."""
    letters: UInt16 = out.letters
    came: Int32Out = out.word_end  # the states before each; no longer needed for ends
    ends: Int32Out = out.ends
    row: int64_t = letters[start] + (_FIRST_ROW - FIRST_HAN)
    begin: cython.double = model[0] + model[4 * row]
    end: cython.double = model[1] + model[4 * row + 1]
    middle: cython.double = model[2] + model[4 * row + 2]
    single: cython.double = model[3] + model[4 * row + 3]
    before: cython.int
    for at in range(start + 1, stop):
        row = letters[at] + (_FIRST_ROW - FIRST_HAN)
        to_begin, from_0 = _best_before(0, row, end, single, model)
        to_end, from_1 = _best_before(1, row, begin, middle, model)
        to_middle, from_2 = _best_before(2, row, begin, middle, model)
        to_single, from_3 = _best_before(3, row, end, single, model)
        begin = to_begin
        end = to_end
        middle = to_middle
        single = to_single
        came[at] = from_0 | from_1 << 1 | from_2 << 2 | from_3 << 3
    state = _SINGLE if single >= end else _END
    for at in range(stop - 1, start - 1, -1):
        before = _STATES_BEFORE[2 * state + (came[at] >> state & 1)]
        came[at] = state == _END or state == _SINGLE
        state = before
    for at in range(start, stop):
        if came[at]:
            if tree.has_forced and tree.forced[_find_node(tree, letters, start, at + 1)]:
                for split in range(start, at):
                    ends[count] = split + 1
                    count += 1
            ends[count] = at + 1
            count += 1
            start = at + 1
    return count


@cython.cfunc
@cython.nogil
def _write_tokens(codes: UInt32, size: int64_t, out: cython.pointer[TextArraysOut]) -> int64_t:
    """Write start, end and 1 or 0 of the tokens made of words; return their number."""
    count: int64_t = 0
    at: int64_t = 0
    start: int64_t = 0
    stop: int64_t
    is_blank: cython.bint
    is_spaced: cython.bint
    while start < size:
        stop = start
        while stop < size and codes[stop] <= 0x3000 and _IS_BLANK[codes[stop]]:
            stop += 1
        is_blank = stop > start
        while out.ends[at] <= start:
            at += 1
        stop = max(stop, out.ends[at])
        is_spaced = not is_blank and stop < size and codes[stop] == 32
        out.tokens[3 * count] = start
        out.tokens[3 * count + 1] = stop
        out.tokens[3 * count + 2] = is_spaced
        start = stop + is_spaced
        count += 1
    return count
