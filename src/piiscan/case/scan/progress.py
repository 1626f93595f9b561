"""Scan progress: bytes done of all bytes of the sources."""

from __future__ import annotations

from collections.abc import Sequence

from piiscan.case.store.job_store import Source
from piiscan.sources.walk import Progress


class ScanProgress:
    """Reporter of bytes done and bytes in all to a callback, after each block and source."""

    def __init__(self, sources: Sequence[Source], progress: Progress | None) -> None:
        self._progress = progress
        self._sizes = {source.source: source.size for source in sources}
        self._total = sum(self._sizes.values())
        self._done = 0
        self._current = 0

    def begin(self, source: Source) -> None:
        """Set ``source`` as the source that is read now, and report the bytes done so far."""
        self._current = self._sizes[source.source]
        self._report(0)

    def advance(self, offset: int) -> None:
        """Report that the current source was scanned up to byte ``offset``, at most its size.

        Offsets inside archives can exceed the size.
        """
        self._report(min(offset, self._current))

    def end(self, source: Source) -> None:
        """Add the size of ``source`` to the finished bytes and report them."""
        self._done += self._sizes[source.source]
        self._report(0)

    def _report(self, done: int) -> None:
        """Call the callback, if there is one, with bytes done and bytes in all."""
        if self._progress is not None:
            self._progress(self._done + done, self._total)
