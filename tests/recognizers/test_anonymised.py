"""Names that a court made anonymous are found, and are nobody's record."""

from __future__ import annotations

from pathlib import Path

import piiscan


def test_an_anonymous_name_is_a_hit_and_never_a_record(tmp_path: Path) -> None:
    source = tmp_path / "判决书.csv"
    source.write_text("姓名,手机号\n罗某,13800138000\n张某某,\n王五,13900139000\n", "utf-8")
    case = piiscan.scan([source], case=tmp_path / "case", key=tmp_path / "key")
    tables = case.tables()
    hits = {row["entity"]: row["hits"] for row in tables["kinds"]}
    assert hits == {"PERSON": 3, "CN_MOBILE": 2}
    records = {tuple(row["combination"]): row["records"] for row in tables["combinations"]}
    assert records == {("CN_MOBILE", "PERSON"): 1, ("CN_MOBILE",): 1}


def test_an_anonymous_name_ends_behind_its_sign() -> None:
    texts = ["鉴于谢某系为公司利益", "李某甲与赵某1等人", "长沙某医药公司某职员"]
    found = [[each.text for each in hits] for hits in piiscan.find_all(texts)]
    assert found == [["谢某"], ["李某甲", "赵某1"], ["长沙某医药公司"]]


def test_what_is_left_of_a_name_is_told() -> None:
    found = piiscan.find("被告人罗某与张某某见面。")
    assert [(each.text, each.attributes()["name_kind"]) for each in found] == [
        ("罗某", "anonymised"),
        ("张某某", "anonymised"),
    ]
    (plain,) = piiscan.find("王建国", label="姓名")
    assert "name_kind" not in plain.attributes()
