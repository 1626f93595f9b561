"""Keyed checksums (MAC): HMAC-SHA256 over each manifest and over the head of the log.

Whoever changes a case can compute every plain checksum in it again, but no keyed one without the
key.  The log names the checksums of manifests, counts, reports and samples, and its lines are
chained, so that one keyed checksum of its head vouches for all of them.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Pattern of ``log.mac``: checksum, name, line ranges or ``-``, and a check of what precedes it.
_LOG_MAC: Final = re.compile(
    r"([0-9a-f]{64})  ([^\n:]+):(-|[1-9][0-9]{0,11}-[1-9][0-9]{0,11}"
    r"(?:,[1-9][0-9]{0,11}-[1-9][0-9]{0,11})*)  ([0-9a-f]{16})\n"
)
_MANIFEST_MAC: Final = re.compile(r"([0-9a-f]{64}  ([^\n]+))  [0-9a-f]{16}\n")


def keyed_checksum(mac_key: bytes, *parts: str) -> str:
    """Return the HMAC-SHA256 of ``parts``, which contain no NUL, in hexadecimal.

    >>> keyed_checksum(bytes(32), "manifest", "manifest.json", "00")[:16]
    '9e0359e2d333ea7b'
    """
    return hmac.new(mac_key, "\0".join(parts).encode(), "sha256").hexdigest()


def mac_path(path: Path) -> Path:
    """Return the path of the keyed checksum of a manifest or log.

    >>> mac_path(Path("manifest.json")).name, mac_path(Path("log.jsonl")).name
    ('manifest.mac', 'log.mac')
    """
    return path.with_suffix(".mac")


def manifest_line(mac_key: bytes, name: str, sha256: str) -> bytes:
    """Return the content of the file with the keyed checksum of the manifest ``name``."""
    return _checked_line(f"{keyed_checksum(mac_key, 'manifest', name, sha256)}  {name}")


def is_manifest_line(content: bytes, name: str) -> bool:
    """Return True if ``content`` is an undamaged keyed checksum of the manifest ``name``."""
    match = _MANIFEST_MAC.fullmatch(content.decode("utf-8", "replace"))
    return match is not None and match[2] == name and _checked_line(match[1]) == content


@dataclass(frozen=True, slots=True)
class LogMac:
    """Keyed checksum of a log: the ranges of lines written with the key, and the checksum.

    ``ranges``: first and last line of each session that had the key, merged and in order.  The head
    after the last of these lines is under the checksum, so all lines up to it are protected.
    """

    ranges: tuple[tuple[int, int], ...]
    checksum: str

    @property
    def lines(self) -> int:
        """Return the number of protected lines, from the first on."""
        return self.ranges[-1][1] if self.ranges else 0

    @classmethod
    def of(
        cls, mac_key: bytes, ranges: tuple[tuple[int, int], ...], head: str, name: str
    ) -> LogMac:
        """Return the keyed checksum of ``ranges`` and the ``head`` after their last line."""
        return cls(ranges, keyed_checksum(mac_key, "log", name, _ranges_text(ranges), head))

    def is_valid(self, mac_key: bytes, head: str, name: str) -> bool:
        """Return True if the checksum is the one of these ranges, key and head."""
        expected = keyed_checksum(mac_key, "log", name, _ranges_text(self.ranges), head)
        return hmac.compare_digest(self.checksum, expected)

    def extended(self, first: int, last: int) -> tuple[tuple[int, int], ...]:
        """Return the ranges with the lines ``first`` to ``last``, which follow all others.

        >>> LogMac(((1, 4),), "").extended(5, 9), LogMac(((1, 4),), "").extended(7, 9)
        (((1, 9),), ((1, 4), (7, 9)))
        """
        if first > last:
            return self.ranges
        if self.ranges and self.lines + 1 == first:
            return (*self.ranges[:-1], (self.ranges[-1][0], last))
        return (*self.ranges, (first, last))

    def line(self, name: str) -> bytes:
        """Return the content of ``log.mac`` for the log file ``name``."""
        return _checked_line(f"{self.checksum}  {name}:{_ranges_text(self.ranges)}")


def read_log_mac(path: Path) -> LogMac | None:
    """Return the keyed checksum next to the log ``path``; None if absent or damaged."""
    try:
        text = mac_path(path).read_bytes().decode("ascii")
    except (OSError, UnicodeDecodeError):
        return None
    match = _LOG_MAC.fullmatch(text)
    if match is None or match[2] != path.name:
        return None
    pairs = [] if match[3] == "-" else [each.split("-") for each in match[3].split(",")]
    found = LogMac(tuple((int(first), int(last)) for first, last in pairs), match[1])
    numbers = [number for pair in found.ranges for number in pair]
    ordered = all(a <= b for a, b in itertools.pairwise(numbers))
    return found if ordered and found.line(path.name) == text.encode() else None


def _ranges_text(ranges: tuple[tuple[int, int], ...]) -> str:
    """Return ranges of lines as text: ``1-40,44-60``; ``-`` for an empty list."""
    return ",".join(f"{first}-{last}" for first, last in ranges) or "-"


def _checked_line(text: str) -> bytes:
    """Return ``text`` as a line with 16 digits that show damage to anybody, without the key."""
    return f"{text}  {hashlib.sha256(text.encode()).hexdigest()[:16]}\n".encode()
