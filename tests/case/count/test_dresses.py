"""One identity of information: a list that is written again in another dress counts once.

The truth is by construction: 100 people, and each dress is a function of their rows. All dresses
are files of one scan; each is counted beside the first list.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from piiscan import SourceRecords, count_records
from piiscan.case.count.record_count import Tables
from piiscan.schemas import FINDINGS, PARTS, RECORDS
from tests.case.literal_rows import only, register_of
from tests.case.scanned import scan_files

Row = dict[str, Any]
PEOPLE = 100
HEADERS = ("姓名", "手机号", "身份证号", "地址", "余额", "开户时间")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity(number: int) -> str:
    """A made-up identity number that passes its check."""
    body = f"4301041980{1 + number % 12:02}{1 + number % 28:02}{number:03}"
    rest = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11
    return body + "10X98765432"[rest]


def people() -> list[Row]:
    """The rows of the list: amounts end in a zero, every fifth time is a midnight."""
    start = datetime.datetime.fromisoformat("2023-01-02")
    return [
        {
            "姓名": "王李张刘陈杨黄赵周吴"[n % 10]
            + "伟芳娜敏静"[n // 10 % 5]
            + "丽强磊洋勇"[n // 20],
            "手机号": f"138{n:04}{(n * 7919) % 10_000:04}",
            "身份证号": identity(n),
            "地址": f"湖南省长沙市岳麓区麓山南路{n + 1}号{n % 9 + 1}栋{n % 7 + 1}0{n % 4 + 1}室",
            "余额": f"{n * 37}.{n % 10}0",
            "开户时间": start + datetime.timedelta(days=n, hours=0 if n % 5 == 0 else 8),
        }
        for n in range(PEOPLE)
    ]


def csv(rows: list[Row], times: str = "%Y-%m-%d %H:%M:%S") -> str:
    """The rows as a delimited text, with the headers of the first."""

    def text(cell: Any) -> str:
        return f"{cell:{times}}" if isinstance(cell, datetime.datetime) else str(cell)

    cells = [[text(cell) for cell in row.values()] for row in rows]
    return "".join(",".join(line) + "\n" for line in [list(rows[0]), *cells])


def sheet(rows: list[Row]) -> bytes:
    """The rows as a workbook: numbers and times are cells of these kinds."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in [list(rows[0]), *(list(row.values()) for row in rows)]:
        book.worksheets[0].append(row)
    book.save(out)
    return out.getvalue()


def with_cells(**cells: Callable[[int, Row], Any]) -> list[Row]:
    """The rows with other cells, or further ones."""
    return [
        {**row, **{name: make(n, row) for name, make in cells.items()}}
        for n, row in enumerate(people())
    ]


def renamed(*headers: str) -> list[Row]:
    return [dict(zip(headers, row.values(), strict=True)) for row in people()]


def without(*names: str) -> list[Row]:
    return [{k: v for k, v in row.items() if k not in names} for row in people()]


def day_or_time(_: int, row: Row) -> Any:
    time = row["开户时间"]
    return time if time.hour else time.date()


def grouped(_: int, row: Row) -> str:
    phone = row["手机号"]
    return f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"


def dump(rows: list[Row]) -> str:
    """The rows as statements of SQL, numbered."""
    columns = ",".join(f"`c{n}` varchar(99) COMMENT '{h}'" for n, h in enumerate(rows[0]))
    lines = [",".join(f"'{cell}'" for cell in row.values()) for row in rows]
    values = "".join(f"INSERT INTO `t` VALUES ({n},{line});\n" for n, line in enumerate(lines, 1))
    return f"CREATE TABLE `t` (`id` int AUTO_INCREMENT,{columns});\n{values}"


#: The list written again: what was done to it -> the file.
DRESSES: dict[str, str | bytes] = {
    "the same order": csv(people()),
    "another order": csv(people()[::-1]),
    "serial numbers": csv([{"序号": n, **row} for n, row in enumerate(people(), 1)]),
    "Excel dates and numbers": sheet(
        with_cells(余额=lambda _, row: float(row["余额"]), 手机号=lambda _, row: int(row["手机号"]))
    ),
    "Excel days for midnights": sheet(with_cells(开户时间=day_or_time)),
    "times to the minute with slashes": csv(people(), "%Y/%-m/%-d %H:%M"),
    "days alone for midnights": csv(
        with_cells(
            开户时间=lambda n, row: f"{row['开户时间']:%Y/%m/%d}" if n % 5 == 0 else row["开户时间"]
        )
    ),
    "amounts without the last zero": csv(with_cells(余额=lambda _, row: str(float(row["余额"])))),
    "grouped phones": csv(with_cells(手机号=grouped)),
    "phones with +86": csv(with_cells(手机号=lambda _, row: f"+86 {row['手机号']}")),
    "names with titles": csv(with_cells(姓名=lambda n, row: row["姓名"] + ("先生", "女士")[n % 2])),
    "columns that identify nobody": csv(
        with_cells(
            地区=lambda n, _: ("湖南省长沙市", "长沙")[n % 2], 性别=lambda n, _: "男女"[n % 2],
            来源=lambda n, _: ("线上", "门店")[n % 2], 状态=lambda n, _: ("正常", "有效")[n // 50],
        )
    ),
    "another order of columns": csv([dict(reversed(row.items())) for row in people()]),
    "other headers": csv(
        renamed("客户名称", "联系电话", "证件号码", "住址", "账户余额", "录入日期")
    ),
    "a dump": dump(people()),
    "compact days that rise by one": csv(
        with_cells(
            开户时间=lambda n, row: f"{row['开户时间']:%Y%m%d}" if n % 5 == 0 else row["开户时间"]
        )
    ),
    "remarks and batches": csv(
        with_cells(备注=lambda n, _: ("", "已核")[n % 2], 批次=lambda n, _: n // 9)
    ),
}  # fmt: skip
#: The list with the same cells, folded; names in which blanks stand are not all found.
FOLDED: dict[str, str | bytes] = {
    "blanks and full width": csv(
        with_cells(
            姓名=lambda _, row: f"{row['姓名'][0]}　{row['姓名'][1:]}",
            手机号=lambda _, row: "".join(chr(ord(digit) + 0xFEE0) for digit in row["手机号"]),
        )
    ),
}  # fmt: skip
#: Lists that say less, or something else.
OTHERS: dict[str, str | bytes] = {
    "without addresses": csv(without("地址")),
    "other balances": csv(with_cells(余额=lambda n, _: f"{n * 41 + 1}.50")),
    "a minute later": csv(
        with_cells(开户时间=lambda _, row: row["开户时间"] + datetime.timedelta(minutes=1))
    ),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SourceRecords]:
    """The records of each file, by its name; all are read by one scan."""
    made = {**DRESSES, **FOLDED, **OTHERS}
    paths = {
        claim: f"{claim}.{'sql' if claim == 'a dump' else 'csv' if isinstance(d, str) else 'xlsx'}"
        for claim, d in made.items()
    }
    home: Path = tmp_path_factory.mktemp("dresses")
    case = scan_files(home, {"list.csv": csv(people()), **{paths[c]: d for c, d in made.items()}})
    found = {}
    for each in case.manifest.content["sources"]:
        parts, findings, records = (
            case.sql(f"select * from {name} where source = {each['source']}")
            .select(schema.names)
            .cast(schema)
            for name, schema in (("parts", PARTS), ("findings", FINDINGS), ("records", RECORDS))
        )
        found[Path(each["path"]).stem] = SourceRecords(
            each["source"], each["path"], parts, [findings], [records]
        )
    return found


def counted(files: dict[str, SourceRecords], *names: str, register: Any = None) -> Tables:
    return count_records([files[name] for name in ("list", *names)], register)


def contents(source: SourceRecords) -> list[bytes]:
    """The content digests of a file's rows, in order."""
    (records,) = source.records
    return sorted(records["content_digest"].to_pylist())


@pytest.mark.parametrize("dress", DRESSES)
def test_the_rows_of_a_list_are_the_same_in_another_dress(
    dress: str, files: dict[str, SourceRecords]
) -> None:
    assert contents(files[dress]) == contents(files["list"])


def test_all_dresses_together_are_one_list(files: dict[str, SourceRecords]) -> None:
    (units,) = only(counted(files, *DRESSES, *FOLDED), "units", scope_kind="total")
    assert units["U1"] == (1 + len(DRESSES) + len(FOLDED)) * PEOPLE
    assert [units[name] for name in ("U1d", "U2", "U4")] == [PEOPLE] * 3


def test_a_list_acquired_and_sold_in_other_dresses_is_once(files: dict[str, SourceRecords]) -> None:
    for dresses in ((*DRESSES, *FOLDED), ("without addresses",)):
        lines = [f"{files[claim].path},甲某,出售,乙某" for claim in dresses]
        register = register_of("路径,嫌疑人,角色,去向", f"{files['list'].path},甲某,获取,", *lines)
        (total,) = only(counted(files, *dresses, register=register), "by_suspect", entry="total")
        assert [total[f"by_{unit}"] for unit in ("rows", "keys", "persons")] == [PEOPLE] * 3


def test_what_a_list_says_less_or_else_is_other_information(
    files: dict[str, SourceRecords],
) -> None:
    (units,) = only(counted(files, *OTHERS), "units", scope_kind="total")
    assert [units[name] for name in ("U1d", "U2")] == [(1 + len(OTHERS)) * PEOPLE, PEOPLE]
