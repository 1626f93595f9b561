"""Passwords of office files: documents of both generations are decrypted in memory."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterable
from typing import Final

from piiscan.errors import is_machine_error
from piiscan.sources.content import Content, memory_content
from piiscan.sources.limits import BudgetUsage

#: The first record of a workbook, which begins where a sector of an OLE file does.
_BEGIN: Final = re.compile(rb"\x09\x08[\x08\x10]\x00..\x05\x00", re.DOTALL)
_SECTOR: Final = 64
_FILE_PASS: Final = 0x2F
_FIRST_RECORDS: Final = 4
_ENCODINGS: Final = ("utf-8", "gb18030")


def has_file_pass(data: bytes) -> bool:
    """Return True if an xls workbook has a password: a FilePass record near its beginning."""
    for found in _BEGIN.finditer(data):
        at = found.start()
        for _ in range(_FIRST_RECORDS if at % _SECTOR == 0 else 0):
            kind, size = struct.unpack("<HH", data[at : at + 4].ljust(4, b"\0"))
            if kind == _FILE_PASS:
                return True
            at += 4 + size
    return False


def decrypt_office(content: Content, passwords: Iterable[bytes]) -> bytes | None:
    """Return the bytes of an office file, decrypted by the first of ``passwords`` that fits.

    None if no password fits or the file is damaged.

    Raises ImportError without the package msoffcrypto.
    """
    from msoffcrypto import OfficeFile

    for password in passwords:
        for encoding in _ENCODINGS:
            out = io.BytesIO()
            try:
                with content.open() as stream:
                    file = OfficeFile(stream)
                    file.load_key(password=password.decode(encoding), verify_password=True)
                    file.decrypt(out, verify_integrity=False)
            except Exception as error:  # one of many kinds: a wrong password, a broken file
                if is_machine_error(error):
                    raise
            else:
                return out.getvalue()
    return None


def decrypted_content(content: Content, plain: bytes, usage: BudgetUsage, seed: int) -> Content:
    """Return the decrypted bytes ``plain`` as a Content in place of ``content``.

    Add them to ``usage``.
    """
    usage.total += len(plain)
    return memory_content(
        plain, content.name, member=content.member, seed=seed, sha256=content.sha256
    )
