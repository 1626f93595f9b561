r"""Shape expressions: a small, safe part of regular expressions, read into Glushkov positions.

A shape is an ordinary regular expression over characters (literals, classes, groups, ``|``,
``? * + {m,n}``, ``\d`` and ``\s``), without look-around, anchors or back-references, so that all
shapes of a catalogue can run together as one deterministic automaton.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from piiscan.errors import CatalogError

#: Inclusive code-point ranges, sorted.
Ranges = tuple[tuple[int, int], ...]

_BLANK: Ranges = ((9, 9), (32, 32))
_DIGIT: Ranges = ((48, 57),)
_REPEAT_LIMIT = 400
#: Bounds that no honest catalogue comes near (the shipped one has 6,000 positions); a hostile rule
#: pack must not take all memory, nor the stack.
_MOST_POSITIONS: Final = 50_000
_MOST_PAIRS: Final = 250_000
_DEEPEST: Final = 40
_SPECIAL = frozenset("()[]{}|?*+\\^$.")


@dataclass(slots=True)
class Fragment:
    """A piece of a Glushkov automaton: first and last positions, and whether it can be empty."""

    first: set[int]
    last: set[int]
    nullable: bool


@dataclass(slots=True)
class Positions:
    """All positions of a set of shapes: what each consumes and what may follow it."""

    chars: list[Ranges]
    follow: list[set[int]]

    def add(self, chars: Ranges) -> Fragment:
        """A fragment that consumes one character of ``chars``."""
        if len(self.chars) == _MOST_POSITIONS:
            raise CatalogError("the shapes together are too long; lower the repeat counts")
        self.chars.append(chars)
        self.follow.append(set())
        place = {len(self.chars) - 1}
        return Fragment(place, set(place), nullable=False)

    def link(self, left: Fragment, right: Fragment) -> None:
        """Let ``right`` follow ``left``; CatalogError where that means too many pairs."""
        if len(left.last) * len(right.first) > _MOST_PAIRS:
            raise CatalogError("a shape repeats what may be nothing too often; lower the counts")
        for place in left.last:
            self.follow[place] |= right.first

    def join(self, left: Fragment, right: Fragment) -> Fragment:
        """``left`` and then ``right``."""
        self.link(left, right)
        return Fragment(
            left.first | right.first if left.nullable else left.first,
            left.last | right.last if right.nullable else right.last,
            left.nullable and right.nullable,
        )


def _either(left: Fragment, right: Fragment) -> Fragment:
    return Fragment(
        left.first | right.first, left.last | right.last, left.nullable or right.nullable
    )


def _empty() -> Fragment:
    return Fragment(set(), set(), nullable=True)


def both_cases(ranges: Ranges) -> Ranges:
    """``ranges`` with the other case of every ASCII letter in it.

    >>> both_cases(((97, 98),))
    ((65, 66), (97, 98))
    """
    more = list(ranges)
    for low, high in ranges:
        for base, step in ((65, 32), (97, -32)):
            start, stop = max(low, base), min(high, base + 25)
            if start <= stop:
                more.append((start + step, stop + step))
    return tuple(sorted(set(more)))


class Parser:
    """Reads one shape into ``positions``; ``fragment()`` gives its place there."""

    def __init__(self, shape: str, positions: Positions, *, ignore_case: bool = False) -> None:
        self.shape = shape
        self.at = 0
        self.depth = 0
        self.positions = positions
        self.ignore_case = ignore_case

    def fragment(self) -> Fragment:
        """The whole shape; raises CatalogError where it cannot be read or matches nothing."""
        whole = self._alternatives()
        if self.at != len(self.shape):
            raise self._error("unexpected ')'")
        if whole.nullable:
            raise self._error("the shape can match nothing at all")
        return whole

    def _error(self, why: str) -> CatalogError:
        return CatalogError(f"shape {self.shape!r}: {why} (at character {self.at + 1})")

    def _peek(self) -> str:
        return self.shape[self.at] if self.at < len(self.shape) else ""

    def _take(self) -> str:
        if self.at >= len(self.shape):
            raise self._error("ends too early")
        self.at += 1
        return self.shape[self.at - 1]

    def _alternatives(self) -> Fragment:
        whole = self._sequence()
        while self._peek() == "|":
            self.at += 1
            whole = _either(whole, self._sequence())
        return whole

    def _sequence(self) -> Fragment:
        whole = _empty()
        while self._peek() not in ("", "|", ")"):
            whole = self.positions.join(whole, self._repeated())
        return whole

    def _repeated(self) -> Fragment:
        start = self.at
        once = self._atom()
        low, high = self._counts()
        if (low, high) == (1, 1):
            return once
        stop = self.at
        if high is None:
            return self._loop(once, low, start, stop)
        whole = once if low else Fragment(once.first, once.last, nullable=True)
        for turn in range(2, high + 1):
            copy = self._again(start, stop)
            if turn > low:
                copy = Fragment(copy.first, copy.last, nullable=True)
            whole = self.positions.join(whole, copy)
        return whole if high else _empty()

    def _loop(self, once: Fragment, low: int, start: int, stop: int) -> Fragment:
        whole = once
        for _ in range(low - 1):
            once = self._again(start, stop)
            whole = self.positions.join(whole, once)
        self.positions.link(once, once)
        return Fragment(whole.first, whole.last, whole.nullable or low == 0)

    def _again(self, start: int, stop: int) -> Fragment:
        """The atom that starts at ``start``, once more; ``stop`` is where reading goes on."""
        if self.shape[start] != "(":
            return self.positions.add(self.positions.chars[-1])  # the copy before, or the atom
        self.at = start
        copy = self._atom()
        self.at = stop
        return copy

    def _counts(self) -> tuple[int, int | None]:
        mark = self._peek()
        if mark and mark in "?*+":
            self.at += 1
            return {"?": (0, 1), "*": (0, None), "+": (1, None)}[mark]
        if mark != "{":
            return 1, 1
        end = self.shape.find("}", self.at)
        body = self.shape[self.at + 1 : end]
        low, comma, high = body.partition(",")
        if end < 0 or not low.isdigit() or (high and not high.isdigit()):
            raise self._error("{m} or {m,n} expected")
        self.at = end + 1
        most = (int(high) if high else None) if comma else int(low)
        if int(low) > _REPEAT_LIMIT or (most is not None and not int(low) <= most <= _REPEAT_LIMIT):
            raise self._error(f"repeat counts go up to {_REPEAT_LIMIT}, the lower one first")
        return int(low), most

    def _atom(self) -> Fragment:
        mark = self._take()
        if mark == "(":
            return self._group()
        if mark == "[":
            return self._one(self._class())
        if mark == "\\":
            return self._one(self._escape())
        if mark in _SPECIAL:
            raise self._error(f"{mark!r} is not in the shape language; escape it as \\{mark}")
        return self._one(((ord(mark), ord(mark)),))

    def _one(self, chars: Ranges) -> Fragment:
        return self.positions.add(both_cases(chars) if self.ignore_case else chars)

    def _group(self) -> Fragment:
        if self._peek() == "?":
            if self.shape[self.at : self.at + 2] != "?:":
                raise self._error("only (...) and (?:...) are in the shape language")
            self.at += 2
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self._error("groups are nested too deeply")
        inside = self._alternatives()
        self.depth -= 1
        if self._take() != ")":
            raise self._error("')' expected")
        return inside

    def _escape(self) -> Ranges:
        mark = self._take()
        if mark == "d":
            return _DIGIT
        if mark == "s":
            return _BLANK
        if mark == "t":
            return ((9, 9),)
        if mark == "n":
            return ((10, 10),)
        if mark == "r":
            return ((13, 13),)
        if mark.isalnum():
            raise self._error(f"\\{mark} is not in the shape language")
        return ((ord(mark), ord(mark)),)

    def _class(self) -> Ranges:
        if self._peek() == "^":
            raise self._error("negated classes are not in the shape language")
        ranges: list[tuple[int, int]] = []
        while (mark := self._take()) != "]":
            if mark == "\\":
                low = self._escape()
                ranges += low
                if len(low) > 1 or low[0][0] != low[0][1]:
                    continue
                start = low[0][0]
            else:
                start = ord(mark)
                ranges.append((start, start))
            if self._peek() == "-" and self.shape[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                stop = self._take()
                last = self._escape()[0][0] if stop == "\\" else ord(stop)
                if last < start:
                    raise self._error("a range runs upwards")
                ranges.append((start, last))
        if not ranges:
            raise self._error("an empty class")
        return tuple(sorted(set(ranges)))
