"""Which sources the paths of a register mean, and what holds for each of them.

Paths are compared as they stand; then without what spreadsheet programs lose (blanks, control
characters); and if no row fits at all, below another root, as a register is often drafted with a
path other than the one that is scanned.  All but the first is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from operator import itemgetter
from typing import Any, Final

import pyarrow as pa

from piiscan.case.register.entry import SAID, Entry, fold
from piiscan.schemas import PLACES

#: One readable part of a source: its number, member chain, and SHA-256 (None for the source).
Part = tuple[int, str, str | None]

_LOST: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about the register that a person must know.

    ``code``: UNMATCHED (a row whose path is no source, folder or part), UNREGISTERED (a source of
    which no row says anything), PROPOSED (a row with proposals that nobody confirmed), OTHER_ROOT
    (all paths were taken as below another folder).  ``columns``: what was proposed.
    """

    code: str
    path: str = field(repr=False)
    row: int | None = None
    source: int | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """What a row's path means: a file or folder among the sources, and a part inside of it."""

    key: str
    member: str = ""


def covers(prefix: str, member: str) -> bool:
    """Whether ``member`` is the part ``prefix`` or lies in it.

    >>> covers("b", "b/c.csv"), covers("b", "bc.csv"), covers("", "x")
    (True, False, True)
    """
    if not prefix or prefix == member:
        return True
    return member.startswith(prefix) and (member[len(prefix)] in "!/#" or prefix[-1] in "!/#")


def longest(prefixes: Iterable[str], member: str) -> str:
    """The longest of the prefixes of a source that covers ``member``; "" if only that does.

    >>> longest(["", "b.zip", "b.zip!x"], "b.zip!x/y.csv")
    'b.zip!x'
    """
    return max((each for each in prefixes if covers(each, member)), key=len, default="")


def clean(path: str) -> str:
    """A path without what does not matter: ``./`` in front, ``/`` at its end; "" for ``.``."""
    path = re.sub(r"(?<=.)/+", "/", path).rstrip("/")
    while path.startswith("./"):
        path = path[2:]
    return "" if path == "." else path


def _plain(path: str) -> str:
    return unicodedata.normalize("NFC", _LOST.sub("", path))


def _above(path: str) -> Iterator[str]:
    """The folders above ``path``, from the outermost."""
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)


class Tree:
    """The sources of a case by path, with every folder on the way."""

    def __init__(self, sources: Sequence[tuple[int, str]]) -> None:
        self.files: dict[str, list[int]] = {}
        for number, path in sources:
            self.files.setdefault(clean(path), []).append(number)
        self.nodes = {"", *self.files}
        for path in self.files:
            self.nodes.update(_above(path))

    @cached_property
    def _plain_nodes(self) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for node in sorted(self.nodes):
            key = _plain(node)
            found[key] = None if key in found else node
        return found

    def find(self, path: str) -> Spot | None:
        """What ``path`` means, None if it is nothing of this tree."""
        path = clean(path)
        if path in self.nodes:
            return Spot(path)
        for found in re.finditer("[!#]", path):
            left = path[: found.start()]
            if left in self.files:
                return Spot(left, path[found.start() + (found[0] == "!") :])
        node = self._plain_nodes.get(_plain(path)) if path else None
        return None if node is None else Spot(node)

    def other_root(self, paths: Sequence[str]) -> tuple[str, Callable[[str], str]] | None:
        """The folder that the paths, or the sources, are all below, and paths seen from here."""
        own, other = next(iter(self.files), ""), clean(paths[0]) if paths else ""
        tries = [(root, partial(_inside, root)) for root in _above(own) if root]
        tries += [(root, partial(_below, root)) for root in (*_above(other), other) if root]
        counted: list[tuple[int, str, Callable[[str], str]]] = [
            (sum(bool((spot := self.find(seen(path))) and spot.key) for path in paths), root, seen)
            for root, seen in tries
        ]
        count, root, seen = max(counted, key=itemgetter(0), default=(0, "", clean))
        return (root, seen) if count else None


def _inside(root: str, path: str) -> str:
    return f"{root}/{clean(path)}"


def _below(root: str, path: str) -> str:
    """``path`` from ``root`` on; something that is nowhere if it does not lie below."""
    path = clean(path)
    if path == root:
        return ""
    return path[len(root) + 1 :] if path.startswith(f"{root}/") else "\0"


class Placed:
    """The rows of a register on the sources of a case."""

    def __init__(self, entries: Sequence[Entry], sources: Sequence[tuple[int, str]]) -> None:
        self.tree = Tree(sources)
        self._sources = sources
        self.problems: list[Problem] = []
        self.spots: dict[int, Spot] = {}  # by row
        self._inner: dict[str, dict[str, Entry]] = {}
        for entry, spot in zip(entries, self._find(entries), strict=True):
            if entry.waiting:
                self.problems.append(
                    Problem("PROPOSED", entry.path, entry.row, None, entry.waiting)
                )
            if spot is None or spot.member in self._inner.get(spot.key, {}):
                self.problems.append(Problem("UNMATCHED", entry.path, entry.row))
                continue
            self.spots[entry.row] = spot
            self._inner.setdefault(spot.key, {})[spot.member] = entry
        self._folded: dict[str, dict[str, Any]] = {}

    def _find(self, entries: Sequence[Entry]) -> list[Spot | None]:
        found = [self.tree.find(entry.path) for entry in entries]
        if any(spot is not None and spot.key for spot in found):
            return found
        paths = [entry.path for entry in entries if clean(entry.path)]
        other = self.tree.other_root(paths)
        if other is None:
            return found
        root, seen = other
        self.problems.append(Problem("OTHER_ROOT", root))
        return [self.tree.find(seen(entry.path)) for entry in entries]

    def said(self, key: str) -> dict[str, Any]:
        """What holds for a whole file or folder."""
        said: dict[str, Any] = {}
        for node in dict.fromkeys(("", *_above(key), key)):
            if node not in self._folded:
                entry = self._inner.get(node, {}).get("")
                self._folded[node] = fold([entry], said) if entry else said
            said = self._folded[node]
        return said

    def said_of(self, entry: Entry) -> dict[str, Any]:
        """What holds where a row that was found is about."""
        spot = self.spots[entry.row]
        return dict(self._at(spot.key))[spot.member]

    def rows(self) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Source, member prefix and what holds for it: all sources, then parts with own rows."""
        for number, path in self._sources:
            for prefix, said in self._at(clean(path)):
                yield number, prefix, said

    def _at(self, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """What holds for a file or folder, and for the parts of it that have a row."""
        yield "", self.said(key)
        inner = self._inner.get(key, {})
        for prefix in sorted(each for each in inner if each):
            chain = [inner[p] for p in sorted(inner, key=len) if p and covers(p, prefix)]
            yield prefix, fold(chain, self.said(key))

    def table(self) -> pa.Table:
        """A PLACES table."""
        rows = [
            {"source": number, "member_prefix": prefix, **{name: said.get(name) for name in SAID}}
            | {"role": said.get("role") or "unknown"}
            for number, prefix, said in self.rows()
        ]
        return pa.Table.from_pylist(rows, PLACES)

    def unregistered(self) -> list[Problem]:
        """The sources of which no row says anything, nor of a part of them."""
        return [
            Problem("UNREGISTERED", path, source=number)
            for number, path in self._sources
            if not any(self.said(clean(path)).values())
            and not any(entry.said for entry in self._inner.get(clean(path), {}).values())
        ]

    def lacking(self, entries: Sequence[Entry], parts: Sequence[Part]) -> list[Problem]:
        """The rows about parts of sources that are not there."""
        members: dict[int, list[str]] = {}
        for number, member, _ in parts:
            members.setdefault(number, []).append(member)
        found = []
        for entry in entries:
            spot = self.spots.get(entry.row)
            if spot is not None and spot.member:
                inside = [m for n in self.tree.files[spot.key] for m in members.get(n, ())]
                if not any(covers(spot.member, member) for member in inside):
                    found.append(Problem("UNMATCHED", entry.path, entry.row))
        return found


def problems_of(
    entries: Sequence[Entry],
    sources: Sequence[tuple[int, str]],
    parts: Sequence[Part] | None = None,
) -> list[Problem]:
    """Everything a person must know of how rows and sources fit, in a fixed order."""
    placed = Placed(entries, sources)
    found = placed.problems + (placed.lacking(entries, parts) if parts is not None else [])
    order: Mapping[str, int] = {"OTHER_ROOT": 0, "UNMATCHED": 1, "PROPOSED": 2}
    found.sort(key=lambda problem: (order[problem.code], problem.row or 0))
    return found + placed.unregistered()
