r"""A regular expression as a small tree of its own, read from what Python's ``re`` made of it.

Author's patterns are ordinary Python expressions; ``re`` parses and runs them.  What this project
asks of one beside (what every match must hold, how often it can be tried) is asked of this tree,
so that only this module knows the parser's inner tables.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Final

from piiscan.detect.matching.shapes import Ranges
from piiscan.errors import CatalogError

_PARSER: Final[Any] = import_module("re._parser")
_COMPILER: Final[Any] = import_module("re._compiler")
_LAST: Final = 0x10FFFF
_LONGEST_SOURCE: Final = 2000


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of ``ranges``; none of them: nothing matches."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts one after another."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Any one of the options."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``body`` from ``low`` to ``high`` times; None: without end."""

    body: Node
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Look:
    """What must (``negative``: must not) stand in front of a place or behind it."""

    body: Node
    ahead: bool
    negative: bool


@dataclass(frozen=True, slots=True)
class Back:
    """What a group matched, once more; ``body`` is the group, whose case may differ now."""

    body: Node


@dataclass(frozen=True, slots=True)
class Edge:
    r"""A place in the text: ``start``, ``end`` (or a line's), ``word`` (\b), ``inside`` (\B)."""

    kind: str


Node = Chars | Sequence | Choice | Repeat | Look | Back | Edge


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression and its tree."""

    source: str
    compiled: re.Pattern[str]
    tree: Node


def read_expression(source: str, *, ignore_case: bool = False) -> Expression:
    """The expression of ``source``; CatalogError where ``re`` cannot compile it.

    >>> read_expression('ab?').tree.parts[1].high
    1
    """
    if len(source) > _LONGEST_SOURCE:
        raise _error(source[:40], f"is longer than {_LONGEST_SOURCE} characters; cut it in several")
    flags = re.IGNORECASE if ignore_case else 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compiled = re.compile(source, flags)
            parsed = _PARSER.parse(source, flags)
            reader = _Reader({})
            tree = reader.sequence(parsed, compiled.flags)
    except (re.error, FutureWarning, DeprecationWarning) as error:
        raise _error(source, f"is no regular expression: {error}") from None
    except (RecursionError, OverflowError):
        raise _error(source, "is nested too deep or counts too far; write it plainer") from None
    if parsed.getwidth()[0] == 0:
        raise _error(source, "can match nothing at all; require a character")
    return Expression(source, compiled, tree)


def _error(source: str, why: str) -> CatalogError:
    return CatalogError(f"pattern {source!r}: {why}")


@dataclass(slots=True)
class _Reader:
    """Turns the parser's lists into nodes; ``groups`` are those read so far, by number."""

    groups: dict[int, Node]

    def sequence(self, parsed: Iterable[Any], flags: int) -> Node:
        """The items of ``parsed`` one after another."""
        return Sequence(tuple(self._node(str(op), given, flags) for op, given in parsed))

    def _node(self, name: str, given: Any, flags: int) -> Node:
        if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            return Chars(_ranges(name, given, flags))
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            low, high, body = given
            most = None if high == _PARSER.MAXREPEAT else int(high)
            return Repeat(self.sequence(body, flags), int(low), most)
        if name == "SUBPATTERN":
            number, added, dropped, body = given
            node = self.sequence(body, (flags | added) & ~dropped)
            if number is not None:
                self.groups[number] = node
            return node
        if name == "ATOMIC_GROUP":
            return self.sequence(given, flags)
        if name == "BRANCH":
            return Choice(tuple(self.sequence(each, flags) for each in given[1]))
        if name in ("ASSERT", "ASSERT_NOT"):
            return Look(self.sequence(given[1], flags), given[0] > 0, name == "ASSERT_NOT")
        if name == "AT":
            return Edge(_edge(str(given), flags))
        if name == "GROUPREF":
            return Back(self.groups[given])
        if name == "GROUPREF_EXISTS":
            _, yes, no = given
            return Choice((self.sequence(yes, flags), self.sequence(no or (), flags)))
        return Chars(())  # FAILURE: an empty negative look-ahead


def _edge(name: str, flags: int) -> str:
    if name == "AT_BOUNDARY":
        return "word"
    if name == "AT_NON_BOUNDARY":
        return "inside"
    line = flags & re.MULTILINE and not name.endswith("_STRING")
    side = "start" if "BEGINNING" in name else "end"
    return f"{side} of line" if line else side


def _ranges(name: str, given: Any, flags: int) -> Ranges:
    """Every character that one item of an expression matches."""
    if not flags & re.IGNORECASE:
        if name == "LITERAL":
            return ((given, given),)
        if name == "IN" and all(str(op) in ("LITERAL", "RANGE") for op, _ in given):
            found = [(g, g) if str(op) == "LITERAL" else tuple(g) for op, g in given]
            return merged(found)
    return _asked(name, repr(given), flags, lambda: given)


_ASKED: dict[tuple[str, str, int], Ranges] = {}


def _asked(name: str, key: str, flags: int, given: Callable[[], Any]) -> Ranges:
    """The same asked of ``re`` itself, which runs the item over every code point there is."""
    place = (name, key, flags)
    if place not in _ASKED:
        state = _PARSER.State()
        state.flags = flags
        item = _PARSER.SubPattern(state, [(getattr(_PARSER, name), given())])
        run = (_PARSER.MAX_REPEAT, (1, _PARSER.MAXREPEAT, item))
        runs = _COMPILER.compile(_PARSER.SubPattern(state, [run]), flags & ~re.DEBUG)
        _ASKED[place] = tuple((m.start(), m.end() - 1) for m in runs.finditer(_every_character()))
    return _ASKED[place]


@cache
def _every_character() -> str:
    return "".join(map(chr, range(_LAST + 1)))


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """``ranges`` sorted, those that touch as one.

    >>> merged([(5, 7), (1, 2), (3, 4)])
    ((1, 7),)
    """
    whole: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if whole and low <= whole[-1][1] + 1:
            whole[-1] = (whole[-1][0], max(high, whole[-1][1]))
        else:
            whole.append((low, high))
    return tuple(whole)


def complement(ranges: Ranges) -> Ranges:
    """Every other character.

    >>> complement(((1, 5),))
    ((0, 0), (6, 1114111))
    """
    ends = [-1, *(high for _, high in ranges)]
    begins = [*(low for low, _ in ranges), _LAST + 1]
    gaps = [(end + 1, begin - 1) for end, begin in zip(ends, begins, strict=True)]
    return tuple((low, high) for low, high in gaps if low <= high)
