"""WeChat aliases: they look like any word, so words that follow 微信 in prose are refuted."""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import WECHAT_ALIAS_CHECK
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

#: Judge WeChat aliases: plausible; refuted (PLACEHOLDER) if a word of prose.
check: Final = partial(judge_rows, WECHAT_ALIAS_CHECK)
