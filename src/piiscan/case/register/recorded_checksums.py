"""Checksums as a seizure record has them, against those of the sources: 一致 or 不一致.

Only what was written down is computed, in one reading that also has to give the manifest's
SHA-256; SHA-256 and SM3 the case has already.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.case.register.entry import ALGORITHMS, Entry
from piiscan.case.register.intake import Register
from piiscan.case.register.path_tree import Part, Placed
from piiscan.sources.checksums import digests_of

SAME: Final = "SAME"
DIFFERENT: Final = "DIFFERENT"
NOT_GIVEN: Final = "NOT_GIVEN"
UNCHECKED: Final = "UNCHECKED"

_SEPARATORS: Final = re.compile(r"[\s:：.,，、;；_\-–—\u200b-\u200f\ufeff]+")
_LABEL: Final = re.compile(
    r"(?:md-?5|sha-?1|sha-?256|sm-?3)\s*(?:值|校验值)?\s*[:：=]", re.IGNORECASE
)
#: Algorithms for which a source is read again.
_AGAIN: Final = ("md5", "sha1")


@dataclass(frozen=True, slots=True)
class HashCheck:
    """One checksum of one row of the register.

    ``result``: SAME, DIFFERENT, NOT_GIVEN, UNCHECKED; of the last ``reason`` says why: MALFORMED
    (not as many hexadecimal digits as the algorithm gives), FOLDER, NO_SOURCE, NO_HASH (of a part,
    or a source that was not read), SOURCE_CHANGED, SOURCE_MISSING, AMBIGUOUS (sources whose paths
    read the same).
    """

    row: int
    path: str = field(repr=False)
    item: str | None
    source: int | None
    algorithm: str
    written: str
    computed: str | None
    result: str
    reason: str | None = None


def check_hashes(
    register: Register, sources: Sequence[Mapping[str, Any]], parts: Sequence[Part] = ()
) -> list[HashCheck]:
    """A row for each algorithm of each item, and of each path with a checksum.

    ``sources`` are those of a manifest: source, path, place, sha256, sm3.  ``parts`` give the
    SHA-256 of archive members.
    """
    placed = Placed(register.entries, [(each["source"], each["path"]) for each in sources])
    known = {each["source"]: each for each in sources}
    entries = [each for each in register.entries if each.hashes or each.said.get("item")]
    wanted: dict[int, list[str]] = {}
    for entry in entries:
        number = _source(entry, placed)
        again = [name for name in _AGAIN if clean_hash(entry.hashes.get(name, ""), name)]
        if number is not None and again and known[number]["sha256"] and not _member(entry, placed):
            wanted[number] = again
    with ThreadPoolExecutor(2) as pool:
        read = dict(
            zip(wanted, pool.map(lambda n: _again(known[n], wanted[n]), wanted), strict=True)
        )
    return [check for entry in entries for check in _checks(entry, placed, known, parts, read)]


def clean_hash(written: str, algorithm: str) -> str | None:
    """A checksum in plain form, None if it cannot be one of ``algorithm``.

    >>> clean_hash("MD5： D41D 8CD9-8F00B204:E9800998ECF8427E", "md5")
    'd41d8cd98f00b204e9800998ecf8427e'
    """
    text = _LABEL.sub("", unicodedata.normalize("NFKC", written).strip(), count=1)
    text = _SEPARATORS.sub("", text).lower()
    right = len(text) == ALGORITHMS[algorithm] and not text.strip("0123456789abcdef")
    return text if right else None


def _source(entry: Entry, placed: Placed) -> int | None:
    """The one source of an entry."""
    spot = placed.spots.get(entry.row)
    numbers = placed.tree.files.get(spot.key, []) if spot else []
    return numbers[0] if len(numbers) == 1 else None


def _member(entry: Entry, placed: Placed) -> str:
    spot = placed.spots.get(entry.row)
    return spot.member if spot else ""


def _again(source: Mapping[str, Any], names: Sequence[str]) -> dict[str, str] | str:
    """The checksums of a source read again, or the reason why there are none."""
    try:
        found = digests_of(Path(source["place"]), [*names, "sha256"])
    except OSError:
        return "SOURCE_MISSING"
    return found if found["sha256"] == source["sha256"] else "SOURCE_CHANGED"


def _checks(
    entry: Entry,
    placed: Placed,
    known: Mapping[int, Mapping[str, Any]],
    parts: Sequence[Part],
    read: Mapping[int, dict[str, str] | str],
) -> Iterator[HashCheck]:
    number = _source(entry, placed)
    spot = placed.spots.get(entry.row)
    item = placed.said_of(entry).get("item") if spot else entry.said.get("item")
    for name in ALGORITHMS:
        written = entry.hashes.get(name, "")
        computed, reason = None, None
        plain = clean_hash(written, name)
        if not written:
            result = NOT_GIVEN
        elif plain is None:
            result, reason = UNCHECKED, "MALFORMED"
        elif spot is None:
            result, reason = UNCHECKED, "NO_SOURCE"
        elif number is None:
            many = spot.key in placed.tree.files
            result, reason = UNCHECKED, "AMBIGUOUS" if many else "FOLDER"
        else:
            computed, reason = _computed(name, spot.member, known[number], parts, read)
            result = UNCHECKED if computed is None else SAME if computed == plain else DIFFERENT
        yield HashCheck(
            entry.row, entry.path, item, number, name, plain or written, computed, result, reason
        )


def _computed(
    name: str,
    member: str,
    source: Mapping[str, Any],
    parts: Sequence[Part],
    read: Mapping[int, dict[str, str] | str],
) -> tuple[str | None, str | None]:
    """A checksum, or the reason why there is none."""
    number = source["source"]
    if member:
        hashes = {
            sha256
            for n, part, sha256 in parts
            if n == number and (part == member or part.startswith(f"{member}#"))
        }
        found = next(iter(hashes)) if name == "sha256" and len(hashes) == 1 else None
    elif name in _AGAIN:
        again = read.get(number, "NO_HASH")
        if isinstance(again, str):
            return None, again
        found = again[name]
    else:
        found = source[name]
    return found or None, None if found else "NO_HASH"
