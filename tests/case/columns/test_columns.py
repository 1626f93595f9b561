"""Column workbooks: grouped by header, masked, corrected by hand, given back."""

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from piiscan import Case, CaseError
from piiscan.case.columns.columns import survey
from piiscan.detect.catalog.catalog import load
from piiscan.tabular import typed_table
from piiscan.tabular.column_overrides import ColumnOverrides, changed_kinds, read_overrides
from tests import office
from tests.case.dump import DAY, scan_dump, write_dump
from tests.often import often

NAMES = "姓名,邮箱,备注号\n张三,a@b.com,13800138001\n李四,c@d.com,13800138002\n"


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    folder = write_dump(tmp_path / "dump")
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text(NAMES, encoding="utf-8")
    return folder


@pytest.fixture
def book(dump: Path, tmp_path: Path) -> Path:
    survey([dump], tmp_path / "columns.xlsx", as_of=DAY)
    return tmp_path / "columns.xlsx"


def rows(book: Path) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(book).worksheets[0]
    titles, *lines = sheet.iter_rows(values_only=True)
    names = [re.sub(r".*\((\w+)\)$", r"\1", str(title)) for title in titles]
    return [dict(zip(names, line, strict=True)) for line in lines]


def edit(book: Path, header: str, **cells: str) -> None:
    """Write ``cells`` into every row of the column called ``header``."""
    opened = openpyxl.load_workbook(book)
    sheet = opened.worksheets[0]
    titles = [re.sub(r".*\((\w+)\)$", r"\1", str(cell.value)) for cell in sheet[1]]
    for line in sheet.iter_rows(min_row=2):
        if line[2].value == header:
            for name, value in cells.items():
                line[titles.index(name)].value = value
    opened.save(book)


def kinds(case: Case) -> dict[str, int]:
    return {row["entity"]: row["hits"] for row in case.tables()["kinds"]}


def test_tables_with_the_same_header_are_one_group(dump: Path, tmp_path: Path) -> None:
    found = survey([dump], tmp_path / "c.xlsx", as_of=DAY)
    assert (found.groups, found.tables, found.unread) == (3, 5, 1)
    by_header = {(row["group"], row["表头"]): row for row in rows(tmp_path / "c.xlsx")}
    noted = next(row for (_, header), row in by_header.items() if header == "备注号")
    assert (noted["表数"], noted["数据行数"], noted["recognizers"]) == (2, 4, "cn.mobile")
    assert noted["文件"].splitlines()[0].endswith("a.csv")


def test_examples_are_masked_and_identifiers_are_text(book: Path) -> None:
    text = str(rows(book))
    assert "138****8001" in text
    assert not re.search(r"1[3-9]\d{9}|\d{17}", text)
    for line in openpyxl.load_workbook(book).worksheets[0].iter_rows(min_row=2):
        assert all(cell.data_type in ("s", "n") for cell in line if cell.value is not None)
        assert isinstance(line[0].value, str)


def test_the_same_tables_give_the_same_workbook(dump: Path, book: Path, tmp_path: Path) -> None:
    survey([dump], tmp_path / "again.xlsx", as_of=DAY)
    assert (tmp_path / "again.xlsx").read_bytes() == book.read_bytes()


def test_a_workbook_inside_a_source_is_refused(dump: Path) -> None:
    with pytest.raises(CaseError, match="never written to"):
        survey([dump], dump / "columns.xlsx")


def test_a_cell_that_no_recognizer_knows_is_starred(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "姓名,备注,手机号\n张三,住在三楼A,13800138001\n李四,b,13800138001\n", encoding="utf-8"
    )
    survey([tmp_path / "x.csv"], tmp_path / "c.xlsx", as_of=DAY)
    assert [row["脱敏样例"] for row in rows(tmp_path / "c.xlsx")] == [
        "张*\n李*",
        "*****\n*",
        "138****8001",
    ]


def test_an_untouched_workbook_corrects_nothing(book: Path) -> None:
    corrections = read_overrides(book, load())
    assert corrections.kinds == {}
    assert corrections.sha256 is not None


TYPED: list[tuple[dict[str, str], tuple[str, ...], str | None]] = [
    ({"recognizers": "-"}, (), None),
    ({"recognizers": "无"}, (), None),
    ({"recognizers": ""}, (), None),
    ({"recognizers": "net.email"}, ("net.email",), None),
    ({"recognizers": "EMAIL_ADDRESS"}, ("net.email",), None),
    ({"recognizers": "邮箱、手机号"}, ("cn.mobile", "net.email"), None),
    ({"recognizers": " net.email , cn.resident_id "}, ("cn.resident_id", "net.email"), None),
    ({"role": "recipient"}, ("cn.mobile",), "recipient"),
    ({"role": "收件人"}, ("cn.mobile",), "recipient"),
]


@pytest.mark.parametrize(("cells", "ids", "role"), TYPED)
def test_kinds_and_roles_can_be_typed_as_code_or_word(
    book: Path, cells: dict[str, str], ids: tuple[str, ...], role: str | None
) -> None:
    edit(book, "备注号", **cells)
    (columns,) = read_overrides(book, load()).kinds.values()
    assert columns == {3: (ids, role)}


@pytest.mark.parametrize("cells", [{"recognizers": "手机号码的"}, {"role": "谁"}, {"column": "x"}])
def test_a_mistake_is_named_with_its_row(book: Path, cells: dict[str, str]) -> None:
    edit(book, "备注号", **{"recognizers": "-", **cells})
    with pytest.raises(CaseError, match=r"columns\.xlsx, sheet 列类型, row \d+, .*: "):
        read_overrides(book, load())


@pytest.mark.program("LibreOffice Calc")
@pytest.mark.parametrize(
    "formats", often([("xlsx",), ("ods", "xlsx"), ("csv",)], [("ods", "xlsx")])
)
def test_a_workbook_saved_by_libreoffice_means_the_same(
    book: Path, formats: tuple[str, ...]
) -> None:
    assert read_overrides(office.save_as(book, *formats), load()).kinds == {}
    edit(book, "备注号", recognizers="电话，邮箱", role="收件人")
    edit(book, "姓名", recognizers="-")
    corrections = read_overrides(book, load())
    assert len(corrections.kinds) > 1
    assert read_overrides(office.save_as(book, *formats), load()).kinds == corrections.kinds


def test_another_workbook_is_refused(tmp_path: Path) -> None:
    opened = openpyxl.Workbook()
    opened.active.append(["a", "b"])
    opened.save(tmp_path / "x.xlsx")
    with pytest.raises(CaseError, match="no column"):
        read_overrides(tmp_path / "x.xlsx", load())
    (tmp_path / "y.xlsx").write_bytes(b"PK no")
    with pytest.raises(CaseError, match="no workbook"):
        read_overrides(tmp_path / "y.xlsx", load())


def test_only_what_differs_from_the_inference_is_applied() -> None:
    corrections = ColumnOverrides({"k": {1: (("a",), None), 2: (("b",), "sender")}})
    inferred = [(("a",), None), (("b",), None), (("c",), None)]
    assert changed_kinds(corrections, "k", inferred) == {2: (("b",), "sender")}
    assert changed_kinds(corrections, "other", inferred) == {}


def test_a_correction_overrides_inference_and_reads_again_only_what_it_touches(
    dump: Path, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = book.read_bytes()
    before = scan_dump([dump], tmp_path / "case")
    found = kinds(before)
    edit(book, "姓名", recognizers="-")
    edit(book, "手机号", recognizers="cn.mobile")  # as inferred: no correction
    opened: list[str] = []
    real = typed_table.open_tables
    monkeypatch.setattr(
        typed_table,
        "open_tables",
        lambda path, **kw: (opened.append(path.name), real(path, **kw))[1],
    )
    after = scan_dump([dump], tmp_path / "case", columns=book)
    assert opened == ["a.csv", "b.csv", "old.zip", "sale.csv", "客户.csv"]
    assert "PERSON" not in kinds(after)
    assert kinds(after)["CN_MOBILE"] == found["CN_MOBILE"]
    assert after.manifest.content["corrections_sha256"] == read_overrides(book, load()).sha256
    assert after.verify() == []
    opened.clear()
    scan_dump([dump], tmp_path / "case", columns=book)
    scan_dump([dump], tmp_path / "case")  # the corrections given last go on
    assert opened == []
    book.write_bytes(original)
    last = scan_dump([dump], tmp_path / "case", columns=book)
    assert kinds(last) == found
    assert last.verify() == []
