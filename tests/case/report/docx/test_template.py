"""Placeholders of a template are found however Word wrote them, and nothing else changes."""

import io
import zipfile
from pathlib import Path
from xml.dom import minidom

import pytest

from piiscan import CaseError
from piiscan.case.report.docx.placeholders import W
from piiscan.case.report.docx.template import RowGroup, TemplateValues, fill_template

HEAD = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document xmlns:w="{W}"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" mc:Ignorable="w14"><w:body>'
)
FOOT = "</w:body></w:document>"
HOSTILE = "<script>&\u202e\x00_x0041_\ue0000\ue001{{案件编号}}]]>" + "长" * 10_000
SHOWN = "<script>&\ufffd\ufffd_x0041_\ufffd0\ufffd{{案件编号}}]]>" + "长" * 10_000


def run(text: str, looks: str = "") -> str:
    return f'<w:r><w:rPr>{looks}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def row(*cells: str) -> str:
    told = "".join(f"<w:tc>{paragraph(run(cell))}</w:tc>" for cell in cells)
    return f"<w:tr><w:trPr/>{told}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def document(body: str, **others: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("word/document.xml", HEAD + body + FOOT)
        for name, data in others.items():
            file.writestr(f"word/{name}.xml", data)
        file.writestr("word/media/image1.png", "{{案件编号}}")
    return content.getvalue()


VALUES = TemplateValues(
    {"case": "0001号", "annexes": "甲\n乙\n丙", "hostile": HOSTILE},
    {
        "material": RowGroup(
            ("number", "path", "file_size"),
            [{"number": str(n), "path": p, "file_size": "9"} for n, p in enumerate(("a", HOSTILE))],
        )
    },
    {
        "案件编号": "case",
        "casenumber": "case",
        "附件": "annexes",
        "检材": "material",
        "名称": "path",
        "序号": "number",
    },
)


def filled(body: str, **others: bytes) -> bytes:
    return fill_template(document(body, **others), VALUES).content


def part(content: bytes, name: str = "document") -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return file.read(f"word/{name}.xml")


def lines(content: bytes, name: str = "document") -> list[str]:
    """The paragraphs as a reader sees them."""
    parsed = minidom.parseString(part(content, name))
    return [
        "".join(
            "\n" if node.localName == "br" else "".join(t.data for t in node.childNodes)
            for node in paragraph.getElementsByTagName("*")
            if node.localName in ("t", "br")
        )
        for paragraph in parsed.getElementsByTagNameNS(W, "p")
    ]


@pytest.mark.parametrize("cut", range(1, 8))
@pytest.mark.parametrize("second", range(2, 9))
def test_a_placeholder_split_over_runs_is_found(cut: int, second: int) -> None:
    text = "{{案件编号}}"
    last = max(cut, second)
    runs = [text[:cut], text[cut:last], text[last:]]
    between = '<w:proofErr w:type="spellStart"/><w:bookmarkStart w:id="0" w:name="x"/>'
    told = filled(paragraph(run("前"), between.join(map(run, runs)), run("后")))
    assert lines(told) == ["前0001号后"]


NAMES = (
    "{{案件编号}}", "{{ 案件 编号 }}", "｛｛案件编号｝｝", "{｛案件编号}}", "{{case number}}",
    "{{Case-Number}}",
)  # fmt: skip
#: Body of a template, and its paragraphs once it is filled in.
FILLED: dict[str, tuple[str, list[str]]] = {
    **{
        f"a placeholder is written as {name}": (
            paragraph(run(f"a{name}b{name}c")), ["a0001号b0001号c"]
        )
        for name in NAMES
    },
    "several lines are several paragraphs": (paragraph(run("{{附件}}")), ["甲", "乙", "丙"]),
    "or breaks": (paragraph(run("附：{{附件}}。")), ["附：甲\n乙\n丙。"]),
    "a row stands once for each source": (
        table(
            row("x", "y"), row("{{检材.序号}}：{{案件编号}}", "{{检材·名称}}"), row("z", "")
        ),
        ["x", "y", "0：0001号", "a", "1：0001号", SHOWN, "z", ""],
    ),
    "the name of the rows alone begins their columns": (
        table(row("前", "{{检材}}", "", "old")), ["前", "0", "a", "9", "前", "1", SHOWN, "9"],
    ),
    "texts hold text": (
        paragraph(run("{{hostile}}")) + table(row("{{检材.名称}}")), [SHOWN, "a", SHOWN],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "paragraphs"), FILLED.values(), ids=FILLED)
def test_a_template_is_filled_in(body: str, paragraphs: list[str]) -> None:
    told = filled(body)
    assert lines(told) == paragraphs
    assert b"<script" not in part(told)


def test_a_text_has_the_looks_of_the_placeholders_beginning() -> None:
    told = part(filled(paragraph(run("{{案件", "<w:b/>"), run("编号}}尾", "<w:i/>")))).decode()
    bold, slanted = told.split("<w:r>")[1:]
    assert "<w:b/>" in bold
    assert "0001号<" in bold
    assert "<w:i/>" in slanted
    assert ">尾<" in slanted


def test_headers_footers_and_boxes_are_filled_too() -> None:
    box = (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:txbxContent>'
        f"{paragraph(run('{{案件'), run('编号}}'))}"
        "</w:txbxContent></mc:Choice></mc:AlternateContent></w:r>"
    )
    header = f'<w:hdr xmlns:w="{W}">{paragraph(run("{{案件编号}}"))}</w:hdr>'.encode()
    told = filled(paragraph(run("{{案件编号}}"), box), header1=header)
    assert lines(told)[-1] == "0001号"
    assert part(told).decode().count("0001号") == 2
    assert lines(told, "header1") == ["0001号"]


def test_what_is_unknown_stays_and_is_told_once() -> None:
    made = fill_template(document(paragraph(run("{{法院}}{{检材.颜色}}{{法院}}"))), VALUES)
    assert lines(made.content) == ["{{法院}}{{检材.颜色}}{{法院}}"]
    assert made.unknown == ("法院", "检材.颜色")
    assert made.used == frozenset()


def test_all_else_is_as_it_was() -> None:
    styles = f'<w:styles xmlns:w="{W}"><w:p/></w:styles>'.encode()
    template = document(paragraph(run("{{案件编号}}")) + "<w:sectPr w14:x='1'/>", styles=styles)
    made = fill_template(template, VALUES).content
    with zipfile.ZipFile(io.BytesIO(template)) as old, zipfile.ZipFile(io.BytesIO(made)) as new:
        assert new.namelist() == old.namelist()
        for name in old.namelist():
            if name != "word/document.xml":
                assert new.read(name) == old.read(name)
    told = part(made).decode()
    assert 'mc:Ignorable="w14"' in told
    assert 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"' in told
    assert '<w:sectPr w14:x="1"/>' in told


def test_the_same_gives_the_same_bytes() -> None:
    body = paragraph(run("{{案件编号}}")) + f"<w:tbl>{row('{{检材}}')}</w:tbl>"
    assert filled(body) == filled(body)


def broken(name: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        match name:
            case "doctype":
                told = '<!DOCTYPE a [<!ENTITY b "c">]><w:document xmlns:w="{}"><w:p/></w:document>'
                file.writestr("word/document.xml", told.format(W))
            case "strict":
                file.writestr("word/document.xml", '<w:document xmlns:w="http://purl.oclc.org/"/>')
            case "torn":
                file.writestr("word/document.xml", "<w:document")
            case "macros":
                file.writestr("word/document.xml", HEAD + FOOT)
                file.writestr("word/vbaProject.bin", b"")
            case "large":
                file.writestr("word/document.xml", HEAD + FOOT)
                file.writestr("word/media/a.bin", bytes(65 << 20))
    return content.getvalue()


@pytest.mark.parametrize("name", ["none", "doctype", "strict", "torn", "macros", "large", "text"])
def test_what_is_no_template_is_refused_in_both_languages(name: str) -> None:
    content = b"PK no zip" if name == "text" else broken(name)
    with pytest.raises(CaseError) as refused:
        fill_template(content, VALUES)
    assert refused.value.text("zh").startswith("模板")


def test_a_list_of_many_sources_is_no_matter(tmp_path: Path) -> None:
    many = [{"number": str(n), "path": f"p{n}", "size": "1"} for n in range(20_000)]
    values = TemplateValues(
        {}, {"material": RowGroup(("number", "path", "size"), many)}, VALUES.aliases
    )
    made = fill_template(document(f"<w:tbl>{row('{{检材}}', '', '')}</w:tbl>"), values)
    assert part(made.content).count(b"<w:tr>") == 20_000
