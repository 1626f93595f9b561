"""The inspection record and the examination report have the parts that their forms ask for."""

from __future__ import annotations

import re

import pytest

from piiscan.case.report.case_data import CaseData
from piiscan.case.report.docx.shipped_template import shipped_template
from piiscan.case.report.docx.statement import fill_statement
from piiscan.case.report.report_contents import DOCUMENT_TABLES
from piiscan.wording.words import LANGUAGES, Language
from tests.case.report.docx.test_statement import FIELDS, lines
from tests.case.report.docx.test_template import document, row
from tests.case.report.hostile import PHONES

TITLES = {
    "statement": ("数据统计说明", "电子数据清单"),
    "police": ("电子数据检查笔录", "电子数据提取固定清单", "数据统计说明"),
    "laboratory": ("检验报告", "数据统计说明", "电子数据清单"),
}


def made(gathered: CaseData, name: str, language: Language = "zh") -> list[str]:
    template = shipped_template(language, name, rows=gathered.tables)
    words = gathered.words(language)
    filled = fill_statement(gathered, template, words, FIELDS, document=name)
    assert filled.unknown == ()
    return lines(filled.content)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(TITLES))
def test_every_placeholder_of_each_document_is_filled_in(
    gathered: CaseData, name: str, language: Language
) -> None:
    told = "\n".join(made(gathered, name, language))
    assert "{{" not in told.replace("_x0041_{{委托单位}}.csv", "")
    assert not [phone for phone in PHONES if phone in told]


@pytest.mark.parametrize("name", list(TITLES))
def test_a_document_has_its_parts_in_order(gathered: CaseData, name: str) -> None:
    told = made(gathered, name)
    starts = [told.index(title) for title in TITLES[name]]
    assert starts == sorted(starts)


def test_a_report_says_what_was_and_what_was_not_found(gathered: CaseData) -> None:
    told = made(gathered, "laboratory")
    assert any(line.startswith("检出：") for line in told)
    assert any("未检出" in line for line in told)
    assert [line for line in told if line.startswith("检验人（签名）")] == [
        "检验人（签名）：甲",
        "检验人（签名）：乙",
    ]


@pytest.mark.parametrize("name", list(TITLES))
def test_no_document_judges_or_calls_counting_extraction(gathered: CaseData, name: str) -> None:
    told = "".join(made(gathered, name))
    assert not re.search("构成.{0,4}罪|情节严重|情节特别|犯罪事实|鉴定意见|Σ|∪", told)
    assert "提取统计" not in told


def test_a_blank_is_left_where_only_people_know(gathered: CaseData) -> None:
    template = shipped_template("zh", "police")
    filled = fill_statement(gathered, template, gathered.words("zh"), {}, document="police")
    assert {"案由", "起止时间", "地点", "原始介质及封存", "见证人", "未签名原因"} <= set(
        filled.empty
    )


def test_no_count_is_said_of_several_kinds_that_no_record_has_together(gathered: CaseData) -> None:
    told = made(gathered, "police")
    (sentence,) = {line for line in told if "经去重后" in line and "条；" in line}
    counted = re.search("经去重后符合识别规则的记录共计 [0-9,]+ 条", sentence)
    assert counted is not None
    combinations = gathered.tables["distinct_combinations"]
    start = told.index("去重后的要素组合") + 5
    listed = told[start + 3 : start + 4 * len(combinations) : 4]
    assert listed == [f"{each['distinct']:,}" for each in combinations]
    ladder = {(r["scope_kind"], r["scope"], r["step"]): r for r in gathered.tables["ladder"]}
    for kind, scope in {(r["scope_kind"], r["scope"]) for r in combinations}:
        whole = sum(r["distinct"] for r in combinations if r["scope"] == scope)
        assert whole == ladder[kind, scope, "R5"]["count"]


def test_the_files_named_are_those_handed_over(gathered: CaseData) -> None:
    filled = fill_statement(
        gathered,
        shipped_template("zh"),
        gathered.words("zh"),
        {},
        annexes={"统计表.xlsx": "ab" * 32},
    )
    told = lines(filled.content)
    assert f"2. 统计表.xlsx，SHA-256：{'ab' * 32}" in told
    assert not [line for line in told if "report.xlsx" in line]


def test_every_table_is_a_row_group_by_its_title(gathered: CaseData) -> None:
    words = gathered.words("zh")
    for table in DOCUMENT_TABLES:
        if table.row_group or not gathered.tables.get(table.name):
            continue
        title, column = table.title(words), table.columns_in("terminal")[0].heading(words)
        template = document(f"<w:tbl>{row(f'{{{{{title}.{column}}}}}')}</w:tbl>")
        filled = fill_statement(gathered, template, words, {})
        assert filled.unknown == ()
