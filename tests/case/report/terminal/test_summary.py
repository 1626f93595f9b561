"""A terminal has a case in words: its tables, and in short what it comes to, with every doubt."""

import io
from collections.abc import Iterable

import pytest
from rich.console import Console, RenderableType

from piiscan import Case, count
from piiscan.case.report.terminal.terminal_tables import case_tables, summary_tables
from piiscan.case.scan.tables.kind_tables import KINDS
from piiscan.case.scan.tables.unread_table import UNREAD
from piiscan.case.tiers.ratio_table import RATIOS


@pytest.fixture(scope="module")
def counted(case: Case) -> Case:
    count(case)
    return case


def printed(tables: Iterable[RenderableType]) -> str:
    console = Console(file=io.StringIO(), width=200)  # wide enough for any temporary folder
    with console.capture() as shown:
        for each in tables:
            console.print(each)
    return shown.get()


def test_it_tells_kinds_ladder_ratios_and_what_was_not_read(counted: Case) -> None:
    text = printed(summary_tables(counted, language="zh"))
    for title in ("信息类型与数量", "计数阶梯", "按规则折算的比例", "未读取或有疑问的部分"):
        assert text.count(title) >= 1
    for step in range(7):
        assert text.count(f"R{step} ") == 1
    assert "broken.zip" in text
    assert "138001" not in text


def test_it_is_english_where_that_is_asked_for(counted: Case) -> None:
    text = printed(summary_tables(counted, language="en")).split("unread")[0]
    assert not any("一" <= character <= "鿿" for character in text)


def test_kinds_and_counts_are_printed_in_both_languages(case: Case) -> None:
    text = printed(case_tables(case, language="zh"))
    assert "手机号码" in text
    assert "mobile number" in printed(case_tables(case, language="en"))
    assert f"{case.tables()['kinds'][0]['hits']:,}" in text
    assert "13812345678" not in text


def test_only_tables_with_rows_are_given(case: Case) -> None:
    assert len(case_tables(case, tables=[KINDS, UNREAD])) == 2


def test_the_usual_ratio_stands_between_the_least_and_the_largest() -> None:
    row = {"scope_kind": "total", "policy": "p", "unit": "U1", "insider": False}
    rows = [
        row | {"scenario": scenario, "ratio": ratio, "exact": exact}
        for scenario, ratio, exact in (
            ("default", "0.81", "81/100"),
            ("highest", "10.00", "10"),
            ("lowest", "0.78", "39/50"),
            ("choice", None, None),
        )
    ]
    rows.append(rows[0] | {"scope_kind": "suspect", "exact": "99"})
    (told,) = RATIOS.rows_in("summary", {"tier_scenarios": rows})
    assert (told["ratio"], told["ratio_from"], told["ratio_to"]) == ("0.81", "0.78", "10.00")
