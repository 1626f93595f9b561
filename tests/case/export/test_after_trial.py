"""After the trial: figures for public interest, notices to victims, victims of another offence."""

import stat
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from piiscan import Case, CaseError, CountError, count, export
from piiscan.case.store.audit_log import read_events
from piiscan.cli import main
from piiscan.hashing.digest import file_sha256
from tests.case.dump import scan_dump
from tests.case.leak import HEADERS, Person, identity, people, write_csv
from tests.filled_sheets import sheet_rows

ADULTS = [person for n, person in enumerate(people(12)) if n % 10 != 9]
CHILD = Person("周小宝", identity(77, birth="20150615"), "19900008888", ADULTS[0].address)
BOUGHT = [*ADULTS, CHILD]
SOLD = BOUGHT[6:]
#: Sold by the ledger, one a row; without address or identity number.
TRADED = ADULTS[:2]
Row = dict[str, Any]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """甲 bought a list and sold parts of it to 乙, who has them, and to buyers of a ledger."""
    home = tmp_path_factory.mktemp("trial")
    write_csv(home / "dump" / "甲" / "买.csv", HEADERS, [each.cells for each in BOUGHT])
    write_csv(home / "dump" / "乙" / "收.csv", HEADERS, [each.cells for each in SOLD])
    ledger = [(p.name, p.phone, "已售", "王某", f"2024-04-0{n}") for n, p in enumerate(TRADED, 1)]
    write_csv(
        home / "dump" / "丙" / "台账.csv", ("姓名", "手机号", "状态", "买家", "出售时间"), ledger
    )
    case = scan_dump([home / "dump"], home / "case")
    rows = [
        ("路径", "嫌疑人", "检材编号", "角色", "来自", "去向", "时间", "价格（元）"),
        ("dump/甲", "甲", "J1", "获取", "上家", "", "2024-01-02", "900"),
        ("dump/乙", "乙", "J2", "获取", "甲", "", "2024-03-05", "6000"),
        ("dump/丙", "丙", "J3", "", "", "", "", ""),
    ]
    write_csv(home / "register.csv", rows[0], rows[1:])
    count(case, register=home / "register.csv", key=case.key)
    return case


def test_figures_are_those_of_plain_python(case: Case, tmp_path: Path) -> None:
    done = export(case, tmp_path / "a.xlsx", purpose="public-interest")
    assert done.step == "public-interest"
    rows = sheet_rows(tmp_path / "a.xlsx")
    told = {(r["名称"], r["项目"].partition("（")[0], r["内容"]): r["数量"] for r in rows}
    held = {"全部": BOUGHT, "甲": BOUGHT, "乙": SOLD, "丙": TRADED}
    for name, persons in held.items():
        assert told[name, "人数", None] == len(persons)
        provinces = Counter(person.address[:3] for person in persons)
        assert {k[2]: n for k, n in told.items() if k[:2] == (name, "其中属地")} == provinces
    assert told["甲", "收款", "收款总额"] == "6000.00"
    categories = {k[0]: n for k, n in told.items() if k[1] == "其中有此类信息的人"}
    assert categories["甲"] == len(BOUGHT)
    young = {k[0]: n for k, n in told.items() if k[1] == "不满十四周岁"}
    assert young == {"全部": 2, "甲": 1, "乙": 1}
    text = str([list(row.values()) for row in rows])
    assert not [p for p in BOUGHT if p.name in text or p.phone in text or p.identity in text]


def test_a_notice_has_contact_and_kinds_only(case: Case, tmp_path: Path) -> None:
    out = tmp_path / "通知"
    done = export(case, out, purpose="notify", clear=True)
    assert done.lines == len(BOUGHT)
    files = sorted(out.glob("*.xlsx"))
    assert [f.stem for f in files] == ["江苏省扬州市", "浙江省台州市", "湖南省长沙市"]
    told: dict[str, Row] = {}
    for file in files:
        for row in sheet_rows(file):
            assert set(row) == {"序号", "姓名", "联系方式", "信息种类"}
            told[row["联系方式"]] = row
            (person,) = (p for p in BOUGHT if p.phone in row["联系方式"])
            assert file.stem in person.address
            assert row["姓名"] == person.name
            assert set(row["信息种类"].split("；")) == {
                "姓名",
                "居民身份证号码",
                "手机号码",
                "地址",
            }
        texts = [str(c) for r in openpyxl.load_workbook(file).active.values for c in r]
        assert not [p for p in BOUGHT if p.identity in str(texts) or p.address in str(texts)]
        assert not [text for text in texts if "dump" in text or "甲" in text]
    assert len(told) == len(BOUGHT)
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    event = read_events(case.path / "log.jsonl")[-1]
    assert (event["event"], event["unit"], event["clear"]) == ("export", "notify", True)
    assert event["sha256"] == file_sha256(out / "校验值.sha256")
    assert [p for p in (case.path / "tmp").iterdir() if p.name.startswith("clear")] == []
    checked = ["sha256sum", "--strict", "-c", "校验值.sha256"]
    subprocess.run(checked, cwd=out, capture_output=True, check=True)


def test_notices_are_refused_without_clear_values_or_a_place(case: Case, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="clear"):
        export(case, tmp_path / "n", purpose="notify")
    for place in (tmp_path, case.path / "n", case.path.parent / "dump" / "n"):
        with pytest.raises(CaseError):
            export(case, place, purpose="notify", clear=True)
    assert list(tmp_path.iterdir()) == []


def victims_of(case: Case, folder: Path, text: str, **options: Any) -> list[Row]:
    """Return the rows about the victims of a list."""
    (folder / "list.csv").write_text(text, "utf-8")
    out = folder / f"out{len(list(folder.iterdir()))}.xlsx"
    export(case, out, victims=folder / "list.csv", **options)
    return sheet_rows(out)


def test_each_victim_has_file_transfer_day_and_kinds(case: Case, tmp_path: Path) -> None:
    one, sold = TRADED[0], SOLD[0]
    text = (
        "序号,姓名,身份证号,联系电话,损失\n"
        f"1,{sold.name},{sold.identity},,50000\n"
        f"2,,,+86 {one.phone[:3]}-{one.phone[3:7]}-{one.phone[7:]},8\n"
        "3,无名氏,,13800138000,1\n"
    )
    rows = victims_of(case, tmp_path, text)
    told = [
        (r["名单序号"], r["涉案人"], r["来自"], r["去向"], r["日期"], r["依据"], r["相同的信息"])
        for r in rows
    ]
    by_both, by_phone = "居民身份证号码；姓名", "手机号码"
    assert sorted(told, key=str) == [
        (1, "乙", "甲", "乙", "2024-03-05", "检材登记表", by_both),
        (1, "甲", "上家", "甲", "2024-01-02", "检材登记表", by_both),
        (2, "丙", "丙", "王*", "2024-04-01", "台账", by_phone),
        (2, "甲", "上家", "甲", "2024-01-02", "检材登记表", by_phone),
        (3, None, None, None, None, None, "未发现"),
    ]
    kinds = {"手机号码", "居民身份证号码", "地址", "姓名"}
    assert set(rows[0]["信息种类"].split("；")) == kinds
    assert all("第" in str(row["位置"]) for row in rows if row["涉案人"])
    assert sold.identity not in str(rows)
    clear = victims_of(case, tmp_path, text, clear=True)
    assert clear[0]["名单所载"] == f"{sold.name}；{sold.identity}"
    event = read_events(case.path / "log.jsonl")[-1]
    assert (event["unit"], event["clear"], event["lines"]) == ("victims", True, len(rows))


def test_a_name_alone_is_told_as_such(case: Case, tmp_path: Path) -> None:
    rows = victims_of(case, tmp_path, f"姓名\n{CHILD.name}\n")
    assert {row["相同的信息"] for row in rows} == {"仅姓名相同，待核实"}
    assert [
        row["相同的信息"]
        for row in victims_of(case, tmp_path, f"姓名,电话\n{CHILD.name},13800138000\n")
    ] == ["未发现"]
    rows = victims_of(case, tmp_path, f"姓名,电话\n{CHILD.name},199****8888\n")
    assert [row["相同的信息"] for row in rows] == ["名单所载不完整，未比对"]
    # a sum of money is no account
    rows = victims_of(case, tmp_path, f"姓名,金额\n李四方,{BOUGHT[0].phone}\n")
    assert [row["相同的信息"] for row in rows] == ["未发现"]


def test_errors_name_the_remedy(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.csv").write_text("姓名,电话\n", "utf-8")
    (tmp_path / "one.csv").write_text("13800138000\n", "utf-8")
    with pytest.raises(CaseError, match="names nobody"):
        export(case, tmp_path / "a.csv", victims=tmp_path / "empty.csv")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "none"))
    with pytest.raises(CaseError, match="key"):
        export(Case.open(case.path), tmp_path / "a.csv", victims=tmp_path / "one.csv")
    with pytest.raises(CountError):
        export(case, tmp_path / "a.csv", purpose="notify", victims=tmp_path / "one.csv")
    asked = ("export", case.path, "-o", tmp_path / "a.csv", "--for", "notify", "--step", "R3")
    assert main(list(map(str, ("--lang", "zh", *asked)))) == 2
    assert "step" in capsys.readouterr().err
    assert not (tmp_path / "a.csv").exists()


def test_a_case_without_findings_has_empty_lists(tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "a.txt").write_text("无\n", "utf-8")
    (tmp_path / "list.txt").write_text("13800138000\n", "utf-8")
    case = scan_dump([tmp_path / "dump"], tmp_path / "case")
    count(case)
    assert export(case, tmp_path / "a.csv").lines == 0
    assert export(case, tmp_path / "b.csv", purpose="public-interest").lines == 0
    assert export(case, tmp_path / "c", purpose="notify", clear=True).lines == 0
    assert export(case, tmp_path / "d.csv", victims=tmp_path / "list.txt").lines == 1
