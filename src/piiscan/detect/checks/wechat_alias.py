"""WeChat aliases: they look like any word, so words that follow 微信 in prose are refuted."""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import WECHAT_ALIAS_CHECK
from piiscan.detect.checks.credential import COLUMN_TYPES

#: Words (lower case) that follow the product name more often than an alias does, or its column.
PROSE_WORDS: Final = (
    frozenset(
        b"account accounts android article articles avatar browser business channel channels "
        b"client contact contacts desktop developer friend friends group groups iphone login "
        b"message messages messenger micromessenger mobile moments number official openid "
        b"payment payments platform public qrcode service services sticker stickers support "
        b"unionid username version wechat weixin windows wechatpay alipay website".split()
    )
    | COLUMN_TYPES
)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge WeChat aliases: plausible; refuted (PLACEHOLDER) if a word of prose.

    >>> import numpy as np
    >>> value = np.frombuffer(b"payment", np.uint8)[None]
    >>> check(value, np.array([7], np.int32), as_of=20261231).verdict.tolist()
    [0]
    """
    return judge_rows(WECHAT_ALIAS_CHECK, chars, length, as_of)
