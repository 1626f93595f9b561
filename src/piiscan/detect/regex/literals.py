r"""Required literals: short byte-set sequences of which every match must contain at least one.

A literal has up to sixteen bytes in a row, each one of a set. A text without any of the literals
cannot match, so the expression need not run on it. Look-around counts too. Where no letter is
certain, classes serve. Literals that nearly every text contains are useless and dropped.

    (?<!\d)HY\d{8}\b -> H Y and six digits    [A-Z]{2}\d{6} -> two letters and six digits
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import Final

import numpy as np

from piiscan.detect.regex.syntax_tree import (
    Anchor,
    BackReference,
    Chars,
    Choice,
    LookAround,
    Node,
    Repeat,
    Sequence,
    complement,
)
from piiscan.detect.regex.utf8_sets import (
    BREAK,
    TRAILS,
    ByteRun,
    ByteStep,
    RequiredLiteral,
    encode_ranges,
    first_bytes,
    last_bytes,
)

#: Bytes of a literal, at most.
MAX_BYTES: Final = 16
_MAX_LITERALS: Final = 64
_MIN_BITS: Final = 5.0
_ENOUGH_BITS: Final = 18.0

_WORD: Final = frozenset(b"0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_LEADS: Final = frozenset(range(0xC0, 0xF8))


def _byte_weights() -> list[float]:
    """Return the estimated frequency of each byte in seized data; the sum is 1."""
    weights = np.full(256, 0.001)
    weights[48:58] = 0.04
    weights[97:123] = 0.006
    weights[65:91] = 0.003
    weights[[*b' ,.:-/\t"']] = 0.01
    weights[0xE4:0xEA] = 0.02
    weights[0x80:0xC0] = 0.004
    weights[BREAK] = 0.05
    return list((weights / weights.sum()).tolist())


_WEIGHTS: Final = _byte_weights()


def required_literals(tree: Node) -> tuple[RequiredLiteral, ...]:
    """Return the rarest literals of an expression; () if nearly every text contains one.

    >>> from piiscan.detect.regex.syntax_tree import read_expression
    >>> tree = read_expression('x*(?:ab|cde)+y').tree
    >>> [bytes(map(min, each)) for each in required_literals(tree)]
    [b'ab', b'cde']
    """
    literals = _rarest_literals(tree)
    return literals if literals and _rarity_bits(literals) >= _MIN_BITS else ()


def _literal_bits(literal: RequiredLiteral) -> float:
    """Return the rarity of one literal in bits, from the byte weights."""
    return -sum(log2(sum(_WEIGHTS[byte] for byte in bytes_) or 1e-9) for bytes_ in literal)


def _rarity_bits(literals: tuple[RequiredLiteral, ...]) -> float:
    """Return the rarity of a text with at least one of ``literals``, in bits.

    Return 0 if there are no literals or more than 64.
    """
    if not 0 < len(literals) <= _MAX_LITERALS:
        return 0.0
    return -log2(sum(2 ** -min(_literal_bits(literal), 60.0) for literal in literals))


def _rarest_literals(node: Node) -> tuple[RequiredLiteral, ...]:
    """Choose the rarest literals of which every match of ``node`` contains one."""
    found = [_rarest_window(tuple(run)) for run in _byte_runs(node) if run]
    found += [inside for part in _flatten(node) if (inside := _literals_inside(part))]
    return max(found, key=_rarity_bits, default=())


def _literals_inside(part: Node) -> tuple[RequiredLiteral, ...]:
    """Return the literals that a choice, look-around or repeat requires; () if none."""
    if isinstance(part, Choice):
        per_option = [_rarest_literals(option) for option in part.options]
        return (
            tuple(dict.fromkeys(f for literals in per_option for f in literals))
            if all(per_option)
            else ()
        )
    if isinstance(part, LookAround):
        return () if part.negative else _rarest_literals(part.body)
    return _rarest_literals(part.body) if isinstance(part, Repeat) and part.low else ()


def _rarest_window(run: ByteRun) -> tuple[RequiredLiteral, ...]:
    """Return the literals of the shortest rare window of a run, else of its rarest window."""
    best: tuple[RequiredLiteral, ...] = ()
    for width in range(1, min(len(run), MAX_BYTES) + 1):
        parts = [_run_literals(run[at : at + width]) for at in range(len(run) - width + 1)]
        best = max([best, *parts], key=_rarity_bits)
        if _rarity_bits(best) >= _ENOUGH_BITS:
            break
    return best


def _run_literals(run: ByteRun) -> tuple[RequiredLiteral, ...]:
    """Return the literals of a byte run: its own bytes, and the alternatives of its steps."""
    straight = tuple(step.bytes_ for step in run)
    return tuple(
        dict.fromkeys([straight, *(literal for step in run for literal in step.alternatives)])
    )


@dataclass(slots=True)
class _RunBuilder:
    """Builder of runs: bytes that are adjacent in every match. The last run may still grow."""

    runs: list[list[ByteStep]]

    def append(self, run: ByteRun) -> None:
        """Append the byte steps ``run`` directly after the last byte."""
        self.runs[-1].extend(run)

    def gap(self) -> None:
        """End the last byte run: the next byte need not be adjacent."""
        if self.runs[-1]:
            self.runs.append([])


def _byte_runs(node: Node) -> list[list[ByteStep]]:
    """Return the runs of bytes that every match of ``node`` contains."""
    runs = _RunBuilder([[]])
    items = _flatten(node)
    for index, item in enumerate(items):
        before = items[index - 1] if index else None
        after = items[index + 1] if index + 1 < len(items) else None
        fixed = None if isinstance(item, LookAround | Anchor) else _fixed_run(item)
        if fixed is not None:
            runs.append(fixed)
        elif isinstance(item, Repeat):
            repetition = _fixed_run(item.body) or ()
            for _ in range(min(item.low, MAX_BYTES)):
                runs.append(repetition)
            if item.low:  # the last repetition is adjacent to the next part
                _put_unbounded(runs, repetition, _flatten(item.body))
            else:
                runs.gap()
        elif isinstance(item, Chars):
            _put_unbounded(runs, (), [item])
        elif isinstance(item, LookAround | Anchor):
            _put_edge(runs, item, before, after)
        else:
            runs.gap()
    return runs.runs


def _put_unbounded(runs: _RunBuilder, repetition: ByteRun, items: list[Node]) -> None:
    """Append a repeat of unknown length to ``runs``: first bytes, gap, last bytes.

    ``repetition``: bytes of one repetition if their number is fixed, else ().
    """
    single = items[0] if len(items) == 1 else None
    if not repetition and isinstance(single, Chars):
        runs.append((ByteStep(first_bytes(single.ranges)),))
        repetition = (ByteStep(last_bytes(single.ranges)),)
    runs.gap()
    runs.append(repetition)


def _flatten(node: Node) -> list[Node]:
    """Return the parts of nested sequences as one list."""
    if isinstance(node, Sequence):
        return [inner for part in node.parts for inner in _flatten(part)]
    return [node]


def _put_edge(
    runs: _RunBuilder, item: LookAround | Anchor, left: Node | None, right: Node | None
) -> None:
    """Append to ``runs`` the bytes that a look-around or anchor requires next to it.

    Only where nothing else is known about those bytes. ``left``, ``right``: neighbouring nodes.
    """
    before, after = _neighbour_bytes(item, left, right)
    if before and not runs.runs[-1]:
        runs.append(before)
    elif after and (right is None or _has_unknown_start(right)):
        runs.append(after)
        runs.gap()


def _has_unknown_start(node: Node) -> bool:
    """Return True if the first bytes of a syntax tree node's matches are not certain."""
    return isinstance(node, LookAround | Anchor | Choice | BackReference) or (
        isinstance(node, Repeat) and (node.low == 0 or _fixed_run(node.body) is None)
    )


def _neighbour_bytes(
    item: LookAround | Anchor, left: Node | None, right: Node | None
) -> tuple[ByteRun, ByteRun]:
    """Return (bytes required before the item, bytes required after it); () if unknown."""
    if isinstance(item, LookAround):
        fixed = _fixed_run(item.body)
        single = _flatten(item.body)
        if not item.negative:
            demanded = fixed or ()
        elif len(single) == 1 and isinstance(single[0], Chars):
            others = complement(single[0].ranges)
            allowed = first_bytes(others) if item.ahead else last_bytes(others)
            demanded = (ByteStep(allowed | {BREAK}),)
        else:
            demanded = ()
        return ((), demanded) if item.ahead else (demanded, ())
    newline = frozenset({BREAK, 10})
    if item.kind.startswith("start"):
        return (ByteStep(newline if "line" in item.kind else frozenset({BREAK})),), ()
    if item.kind.startswith("end"):
        return (), (ByteStep(newline),)
    if item.kind == "word":
        no_word = frozenset(range(128)) - _WORD | {BREAK}
        if _is_word_char(right):
            return (ByteStep(no_word | TRAILS),), ()
        if _is_word_char(left):
            return (), (ByteStep(no_word | _LEADS),)
    return (), ()


def _is_word_char(node: Node | None) -> bool:
    r"""Return True if a node starts and ends with a character that ``\b`` counts as a word's."""
    if isinstance(node, Repeat):
        return node.low > 0 and _is_word_char(node.body)
    if isinstance(node, Sequence):
        return len(node.parts) == 1 and _is_word_char(node.parts[0])
    if not isinstance(node, Chars):
        return False
    return all(high < 128 and set(range(low, high + 1)) <= _WORD for low, high in node.ranges)


def _fixed_run(node: Node) -> ByteRun | None:
    """Return the byte steps of a node whose matches have one length; None if it varies."""
    if isinstance(node, Chars):
        return encode_ranges(node.ranges)
    if isinstance(node, Sequence):
        return _concatenate([_fixed_run(part) for part in node.parts])
    if isinstance(node, Repeat) and node.low == node.high and node.low <= 4 * MAX_BYTES:
        return _concatenate([_fixed_run(node.body)] * node.low)
    if isinstance(node, Choice):
        options = [_fixed_run(option) for option in node.options]
        known = [run for run in options if run is not None]
        if len(known) < len(options) or len({len(run) for run in known}) != 1:
            return None
        return tuple(_alternatives(column) for column in zip(*known, strict=True))
    return None


def _alternatives(steps: tuple[ByteStep, ...]) -> ByteStep:
    """Merge byte steps into one step that matches any of them."""
    bytes_ = frozenset().union(*(step.bytes_ for step in steps))
    return ByteStep(bytes_, tuple(dict.fromkeys(f for step in steps for f in step.alternatives)))


def _concatenate(runs: list[ByteRun | None]) -> ByteRun | None:
    """Concatenate byte runs; return None if one of them is None."""
    known = [part for part in runs if part is not None]
    if len(known) < len(runs):
        return None
    return tuple(step for part in known for step in part)
