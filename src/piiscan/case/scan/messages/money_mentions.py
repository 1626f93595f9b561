"""Money mentions: prices and payments in chat messages: ``转账 500 元``.

    4元一条 -> PRICE_EACH 4.00             打包2000 -> PRICE_TOTAL 2000.00
    [转账] ¥4800 -> TRANSFER 4800.00       红包200元 -> RED_PACKET 200.00
    已收款 ¥4800 -> RECEIVED 4800.00        退你300元 -> REFUND 300.00
    收到退款300元 -> REFUNDED 300.00        明天转你500 -> nothing

A price is an offer. TRANSFER, RED_PACKET and REFUND say that the speaker paid, RECEIVED and
REFUNDED that he was paid. What is asked for, promised or denied is no payment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Int64
from piiscan.parsing import prices

#: Words of which a line with money has at least one, for RE2.
_CANDIDATE: Final = (
    r"[¥￥]|[0-9万千百kKwW][ \t]*(?:元|块|毛|圆|[/一每])|转账|转给?你|打给你|打你卡|红包|收款|收到"
    r"|已收|已领|[转打][了我]|退|打包|一共|总共|总价|一口价|全部|[每一][条个份人组套单号张]"
)
#: A transfer in a message of WeChat: what it is for the speaker (1 he paid, 3 he took it, 4 he sent
#: it back), amount.
_WECHAT_KIND: Final = re.compile(r"<paysubtype>\s*(?:<!\[CDATA\[)?\s*([134])\b")
_WECHAT_AMOUNT: Final = re.compile(
    r"<feedesc>\s*(?:<!\[CDATA\[)?\s*[¥￥]?\s*([0-9,]+(?:\.[0-9]{1,2})?)"
)
_MAX_XML: Final = 8000
#: Most characters of a line that are read.
_MAX_LINE: Final = 1000

_AMOUNT: Final = r"(?P<amount>[0-9][0-9,]{0,12}(?:\.[0-9]{1,2})?\s?[万千百kKwW]?)(?![0-9])"
_UNIT: Final = r"\s?(?P<unit>元|块钱?|圆|毛|角|分)?"
_SIGN: Final = r"\s*[\])】）]?\s*[:：]?\s*(?:了|给你|你的|您的|过去|金额)*\s*[¥￥]?\s*"
_ITEM: Final = r"(?:条|个|份|人|组|套|单|号|张)"
_IN_ALL: Final = "(?:打包|一共|总共|总价|一口价|全部)"
_NO_ITEM: Final = rf"(?!\s?(?:[一1/每]\s?)?{_ITEM})"
_PAID: Final = rf"{_SIGN}{_AMOUNT}{_UNIT}{_NO_ITEM}"
#: 你 as who pays, and words that say that he did.
_YOU: Final = "(?<![给跟对向发到])[你您]"
_PAST: Final = "[^，。,]{0,12}(?:了|的|刚|已)"
_BACK: Final = r"(?:退款|退还|退回|退给|退你|退了|退)"
#: Forms by kind, the surest first. A payment in a line leaves its prices out.
_PAYMENTS: Final = tuple(
    (kind, re.compile(form))
    for kind, form in (
        ("REFUNDED", rf"(?:对方已?|你已?|收到了?(?:你的)?){_BACK}(?:的)?(?:转账|红包|款)?{_PAID}"),
        ("TRANSFER", rf"对方(?:已收款|已收钱|已接收|已领取){_PAID}"),
        ("REFUND", rf"(?:转账|红包|款)?\s*[\])】）]?\s*(?:已|已经)?{_BACK}(?:给)?{_PAID}"),
        (
            "RECEIVED",
            rf"{_YOU}(?={_PAST})[^，。,]{{0,4}}?(?:转账|转|打|发)(?:了|的|给|我|过来|个|红包)*{_PAID}",
        ),
        ("RECEIVED", rf"(?:已收款|已收钱|已收|已领取|领取了|收款){_PAID}"),
        ("RECEIVED", rf"(?:收到了?(?:你|您)?(?:转|发|打)?的?(?:转账|红包)?){_PAID}"),
        ("RED_PACKET", rf"红包{_PAID}"),
        ("RED_PACKET", rf"{_AMOUNT}{_UNIT}的?红包"),
        ("TRANSFER", rf"(?:转账|转你|转给你|转了|打给你|打了|打你卡上){_PAID}"),
    )
)
#: What the client writes itself, in brackets; other words may ask, promise or deny a payment.
_BY_CLIENT: Final = re.compile(r"\s*[\[【][^\]】]{0,8}(?:转账|红包|收款|退)")
_NOT_PAID: Final = re.compile(
    r"[没未不别勿甭](?:有|能|要|会|曾|敢|急着|用)?(?:再|先)?(?:给|跟)?(?:收|转|打|发|退|到账)"
    r"|(?:明天|后天|等[下会]|待会|一会儿?|回头|晚[点上]|马上|准备|打算|如果|要是|只要|到时|下次|再|先|要|想|请|麻烦|记得|赶紧|快)"
    r"(?:[你我他]|给[你我])?(?:再|先|给[你我])?(?:转|打|发|退|收)"
    r"|(?<![你刚已])(?:给我|帮我)(?:转|打|发|退)|(?<![你刚已])(?:转|打|退|发)账?给?我"
    rf"|{_YOU}(?!{_PAST})[^，。,]{{0,4}}(?:转|打|发|退)"
    r"|^\s*你已|[?？吗么]\s*$"
)
_PRICES: Final = tuple(
    (kind, re.compile(form))
    for kind, form in (
        ("PRICE_EACH", rf"{_AMOUNT}{_UNIT}\s?(?:[一1/每])\s?{_ITEM}"),
        ("PRICE_EACH", rf"(?:每|一){_ITEM}\s?[¥￥]?{_AMOUNT}{_UNIT}"),
        ("PRICE_TOTAL", rf"{_IN_ALL}[^0-9¥￥]{{0,4}}[¥￥]?{_AMOUNT}{_UNIT}{_NO_ITEM}"),
    )
)


@dataclass(frozen=True, slots=True)
class MoneyMention:
    """Amount in yuan in a message, with its kind: ``TRANSFER``, ``PRICE_EACH``."""

    kind: str
    amount: Decimal


def money_lines(texts: pa.Array) -> Int64:
    """Return the indices of texts that may mention money."""
    found: Int64 = pc.indices_nonzero(
        pc.match_substring_regex(texts, _CANDIDATE).fill_null(False)
    ).to_numpy()
    return found


def read_money(text: str) -> list[MoneyMention]:
    """Return the payments in a message, else its prices; [] if it mentions no money.

    >>> [(m.kind, str(m.amount)) for m in read_money("4元一条，打包2000")]
    [('PRICE_EACH', '4.00'), ('PRICE_TOTAL', '2000.00')]
    >>> [(m.kind, str(m.amount)) for m in read_money("[转账] ¥4800")]
    [('TRANSFER', '4800.00')]
    """
    if "<wcpayinfo" in text:
        return _wechat_money(text[:_MAX_XML])
    line = text[:_MAX_LINE]
    unpaid = _BY_CLIENT.match(line) is None and _NOT_PAID.search(line) is not None
    for forms in (_PRICES,) if unpaid else (_PAYMENTS, _PRICES):
        found: dict[str, MoneyMention] = {}
        for kind, form in forms:
            match = form.search(line)
            if match is None or kind in found:
                continue
            fen = prices.parse_price("".join(match["amount"].split()) + (match["unit"] or "元"))
            if fen > 0:
                found[kind] = MoneyMention(kind, Decimal(fen).scaleb(-2))
            if forms is _PAYMENTS and found:
                break
        if found:
            return list(found.values())
    return []


def _wechat_money(text: str) -> list[MoneyMention]:
    """Return the transfer in WeChat's XML of a message, taken or sent back; [] if it has none."""
    kind, amount = _WECHAT_KIND.search(text), _WECHAT_AMOUNT.search(text)
    if kind is None or amount is None:
        return []
    fen = prices.parse_price(f"{amount[1]}元")
    named = {"1": "TRANSFER", "3": "RECEIVED", "4": "REFUND"}[kind[1]]
    return [MoneyMention(named, Decimal(fen).scaleb(-2))] if fen > 0 else []
