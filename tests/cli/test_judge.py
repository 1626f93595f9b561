"""``piiscan judge`` on the command line."""

from typing import Any


def test_a_finding_is_marked_and_the_next_count_says_so(counted: Any, call: Any) -> None:
    counted()
    words = ("--row", "1:2", "--kind", "手机号码", "--reason", "空号", "--author", "王检")
    told = call("judge", "case", *words)
    assert (told.code, told.err) == (0, "")
    assert "已登记 1 项认定" in told.out
    again = call("count", "case", "--full")
    assert again.lacks("人工认定的误检和漏检", "记录不再计入") == []
    assert "13800138000" not in again.out
