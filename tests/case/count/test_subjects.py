"""A record has subjects: the persons of a row by role, whatever the order of the columns."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from piiscan.case.columns.columns import survey
from piiscan.case.count.count import count
from piiscan.case.store.case import Case
from piiscan.case.store.count_store import Count
from piiscan.detect.catalog.catalog import load
from piiscan.tabular.column_overrides import read_overrides
from tests.case.count.test_count import assert_conserved, identity
from tests.case.dump import DAY, scan_dump
from tests.often import long

Person = tuple[str, str]
NAMES = [
    f"{s}{g}" for s in "张王李赵刘陈杨黄" for g in ("小明", "建国", "丽华", "志强", "秀英", "文博")
]


@pytest.fixture
def own_rules() -> None:
    """The shipped catalogue, not the small one of the other tests of this folder."""


def person(number: int) -> Person:
    return NAMES[number % len(NAMES)], f"1380013{number:04d}"


def rows_of(made: Count, table: str, scope: str) -> list[dict[str, Any]]:
    return [r for r in made.tables()[table] if r["scope"] == scope and r["scope_kind"] == "source"]


def counted(made: Count, source: int) -> tuple[list[int], list[int | None], int]:
    """Rows of R0 to R4 with R5 and R6 of subjects; subjects of all steps; U4."""
    ladder = rows_of(made, "ladder", str(source))
    (units,) = rows_of(made, "units", str(source))
    assert units["U2"] == ladder[5]["count"]
    return [r["count"] for r in ladder], [r["subjects"] for r in ladder], units["U4"]


def count_files(folder: Path, files: Sequence[Sequence[str]]) -> Count:
    """Count files of these lines; file n is source n."""
    (folder / "dump").mkdir()
    for number, lines in enumerate(files, 1):
        text = "\n".join(lines) + "\n"
        (folder / "dump" / f"{number:03}.csv").write_text(text, "utf-8")
    made = count(scan_dump([folder / "dump"], folder / "case"))
    assert_conserved(made.tables())
    return made


def test_a_contact_is_another_person_before_or_behind_the_debtor(tmp_path: Path) -> None:
    pairs = [(person(n), person(100 + n % 20)) for n in range(40)]  # each contact in two rows
    behind = ["姓名,手机号,紧急联系人,紧急联系人电话", *(",".join((*a, *b)) for a, b in pairs)]
    before = ["紧急联系人,紧急联系人电话,姓名,手机号", *(",".join((*b, *a)) for a, b in pairs)]
    made = count_files(tmp_path, [behind, before])
    for source in (1, 2):
        rows, subjects, persons = counted(made, source)
        assert rows == [40, 40, 40, 40, 40, 60, 60]
        assert subjects == [None, 80, 80, 80, 80, 60, 60]
        assert persons == 60
    total = [r["count"] for r in made.tables()["ladder"] if r["scope_kind"] == "total"]
    assert total == [80, 80, 80, 80, 40, 60, 60]  # the same rows in another order of columns
    (contacts,) = [r for r in made.tables()["people"] if r["role"] == "contact"]
    assert (contacts["passed"], contacts["distinct"]) == (80, 20)


#: Header of two columns a person -> the role of each person.
PAIRINGS = {
    "寄件人,寄件人电话,收件人,收件人电话": ("sender", "recipient"),
    "借款人,手机号,担保人,担保人手机号": ("borrower", "guarantor"),
    "借款人姓名,借款人电话,共同借款人,共同借款人电话": ("borrower", "co_borrower"),
    "学生姓名,学生电话,父亲姓名,父亲电话,母亲姓名,母亲电话": ("student", "father", "mother"),
    "户主,户主电话,配偶,配偶电话": ("householder", "spouse"),
    "甲方,甲方电话,乙方,乙方电话": ("party_a", "party_b"),
    "出租人,出租人电话,承租人,承租人电话": ("landlord", "guest"),
    "投保人,投保人电话,被保险人,被保险人电话,受益人,受益人电话": (
        "applicant",
        "insured",
        "beneficiary",
    ),
    "姓名1,电话1,姓名2,电话2": (None, "person"),
    "姓名（1）,电话（1）,姓名（2）,电话（2）": (None, "person"),
    "备注,姓名,电话,姓名,电话": (None, "person"),
    "姓名,电话,担保人,电话": (None, "guarantor"),
    "客户姓名,手机号,紧急联系人,紧急联系人电话": ("customer", "contact"),
    "车主,手机号,推荐人,推荐人电话": ("owner", "referrer"),
    "学员姓名,手机号,家长姓名,家长电话": ("student", "guardian"),
    "患者姓名,手机号,家属,家属电话": ("patient", "relative"),
    "姓名,手机号,联系人1,联系人1电话,联系人2,联系人2电话": (
        None,
        "contact_person",
        "contact_person",
    ),
    "第一联系人,第一联系人电话,第二联系人,第二联系人电话": ("contact", "contact"),
    "债务人,电话,紧急联系人1,紧急联系人1电话": ("borrower", "contact"),
    "借款人,手机号,紧急联系人,联系人电话": ("borrower", "contact"),
    "公司名称,联系人,联系电话": ("contact_person",),
    "家长姓名,电话,学校": ("guardian",),
    "姓名,手机号1": (None,),
}


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Count:
    """A file of three rows for each pairing; no person is in two rows or files."""
    files = []
    for number, (header, roles) in enumerate(PAIRINGS.items()):
        names = header.split(",")
        lines = [header]
        for row in range(3):
            cells: list[str] = []
            people = [person(number * 20 + row * 4 + n) for n in range(len(roles))]
            values = [value for each in people for value in each]
            for name in names:
                plain = name in ("备注", "公司名称", "学校")
                cells.append("示例" if plain else values.pop(0))
            lines.append(",".join(cells))
        files.append(lines)
    return count_files(tmp_path_factory.mktemp("paired"), files)


@pytest.mark.parametrize("header", PAIRINGS)
def test_columns_that_pair_up_are_several_persons(paired: Count, header: str) -> None:
    number = 3 * len(PAIRINGS[header])
    rows, subjects, persons = counted(paired, list(PAIRINGS).index(header) + 1)
    assert rows == [3] * 5 + [number] * 2
    assert subjects == [None, *[number] * 6]
    assert persons == number


def test_people_are_counted_by_role(paired: Count) -> None:
    expected = Counter(role for roles in PAIRINGS.values() for role in roles)
    told = {r["role"]: r["passed"] for r in paired.tables()["people"] if r["counted"]}
    assert told == {role: 3 * number for role, number in expected.items()}


def test_side_roles_and_staff_never_have_values_without_a_role(tmp_path: Path) -> None:
    """紧急联系人 | 手机号: the phone is the debtor's, who has no name here."""
    sides = [
        "紧急联系人,手机号",
        "寄件人,手机号",
        "担保人,手机号",
        "催收员,手机号",
        "快递员,手机号",
    ]
    files = [[header, *(",".join(person(n)) for n in range(3))] for header in sides]
    with_identity = [
        "催收员,手机号,身份证号",
        *(",".join((*person(n), identity(n))) for n in range(3)),
    ]
    made = count_files(tmp_path, [*files, with_identity])
    for number in range(1, len(sides) + 1):
        rows, _, _ = counted(made, number)
        assert rows == [3, 3, 0, 0, 0, 0, 0]
        (units,) = rows_of(made, "units", str(number))
        assert units["bare_rows"] == 3
    assert counted(made, len(sides) + 1)[0] == [3] * 7
    others = {
        r["role"]: (r["found"], r["passed"]) for r in made.tables()["people"] if not r["counted"]
    }
    assert others == {"courier": (3, 0), "collector": (6, 0)}


def test_buyers_of_a_sale_list_are_listed_and_not_counted(tmp_path: Path) -> None:
    lines = ["微信号,密码,买家,价格"]
    lines += [f"wxid_a{n:03}b2c3d4,p{n}Q7w9x,{NAMES[n % 7]},4" for n in range(30)]
    made = count_files(tmp_path, [lines])
    assert counted(made, 1)[0] == [30] * 7
    assert "PERSON" not in {r["entity"] for r in rows_of(made, "elements", "1")}
    (buyers,) = [r for r in made.tables()["people"] if r["role"] == "list_buyer"]
    assert (buyers["counted"], buyers["found"]) == (False, 30)
    combinations = Case.open(tmp_path / "case").tables()["combinations"]
    assert combinations
    assert all("PERSON" not in r["combination"] for r in combinations)


#: Role -> headers of its name, phone and identity number; None: without a role word.
COLUMNS = {
    None: ("姓名", "手机号", "身份证号"),
    "customer": ("客户姓名", "客户手机号", "客户身份证号"),
    "contact": ("紧急联系人", "紧急联系人电话", "紧急联系人身份证号"),
    "guarantor": ("担保人", "担保人手机号", "担保人身份证号"),
    "spouse": ("配偶姓名", "配偶手机号", "配偶身份证号"),
}


@pytest.mark.parametrize("seed", [0, 1, *map(long, range(2, 40))])
def test_random_tables_are_counted_as_plain_python_does(seed: int, tmp_path: Path) -> None:
    """Tables with one to three persons a row, their columns in any order."""
    draw = random.Random(seed)
    tables = [drawn_table(draw) for _ in range(6)]
    made = count_files(tmp_path, [csv_lines(draw, roles, rows) for roles, rows in tables])
    by_role: dict[str | None, list[Any]] = defaultdict(list)
    for number, (roles, rows) in enumerate(tables, 1):
        keys = [
            (role, key) for row in rows for role, cells in row.items() if (key := key_of(cells))
        ]
        passing = sum(any(key_of(cells) for cells in row.values()) for row in rows)
        for role, key in keys:
            by_role[role].append(key)
        counts, subjects, persons = counted(made, number)
        assert counts[:4] == [len(rows), len(rows), passing, passing]
        assert subjects[3] == len(keys)
        assert counts[5] == len({key for _, key in keys})
        assert persons == counts[6] == len({key for _, key in keys})  # no person has two keys here
        assert {role for role, _ in keys} <= set(roles)
    told = {r["role"]: (r["passed"], r["distinct"]) for r in made.tables()["people"] if r["passed"]}
    assert told == {role: (len(keys), len(set(keys))) for role, keys in by_role.items()}


def drawn_table(draw: random.Random) -> tuple[list[str | None], list[dict[str | None, list[str]]]]:
    """Return the roles of a table, and its rows: role -> name, phone and identity number.

    A cell can be empty, and a person can be in several rows, under one role.
    """
    others = draw.sample(["contact", "guarantor", "spouse"], draw.randrange(3))
    roles = [draw.choice([None, "customer"]), *others]
    known = {role: draw.sample(range(1000 * n, 1000 * n + 900), 6) for n, role in enumerate(roles)}
    kinds = {role: draw.sample(range(3), draw.choice((2, 2, 3))) for role in roles}
    rows = []
    for _ in range(draw.randrange(8, 25)):
        row = {}
        for role in roles:
            number = draw.choice(known[role])
            cells = [*person(number), identity(number % 900)]
            row[role] = [
                cell if kind in (0, *kinds[role]) else "" for kind, cell in enumerate(cells)
            ]
        rows.append(row)
    return roles, rows


def csv_lines(
    draw: random.Random, roles: list[str | None], rows: list[dict[str | None, list[str]]]
) -> list[str]:
    """Return the rows as lines of CSV, their columns in a drawn order."""
    places = [(role, kind) for role in roles for kind in range(3)]
    draw.shuffle(places)
    header = ",".join(COLUMNS[role][kind] for role, kind in places)
    return [header, *(",".join(row[role][kind] for role, kind in places) for row in rows)]


def key_of(cells: list[str]) -> tuple[str, ...] | None:
    """Return the key of a person: the identity number, else name and phone, else none."""
    name, number, code = cells
    if code:
        return (code,)
    return (name, number) if number else None


def test_the_columns_sheet_shows_the_persons_and_takes_corrections(tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    lines = [
        "姓名1,电话1,姓名2,电话2",
        *(",".join((*person(n), *person(n + 50))) for n in range(3)),
    ]
    (tmp_path / "dump" / "a.csv").write_text("\n".join(lines) + "\n", "utf-8")
    book = tmp_path / "columns.xlsx"
    survey([tmp_path / "dump"], book, as_of=DAY)
    assert read_overrides(book, load()).kinds == {}
    opened = openpyxl.load_workbook(book)
    role = next(cell.column for cell in opened.worksheets[0][1] if "(role)" in str(cell.value))
    cells = [opened.worksheets[0].cell(row, role) for row in range(2, 6)]
    assert [cell.value for cell in cells] == [None, None, "另一人2", "另一人2"]
    for cell, word in zip(cells, ("借款人", "借款人", "紧急联系人2", "紧急联系人2"), strict=True):
        cell.value = word
    opened.save(book)
    made = count(scan_dump([tmp_path / "dump"], tmp_path / "case", columns=book))
    assert counted(made, 1)[0] == [3, 3, 3, 3, 3, 6, 6]
    told = {r["role"]: r["passed"] for r in made.tables()["people"]}
    assert told == {"borrower": 3, "contact": 3}


def test_buyers_of_a_list_are_nobody_s_victims_whatever_their_columns_are_called(
    tmp_path: Path,
) -> None:
    sale = [
        "微信号,买家昵称,售价,买家微信",
        *(f"wxid_{n:08}ab,{person(n)[0]},{200 + n},wxid_b{n % 10:06}cd" for n in range(30)),
    ]
    made = count_files(tmp_path, [sale])
    assert counted(made, 1)[0] == [30] * 7
    told = {r["role"]: (r["counted"], r["distinct"]) for r in made.tables()["people"]}
    assert told == {None: (True, 30), "list_buyer": (False, 10)}


def test_a_nameless_phone_of_a_contact_in_a_block_is_the_emergency_contact_s(
    tmp_path: Path,
) -> None:
    blocks = []
    for number in range(12):
        (name, phone), (other, second) = person(number), person(100 + number)
        blocks.append(f"借款人：{name}\n手机：{phone}\n紧急联系人：{other}\n联系人电话：{second}\n")
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "a.txt").write_text("\n".join(blocks), "utf-8")
    made = count(scan_dump([tmp_path / "dump"], tmp_path / "case"))
    assert_conserved(made.tables())
    told = {r["role"]: r["distinct"] for r in made.tables()["people"] if r["passed"]}
    assert told == {"borrower": 12, "contact": 12}
