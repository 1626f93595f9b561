"""Password columns: find the column of passwords after accounts in lists without headers.

``13800138000 | abc12345`` -> the second column is CREDENTIAL.

A password has no shape of its own.  A column counts only directly after a column of accounts.
Nearly every cell must be one run of 6 to 32 characters without blanks.  Most must mix letters and
digits, and they must differ in length, in text and in their first characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

#: Entities that serve as account names.
ACCOUNTS: Final = frozenset(
    {"CN_MOBILE", "EMAIL_ADDRESS", "QQ_NUMBER", "WECHAT_ID", "CN_RESIDENT_ID"}
)
_ONE_RUN: Final = re.compile(r"[!-~]{6,32}")
_MIXED: Final = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9]).*")
#: Values that nobody chooses as password: dates, paths, domains, hashes.
_NO_PASSWORD: Final = re.compile(
    r"\d{2,4}[-/.]\d{1,2}[-/.]\d{1,2}.*|.*[/\\].*|.*\.(?:com|cn|net|org)|[0-9A-Fa-f]{32}"
)
_ALIAS: Final = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*")
_QQ: Final = re.compile(r"[1-9][0-9]{4,10}")
_LOGIN_DATA: Final = re.compile(r"62706[Cc]69737430[0-9A-Fa-f]+|A[0-9A-Fa-f]{15}")
_MOST_SHARE: Final = 0.9
_HALF_SHARE: Final = 0.5
_FEW_SHARE: Final = 0.1
_MIN_CELLS: Final = 3
_PREFIX_LENGTH: Final = 3


def looks_like_passwords(cells: Sequence[str], *, among_people: bool = False) -> bool:
    """Return True if ``cells`` (filled ones only) are chosen secrets rather than codes or words.

    ``among_people``: the table also has names or addresses, so WeChat aliases are likelier.  Then
    one cell in ten must be no possible alias (a digit first, a special character).

    >>> looks_like_passwords(["abc12345", "Li198807", "qwe!23456", "woaini520"])
    True
    >>> looks_like_passwords(["SN000001", "SN000002", "SN000003", "SN000004"])
    False
    """
    if len(cells) < _MIN_CELLS:
        return False
    ((_, same_prefix),) = Counter(cell[:_PREFIX_LENGTH] for cell in cells).most_common(1)
    if same_prefix > _HALF_SHARE * len(cells):
        return False
    runs = [c for c in cells if _ONE_RUN.fullmatch(c) and not _NO_PASSWORD.fullmatch(c)]
    mixed = sum(_MIXED.fullmatch(cell) is not None for cell in runs)
    no_alias = sum(_ALIAS.fullmatch(cell) is None for cell in runs)
    if among_people and no_alias < _FEW_SHARE * len(cells):
        return False
    varied = len(set(cells)) >= _HALF_SHARE * len(cells) and len({len(cell) for cell in cells}) > 1
    return varied and len(runs) >= _MOST_SHARE * len(cells) and mixed >= _HALF_SHARE * len(cells)


def looks_like_login_data(cells: Sequence[str]) -> bool:
    """Return True if ``cells`` are login data of WeChat: 62 data (hex plist) or A16 data.

    >>> looks_like_login_data(["A0123456789abcde", "A00112233445566f", "Afedcba987654321"])
    True
    """
    fits = sum(_LOGIN_DATA.fullmatch(cell) is not None for cell in cells)
    return len(cells) >= _MIN_CELLS and fits >= _MOST_SHARE * len(cells)


def looks_like_qq(cells: Sequence[str]) -> bool:
    """Return True if ``cells`` can be QQ numbers: 5 to 11 digits, several lengths, mostly distinct.

    >>> looks_like_qq(["9000000002", "123456789", "98765"]), looks_like_qq(["10001", "10002"])
    (True, False)
    """
    fits = sum(_QQ.fullmatch(cell) is not None for cell in cells)
    varied = len({len(cell) for cell in cells}) > 1 and len(set(cells)) >= _MOST_SHARE * len(cells)
    return len(cells) >= _MIN_CELLS and varied and fits == len(cells)
