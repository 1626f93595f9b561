"""Public business information: rows of company lists with who represents the company.

Registered data of companies is public (企业信息公示暂行条例: 法定代表人, 联系方式), so such rows
are told apart, with totals with and without them.  A row with an identity number is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

#: Column names under which a company's representative or contact stands.
_CONTACT: Final = re.compile(
    r"法定代表人|法人代表|法人|负责人|企业主|经营者|联系人|联系电话|联系方式|企业电话|公司电话"
    r"|法定代表人|負責人|聯絡人|legal|representative|contact",
    re.IGNORECASE,
)


def contact_headers(headers: Iterable[str]) -> frozenset[str]:
    """Those of the column names under which a company's representative or contact stands.

    >>> sorted(contact_headers(["企业名称", "法定代表人", "手机号"]))
    ['法定代表人']
    """
    return frozenset(header for header in headers if _CONTACT.search(header))
