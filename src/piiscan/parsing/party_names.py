"""Party names: keyed digests of buyers, sellers and speakers, equal for equal names.

``张 三`` and ``张三`` have one digest. Phones and accounts of an alias are tried in every form
that a ledger or chat writes: ``138-0013-8000 -> 13800138000, +8613800138000``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.detect.catalog.transaction_terms import normalize_word
from piiscan.hashing.digest import digest_values

_PHONE: Final = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")


def digest_parties(names: Sequence[str], key: bytes) -> pa.Array:
    """Return the keyed digest of each name (``binary(16)``)."""
    texts = pa.array([normalize_word(name) for name in names], pa.string())
    return digest_values(texts, np.zeros(len(names), np.int64), entities=["PARTY"], key=key)


def written_forms(name: str) -> list[str]:
    """Return the forms in which ledgers and chats may write a name, phone or account.

    >>> written_forms("138-0013 8000")
    ['138-00138000', '13800138000', '+8613800138000', '8613800138000']
    >>> written_forms("小芳")
    ['小芳']
    """
    text = normalize_word(name)
    phone = _PHONE.fullmatch(re.sub(r"[-()]", "", text))
    forms = [text]
    if phone is not None:
        forms += [phone[1], f"+86{phone[1]}", f"86{phone[1]}"]
    return list(dict.fromkeys(forms))
