"""A document says what was counted and no more, in the office's template or a shipped one."""

import re
from html import escape
from pathlib import Path

import pytest

from piiscan import Case, CaseError
from piiscan.case.count.by_suspect import BY_SUSPECT
from piiscan.case.report.case_data import CaseData, load_case_data
from piiscan.case.report.destination import save_report
from piiscan.case.report.docx.row_groups import shipped_template
from piiscan.case.report.docx.statement import Statement, fill_statement
from piiscan.case.report.html.case_page import render_page
from piiscan.case.report.report_contents import DOCUMENT_TABLES
from piiscan.pages.sanitize import clean
from piiscan.wording.words import LANGUAGES, Language
from tests.case.report.docx.test_template import document, lines, paragraph, row, run, table
from tests.case.report.hostile import NUMBER, PHONES
from tests.office import save_as

FIELDS = {"委托单位": "<某某>公安局", "检验人一": "甲", "检验人二": "乙", "单位": "某某中心"}


def made(
    gathered: CaseData,
    template: bytes | None = None,
    language: Language = "zh",
    fields: dict[str, str] = FIELDS,
    document: str = "statement",
) -> Statement:
    """A document of the case, in the shipped template or this one."""
    if template is None:
        template = shipped_template(language, document, rows=gathered.tables)
    words = gathered.words(language)
    return fill_statement(gathered, template, words, fields, document=document)


TITLES = {
    "statement": ("数据统计说明", "电子数据清单"),
    "police": ("电子数据检查笔录", "电子数据提取固定清单", "数据统计说明"),
    "laboratory": ("检验报告", "数据统计说明", "电子数据清单"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TITLES)
def test_every_placeholder_is_filled_in_and_nothing_is_judged(
    gathered: CaseData, name: str, language: Language
) -> None:
    filled = made(gathered, language=language, document=name)
    assert filled.unknown == ()
    assert filled.empty == () or name != "statement"
    listed = lines(filled.content)
    told = "\n".join(listed)
    assert "{{" not in told.replace("_x0041_{{委托单位}}.csv", "")  # a file's name is none
    assert not [phone for phone in PHONES if phone in told]
    assert not re.search("构成.{0,4}罪|情节严重|情节特别|犯罪事实|鉴定意见|Σ|∪|提取统计", told)
    assert language == "en" or sorted(TITLES[name], key=listed.index) == [*TITLES[name]]


def test_the_list_has_every_source_with_its_checksums(gathered: CaseData) -> None:
    told = lines(made(gathered).content)
    truth = gathered.tables["inventory"]
    start = told.index("SM3") + 1
    listed = [told[start + 8 * n : start + 8 * n + 8] for n in range(len(truth))]
    assert listed == [
        [
            str(source["source"]),
            clean(source["item"]),
            clean(source["path"]),
            gathered.words("zh").name("classes", source["file_class"]),
            source["file_format"] or "",
            f"{source['size']:,}",
            source["sha256"],
            source["sm3"],
        ]
        for source in truth
    ]


def test_the_summary_is_built_of_the_count(gathered: CaseData) -> None:
    (told,) = [line for line in lines(made(gathered).content) if "经去重后" in line]
    ladder = {
        r["step"]: r["count"] for r in gathered.tables["ladder"] if r["scope_kind"] == "total"
    }
    assert f"规则的记录共计 {ladder['R4']} 条" in told
    assert f"按关键字段去重后 {ladder['R5']}，" in told
    assert all(str(count) in told for step, count in ladder.items() if step != "R6")
    assert told.endswith("待核实。")


def test_first_page_and_first_section_of_the_page_tell_the_same_in_one_order(
    gathered: CaseData,
) -> None:
    listed = lines(made(gathered).content)
    first = listed[: listed.index("数据统计说明　附录")]
    assert any(
        each.startswith("折算规则：法释〔2017〕10号第五条（tier-cn-2017，") for each in first
    )
    assert "人工核实情况：本案尚未抽样核实，误检、漏检比例未测定。" in first
    words = gathered.words("zh")
    entries = [
        clean(str(BY_SUSPECT.column("entry").text(row, words)))
        for row in BY_SUSPECT.rows_in("statement", gathered.tables)
    ]
    assert [each for each in first if each in entries] == entries
    page = render_page(gathered.case)
    section = page[page.index("<h2>各涉案人与各组</h2>") :]
    places = [section.index(f">{escape(each)}</td>") for each in entries[1:]]
    assert places == sorted(places)


def test_clean_text_is_shown(gathered: CaseData) -> None:
    whole = "\n".join(lines(made(gathered).content))
    assert clean(NUMBER) in whole
    assert "\u202e" not in whole
    assert "<某某>公安局" in whole


def test_what_nobody_gave_is_a_line_and_told(gathered: CaseData) -> None:
    told = made(gathered, shipped_template("zh"), fields={"检验人一": "甲"})
    assert told.empty == ("委托单位", "检验人二", "单位")
    assert "检验人：＿＿＿＿＿＿" in lines(told.content)


def test_what_people_give_goes_first_and_may_be_new(gathered: CaseData) -> None:
    template = document(paragraph(run("{{方法}}，{{法院}}，{{case number}}")))
    fields = {"方法": "手工", "法院": "某某法院", "案件编号": "9号"}
    assert lines(made(gathered, template, fields=fields).content) == ["手工，某某法院，9号"]


def test_an_office_template_in_one_language_takes_names_of_the_other(gathered: CaseData) -> None:
    template = document(table(row("{{material.name}}", "{{检材.SHA256}}")))
    assert lines(made(gathered, template, "en").content)[1::2] == [
        source["sha256"] for source in gathered.tables["inventory"]
    ]


def test_reports_of_the_case_are_annexes_and_the_same_case_is_the_same(hostile: Case) -> None:
    kept = save_report(hostile, b"book", hostile.path / "report.xlsx")
    first = made(load_case_data(hostile)).content
    told = f"3. 统计表 T1–T15（工作簿） report.xlsx，SHA-256：{kept.sha256}"
    assert told in lines(first)
    save_report(hostile, first, hostile.path / "report.docx")
    assert made(load_case_data(Case.open(hostile.path))).content == first
    assert hostile.verify() == []


def test_without_a_count_there_is_nothing_to_state(case: Case) -> None:
    with pytest.raises(CaseError, match="no count yet") as refused:
        made(load_case_data(case))
    assert "piiscan count" in refused.value.text("zh")


def test_a_report_says_what_was_and_what_was_not_found(gathered: CaseData) -> None:
    told = lines(made(gathered, document="laboratory").content)
    assert any(line.startswith("检出：") for line in told)
    assert any("未检出" in line for line in told)
    assert [line for line in told if line.startswith("检验人（签名）")] == [
        "检验人（签名）：甲",
        "检验人（签名）：乙",
    ]


def test_a_blank_is_left_where_only_people_know(gathered: CaseData) -> None:
    filled = made(gathered, shipped_template("zh", "police"), fields={}, document="police")
    assert {"案由", "起止时间", "地点", "原始介质及封存", "见证人", "未签名原因"} <= set(
        filled.empty
    )


def test_no_count_is_said_of_several_kinds_that_no_record_has_together(gathered: CaseData) -> None:
    told = lines(made(gathered, document="police").content)
    (sentence,) = {line for line in told if "经去重后" in line}
    assert re.search("经去重后符合识别规则的记录共计 [0-9,]+ 条", sentence)
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
    for declared in DOCUMENT_TABLES:
        if declared.row_group or not gathered.tables.get(declared.name):
            continue
        title, column = declared.title(words), declared.columns_in("terminal")[0].heading(words)
        template = document(f"<w:tbl>{row(f'{{{{{title}.{column}}}}}')}</w:tbl>")
        assert made(gathered, template, fields={}).unknown == ()


@pytest.mark.program("LibreOffice Writer")
def test_libreoffice_opens_it_and_shows_every_checksum(gathered: CaseData, tmp_path: Path) -> None:
    path = tmp_path / "statement.docx"
    path.write_bytes(made(gathered).content)
    text = save_as(path, "txt:Text (encoded):UTF8").read_text("utf-8-sig")
    for source in gathered.tables["inventory"]:
        assert source["sha256"] in text
        assert source["sm3"] in text
    assert "电子数据清单" in text
