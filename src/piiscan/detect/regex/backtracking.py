r"""How many ways a backtracking engine can have under way at once: refused where they multiply.

``re`` tries every way through an expression until one succeeds.  If the same characters can be
read in many ways (``(a+)+``, ``.*x.*y``, ``(\w+\s?)+``) a hostile text makes that number grow
without end.  Here an expression is unrolled into positions (Glushkov, 1961), an edge counted as
often as it comes about, and texts are built character by character that keep the most ways open.
An expression for which one of them opens more than 40 is refused when it is read, before it hangs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from piiscan.arrays import Float64
from piiscan.detect.matching.shapes import Ranges
from piiscan.detect.regex.syntax_tree import (
    Back,
    Chars,
    Choice,
    Edge,
    Expression,
    Look,
    Node,
    Repeat,
    Sequence,
)
from piiscan.errors import CatalogError

_MOST_WAYS: Final = 40
_MOST_POSITIONS: Final = 480
_CHARACTERS: Final = 128
_TEXTS: Final = 16  # the most promising ones that are gone on with, by either measure
_COPIES: Final = (100, 24, 6, 1)  # of a counted repeat; fewer where they are too many


def refuse_explosion(expression: Expression) -> None:
    r"""Nothing; CatalogError where a text could make the expression take for ever.

    >>> from piiscan.detect.regex.syntax_tree import read_expression
    >>> refuse_explosion(read_expression(r'\w+@\w+(?:\.\w+)+'))
    >>> refuse_explosion(read_expression('(a+)+b'))
    Traceback (most recent call last):
    piiscan.errors.CatalogError: pattern '(a+)+b': ...
    """
    for body, alone in [(expression.tree, False), *_looks(expression.tree)]:
        why = _empty_repeat(body) or _many_ways(body, alone=alone)
        if why:
            raise CatalogError(f"pattern {expression.source!r}: {why}")


def _looks(node: Node) -> list[tuple[Node, bool]]:
    """Every look-around below ``node``, and whether a match can ask it at many places.

    That is within a repeat, or behind one without end.
    """
    if isinstance(node, Look):
        return [(node.body, False), *_looks(node.body)]
    if isinstance(node, Repeat):
        return [(body, True) for body, _ in _looks(node.body)]
    found: list[tuple[Node, bool]] = []
    many = False
    for part in _below(node):
        found += [(body, often or many) for body, often in _looks(part)]
        many = isinstance(node, Sequence) and (many or _endless(part) > 0)
    return found


def _below(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Sequence):
        return node.parts
    if isinstance(node, Choice):
        return node.options
    return (node.body,) if isinstance(node, Repeat | Look | Back) else ()


def _can_be_empty(node: Node) -> bool:
    if isinstance(node, Repeat):
        return node.low == 0 or _can_be_empty(node.body)
    if isinstance(node, Choice):
        return any(map(_can_be_empty, node.options))
    return not isinstance(node, Chars) and all(map(_can_be_empty, _solid(node)))


def _solid(node: Node) -> tuple[Node, ...]:
    return () if isinstance(node, Look | Edge) else _below(node)


def _empty_repeat(node: Node) -> str:
    """What is wrong if something is repeated that can be empty, else nothing."""
    if isinstance(node, Repeat) and node.high not in (0, 1) and _can_be_empty(node.body):
        return "it repeats what can be empty, which can take for ever; require a character in it"
    return next((why for part in _below(node) if (why := _empty_repeat(part))), "")


def _many_ways(node: Node, *, alone: bool) -> str:
    endless = _endless(node)
    if alone and endless:
        return (
            "a look-around without bounds is asked at many places, which can take for ever;"
            " bound it: {0,40}"
        )
    for copies in _COPIES:
        positions = _Positions(copies)
        positions.read(node)
        if len(positions.chars) <= _MOST_POSITIONS:
            break
    else:
        return "it is too large; cut it in several patterns"
    half, whole = _ways(positions)
    if whole > _MOST_WAYS or (endless > 1 and whole > half):
        return (
            "the same text can be read in too many ways, which can take for ever; no repeat within"
            " a repeat, nor two that share characters: bound them ({1,20}) or set them off"
        )
    return ""


def _endless(node: Node) -> int:
    """How many repeats without end (or with far too many turns to tell apart) there are."""
    own = isinstance(node, Repeat) and (node.high is None or node.high > _COPIES[0])
    inside = () if isinstance(node, Look) else _below(node)
    return int(own) + sum(map(_endless, inside))


@dataclass(frozen=True, slots=True)
class _Fragment:
    """First and last positions, each as often as there are ways; ways to be empty."""

    first: Counter[int]
    last: Counter[int]
    empty: int


_NOTHING: Final = _Fragment(Counter(), Counter(), 1)


@dataclass(slots=True)
class _Positions:
    """Positions of an expression: what each reads, and how often one follows another."""

    copies: int
    chars: list[Ranges] = field(default_factory=list)
    follow: Counter[tuple[int, int]] = field(default_factory=Counter)
    first: Counter[int] = field(default_factory=Counter)
    sure: set[int] = field(default_factory=set)  # once there, the expression has matched
    guarded: int = 0  # positions below this are followed by a look-around or a back-reference's end

    def read(self, node: Node) -> None:
        """Fill the positions with those of a whole expression."""
        whole = self._fragment(node)
        self.first = whole.first
        self.sure = {place for place in whole.last if place >= self.guarded}
        while unsure := {
            place for place, after in self.follow if place in self.sure and after not in self.sure
        }:
            self.sure -= unsure

    def _fragment(self, node: Node) -> _Fragment:
        if len(self.chars) > _MOST_POSITIONS:
            return _NOTHING  # too large already
        if isinstance(node, Chars):
            self.chars.append(node.ranges)
            place = len(self.chars) - 1
            return _Fragment(Counter({place: 1}), Counter({place: 1}), 0)
        if isinstance(node, Sequence):
            whole = _NOTHING
            for part in node.parts:
                whole = self._join(whole, self._fragment(part))
            return whole
        if isinstance(node, Choice):
            each = [self._fragment(option) for option in node.options]
            first = sum((part.first for part in each), Counter[int]())
            last = sum((part.last for part in each), Counter[int]())
            return _Fragment(first, last, sum(part.empty for part in each))
        if isinstance(node, Repeat):
            return self._repeat(node)
        whole = self._fragment(node.body) if isinstance(node, Back) else _NOTHING
        self.guarded = len(self.chars)  # what stands there can still be another text
        return whole

    def _join(self, left: _Fragment, right: _Fragment) -> _Fragment:
        self._edges(left, right)
        return _Fragment(
            left.first + _times(right.first, left.empty),
            right.last + _times(left.last, right.empty),
            left.empty * right.empty,
        )

    def _edges(self, left: _Fragment, right: _Fragment) -> None:
        for place, ways in left.last.items():
            for after, more in right.first.items():
                self.follow[place, after] += ways * more

    def _repeat(self, node: Repeat) -> _Fragment:
        if node.high == 0:
            return _NOTHING
        whole = _NOTHING
        for _ in range(min(node.low, self.copies) - 1):
            whole = self._join(whole, self._fragment(node.body))
        if node.high is None or node.high > self.copies:
            body = self._fragment(node.body)
            self._edges(body, body)
            own = body if node.low else _Fragment(body.first, body.last, body.empty + 1)
            return self._join(whole, own)
        if node.low:
            whole = self._join(whole, self._fragment(node.body))
        rest = _NOTHING
        for _ in range(node.high - node.low):  # a(a(a)?)?, as it is tried: each once, from behind
            inner = self._join(self._fragment(node.body), rest)
            rest = _Fragment(inner.first, inner.last, inner.empty + 1)
        return self._join(whole, rest)


def _times(places: Counter[int], factor: int) -> Counter[int]:
    return Counter({place: ways * factor for place, ways in places.items() if factor})


def _ways(positions: _Positions) -> tuple[float, float]:
    """The most ways that are open at once after half of the characters, and after all."""
    count = len(positions.chars)
    if not count:
        return 0.0, 0.0
    step = np.zeros((count, count))
    for (place, after), ways in positions.follow.items():
        step[place, after] = ways
    reads = _alphabet(positions.chars)
    reads[:, list(positions.sure)] = 0  # nothing is tried again from there
    start = np.zeros(count)
    start[list(positions.first)] = list(positions.first.values())
    lasting = _lasting(step)
    texts = _promising(start * reads, lasting)
    most, half = texts.sum(axis=1).max(initial=0), 0.0
    for length in range(1, _CHARACTERS):
        if length == _CHARACTERS // 2:
            half = float(most)
        onward = (texts @ step)[:, None, :] * reads
        texts = _promising(onward.reshape(-1, count), lasting)
        most = max(most, texts.sum(axis=1).max(initial=0))
        if not len(texts) or most > _MOST_WAYS:
            break
    return half or float(most), float(most)


def _lasting(step: Float64) -> Float64:
    """1 for each position that can come again."""
    reach = step > 0
    for _ in range(int(np.ceil(np.log2(len(step) + 1)))):
        reach |= reach.astype(np.float32) @ reach.astype(np.float32) > 0
    lasting: Float64 = np.diagonal(reach).astype(np.float64)
    return lasting


def _promising(texts: Float64, lasting: Float64) -> Float64:
    """The ways of those texts that have most open, or most that can stay open, each once."""
    distinct = np.unique(texts[texts.any(axis=1)], axis=0)
    by_all = np.argsort(-distinct.sum(axis=1), kind="stable")[:_TEXTS]
    by_lasting = np.argsort(-(distinct @ lasting), kind="stable")[:_TEXTS]
    most: Float64 = distinct[np.union1d(by_all, by_lasting)]
    return most


def _alphabet(chars: list[Ranges]) -> Float64:
    """A row for each kind of character that is told apart: which positions read it."""
    cuts = sorted({cut for ranges in set(chars) for low, high in ranges for cut in (low, high + 1)})
    points = np.array(cuts or [0])
    rows = {}
    for ranges in set(chars):
        bounds = np.array([cut for low, high in ranges for cut in (low, high + 1)] or [-1])
        rows[ranges] = np.searchsorted(bounds, points, "right") % 2 == (1 if ranges else 2)
    reads = np.unique(np.array([rows[ranges] for ranges in chars]).T, axis=0)
    kinds: Float64 = reads[reads.any(axis=1)].astype(np.float64)
    return kinds
