"""Names that are words: what must stand beside them, and ordinary words in the same places."""

import datetime

import pytest

from piiscan import find
from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.detect.ner.name_evidence import EVIDENCE
from piiscan.wording.words import section

#: A text, and the names in it that are words.
NAMES = """
收货人 何必 13800138000 示例路1号 | 何必
机主温泉，入网日期2019-03-02，号码13800138000 | 温泉
联系人1：韩鹏（配偶）13800138000 联系人2：汪洋（朋友）13900139000 | 汪洋
高兴，女，汉族，43岁 | 高兴
白雪：男，1970年生，大专学历。 | 白雪
查一下 13800138000 何必 | 何必
费用 13800138000 长沙市岳麓区示例路1号 | 费用
(1001,'时机','13800138000','示例路1号') | 时机
时机----13800138000----430102199003074514 | 时机
真名金黄，手机13800138000 | 金黄
实名认证 汪洋 430102199003074514 | 汪洋
大家好，我叫常识，今年读大三 | 常识
老板，万岁的快递到了 | 万岁
康健先生您好，您预约的包间已保留 | 康健
张伟、牛奶、李秀英三人签到 | 牛奶
【示例银行】万岁，您的账单已出，请按时还款 | 万岁
司空见，女，1990年生 | 司空见
韵达 311553591655317 「任大勇」 示例路1号22栋508 13800138000 | 任大勇
审判长　高兴　人民陪审员　赵敏 | 高兴
"""
#: Texts in which no word is a name, and the names in them.
NONE = """
客户服务热线 13800138000
业主委员会通知：本周六停水
户名不符，退款失败 13800138000
status=成功, name=管理员, title=高原, city=宁波
1、13800138000 已接通\\n2、13900139000 终止\\n3、13700137000 空号
单位 13800138000 住宅 0731-80000001
高原上的阳光格外强烈，江山如画，万里无云。
他很安静，也很高兴，从来没有发过脾气。
【示例保险】安全，您的账单已出
传统方式固然可使客户满意，但满意的客户未必是忠实的客户。
于是他终于明白，成功并不容易，女儿也这样说。
方便面、牛奶、水果、毛巾
前台都为您准备好了，客户和所在组也都有的
看见一位仰望太太走过，心里不觉凄然。
经查，王某（手机号13800138000）在逃。 | 王某
丰富，张伟（手机号13800138000）在场。 | 张伟
"""


@pytest.mark.parametrize("row", NAMES.strip().splitlines())
def test_a_word_is_a_name_by_what_stands_beside_it(row: str) -> None:
    text, name = row.split(" | ")
    found = [each.text for each in find(text) if each.entity == "PERSON"]
    assert name in found


@pytest.mark.parametrize("text", NONE.strip().splitlines())
def test_an_ordinary_word_is_none(text: str) -> None:
    text, _, names = text.partition(" | ")
    persons = [each.text for each in find(text.replace("\\n", "\n")) if each.entity == "PERSON"]
    assert persons == names.split()


def test_an_explanation_lists_the_evidence() -> None:
    engine = Engine(load(), as_of=datetime.date(2026, 1, 1))
    (change,) = engine.trace_names("管理，女，汉族，43岁", engine.column(None))
    assert change.rule == "propose_evident_names"
    assert change.evidence == ("first", "sex")
    assert set(section("explain")["name_evidence"]) == set(EVIDENCE)
