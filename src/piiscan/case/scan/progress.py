"""How far a scan is, in bytes of its sources."""

from __future__ import annotations

from collections.abc import Sequence

from piiscan.case.store.job_store import Source
from piiscan.sources.walk import Progress


class Meter:
    """Tells ``progress`` after every block and every source."""

    def __init__(self, sources: Sequence[Source], progress: Progress | None) -> None:
        self._progress = progress
        self._sizes = {source.source: source.size for source in sources}
        self._total = sum(self._sizes.values())
        self._done = 0
        self._current = 0

    def begin(self, source: Source) -> None:
        """``source`` is being read now."""
        self._current = self._sizes[source.source]
        self._tell(0)

    def reach(self, place: int) -> None:
        """The source under way was examined up to this byte; places inside archives are cut off."""
        self._tell(min(place, self._current))

    def end(self, source: Source) -> None:
        """``source`` is finished."""
        self._done += self._sizes[source.source]
        self._tell(0)

    def _tell(self, part: int) -> None:
        if self._progress is not None:
            self._progress(self._done + part, self._total)
