"""Memory of a count: bytes above the loaded program, and their shares for each kind of work.

``--memory 50MB``: DuckDB may use half; NumPy and Arrow share a quarter; the rest is for what
neither of them counts. Work that does not fit is done in parts by key.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.errors import CountError

_MB: Final = 1 << 20
_UNITS: Final = {"MB": _MB, "GB": 1 << 30, "TB": 1 << 40}
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?) *([MGT]B)", re.IGNORECASE)
#: Least memory of a count: less is lost in buffers of a fixed size.
LEAST: Final = 50 * _MB
#: Part of the machine's memory that a count uses unless told otherwise.
_SHARE: Final = 4
#: Memory for each thread of DuckDB.
_PER_THREAD: Final = 128 * _MB
#: Bytes of memory for a finding while records are grouped.
_FINDING: Final = 4_000
#: Most findings of a batch: larger ones are not faster.
_MOST_FINDINGS: Final = 65_536
#: Files of a control group with the limit of memory of this process, in bytes.
_GROUP_LIMITS: Final = (
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
)


@dataclass(frozen=True, slots=True)
class CountMemory:
    """Bytes that a count may allocate above the loaded program."""

    limit: int

    @classmethod
    def of(cls, text: str | None) -> CountMemory:
        """Return the memory that a person states; a quarter of the machine's for None.

        Raise CountError for a size without unit, or less than LEAST.

        >>> CountMemory.of("2 GB").limit >> 20
        2048
        """
        if text is None:
            return cls(max(_machine_memory() // _SHARE, LEAST))
        size = _SIZE.fullmatch(text.strip())
        limit = int(float(size[1]) * _UNITS[size[2].upper()]) if size else 0
        if limit < LEAST:
            raise CountError("count.memory_size", memory=text, least=f"{LEAST // _MB}MB")
        return cls(limit)

    @property
    def database(self) -> int:
        """Return the bytes for DuckDB."""
        return self.limit // 2

    @property
    def arrays(self) -> int:
        """Return the bytes for arrays of NumPy and tables of Arrow."""
        return self.limit // 4

    def settings(self) -> dict[str, Any]:
        """Return the settings of DuckDB (``connect``), fit for the memory."""
        return {
            "memory": f"{self.database}B",
            "threads": max(min(self.database // _PER_THREAD, os.cpu_count() or 1), 1),
            "allocator_flush_threshold": f"{self.database // 16}B",
        }

    @property
    def batch(self) -> int:
        """Return the most findings that are read at once."""
        return min(self.arrays // _FINDING, _MOST_FINDINGS)

    def __str__(self) -> str:
        return f"{self.limit // _MB}MB"


def release_memory() -> None:
    """Return freed memory of Arrow and of the C library to the system."""
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(AttributeError, OSError):  # a C library without it
        ctypes.CDLL(None).malloc_trim(0)


def _machine_memory() -> int:
    """Return the bytes of memory that this process may use: of the machine, or of its group."""
    pages = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")] if _has_pages() else []
    texts = [Path(name).read_text("ascii") for name in _GROUP_LIMITS if Path(name).exists()]
    limits = [int(text) for text in texts if text.strip().isdigit()]
    return min(pages + limits, default=4 << 30)


def _has_pages() -> bool:
    """Return True if the system states the number of its pages of memory (not Windows)."""
    return "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {})
