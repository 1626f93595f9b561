"""Tables are told from prose, logs and chat, and split by the delimiter that fits."""

import numpy as np
import pytest

from piiscan.sources.rows.delimiter import find_dialect, looks_like_sql
from tests.sources.tables import count_names

PEOPLE = [
    ("张伟", "13800138000", "湖南省长沙市岳麓区"),
    ("王芳", "13900139000", "广东省深圳市南山区"),
    ("李静", "13700137000", "北京市朝阳区"),
    ("欧阳娜娜", "15000150000", "上海市浦东新区张江镇"),
]


def delimiter_of(text: str) -> str | None:
    dialect = find_dialect(np.frombuffer(text.encode(), np.uint8), count_names)
    return None if dialect is None else dialect.delimiter


def table(delimiter: str, rows: int = 4) -> str:
    return "".join(delimiter.join(PEOPLE[n % 4]) + "\n" for n in range(rows))


@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";", "----", "::", "  ", "，", "*"])
@pytest.mark.parametrize("rows", [3, 4, 100])
def test_every_delimiter_is_found_without_a_header(delimiter: str, rows: int) -> None:
    assert delimiter_of(table(delimiter, rows)) == delimiter


@pytest.mark.parametrize("delimiter", ["\t", "|", "----", ","])
def test_one_row_is_enough_where_its_cells_are_clear(delimiter: str) -> None:
    assert delimiter_of(table(delimiter, 1)) == delimiter


TABLES = {
    "ragged rows below known names": (
        "姓名,电话,地址\n" + "张伟,13800138000,湖南省,长沙市,1栋\n王芳,13900139000,广东\n" * 5,
        ",",
    ),
    "title lines": ("二〇二三年客户名单\n制表：某某\n" + table(",", 4), ","),
    "title lines with empty cells": (
        "账单明细,,,,\n昵称：[山],,,,\n共2笔,,,,\n时间,姓名,电话,地址,备注,金额,状态\n"
        + "2023-05-03,张伟,13800138000,/,/,¥20.00,完成\n" * 2,
        ",",
    ),
    "another sign inside cells": (
        "".join(f"张伟|13800138{n:03}|湖南,长沙,岳麓\n" for n in range(10)),
        "|",
    ),
    "one column below its name": ("手机号\n13800138000\n13900139000\n", ""),
    "one column below another line": ("某某\n13800138000\n13900139000\n", None),
}


@pytest.mark.parametrize("claim", TABLES)
def test_a_table_is_found(claim: str) -> None:
    text, delimiter = TABLES[claim]
    assert delimiter_of(text) == delimiter


@pytest.mark.parametrize(
    ("first", "is_table"),
    [("电话：1", False), ("电话：", True), ("电话：（必填）", True), ("电话(11位:必填)", True)],
)
def test_a_label_with_its_value_is_no_name_of_a_column(first: str, is_table: bool) -> None:
    text = np.frombuffer(f"{first}\n13800138000\n13900139000\n".encode(), np.uint8)
    found = find_dialect(text, lambda cells: sum(cell.startswith("电话") for cell in cells))
    assert (found is not None) == is_table


@pytest.mark.parametrize(
    "text",
    [
        "据新华社报道，警方近日破获一起案件，涉案金额巨大。\n嫌疑人张某，男，三十岁，已被刑拘。\n"
        * 3,
        "The quick, brown fox.\nJumps over, the lazy dog.\nAnd again, once more.\n",
        "2023-07-12 10:00:01 张三\n你好，在吗\n\n2023-07-12 10:00:09 李四\n在的，13800138000\n",
        "03-17 16:13:38.811  1702  2395 D WindowManager: printFreezing\n" * 20,
        "2023-07-12 10:00:01,123 INFO [main] a.b.C: started, took 5 ms\n" * 20,
        "2023-07-12 10:00:01 | INFO | app | user=1\n" * 20,
        "Jun  9 06:06:20 combo sshd[123]: check pass; user unknown, rhost=a, b\n" * 20,
        '10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a,b HTTP/1.0" 200 23\n' * 20,
        "【菜鸟】您的验证码是123456，5分钟内有效，请勿泄露。\n" * 20,
        "姓名：张伟，电话：13800138000，地址：湖南省长沙市\n" * 20,
        "收件人:王芳,电话:13900139000,地址:广东省深圳市\n" * 20,
        "INSERT INTO t VALUES (1,'张伟','13800138000'),\n(2,'王芳','13900139000');\n" * 5,
        "<tr><td>张伟</td>,<td>13800138000</td></tr>\n" * 5,
        "20171223-22:15:29:606|Step_LSC|30002312|onStandStepChanged 3579\n" * 20,
        "2006/02，中航工业一飞院党委书记；\n2012/05，中航工业飞机分党组成员；\n2013/01，已退休；\n",
        "2003年10月，河南博物馆。\n",
        "",
        "\n\n",
        "13800138000\n13900139000\n",
        "#长沙美食# 今天吃了火锅\n#周末# 在家休息\n#天气# 晴\n" * 5,
        "好的~明天见~\n哈哈~不客气~\n谢谢~辛苦~\n" * 5,
        "^_^ 你好 ^_^\n^_^ 再见 ^_^\n^_^ 谢谢 ^_^\n" * 5,
        "# 标题\n## 第一节\n# 第二节 2024\n",
    ],
)
def test_running_text_stays_text(text: str) -> None:
    assert delimiter_of(text) is None


@pytest.mark.parametrize("delimiter", ["\x01", "$$", "^", "~", "#", "|", "||", "----"])
def test_exports_with_rare_delimiters_are_tables(delimiter: str) -> None:
    rows = ["姓名{}电话{}地址", *(f"张伟{{}}1380013800{n}{{}}样本路{n}号" for n in range(5))]
    text = "\n".join(rows).replace("{}", delimiter)
    assert delimiter_of(text) in (delimiter, delimiter[:1])
    assert delimiter_of(text.partition("\n")[2]) in (delimiter, delimiter[:1])


@pytest.mark.parametrize("blank", ["\n", " \n", "\t", "\r\n", " "])
def test_statements_are_searched_in_one_pass_over_blank_lines(blank: str) -> None:
    text = blank * 65_536  # a pattern that passed over line ends took minutes for it
    assert not looks_like_sql(np.frombuffer(text.encode(), np.uint8))
    found = blank * 100 + "\n \tINSERT INTO a VALUES (1);"
    assert looks_like_sql(np.frombuffer(found.encode(), np.uint8))
