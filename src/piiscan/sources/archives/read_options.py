"""Read options: the contents of the evidence to read, and the passwords to try."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from piiscan.errors import PiiscanError
from piiscan.sources.selection import EVERYTHING, Selection


@dataclass(frozen=True, slots=True)
class Passwords:
    """Passwords as bytes in UTF-8 and GBK, never shown; SHA-256 and line count of their file."""

    values: tuple[bytes, ...] = field(default=(), repr=False)
    sha256: str = ""
    number: int = 0


#: No password is given.
NO_PASSWORDS: Final = Passwords()


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Options of reading evidence: the contents to read, and the passwords of encrypted files."""

    selection: Selection = EVERYTHING
    passwords: Passwords = NO_PASSWORDS


#: Everything, without passwords.
READ_ALL: Final = ReadOptions()


def read_passwords(path: Path | None) -> Passwords:
    """Read a file of passwords, one a line in UTF-8. Return NO_PASSWORDS without a file.

    Raise PiiscanError if it cannot be read or is not UTF-8.
    """
    if path is None:
        return NO_PASSWORDS
    try:
        data = path.read_bytes()
        lines = data.decode("utf-8-sig").splitlines()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise PiiscanError("passwords.unreadable", path=path, reason=why) from None
    except UnicodeDecodeError:
        raise PiiscanError("passwords.encoding", path=path) from None
    found = list(dict.fromkeys(line for line in lines if line))
    values = dict.fromkeys(line.encode() for line in found)
    values |= dict.fromkeys(line.encode("gb18030") for line in found)
    return Passwords(tuple(values), hashlib.sha256(data).hexdigest(), len(found))
