"""Registers are read strictly, and kept in the case as they were given."""

import hashlib
import io
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from piiscan import CaseError
from piiscan.case.register import import_register, read_register
from piiscan.case.register.intake import parse_proposals
from piiscan.case.store.attachments import latest_attachment
from piiscan.case.store.audit_log import AuditLog
from tests.case.register.conftest import Made

HEAD = "路径,检材编号,角色,时间,价格,MD5"


def test_rows_are_read_whatever_columns_there_are(made: Made) -> None:
    (entry,) = made("嫌疑人,别的,文件路径", "张三,x,dump/a").entries
    assert (entry.row, entry.path, entry.values) == (2, "dump/a", {"suspect": "张三"})


def test_cells_are_read_as_what_they_mean(made: Made) -> None:
    register = made(HEAD, "a,JC-1,卖出,2024-3-5,1.2万,AB CD", "b")
    first, second = register.entries
    assert first.values["role"] == "sold"
    assert first.values["price"] == Decimal(12000)
    assert first.hashes == {"md5": "AB CD"}
    assert (second.values, second.hashes) == ({}, {})


def test_every_fault_is_told_by_row_and_heading_and_without_content(made: Made) -> None:
    with pytest.raises(CaseError) as caught:
        made(HEAD, "a,1,卖给13800138000,三月,很多", "./a/,1,出售", ",9")
    assert str(caught.value).split("\n") == [
        "r.csv, row 2, 角色: is none of the words that may stand here; see the second sheet",
        "r.csv, row 2, 时间: is no date; write 2024-03-05 or 2024-03-05 14:30",
        "r.csv, row 2, 价格: is no amount in yuan; write 1200, 1,200.50 or 1.2万",
        "r.csv, row 3, 路径: the same path stands in row 2 already",
        "r.csv, row 4, 路径: the row has no path",
    ]


def test_a_number_that_became_a_date_is_refused() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (["路径", "检材编号", "时间"], ["a", 45000, "2024-03-05"]):
        book.worksheets[0].append(row)
    book.worksheets[0]["B2"].number_format = "yyyy-mm-dd"
    book.save(out)
    with pytest.raises(CaseError, match=r"row 2, 检材编号: a spreadsheet program made a date"):
        read_register(out.getvalue(), "r.xlsx")


PROPOSED = "路径,状态,嫌疑人,设备,数据层,程序建议，勿改"


def test_what_is_proposed_counts_only_when_confirmed(made: Made) -> None:
    told = "嫌疑人=张三；设备=手机1；数据层=已删除"
    entries = made(
        PROPOSED,
        f"a,待确认,张三,手机1,已删除,{told}",
        f"b,已确认,张三,手机1,已删除,{told}",
        f"c,待确认,张小三,手机 1,,{told}",
        f"d,,张三,,,{told}",
        "e,proposed,张三,,deleted,suspect=张三; layer=deleted",
    ).entries
    assert [(entry.values, entry.unconfirmed) for entry in entries] == [
        ({}, ("suspect", "device", "layer")),
        ({"suspect": "张三", "device": "手机1", "layer": "deleted"}, ()),
        ({"suspect": "张小三"}, ("device",)),
        ({"suspect": "张三"}, ()),
        ({}, ("suspect", "layer")),
    ]


def test_without_the_proposals_a_row_that_waits_counts_for_nothing(made: Made) -> None:
    (entry,) = made("路径,状态,嫌疑人|a,待确认,张三").entries
    assert (entry.values, entry.unconfirmed) == ({}, ("suspect",))


def test_proposals_are_read_in_either_language() -> None:
    assert parse_proposals("suspect=张三; layer=deleted") == {"suspect": "张三", "layer": "deleted"}
    assert parse_proposals("数据层=雕刻；x=1；") == {"layer": "雕刻"}


def test_nothing_personal_is_in_a_repr(made: Made) -> None:
    register = made("路径,嫌疑人", "张三/13800138000,张三")
    assert "张三" not in repr(register) + repr(register.entries)


def test_a_case_keeps_the_register_and_a_bad_one_leaves_nothing(tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    good, bad = tmp_path / "r.csv", tmp_path / "bad.csv"
    good.write_bytes("路径,角色\na,出售\n".encode("gb18030"))
    bad.write_text("路径,角色\na,谁\n", "utf-8")
    with closing(AuditLog(case / "log.jsonl")) as log:
        with pytest.raises(CaseError):
            import_register(case, bad, log=log)
        with pytest.raises(CaseError, match="cannot be read"):
            import_register(case, tmp_path / "none.csv", log=log)
        assert latest_attachment(case, "register") is None
        register = import_register(case, good, log=log)
    kept = latest_attachment(case, "register")
    assert kept is not None
    assert (case / kept.name).read_bytes() == good.read_bytes()
    assert kept.sha256 == register.sha256 == hashlib.sha256(good.read_bytes()).hexdigest()
