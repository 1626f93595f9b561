"""A returned category sheet is a profile: what is confirmed, denied, open or cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from piiscan.case.tiers import load_policy, load_profile
from piiscan.case.tiers.category_sheet import category_form, category_lines
from piiscan.errors import CaseError
from piiscan.forms.writer import write_sheet

POLICY = load_policy("tier-cn-2017")
KNOWN = {each.id for each in POLICY.categories}
HEAD = "路径,表或成员,类别,确认,理由,确认人\n"


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
    parts = [
        {"path": "贷款.csv", "member": "", "headers": ["姓名", "手机号", "负债", "借款需求"]},
        {"path": "订单.csv", "member": "", "headers": ["收件人", "订单号", "商品", "金额"]},
        {"path": "单号.csv", "member": "", "headers": ["收件人", "订单号"]},
        {"path": "机票.csv", "member": "", "headers": ["姓名", "航班号"]},
        {"path": "人脸.csv", "member": "", "headers": ["姓名", "人脸特征值"]},
        {"path": "考勤.csv", "member": "", "headers": ["姓名", "指纹模板"]},
        {"path": "企业.csv", "member": "", "headers": ["企业名称", "法定代表人", "电话"]},
        {"path": "名单.csv", "member": "", "headers": ["姓名", "手机号"]},
    ]
    rows = list(category_lines(parts, POLICY, "zh"))
    told = [(r.cells["path"], r.cells.get("category"), r.cells.get("line", "")[:4]) for r in rows]
    assert told == [
        ("贷款.csv", "征信信息", "50条："),
        ("订单.csv", "交易信息（物品、金额与人）", "500条"),
        ("单号.csv", "订单信息（无物品或无金额）", "5000"),
        ("机票.csv", "航班信息", "500条"),
        ("人脸.csv", "人脸识别信息（特征值、模板）", "500条"),
        ("考勤.csv", "指纹、声纹、虹膜等生物识别信息", "500条"),
        ("企业.csv", "企业公开信息（待核实）", "5000"),
        ("名单.csv", None, ""),
    ]
    assert "未核对原文" in str(rows[3].cells["readings"])
    assert "5000条" in str(rows[5].cells["readings"])
    out = tmp_path / "类别确认表.xlsx"
    write_sheet(out, category_form(), rows, language="zh")
    assert load_profile(out, KNOWN).parts == ()  # a proposal alone has no effect
