"""``piiscan judge`` on the command line."""

from typing import Any


def test_a_finding_is_marked_and_the_next_count_says_so(counted: Any, call: Any) -> None:
    counted()
    words = ("--row", "1:2", "--kind", "手机号码", "--reason", "空号", "--author", "王检")
    told = call("judge", "case", *words)
    assert (told.code, told.err) == (0, "")
    assert "已登记 1 项认定" in told.out
    assert "尚未计入；重新计数：piiscan count case" in call("report", "case").err
    again = call("count", "case", "--full")
    assert call("report", "case").err == ""
    assert again.lacks("人工认定的误检和漏检", "记录不再计入") == []
    assert "13800138000" not in again.out


def test_a_row_is_named_as_lookup_prints_it(counted: Any, call: Any) -> None:
    counted()
    asked = call("lookup", "case", "13800138000", "--key", "key").out.splitlines()
    place = next(line.strip() for line in asked if "第 2 行" in line)
    for row in (place, "dump/a.csv:2", "1:2"):
        told = call("explain-count", "case", "--row", row)
        assert (told.code, told.lacks("a.csv")) == (0, []), row
    why = ("--reason", "空号", "--author", "王检")
    assert "已登记 1 项认定" in call("judge", "case", "--row", place, *why).out  # B 列
    assert (
        "已登记 1 项认定" in call("judge", "case", "--row", "dump/a.csv row 2 column B", *why).out
    )
    assert "已登记 2 项认定" in call("judge", "case", "--row", "dump/a.csv 第 2 行", *why).out
    assert "没有这个路径" in call("judge", "case", "--row", "no.csv:2", *why).err
    assert "老K" in call("lookup", "case", "老K", "--key", "key").out
