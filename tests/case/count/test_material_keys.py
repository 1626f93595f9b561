"""Plates, devices and issuers' numbers as keys; rows that only a profile makes identifiable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piiscan.case.count.count import count
from piiscan.case.store.case import Case
from piiscan.case.store.count_store import Count
from tests.case.count.test_count import NAMES, assert_conserved, phone, rows, steps, write
from tests.case.dump import scan_dump

VINS = ["LVS000005D0000004", "1M8GDM9AXKP042788"]
IMEIS = ["490154203237518", "356938035643809"]


@pytest.fixture(autouse=True)
def own_rules() -> None:
    """The shipped catalogue, not the small one of the other tests of this folder."""


def counted(home: Path, files: dict[str, tuple[str, list[list[str]]]], **more: Any) -> Count:
    (home / "dump").mkdir()
    for name, (header, lines) in files.items():
        write(home / "dump" / name, header, lines)
    made = count(scan_dump([home / "dump"], home / "case"), **more)
    assert_conserved(made)
    return made


def plate(number: int) -> str:
    return f"湘A{number:05d}"


def profile(home: Path, path: str, kind: str) -> Path:
    file = home / "profile.toml"
    file.write_text(
        f'format = 1\ntitle = "t"\n[[part]]\npath = "{path}"\nkinds = ["{kind}"]\nreason = "r"\n'
        'author = "a"\n',
        "utf-8",
    )
    return file


def test_a_plate_with_passages_is_a_key_and_alone_it_is_none(tmp_path: Path) -> None:
    passages = [[plate(n % 4), f"2024-03-0{n % 7 + 1} 08:00", f"{n}号卡口"] for n in range(12)]
    made = counted(
        tmp_path,
        {
            "a.csv": ("车牌号,过车时间,卡口名称", passages),
            "b.csv": ("车牌号", [[plate(n)] for n in range(9)]),
        },
    )
    assert steps(made, "source", "1")[:4] == [12] * 4
    assert steps(made, "source", "1")[5:] == [4, 4]
    assert steps(made, "source", "2") == [9, 9, 0, 0, 0, 0, 0]
    (fell,) = rows(made, "ladder_reasons", scope_kind="source", scope="2")
    assert (fell["reason"], fell["count"]) == ("NOT_IDENTIFIABLE", 9)


def test_a_vehicle_with_its_owner_is_one_person_whatever_the_column(tmp_path: Path) -> None:
    made = counted(
        tmp_path,
        {
            "a.csv": ("车主,车架号", [[NAMES[n], VINS[n]] for n in range(2)]),
            "b.csv": ("车牌号,车主", [[plate(n), NAMES[n]] for n in range(3)]),
            "c.csv": ("车架号,发动机号", [[VINS[n], f"4G15A{n:04d}"] for n in range(2)]),
            "d.csv": ("姓名,发动机号", [[NAMES[n], f"4G15A{n:04d}"] for n in range(5)]),
        },
    )
    assert [steps(made, "source", str(n))[2:6] for n in (1, 2)] == [[2] * 4, [3] * 4]
    assert steps(made, "source", "3")[2] == 0
    assert steps(made, "source", "4")[2:6] == [5] * 4
    tier = {
        (r["category"], r["count"])
        for r in rows(made, "tiers", scope_kind="total", unit="U1", insider=False)
    }
    assert ("basic", 10) in tier  # a name with a vehicle is no name alone


def test_a_device_needs_an_owner_or_a_track(tmp_path: Path) -> None:
    track = [[IMEIS[n % 2], f"112.{9388 + n} 28.{2282 + n}", "2024-03-01"] for n in range(6)]
    made = counted(
        tmp_path,
        {
            "a.csv": ("IMEI", [[each] for each in IMEIS]),
            "b.csv": ("姓名,IMEI", [[NAMES[n], each] for n, each in enumerate(IMEIS)]),
            "c.csv": ("IMEI,经纬度,日期", track),
        },
    )
    assert [steps(made, "source", str(n))[2] for n in (1, 2, 3)] == [0, 2, 6]
    assert steps(made, "source", "3")[5] == 2


def test_a_number_is_one_person_with_its_issuer_or_its_name(tmp_path: Path) -> None:
    school = [[f"20230{n:03d}", NAMES[n]] for n in range(6)]
    ward = [[f"ZY{n:05d}", "感冒"] for n in range(4)]
    made = counted(
        tmp_path,
        {
            "a.csv": ("学号,姓名", school),
            "b.csv": ("学号,姓名", school[:4]),  # a copy of some rows
            "c.csv": ("住院号,诊断", ward),
            "d.csv": ("住院号,诊断", ward),  # a copy
            "e.csv": ("学号", [[number] for number, _ in school]),
            "f.csv": ("住院号,科室,诊断", [[n, "内科", d] for n, d in ward]),  # another's
        },
    )
    assert steps(made, "source", "1")[2:6] == [6] * 4
    assert [steps(made, "source", str(n))[2] for n in (3, 4, 5, 6)] == [4, 4, 0, 4]
    assert steps(made, "total", "total")[5] == 6 + 4 + 4


def test_what_a_profile_confirms_is_identifiable_without_a_name(tmp_path: Path) -> None:
    fixes = [[f"112.{9388 + n % 4} 28.{2282 + n % 4}", f"08:0{n}"] for n in range(8)]
    files = {"轨迹.csv": ("经纬度,时刻", fixes)}
    before = counted(tmp_path, files)
    assert steps(before, "total", "total")[1:3] == [8, 0]
    made = count(tmp_path / "case", profile=profile(tmp_path, "*轨迹*", "track"))
    assert_conserved(made)
    assert steps(made, "total", "total")[:4] == [8] * 4
    assert steps(made, "total", "total")[5] == 4  # without a key, all values of the row
    assert rows(made, "units", scope_kind="total")[0]["U1"] == 8
    (track,) = rows(
        made, "tiers", scope_kind="total", unit="U1", insider=False, row_tier="highest",
        category="track",
    )  # fmt: skip
    assert (track["count"], track["tier"]) == (8, "closed")


FIRMS = [
    ("企业名称", "湖南示例{w}科技有限公司"),
    ("统一社会信用代码", "9143010{n}MA0000000"),
    ("法定代表人", "{name}"),
    ("电话", "{phone}"),
    ("经营范围", "软件开发"),
    ("地址", "长沙市岳麓区示例路{n}号"),
]


@pytest.mark.parametrize(
    "order", [(0, 1, 2, 3, 4, 5), (3, 2, 5, 0, 4, 1), (5, 3, 0, 4), (2, 3, 4, 0)]
)
def test_a_list_of_firms_is_a_line_of_its_own_in_any_order(
    order: tuple[int, ...], tmp_path: Path
) -> None:
    firms = [
        [FIRMS[k][1].format(w=w, n=n, name=NAMES[n], phone=phone(n)) for k in order]
        for n, w in enumerate("甲乙丙丁")
    ]
    staff = [[NAMES[n], phone(n), "湖南示例甲科技有限公司"] for n in range(10, 15)]
    made = counted(
        tmp_path,
        {
            "a.csv": (",".join(FIRMS[k][0] for k in order), firms),
            "b.csv": ("姓名,手机号,公司名称", staff),
        },
    )
    told = {row["step"]: row for row in rows(made, "business", scope_kind="total")}
    assert (told["R1"]["business"], told["R1"]["count"]) == (4, 9)
    assert told["R1"]["without_business"] == 5
    tiers = {
        row["category"]: row["count"]
        for row in rows(made, "tiers", scope_kind="total", unit="U1", insider=False)
    }
    assert (tiers["business_public"], tiers["basic"]) == (4, 5)
    (less,) = rows(
        made, "tier_scenarios", scope_kind="total", unit="U1", scenario="without_business",
        insider=False,
    )  # fmt: skip
    assert (less["count"], less["exact"]) == (4, "1/1000")


def test_a_person_confirms_or_denies_that_a_list_is_one_of_firms(tmp_path: Path) -> None:
    firms = [[f"湖南示例{w}科技有限公司", NAMES[n], phone(n)] for n, w in enumerate("甲乙丙丁")]
    counted(
        tmp_path,
        {
            "a.csv": ("公司名称,法人,电话", firms),
            "b.csv": ("客户,客户电话", [r[1:] for r in firms]),
        },
    )
    sheet = tmp_path / "类别确认表.csv"
    one, two = (each["path"] for each in Case.open(tmp_path / "case").manifest.content["sources"])
    told = f"路径,类别,确认\n{one},企业公开信息（待核实）,否\n{two},business_public,是\n"
    sheet.write_text(told, "utf-8")
    made = count(tmp_path / "case", profile=sheet)
    found = {(r["scope"], r["business"]) for r in rows(made, "business", scope_kind="source")}
    assert found == {("2", 4)}


def test_the_highest_reading_includes_what_is_proposed_and_says_so(tmp_path: Path) -> None:
    loans = [[NAMES[n], phone(n), "20万", "购房"] for n in range(40)]
    made = counted(tmp_path, {"a.csv": ("姓名,手机号,负债,借款需求", loans)})
    told = {
        row["scenario"]: row["exact"]
        for row in rows(made, "tier_scenarios", scope_kind="total", unit="U2", insider=False)
        if row["row_tier"] == "highest"
    }
    assert told == {
        "default": "1/125",
        "highest_confirmed": "1/125",  # 40 of 5,000
        "highest": "4/5",  # 40 of 50
    }
    (proposal,) = rows(made, "proposals")
    assert (proposal["category"], proposal["headers"]) == ("credit", ["负债", "借款需求"])


def readings(made: Count, category: str) -> dict[str, tuple[int, bool]]:
    found = rows(made, "events", scope_kind="total", category=category)
    return {row["event_reading"]: (row["count"], row["default"]) for row in found}


def test_stays_and_calls_are_events_and_copies_are_none(tmp_path: Path) -> None:
    stays = [[NAMES[n % 20], phone(n % 20), f"2024-{n // 20 + 1:02d}-03 14:00"] for n in range(240)]
    calls = [[phone(n % 7), phone(100 + n), f"2024-03-01 08:{n % 60:02d}", "30"] for n in range(60)]
    made = counted(
        tmp_path,
        {
            "住宿.csv": ("姓名,手机号,入住时间", stays),
            "话单1.csv": ("主叫,被叫,时间,通话时长", calls),
            "话单2.csv": ("主叫,被叫,时间,通话时长", calls),
        },
    )
    assert rows(made, "events") == []  # nobody confirmed anything
    file = tmp_path / "profile.toml"
    part = '[[part]]\npath = "*{}*"\nkinds = ["{}"]\nreason = "r"\nauthor = "a"\n'
    parts = part.format("住宿", "lodging") + part.format("话单", "call_records")
    file.write_text(f'format = 1\ntitle = "t"\n{parts}', "utf-8")
    made = count(tmp_path / "case", profile=file)
    assert readings(made, "lodging") == {
        "rows": (240, False), "events": (240, True), "subjects": (20, False),
    }  # fmt: skip
    found = readings(made, "call_records")
    assert (found["rows"], found["events"]) == ((120, False), (60, True))
    (lodging,) = rows(
        made, "events", scope_kind="total", category="lodging", event_reading="events"
    )
    assert (lodging["threshold"], lodging["exact"]) == (500, "12/25")


def test_a_track_counts_without_still_fixes(tmp_path: Path) -> None:
    fixes = [[plate(0), f"112.{9388 + (n // 5) % 2} 28.2282", f"08:{n:02d}:00"] for n in range(30)]
    counted(tmp_path, {"轨迹.csv": ("车牌号,经纬度,时刻", [*fixes, *fixes[:4]])})
    made = count(tmp_path / "case", profile=profile(tmp_path, "*轨迹*", "track"))
    assert readings(made, "track") == {
        "rows": (34, False), "events": (30, False), "moves": (6, True), "subjects": (1, False),
    }  # fmt: skip
