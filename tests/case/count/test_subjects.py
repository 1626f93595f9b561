"""A record has subjects: the persons of a row by role, whatever the order of the columns."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import openpyxl
import pytest

from piiscan import Case, count
from piiscan.case.columns.columns import survey
from piiscan.case.count.record_count import Tables
from piiscan.detect.catalog.catalog import load
from piiscan.tabular.column_overrides import read_overrides
from tests.case.count.test_count import count_files, write_lines
from tests.case.dump import DAY, scan_dump
from tests.case.leak import identity
from tests.case.literal_rows import only, steps

Person = tuple[str, str]
NAMES = [
    f"{s}{g}" for s in "张王李赵刘陈杨黄" for g in ("小明", "建国", "丽华", "志强", "秀英", "文博")
]


def person(number: int) -> Person:
    return NAMES[number % len(NAMES)], f"1380013{number:04d}"


def listed(header: str, rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a file."""
    return [header, *(",".join(row) for row in rows)]


def people(tables: Tables) -> dict[str | None, tuple[bool, int, int]]:
    """Role -> if it is counted, records with it, distinct keys."""
    return {r["role"]: (r["counted"], r["found"], r["distinct"]) for r in tables["people"]}


def test_a_contact_is_another_person_before_or_behind_the_debtor(tmp_path: Path) -> None:
    pairs = [(person(n), person(100 + n % 20)) for n in range(40)]  # each contact in two rows
    behind = listed("姓名,手机号,紧急联系人,紧急联系人电话", ((*a, *b) for a, b in pairs))
    before = listed("紧急联系人,紧急联系人电话,姓名,手机号", ((*b, *a) for a, b in pairs))
    tables = count_files(tmp_path, {"1.csv": behind, "2.csv": before}).tables()
    for source in ("1", "2"):
        assert steps(tables, source) == [40, 40, 40, 40, 40, 60, 60]
        assert steps(tables, source, "subjects") == [None, 80, 80, 80, 80, 60, 60]
    assert steps(tables) == [80, 80, 80, 80, 40, 60, 60]  # the same rows, other order of columns
    assert people(tables)["contact"] == (True, 80, 20)


#: Header of two columns a person -> the role of each person; ``-``: none.
PAIRINGS = {
    "寄件人,寄件人电话,收件人,收件人电话": "sender recipient",
    "借款人,手机号,担保人,担保人手机号": "borrower guarantor",
    "借款人姓名,借款人电话,共同借款人,共同借款人电话": "borrower co_borrower",
    "学生姓名,学生电话,父亲姓名,父亲电话,母亲姓名,母亲电话": "student father mother",
    "户主,户主电话,配偶,配偶电话": "householder spouse",
    "甲方,甲方电话,乙方,乙方电话": "party_a party_b",
    "出租人,出租人电话,承租人,承租人电话": "landlord tenant",
    "投保人,投保人电话,被保险人,被保险人电话,受益人,受益人电话": "applicant insured beneficiary",
    "姓名1,电话1,姓名2,电话2": "- person",
    "姓名（1）,电话（1）,姓名（2）,电话（2）": "- person",
    "备注,姓名,电话,姓名,电话": "- person",
    "姓名,电话,担保人,电话": "- guarantor",
    "客户姓名,手机号,紧急联系人,紧急联系人电话": "customer contact",
    "车主,手机号,推荐人,推荐人电话": "owner referrer",
    "学员姓名,手机号,家长姓名,家长电话": "student parent",
    "患者姓名,手机号,家属,家属电话": "patient relative",
    "姓名,手机号,联系人1,联系人1电话,联系人2,联系人2电话": "- contact_person contact_person",
    "第一联系人,第一联系人电话,第二联系人,第二联系人电话": "contact contact",
    "债务人,电话,紧急联系人1,紧急联系人1电话": "borrower contact",
    "借款人,手机号,紧急联系人,联系人电话": "borrower contact",
    "司机,司机电话,乘客,乘客电话": "driver passenger",
    "被害人,被害人电话,犯罪嫌疑人,嫌疑人电话": "victim suspect",
    "公司名称,联系人,联系电话": "contact_person",
    "家长姓名,电话,学校": "parent",
    "姓名,手机号1": "-",
}


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The tables of a file of three rows for each pairing; no person is in two rows or files."""
    files = {}
    for number, (header, roles) in enumerate(PAIRINGS.items()):
        rows = []
        for row in range(3):
            found = [person(number * 20 + row * 4 + n) for n in range(len(roles.split()))]
            values = iter([value for each in found for value in each])
            plain = ("备注", "公司名称", "学校")
            rows.append(["示例" if name in plain else next(values) for name in header.split(",")])
        files[f"{number:03}.csv"] = listed(header, rows)
    return count_files(tmp_path_factory.mktemp("paired"), files).tables()


@pytest.mark.parametrize("header", PAIRINGS)
def test_columns_that_pair_up_are_several_persons(paired: Tables, header: str) -> None:
    number = 3 * len(PAIRINGS[header].split())
    source = str(list(PAIRINGS).index(header) + 1)
    assert steps(paired, source) == [3] * 5 + [number] * 2
    assert steps(paired, source, "subjects") == [None, *[number] * 6]


LENT = {
    "学生姓名,班级,家长电话": "student",
    "姓名,监护人电话": "-",
    "姓名,父亲电话,母亲电话": "-",
    "患者姓名,紧急联系人电话": "patient",
}


def test_the_phone_of_a_nameless_parent_reaches_the_subject(tmp_path: Path) -> None:
    """Two of five children of each list have the phone of one parent: two persons, as keys say."""
    files = {}
    for number, header in enumerate(LENT):
        rows = []
        for row in range(5):
            (name, _), (_, phone) = person(number * 20 + row), person(number * 20 + max(row, 1))
            kinds = {"电话": phone, "班级": "三年二班"}
            rows.append([kinds.get(column[-2:], name) for column in header.split(",")])
        files[f"{number}.csv"] = listed(header, rows)
    tables = count_files(tmp_path, files).tables()
    assert all(steps(tables, str(number)) == [5] * 7 for number in range(1, 5))
    found = {role or "-": distinct for role, (_, _, distinct) in people(tables).items()}
    assert found == {"student": 5, "-": 10, "patient": 5}


def test_people_are_counted_by_role(paired: Tables) -> None:
    roles = Counter(" ".join(PAIRINGS.values()).split())
    found = {role or "-": distinct for role, (_, _, distinct) in people(paired).items() if distinct}
    assert found == {role: 3 * number for role, number in roles.items()}


def test_a_phone_without_a_role_is_not_of_a_side_role_or_of_staff(tmp_path: Path) -> None:
    """紧急联系人 | 手机号: the phone is the debtor's, who has no name here."""
    headings = ("紧急联系人", "寄件人", "担保人", "催收员", "快递员")
    files = {f"{name}.csv": listed(f"{name},手机号", map(person, range(3))) for name in headings}
    tables = count_files(tmp_path, files).tables()
    for source in range(1, len(files) + 1):
        assert steps(tables, f"{source}") == [3, 3, 0, 0, 0, 0, 0]
    assert only(tables, "units", scope="total")[0]["bare_rows"] == 3 * len(files)
    others = {role: row for role, row in people(tables).items() if not row[0]}
    assert others == {"collector": (False, 3, 0), "courier": (False, 3, 0)}


#: Lines of a file, the steps of its ladder, and the people in it by role.
LISTS: dict[str, tuple[list[str], list[int], dict[str | None, tuple[bool, int, int]]]] = {
    "an identity number without a role is not of staff": (
        listed("催收员,手机号,身份证号", ((*person(n), identity(n)) for n in range(3))),
        [3] * 7, {None: (True, 3, 3), "collector": (False, 3, 0)},
    ),
    "buyers of a sale list are not counted": (
        listed("微信号,密码,买家,价格",
               ((f"wxid_a{n:03}b2c3d4", f"p{n}Q7w9x", NAMES[n % 7], "4") for n in range(30))),
        [30] * 7, {None: (True, 30, 30), "list_buyer": (False, 30, 0)},
    ),
    "buyers of a sale list are not counted whatever their columns are called": (
        listed("微信号,买家昵称,售价,买家微信",
               ((f"wxid_{n:08}ab", person(n)[0], f"{200 + n}", f"wxid_b{n % 10:06}cd")
                for n in range(30))),
        [30] * 7, {None: (True, 30, 30), "list_buyer": (False, 30, 10)},
    ),
    "a nameless phone of a contact in a block is the emergency contact's": (
        [f"借款人：{person(n)[0]}\n手机：{person(n)[1]}\n紧急联系人：{person(100 + n)[0]}\n"
         f"联系人电话：{person(100 + n)[1]}\n" for n in range(12)],
        [48, 12, 12, 12, 12, 24, 24], {"borrower": (True, 12, 12), "contact": (True, 12, 12)},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "ladder", "found"), LISTS.values(), ids=LISTS)
def test_the_people_of_a_file(
    lines: list[str],
    ladder: list[int],
    found: dict[str | None, tuple[bool, int, int]],
    tmp_path: Path,
) -> None:
    name = "a.txt" if "：" in lines[0] else "a.csv"
    made = count_files(tmp_path, {name: lines})
    assert steps(made.tables()) == ladder
    assert people(made.tables()) == found
    if "list_buyer" in found:  # a scan shows no buyer as a person either
        case = Case.open(tmp_path / "case")
        assert all("PERSON" not in row["combination"] for row in case.tables()["combinations"])
        assert "PERSON" not in {row["entity"] for row in made.tables()["elements"]}


def test_the_columns_sheet_shows_the_persons_and_takes_corrections(tmp_path: Path) -> None:
    lines = listed("姓名1,电话1,姓名2,电话2", ((*person(n), *person(n + 50)) for n in range(3)))
    dump, book = write_lines(tmp_path / "dump", {"a.csv": lines}), tmp_path / "columns.xlsx"
    survey([dump], book, as_of=DAY)
    assert read_overrides(book, load()).kinds == {}
    opened = openpyxl.load_workbook(book)
    role = next(cell.column for cell in opened.worksheets[0][1] if "(role)" in str(cell.value))
    cells = [opened.worksheets[0].cell(row, role) for row in range(2, 6)]
    assert [cell.value for cell in cells] == [None, None, "另一人2", "另一人2"]
    for cell, word in zip(cells, ("借款人", "借款人", "紧急联系人2", "紧急联系人2"), strict=True):
        cell.value = word
    opened.save(book)
    tables = count(scan_dump([dump], tmp_path / "case", columns=book)).tables()
    assert steps(tables) == [3, 3, 3, 3, 3, 6, 6]
    assert people(tables) == {"borrower": (True, 3, 3), "contact": (True, 3, 3)}
