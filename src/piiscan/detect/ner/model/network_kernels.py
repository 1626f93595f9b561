# mypy: ignore-errors
"""Kernels of the name tagger: symbols, dictionary words, network, decoding, and spans.

``张三住在示例路1号`` -> symbols -> scores of each state -> best path -> PERSON [0, 2), ADDRESS
[4, 9).
"""

from typing import TYPE_CHECKING

import cython
import numpy as np
from cython.cimports.libc.math import exp, log, rint
from cython.cimports.libc.stdint import int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays

if TYPE_CHECKING:
    from piiscan.detect.ner.model import network, symbols, tagger, weights

#: Score of a state that is not allowed, and of every state but outside where no span can be.
CLOSED = np.float32(-1e9)
_CLOSED = cython.declare(cython.float, -1e9)
_FIRST_HANZI = cython.declare(uint16_t, 0x3400)
_FULL_STOP = cython.declare(uint16_t, ord("。"))
#: Rows of embedding tables that are fetched ahead.
_AHEAD = cython.declare(int64_t, 12)
#: Levels of byte products by number; a higher one is faster.
_LEVELS = ("plain", "sse4.1", "avx2", "avxvnni", "avx512vnni", "dotprod")
_level = cython.declare(cython.int, 0)


def product_levels() -> tuple[str, ...]:
    """Return the levels of byte products that this processor has, the fastest first."""
    levels: list = [name for number, name in enumerate(_LEVELS) if has_level(number)]
    return tuple(reversed(levels))


def use_level(level: str) -> None:
    """Compute byte products in this level from now on; raise ValueError if it is not there."""
    global _level  # noqa: PLW0603
    if level not in product_levels():
        raise ValueError(level)
    _level = _LEVELS.index(level)


use_level(product_levels()[0])


def multiply(
    inputs: arrays.UInt8, packed: arrays.Int8, start: arrays.Int32, sums: arrays.Int32
) -> None:
    """Write ``start[0] + inputs[row] @ weights`` to ``sums[row]`` for each row.

    ``inputs``: ``uint8[rows, n]``, n a multiple of four. ``packed``, ``start``: weights and start
    of ``pack_weights``. ``sums``: ``int32[rows, columns]``.
    """
    product: Product
    rows: int64_t = len(inputs)
    size: int64_t = inputs.shape[1]
    source: UInt8 = uint8(inputs)
    out: Int32Out = int32_out(sums)
    some: object = np.empty((ROWS, sums.shape[1]), np.int32)
    first: int64_t
    row: int64_t
    at: int64_t
    product.packed, product.start, product.columns = int8(packed), int32(start), sums.shape[1]
    product.groups[0], product.groups[1], product.groups[2] = size // 4, 0, 0
    product.sums = int32_out(some)
    with cython.nogil:
        first = 0
        while first < rows:
            for row in range(ROWS):
                at = min(first + row, rows - 1)
                product.taps[0][row] = product.taps[1][row] = source + at * size
                product.taps[2][row] = source + at * size
            multiply_bytes(_level, cython.address(product))
            memcpy(
                out + first * product.columns,
                product.sums,
                min(ROWS, rows - first) * product.columns * 4,
            )
            first += ROWS


def fill_hash_table(numbers: arrays.Int64, kinds: arrays.UInt8, table: arrays.UInt32) -> None:
    """Insert each hash with its class into ``table``, with linear probing."""
    words: cython.Py_ssize_t = len(numbers)
    hashes: Int64 = int64(numbers)
    classes: UInt8 = uint8(kinds)
    out: UInt32Out = uint32_out(table)
    at: cython.Py_ssize_t
    slot: int64_t
    with cython.nogil:
        for at in range(words):
            if classes[at] >= CLASSES:
                continue
            slot = hashes[at] & (SLOTS - 1)
            while out[slot] != 0:
                slot = (slot + 1) & (SLOTS - 1)
            out[slot] = cython.cast(uint32_t, (hashes[at] << 4) | classes[at] | 8)


def find_words(
    code: arrays.UInt16,
    text: arrays.Int64,
    table: arrays.UInt32,
    features: arrays.UInt8,
    count: arrays.UInt8,
) -> None:
    """Write the dictionary words at each symbol to ``features``, their number to ``count``.

    Args:
        code: folded character of each symbol, 0 for a run
        text: index of the first symbol of each text
        table: hash table of the dictionary
        features: ``uint8[n, MAX_WORDS]``
        count: ``uint8[n]``
    """
    texts: cython.Py_ssize_t = len(text) - 1
    codes: UInt16 = uint16(code)
    starts: Int64 = int64(text)
    words: UInt32 = uint32(table)
    out: UInt8Out = uint8_out(features)
    counts: UInt8Out = uint8_out(count)
    which: cython.Py_ssize_t
    memset(counts, 0, len(count))
    with cython.nogil:
        for which in range(texts):
            _find_words(codes, starts[which], starts[which + 1], words, out, counts)


@cython.cfunc
@cython.nogil
def _find_words(
    code: UInt16, start: int64_t, stop: int64_t, table: UInt32, features: UInt8Out, count: UInt8Out
) -> cython.void:
    """Write the dictionary words of one text: symbols [start, stop)."""
    at: int64_t
    here: int64_t
    length: int64_t
    number: uint32_t
    mixed: uint64_t
    key: uint32_t
    slot: uint32_t
    for at in range(start, stop):
        number = 0
        for length in range(1, MAX_WORD_LENGTH + 1):
            here = at + length - 1
            if here >= stop or code[here] < _FIRST_HANZI:
                break
            number = number * cython.cast(uint32_t, 0x9E3779B1) + code[here]
            if length == 1:
                continue
            mixed = number ^ (number >> 15)
            mixed *= cython.cast(uint64_t, 0x85EBCA6B)
            key = cython.cast(uint32_t, (mixed >> 3) & ((1 << BITS) - 1))
            slot = key & (SLOTS - 1)
            while table[slot] != 0:
                if table[slot] >> 4 == key:
                    _add_feature(at, here, table[slot] & 7, features, count)
                    break
                slot = (slot + 1) & (SLOTS - 1)


@cython.cfunc
@cython.nogil
def _add_feature(
    first: int64_t, last: int64_t, kind: int64_t, features: UInt8Out, count: UInt8Out
) -> cython.void:
    """Add the feature of a word of class ``kind`` to its symbols ``first`` to ``last``.

    Rows are numbered by length (2, 3, 4 or more) and position (begin, middle, end), then class:
    begin and end of two characters are 0 and 1.
    """
    at: int64_t
    place: int64_t
    base: int64_t = 0
    if last - first == 2:
        base = 2
    elif last - first > 2:
        base = 5
    for at in range(first, last + 1):
        if count[at] < MAX_WORDS:
            place = base
            if at == last:
                place += 2 if base else 1
            elif at > first:
                place += 1
            features[at * MAX_WORDS + count[at]] = cython.cast(uint8_t, 1 + place * CLASSES + kind)
            count[at] += 1


def write_symbols(
    codes: arrays.UInt32,
    offsets: arrays.Int64,
    taken: arrays.Bool,
    folded: arrays.UInt16,
    numbered: arrays.UInt16,
    out: symbols.Symbols,
) -> int:
    """Write the network symbols of all texts to ``out``; return their number.

        symbol := run of taken | digits | three letters or more | letter | blanks | breaks |
            character

    A run has at most LONGEST_RUN code points. Zero-width characters are left out.
    """
    texts: cython.Py_ssize_t = len(offsets) - 1
    points: UInt32 = uint32(codes)
    bounds: Int64 = int64(offsets)
    hidden: Bool = boolean(taken)
    folds: UInt16 = uint16(folded)
    numbers: UInt16 = uint16(numbered)
    symbols: SymbolsOut = symbols_out(out)
    count: int64_t
    with cython.nogil:
        count = _write_symbols(
            points, bounds, texts, hidden, folds, numbers, cython.address(symbols)
        )
    return count


@cython.cfunc
@cython.nogil
def _write_symbols(
    codes: UInt32,
    offsets: Int64,
    texts: cython.Py_ssize_t,
    taken: Bool,
    folded: UInt16,
    numbered: UInt16,
    out: cython.pointer[SymbolsOut],
) -> int64_t:
    """Write the network symbols of all texts to ``out``; return their number."""
    count: int64_t = 0
    which: cython.Py_ssize_t
    at: int64_t
    run: int64_t
    stop: int64_t
    last: int64_t
    char: uint32_t
    fold: uint16_t
    symbol: uint16_t
    folded_code: uint16_t
    for which in range(texts):
        out.text[which] = count
        at = offsets[which]
        stop = offsets[which + 1]
        while at < stop:
            char = codes[at]
            fold = folded[char] if char < PLANE else 0xFFFE
            if fold == 0xFFFF and not taken[at]:
                at += 1
                continue
            run = at + 1
            last = min(stop, at + LONGEST_RUN)
            folded_code = 0
            if taken[at]:
                symbol = TAKEN
                while run < last and taken[run]:
                    run += 1
            elif 48 <= fold <= 57:
                run = _run_end(codes, taken, folded, run, last, 48, 57)
                # A house number directly before a mobile number of eleven digits.
                if 12 <= run - at <= 15 and folded[codes[run - 11]] == 49:
                    if folded[codes[run - 10]] >= 51:
                        run -= 11
                symbol = LONG
                if run - at < 7:
                    symbol = cython.cast(uint16_t, NUMBERS + run - at - 1)
            elif 97 <= fold <= 122:
                run = _run_end(codes, taken, folded, run, last, 97, 122)
                symbol = WORD
                if run - at < 3:
                    run = at + 1
                    symbol = numbered[fold]
            elif char >= PLANE:
                symbol = HANZI if 0x20000 <= char < 0x40000 else OTHER
            else:
                symbol = numbered[fold]
                if symbol == SPACE or symbol == LINE:
                    while run < last and codes[run] < PLANE and not taken[run]:
                        if numbered[folded[codes[run]]] != symbol:
                            break
                        run += 1
                elif symbol == HANZI or symbol >= FIRST:
                    folded_code = fold
            out.number[count] = symbol
            out.code[count] = folded_code
            out.start[count] = at
            out.end[count] = run
            count += 1
            at = run
    out.text[texts] = count
    return count


@cython.cfunc
@cython.nogil
def _run_end(
    codes: UInt32,
    taken: Bool,
    folded: UInt16,
    at: int64_t,
    last: int64_t,
    lowest: cython.int,
    highest: cython.int,
) -> int64_t:
    """Return the end of the run of folded characters ``lowest`` to ``highest`` at ``at``."""
    while at < last and codes[at] < PLANE and not taken[at]:
        if not lowest <= folded[codes[at]] <= highest:
            break
        at += 1
    return at


def write_distances(text: arrays.Int64, left: arrays.UInt8, right: arrays.UInt8) -> None:
    """Write each symbol's distance to its text's start to ``left``, to its end to ``right``.

    Distances are at most 255.
    """
    texts: cython.Py_ssize_t = len(text) - 1
    starts: Int64 = int64(text)
    lefts: UInt8Out = uint8_out(left)
    rights: UInt8Out = uint8_out(right)
    with cython.nogil:
        _write_distances(starts, texts, lefts, rights)


@cython.cfunc
@cython.nogil
def _write_distances(
    text: Int64, texts: cython.Py_ssize_t, left: UInt8Out, right: UInt8Out
) -> cython.void:
    """Write the distances of the symbols of ``texts`` texts."""
    which: cython.Py_ssize_t
    at: int64_t
    for which in range(texts):
        for at in range(text[which], text[which + 1]):
            left[at] = cython.cast(uint8_t, min(255, at - text[which]))
            right[at] = cython.cast(uint8_t, min(255, text[which + 1] - 1 - at))


def score_symbols(
    block: network.Block,
    network: weights.Network,
    scratch: network.Scratch,
    halo: int64_t,
    size: int64_t,
    scores: arrays.Float32,
) -> None:
    """Write the scores of each state for each symbol of ``block`` (``float32[n, STATES]``).

    The layers before the gate compute every symbol. The gate then selects those that may be in a
    span; the other layers leave the rest as they are.

    Args:
        block: all symbols
        network: arrays of the network
        scratch: arrays for ``size`` symbols and ``halo`` more on each side
        halo: distance in symbols over which one symbol influences others
        size: number of symbols that are computed at a time
        scores: output
    """
    symbols: Block = block_of(block)
    tables: Network = network_of(network)
    arrays: ScratchOut = scratch_out(scratch)
    out: Float32Out = float32_out(scores)
    some: Block
    start: int64_t
    low: int64_t
    start = 0
    with cython.nogil:
        while start < symbols.rows:
            low = max(0, start - halo)
            some.rows = min(symbols.rows, start + size + halo) - low
            some.number = symbols.number + low
            some.left, some.right = symbols.left + low, symbols.right + low
            some.features = symbols.features + low * MAX_WORDS
            some.feature_count = symbols.feature_count + low
            _score_block(
                cython.address(some), cython.address(tables), cython.address(arrays),
                start - low, min(size, symbols.rows - start), out + start * STATES,
            )  # fmt: skip
            start += size


@cython.cfunc
@cython.nogil
def _score_block(
    block: cython.pointer[Block],
    network: cython.pointer[Network],
    scratch: cython.pointer[ScratchOut],
    skipped: int64_t,
    wanted: int64_t,
    scores: Float32Out,
) -> cython.void:
    """Write the scores of ``wanted`` symbols of a block after the first ``skipped`` ones."""
    at: int64_t
    number: int64_t
    first: int64_t = 0
    rows: int64_t = block.rows
    closed: cython.float[STATES]
    stride: int64_t = network.width
    source: UInt8Out = scratch.embedded
    target: UInt8Out = scratch.even
    for at in range(STATES):
        closed[at] = _CLOSED if at else 0
    for at in range(wanted):
        memcpy(scores + at * STATES, cython.address(closed[0]), STATES * 4)
    _embed(block, network, scratch)
    for at in range(rows):
        scratch.computed[at] = at
    for number in range(network.layer_count):
        if number == network.gate_depth:
            memcpy(target + stride, source + stride, block.rows * stride)
            rows = _open_gate(source, block, network, scratch)
        _convolve(
            source, stride, cython.address(network.layers[number]), rows, block, scratch, target
        )
        stride = network.columns
        source, target = target, scratch.even if number % 2 else scratch.odd
    while first < rows and scratch.computed[first] < skipped:
        first += 1
    while first < rows and scratch.computed[rows - 1] >= skipped + wanted:
        rows -= 1
    _score_rows(
        source, stride, cython.address(network.out), first, rows, block, scratch,
        scores - skipped * STATES,
    )  # fmt: skip


@cython.cfunc
@cython.nogil
def _readable(number: uint16_t) -> uint32_t:
    """Return the number of a symbol as the network reads it: TAKEN -> LONG."""
    return LONG if number == TAKEN else number


@cython.cfunc
@cython.nogil
def _embed(
    block: cython.pointer[Block],
    network: cython.pointer[Network],
    scratch: cython.pointer[ScratchOut],
) -> cython.void:
    """Write the embedding of each symbol: the sum of its table rows, cut to a signed byte.

    The rows are those of the character, of the pair with the next character, and of its word
    features. Training texts include their numbers, so a pattern span is read as a long number.
    """
    width: int64_t = network.width
    mask: uint32_t = cython.cast(uint32_t, network.pair_rows - 1)
    at: int64_t
    after: uint32_t
    pair: uint32_t
    for at in range(block.rows):
        after = 0
        if block.right[at] > 0 and at + 1 < block.rows:
            after = _readable(block.number[at + 1])
        pair = _readable(block.number[at]) * cython.cast(uint32_t, 0x9E3779B1)
        pair ^= after * cython.cast(uint32_t, 0x85EBCA6B)
        pair = (pair ^ (pair >> 15)) * cython.cast(uint32_t, 0x2C1B3C6D)
        scratch.computed[at] = (pair >> 12) & mask
    for at in range(block.rows):
        if at + _AHEAD < block.rows:
            prefetch(network.pairs + scratch.computed[at + _AHEAD] * width)
            prefetch(network.characters + _readable(block.number[at + _AHEAD]) * width)
        embed(
            _level, width, network.characters + _readable(block.number[at]) * width,
            network.pairs + scratch.computed[at] * width, network.places,
            block.features + at * MAX_WORDS, block.feature_count[at],
            scratch.embedded + (at + 1) * width,
        )  # fmt: skip


@cython.cfunc
@cython.nogil
def _open_gate(
    source: UInt8,
    block: cython.pointer[Block],
    network: cython.pointer[Network],
    scratch: cython.pointer[ScratchOut],
) -> int64_t:
    """Write the symbols that pass the gate to ``scratch.computed``; return their number.

    A symbol at most GATE_MARGIN from one that does, in the same text, passes too. ``source``:
    activations that the gate reads.
    """
    count: int64_t = block.rows
    columns: int64_t = network.columns
    selected: int64_t = 0
    at: int64_t
    step: int64_t
    passed: cython.bint
    for at in range(count):
        scratch.passes[at] = (
            cython.cast(
                cython.float, dot(_level, columns, source + (at + 1) * columns, network.gate)
            )
            > network.gate_threshold
        )
    for at in range(count):
        passed = scratch.passes[at]
        for step in range(1, GATE_MARGIN + 1):
            if block.left[at] >= step and at >= step:
                passed |= scratch.passes[at - step]
            if block.right[at] >= step and at + step < count:
                passed |= scratch.passes[at + step]
        scratch.computed[selected] = at
        selected += passed
    return selected


@cython.cfunc
@cython.nogil
def _convolve(
    source: UInt8,
    stride: int64_t,
    layer: cython.pointer[Layer],
    rows: int64_t,
    block: cython.pointer[Block],
    scratch: cython.pointer[ScratchOut],
    target: UInt8Out,
) -> cython.void:
    """Compute one layer for the symbols ``scratch.computed``; write its activations to ``target``.

    ``stride``: bytes of a row of ``source``. Its first row is all zeros in a layer that adds no
    earlier activations.
    """
    columns: int64_t = layer.columns
    first: int64_t
    row: int64_t
    place: int64_t
    first = 0
    while first < rows:
        _multiply_taps(source, stride, layer, first, rows, block, scratch)
        for row in range(min(ROWS, rows - first)):
            place = scratch.computed[first + row] + 1
            activate(
                _level, columns, scratch.sums + row * columns, layer.scale, layer.bias,
                source + place * stride if layer.adds_inputs else scratch.even,
                layer.zero if layer.adds_inputs else 0, target + place * columns,
            )  # fmt: skip
        first += ROWS


@cython.cfunc
@cython.nogil
def _multiply_taps(
    source: UInt8,
    stride: int64_t,
    layer: cython.pointer[Layer],
    first: int64_t,
    rows: int64_t,
    block: cython.pointer[Block],
    scratch: cython.pointer[ScratchOut],
) -> cython.void:
    """Write the sums of a layer for a few symbols: products of a symbol and two at its dilation.

    A symbol outside the text is the first row of ``source``.
    """
    product: Product
    step: int64_t = layer.dilation
    row: int64_t
    at: int64_t
    here: UInt8
    for row in range(ROWS):
        at = scratch.computed[min(first + row, rows - 1)]
        here = source + (at + 1) * stride
        product.taps[0][row] = product.taps[2][row] = source
        if block.left[at] >= step and at >= step:
            product.taps[0][row] = here - step * stride
        product.taps[1][row] = here
        if block.right[at] >= step and at + step < block.rows:
            product.taps[2][row] = here + step * stride
        product.taps[0][row] += layer.taps[0]
        product.taps[1][row] += layer.taps[2]
        product.taps[2][row] += layer.taps[4]
    product.groups[0], product.groups[1] = layer.taps[1], layer.taps[3]
    product.groups[2] = layer.taps[5]
    product.packed, product.start = layer.packed, layer.start
    product.columns, product.sums = layer.columns, scratch.sums
    multiply_bytes(_level, cython.address(product))


@cython.cfunc
@cython.nogil
def _score_rows(
    source: UInt8,
    stride: int64_t,
    layer: cython.pointer[Layer],
    first: int64_t,
    rows: int64_t,
    block: cython.pointer[Block],
    scratch: cython.pointer[ScratchOut],
    scores: Float32Out,
) -> cython.void:
    """Write the scores of each state for ``scratch.computed[first:rows]`` to ``scores``."""
    start: int64_t
    row: int64_t
    state: int64_t
    sums: Int32
    out: Float32Out
    start = first
    while start < rows:
        _multiply_taps(source, stride, layer, start, rows, block, scratch)
        for row in range(min(ROWS, rows - start)):
            sums = scratch.sums + row * layer.columns
            out = scores + scratch.computed[start + row] * STATES
            for state in range(STATES):
                out[state] = cython.cast(cython.float, sums[state]) * layer.scale[state]
                out[state] += layer.bias[state]
        start += ROWS


def best_path(
    scores: arrays.Float32, number: arrays.UInt16, text: arrays.Int64, path: arrays.UInt8
) -> None:
    """Write the most likely state of each symbol to ``path``, text by text (Viterbi).

    Inside and end follow begin and inside of the same kind; other states follow a closed one:
    outside, end or single. ``张三在`` -> begin, end, outside.

    Args:
        scores: ``float32[n, STATES]``
        number: number of each symbol; TAKEN and LINE are always outside
        text: index of the first symbol of each text
    """
    texts: cython.Py_ssize_t = len(text) - 1
    values: Float32 = float32(scores)
    numbers: UInt16 = uint16(number)
    starts: Int64 = int64(text)
    out: UInt8Out = uint8_out(path)
    longest: int64_t = 0
    which: cython.Py_ssize_t
    for which in range(texts):
        longest = max(longest, starts[which + 1] - starts[which])
    scratch: object = np.empty(longest * STATES, np.uint8)
    back: UInt8Out = uint8_out(scratch)
    with cython.nogil:
        _best_path(values, numbers, starts, texts, back, out)


@cython.cfunc
@cython.nogil
def _best_path(
    scores: Float32,
    number: UInt16,
    text: Int64,
    texts: cython.Py_ssize_t,
    back: UInt8Out,
    path: UInt8Out,
) -> cython.void:
    """Write the most likely states of the symbols of ``texts`` texts; ``back``: scratch."""
    which: cython.Py_ssize_t
    start: int64_t
    at: int64_t
    is_last: cython.bint
    for which in range(texts):
        start = text[which]
        for at in range(text[which], text[which + 1] + 1):
            is_last = at == text[which + 1]
            if (
                is_last
                or number[at] == TAKEN
                or number[at] == LINE
                or scores[at * STATES + 1] < _CLOSED / 8
            ):
                if at > start:
                    _decode_run(scores + start * STATES, at - start, back, path + start)
                if not is_last:
                    path[at] = 0
                start = at + 1


@cython.cfunc
@cython.nogil
def _decode_run(scores: Float32, count: int64_t, back: UInt8Out, path: UInt8Out) -> cython.void:
    """Write the most likely states of consecutive symbols to ``path``; no span reaches out of them.

    ``back``: scratch.
    """
    old: cython.float[STATES]
    new: cython.float[STATES]
    _at: int64_t
    at: int64_t
    state: cython.int
    best: cython.int
    closed: cython.int
    top: cython.float
    row: Float32 = scores
    choice: UInt8Out = back
    for state in range(STATES):
        inside: cython.bint = state > 0 and 1 <= (state - 1) % 4 <= 2  # or the end of a span
        old[state] = _CLOSED if inside else scores[state]
    for _at in range(1, count):
        row += STATES
        choice += STATES
        closed = _best_closed(old)
        memset(choice, closed, STATES)
        for state in range(STATES):
            new[state] = old[closed] + row[state]
        for state in range(1, STATES, 4):  # inside and end of each kind
            best = state + (old[state + 1] > old[state])
            choice[state + 1] = choice[state + 2] = cython.cast(uint8_t, best)
            new[state + 1] = old[best] + row[state + 1]
            new[state + 2] = old[best] + row[state + 2]
        top = _largest(new)  # subtracted, because the common score would grow with the run
        for state in range(STATES):
            old[state] = new[state] - top if new[state] > _CLOSED / 2 else _CLOSED
    state = _best_closed(old)
    at = count - 1
    while at > 0:
        path[at] = cython.cast(uint8_t, state)
        state = back[at * STATES + state]
        at -= 1
    path[0] = cython.cast(uint8_t, state)


@cython.cfunc
@cython.nogil
def _best_closed(row: Float32) -> cython.int:
    """Return the closed state with the largest score: outside, or end or single of a kind."""
    best: cython.int = 0
    state: cython.int
    for state in range(3, STATES):
        if (state - 1) % 4 >= 2 and row[state] > row[best]:
            best = state
    return best


@cython.cfunc
@cython.nogil
def _largest(row: Float32) -> cython.float:
    """Return the largest score of a row."""
    top: cython.float = row[0]
    state: cython.int
    for state in range(1, STATES):
        if row[state] > top:
            top = row[state]
    return top


def read_spans(path: arrays.UInt8, scores: arrays.Float32, out: tagger.Spans) -> int:
    """Write the spans, kinds and confidences of a state path to ``out``; return their number.

    The confidence is the geometric mean of the softmax probabilities of the states.
    """
    symbols: cython.Py_ssize_t = len(path)
    states: UInt8 = uint8(path)
    values: Float32 = float32(scores)
    found: SpansOut = spans_out(out)
    count: int64_t
    with cython.nogil:
        count = _read_spans(states, symbols, values, cython.address(found))
    return count


@cython.cfunc
@cython.nogil
def _read_spans(
    path: UInt8, symbols: int64_t, scores: Float32, spans: cython.pointer[SpansOut]
) -> int64_t:
    """Write the spans of a state path, in symbols; return their number."""
    count: int64_t = 0
    opened: int64_t = 0
    total: cython.double = 0
    at: int64_t
    state: cython.int
    role: cython.int
    for at in range(symbols):
        state = path[at]
        if state == 0:
            continue
        role = (state - 1) % 4
        if role == 0 or role == 3:
            opened = at
            total = 0
        total += _log_probability(scores + at * STATES, state)
        if role >= 2:
            spans.start[count] = opened
            spans.end[count] = at + 1
            spans.kind[count] = cython.cast(cython.schar, (state - 1) // 4)
            spans.score[count] = cython.cast(cython.float, exp(total / (at + 1 - opened)))
            count += 1
    return count


@cython.cfunc
@cython.nogil
def _log_probability(scores: Float32, state: cython.int) -> cython.double:
    """Return the logarithm of the softmax probability of a state."""
    top: cython.float = _largest(scores)
    difference: cython.float
    mass: cython.double = 0
    each: cython.int
    for each in range(STATES):
        difference = scores[each] - top
        mass += exp(difference)
    difference = scores[state] - top
    return cython.cast(cython.double, difference) - log(mass)


def finish_spans(
    symbols: symbols.Symbols,
    spans: tagger.Spans,
    count: int64_t,
    title_pairs: arrays.UInt32,
    calibration: arrays.Float32,
) -> int:
    """Rewrite the first ``count`` spans from symbols to code points and from confidences to scores.

    Spans of other kinds or without any Hanzi (a host name, a number) are left out, titles (先生)
    are cut off. ``calibration``: table of confidence -> score. Return the number of spans left.
    """
    source: Symbols = symbols_of(symbols)
    found: SpansOut = spans_out(spans)
    titles: int64_t = len(title_pairs)
    pairs: UInt32 = uint32(title_pairs)
    shape: tuple[int64_t, int64_t] = (calibration.shape[0], calibration.shape[1])
    table: Float32 = float32(calibration)
    left: int64_t
    with cython.nogil:
        left = _finish_spans(
            cython.address(source), cython.address(found), count, pairs, titles, table, shape
        )
    return left


@cython.cfunc
@cython.nogil
def _finish_spans(
    symbols: cython.pointer[Symbols],
    spans: cython.pointer[SpansOut],
    count: int64_t,
    title_pairs: UInt32,
    titles: int64_t,
    calibration: Float32,
    shape: tuple[int64_t, int64_t],
) -> int64_t:
    """Rewrite the first ``count`` spans; return the number of spans left."""
    code: UInt16 = symbols.code
    text: Int64 = symbols.text
    left: int64_t = 0
    number: int64_t = 0
    stops_at: int64_t = -1  # text in which a full stop was looked for last
    has_stop: cython.bint = False
    written: cython.bint
    row: int64_t
    at: int64_t
    begin: int64_t
    stop: int64_t
    kind: int64_t
    position: int64_t
    pair: uint32_t
    for row in range(count):
        begin, stop, kind = spans.start[row], spans.end[row], spans.kind[row]
        written = False
        for at in range(begin, stop):
            written |= code[at] >= _FIRST_HANZI
        if kind > ORGANIZATION or not written:
            continue
        if kind == PERSON and stop - begin >= 3:
            pair = cython.cast(uint32_t, code[stop - 2]) << 16 | code[stop - 1]
            for at in range(titles):
                if title_pairs[at] == pair:
                    stop -= 2
                    break
        while text[number + 1] <= begin:
            number += 1
        if stops_at != number:
            stops_at, has_stop = number, False
            for at in range(text[number], text[number + 1]):
                has_stop |= code[at] == _FULL_STOP
        position = PART
        if begin == text[number] and stop == text[number + 1]:
            position = WHOLE
        elif has_stop:
            position = SENTENCE
        spans.start[left] = symbols.start[begin]
        spans.end[left] = symbols.end[stop - 1]
        spans.kind[left] = cython.cast(cython.schar, kind)
        spans.score[left] = cython.cast(
            cython.float, _calibrate(spans.score[row], kind, position, calibration, shape)
        )
        left += 1
    return left


@cython.cfunc
@cython.nogil
def _calibrate(
    confidence: cython.float,
    kind: int64_t,
    position: int64_t,
    table: Float32,
    shape: tuple[int64_t, int64_t],
) -> cython.double:
    """Return the score of a raw confidence: the share of true spans, to a thousandth.

    ``table[kind]`` has that share for confidence 0, 1/16, ... 1, interpolated linearly. The thirds
    of the table are for PART, WHOLE (as in a cell) and SENTENCE, in this order.
    """
    steps: int64_t = shape[1] - 1
    place: cython.float = max(0, confidence)
    low: int64_t
    part: cython.double
    value: cython.double
    row: Float32 = table + (kind + position * (shape[0] // 3)) * shape[1]
    place = (min(1, place)) * cython.cast(cython.float, steps)
    low = min(cython.cast(int64_t, place), steps - 1)
    part = place - cython.cast(cython.double, low)
    value = cython.cast(cython.double, row[low]) * (1 - part)
    value += cython.cast(cython.double, row[low + 1]) * part
    return rint(value * 1000) / 1000


@cython.cclass
class ShortTexts:
    """Tagging of a few short texts in one call, in arrays that the next call uses again.

    A line then costs what its symbols cost. ``张三住在示例路1号`` -> PERSON [0, 2), ADDRESS [4, 9).
    """

    arrays: object  # keeps the arrays of all pointers below
    room: int64_t
    network: Network
    block: BlockOut
    scratch: ScratchOut
    symbols: SymbolsOut
    found: SpansOut
    shape: tuple[int64_t, int64_t]
    titles: int64_t
    folded: UInt16
    numbered: UInt16
    words: UInt32
    title_pairs: UInt32
    calibration: Float32
    scores: Float32Out
    path: UInt8Out
    back: UInt8Out

    def __init__(
        self,
        tables: tuple,
        network: weights.Network,
        symbols: symbols.Symbols,
        block: network.Block,
        scratch: network.Scratch,
        decoded: tuple,
        spans: tagger.Spans,
    ):
        """Take arrays with room for as many symbols as ``spans`` has rows.

        Args:
            tables: folding, numbers, dictionary, pairs of titles, calibration
            network: arrays of the network
            symbols, block, scratch, spans: arrays to write; the block has the symbols' numbers
            decoded: scores and states of each symbol, scratch of STATES bytes a symbol
        """
        folded, numbered, words, title_pairs, calibration = tables
        self.arrays = tables, network, symbols, block, scratch, decoded, spans
        self.room = len(spans.start)
        self.network, self.block = network_of(network), block_out(block)
        self.scratch, self.symbols = scratch_out(scratch), symbols_out(symbols)
        self.found = spans_out(spans)
        self.folded, self.numbered = uint16(folded), uint16(numbered)
        self.words, self.title_pairs = uint32(words), uint32(title_pairs)
        self.titles, self.calibration = len(title_pairs), float32(calibration)
        self.shape = (calibration.shape[0], calibration.shape[1])
        self.scores, self.path = float32_out(decoded[0]), uint8_out(decoded[1])
        self.back = uint8_out(decoded[2])

    def tag(self, codes: arrays.UInt32, offsets: arrays.Int64, taken: arrays.Bool) -> int:
        """Write the tagged spans of all texts to the first rows of ``spans``; return their number.

        Args:
            codes: code points of all texts
            offsets: index at which each text starts, and the end
            taken: True for code points inside the span of a pattern
        """
        texts: cython.Py_ssize_t = len(offsets) - 1
        points: UInt32 = uint32(codes)
        bounds: Int64 = int64(offsets)
        hidden: Bool = boolean(taken)
        count: int64_t
        found: int64_t = 0
        text: Int64Out
        which: cython.Py_ssize_t
        if max(texts, bounds[texts]) > self.room or min(len(codes), len(taken)) < bounds[texts]:
            raise ValueError("the texts are too long")
        with cython.nogil:
            count = _write_symbols(
                points, bounds, texts, hidden, self.folded, self.numbered,
                cython.address(self.symbols),
            )  # fmt: skip
            if count > 0:
                self.block.rows = count
                text = self.symbols.text
                _write_distances(text, texts, self.block.left, self.block.right)
                memset(self.block.feature_count, 0, count)
                for which in range(texts):
                    _find_words(
                        self.symbols.code, text[which], text[which + 1], self.words,
                        self.block.features, self.block.feature_count,
                    )  # fmt: skip
                _score_block(
                    cython.cast(cython.pointer[Block], cython.address(self.block)),
                    cython.address(self.network), cython.address(self.scratch), 0, count,
                    self.scores,
                )  # fmt: skip
                _best_path(self.scores, self.symbols.number, text, texts, self.back, self.path)
                found = _read_spans(self.path, count, self.scores, cython.address(self.found))
            if found > 0:
                found = _finish_spans(
                    cython.cast(cython.pointer[Symbols], cython.address(self.symbols)),
                    cython.address(self.found), found,
                    self.title_pairs, self.titles, self.calibration, self.shape,
                )  # fmt: skip
        return found
