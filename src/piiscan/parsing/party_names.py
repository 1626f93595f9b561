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

_KIND: Final = "(?:微信|QQ|qq|私聊)?"
_NAME: Final = r"[^\r\n“”\"「」『』【】]{1,40}?"
#: Titles of a chat of two (与小芳的聊天记录), and of a group.
_TITLES: Final = (
    re.compile(
        rf"\s*[《\"“]?(?:我|本人)?(?:与|和|跟)\s*[“\"「『【]?(?P<name>{_NAME})[”\"」』】]?\s*"
        rf"(?:的{_KIND}(?:聊天|对话|会话|消息)(?:记录)?|{_KIND}聊天记录)[》\"”]?\s*[:：]?\s*"
    ),
    re.compile(
        rf"\s*[《\"“]?(?P<name>{_NAME}群聊?)的?{_KIND}(?:聊天|消息)记录[》\"”]?\s*[:：]?\s*"
    ),
)
#: What programs put behind a title in the name of a file: _20230501, (2).
_FILE_TAIL: Final = re.compile(r"(?:[\s_\-—~至.]*[(（\[]?[0-9年月日.\-_:~至]+[)）\]]?)+$")
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


def read_chat_title(text: str) -> tuple[str, bool] | None:
    """Return the other side that the title of a chat names, and True for a chat of two.

    None if the text is no title.

    >>> read_chat_title("与小芳聊天记录_20230501"), read_chat_title("数据交流群聊天记录")
    (('小芳', True), ('数据交流群', False))
    >>> read_chat_title("我和他聊天真累") is read_chat_title("小芳的聊天记录") is None
    True
    """
    for form in _TITLES:
        if (found := form.fullmatch(_FILE_TAIL.sub("", text))) is not None:
            name = found["name"].strip()
            return name, form is _TITLES[0] and not re.search("[、,，群]", name)
    return None
