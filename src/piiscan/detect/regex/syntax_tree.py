"""Syntax tree of a regular expression, converted from the parser of Python's ``re``.

Patterns are ordinary Python expressions, and ``re`` runs them. The literal extraction and the
backtracking check read this tree, so only this module depends on the internals of ``re``.

    ab? -> Sequence(Chars a, Repeat(Chars b, 0, 1))
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
_MAX_CODE_POINT: Final = 0x10FFFF
_MAX_SOURCE: Final = 2000


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of ``ranges``; empty ranges match nothing."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts that follow one another."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Alternation: one of the options."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``body`` repeated ``low`` to ``high`` times; ``high`` None means no limit."""

    body: Node
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class LookAround:
    """Look-ahead (``ahead``) or look-behind: ``body`` must match, or must not (``negative``)."""

    body: Node
    ahead: bool
    negative: bool


@dataclass(frozen=True, slots=True)
class BackReference:
    """Back-reference to a group; ``body`` is the group. Case may differ with IGNORECASE."""

    body: Node


@dataclass(frozen=True, slots=True)
class Anchor:
    r"""Anchor in a text: ``start``, ``end`` (or of line), ``word`` (\b), ``inside`` (\B)."""

    kind: str


Node = Chars | Sequence | Choice | Repeat | LookAround | BackReference | Anchor


@dataclass(frozen=True, slots=True)
class Expression:
    """Compiled expression with its source and tree."""

    source: str
    compiled: re.Pattern[str]
    tree: Node


def read_expression(source: str, *, ignore_case: bool = False) -> Expression:
    """Compile ``source`` and convert it to a tree.

    Raise CatalogError if ``re`` cannot compile it, or if it can match the empty string.

    >>> read_expression('ab?').tree.parts[1].high
    1
    """
    if len(source) > _MAX_SOURCE:
        raise _error(source[:40], f"is longer than {_MAX_SOURCE} characters; cut it in several")
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
    """Return a CatalogError with the pattern and the reason."""
    return CatalogError(f"pattern {source!r}: {why}")


@dataclass(slots=True)
class _Reader:
    """Converter from the parser's lists to nodes. ``groups``: groups read so far, by number."""

    groups: dict[int, Node]

    def sequence(self, parsed: Iterable[Any], flags: int) -> Node:
        """Convert parsed items of Python's ``re`` to a Sequence node."""
        return Sequence(tuple(self._node(str(op), argument, flags) for op, argument in parsed))

    def _node(self, name: str, argument: Any, flags: int) -> Node:
        """Convert one parsed item (operation ``name``, ``argument``) to a node."""
        if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            return Chars(_ranges(name, argument, flags))
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            low, high, body = argument
            highest = None if high == _PARSER.MAXREPEAT else int(high)
            return Repeat(self.sequence(body, flags), int(low), highest)
        if name == "SUBPATTERN":
            number, added, dropped, body = argument
            node = self.sequence(body, (flags | added) & ~dropped)
            if number is not None:
                self.groups[number] = node
            return node
        if name == "ATOMIC_GROUP":
            return self.sequence(argument, flags)
        if name == "BRANCH":
            return Choice(tuple(self.sequence(branch, flags) for branch in argument[1]))
        if name in ("ASSERT", "ASSERT_NOT"):
            return LookAround(
                self.sequence(argument[1], flags), argument[0] > 0, name == "ASSERT_NOT"
            )
        if name == "AT":
            return Anchor(_anchor_kind(str(argument), flags))
        if name == "GROUPREF":
            return BackReference(self.groups[argument])
        if name == "GROUPREF_EXISTS":
            _, yes, no = argument
            return Choice((self.sequence(yes, flags), self.sequence(no or (), flags)))
        return Chars(())  # FAILURE: an empty negative look-ahead


def _anchor_kind(name: str, flags: int) -> str:
    """Return the kind of an anchor; in MULTILINE mode of a line."""
    if name == "AT_BOUNDARY":
        return "word"
    if name == "AT_NON_BOUNDARY":
        return "inside"
    line = flags & re.MULTILINE and not name.endswith("_STRING")
    side = "start" if "BEGINNING" in name else "end"
    return f"{side} of line" if line else side


def _ranges(name: str, argument: Any, flags: int) -> Ranges:
    """Return the characters that one item of an expression matches."""
    if not flags & re.IGNORECASE:
        if name == "LITERAL":
            return ((argument, argument),)
        if name == "IN" and all(str(op) in ("LITERAL", "RANGE") for op, _ in argument):
            found = [(g, g) if str(op) == "LITERAL" else tuple(g) for op, g in argument]
            return merge_ranges(found)
    return _ranges_by_re(name, repr(argument), flags, lambda: argument)


_RE_RANGES: dict[tuple[str, str, int], Ranges] = {}


def _ranges_by_re(name: str, key: str, flags: int, make_argument: Callable[[], Any]) -> Ranges:
    """Return the characters that an item matches, by running it with ``re`` over all code points.

    Results are cached by ``name``, ``key`` and ``flags``.
    """
    cache_key = (name, key, flags)
    if cache_key not in _RE_RANGES:
        state = _PARSER.State()
        state.flags = flags
        item = _PARSER.SubPattern(state, [(getattr(_PARSER, name), make_argument())])
        run = (_PARSER.MAX_REPEAT, (1, _PARSER.MAXREPEAT, item))
        runs = _COMPILER.compile(_PARSER.SubPattern(state, [run]), flags & ~re.DEBUG)
        _RE_RANGES[cache_key] = tuple(
            (m.start(), m.end() - 1) for m in runs.finditer(_every_character())
        )
    return _RE_RANGES[cache_key]


@cache
def _every_character() -> str:
    """Return a string of all code points, in order."""
    return "".join(map(chr, range(_MAX_CODE_POINT + 1)))


def merge_ranges(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return inclusive ``ranges`` of code points sorted, the adjacent and overlapping ones merged.

    >>> merge_ranges([(5, 7), (1, 2), (3, 4)])
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
    """Return the inclusive code point ranges outside ``ranges``, which are sorted and disjoint.

    >>> complement(((1, 5),))
    ((0, 0), (6, 1114111))
    """
    ends = [-1, *(high for _, high in ranges)]
    begins = [*(low for low, _ in ranges), _MAX_CODE_POINT + 1]
    gaps = [(end + 1, begin - 1) for end, begin in zip(ends, begins, strict=True)]
    return tuple((low, high) for low, high in gaps if low <= high)
