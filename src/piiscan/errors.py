"""Exceptions of piiscan, as one tree; each has a code and fields, never a matched value."""

from __future__ import annotations

import errno
import traceback
from pathlib import PurePath
from typing import Final

from piiscan.wording.words import Language, fill, sentence

#: Errors of the system that concern the machine and no single file.
_DISK_FULL: Final = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)
_EXHAUSTED: Final = (errno.ENOMEM, errno.EMFILE, errno.ENFILE)


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


class MissingPathError(PiiscanError, FileNotFoundError):
    """A file or folder that was named does not exist."""


class CatalogError(PiiscanError):
    """Invalid recognizer file or data table; the message names file and line."""


class SourceError(PiiscanError):
    """Unreadable input or part of one; the run continues without it."""

    def __init__(self, reason: str, detail: str = "") -> None:
        code = "source.unread_because" if detail else "source.unread"
        super().__init__(code, reason=reason, detail=detail)
        self.reason = reason
        self.detail = detail


class OtherFormatError(SourceError):
    """The content is of another format after all; raised before anything was read from it.

    An empty ``reason`` is not worth telling.
    """


class PartialObjectError(ValueError):
    """Damage inside of an object; ``value``: its parts before; ``cut``: the data end there."""

    def __init__(self, value: object, *, cut: bool) -> None:
        super().__init__()
        self.value, self.cut = value, cut


class CellError(PiiscanError):
    """Invalid cell in a returned form; the message gives the reason, never the cell's value."""


class CaseError(PiiscanError):
    """A case folder cannot be opened, continued or written."""


class VerifyError(PiiscanError):
    """A case folder differs from its manifest."""


class ChangedFileError(CaseError, VerifyError):
    """A file of a case is gone or has other bytes than on record; nothing was read from it."""


class CountError(PiiscanError):
    """A count cannot be made with these settings, forms or policies."""


class RedactError(PiiscanError):
    """Masked copies cannot be made with these options."""


class KernelError(PiiscanError):
    """Compiled modules are missing, or older than their sources in a checkout."""


def is_disk_full(error: BaseException) -> bool:
    """Return True if an error says that nothing more can be written to a disk."""
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return True
    # SQLite, DuckDB and Arrow say it in words of their own
    return any(words in str(error) for words in ("No space left on device", "disk is full"))


def is_memory_short(error: BaseException) -> bool:
    """Return True if an error says that memory, threads or open files do not suffice."""
    if isinstance(error, OSError):
        return error.errno in _EXHAUSTED
    named = type(error).__name__ in ("OutOfMemoryException", "ArrowMemoryError")
    return isinstance(error, MemoryError) or named or "can't start new thread" in str(error)


def is_machine_error(error: BaseException) -> bool:
    """Return True for a full disk or too little memory: no fault of the file that is read."""
    return is_disk_full(error) or is_memory_short(error)


def failure_place(error: BaseException) -> str:
    """Return the type of an unexpected exception and the line that raised it, never its message.

    A message can quote the data.  The innermost line of this package counts:
    ``zlib.error at workbook_parts:86``.
    """
    kind = type(error)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    frames = traceback.extract_tb(error.__traceback__)
    package = PurePath(__file__).parent
    own = [frame for frame in frames if PurePath(frame.filename).is_relative_to(package)]
    if not frames:
        return name
    place = (own or frames)[-1]
    return f"{name} at {PurePath(place.filename).stem}:{place.lineno}"
