"""Recorded checksums: those of the seizure record compared with the sources (一致 or 不一致).

Only the recorded algorithms are computed, in one pass that must also give the SHA-256 of the
manifest. SHA-256 and SM3 are in the case already.
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
from piiscan.case.register.path_tree import RegisterMapping, SourcePart
from piiscan.sources.checksums import file_digests

SAME: Final = "SAME"
DIFFERENT: Final = "DIFFERENT"
NOT_GIVEN: Final = "NOT_GIVEN"
UNCHECKED: Final = "UNCHECKED"

_SEPARATORS: Final = re.compile(r"[\s:：.,，、;；_\-–—\u200b-\u200f\ufeff]+")
_LABEL: Final = re.compile(
    r"(?:md-?5|sha-?1|sha-?256|sm-?3)\s*(?:值|校验值)?\s*[:：=]", re.IGNORECASE
)
#: Troubles of disk images with the digests of their media: stored, then computed if different.
_MEDIUM_REASONS: Final = ("IMAGE_HASH", "IMAGE_HASH_DIFFERS")
_DIGEST: Final = re.compile("[0-9a-f]{32,}")
#: Algorithms that need a new pass over the source.
_REREAD: Final = ("md5", "sha1")


@dataclass(frozen=True, slots=True)
class HashCheck:
    """Comparison of one checksum in one row of the register: of a file, or the medium in an image.

    ``result``: SAME, DIFFERENT, NOT_GIVEN or UNCHECKED. Values of ``reason``, for UNCHECKED only:

    MALFORMED: wrong number of hexadecimal digits.
    FOLDER, NO_SOURCE: the path is a folder, or no source.
    NO_HASH: a part, or a source that was not read.
    SOURCE_CHANGED, SOURCE_MISSING: the file is not as scanned, or missing.
    AMBIGUOUS: several sources have this path.
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
    register: Register, sources: Sequence[Mapping[str, Any]], parts: Sequence[SourcePart] = ()
) -> list[HashCheck]:
    """Return a HashCheck per algorithm of each row with an item or checksum.

    Sources with an MD5 or SHA-1 in the register are read again.

    Args:
        register: the register.
        sources: sources of the manifest: source, path, place, sha256, sm3.
        parts: parts with the SHA-256 of archive members.
    """
    mapping = RegisterMapping(
        register.entries, [(each["source"], each["path"]) for each in sources]
    )
    known = {each["source"]: each for each in sources}
    entries = [each for each in register.entries if each.hashes or each.values.get("item")]
    wanted: dict[int, list[str]] = {}
    for entry in entries:
        number, target = _only_source(entry, mapping), mapping.targets.get(entry.row)
        to_reread = [
            name for name in _REREAD if normalize_checksum(entry.hashes.get(name, ""), name)
        ]
        if (
            number is not None
            and to_reread
            and known[number]["sha256"]
            and not (target and target.member)
        ):
            wanted[number] = to_reread
    with ThreadPoolExecutor(2) as pool:
        read = dict(
            zip(wanted, pool.map(lambda n: _reread(known[n], wanted[n]), wanted), strict=True)
        )
    return [
        check for entry in entries for check in _check_entry(entry, mapping, known, parts, read)
    ]


def normalize_checksum(written: str, algorithm: str) -> str | None:
    """Return a checksum as lower-case digits, None if it cannot be one of ``algorithm``.

    >>> normalize_checksum("MD5： D41D 8CD9-8F00B204:E9800998ECF8427E", "md5")
    'd41d8cd98f00b204e9800998ecf8427e'
    """
    text = _LABEL.sub("", unicodedata.normalize("NFKC", written).strip(), count=1)
    text = _SEPARATORS.sub("", text).lower()
    valid = len(text) == ALGORITHMS[algorithm] and not text.strip("0123456789abcdef")
    return text if valid else None


def _only_source(entry: Entry, mapping: RegisterMapping) -> int | None:
    """Return the number of the source at the entry's path, None unless there is exactly one."""
    target = mapping.targets.get(entry.row)
    numbers = mapping.tree.files.get(target.path, []) if target else []
    return numbers[0] if len(numbers) == 1 else None


def _reread(source: Mapping[str, Any], names: Sequence[str]) -> dict[str, str] | str:
    """Return algorithm -> checksum of a source read again, or a reason code if it failed."""
    try:
        found = file_digests(Path(source["place"]), [*names, "sha256"])
    except OSError:
        return "SOURCE_MISSING"
    return found if found["sha256"] == source["sha256"] else "SOURCE_CHANGED"


def _check_entry(
    entry: Entry,
    mapping: RegisterMapping,
    known: Mapping[int, Mapping[str, Any]],
    parts: Sequence[SourcePart],
    read: Mapping[int, dict[str, str] | str],
) -> Iterator[HashCheck]:
    """Yield a HashCheck per algorithm for one register row: same, different, unchecked.

    ``read``: source -> checksums, or the reason why there are none.
    """
    number = _only_source(entry, mapping)
    target = mapping.targets.get(entry.row)
    item = mapping.values_of_entry(entry).get("item") if target else entry.values.get("item")
    for name in ALGORITHMS:
        written = entry.hashes.get(name, "")
        computed, reason = None, None
        plain = normalize_checksum(written, name)
        if not written:
            result = NOT_GIVEN
        elif plain is None:
            result, reason = UNCHECKED, "MALFORMED"
        elif target is None:
            result, reason = UNCHECKED, "NO_SOURCE"
        elif number is None:
            many = target.path in mapping.tree.files
            result, reason = UNCHECKED, "AMBIGUOUS" if many else "FOLDER"
        else:
            computed, reason = _find_checksum(name, target.member, known[number], parts, read)
            medium = {} if target.member else _medium_digests(known[number], name)
            computed = medium.get(plain, computed)
            result = UNCHECKED if computed is None else SAME if computed == plain else DIFFERENT
        yield HashCheck(
            entry.row, entry.path, item, number, name, plain or written, computed, result, reason
        )


def _medium_digests(source: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return digest -> digest as computed, of the medium in a disk image: stored, and computed."""
    details = [
        each["detail"] for each in source.get("errors", ()) if each["reason"] in _MEDIUM_REASONS
    ]
    of_name = (each for each in details if f" {name.upper()} " in each)
    found = [_DIGEST.findall(each) for each in of_name]
    return {digest: digests[-1] for digests in found for digest in digests}


def _find_checksum(
    name: str,
    member: str,
    source: Mapping[str, Any],
    parts: Sequence[SourcePart],
    read: Mapping[int, dict[str, str] | str],
) -> tuple[str | None, str | None]:
    """Return (computed checksum, None) of a source or member, or (None, reason code).

    ``read``: source -> checksums, or the reason why there are none.
    """
    number = source["source"]
    if member:
        hashes = {
            sha256
            for n, part, sha256 in parts
            if n == number and (part == member or part.startswith(f"{member}#"))
        }
        found = next(iter(hashes)) if name == "sha256" and len(hashes) == 1 else None
    elif name in _REREAD:
        to_reread = read.get(number, "NO_HASH")
        if isinstance(to_reread, str):
            return None, to_reread
        found = to_reread[name]
    else:
        found = source[name]
    return found or None, None if found else "NO_HASH"
