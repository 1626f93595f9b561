"""Options by which evidence is opened: selection, decoding, and passwords to try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from piiscan.sources.archives.passwords import NO_PASSWORDS, Passwords
from piiscan.sources.selection import EVERYTHING, Selection


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Selection of contents, and the passwords of encrypted files."""

    selection: Selection = EVERYTHING
    passwords: Passwords = NO_PASSWORDS


#: Everything, without passwords.
READ_ALL: Final = ReadOptions()
