"""Money in messages: payments with their kind, else prices; no number without a word of money."""

import pyarrow as pa
import pytest

from piiscan.case.scan.messages.file_mentions import NAME, read_mention
from piiscan.case.scan.messages.money_mentions import money_lines, read_money
from piiscan.parsing.party_names import read_chat_title

CASES = {
    "4元一条": [("PRICE_EACH", "4.00")],
    "0.5元/条": [("PRICE_EACH", "0.50")],
    "一条4块": [("PRICE_EACH", "4.00")],
    "3毛一个": [("PRICE_EACH", "0.30")],
    "打包2000": [("PRICE_TOTAL", "2000.00")],
    "一共1.2万": [("PRICE_TOTAL", "12000.00")],
    "4元一条，打包2000": [("PRICE_EACH", "4.00"), ("PRICE_TOTAL", "2000.00")],
    "[转账] ¥4800": [("TRANSFER", "4800.00")],
    "[微信转账]￥1,200.50": [("TRANSFER", "1200.50")],
    "转账给你4800元": [("TRANSFER", "4800.00")],
    "红包200元": [("RED_PACKET", "200.00")],
    "发了200元红包": [("RED_PACKET", "200.00")],
    "[已收款] ¥4800": [("RECEIVED", "4800.00")],
    "收到转账4800": [("RECEIVED", "4800.00")],
    "[转账退还] ¥1500": [("REFUND", "1500.00")],
    "退你300元": [("REFUND", "300.00")],
    "退款200元给你": [("REFUND", "200.00")],
    "已退还 ¥88": [("REFUND", "88.00")],
    "收到退款200元": [("REFUNDED", "200.00")],
    "对方已退还 ¥500": [("REFUNDED", "500.00")],
    "对方已收款 ¥500": [("TRANSFER", "500.00")],
    "已收到你的1000元": [("RECEIVED", "1000.00")],
    "你发的红包20元": [("RECEIVED", "20.00")],
    "收到你转账500": [("RECEIVED", "500.00")],
    "给你发了红包20元": [("RED_PACKET", "20.00")],
    "给你转账300": [("TRANSFER", "300.00")],
    "你给我转账300元": [],
    "你转300给我": [],
    "你退我300": [],
    "你刚转我的300": [("RECEIVED", "300.00")],
    "转了500过去": [("TRANSFER", "500.00")],
    "发你个红包8.88元": [("RED_PACKET", "8.88")],
    "没收到你的转账600元": [],
    "还没转你500": [],
    "明天转你500": [],
    "先转500再说": [],
    "请转账500元": [],
    "转我500": [],
    "给我转500元": [],
    "发我红包200元": [],
    "转账500元？": [],
    "你已收款 ¥500": [],
    "收到12个": [],
    "红包3个": [],
    "退一步说 3元": [],
    "[红包] 恭喜发财": [],
    "打包500条给你": [],
    "一共4300条": [],
    "13800138000 打你电话": [],
    "2023年5月1日": [],
}


@pytest.mark.parametrize("text", CASES)
def test_amounts_are_read_with_their_kind(text: str) -> None:
    assert [(m.kind, str(m.amount)) for m in read_money(text)] == CASES[text]
    if CASES[text]:
        assert money_lines(pa.array(["在吗", text, None])).tolist() == [1]


@pytest.mark.parametrize(
    "said", ["发你了 客户.xlsx", "发给你了，客户.xlsx", "刚传过去了：客户.xlsx"]
)
def test_a_sentence_that_only_says_that_a_file_was_sent_names_it(said: str) -> None:
    mention = read_mention(said, NAME)
    assert mention is not None
    assert mention.name == "客户.xlsx"
    assert read_mention(f"{said}看一下", NAME) is None


def test_titles_name_the_peer_and_sentences_do_not() -> None:
    for title in (
        "与小芳的聊天记录",
        "我和小芳的微信聊天记录",
        "《与“小芳”的聊天记录》",
        "与小芳的对话",
        "与小芳聊天记录_20230501(2)",
    ):
        assert read_chat_title(title) == ("小芳", True)
    assert read_chat_title("数据交流群聊天记录") == ("数据交流群", False)
    for said in ("我和他聊天", "和你对话真累", "我的聊天记录没了", "小芳的聊天记录"):
        assert read_chat_title(said) is None


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (1, [("TRANSFER", "4800.00")]),
        (3, [("RECEIVED", "4800.00")]),
        (4, [("REFUND", "4800.00")]),
        (5, []),
    ],
)
def test_a_transfer_in_the_xml_of_wechat(kind: int, told: list[tuple[str, str]]) -> None:
    text = (
        "<msg><appmsg><title>微信转账</title><des>收到转账4800.00元</des><type>2000</type><wcpayinfo>"
        f"<paysubtype>{kind}</paysubtype><feedesc><![CDATA[￥4800.00]]></feedesc></wcpayinfo></appmsg>"
    )
    assert [(m.kind, str(m.amount)) for m in read_money(text)] == told
