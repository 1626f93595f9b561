r"""What every match of an expression must hold, as short sequences of sets of UTF-8 bytes.

A *factor* is up to sixteen bytes in a row, each one of a set.  Every match of the expression,
with what its look-around demands, holds at least one of its factors; so a text without any cannot
match, and the exact expression need not be asked.  ``(?<!\d)HY\d{8}\b`` gives HY and six digits;
where no letter is certain, classes do: ``[A-Z]{2}\d{6}``.  Factors that nearly every text holds
are as good as none.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import Final

import numpy as np

from piiscan.detect.regex.syntax_tree import (
    Back,
    Chars,
    Choice,
    Edge,
    Look,
    Node,
    Repeat,
    Sequence,
    complement,
)
from piiscan.detect.regex.utf8_sets import (
    BREAK,
    Factor,
    Run,
    Step,
    encoded,
    first_bytes,
    last_bytes,
)

#: Bytes of a factor at most.
MOST_BYTES: Final = 16
_MOST_FACTORS: Final = 64
_LEAST_BITS: Final = 5.0
_ENOUGH_BITS: Final = 18.0

_WORD: Final = frozenset(b"0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_TRAILS: Final = frozenset(range(0x80, 0xC0))
_LEADS: Final = frozenset(range(0xC0, 0xF8))


def _weights() -> list[float]:
    """How often each byte is met in the dumps that are looked through, roughly."""
    weights = np.full(256, 0.001)
    weights[48:58] = 0.04
    weights[97:123] = 0.006
    weights[65:91] = 0.003
    weights[[*b' ,.:-/\t"']] = 0.01
    weights[0xE4:0xEA] = 0.02
    weights[0x80:0xC0] = 0.004
    weights[BREAK] = 0.05
    return list((weights / weights.sum()).tolist())


_WEIGHTS: Final = _weights()


def factors_of(tree: Node) -> tuple[Factor, ...]:
    """The best factors of an expression; none where nearly every text would hold one.

    >>> from piiscan.detect.regex.syntax_tree import read_expression
    >>> [bytes(map(min, each)) for each in factors_of(read_expression('x*(?:ab|cde)+y').tree)]
    [b'ab', b'cde']
    """
    found = _best(tree)
    return found if found and _bits(found) >= _LEAST_BITS else ()


def _worth(factor: Factor) -> float:
    return -sum(log2(sum(_WEIGHTS[byte] for byte in bytes_) or 1e-9) for bytes_ in factor)


def _bits(factors: tuple[Factor, ...]) -> float:
    """How rare a text that holds one of them is, in bits; little if there are none."""
    if not 0 < len(factors) <= _MOST_FACTORS:
        return 0.0
    return -log2(sum(2 ** -min(_worth(each), 60.0) for each in factors))


def _best(node: Node) -> tuple[Factor, ...]:
    """The rarest factors of a node, one of which whatever it matches must hold."""
    found = [_window(tuple(run)) for run in _runs(node) if run]
    found += [made for part in _parts(node) if (made := _inner(part))]
    return max(found, key=_bits, default=())


def _parts(node: Node) -> list[Node]:
    """What a node needs, part by part."""
    if isinstance(node, Sequence):
        return [inner for part in node.parts for inner in _parts(part)]
    return [node]


def _inner(part: Node) -> tuple[Factor, ...]:
    if isinstance(part, Choice):
        each = [_best(option) for option in part.options]
        return tuple(dict.fromkeys(f for own in each for f in own)) if all(each) else ()
    if isinstance(part, Look):
        return () if part.negative else _best(part.body)
    return _best(part.body) if isinstance(part, Repeat) and part.low else ()


def _window(run: Run) -> tuple[Factor, ...]:
    """The factors of the shortest rare part of a run, else those of the rarest part."""
    best: tuple[Factor, ...] = ()
    for width in range(1, min(len(run), MOST_BYTES) + 1):
        parts = [_factors(run[at : at + width]) for at in range(len(run) - width + 1)]
        best = max([best, *parts], key=_bits)
        if _bits(best) >= _ENOUGH_BITS:
            break
    return best


def _factors(run: Run) -> tuple[Factor, ...]:
    whole = tuple(step.bytes_ for step in run)
    return tuple(dict.fromkeys([whole, *(factor for step in run for factor in step.instead)]))


@dataclass(slots=True)
class _Runs:
    """Runs of bytes that stand side by side in every match; the last one may still go on."""

    done: list[list[Step]]

    def put(self, run: Run) -> None:
        """``run`` stands right behind what is there."""
        self.done[-1].extend(run)

    def gap(self) -> None:
        """What comes next need not stand right behind."""
        if self.done[-1]:
            self.done.append([])


def _runs(node: Node) -> list[list[Step]]:
    runs = _Runs([[]])
    items = _flat(node)
    for place, item in enumerate(items):
        beside = items[place - 1] if place else None
        behind = items[place + 1] if place + 1 < len(items) else None
        fixed = None if isinstance(item, Look | Edge) else _fixed(item)
        if fixed is not None:
            runs.put(fixed)
        elif isinstance(item, Repeat):
            once = _fixed(item.body) or ()
            for _ in range(min(item.low, MOST_BYTES)):
                runs.put(once)
            if item.low:  # the last turn stands in front of what follows
                _put_loose(runs, once, _flat(item.body))
            else:
                runs.gap()
        elif isinstance(item, Chars):
            _put_loose(runs, (), [item])
        elif isinstance(item, Look | Edge):
            _edge(runs, item, beside, behind)
        else:
            runs.gap()
    return runs.done


def _put_loose(runs: _Runs, once: Run, items: list[Node]) -> None:
    """A gap that begins and ends as ``items`` do; ``once``: their bytes, if always as many."""
    single = items[0] if len(items) == 1 else None
    if not once and isinstance(single, Chars):
        runs.put((Step(first_bytes(single.ranges)),))
        once = (Step(last_bytes(single.ranges)),)
    runs.gap()
    runs.put(once)


def _flat(node: Node) -> list[Node]:
    """The parts of nested sequences as one list."""
    if isinstance(node, Sequence):
        return [inner for part in node.parts for inner in _flat(part)]
    return [node]


def _edge(runs: _Runs, item: Look | Edge, beside: Node | None, behind: Node | None) -> None:
    """What look-around demands of the bytes next to a run, where nothing else is known of them."""
    before, after = _beside(item, beside, behind)
    if before and not runs.done[-1]:
        runs.put(before)
    elif after and (behind is None or _loose(behind)):
        runs.put(after)
        runs.gap()


def _loose(node: Node) -> bool:
    """Whether nothing certain begins a node."""
    return isinstance(node, Look | Edge | Choice | Back) or (
        isinstance(node, Repeat) and (node.low == 0 or _fixed(node.body) is None)
    )


def _beside(item: Look | Edge, left: Node | None, right: Node | None) -> tuple[Run, Run]:
    """(bytes that must stand in front, bytes that must stand behind); empty: not known."""
    if isinstance(item, Look):
        fixed = _fixed(item.body)
        single = _flat(item.body)
        if not item.negative:
            demanded = fixed or ()
        elif len(single) == 1 and isinstance(single[0], Chars):
            others = complement(single[0].ranges)
            beside = first_bytes(others) if item.ahead else last_bytes(others)
            demanded = (Step(beside | {BREAK}),)
        else:
            demanded = ()
        return ((), demanded) if item.ahead else (demanded, ())
    newline = frozenset({BREAK, 10})
    if item.kind.startswith("start"):
        return (Step(newline if "line" in item.kind else frozenset({BREAK})),), ()
    if item.kind.startswith("end"):
        return (), (Step(newline),)
    if item.kind == "word":
        no_word = frozenset(range(128)) - _WORD | {BREAK}
        if _wordly(right):
            return (Step(no_word | _TRAILS),), ()
        if _wordly(left):
            return (), (Step(no_word | _LEADS),)
    return (), ()


def _wordly(node: Node | None) -> bool:
    r"""Whether a node is one character (or begins and ends with one) that \b takes for a word's."""
    if isinstance(node, Repeat):
        return node.low > 0 and _wordly(node.body)
    if isinstance(node, Sequence):
        return len(node.parts) == 1 and _wordly(node.parts[0])
    if not isinstance(node, Chars):
        return False
    return all(high < 128 and set(range(low, high + 1)) <= _WORD for low, high in node.ranges)


def _fixed(node: Node) -> Run | None:
    """The bytes of a node that always has as many; None if their number is not certain."""
    if isinstance(node, Chars):
        return encoded(node.ranges)
    if isinstance(node, Sequence):
        return _joined([_fixed(part) for part in node.parts])
    if isinstance(node, Repeat) and node.low == node.high and node.low <= 4 * MOST_BYTES:
        return _joined([_fixed(node.body)] * node.low)
    if isinstance(node, Choice):
        options = [_fixed(option) for option in node.options]
        known = [each for each in options if each is not None]
        if len(known) < len(options) or len({len(each) for each in known}) != 1:
            return None
        return tuple(_either(column) for column in zip(*known, strict=True))
    return None


def _either(steps: tuple[Step, ...]) -> Step:
    bytes_ = frozenset().union(*(step.bytes_ for step in steps))
    return Step(bytes_, tuple(dict.fromkeys(f for step in steps for f in step.instead)))


def _joined(each: list[Run | None]) -> Run | None:
    known = [part for part in each if part is not None]
    if len(known) < len(each):
        return None
    return tuple(step for part in known for step in part)
