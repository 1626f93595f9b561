"""Read options: the contents of the evidence to read, and the passwords to try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from piiscan.sources.archives.passwords import NO_PASSWORDS, Passwords
from piiscan.sources.selection import EVERYTHING, Selection


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Options of reading evidence: the contents to read, and the passwords of encrypted files."""

    selection: Selection = EVERYTHING
    passwords: Passwords = NO_PASSWORDS


#: Everything, without passwords.
READ_ALL: Final = ReadOptions()
