"""WeChat aliases look like any word, so words that follow 微信 or WeChat in prose are set apart."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.detect.checks import Int32, Judgement, UInt8, Verdict, are_spelt

_WIDTH: Final = 20
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

    >>> value = np.frombuffer(b"payment", np.uint8)[None]
    >>> check(value, np.array([7], np.int32), as_of=20261231).verdict.tolist()
    [0]
    """
    del as_of, length
    judged = Judgement.of(len(chars))
    words = np.zeros((len(chars), _WIDTH), np.uint8)
    width = min(_WIDTH, chars.shape[1])
    words[:, :width] = chars[:, :width]
    lower = words + np.uint8(32) * ((words >= 65) & (words <= 90))
    plain = are_spelt(lower, _PLAIN)
    judged.mark(plain, "PLACEHOLDER", verdict=Verdict.REFUTED)
    return judged
