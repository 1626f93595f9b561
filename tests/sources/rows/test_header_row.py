"""Headers are found below titles and by structure alone; data is never taken for one."""

import pytest

from piiscan.sources.rows.header_row import HeaderLayout, find_layout, side_by_side_groups
from tests.sources.tables import count_names


def layout(*rows: str) -> HeaderLayout:
    return find_layout([row.split(",") for row in rows], count_names)


HEADERS: dict[str, tuple[list[str], list[str | None], int]] = {
    "known names": (["姓名,电话", "张伟,13800138000"], ["姓名", "电话"], 1),
    "below titles": (
        ["客户名单,,", "制表人：某某", "", "姓名,电话,地址", "张伟,13800138000,长沙"],
        ["姓名", "电话", "地址"],
        4,
    ),
    "a column without a name": (["姓名,,电话", "张伟,x,13800138000"], ["姓名", None, "电话"], 1),
    "unknown names above numbers": (
        ["甲栏,乙栏", "张伟,13800138000", "王芳,13900139000"],
        ["甲栏", "乙栏"],
        1,
    ),
    "wrapped names": (['="姓名", 电话 ', "张伟,13800138000"], ["姓名", "电话"], 1),
}


@pytest.mark.parametrize("claim", HEADERS)
def test_a_header_is_found(claim: str) -> None:
    rows, headers, at = HEADERS[claim]
    found = layout(*rows)
    assert (found.headers, found.header_row) == (headers, at)


@pytest.mark.parametrize(
    "rows",
    [
        ("张伟,13800138000", "王芳,13900139000"),
        ("张伟,男", "王芳,女", "李静,女"),
        ("姓名：张伟,13800138000", "王芳,13900139000"),
        ("张伟,13800138000", "姓名,电话", "王芳,13900139000"),
        (),
    ],
)
def test_data_is_no_header(rows: tuple[str, ...]) -> None:
    assert layout(*rows).headers is None


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (["姓名", "电话", "", "姓名", "电话"], [0, 0, 0, 1, 1]),
        (["姓名", "电话", "姓名", "电话", "姓名", "电话"], [0, 0, 1, 1, 2, 2]),
        (["收件人", "电话", "寄件人", "电话"], [0, 0, 0, 0]),
        (["姓名", "电话", "电话"], [0, 0, 0]),
        (["姓名", "电话", "姓名"], [0, 0, 0]),
        (["电话", "电话"], [0, 1]),
        (["", "姓名", "电话", "", "姓名", "电话"], [0, 0, 0, 0, 1, 1]),
        ([], []),
    ],
)
def test_tables_side_by_side_are_told_apart(names: list[str], groups: list[int]) -> None:
    assert side_by_side_groups(names) == groups


def test_a_sentence_that_ends_with_a_label_is_no_header() -> None:
    rows = [["找王伟打这个电话"], ["我让李娜说一下"], ["王伟没来"]]
    assert find_layout(rows, lambda cells: sum("电话" in c for c in cells)).header_row is None
