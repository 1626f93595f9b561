"""Keyed checksums (MAC): HMAC-SHA256 over each manifest, each line of the log, and its head.

Whoever changes a case can compute every plain checksum in it again, but no keyed one without the
key.  The log names the checksums of manifests, counts, reports and samples.  The checksum of a line
proves that it was written with the key; that of the head, that no line was taken away since.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from piiscan.case.store.plain_files import is_plain_file

#: Pattern of ``log.mac``: checksum, name, lines, and a check of what precedes it.
_LOG_MAC: Final = re.compile(r"([0-9a-f]{64})  ([^\n:]+):(0|[1-9][0-9]{0,11})  ([0-9a-f]{16})\n")
_LINE_MAC: Final = b', "mac": "%b"}'
_LINE_DIGITS: Final = 32
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


def add_line_mac(mac_key: bytes, line: bytes) -> bytes:
    """Return a line of a log (a JSON object) with its keyed checksum as last field.

    >>> add_line_mac(bytes(32), b'{"seq": 1}')
    b'{"seq": 1, "mac": "bb63cdc4b4226eb49b61e9e336148b00"}'
    """
    return line[:-1] + _LINE_MAC % _line_checksum(mac_key, line)


def is_keyed_line(mac_key: bytes, line: bytes) -> bool | None:
    """Return True if a line of a log has its keyed checksum, None if it has none at all."""
    end = len(line) - len(_LINE_MAC % bytes(_LINE_DIGITS))
    start, _, found = line[end:].partition(b': "')
    if end < 0 or start != b', "mac"':
        return None
    return hmac.compare_digest(found, _line_checksum(mac_key, line[:end] + b"}") + b'"}')


def _line_checksum(mac_key: bytes, line: bytes) -> bytes:
    """Return the keyed checksum of a line: 32 hexadecimal digits."""
    return hmac.new(mac_key, b"line\0" + line, "sha256").hexdigest()[:_LINE_DIGITS].encode()


@dataclass(frozen=True, slots=True)
class LogMac:
    """Keyed checksum of a log: the number of lines under it, all from the first on, and itself."""

    lines: int
    checksum: str

    @classmethod
    def of(cls, mac_key: bytes, lines: int, head: str, name: str) -> LogMac:
        """Return the keyed checksum of the ``head`` of the log ``name`` after so many lines."""
        return cls(lines, keyed_checksum(mac_key, "log", name, str(lines), head))

    def is_valid(self, mac_key: bytes, head: str, name: str) -> bool:
        """Return True if the checksum is the one of these lines, key and head."""
        expected = keyed_checksum(mac_key, "log", name, str(self.lines), head)
        return hmac.compare_digest(self.checksum, expected)

    def line(self, name: str) -> bytes:
        """Return the content of ``log.mac`` for the log file ``name``."""
        return _checked_line(f"{self.checksum}  {name}:{self.lines}")


def read_log_mac(path: Path) -> LogMac | None:
    """Return the keyed checksum next to the log ``path``; None if absent or damaged."""
    keyed = mac_path(path)
    if not is_plain_file(keyed.parent, keyed.name):
        return None
    text = keyed.read_bytes().decode("ascii", "replace")
    match = _LOG_MAC.fullmatch(text)
    if match is None or match[2] != path.name:
        return None
    found = LogMac(int(match[3]), match[1])
    return found if found.line(path.name) == text.encode() else None


def _checked_line(text: str) -> bytes:
    """Return ``text`` as a line with 16 digits that show damage to anybody, without the key."""
    return f"{text}  {hashlib.sha256(text.encode()).hexdigest()[:16]}\n".encode()
