"""Exceptions of piiscan, as one tree; each has a code and fields, never a matched value."""

from __future__ import annotations

from piiscan.wording.words import Language, fill, sentence


class PiiscanError(Exception):
    """Any error that piiscan raises on purpose; its sentence names the next step.

    ``code`` is a key of ``wording/errors.toml``, and ``fields`` fill the placeholders there.

    >>> error = CaseError("case.no_folder", path="/c")
    >>> str(error), error.text("zh")
    ('/c: no such case folder', '/c：没有这个案卷文件夹')
    """

    def __init__(self, code: str, /, **fields: object) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields

    def text(self, language: Language) -> str:
        """Return the sentence in ``language``; fields that are errors say theirs in it too."""
        return fill(sentence(self.code, language), self.fields, language)

    def __str__(self) -> str:
        return self.text("en")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join((repr(self.code), *self.fields))})"


class CatalogError(PiiscanError):
    """Invalid recognizer file or data table; the message names file and line."""


class SourceError(PiiscanError):
    """Unreadable input or part of one; the run continues without it."""

    def __init__(self, reason: str, detail: str = "") -> None:
        code = "source.unread_because" if detail else "source.unread"
        super().__init__(code, reason=reason, detail=detail)
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
