"""Row digests of records: equal for copies of a row, whatever numbers the rows have."""

from __future__ import annotations

from pathlib import Path

import pytest

from piiscan.case.store.case import Case
from tests.case.dump import scan_dump

PHONE = "13800138001"


def scan_text(tmp_path: Path, **files: str) -> Case:
    folder = tmp_path / "dump"
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return scan_dump([folder], tmp_path / "case")


def digests(case: Case, column: str = "row_digest") -> list[bytes]:
    query = f'select {column} as digest from records order by source, row, "group"'
    return [row["digest"] for row in case.sql(query).to_pylist()]


def numbers_of_digests(case: Case) -> tuple[int, int]:
    """How many rows there are by all cells, and without bookkeeping cells."""
    return len(set(digests(case))), len(set(digests(case, "content_digest")))


def test_copies_have_one_digest_across_files_and_orders_of_columns(tmp_path: Path) -> None:
    case = scan_text(
        tmp_path,
        a=f"姓名,手机号,备注\n张三,{PHONE},VIP\n李四,{PHONE},VIP\n张 三,'{PHONE}, vip\n",
        b=f"备注,姓名,手机号\nＶＩＰ,张三,{PHONE}\n",
    )
    first, other, again, elsewhere = digests(case)
    assert first == again == elsewhere != other


def test_a_cell_without_findings_counts_too(tmp_path: Path) -> None:
    text = f"姓名,手机号,备注\n张三,{PHONE},一\n张三,{PHONE},二\n"
    first, second = digests(scan_text(tmp_path, a=text))
    assert first != second


@pytest.mark.parametrize("name", ["序号", "No.", "id", "未知"])
def test_columns_that_number_the_rows_are_left_out(tmp_path: Path, name: str) -> None:
    rows = "".join(f"{n},张三,{PHONE}\n" for n in range(7, 15))
    case = scan_text(tmp_path, a=f"{name},姓名,手机号\n{rows}")
    assert numbers_of_digests(case) == (8, 1)


@pytest.mark.parametrize("name", ["备注", "导入时间", "批次", "跟进状态", "Remark"])
def test_bookkeeping_columns_are_left_out_of_the_content(tmp_path: Path, name: str) -> None:
    text = f"姓名,{name},手机号\n张三,甲,{PHONE}\n张三,乙,{PHONE}\n李四,乙,{PHONE}\n"
    assert numbers_of_digests(scan_text(tmp_path, a=text)) == (3, 2)


def test_a_remark_with_a_finding_is_compared(tmp_path: Path) -> None:
    remarks = ("", "已联系", "空", "未接", "停机", "改号13900139000", "另有13900139000")
    text = "姓名,手机号,备注\n" + "".join(f"张三,{PHONE},{remark}\n" for remark in remarks)
    assert numbers_of_digests(scan_text(tmp_path, a=text)) == (7, 3)


@pytest.mark.parametrize("numbers", [(3, 1, 2, 9, 4, 4), (10, 20, 30, 40, 50, 60)])
def test_numbers_that_do_not_count_up_stay_part_of_the_row(
    tmp_path: Path, numbers: tuple[int, ...]
) -> None:
    rows = "".join(f"{n},张三,{PHONE}\n" for n in numbers)
    case = scan_text(tmp_path, a=f"金币,姓名,手机号\n{rows}")
    assert numbers_of_digests(case) == (len(set(numbers)),) * 2


def test_a_running_column_in_which_something_is_found_counts(tmp_path: Path) -> None:
    text = "序号,备注\n" + "".join(f"联系{PHONE[:-1]}{n},无\n" for n in range(6))
    assert numbers_of_digests(scan_text(tmp_path, a=text)) == (6, 6)


def test_phones_that_follow_each_other_are_no_numbering(tmp_path: Path) -> None:
    text = "手机号,姓名\n" + "".join(f"{PHONE[:-1]}{n},张三\n" for n in range(8))
    assert numbers_of_digests(scan_text(tmp_path, a=text)) == (8, 8)


def test_recipient_and_sender_exchanged_are_another_row(tmp_path: Path) -> None:
    text = f"收件人电话,寄件人电话\n{PHONE},13900139000\n13900139000,{PHONE}\n"
    first, second = digests(scan_text(tmp_path, a=text))
    assert first != second


def test_tables_side_by_side_have_digests_of_their_own(tmp_path: Path) -> None:
    text = f"姓名,电话,姓名,电话\n张三,{PHONE},李四,13900139000\n李四,13900139000,王五,{PHONE}\n"
    a, b, c, d = digests(scan_text(tmp_path, a=text))
    assert b == c
    assert len({a, b, d}) == 3


def test_another_key_gives_other_digests(tmp_path: Path) -> None:
    one = scan_text(tmp_path, a=f"手机号\n{PHONE}\n")
    other = scan_dump([tmp_path / "dump"], tmp_path / "b", key=tmp_path / "other.key")
    assert digests(one) != digests(other)


def test_rows_that_are_no_data_are_counted_by_kind(tmp_path: Path) -> None:
    text = f"名单\n\n姓名,手机号\n张三,{PHONE}\n姓名,手机号\n\n李四,{PHONE}\n合计,2\n"
    part = scan_text(tmp_path, a=text).stored("parts").to_pylist()[0]
    assert part["rows"] == 2
    assert part["other_rows"] == '{"HEADER": 2, "TITLE": 1, "SUBTOTAL": 1, "BLANK": 2, "SCHEMA": 0}'


def test_blank_rows_of_a_sheet_are_counted(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["姓名", "手机号"], [], ["张三", PHONE], [], [], ["李四", "13900139000"]):
        sheet.append(row)
    folder = tmp_path / "dump"
    folder.mkdir()
    book.save(folder / "a.xlsx")
    part = scan_dump([folder], tmp_path / "case").stored("parts").to_pylist()[0]
    assert (part["rows"], part["other_rows"]) == (
        2,
        '{"HEADER": 1, "TITLE": 0, "SUBTOTAL": 0, "BLANK": 3, "SCHEMA": 0}',
    )


def test_every_finding_names_its_record(tmp_path: Path) -> None:
    case = scan_text(tmp_path, a=f"姓名,手机号\n张三,{PHONE}\n李四,{PHONE}\n")
    query = (
        "select count(*) as n from findings f join records r on f.source = r.source"
        ' and f.member = r.member and f.record = r.row and f."group" = r."group"'
    )
    assert case.sql(query).to_pylist() == [{"n": 4}]
    assert case.sql("select * from ledger").num_rows == 0
    assert case.sql("select * from alarms").num_rows == 0
