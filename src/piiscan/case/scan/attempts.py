"""Attempts of a scan that a cluster starts again: a source that ends its process is left out.

The first attempt reads as always. Each later one reads one source at a time and notes its number
in a file, so that the next attempt knows which source ended the process.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from piiscan.case.scan.source_reader import ScannedEvent
from piiscan.case.store.job_store import Source

#: Name of the file in the case; it is gone when all sources are read.
ATTEMPTS_FILE: Final = "attempts.json"
#: Attempts to read a source that ends the process.
_MOST: Final = 2

ScanSources = Callable[[Sequence[Source], Collection[int]], Iterator[ScannedEvent]]


class Attempts:
    """Sources whose reading ended the process, by number of tries."""

    def __init__(self, file: Path) -> None:
        """Read ``file``, and write it anew; an attempt without one is the first."""
        self._file = file
        self._is_first = not file.exists()
        self._tries: dict[str, int] = {}
        if not self._is_first:
            stored = json.loads(file.read_text("ascii"))
            self._tries = stored["tries"]
            if stored["reads"] is not None:
                self._tries[stored["reads"]] = self._tries.get(stored["reads"], 0) + 1
        self._write(None)

    def scan(self, sources: Sequence[Source], scan_sources: ScanSources) -> Iterator[ScannedEvent]:
        """Yield the events of ``scan_sources``, given sources and those to leave out."""
        left_out = {int(number) for number, tries in self._tries.items() if tries >= _MOST}
        groups = [sources] if self._is_first else [[each] for each in sources]
        try:
            for group in groups:
                if not self._is_first:
                    self._write(str(group[0].source))
                yield from scan_sources(group, left_out)
        finally:  # an error, as of a full disk, is no end of the process
            self._write(None)
        self._file.unlink()

    def _write(self, reads: str | None) -> None:
        """Write the file by rename; ``reads``: number of the source that is read now."""
        aside = self._file.with_suffix(".part")
        aside.write_text(json.dumps({"tries": self._tries, "reads": reads}), "ascii")
        aside.replace(self._file)
