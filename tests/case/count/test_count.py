"""A case is counted: the ladder, its reasons, units and doubts are what the rows say by hand."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from piiscan.case.count.count import count
from piiscan.case.count.record_count import Tables
from piiscan.case.integrity.verify import verify_case
from piiscan.case.store import audit_log
from piiscan.case.store.case import Case
from piiscan.case.store.count_store import Count
from piiscan.errors import CaseError, CountError
from tests.case.dump import scan_dump
from tests.keys import random_secret, write_key
from tests.often import long

NAMES = [f"{s}{g}" for s in "张王李赵刘陈杨黄" for g in ("小明", "建国", "丽华", "志强", "秀英")]


def identity(number: int, *, wrong: bool = False) -> str:
    """A made identity number of somebody born in 1905, with its check digit (GB 11643-1999)."""
    body = f"43010419050615{number:03d}"
    total = sum(int(d) * 2 ** (17 - place) for place, d in enumerate(body))
    check = (12 - total % 11) % 11
    return body + "0123456789X"[(check + wrong) % 11]


def phone(number: int) -> str:
    return f"1990000{number + 1200:04d}"


def write(path: Path, header: str, rows: Sequence[Sequence[str]]) -> None:
    lines = [header, *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    home = tmp_path_factory.mktemp("counted")
    dump = home / "dump"
    dump.mkdir()
    people = [[NAMES[n], identity(n), phone(n)] for n in range(20)]
    people += people[:2]  # the same rows again
    people += [[NAMES[2], identity(2), phone(30)]]  # the same person with another phone
    people += [[NAMES[n], identity(n, wrong=True), phone(n)] for n in (20, 21)]
    people += [["张*", "4301**********0016", "199****1234"]]
    write(dump / "a.csv", "姓名,身份证号,手机号", people)
    write(
        dump / "b.csv",
        "姓名,身份证号,手机号",
        [*people[:3], [NAMES[25], identity(25), phone(25)], [NAMES[3], identity(26), phone(3)]],
    )
    write(dump / "c.csv", "手机号", [[phone(n)] for n in (0, 1, 2, 40, 40)])
    write(
        dump / "d.csv",
        "企业名称,统一社会信用代码,法定代表人,联系电话",
        [
            [f"示例{w}科技有限公司", f"9143010{n}MA0000000", NAMES[30 + n], phone(50 + n)]
            for n, w in enumerate("甲乙丙")
        ],
    )
    write(
        dump / "e.csv",
        "收件人,收件人电话,寄件人,寄件人电话",
        [[NAMES[n], phone(60 + n), "孙小红", phone(99)] for n in range(4)],
    )
    return scan_dump([dump], home / "case")


@pytest.fixture(scope="module")
def made(case: Case) -> Count:
    return count(case)


@pytest.fixture
def own_rules() -> None:
    """The shipped catalogue, not the small one of the other tests of this folder."""


def rows(made: Count, table: str, **wanted: Any) -> list[dict[str, Any]]:
    return [row for row in made.tables()[table] if all(row[k] == v for k, v in wanted.items())]


def steps(made: Count, kind: str, scope: str, column: str = "count") -> list[int | None]:
    return [row[column] for row in rows(made, "ladder", scope_kind=kind, scope=scope)]


def test_the_ladder_counts_what_the_rows_say(made: Count) -> None:
    # read; with a finding; without masked and bare ones; the wrong keys; whole rows; keys; persons
    # the one sender of the four parcels is a subject of each row, one key and one person
    assert steps(made, "total", "total") == [43, 43, 37, 35, 30, 30, 29]
    assert steps(made, "total", "total", "subjects") == [None, 47, 41, 39, 34, 30, 29]
    assert steps(made, "source", "1") == [26, 26, 25, 23, 21, 20, 20]
    assert steps(made, "source", "3") == [5, 5, 0, 0, 0, 0, 0]


def test_totals_are_told_without_public_business_information_too(made: Count) -> None:
    without = steps(made, "total", "total", "without_business")
    assert without == [None, 40, 34, 32, 27, 27, 26]
    assert steps(made, "source", "4", "without_business") == [None, 0, 0, 0, 0, 0, 0]


def test_every_row_that_fell_has_a_reason(made: Count) -> None:
    told = {
        (r["step"], r["reason"], r["where"]): (r["count"], r["other_key"])
        for r in rows(made, "ladder_reasons", scope_kind="total", kept=False)
    }
    assert told == {
        ("R2", "BARE_PHONE", None): (5, 0),
        ("R2", "MASKED", None): (1, 0),
        ("R3", "CHECK_FAIL", None): (2, 2),  # with a name and a phone that would pass
        ("R4", "DUP_ROW", "file"): (2, None),
        ("R4", "DUP_ROW", "across"): (3, None),
        ("R5", "DUP_KEY", None): (4, None),
        ("R6", "DUP_PERSON", None): (1, None),
    }
    assert_conserved(made.tables())


def assert_conserved(tables: Tables) -> None:
    """Assert that each step is the one before without its reasons, in every scope.

    Both for rows and for subjects.
    """
    steps, reasons = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for row in tables["ladder"]:
        assert row["count"] >= 0
        place = row["scope_kind"], row["scope"], row["step"]
        steps["rows", *place], steps["subjects", *place] = (
            row["fell"] or 0,
            row["subjects_fell"] or 0,
        )
    for row in tables["ladder_reasons"]:
        assert row["count"] >= 0
        assert (row["subjects"] or 0) >= 0
        if not row["kept"] and row["step"] != "R0":
            place = row["scope_kind"], row["scope"], row["step"]
            reasons["rows", *place] += row["count"]
            reasons["subjects", *place] += row["subjects"] or 0
    assert min(steps.values(), default=0) >= 0
    assert +steps == +reasons


def test_a_phone_in_a_title_is_no_record(tmp_path: Path) -> None:
    lines = ["客户名单 联系电话13911110000 制表人王强", "姓名,手机号", "李明,13911110001", ",",
             "姓名,手机号", "李强,13911110002", "合计,2 13911110003"]  # fmt: skip
    made = made_of(tmp_path, {"list.csv": lines})
    total = {r["step"]: r["count"] for r in rows(made, "ladder", scope_kind="total")}
    assert (total["R0"], total["R1"], total["R6"]) == (2, 2, 2)
    told = {(r["step"], r["reason"]): r["count"]
            for r in rows(made, "ladder_reasons", scope_kind="total")}  # fmt: skip
    assert told == {("R0", "HEADER_REPEAT"): 1, ("R0", "EMPTY"): 1, ("R0", "TITLE"): 2}
    assert_conserved(made.tables())


def test_tables_side_by_side_have_their_own_rows(tmp_path: Path) -> None:
    lines = [
        "姓名,手机号,,姓名,手机号",
        "李明,13911110001,,赵强,13911110002",
        "李强,13911110003,,,",
    ]
    made = made_of(tmp_path, {"side.csv": lines})
    total = {r["step"]: r["count"] for r in rows(made, "ladder", scope_kind="total")}
    assert (total["R0"], total["R1"], total["R6"]) == (4, 3, 3)
    assert_conserved(made.tables())


@pytest.mark.parametrize("seed", [0, 1, 2, *map(long, range(3, 30))])
def test_the_ladder_conserves_whatever_is_in_the_files(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    files = {f"{n}.{'csv' if n % 3 else 'txt'}": drawn_lines(draw) for n in range(6)}
    made = made_of(tmp_path, files)
    assert_conserved(made.tables())


def drawn_lines(draw: random.Random) -> list[str]:
    """Return lines of a table, or tables side by side, with titles, sums, copies and odd rows."""
    people = [f"李{draw.choice('明强亮')}{draw.choice('文华')},1391111{draw.randrange(60):04d}"
              for _ in range(12)]  # fmt: skip
    sides = draw.choice([1, 1, 2])
    header = ",,".join(["姓名,手机号"] * sides)
    lines = [draw.choice(["名单 电话13911110000", "客户资料", ""])] if draw.random() < 0.6 else []
    lines.append(header)
    for _ in range(draw.randrange(30)):
        kind = draw.random()
        row = ",,".join(draw.choice([*people, ","]) for _ in range(sides))
        odd = [header, ",", "合计,13911110001", "无,无", "138****8000,", "张三,"]
        lines.append(draw.choice(odd) if kind < 0.25 else row)
    return lines * draw.choice([1, 1, 2])


def made_of(folder: Path, files: dict[str, list[str]]) -> Count:
    """Scan and count files of these lines."""
    dump = folder / "dump"
    dump.mkdir()
    for name, lines in files.items():
        (dump / name).write_text("\n".join(lines) + "\n", "utf-8")
    return count(scan_dump([dump], folder / "case"))


def test_units_stand_side_by_side(made: Count) -> None:
    (units,) = rows(made, "units", scope_kind="total")
    assert (units["U1"], units["U2"], units["U4"]) == (42, 30, 29)
    assert units["U2_rows"] == 29  # without the one sender of all parcels
    assert (units["bare_rows"], units["bare_sound"], units["bare_distinct"]) == (5, 5, 4)
    mobiles = rows(made, "elements", scope_kind="total", entity="CN_MOBILE")
    assert [(r["hits"], r["distinct"]) for r in mobiles] == [(43 - 1 + 4, 33)]


def test_sender_and_recipient_of_a_row_are_two_people(made: Count) -> None:
    people = {r["role"]: (r["passed"], r["distinct"]) for r in made.tables()["people"]}
    assert people["recipient"] == (4, 4)
    assert people["sender"] == (4, 1)


def test_sources_have_keys_of_their_own_and_shared_ones(made: Count) -> None:
    shared = {r["scope"]: (r["own"], r["shared"]) for r in rows(made, "shared")}
    assert shared["1"] == (17, 3)
    assert shared["2"] == (2, 3)


def test_accounts_count_by_account_whatever_they_are_written_as(tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    accounts = ["wxid_a1b2c3d4e5f6", phone(1), "xiaoming_1987", "wxid_a1b2c3d4e5f6"]
    listed = [[account, f"p{n}Q7w9x"] for n, account in enumerate(accounts)]
    write(tmp_path / "dump" / "a.csv", "微信号,密码", listed)
    case = scan_dump([tmp_path / "dump"], tmp_path / "case")
    made = count(case, key_by=["*a.csv=account"])
    assert steps(made, "total", "total") == [4, 4, 4, 4, 4, 3, 3]
    assert made.content["asked"]["key_priority"].endswith(
        "*a.csv=account>identity>name_phone>phone>number>vehicle>device>name_address"
    )


def test_the_same_settings_are_the_same_count(case: Case, made: Count) -> None:
    assert count(case) == made
    other = count(case, key_by=["phone"])
    assert (made.number, other.number) == (1, 2)
    again = count(case)
    assert again.number == 3
    for name in ("ladder.json", "candidates.parquet", "persons.parquet", "units.csv"):
        assert (again.path / name).read_bytes() == (made.path / name).read_bytes()


def test_counts_are_logged_and_verified(case: Case, made: Count) -> None:
    logged = [e for e in audit_log.read_events(case.path / "log.jsonl") if e["event"] == "count"]
    assert logged[0]["sha256"] == made.sha256
    assert verify_case(case.path) == []
    path = made.path / "ladder.json"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"43", b"44", 1))
    assert [(d.reason, d.name) for d in verify_case(case.path)] == [
        ("FILE_CHANGED", "counts-0001/ladder.json")
    ]
    path.write_bytes(whole)
    told = json.loads((made.path / "count.json").read_text("utf-8"))
    (made.path / "count.json").write_text(json.dumps(told | {"number": 9}), "utf-8")
    assert {d.name for d in verify_case(case.path)} >= {"counts-0001/count.json"}
    (made.path / "count.json").write_text(
        json.dumps(told, ensure_ascii=True, indent=1, sort_keys=True) + "\n", "utf-8"
    )
    assert verify_case(case.path) == []


def test_an_unknown_order_of_keys_is_refused(case: Case) -> None:
    with pytest.raises(CountError, match="no such order of keys"):
        count(case, key_by=["shoe_size"])


def hand_in(path: Path, header: str, lines: Sequence[Sequence[str]]) -> Path:
    """A sheet as people give it back: CSV with the headings of its form."""
    write(path, header, lines)
    return path


def test_a_register_divides_every_table_by_suspect_device_and_item(
    case: Case, tmp_path: Path
) -> None:
    case = Case.open(shutil.copytree(case.path, tmp_path / "case"))  # it keeps the register
    folder = Path(case.manifest.content["sources"][0]["path"]).parent.as_posix()
    register = hand_in(
        tmp_path / "register.csv",
        "路径,检材编号,嫌疑人,设备,角色,层",
        [
            [f"{folder}/a.csv", "JC1", "李某甲", "手机1", "获取", ""],
            [f"{folder}/b.csv", "JC2", "王某乙", "手机2", "出售", ""],
            [f"{folder}/c.csv", "JC2", "王某乙", "手机2", "出售", ""],
            [f"{folder}/e.csv", "JC3", "王某乙", "U盘", "持有", "carved"],
        ],
    )
    made = count(case, register=register)
    assert made.content["asked"]["register"] is not None
    assert steps(made, "suspect", "李某甲") == [26, 26, 25, 23, 21, 20, 20]
    assert steps(made, "suspect", "王某乙") == [10, 10, 5, 5, 5, 5, 5]
    assert steps(made, "suspect", "王某乙", "unconfirmed") == [4, 4, 4, 4, 4, 5, 5]
    assert steps(made, "item", "JC2") == [10, 10, 5, 5, 5, 5, 5]
    # what was carved is outside the headline until a person confirms it
    assert steps(made, "total", "total") == [39, 39, 33, 31, 26, 25, 24]
    assert steps(made, "total", "total", "unconfirmed") == [4, 4, 4, 4, 4, 5, 5]
    shared = {r["scope"]: (r["own"], r["shared"]) for r in rows(made, "shared")}
    assert (shared["李某甲"], shared["王某乙"]) == ((17, 3), (2, 3))
    assert {r["scope"] for r in rows(made, "tiers", scope_kind="suspect")} == {"李某甲", "王某乙"}
    assert count(case).content["asked"]["register"] == made.content["asked"]["register"]


def test_excluded_records_are_counted_apart_and_come_back(case: Case, tmp_path: Path) -> None:
    folder = Path(case.manifest.content["sources"][0]["path"]).parent.as_posix()
    plain = count(case)
    listed = hand_in(
        tmp_path / "exclude.csv",
        "类型,内容,理由,提出人",
        [
            ["值", phone(5), "办案人员自己的号码", "赵六"],
            ["路径", "*/b.csv", "报案人提供的原始数据", "赵六"],
            ["栏目", f"{folder}/c.csv#手机号", "单位总机", "赵六"],
            ["路径", "*/没有.csv", "写错了", "赵六"],
        ],
    )
    made = count(case, exclude=listed, key=case.path.parent / "test.key")
    told = {r["line"]: (r["records"], r["idle"]) for r in made.tables()["exclusions"]}
    assert told == {2: (1, False), 3: (5, False), 4: (5, False), 5: (0, True)}
    assert steps(made, "total", "total")[:2] == steps(plain, "total", "total")[:2]
    (fell,) = rows(made, "ladder_reasons", scope_kind="total", reason="EXCLUDED")
    assert (fell["step"], fell["count"]) == ("R2", 11)
    assert steps(made, "total", "total")[2] == 37 - 6  # bare phones never stood there
    assert steps(count(case), "total", "total") == steps(plain, "total", "total")
    kept = (made.path / "count.json").read_text("utf-8")
    assert phone(5) not in kept


def test_values_are_only_excluded_under_the_key_of_the_case(case: Case, tmp_path: Path) -> None:
    listed = hand_in(
        tmp_path / "exclude.csv", "类型,内容,理由,提出人", [["值", phone(5), "本人", "赵六"]]
    )
    with pytest.raises(CaseError, match="is not there; give the case's key"):
        count(case, exclude=listed, key=tmp_path / "none.key")
    with pytest.raises(CaseError, match="is not the key of this case"):
        count(case, exclude=listed, key=write_key(tmp_path / "other.key", random_secret(1)))


def test_a_broken_exclusion_list_names_its_cells_and_not_what_is_in_them(
    case: Case, tmp_path: Path
) -> None:
    listed = hand_in(
        tmp_path / "exclude.csv",
        "类型,内容,理由,提出人",
        [["号码", "13800138000", "", "赵六"], ["栏目", "a.csv", "误", ""]],
    )
    with pytest.raises(CaseError) as error:
        count(case, exclude=listed)
    told = str(error.value)
    assert "row 2, 类型: is none of" in told
    assert "row 2, 理由: is empty" in told
    assert "row 3, 内容: names no column" in told
    assert "13800138000" not in told


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Case:
    home = tmp_path_factory.mktemp("traded")
    (home / "dump").mkdir()
    listed = [
        [
            f"wxid_a{n:02d}b2c3d4e5f6",
            f"2024-0{1 + n // 10}-15",
            "2024-03-02" * (n < 5),
            price,
        ]
        for n, price in enumerate(["80", "650", "", "约200", "100"] * 4)
    ]
    write(home / "dump" / "a.csv", "微信号,获取时间,出售时间,价格", listed)
    return scan_dump([home / "dump"], home / "case")


def test_obtained_and_sold_are_counted_and_weighed_apart(traded: Case) -> None:
    made = count(traded)
    statuses = {
        r["status"]: (r["rows"], r["distinct"]) for r in rows(made, "statuses", scope_kind="total")
    }
    assert statuses == {"obtained": (20, 20), "sold": (5, 5)}
    weighed = rows(made, "tiers", scope_kind="status", unit="U2", insider=False, row_tier="highest")
    assert {(r["scope"], r["count"]) for r in weighed if r["category"]} == {
        ("obtained", 20),
        ("sold", 5),
    }
    (money,) = rows(made, "money", scope_kind="total", status="sold")
    assert (money["priced"], money["unpriced"], money["unreadable"]) == (3, 1, 1)
    assert (money["sum"], money["lowest"], money["highest"]) == ("830.00", "80.00", "650.00")


def test_only_the_chosen_days_are_counted(traded: Case) -> None:
    made = count(traded, since=date(2024, 2, 1), until=date(2024, 2, 29))
    assert steps(made, "total", "total") == [20, 20, 10, 10, 10, 10, 10]
    (fell,) = rows(made, "ladder_reasons", scope_kind="total", step="R2")
    assert (fell["reason"], fell["count"]) == ("OUTSIDE_PERIOD", 10)
    assert {r["month"] for r in made.tables()["months"]} == {"2024-02"}


def test_ratios_stand_beside_records_and_keys(made: Count) -> None:
    told = {
        (r["unit"], r["insider"]): r["ratio"]
        for r in rows(made, "tiers", scope_kind="total", category=None)
    }
    assert told["U2", False] == "0.01"  # 29 keys and 4 bare phones of 5,000
    assert not any(insider for _, insider in told)  # nobody sold what he had of his duty


def test_a_name_made_anonymous_is_nobody(tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    write(tmp_path / "dump" / "a.csv", "姓名,手机号", [["罗某", phone(1)], ["张小明", phone(2)]])
    made = count(scan_dump([tmp_path / "dump"], tmp_path / "case"))
    assert steps(made, "total", "total") == [2, 2, 1, 1, 1, 1, 1]
    (units,) = rows(made, "units", scope_kind="total")
    assert units["bare_rows"] == 1
