"""Head groups: a checksum in short groups that people copy by hand and type in again.

``7K3M 0ZQD …``: 8 groups of 4 signs with the first 160 bits of a SHA-256, and a ninth group that
checks them.  A wrong ninth group is an error of typing; a right one with another head is another
head.  The 32 signs are digits and capital letters without I, L, O and U, which are misread.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final

from piiscan.errors import CaseError

_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Hexadecimal digits of 160 bits, and signs of the groups without and with the check.
_HEX_DIGITS: Final = 40
_PLAIN: Final = 32
_CHECKED: Final = 36
_GROUP: Final = 4
#: Letters that are read as a sign they look like.
_MISREAD: Final = str.maketrans("ILO", "110")
_BETWEEN: Final = re.compile(r"[\s\-‐-―－_.,，、:：;；/]+")


def head_groups(sha256: str) -> str:
    """Return the SHA-256 ``sha256`` (64 hexadecimal digits) in groups for people.

    >>> head_groups("00" * 32)
    '0000 0000 0000 0000 0000 0000 0000 0000 GKGC'
    """
    signs = _signs(int(sha256[:_HEX_DIGITS], 16), _PLAIN)
    signs += _check_signs(signs)
    return " ".join(signs[at : at + _GROUP] for at in range(0, _CHECKED, _GROUP))


def parse_head(text: str) -> str:
    """Return the first hexadecimal digits (40 or 64) of the head typed as ``text``.

    Blanks, dashes, width and case are ignored.  Raise CaseError if it is neither 64 hexadecimal
    digits nor 36 signs, or if the ninth group does not fit the others.

    >>> parse_head("oooo-0000-0000-0000 0000 0000 0000 ０000 gkgc") == "0" * 40
    True
    """
    typed = _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()
    if re.fullmatch(r"[0-9A-F]{64}", typed):
        return typed.lower()
    signs = typed.translate(_MISREAD)
    if len(signs) != _CHECKED:
        raise CaseError("head.length", signs=len(signs))
    wrong = [n // _GROUP + 1 for n, sign in enumerate(signs) if sign not in _SIGNS]
    if wrong:
        raise CaseError("head.sign", group=wrong[0])
    if _check_signs(signs[:_PLAIN]) != signs[_PLAIN:]:
        raise CaseError("head.typing")
    number = 0
    for sign in signs[:_PLAIN]:
        number = number << 5 | _SIGNS.index(sign)
    return f"{number:0{_HEX_DIGITS}x}"


def _signs(number: int, count: int) -> str:
    """Return ``number`` as ``count`` signs of 5 bits each."""
    return "".join(_SIGNS[number >> 5 * at & 31] for at in reversed(range(count)))


def _check_signs(signs: str) -> str:
    """Return the ninth group: the first 20 bits of the SHA-256 over the other signs."""
    digest = hashlib.sha256(signs.encode()).digest()
    return _signs(int.from_bytes(digest[:3]) >> 4, _GROUP)
