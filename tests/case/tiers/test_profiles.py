"""A profile says what material is, as TOML or as a returned sheet; column names only propose it."""

from pathlib import Path

import pytest

from piiscan import CaseError
from piiscan.case.tiers import Profile, load_policy, load_profile, propose_categories
from piiscan.case.tiers.category_sheet import category_form, category_lines
from piiscan.forms.writer import write_sheet
from tests.case.tiers.test_rule_files import PROFILE, read_profile

POLICY = load_policy("tier-cn-2017")
KNOWN = {each.id for each in POLICY.categories}
HEAD = "路径,表或成员,类别,确认,理由,确认人\n"


def profile_of(home: Path, text: str) -> Profile:
    """The profile of a file with this text."""
    (home / "profile.toml").write_text(text, "utf-8")
    return read_profile(str(home / "profile.toml"))


def test_a_part_holds_where_path_member_and_every_column_fit(tmp_path: Path) -> None:
    profile = profile_of(tmp_path, PROFILE)
    profile.check(POLICY)
    headers = ["本机号码", "对方号码", "通话时长"]
    found = profile.composition("查获/2月话单1.CSV", headers=headers)
    assert found.kinds == {"call_records": frozenset({"CN_MOBILE"})}
    assert found.confirmed_categories(frozenset({"CN_MOBILE"})) == {"call_records"}
    assert found.confirmed_categories(frozenset({"PERSON"})) == set()
    assert not profile.composition("查获/2月话单1.csv", headers=headers[:2]).kinds
    assert not profile.composition("查获/名单.csv", headers=headers).kinds
    assert profile.composition("手机/a.zip", member="通讯录.xlsx").without == {"account"}
    assert not profile.composition("手机/a.zip", member="其他.xlsx").without


def test_said_twice_the_weaker_condition_holds(tmp_path: Path) -> None:
    said = '[[part]]\npath = "*"\nkinds = ["call_records"]\nreason = "r"\nauthor = "a"\n\n'
    head, parts = PROFILE.split("[[part]]", 1)
    for text in (f"{PROFILE}{said}", f"{head}{said}[[part]]{parts}"):
        found = profile_of(tmp_path, text).composition("话单.csv", headers=["对方号码", "时长"])
        assert found.kinds == {"call_records": frozenset()}


def sheet(home: Path, *lines: str) -> Path:
    path = home / "类别确认表.csv"
    path.write_text(HEAD + "\n".join(lines) + "\n", "utf-8")
    return path


def test_yes_confirms_no_denies_and_the_later_row_holds(tmp_path: Path) -> None:
    profile = load_profile(
        sheet(
            tmp_path,
            "a.csv,,通信记录（话单）,是,运营商格式,张检",
            "b.xlsx,#一,track,是,,",
            "b.xlsx,#二,行踪轨迹信息,待查,,",
            "c/,,住宿信息,是,,",
            "c/d.csv,,lodging,否,,",
            "e[1].csv,,征信信息,是,,",
            "f.csv,,,,,",
        ),
        KNOWN,
    )
    profile.check(POLICY)
    assert set(profile.composition("a.csv", member="#x").kinds) == {"call_records"}
    assert profile.parts[0].author == "张检"
    assert set(profile.composition("b.xlsx", member="#一").kinds) == {"track"}
    assert not profile.composition("b.xlsx", member="#二").kinds
    assert set(profile.composition("c/x/y.csv").kinds) == {"lodging"}
    denied = profile.composition("c/d.csv")
    assert (dict(denied.kinds), denied.without) == ({}, {"lodging"})
    assert set(profile.composition("e[1].csv").kinds) == {"credit"}
    assert len(profile.sha256) == 64


def test_a_sheet_in_which_nothing_is_decided_is_an_empty_profile(tmp_path: Path) -> None:
    assert load_profile(sheet(tmp_path, "a.csv,,通信记录（话单）,,,"), KNOWN).parts == ()


def test_every_wrong_cell_is_named_by_sheet_row_and_column(tmp_path: Path) -> None:
    with pytest.raises(CaseError) as caught:
        load_profile(sheet(tmp_path, "a.csv,,没有的,是,,", ",,track,是,,", "b,,track,嗯,,"), KNOWN)
    text = str(caught.value)
    assert "类别确认表.csv, row 2, 类别: is no category of the rule" in text
    assert "row 3, 路径: the row has no path" in text
    assert "row 4, 确认: is none of the words" in text
    assert "没有的" not in text


def test_the_draft_proposes_with_basis_line_and_other_readings(tmp_path: Path) -> None:
    proposed = {
        "贷款.csv": ("姓名,手机号,负债,借款需求", "征信信息", "50条："),
        "订单.csv": ("收件人,订单号,商品,金额", "交易信息（物品、金额与人）", "500条"),
        "单号.csv": ("收件人,订单号", "订单信息（无物品或无金额）", "5000"),
        "机票.csv": ("姓名,航班号", "航班信息", "500条"),
        "人脸.csv": ("姓名,人脸特征值", "人脸识别信息（特征值、模板）", "500条"),
        "考勤.csv": ("姓名,指纹模板", "指纹、声纹、虹膜等生物识别信息", "500条"),
        "企业.csv": ("企业名称,法定代表人,电话", "企业公开信息（待核实）", "5000"),
        "名单.csv": ("姓名,手机号", None, ""),
    }
    parts = [
        {"path": path, "member": "", "headers": headers.split(",")}
        for path, (headers, *_) in proposed.items()
    ]
    rows = list(category_lines(parts, POLICY, "zh"))
    told = [(r.cells["path"], r.cells.get("category"), r.cells.get("line", "")[:4]) for r in rows]
    assert told == [(path, *line) for path, (_, *line) in proposed.items()]
    assert "未核对原文" in str(rows[3].cells["readings"])
    assert "5000条" in str(rows[5].cells["readings"])
    out = tmp_path / "类别确认表.xlsx"
    write_sheet(out, category_form(), rows, language="zh")
    assert load_profile(out, KNOWN).parts == ()  # a proposal alone has no effect


def test_column_names_propose_and_change_nothing() -> None:
    headers = ["手机号", "经度", None, "上报时间", "ＬＮＧ"]
    (proposal,) = propose_categories([{"path": "a", "member": "", "headers": headers}], POLICY)
    assert (proposal.category, proposal.headers) == ("track", ("经度", "上报时间"))
    plain = {"path": "b", "member": "", "headers": ["姓名", "手机号"]}
    assert propose_categories([plain], POLICY) == []


def test_every_composed_category_but_accounts_can_be_proposed() -> None:
    composed = [each for each in POLICY.categories if each.composed]
    assert [each.id for each in composed if not each.suggested] == ["account"]
