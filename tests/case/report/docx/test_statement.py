"""The statement says what was counted and nothing more, in the office's template or the own one."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from xml.dom import minidom

import pytest

from piiscan import Case, CaseError
from piiscan.case.report.case_data import CaseData, load_case_data
from piiscan.case.report.destination import save_report
from piiscan.case.report.docx.placeholders import W
from piiscan.case.report.docx.shipped_template import shipped_template
from piiscan.case.report.docx.statement import fill_statement
from piiscan.pages.sanitize import clean
from piiscan.wording.words import LANGUAGES, Language
from tests.case.report.docx.test_template import document, paragraph, row, run, table
from tests.case.report.hostile import NUMBER, PHONES
from tests.office import save_as

FIELDS = {"委托单位": "<某某>公安局", "检验人一": "甲", "检验人二": "乙", "单位": "某某中心"}


def made(
    gathered: CaseData,
    template: bytes | None = None,
    language: Language = "zh",
    fields: dict[str, str] = FIELDS,
) -> bytes:
    template = shipped_template(language) if template is None else template
    return fill_statement(gathered, template, gathered.words(language), fields).content


def lines(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parsed = minidom.parseString(file.read("word/document.xml"))
    return [
        "".join(t.firstChild.data for t in p.getElementsByTagNameNS(W, "t") if t.firstChild)
        for p in parsed.getElementsByTagNameNS(W, "p")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_own_template_is_filled_in_to_the_last_name(
    gathered: CaseData, language: Language
) -> None:
    words = gathered.words(language)
    told = fill_statement(gathered, shipped_template(language), words, FIELDS)
    assert (told.empty, told.unknown) == ((), ())
    named_so = "_x0041_{{委托单位}}.csv"  # a file's name is no placeholder
    assert "{{" not in "".join(lines(told.content)).replace(named_so, "")


def test_the_list_has_every_source_with_its_checksums(gathered: CaseData) -> None:
    told = lines(made(gathered))
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
    (told,) = [line for line in lines(made(gathered)) if "经去重后" in line]
    ladder = {
        r["step"]: r["count"] for r in gathered.tables["ladder"] if r["scope_kind"] == "total"
    }
    assert f"规则的记录共计 {ladder['R5']} 条" in told
    assert all(str(count) in told for step, count in ladder.items() if step != "R6")
    assert told.endswith("待核实。")
    whole = "".join(lines(made(gathered)))
    assert not re.search("构成.{0,4}罪|情节严重|情节特别|犯罪事实", whole)


def test_only_masked_values_and_clean_text_are_shown(gathered: CaseData) -> None:
    whole = "\n".join(lines(made(gathered)))
    assert not [phone for phone in PHONES if phone in whole]
    assert clean(NUMBER) in whole
    assert "\u202e" not in whole
    assert "<某某>公安局" in whole


def test_what_nobody_gave_is_a_line_and_told(gathered: CaseData) -> None:
    told = fill_statement(
        gathered, shipped_template("zh"), gathered.words("zh"), {"检验人一": "甲"}
    )
    assert told.empty == ("委托单位", "检验人二", "单位")
    assert "检验人：＿＿＿＿＿＿" in lines(told.content)


def test_what_people_give_goes_first_and_may_be_new(gathered: CaseData) -> None:
    template = document(paragraph(run("{{方法}}，{{法院}}，{{case number}}")))
    fields = {"方法": "手工", "法院": "某某法院", "案件编号": "9号"}
    assert lines(made(gathered, template, fields=fields)) == ["手工，某某法院，9号"]


def test_an_office_template_in_one_language_takes_names_of_the_other(gathered: CaseData) -> None:
    template = document(table(row("{{material.name}}", "{{检材.SHA256}}")))
    assert lines(made(gathered, template, "en"))[1::2] == [
        source["sha256"] for source in gathered.tables["inventory"]
    ]


def test_reports_of_the_case_are_annexes_and_the_same_case_is_the_same(hostile: Case) -> None:
    kept = save_report(hostile, b"book", hostile.path / "report.xlsx")
    first = made(load_case_data(hostile))
    told = f"3. 统计表 T1–T15（工作簿） report.xlsx，SHA-256：{kept.sha256}"
    assert told in lines(first)
    save_report(hostile, first, hostile.path / "report.docx")
    assert made(load_case_data(Case.open(hostile.path))) == first
    assert hostile.verify() == []


def test_without_a_count_there_is_nothing_to_state(case: Case) -> None:
    with pytest.raises(CaseError, match="no count yet") as refused:
        made(load_case_data(case))
    assert "piiscan count" in refused.value.text("zh")


@pytest.mark.program("LibreOffice Writer")
def test_libreoffice_opens_it_and_shows_every_checksum(gathered: CaseData, tmp_path: Path) -> None:
    path = tmp_path / "statement.docx"
    path.write_bytes(made(gathered))
    text = save_as(path, "txt:Text (encoded):UTF8").read_text("utf-8-sig")
    for source in gathered.tables["inventory"]:
        assert source["sha256"] in text
        assert source["sm3"] in text
    assert "电子数据清单" in text
