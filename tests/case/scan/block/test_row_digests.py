"""Row digests of records: equal for copies of a row, whatever numbers the rows have."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from piiscan import Case
from tests.case.scanned import query_rows, rows_by_file, scan_files

PHONE, OTHER = "13800138001", "13900139000"


def table(rows: str) -> str:
    """Return a table of rows that are separated by ``|``; P and Q are phones."""
    return rows.replace("|", "\n").replace("P", PHONE).replace("Q", OTHER) + "\n"


def numbered(name: str, numbers: Iterable[int]) -> str:
    return f"{name},姓名,手机号|" + "|".join(f"{n},张三,P" for n in numbers)


#: Claim -> table, digests of its rows by all cells, and without bookkeeping cells; each digest is
#: a letter, in the order of the rows.
TABLES: dict[str, tuple[str, str]] = {
    "copies": ("姓名,手机号,备注|张三,P,VIp|李四,P,VIp|张 三,'P, vip", "ABA ABA"),
    "a cell without findings counts": ("姓名,手机号,城市|张三,P,一|张三,P,二", "AB AB"),
    **{
        f"a column {name} numbers the rows": (numbered(name, range(7, 15)), "ABCDEFGH AAAAAAAA")
        for name in ("序号", "No.", "id", "未知")
    },
    **{
        f"{name} is no content": (f"姓名,{name},手机号|张三,甲,P|张三,乙,P|李四,乙,P", "ABC AAB")
        for name in ("备注", "导入时间", "批次", "跟进状态", "Remark")
    },
    "a remark with a finding is compared": (
        "姓名,手机号,备注|张三,P,|张三,P,已联系|张三,P,空|张三,P,未接|张三,P,停机|张三,P,改号Q|张三,P,另有Q",
        "ABCDEFG AAAAABC",
    ),
    "numbers in any order": (numbered("金币", (3, 1, 2, 9, 4, 4)), "ABCDEE ABCDEE"),
    "numbers with gaps": (numbered("金币", range(10, 61, 10)), "ABCDEF ABCDEF"),
    "a running column with findings counts": (
        "序号,备注|" + "|".join(f"联系{PHONE[:-1]}{n},无" for n in range(6)),
        "ABCDEF ABCDEF",
    ),
    "phones that follow each other are no numbering": (
        "手机号,姓名|" + "|".join(f"{PHONE[:-1]}{n},张三" for n in range(8)),
        "ABCDEFGH ABCDEFGH",
    ),
    "recipient and sender exchanged": ("收件人电话,寄件人电话|P,Q|Q,P", "AB AB"),
    "tables side by side": ("姓名,电话,姓名,电话|张三,P,李四,Q|李四,Q,王五,P", "ABBC ABBC"),
}
COPY = table("备注,姓名,手机号|ＶＩp,张三,P")
#: Table -> rows of data, rows of other kinds.
PARTS = {
    "text": (2, '{"HEADER": 2, "TITLE": 1, "SUBTOTAL": 1, "BLANK": 2, "SCHEMA": 0}'),
    "sheet": (2, '{"HEADER": 1, "TITLE": 0, "SUBTOTAL": 0, "BLANK": 3, "SCHEMA": 0}'),
}


def sheet_with_blank_rows() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (["姓名", "手机号"], [], ["张三", PHONE], [], [], ["李四", OTHER]):
        book.worksheets[0].append(row)
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, small_rules: Path) -> Case:
    files = {f"{claim}.csv": table(rows) for claim, (rows, _) in TABLES.items()}
    text = table("名单||姓名,手机号|张三,P|姓名,手机号||李四,P|合计,2")
    more = {"copy.csv": COPY, "text.csv": text, "sheet.xlsx": sheet_with_blank_rows()}
    return scan_files(tmp_path_factory.mktemp("digests"), {**files, **more})


@pytest.fixture(scope="module")
def digests(case: Case) -> dict[str, list[tuple[bytes, bytes]]]:
    columns = "source, row_digest, content_digest"
    return rows_by_file(case, f'select {columns} from records order by source, row, "group"')


@pytest.mark.parametrize("claim", TABLES)
def test_rows_have_one_digest_if_their_cells_are_the_same(claim: str, digests: Any) -> None:
    told = []
    for found in zip(*digests[claim], strict=True):
        letters = {digest: chr(ord("A") + n) for n, digest in enumerate(dict.fromkeys(found))}
        told.append("".join(letters[digest] for digest in found))
    assert " ".join(told) == TABLES[claim][1]


def test_copies_have_one_digest_across_files_and_orders_of_columns(digests: Any) -> None:
    assert digests["copy"] == digests["copies"][:1]


def test_another_key_gives_other_digests(tmp_path: Path, digests: Any) -> None:
    other = scan_files(tmp_path, {"copy.csv": COPY}, key=tmp_path / "other.key")
    (digest,) = query_rows(other, "select row_digest from records")
    assert digest != digests["copy"][0][:1]


@pytest.mark.parametrize("name", PARTS)
def test_rows_that_are_no_data_are_counted_by_kind(name: str, case: Case) -> None:
    rows = rows_by_file(case, "select source, rows, other_rows from parts")
    assert rows[name] == [PARTS[name]]


def test_every_finding_names_its_record(case: Case) -> None:
    query = (
        "select count(*) from findings f join records r on f.source = r.source"
        ' and f.member = r.member and f.record = r.row and f."group" = r."group"'
    )
    assert query_rows(case, query) == [(case.findings().num_rows,)]
    assert case.sql("select * from ledger").num_rows == 0
