"""The column of passwords in a list of accounts without column names: ``account----password``.

A password has no shape of its own.  A column is taken for one only right behind a column of
accounts, if nearly every cell is one run of 6 to 32 characters without blanks, most of them mixed
of letters and digits, of several lengths, many of them different, and not most with one beginning.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

#: Kinds of values that people log in with.
ACCOUNTS: Final = frozenset(
    {"CN_MOBILE", "EMAIL_ADDRESS", "QQ_NUMBER", "WECHAT_ID", "CN_RESIDENT_ID"}
)
_LIKE: Final = re.compile(r"[!-~]{6,32}")
_MIXED: Final = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9]).*")
#: Codes that people do not choose: dates, addresses, hashes, keys with a fixed beginning.
_NO_PASSWORD: Final = re.compile(
    r"\d{2,4}[-/.]\d{1,2}[-/.]\d{1,2}.*|.*[/\\].*|.*\.(?:com|cn|net|org)|[0-9A-Fa-f]{32}"
)
_ALIAS: Final = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*")
_QQ: Final = re.compile(r"[1-9][0-9]{4,10}")
_LOGIN_DATA: Final = re.compile(r"62706[Cc]69737430[0-9A-Fa-f]+|A[0-9A-Fa-f]{15}")
_MOST: Final = 0.9
_ENOUGH: Final = 0.5
_FEW: Final = 0.1
_LEAST: Final = 3
_PREFIX: Final = 3


def looks_like_passwords(cells: Sequence[str], *, among_people: bool = False) -> bool:
    """Whether ``cells`` (filled ones only) are chosen secrets rather than codes or words.

    ``among_people``: names or addresses stand beside them, where a WeChat alias is likelier; then
    one in ten must be something that no alias is (a digit in front, a special character).

    >>> looks_like_passwords(["abc12345", "Li198807", "qwe!23456", "woaini520"])
    True
    >>> looks_like_passwords(["SN000001", "SN000002", "SN000003", "SN000004"])
    False
    """
    if len(cells) < _LEAST:
        return False
    ((_, alike),) = Counter(cell[:_PREFIX] for cell in cells).most_common(1)
    if alike > _ENOUGH * len(cells):
        return False
    like = [c for c in cells if _LIKE.fullmatch(c) and not _NO_PASSWORD.fullmatch(c)]
    mixed = sum(_MIXED.fullmatch(cell) is not None for cell in like)
    odd = sum(_ALIAS.fullmatch(cell) is None for cell in like)
    if among_people and odd < _FEW * len(cells):
        return False
    several = len(set(cells)) >= _ENOUGH * len(cells) and len({len(cell) for cell in cells}) > 1
    return several and len(like) >= _MOST * len(cells) and mixed >= _ENOUGH * len(cells)


def looks_like_login_data(cells: Sequence[str]) -> bool:
    """Whether ``cells`` are 62 data (a property list in hexadecimal) or A16 data of an account.

    >>> looks_like_login_data(["A0123456789abcde", "A00112233445566f", "Afedcba987654321"])
    True
    """
    fits = sum(_LOGIN_DATA.fullmatch(cell) is not None for cell in cells)
    return len(cells) >= _LEAST and fits >= _MOST * len(cells)


def looks_like_qq(cells: Sequence[str]) -> bool:
    """Whether ``cells`` can be QQ numbers: 5 to 11 digits of several lengths, not counting up.

    >>> looks_like_qq(["9000000002", "123456789", "98765"]), looks_like_qq(["10001", "10002"])
    (True, False)
    """
    fits = sum(_QQ.fullmatch(cell) is not None for cell in cells)
    several = len({len(cell) for cell in cells}) > 1 and len(set(cells)) >= _MOST * len(cells)
    return len(cells) >= _LEAST and several and fits == len(cells)
