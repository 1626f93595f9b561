"""Exceptions of piiscan, as one tree; messages contain file and reason, never a matched value."""

from __future__ import annotations


class PiiscanError(Exception):
    """Any error that piiscan raises on purpose; the message names the next step."""


class CatalogError(PiiscanError):
    """Invalid recognizer file or data table; the message names file and line."""


class SourceError(PiiscanError):
    """Unreadable input or part of one; the run continues without it."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class CellError(PiiscanError):
    """Invalid cell in a returned form; the message gives the reason, never the cell's value."""


class CaseError(PiiscanError):
    """A case folder cannot be opened, continued or written."""


class VerifyError(PiiscanError):
    """A case folder differs from its manifest."""


class CountError(PiiscanError):
    """A count cannot be made with these settings, forms or policies."""


class RedactError(PiiscanError):
    """Masked copies cannot be made with these options."""
