"""What ``verify`` tells: one thing that is not as it was recorded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as recorded.

    ``reason`` is a code: INCOMPLETE, MANIFEST_CHANGED, CHAIN_BROKEN, LOG_BROKEN, LOG_SHORTENED,
    LOG_LONGER, FILE_MISSING, FILE_CHANGED, FILE_UNKNOWN, SOURCE_MISSING, SOURCE_CHANGED,
    SOURCE_CHANGED_DURING_RUN, SOURCE_UNREADABLE.  ``name`` is a file of the case, or a source as
    ``#number``: its path may name people, and is in the sources table.  ``detail`` is a code that
    says more (``difference_detail`` of the command line's wording), ``line`` the line it is about.
    """

    reason: str
    name: str
    detail: str = ""
    line: int = 0
