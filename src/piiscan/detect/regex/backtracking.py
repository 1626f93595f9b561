r"""Backtracking check: reject expressions that could take exponential time on a hostile text.

``re`` tries every path through an expression until one succeeds. If the same characters can be read
in many ways, a hostile text makes the number of paths grow without end. The check unrolls an
expression into positions (Glushkov, 1961), counts parallel edges, and searches for the texts that
leave the most paths open. An expression with more than 40 open paths is rejected:

    [A-Z]{2}[0-9]{6} -> accepted    (a+)+b, .*x.*y, (\w+\s?)+ -> CatalogError
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from piiscan.arrays import Float64
from piiscan.detect.matching.shapes import Ranges
from piiscan.detect.regex.syntax_tree import (
    Anchor,
    BackReference,
    Chars,
    Choice,
    Expression,
    LookAround,
    Node,
    Repeat,
    Sequence,
)
from piiscan.errors import CatalogError

_MAX_PATHS: Final = 40
_MAX_POSITIONS: Final = 480
_TEXT_LENGTH: Final = 128
_BEAM_WIDTH: Final = 16  # texts extended at each step, per measure
_COPIES: Final = (100, 24, 6, 1)  # unrolled copies of a counted repeat; fewer if too large


def check_backtracking(expression: Expression) -> None:
    r"""Raise CatalogError if some text could make ``expression`` take exponential time.

    >>> from piiscan.detect.regex.syntax_tree import read_expression
    >>> check_backtracking(read_expression(r'\w+@\w+(?:\.\w+)+'))
    >>> check_backtracking(read_expression('(a+)+b'))
    Traceback (most recent call last):
    piiscan.errors.CatalogError: pattern '(a+)+b': ...
    """
    for body, repeated in [(expression.tree, False), *_lookarounds(expression.tree)]:
        why = _empty_repeat_error(body) or _ambiguity_error(body, repeated=repeated)
        if why:
            raise CatalogError(f"pattern {expression.source!r}: {why}")


def _lookarounds(node: Node) -> list[tuple[Node, bool]]:
    """Return (body, True if it can run at many positions of one match) for every look-around.

    It runs at many positions inside a repeat, or after an unbounded one.
    """
    if isinstance(node, LookAround):
        return [(node.body, False), *_lookarounds(node.body)]
    if isinstance(node, Repeat):
        return [(body, True) for body, _ in _lookarounds(node.body)]
    found: list[tuple[Node, bool]] = []
    repeated = False
    for part in _children(node):
        found += [(body, inner_repeated or repeated) for body, inner_repeated in _lookarounds(part)]
        repeated = isinstance(node, Sequence) and (repeated or _count_unbounded(part) > 0)
    return found


def _children(node: Node) -> tuple[Node, ...]:
    """Return the child nodes of a syntax tree node."""
    if isinstance(node, Sequence):
        return node.parts
    if isinstance(node, Choice):
        return node.options
    return (node.body,) if isinstance(node, Repeat | LookAround | BackReference) else ()


def _can_be_empty(node: Node) -> bool:
    """Return True if the syntax tree ``node`` can match the empty string."""
    if isinstance(node, Repeat):
        return node.low == 0 or _can_be_empty(node.body)
    if isinstance(node, Choice):
        return any(map(_can_be_empty, node.options))
    return not isinstance(node, Chars) and all(
        map(_can_be_empty, _children_unless_lookaround(node))
    )


def _children_unless_lookaround(node: Node) -> tuple[Node, ...]:
    """Return the child nodes of ``node``; () for a look-around or anchor."""
    return () if isinstance(node, LookAround | Anchor) else _children(node)


def _empty_repeat_error(node: Node) -> str:
    """Describe a repeat of a node that can be empty; return "" if there is none."""
    if isinstance(node, Repeat) and node.high not in (0, 1) and _can_be_empty(node.body):
        return "it repeats what can be empty, which can take for ever; require a character in it"
    return next((why for part in _children(node) if (why := _empty_repeat_error(part))), "")


def _ambiguity_error(node: Node, *, repeated: bool) -> str:
    """Describe an ambiguity that could take exponential time; return "" if there is none.

    ``repeated``: the node is a look-around that can run at many positions.
    """
    unbounded = _count_unbounded(node)
    if repeated and unbounded:
        return (
            "a look-around without bounds is asked at many places, which can take for ever;"
            " bound it: {0,40}"
        )
    for copies in _COPIES:
        positions = _Positions(copies)
        positions.read(node)
        if len(positions.chars) <= _MAX_POSITIONS:
            break
    else:
        return "it is too large; cut it in several patterns"
    at_half, at_end = _max_open_paths(positions)
    if at_end > _MAX_PATHS or (unbounded > 1 and at_end > at_half):
        return (
            "the same text can be read in too many ways, which can take for ever; no repeat within"
            " a repeat, nor two that share characters: bound them ({1,20}) or set them off"
        )
    return ""


def _count_unbounded(node: Node) -> int:
    """Count the repeats in ``node`` without upper limit, or with one above 100."""
    is_unbounded = isinstance(node, Repeat) and (node.high is None or node.high > _COPIES[0])
    inside = () if isinstance(node, LookAround) else _children(node)
    return int(is_unbounded) + sum(map(_count_unbounded, inside))


@dataclass(frozen=True, slots=True)
class _Fragment:
    """First and last positions with their number of paths, and the paths that consume nothing."""

    first: Counter[int]
    last: Counter[int]
    empty_paths: int


_EMPTY: Final = _Fragment(Counter(), Counter(), 1)


@dataclass(slots=True)
class _Positions:
    """Positions of an unrolled expression: characters, edges with path counts, first positions.

    A counted repeat is unrolled at most ``max_copies`` times.
    """

    max_copies: int
    chars: list[Ranges] = field(default_factory=list)
    follow: Counter[tuple[int, int]] = field(default_factory=Counter)
    first: Counter[int] = field(default_factory=Counter)
    final: set[int] = field(default_factory=set)  # positions from which the match cannot fail
    guarded_end: int = 0  # positions below are followed by a look-around or back-reference

    def read(self, node: Node) -> None:
        """Fill the positions, edges and final positions from a whole expression.

        ``final`` becomes the set of positions from which the match can no longer fail.
        """
        whole = self._fragment(node)
        self.first = whole.first
        self.final = {position for position in whole.last if position >= self.guarded_end}
        while not_final := {
            position
            for position, next_position in self.follow
            if position in self.final and next_position not in self.final
        }:
            self.final -= not_final

    def _fragment(self, node: Node) -> _Fragment:
        """Append the positions of ``node`` and return its fragment.

        Return an empty fragment once the limit of positions is exceeded.
        """
        if len(self.chars) > _MAX_POSITIONS:
            return _EMPTY  # too large already
        if isinstance(node, Chars):
            self.chars.append(node.ranges)
            position = len(self.chars) - 1
            return _Fragment(Counter({position: 1}), Counter({position: 1}), 0)
        if isinstance(node, Sequence):
            whole = _EMPTY
            for part in node.parts:
                whole = self._join(whole, self._fragment(part))
            return whole
        if isinstance(node, Choice):
            options = [self._fragment(option) for option in node.options]
            first = sum((part.first for part in options), Counter[int]())
            last = sum((part.last for part in options), Counter[int]())
            return _Fragment(first, last, sum(part.empty_paths for part in options))
        if isinstance(node, Repeat):
            return self._repeat(node)
        whole = self._fragment(node.body) if isinstance(node, BackReference) else _EMPTY
        self.guarded_end = len(self.chars)  # the text there can still differ
        return whole

    def _join(self, left: _Fragment, right: _Fragment) -> _Fragment:
        """Return the fragment of ``left`` followed by ``right``, and add the edges between them."""
        self._edges(left, right)
        return _Fragment(
            left.first + _scaled(right.first, left.empty_paths),
            right.last + _scaled(left.last, right.empty_paths),
            left.empty_paths * right.empty_paths,
        )

    def _edges(self, left: _Fragment, right: _Fragment) -> None:
        """Add an edge from every last position of ``left`` to every first one of ``right``."""
        for position, paths in left.last.items():
            for next_position, more_paths in right.first.items():
                self.follow[position, next_position] += paths * more_paths

    def _repeat(self, node: Repeat) -> _Fragment:
        """Return the fragment of a repeat: copies of its body, or a loop if there are too many."""
        if node.high == 0:
            return _EMPTY
        whole = _EMPTY
        for _ in range(min(node.low, self.max_copies) - 1):
            whole = self._join(whole, self._fragment(node.body))
        if node.high is None or node.high > self.max_copies:
            body = self._fragment(node.body)
            self._edges(body, body)
            loop = body if node.low else _Fragment(body.first, body.last, body.empty_paths + 1)
            return self._join(whole, loop)
        if node.low:
            whole = self._join(whole, self._fragment(node.body))
        optional = _EMPTY
        for _ in range(node.high - node.low):  # as a(a(a)?)?, the order in which ``re`` tries it
            inner = self._join(self._fragment(node.body), optional)
            optional = _Fragment(inner.first, inner.last, inner.empty_paths + 1)
        return self._join(whole, optional)


def _scaled(paths: Counter[int], factor: int) -> Counter[int]:
    """Return the path counts times ``factor``."""
    return Counter({position: count * factor for position, count in paths.items() if factor})


def _max_open_paths(positions: _Positions) -> tuple[float, float]:
    """Return the most paths open at once (after 64 characters, after 128).

    The texts are built by beam search, one character at a time.
    """
    count = len(positions.chars)
    if not count:
        return 0.0, 0.0
    transitions = np.zeros((count, count))
    for (position, next_position), paths in positions.follow.items():
        transitions[position, next_position] = paths
    reads = _char_kinds(positions.chars)
    reads[:, list(positions.final)] = 0  # no backtracking from there
    start = np.zeros(count)
    start[list(positions.first)] = list(positions.first.values())
    recurring = _recurring(transitions)
    texts = _worst_texts(start * reads, recurring)
    most_open, at_half = texts.sum(axis=1).max(initial=0), 0.0
    for length in range(1, _TEXT_LENGTH):
        if length == _TEXT_LENGTH // 2:
            at_half = float(most_open)
        extended = (texts @ transitions)[:, None, :] * reads
        texts = _worst_texts(extended.reshape(-1, count), recurring)
        most_open = max(most_open, texts.sum(axis=1).max(initial=0))
        if not len(texts) or most_open > _MAX_PATHS:
            break
    return at_half or float(most_open), float(most_open)


def _recurring(transitions: Float64) -> Float64:
    """Return ``float64[position]``: 1 for each position that can occur again after itself."""
    reachable = transitions > 0
    for _ in range(int(np.ceil(np.log2(len(transitions) + 1)))):
        reachable |= reachable.astype(np.float32) @ reachable.astype(np.float32) > 0
    recurring: Float64 = np.diagonal(reachable).astype(np.float64)
    return recurring


def _worst_texts(texts: Float64, recurring: Float64) -> Float64:
    """Keep the texts with the most open paths, in total or at recurring positions.

    ``texts``: ``float64[text, position]``, the open paths of each text. Duplicates are dropped.
    """
    distinct = np.unique(texts[texts.any(axis=1)], axis=0)
    by_all = np.argsort(-distinct.sum(axis=1), kind="stable")[:_BEAM_WIDTH]
    by_recurring = np.argsort(-(distinct @ recurring), kind="stable")[:_BEAM_WIDTH]
    selected: Float64 = distinct[np.union1d(by_all, by_recurring)]
    return selected


def _char_kinds(chars: list[Ranges]) -> Float64:
    """Return ``float64[kind, position]``: 1 if the position reads characters of that kind.

    Characters of one kind are read by the same positions.
    """
    cuts = sorted({cut for ranges in set(chars) for low, high in ranges for cut in (low, high + 1)})
    points = np.array(cuts or [0])
    rows = {}
    for ranges in set(chars):
        bounds = np.array([cut for low, high in ranges for cut in (low, high + 1)] or [-1])
        rows[ranges] = np.searchsorted(bounds, points, "right") % 2 == (1 if ranges else 2)
    reads = np.unique(np.array([rows[ranges] for ranges in chars]).T, axis=0)
    kinds: Float64 = reads[reads.any(axis=1)].astype(np.float64)
    return kinds
