"""Lines of text that are one record, whatever blocks they come in."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan.sources.block import Block, Trouble
from piiscan.sources.lined.line_kinds import LabelNames, build_label_names
from piiscan.sources.lined.record_grouping import group_lines

NAMES: LabelNames = build_label_names(
    ["姓名", "电话", "地址", "运单号", "收件人", "寄件人", "收", "寄", "phone_number", "name"],
    {"收件人", "寄件人", "收", "寄"},
)
P = "13800138001"


def cut(lines: list[str], ends: list[int]) -> Iterator[Block]:
    for begin, end in zip([0, *ends], [*ends, len(lines)], strict=True):
        if begin < end:
            rows = np.arange(begin, end) + 1
            yield Block(
                [pa.array(lines[begin:end], pa.string())], rows, rows, [rows * 7], "utf-8",
                kinds=np.zeros(end - begin, np.int8), split=False,
            )  # fmt: skip


def joined(lines: list[str], ends: list[int] | None = None) -> list[tuple[int, int, int, str]]:
    """Row, record, head and text of each line."""
    found = []
    records: set[int] = set()
    for block in group_lines(cut(lines, ends or []), NAMES):
        assert isinstance(block, Block)
        assert block.record_starts is not None
        assert not records & set(block.record_starts.tolist())  # whole records only
        records |= set(block.record_starts.tolist())
        none = np.zeros(len(block.rows), np.int64)
        heads = none if block.message_starts is None else block.message_starts
        assert block.byte_starts is not None
        assert block.byte_starts[0].tolist() == (block.rows * 7).tolist()
        cells = block.columns[0].to_pylist()
        found += zip(
            block.rows.tolist(), block.record_starts.tolist(), heads.tolist(), cells, strict=True
        )
    return found


def records(text: str) -> list[int]:
    return [record for _, record, _, _ in joined(text.split("\n"))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # one label a line; one that comes again begins the next record
        (f"姓名：张三\n电话：{P}\n姓名：李四\n电话：{P}", [1, 1, 3, 3]),
        # unless a party's label stands between
        (f"收件人：张三\n电话：{P}\n寄件人：李四\n电话：{P}\n收件人：王五", [1, 1, 1, 1, 5]),
        # lines of several labels each are records, but for two parties of one
        (f"姓名：张三 电话：{P}\n收件人: 李四 电话: {P}\n姓名：王五 电话：{P}", [1, 2, 3]),
        (f"收件人：张三 电话：{P}\n寄件人：李四 电话：{P}\n收件人：王五 电话：{P}", [1, 1, 3]),
        (f"姓名：张三 电话：{P}\n地址：长沙市", [1, 1]),
        # an entry of a list that begins with a time heads no other line
        (f"2021-05-28 00:37 张三 {P} 已签收\n李四 {P}\n王五 {P}", [1, 2, 3]),
        ("2021-05-28 00:37 张三(10000200030)\n在吗", [1, 1]),
        # a blank line or a rule ends it
        (f"姓名：张三\n\n电话：{P}", [1, 2, 3]),
        (f"姓名：张三\n————\n电话：{P}", [1, 2, 3]),
        # lines between two labels belong to the first, unless someone's number stands there
        (f"姓名：张三\n地址：湖南省\n长沙市\n电话：{P}", [1, 1, 1, 1]),
        (f"姓名：张三\n李四 {P}\n电话：{P}", [1, 2, 3]),
        (f"姓名：张三\n电话：{P}\n以下为正文", [1, 1, 3]),
        # every way of writing a label
        (f"【姓名】：张三\n Phone Number: {P}\n*地址:湖南", [1, 1, 1]),
        ("收：张三 138\n寄：李四 139\n运单号 SF0000000000001", [1, 1, 1]),
        (f"name=a\nphone_number={P}", [1, 1]),
        # what is no label
        ("甲：你好\n乙：再见\n他说，姓名：无", [1, 2, 3]),
        (f"张三：{P}\n李四：{P}", [1, 2]),
        (f"电话：{P}\n电话：{P}\n电话：{P}", [1, 2, 3]),
        # visiting cards, also broken ones
        ("BEGIN:VCARD\nFN:张三\n\nTEL:1\nEND:VCARD\nx", [1, 1, 1, 1, 1, 6]),
        ("begin:vcard\nFN:张三\nBEGIN:VCARD\nFN:李四", [1, 1, 3, 3]),
    ],
)
def test_lines_that_belong_together_are_one_record(text: str, expected: list[int]) -> None:
    assert records(text) == expected


HEADS = [
    "2023-07-12 10:05:30 昵称(10000)",
    "2023/7/12 10:05 在吗",
    "[2023-07-12 10:05:30] 张三: 在",
    "2023年7月12日 10:05",
    "张三 2023-07-12 10:05:30",
    "昵称<a@b.cn> 2023-7-12 9:05",
    "【2023-07-12 10:05】",
]


@pytest.mark.parametrize("head", HEADS)
def test_a_message_reaches_from_its_head_to_the_next(head: str) -> None:
    found = records(f"{head}\n发你一个\n张三\n{head}\n{P}\n\n好的\n{head}")
    assert found == [1] * 3 + [4] * 4 + [8]


@pytest.mark.parametrize(
    "line",
    ["2023-07-12", "10:05:30", "2023-07-12 10", "20230712 10:05", "2023-13", "12023-07-12 10:05x",
     "他于2023-07-12 10:05到达", "1823-07-12 10:05"],
)  # fmt: skip
def test_what_is_no_head_begins_no_message(line: str) -> None:
    assert records(f"{line}\n正文") == [1, 2]


def test_the_first_message_ends_at_a_blank_line() -> None:
    assert records("发布于 2023-07-12 10:05\n正文\n\n另一段\n又一段") == [1, 1, 3, 4, 5]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"张三 {P}\n李四 {P}\n王五 {P}", [1, 2, 3, 4]),
        (f"张三\n{P}\n李四\n{P}", [1, 2, 2, 4, 4]),
        (f"名单如下\n张三 {P}\n李四 {P}", [1, 2, 3, 4]),
        (f"姓名：张三\n电话：{P}\n姓名：李四\n电话：{P}", [1, 2, 2, 4, 4]),
        ("wxid_a1b2c3\nwxid_x1b2c4\nwxid_d1b2c5", [1, 2, 3, 4]),
        (f"张三\n{P}\n430104190506150016\nwxid_a1b2c3", [1, 1, 1, 1, 1]),
    ],
)
def test_a_list_inside_a_message_stays_one_record_a_line(body: str, expected: list[int]) -> None:
    assert records(f"2023-07-12 10:05 甲(10000)\n{body}") == expected


def test_every_line_of_a_message_knows_its_head() -> None:
    lines = ["x", HEADS[0], f"张三 {P}", f"李四 {P}", HEADS[1]]
    assert [head for _, _, head, _ in joined(lines)] == [0, 2, 2, 2, 5]


def test_a_record_ends_after_many_lines() -> None:
    found = records("\n".join([HEADS[0], *["好"] * 500]))
    assert found[199] == 1
    assert found[200:] == list(range(201, 502))
    assert len(set(records("\n".join(["BEGIN:VCARD", *["A" * 70] * 1000, "END:VCARD"])))) == 1


LINES = st.sampled_from(
    [*HEADS, "姓名：张三", f"电话：{P}", "收件人：李四", "寄件人：王五", "", "----", "正文",
     "BEGIN:VCARD", "END:VCARD", f"张三 {P}", P, "wxid_a1b2c3", "wxid_b1b2c3",
     "430104190506150016", "运单号 SF1", "  "]
)  # fmt: skip


@given(st.lists(LINES, max_size=40), st.data())
@settings(max_examples=300, deadline=None)
def test_records_do_not_depend_on_blocks(lines: list[str], data: st.DataObject) -> None:
    ends = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=8)))
    assert joined(lines, ends) == joined(lines)


@given(
    st.lists(
        st.text("姓名：: =\t0123456789-/.年月日[]【】()abc张BEGINVCARD\u3000\ufeff", max_size=20)
    )
)
@settings(max_examples=300, deadline=None)
def test_no_line_is_lost(lines: list[str]) -> None:
    found = joined(lines)
    assert [(row, text) for row, _, _, text in found] == list(enumerate(lines, 1))
    assert all(record <= row for row, record, _, _ in found)


def test_long_lines_and_troubles_pass_and_end_what_is_open() -> None:
    (first, second) = cut(["姓名：张三", f"电话：{P}"], [1])
    piece = Block(
        [pa.array(["x"])], np.array([2]), np.array([2]), [np.array([0])], "utf-8", own_range=(0, 1),
        split=False,
    )  # fmt: skip
    found = list(group_lines([first, Trouble("", "X"), piece, second], NAMES))
    kinds = [b.rows.tolist() if isinstance(b, Block) else b.reason for b in found]
    assert kinds == ["X", [1], [2], [2]]


LIMITS = (64 << 10, 2 << 20)  # bytes of a record, of a card


@pytest.mark.parametrize("size", [limit + more for limit in LIMITS for more in (-1, 0, 1, 4096)])
@pytest.mark.parametrize(
    "head", ["姓名：", "备注：", "x", "2023-07-12 10:05:30 张三(10000)", "BEGIN:VCARD"]
)
def test_a_line_of_any_length_is_left(head: str, size: int) -> None:
    long = head + "x" * (size - len(head.encode()))
    lines = ["电话：1", long, "姓名：张三", "", long, long]
    for ends in ([], [1], [2], [3, 5]):
        assert [text for _, _, _, text in joined(lines, ends)] == lines


@pytest.mark.parametrize("count", [199, 200, 201, 202, 20_000, 20_001])
@pytest.mark.parametrize(
    "line", ["姓名：张三", "电话：", "x", "", "----", "BEGIN:VCARD", "收件人：a 电话：b"]
)
def test_any_number_of_lines_is_left(line: str, count: int) -> None:
    for first in ("姓名：x", "BEGIN:VCARD", "2023-07-12 10:05:30 张三(10000)"):
        lines = [first, *[line] * (count - 1), "y"]
        assert [text for _, _, _, text in joined(lines)] == lines
        assert [text for _, _, _, text in joined(lines, [count // 2])] == lines


@pytest.mark.parametrize("mark", ["", "----", "===="])
def test_lines_without_labels_between_marks_are_a_person(mark: str) -> None:
    person = ["收：张三 13800138000", "示例市样本路1号", "实名：430104190506150016", mark]
    assert records("\n".join(person * 2)) == [1, 1, 1, 4, 5, 5, 5, 8]
    two = ["张三 13800138000", "李四 13900139000", mark]
    assert records("\n".join(two)) == [1, 2, 3]
    others = ["张三 13800138000", "李四 430104190506150016", mark]
    assert records("\n".join(others)) == [1, 2, 3]
    prose = ["正文" * 80, "电话13800138000", mark]
    assert records("\n".join(prose)) == [1, 2, 3]
