"""Path matching: register rows -> the sources and parts of a case, and the values of each.

Paths are compared literally first, then without characters that spreadsheet programs lose (blanks,
control characters). If no row matches, other roots are tried, because the draft often has another
path than the scan: ``D:/备份/dump/a.csv -> dump/a.csv``. Another root is reported.
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

from piiscan.case.register.entry import PUBLIC, VALUE_COLUMNS, Entry, merge_entries
from piiscan.forms.schema import normalize_word
from piiscan.schemas import ATTRIBUTION

#: Readable part of a source: source number, member path, SHA-256 (None for the source itself).
SourcePart = tuple[int, str, str | None]

_IGNORED_CHARACTERS: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem of a register that a person must know.

    ``columns``: the proposed columns. Values of ``code``:

    UNMATCHED: a row whose path is no source, folder or part.
    UNREGISTERED: a source without values in any row.
    PROPOSED: a row with unconfirmed proposals.
    OTHER_ROOT: all paths were read below another folder.
    """

    code: str
    path: str = field(repr=False)
    row: int | None = None
    source: int | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PathTarget:
    """Target of a register path: a file or folder of the case, and a part inside it.

    ``member`` is "" for the whole file or folder.
    """

    path: str
    member: str = ""


def covers(prefix: str, member: str) -> bool:
    """Return True if ``member`` is the part ``prefix`` or is inside it.

    >>> covers("b", "b/c.csv"), covers("b", "bc.csv"), covers("", "x")
    (True, False, True)
    """
    if not prefix or prefix == member:
        return True
    return member.startswith(prefix) and (member[len(prefix)] in "!/#" or prefix[-1] in "!/#")


def longest_prefix(prefixes: Iterable[str], member: str) -> str:
    """Return the longest prefix that covers ``member``, "" if none does.

    >>> longest_prefix(["", "b.zip", "b.zip!x"], "b.zip!x/y.csv")
    'b.zip!x'
    """
    return max((each for each in prefixes if covers(each, member)), key=len, default="")


def clean_path(path: str) -> str:
    """Return ``path`` without ``./`` in front and ``/`` at the end: ``./a/ -> a``, ``. -> ""``."""
    path = re.sub(r"(?<=.)/+", "/", path).rstrip("/")
    while path.startswith("./"):
        path = path[2:]
    return "" if path == "." else path


def _compare_form(path: str) -> str:
    """Return ``path`` for comparison: in NFC, without blanks and control characters."""
    return unicodedata.normalize("NFC", _IGNORED_CHARACTERS.sub("", path))


def _parent_folders(path: str) -> Iterator[str]:
    """Yield the folders above ``path``, from the outermost."""
    slash = path.find("/")
    while slash >= 0:
        yield path[:slash]
        slash = path.find("/", slash + 1)


class SourceTree:
    """Sources of a case by path, with all their folders."""

    def __init__(self, sources: Sequence[tuple[int, str]]) -> None:
        self.files: dict[str, list[int]] = {}
        for number, path in sources:
            self.files.setdefault(clean_path(path), []).append(number)
        self.nodes = {"", *self.files}
        for path in self.files:
            self.nodes.update(_parent_folders(path))

    @cached_property
    def _nodes_by_form(self) -> dict[str, str | None]:
        """Return compare form -> path; None instead of a path if several have that form."""
        found: dict[str, str | None] = {}
        for node in sorted(self.nodes):
            key = _compare_form(node)
            found[key] = None if key in found else node
        return found

    def find(self, path: str) -> PathTarget | None:
        """Return the source, folder or part that a register path names; None if unknown."""
        path = clean_path(path)
        if path in self.nodes:
            return PathTarget(path)
        for found in re.finditer("[!#]", path):
            source_path = path[: found.start()]
            if source_path in self.files:
                return PathTarget(source_path, path[found.start() + (found[0] == "!") :])
        node = self._nodes_by_form.get(_compare_form(path)) if path else None
        return None if node is None else PathTarget(node)

    def find_other_root(self, paths: Sequence[str]) -> tuple[str, Callable[[str], str]] | None:
        """Return the folder and function that map most register paths to case paths.

        The folder is above all register paths, or above all sources.
        Return None if no path matches.
        """
        first_path, register_path = (
            next(iter(self.files), ""),
            clean_path(paths[0]) if paths else "",
        )
        attempts = [
            (root, partial(_prepend_root, root)) for root in _parent_folders(first_path) if root
        ]
        attempts += [
            (root, partial(_strip_root, root))
            for root in (*_parent_folders(register_path), register_path)
            if root
        ]
        counted: list[tuple[int, str, Callable[[str], str]]] = [
            (
                sum(bool((target := self.find(convert(path))) and target.path) for path in paths),
                root,
                convert,
            )
            for root, convert in attempts
        ]
        count, root, convert = max(counted, key=itemgetter(0), default=(0, "", clean_path))
        return (root, convert) if count else None


def _prepend_root(root: str, path: str) -> str:
    """Return ``path`` below ``root``."""
    return f"{root}/{clean_path(path)}"


def _strip_root(root: str, path: str) -> str:
    """Return ``path`` relative to ``root``, or a path that matches nothing if it is not below."""
    path = clean_path(path)
    if path == root:
        return ""
    return path[len(root) + 1 :] if path.startswith(f"{root}/") else "\0"


class RegisterMapping:
    """Rows of a register mapped to the sources of a case.

    ``targets``: target of each row number. ``problems``: problems of the mapping.
    """

    def __init__(self, entries: Sequence[Entry], sources: Sequence[tuple[int, str]]) -> None:
        """Map ``entries`` to ``sources`` (number, path). Collect problems of single rows."""
        self.tree = SourceTree(sources)
        self._sources = sources
        self.problems: list[Problem] = []
        self.targets: dict[int, PathTarget] = {}  # by row number
        self._entries_by_target: dict[str, dict[str, Entry]] = {}
        for entry, target in zip(entries, self._find_targets(entries), strict=True):
            if entry.unconfirmed:
                self.problems.append(
                    Problem("PROPOSED", entry.path, entry.row, None, entry.unconfirmed)
                )
            if target is None or target.member in self._entries_by_target.get(target.path, {}):
                self.problems.append(Problem("UNMATCHED", entry.path, entry.row))
                continue
            self.targets[entry.row] = target
            self._entries_by_target.setdefault(target.path, {})[target.member] = entry
        self._merged: dict[str, dict[str, Any]] = {}

    def _find_targets(self, entries: Sequence[Entry]) -> list[PathTarget | None]:
        """Return the file, folder or part that each entry names; None if unknown.

        If another root is used, add OTHER_ROOT to ``problems``.
        """
        found = [self.tree.find(entry.path) for entry in entries]
        if any(target is not None and target.path for target in found):
            return found
        paths = [entry.path for entry in entries if clean_path(entry.path)]
        other_root = self.tree.find_other_root(paths)
        if other_root is None:
            return found
        root, convert = other_root
        self.problems.append(Problem("OTHER_ROOT", root))
        return [self.tree.find(convert(entry.path)) for entry in entries]

    def values_of_path(self, key: str) -> dict[str, Any]:
        """Return column -> value of a file or folder, with those it inherits."""
        values: dict[str, Any] = {}
        for node in dict.fromkeys(("", *_parent_folders(key), key)):
            if node not in self._merged:
                entry = self._entries_by_target.get(node, {}).get("")
                self._merged[node] = merge_entries([entry], values) if entry else values
            values = self._merged[node]
        return values

    def values_of_entry(self, entry: Entry) -> dict[str, Any]:
        """Return column -> value at the path of a row, with inherited ones."""
        target = self.targets[entry.row]
        return dict(self._values_at(target.path))[target.member]

    def rows(self) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Yield (source, member prefix, column -> value) per source and registered part."""
        for number, path in self._sources:
            for prefix, values in self._values_at(clean_path(path)):
                yield number, prefix, values

    def _values_at(self, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (member prefix, column -> value) of a path and its registered parts."""
        yield "", self.values_of_path(key)
        inner = self._entries_by_target.get(key, {})
        for prefix in sorted(each for each in inner if each):
            chain = [inner[p] for p in sorted(inner, key=len) if p and covers(p, prefix)]
            yield prefix, merge_entries(chain, self.values_of_path(key))

    def table(self, persons: Mapping[str, str] | None = None) -> pa.Table:
        """Return the table PROVENANCE: a row per source and registered part.

        ``persons``: normalized alias -> name of the person, for suspects.
        """
        named = persons or {}
        rows = [
            {
                "source": number,
                "member_prefix": prefix,
                **{
                    name: values.get(name) for name in (*VALUE_COLUMNS, "register_row", "price_row")
                },
            }
            | {"role": values.get("role") or "unknown"}
            | {
                "party_to": values.get("party_to")
                or (PUBLIC if values.get("role") == "published" else None)
            }
            | {
                "suspect": named.get(normalize_word(who), who)
                if (who := values.get("suspect"))
                else None
            }
            for number, prefix, values in self.rows()
        ]
        return pa.Table.from_pylist(rows, ATTRIBUTION)

    def unregistered(self) -> list[Problem]:
        """Return a problem per source without values, in its row or a row of its parts."""
        return [
            Problem("UNREGISTERED", path, source=number)
            for number, path in self._sources
            if not any(self.values_of_path(clean_path(path)).values())
            and not any(
                entry.values for entry in self._entries_by_target.get(clean_path(path), {}).values()
            )
        ]

    def missing_parts(self, entries: Sequence[Entry], parts: Sequence[SourcePart]) -> list[Problem]:
        """Return a problem for each row that names a part its source lacks."""
        members: dict[int, list[str]] = {}
        for number, member, _ in parts:
            members.setdefault(number, []).append(member)
        found = []
        for entry in entries:
            target = self.targets.get(entry.row)
            if target is not None and target.member:
                members_found = [
                    m for n in self.tree.files[target.path] for m in members.get(n, ())
                ]
                if not any(covers(target.member, member) for member in members_found):
                    found.append(Problem("UNMATCHED", entry.path, entry.row))
        return found


def find_problems(
    entries: Sequence[Entry],
    sources: Sequence[tuple[int, str]],
    parts: Sequence[SourcePart] | None = None,
) -> list[Problem]:
    """Return all problems of register rows and of sources, in a fixed order.

    ``parts``: readable parts. With None, rows about parts are not checked.
    """
    mapping = RegisterMapping(entries, sources)
    found = mapping.problems + (mapping.missing_parts(entries, parts) if parts is not None else [])
    order: Mapping[str, int] = {"OTHER_ROOT": 0, "UNMATCHED": 1, "PROPOSED": 2}
    found.sort(key=lambda problem: (order[problem.code], problem.row or 0))
    return found + mapping.unregistered()
