"""WeChat aliases look like any word, so words that follow 微信 or WeChat in prose are set apart."""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, Verdict, are_spelt

#: Words (lower case) that stand behind the name of the product more often than an alias does.
_PLAIN: Final = frozenset(
    b"account accounts android article articles avatar browser business channel channels "
    b"client contact contacts desktop developer friend friends group groups iphone login "
    b"message messages messenger micromessenger mobile moments number official openid "
    b"payment payments platform public qrcode service services sticker stickers support "
    b"unionid username version wechat weixin windows wechatpay alipay website".split()
)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Plausible; refused as a PLACEHOLDER where it is a word of prose.

    >>> import numpy as np
    >>> value = np.frombuffer(b"payment", np.uint8)[None]
    >>> check(value, np.array([7], np.int32), as_of=20261231).verdict.tolist()
    [0]
    """
    del as_of, length
    judged = Judgement.of(len(chars))
    judged.mark(are_spelt(chars, _PLAIN), "PLACEHOLDER", verdict=Verdict.REFUTED)
    return judged
