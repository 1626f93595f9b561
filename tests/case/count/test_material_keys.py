"""Plates, devices and issuers' numbers as keys; rows that only a profile makes identifiable."""

from dataclasses import replace
from pathlib import Path

import pytest

from piiscan import Case, CountRules, SourceRecords, count, count_records
from piiscan.case.count.record_count import Tables
from piiscan.case.tiers import load_profile
from tests.case.count.test_count import NAMES, count_files, phone
from tests.case.literal_rows import RULES, assert_conserved, only, source, steps


def tables_of(records: list[SourceRecords], rules: CountRules = RULES) -> Tables:
    tables = count_records(records, None, rules)
    assert_conserved(tables)
    return tables


def profiled(home: Path, **kinds: str) -> CountRules:
    """The shipped rules with a profile: start of a path -> its category."""
    file = home / "profile.toml"
    part = '[[part]]\npath = "{}*"\nkinds = ["{}"]\nreason = "r"\nauthor = "a"\n'
    parts = "".join(part.format(*each) for each in kinds.items())
    file.write_text(f'format = 1\ntitle = "t"\n{parts}', "utf-8")
    profile = load_profile(file, {category.id for category in RULES.tiers.policies[0].categories})
    return replace(RULES, tiers=replace(RULES.tiers, profile=profile))


def test_a_vehicle_with_its_owner_is_one_person_of_the_basic_category() -> None:
    tables = tables_of([source(1, ["name:甲 vin:L1", "plate:A1 name:乙", "imei:8", "vin:L2"])])
    assert steps(tables)[2:6] == [2] * 4
    tier = {(r["category"], r["count"]) for r in only(tables, "tiers", scope="total", unit="U1")}
    assert ("basic", 2) in tier  # a name with a vehicle is no name alone


def test_passages_and_fixes_are_whereabouts() -> None:
    headers = ["车牌号", "过车时间", "卡口名称"]
    tables = tables_of(
        [
            source(1, [f"plate:A{n % 4}#1 +{n}" for n in range(12)], headers=headers),
            source(2, ["plate:A1", "imei:8", "name:甲 imei:9"]),
            source(3, [f"imei:{n % 2} fix:{n}" for n in range(6)]),
        ]
    )
    assert [steps(tables, str(n))[2] for n in (1, 2, 3)] == [12, 1, 6]
    assert [steps(tables, str(n))[5] for n in (1, 3)] == [4, 2]


def test_a_number_is_one_person_with_its_issuer_or_its_name() -> None:
    school = [f"number:{n}#1 name:{NAMES[n]}#2" for n in range(6)]
    ward = [f"number:Z{n}#1" for n in range(4)]
    ill, clinic = ["住院号", "诊断"], ["住院号", "科室", "诊断"]
    tables = tables_of(
        [
            source(1, school, headers=["学号", "姓名"]),
            source(2, school[:4], headers=["学号", "姓名"]),  # a copy of some rows
            source(3, ward, headers=ill),
            source(4, ward, headers=ill),  # a copy
            source(5, [f"number:{n}#1" for n in range(6)], headers=["学号"]),
            source(6, ward, headers=clinic),  # another's
        ]
    )
    assert [steps(tables, str(n))[2] for n in range(1, 7)] == [6, 4, 4, 4, 0, 4]
    assert steps(tables)[5] == 6 + 4 + 4


def test_what_a_profile_confirms_is_identifiable_without_a_name(tmp_path: Path) -> None:
    fixes = [source(1, [f"fix:{n % 4} +{n}" for n in range(8)], "轨迹.csv")]
    assert steps(tables_of(fixes))[1:3] == [8, 0]
    tables = tables_of(fixes, profiled(tmp_path, 轨迹="track"))
    assert steps(tables)[:4] == [8] * 4
    assert steps(tables)[5] == 4  # without a key, all values of the row
    (track,) = only(
        tables, "tiers", scope="total", unit="U1", insider=False, row_tier="highest",
        category="track",
    )  # fmt: skip
    assert (track["count"], track["tier"]) == (8, "closed")


FIRMS = {
    "企业名称": "", "统一社会信用代码": "firm", "法定代表人": "name", "电话": "phone",
    "经营范围": "", "地址": "address",
}  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4, 5), (3, 2, 5, 0, 4, 1), (5, 3, 0, 4)])
def test_a_list_of_firms_is_a_line_of_its_own_in_any_order(order: tuple[int, ...]) -> None:
    headers = [list(FIRMS)[k] for k in order]
    columns = [(at, FIRMS[name]) for at, name in enumerate(headers, 1) if FIRMS[name]]
    firms = [" ".join(f"{kind}:{n}#{at}" for at, kind in columns) for n in "甲乙丙丁"]
    staff = [f"name:{n}#1 phone:1{n}#2" for n in range(5)]
    tables = tables_of(
        [source(1, firms, headers=headers), source(2, staff, headers=["姓名", "手机号", "公司"])]
    )
    told = {row["step"]: row for row in only(tables, "business", scope_kind="total")}
    assert [told["R1"][name] for name in ("business", "count", "without_business")] == [4, 9, 5]
    tiers = {
        row["category"]: row["count"]
        for row in only(tables, "tiers", scope="total", unit="U1", insider=False)
    }
    assert (tiers["business_public"], tiers["basic"]) == (4, 5)
    (less,) = only(
        tables, "tier_scenarios", scope="total", unit="U1", scenario="without_business",
        insider=False,
    )  # fmt: skip
    assert (less["count"], less["exact"]) == (4, "1/1000")


def test_a_person_confirms_or_denies_that_a_list_is_one_of_firms(tmp_path: Path) -> None:
    people = [f"{NAMES[n]},{phone(n)}" for n in range(4)]
    firms = [f"湖南示例{w}科技有限公司,{who}" for w, who in zip("甲乙丙丁", people, strict=True)]
    files = {"a.csv": ["公司名称,法人,电话", *firms], "b.csv": ["客户,客户电话", *people]}
    count_files(tmp_path, files)
    sheet = tmp_path / "类别确认表.csv"
    one, two = (each["path"] for each in Case.open(tmp_path / "case").manifest.content["sources"])
    told = f"路径,类别,确认\n{one},企业公开信息（待核实）,否\n{two},business_public,是\n"
    sheet.write_text(told, "utf-8")
    made = count(tmp_path / "case", profile=sheet)
    found = {
        (r["scope"], r["business"]) for r in only(made.tables(), "business", scope_kind="source")
    }
    assert found == {("2", 4)}


def test_the_highest_reading_includes_what_is_proposed_and_says_so() -> None:
    loans = [f"name:{n}#1 phone:{n}#2" for n in range(40)]
    tables = tables_of([source(1, loans, headers=["姓名", "手机号", "负债", "借款需求"])])
    told = {
        row["scenario"]: row["exact"]
        for row in only(tables, "tier_scenarios", scope="total", unit="U2", insider=False)
        if row["row_tier"] == "highest"
    }
    assert told == {
        "default": "1/125",
        "highest_confirmed": "1/125",  # 40 of 5,000
        "highest": "4/5",  # 40 of 50
    }
    (proposal,) = tables["proposals"]
    assert (proposal["category"], proposal["headers"]) == ("credit", ["负债", "借款需求"])


def test_events_are_counted_once_a_person_confirms_them_and_copies_are_none(
    tmp_path: Path,
) -> None:
    stays = [f"name:{n % 20} phone:{n % 20} +{n}" for n in range(240)]
    calls = [f"phone:{n % 7} phone:1{n} +{n}" for n in range(60)]
    fixes = [f"plate:A1 fix:{n // 5 % 2} +{n:02}" for n in range(30)]
    records = [
        source(1, stays, "住宿.csv"),
        source(2, calls, "话单1.csv"),
        source(3, calls, "话单2.csv"),
        source(4, [*fixes, *fixes[:4]], "轨迹.csv"),
    ]
    assert tables_of(records)["events"] == []  # nobody confirmed anything
    rules = profiled(tmp_path, 住宿="lodging", 话单="call_records", 轨迹="track")
    found: dict[str, dict[str, tuple[int, bool]]] = {}
    tables = tables_of(records, rules)
    for row in only(tables, "events", scope_kind="total"):
        readings = found.setdefault(row["category"], {})
        readings[row["event_reading"]] = (row["count"], row["default"])
    assert found["lodging"] == {
        "rows": (240, False), "events": (240, True), "subjects": (20, False),
    }  # fmt: skip
    assert found["call_records"]["rows"] == (120, False)
    assert found["call_records"]["events"] == (60, True)
    assert found["track"] == {
        "rows": (34, False), "events": (30, False), "moves": (6, True), "subjects": (1, False),
    }  # fmt: skip
    (lodging,) = only(
        tables, "events", scope_kind="total", category="lodging", event_reading="events"
    )
    assert (lodging["threshold"], lodging["exact"]) == (500, "12/25")
