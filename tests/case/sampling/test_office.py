"""A sheet means the same after a spreadsheet program opened and saved it."""

from pathlib import Path

import pytest

from piiscan.case.sampling.sampling_frame import Record
from piiscan.case.sampling.verification_form import (
    RESULTS,
    RecordResult,
    number_records,
    read_results,
    verification_form,
)
from piiscan.forms.reader import read_content
from piiscan.forms.writer import SheetRow, write_sheet
from tests.office import save_as

pytestmark = pytest.mark.program("LibreOffice Calc")


def test_results_survive_libreoffice(tmp_path: Path) -> None:
    records = [Record(n, 1, "m", n + 2, 0, "X", "total", None, None, 1) for n in range(5)]
    drawn = list(number_records(iter(records), "token"))
    words = [choice.words["zh"] for choice in verification_form()["result"].choices]
    rest = {"method": "电话", "verifier": "甲", "time": "2026-11-26 10:30"}
    cells = [{"result": word, **rest} for word in words]
    lines = [
        SheetRow({"number": str(each.number), "code": each.code, "row": 7, **given})
        for each, given in zip(drawn, [*cells, {}], strict=True)
    ]
    write_sheet(tmp_path / "s.xlsx", verification_form(), lines, language="zh")
    codes = {each.number: each.code for each in drawn}
    expected = [RecordResult(n, result, True) for n, result in enumerate(RESULTS, 1)]
    for way in ((), ("xlsx",), ("ods", "xlsx"), ("ods",)):
        path = save_as(tmp_path / "s.xlsx", *way)
        sheet = read_content(path.read_bytes(), path.name, verification_form())
        assert read_results(sheet, codes.get) == expected
