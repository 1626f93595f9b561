"""Of any record: the step that it reached, why, and the row that it is said to repeat."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from piiscan import Case, CaseError, count
from piiscan.case.explain_count.explain_count import CountExplanation, explain_count
from piiscan.case.explain_count.explanation_lines import explanation_json, explanation_lines
from piiscan.case.store.audit_log import read_events
from tests.case.count.test_count import write_lines
from tests.case.dump import REFUTED, VALID, scan_dump
from tests.case.leak import write_csv

PHONES = [f"1390013707{n}" for n in range(9)]
OWNERS = (("a", "JC1", "甲某"), ("b", "JC2", "乙某"))


FILES = {
    "a.csv": [
        "序号,姓名,手机号,身份证号,备注",
        f"1,张三,{PHONES[0]},,在途",
        f"2,李四,{PHONES[1]},,",
        f"3,张三,{PHONES[0]},,在途",  # row 4: row 2 again, but for its number
        f"4,王五,{PHONES[2]},{REFUTED},",
        "5,赵六,,,",
        f"6,,{PHONES[3]},,",
        ",,,,无",
        f"7,钱七,{PHONES[4]},{VALID[0]},",
        f"8,李四,{PHONES[1]},,已联系",  # row 3 again, but for a remark
    ],
    "b.csv": [
        "姓名,手机号,身份证号,车间",
        f"张三,{PHONES[0]},,某市",  # the same key, other cells
        f"钱七,{PHONES[5]},{VALID[0]},",
        f"孙八,{PHONES[4]},{VALID[2]},",  # a phone of another row
        f"钱七,{PHONES[5]},{VALID[0]},",
    ],
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files of two suspects, counted; not to be written to."""
    home = tmp_path_factory.mktemp("explained")
    dump = write_lines(home / "dump", FILES)
    said = [(f"{dump.as_posix()}/{f}.csv", item, who) for f, item, who in OWNERS]
    write_csv(home / "register.csv", ("路径", "检材编号", "嫌疑人"), said)
    count(scan_dump([dump], home / "case"), register=home / "register.csv")
    return home


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Case:
    return Case.open(shutil.copytree(made / "case", tmp_path / "case"))


def steps(found: CountExplanation) -> list[tuple[Any, ...]]:
    (record,) = found.records
    repeated = [s.repeats and (s.repeats["path"][-5:], s.repeats["row"]) for s in record.steps]
    return [
        (s.step, s.reached, s.reason, s.scope, other)
        for s, other in zip(record.steps, repeated, strict=True)
    ]


def lines(case: Case, found: CountExplanation) -> str:
    return "\n".join(explanation_lines(found, case.words("zh")))


REACHED = [(f"R{n}", True, None, None, None) for n in range(7)]


def test_a_row_that_counts_everywhere(case: Case) -> None:
    found = explain_count(case, row="1:3")
    assert steps(found) == [*REACHED, *((f"R{n}", True, None, "甲某", None) for n in (4, 5, 6))]
    told = lines(case, found)
    assert "来源 1 " in told
    assert "a.csv 第 3 行（甲某" in told
    assert "李*" in told
    assert "139****7071" in told
    assert "R3 关键字段校验通过：计入，关键字段为姓名+电话" in told
    assert "归为第" in told


@pytest.mark.parametrize(
    ("row", "step", "reason", "other", "told"),
    [
        ("1:1", "R0", "HEADER", None, "表头行"),
        ("1:5", "R3", "CHECK_FAIL", None, "原因：校验码不符"),
        ("1:6", "R2", "NOT_IDENTIFIABLE", None, "不足以识别特定自然人"),
        ("1:7", "R2", "BARE_PHONE", None, "裸号：只有电话号码"),
        ("1:8", "R1", "NO_FINDING", None, "无命中"),
        ("1:10", "R4", "DUP_CONTENT", ("a.csv", 3), "a.csv 第 3 行信息重复"),
        ("1:10", "R4", "DUP_CONTENT", ("a.csv", 3), "备注：字字字 | -　不同，未列入比对"),
        ("2:5", "R4", "DUP_ROW", ("b.csv", 3), "b.csv 第 3 行逐字重复"),
    ],
)
def test_a_row_that_leaves_says_why(
    case: Case, row: str, step: str, reason: str, other: Any, told: str
) -> None:
    found = explain_count(case, row=row)
    at = int(step[1])
    assert steps(found)[at] == (step, False, reason, None, other)
    assert steps(found)[:at] == REACHED[:at]
    assert all(scope is not None for *_, scope, _ in steps(found)[at + 1 :])  # his own material
    assert told in lines(case, found)


def test_a_duplicate_stands_beside_the_row_that_it_repeats(case: Case, made: Path) -> None:
    found = explain_count(case, row="1:4")
    assert steps(found)[4:] == [
        ("R4", False, "DUP_CONTENT", None, ("a.csv", 2)),
        ("R4", False, "DUP_CONTENT", "甲某", ("a.csv", 2)),
    ]
    (pair,) = found.records[0].pairs
    cells = [(c.header, c.one, c.other, c.same, c.left_out) for c in pair.cells]
    assert cells == [
        ("序号", "0", "0", False, True),
        ("姓名", "张*", "张*", True, False),
        ("手机号", "139****7070", "139****7070", True, False),
        ("备注", "字字", "字字", True, False),
    ]
    told = lines(case, found)
    assert "序号：0 | 0　不同，未列入比对" in told
    assert PHONES[0] not in told
    assert "在途" not in told
    before = len(list(read_events(case.path / "log.jsonl")))
    clear = explain_count(case, row="1:4", clear=True, key=made / "test.key")
    assert f"手机号：{PHONES[0]} | {PHONES[0]}　相同" in lines(case, clear)
    assert len(list(read_events(case.path / "log.jsonl"))) == before + 1


def test_what_repeats_in_the_case_may_count_in_its_suspects_material(case: Case) -> None:
    found = explain_count(case, row="2:2")
    assert steps(found)[5:] == [
        ("R5", False, "DUP_KEY", None, ("a.csv", 2)),
        *((f"R{n}", True, None, "乙某", None) for n in (4, 5, 6)),
    ]
    told = lines(case, found)
    assert "在 乙某 自身的材料中" in told
    assert "关键字段与来源 1" in told
    (record,) = found.records
    assert [(each["source"], each["n"]) for each in record.places] == [(1, 2), (2, 1)]
    states = {cell.header: (cell.same, cell.left_out) for cell in record.pairs[0].cells}
    assert states["手机号"] == (True, False)
    assert states["车间"] == (False, False)


def test_a_value_and_a_person_have_all_their_records(case: Case, made: Path) -> None:
    key = made / "test.key"
    whole = explain_count(case, value=PHONES[0], key=key)
    places = [(each.record["source"], each.record["row"]) for each in whole.records]
    assert places == [(1, 2), (1, 4), (2, 2)]
    assert explain_count(case, value="尾号7070").records == whole.records
    assert explain_count(case, value=PHONES[0], key=key, limit=1).total == 3
    assert explain_count(case, value=PHONES[8], key=key).records == []
    number = whole.records[0].person
    assert number is not None
    person = explain_count(case, person=number[0])
    assert len(person.records) == number[1]
    assert "mobile" in person.ties
    assert "手机号码相同" in lines(case, person)


def test_without_its_sources_a_pair_has_findings_only(case: Case, made: Path) -> None:
    moved = (made / "dump").rename(made / "away")
    try:
        found = explain_count(case, row="1:4")
        assert "来源不能重读" in lines(case, found)
        assert [cell.header for cell in found.records[0].pairs[0].cells] == ["姓名", "手机号"]
        with pytest.raises(CaseError):
            explain_count(case, row="1:4", clear=True, key=made / "test.key")
    finally:
        moved.rename(made / "dump")


def test_every_record_is_explained_as_the_ladder_counts(case: Case) -> None:
    """The records that reach each step are as many as the ladder says, in total and by suspect."""
    made = case.count()
    assert made is not None
    reached: dict[tuple[str | None, str], int] = {}
    for source, last in ((1, 10), (2, 5)):
        for row in range(2, last + 1):
            (record,) = explain_count(case, row=f"{source}:{row}").records
            for step in record.steps:
                owners = (None, record.record["suspect"]) if step.step < "R4" else (step.scope,)
                for owner in owners:
                    reached[owner, step.step] = reached.get((owner, step.step), 0) + step.reached
            assert explanation_json(record)["row"] == row
    for line in made.tables()["ladder"]:
        if line["scope_kind"] in ("total", "suspect"):
            owner = None if line["scope_kind"] == "total" else line["scope"]
            assert reached[owner, line["step"]] == line["count"], (owner, line["step"])


def test_what_cannot_be_explained_is_refused(case: Case) -> None:
    with pytest.raises(CaseError, match="no person 99"):
        explain_count(case, person=99)
    for row, why in (("7:2", "no source 7"), ("1:99", "has no row 99")):
        with pytest.raises(CaseError, match=why):
            explain_count(case, row=row)
