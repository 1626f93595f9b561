"""The one tree of exceptions. Messages name file and reason, never a matched value."""

from __future__ import annotations


class PiiscanError(Exception):
    """Anything piiscan raises on purpose; its text says what to do next."""


class CatalogError(PiiscanError):
    """A recognizer file or data table cannot be used; names file and line."""


class SourceError(PiiscanError):
    """An input, or a part of one, cannot be read; the run goes on without it."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class CellError(PiiscanError):
    """A cell of a sheet that was given back cannot be used; says why, never what it holds."""


class CaseError(PiiscanError):
    """A case folder cannot be opened, continued or written."""


class VerifyError(PiiscanError):
    """A case folder is not what its manifest says."""


class CountError(PiiscanError):
    """A count cannot be made as asked for: a setting, sheet or policy cannot be used."""


class RedactError(PiiscanError):
    """Masked copies cannot be made as asked for."""
