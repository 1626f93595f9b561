"""A case is counted: the ladder, its reasons, units and doubts are what the rows say by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from piiscan.errors import CountError
from piiscan.evidence import log
from piiscan.evidence.case import Case
from piiscan.evidence.counts import Count
from piiscan.evidence.verify import verify_case
from piiscan.run.count import count
from tests.run.dump import scan_dump

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
    assert steps(made, "total", "total") == [43, 43, 37, 35, 30, 29, 28]
    assert steps(made, "source", "1") == [26, 26, 25, 23, 21, 20, 20]
    assert steps(made, "source", "3") == [5, 5, 0, 0, 0, 0, 0]


def test_totals_are_told_without_public_business_information_too(made: Count) -> None:
    without = steps(made, "total", "total", "without_business")
    assert without == [None, 40, 34, 32, 27, 26, 25]
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
        ("R5", "DUP_KEY", None): (1, None),
    }
    for kind, scope in {(r["scope_kind"], r["scope"]) for r in made.tables()["ladder"]}:
        fell = {r["step"]: r["fell"] for r in rows(made, "ladder", scope_kind=kind, scope=scope)}
        for step in ("R1", "R2", "R3", "R4", "R5"):
            reasons = rows(
                made, "ladder_reasons", scope_kind=kind, scope=scope, step=step, kept=False
            )
            assert sum(r["count"] for r in reasons) == fell[step]


def test_units_stand_side_by_side(made: Count) -> None:
    (units,) = rows(made, "units", scope_kind="total")
    assert (units["U1"], units["U2"], units["U4"]) == (42, 29, 28)
    assert units["U2_people"] == 30  # the one sender of all parcels besides
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


def test_one_number_beside_two_names_is_a_doubt(tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    listed = [["张小明", identity(1)], ["王建国", identity(1)], ["李丽华", identity(2)]]
    write(tmp_path / "dump" / "a.csv", "姓名,身份证号", listed)
    made = count(scan_dump([tmp_path / "dump"], tmp_path / "case"))
    (conflict,) = made.tables()["conflicts"]
    assert conflict == {"conflict": "ID_NAMES", "values": 1, "records": 2}
    assert [r["row"] for r in made.tables()["conflict_places"]] == [2, 3]


def test_accounts_count_by_account_whatever_they_are_written_as(tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    accounts = ["wxid_a1b2c3d4e5f6", phone(1), "xiaoming_1987", "wxid_a1b2c3d4e5f6"]
    listed = [[account, f"p{n}Q7w9x"] for n, account in enumerate(accounts)]
    write(tmp_path / "dump" / "a.csv", "微信号,密码", listed)
    case = scan_dump([tmp_path / "dump"], tmp_path / "case")
    made = count(case, key_by=["*a.csv=account"])
    assert steps(made, "total", "total") == [4, 4, 4, 4, 4, 3, 3]
    assert made.content["asked"]["key_priority"].endswith(
        "*a.csv=account>identity>name_phone>phone>name_address"
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
    logged = [e for e in log.read(case.path / "log.jsonl") if e["event"] == "count"]
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
