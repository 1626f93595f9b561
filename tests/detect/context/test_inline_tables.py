"""Tables inside a text: values are found under the names of their columns; prose stays prose."""

import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import piiscan

ROWS = "高原,13800138001,lin_yue88\n张三,13900139002,zhang-wen6"
TWO = "高原 13800138001 lin_yue88 张三 13900139002 zhang-wen6"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"发你看看\n姓名,手机,微信\n{ROWS}\n满意再付款", TWO),
        (f"客户资料：姓名，手机，微信\r\n{ROWS.replace(',', '，')}", TWO),
        (f"| 姓名 | 手机 | 微信 |\n|---|---|---|\n| {ROWS.replace(',', ' | ')} |", TWO),
        (f"xm----sjh----wx\n{ROWS.replace(',', '----')}", TWO),
        (f"姓名 电话 微信号\n{ROWS.replace(',', ' ')}\n谢谢", TWO),
        ('{"msg":"姓名,手机,微信\\n' + ROWS.replace("\n", "\\n") + '"}', TWO),
        ('"姓名","手机","微信"\n"高原","13800138001","lin_yue88"', TWO[:24]),
        ("登录名,密码\nliming_88,abc123456", "abc123456"),
        ("姓名,学号\n平安,20230712\n江山,20230713", "平安 20230712 江山 20230713"),
        ("订单号,手机\n13812345678,13800138001", "13812345678 13800138001"),
        ("姓名/座机\n张三/85530001", "张三 85530001"),
        ("运单号,状态\n300000000001,已签收\n300000000002,在途", "300000000001 300000000002"),
        ("姓名,班级\n高原,三年级二班", "高原"),
        # no tables
        ("姓名、电话、微信都要登记，\n长沙的同事今天来，\n株洲的明天来", ""),
        ("电话没人接，微信也不回，\n我也没办法，只好等，\n明天再说吧", ""),
        ("SELECT name,mobile,wechat FROM t\nWHERE id,age,sex\nORDER BY id,age,sex", ""),
        ("import name,phone,qq\nfrom utils import a,b,c\nprint a,b,c", ""),
        ("姓名,性别,年龄\n说明,必填,数字\n备注,选填,文字", ""),
        ("QQ,微信,微博\n腾讯,腾讯,新浪", ""),
        ("运单号,状态\n暂无,未发货", ""),
        ("名字,含义\n明天,第二天\n高原,海拔高", ""),
        ("手机 平板 电脑\n苹果 华为 联想", ""),
        ("name,version\nnumpy,1.26.4\npandas,2.1.3", ""),
        ("账号,密码\n请到前台领取,请妥善保管", ""),
        ("微信 QQ 微博\n10001 20002 30003\n", "20002"),
        ("姓名,手机\n\n以上为必填项,谢谢", ""),
    ],
)
def test_values_stand_under_their_names(text: str, expected: str) -> None:
    found = piiscan.find(text, as_of=datetime.date(2026, 11, 1))
    assert [each.text for each in found] == expected.split()


def test_values_have_the_roles_of_their_columns() -> None:
    text = "寄件人,电话,收件人,电话,运单号\n张三,13800138001,高原,13900139002,300000000001"
    assert [(each.value, each.role) for each in piiscan.find(text)] == [
        *(("张三", "sender"), ("13800138001", "sender")),
        *(("高原", "recipient"), ("13900139002", "recipient"), ("300000000001", None)),
    ]


def test_lines_of_a_file_are_read_under_the_line_of_names(tmp_path: Path) -> None:
    prose = "今天天气不错，我们去公园散步，顺便买点菜。\n他说明天还要加班。\n" * 9
    source = tmp_path / "chat.txt"
    source.write_text(f"{prose}先发一点：\n收件人,手机,微信\n{ROWS}\n好的\n{prose}", "gb18030")
    piiscan.scan(source, case=tmp_path / "case", reveal=True)
    (shard,) = (tmp_path / "case").rglob("findings/*.parquet")
    rows = pq.read_table(shard).to_pylist()
    assert [(r["row"], r["context"], r["role"]) for r in rows] == [
        (row, context, "recipient") for row in (21, 22) for context in ("收件人", "手机", "微信")
    ]
    data = source.read_bytes()
    assert [r["byte_offset"] for r in rows][2::3] == [data.find(b"lin"), data.find(b"zhang-")]
