"""What people fill in is read whole, or every cell that cannot be used is told."""

from collections.abc import Mapping
from typing import Any

import pytest

from piiscan import CaseError
from piiscan.case.sampling.sampling_frame import Record
from piiscan.case.sampling.verification_form import (
    RESULTS,
    RecordResult,
    merge_results,
    number_records,
    read_results,
    row_code,
    verification_form,
)
from piiscan.forms.reader import read_content
from piiscan.forms.writer import SheetRow, sheet_bytes

RECORDS = [Record(n, 1, "m", n + 2, 0, "CN_MOBILE", "total", None, None, 1) for n in range(6)]
DRAWN = list(number_records(iter(RECORDS), "token"))
CODES = {each.number: each.code for each in DRAWN}


def sheet(cells: Mapping[int, Mapping[str, str]], *, language: Any = "zh") -> bytes:
    lines = [
        SheetRow({"number": str(d.number), "code": d.code, "row": 2, **cells.get(d.number, {})})
        for d in DRAWN
    ]
    return sheet_bytes(verification_form(), lines, language=language)


def read(content: bytes) -> list[RecordResult]:
    return read_results(read_content(content, "核实.xlsx", verification_form()), CODES.get)


def test_a_code_is_of_its_sheet_and_place() -> None:
    assert len({*CODES.values(), row_code("other", 1, RECORDS[0].location)}) == 7
    assert all(code.startswith("k") and len(code) == 13 for code in CODES.values())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_results_come_back_in_either_language(language: str) -> None:
    choices = verification_form()["result"].choices
    assert [choice.code for choice in choices] == list(RESULTS)
    cells = {n: {"result": choice.words[language]} for n, choice in enumerate(choices, 1)}
    cells[1] |= {"method": "电话", "verifier": "甲", "time": "2026-11-26 10:00"}
    assert read(sheet(cells, language=language)) == [
        RecordResult(n, result, n == 1) for n, result in enumerate(RESULTS, 1)
    ]


def test_words_that_people_write_are_understood() -> None:
    cells = {1: {"result": "属实"}, 2: {"result": " 空号 "}, 3: {"result": "无法联系"}}
    assert [each.result for each in read(sheet(cells))] == ["real", "untrue", "unverifiable"]


def test_an_untouched_sheet_says_nothing() -> None:
    assert read(sheet({})) == []


def test_every_unusable_cell_is_told_by_place_and_never_by_content() -> None:
    cells = {1: {"result": "也许张三"}, 2: {"code": "k000000000000"}, 3: {"number": "x13800138000"}}
    with pytest.raises(CaseError) as caught:
        read(sheet(cells))
    text = str(caught.value)
    for told in (
        "row 2, 核实结果: the result is not known; leave it empty for none",
        "row 3, 核对码: is no row of this sheet; give back what was written for it",
        "row 4, 编号: must be a number",
    ):
        assert told in text
    assert not any(content in text for content in ("张三", "138"))
    told = caught.value.text("zh")
    assert "第 2 行" in told
    assert not any(word in told for word in ("leave", "give back", "must"))


def test_a_row_that_stands_twice_is_told() -> None:
    with pytest.raises(CaseError, match="row 3, 编号: stands twice"):
        read(sheet({2: {"number": "1", "code": CODES[1]}}))


def test_several_sheets_add_up_and_must_not_contradict() -> None:
    one, other = RecordResult(1, "real", True), RecordResult(2, "wrong", True)
    assert merge_results([("a", [one]), ("b", [other, one])]) == {1: one, 2: other}
    with pytest.raises(CaseError, match="b: number 1 has another result in") as caught:
        merge_results([("a", [one]), ("b", [RecordResult(1, "untrue", True)])])
    assert caught.value.text("zh") != str(caught.value)
