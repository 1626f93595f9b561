r"""Shape expressions: parser of the safe regular expressions in the ``shape`` key of a rule file.

A shape has literals, classes, groups, ``|``, ``? * + {m,n}``, ``\d`` and ``\s``. It has no
look-around, anchors or back-references, so all shapes of a catalogue run as one deterministic
automaton. :func:`parse_shape` returns its parts, :func:`add_shape` its Glushkov positions:

    shape  := branch ("|" branch)*      branch := (atom count?)*
    atom   := char | escape | "[" class "]" | "(" shape ")" | "(?:" shape ")"
    count  := "?" | "*" | "+" | "{m}" | "{m,}" | "{m,n}"
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from piiscan.errors import CatalogError
from piiscan.wording.words import Sentence

#: Inclusive code-point ranges, sorted.
Ranges = tuple[tuple[int, int], ...]

_BLANK: Ranges = ((9, 9), (32, 32))
_DIGIT: Ranges = ((48, 57),)
_MAX_REPEAT = 400
#: Limits against hostile rule files, which must exhaust neither memory nor the stack.
_MAX_POSITIONS: Final = 50_000
_MAX_PAIRS: Final = 250_000
_MAX_DEPTH: Final = 40
#: Characters of a plain number: digits and the forms of X.
_PLAIN: Final[Ranges] = (_DIGIT[0], *((ord(x), ord(x)) for x in "Xx×ΧχХх✕✖╳"))
_SPECIAL = frozenset("()[]{}|?*+\\^$.")


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a shape.

    ``ranges``: as they are written; ``literal``: the character, "" for a class of characters.
    """

    ranges: Ranges
    literal: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Branches of a shape or of a group, each a sequence of atoms."""

    branches: tuple[tuple[Repeated, ...], ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """An atom with its repeat count; ``high`` is None if it has no upper limit."""

    atom: Chars | Group
    low: int
    high: int | None


@dataclass(slots=True)
class Fragment:
    """Part of a Glushkov automaton: first and last positions, and True if it can be empty."""

    first: set[int]
    last: set[int]
    nullable: bool


@dataclass(slots=True)
class Positions:
    """Positions of a set of shapes: the characters of each, and the positions that may follow."""

    chars: list[Ranges]
    follow: list[set[int]]

    def add(self, chars: Ranges) -> Fragment:
        """Append a position that reads one character of ``chars``; return its fragment.

        Raise CatalogError if there are already 50,000 positions.
        """
        if len(self.chars) == _MAX_POSITIONS:
            raise CatalogError("shape.too_many_positions")
        self.chars.append(chars)
        self.follow.append(set())
        position = {len(self.chars) - 1}
        return Fragment(position, set(position), nullable=False)

    def link(self, left: Fragment, right: Fragment) -> None:
        """Record that the first positions of ``right`` may follow the last ones of ``left``.

        Raise CatalogError if that adds more than 250,000 pairs.
        """
        if len(left.last) * len(right.first) > _MAX_PAIRS:
            raise CatalogError("shape.too_many_pairs")
        for position in left.last:
            self.follow[position] |= right.first

    def join(self, left: Fragment, right: Fragment) -> Fragment:
        """Link ``left`` to ``right`` and return the fragment of both in sequence.

        Raise CatalogError for too many links.
        """
        self.link(left, right)
        return Fragment(
            left.first | right.first if left.nullable else left.first,
            left.last | right.last if right.nullable else right.last,
            left.nullable and right.nullable,
        )


def _split(ranges: Ranges) -> tuple[Ranges, Ranges]:
    """Split ``ranges`` into the characters of plain numbers and the others.

    >>> _split(((47, 58),))
    (((48, 57),), ((47, 47), (58, 58)))
    """
    inside, outside = [], []
    for low, high in ranges:
        at = low
        for first, last in _PLAIN:
            if first <= high and last >= at:
                inside.append((max(first, at), min(last, high)))
                outside.append((at, first - 1))
                at = last + 1
        outside.append((at, high))
    return tuple(inside), tuple((low, high) for low, high in outside if low <= high)


def without_plain(shape: Positions, whole: Fragment, positions: Positions) -> Fragment:
    """Append ``shape`` so that no plain number matches; return the fragment.

    ``whole``: fragment of the shape.  Each of its positions becomes up to three: a plain character,
    the first that is not, and any character after it.
    """
    plain: list[set[int]] = []
    other: list[set[int]] = []
    after: list[set[int]] = []
    for chars in shape.chars:
        for copies, part in zip((plain, other, after), (*_split(chars), chars), strict=True):
            copies.append(positions.add(part).first if part else set())

    def copied(numbers: set[int], *kinds: list[set[int]]) -> set[int]:
        return {each for copies in kinds for number in numbers for each in copies[number]}

    for number, followers in enumerate(shape.follow):
        for here, kinds in ((plain, (plain, other)), (other, (after,)), (after, (after,))):
            for position in here[number]:
                positions.follow[position] |= copied(followers, *kinds)
    first, last = copied(whole.first, plain, other), copied(whole.last, other, after)
    return Fragment(first, last, whole.nullable)


def both_cases(ranges: Ranges) -> Ranges:
    """Add upper and lower case of every ASCII letter in ``ranges``.

    >>> both_cases(((97, 98),))
    ((65, 66), (97, 98))
    """
    extended = list(ranges)
    for low, high in ranges:
        for base, step in ((65, 32), (97, -32)):
            start, stop = max(low, base), min(high, base + 25)
            if start <= stop:
                extended.append((start + step, stop + step))
    return tuple(sorted(set(extended)))


def add_shape(shape: str, positions: Positions, *, ignore_case: bool = False) -> Fragment:
    """Append the positions of a shape to ``positions`` and return its fragment.

    Raise CatalogError if the shape is invalid, too large, or can match the empty string.
    """
    whole = _add_group(parse_shape(shape), positions, ignore_case)
    if whole.nullable:
        why = Sentence("shape.empty")
        raise CatalogError("shape.invalid", shape=shape, why=why, character=len(shape) + 1)
    return whole


def _add_group(group: Group, positions: Positions, ignore_case: bool) -> Fragment:
    """Append the positions of all branches and return their fragment."""
    found = Fragment(set(), set(), nullable=False)
    for branch in group.branches:
        whole = Fragment(set(), set(), nullable=True)
        for item in branch:
            whole = positions.join(whole, _add_repeated(item, positions, ignore_case))
        found.first |= whole.first
        found.last |= whole.last
        found.nullable |= whole.nullable
    return found


def _add_repeated(item: Repeated, positions: Positions, ignore_case: bool) -> Fragment:
    """Append the positions of all copies of an atom and return their fragment."""

    def add_copy() -> Fragment:
        """Append the positions of the atom once more."""
        if isinstance(item.atom, Group):
            return _add_group(item.atom, positions, ignore_case)
        chars = tuple(sorted(set(item.atom.ranges)))
        return positions.add(both_cases(chars) if ignore_case else chars)

    whole = copy = add_copy()
    whole.nullable |= item.low == 0
    for repetition in range(2, (item.low if item.high is None else item.high) + 1):
        copy = add_copy()
        copy.nullable |= repetition > item.low
        whole = positions.join(whole, copy)
    if item.high is None:
        positions.link(copy, copy)
    return whole if item.high != 0 else Fragment(set(), set(), nullable=True)


def parse_shape(shape: str) -> Group:
    r"""Return the branches of a shape.  Raise CatalogError if it is invalid.

    >>> parse_shape(r"\d{2,}").branches
    ((Repeated(atom=Chars(ranges=((48, 57),), literal=''), low=2, high=None),),)
    """
    return _ShapeParser(shape).whole()


class _ShapeParser:
    """Recursive-descent parser of one shape.

    ``at`` is the current character, ``depth`` the nesting of groups.
    """

    def __init__(self, shape: str) -> None:
        self.shape = shape
        self.at = 0
        self.depth = 0

    def whole(self) -> Group:
        """Parse the whole shape."""
        whole = self._alternatives()
        if self.at != len(self.shape):
            raise self._error(Sentence("shape.unexpected_bracket"))
        return whole

    def _error(self, why: Sentence) -> CatalogError:
        """Return a CatalogError with the shape, the reason and the current character."""
        return CatalogError("shape.invalid", shape=self.shape, why=why, character=self.at + 1)

    def _peek(self) -> str:
        """Return the current character, "" at the end."""
        return self.shape[self.at] if self.at < len(self.shape) else ""

    def _take(self) -> str:
        """Return the current character and advance; raise CatalogError at the end."""
        if self.at >= len(self.shape):
            raise self._error(Sentence("shape.unfinished"))
        self.at += 1
        return self.shape[self.at - 1]

    def _alternatives(self) -> Group:
        """Parse branches of a shape separated by ``|``."""
        branches = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self._sequence())
        return Group(tuple(branches))

    def _sequence(self) -> tuple[Repeated, ...]:
        """Parse the atoms of a shape up to ``|``, ``)`` or the end, with their repeat counts."""
        found = []
        while self._peek() not in ("", "|", ")"):
            atom = self._atom()
            found.append(Repeated(atom, *self._counts()))
        return tuple(found)

    def _counts(self) -> tuple[int, int | None]:
        """Parse a repeat count and return (lowest, highest), (1, 1) if there is no count."""
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
            raise self._error(Sentence("shape.no_counts"))
        self.at = end + 1
        highest = (int(high) if high else None) if comma else int(low)
        if int(low) > _MAX_REPEAT or (
            highest is not None and not int(low) <= highest <= _MAX_REPEAT
        ):
            raise self._error(Sentence("shape.large_counts", {"limit": _MAX_REPEAT}))
        return int(low), highest

    def _atom(self) -> Chars | Group:
        """Parse one character, escape, class or group of a shape."""
        mark = self._take()
        if mark == "(":
            return self._group()
        if mark == "[":
            return Chars(self._class())
        if mark in _SPECIAL - {"\\"}:
            raise self._error(Sentence("shape.special", {"mark": mark}))
        ranges = self._escape() if mark == "\\" else ((ord(mark), ord(mark)),)
        low, high = ranges[0]
        return Chars(ranges, chr(low) if len(ranges) == 1 and low == high else "")

    def _group(self) -> Group:
        """Parse a group after its opening bracket; raise CatalogError if it is not closed."""
        if self._peek() == "?":
            if self.shape[self.at : self.at + 2] != "?:":
                raise self._error(Sentence("shape.other_group"))
            self.at += 2
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self._error(Sentence("shape.deep"))
        inside = self._alternatives()
        self.depth -= 1
        if self._take() != ")":
            raise self._error(Sentence("shape.no_bracket"))
        return inside

    def _escape(self) -> Ranges:
        """Parse an escape after its backslash and return the characters that it matches."""
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
            raise self._error(Sentence("shape.other_escape", {"mark": mark}))
        return ((ord(mark), ord(mark)),)

    def _class(self) -> Ranges:
        """Parse a character class after ``[``; return its ranges. Negation is an error."""
        if self._peek() == "^":
            raise self._error(Sentence("shape.negated"))
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
                    raise self._error(Sentence("shape.falling_range"))
                ranges[-1] = (start, last)
        if not ranges:
            raise self._error(Sentence("shape.empty_class"))
        return tuple(ranges)
