"""Every part of a workbook is read, holds no text, or is listed: a value in each is found once."""

import io

import pytest

from piiscan.sources.formats.spreadsheet.dimensions import CellSurroundings, measure_sheet
from piiscan.sources.limits import Budget
from tests.sources.formats.document.planted import check_each_once, filled, value_of
from tests.sources.tables import cells_of, read_all, read_members, read_reasons, read_text, told

BOOK = """<workbook xmlns:r="r"><sheets><sheet name="名单" r:id="r1"/>
<sheet name="{sheet_name}" r:id="r2"/></sheets><definedNames><definedName name="n">"{defined_name}"
</definedName><definedName name="area">名单!$A$1:$B$20000</definedName></definedNames></workbook>"""
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = f"""<Relationships>
<Relationship Id="r1" Target="worksheets/sheet1.xml" Type="{OFFICE}/worksheet"/>
<Relationship Id="r2" Target="worksheets/sheet2.xml" Type="{OFFICE}/worksheet"/>
<Relationship Id="r3" Target="sharedStrings.xml" Type="{OFFICE}/sharedStrings"/></Relationships>"""
SHEET = """<worksheet xmlns:r="r"><sheetPr/><sheetViews><sheetView/></sheetViews><cols/><sheetData>
<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2"><v>{cell}</v></c></row>
<row r="3"><c r="A3" t="str"><f>HYPERLINK("tel:{formula}","张三")</f><v>张三</v></c>
<c r="B3"><f>SUM(B2:B20000)</f><v>1</v></c>
<c r="C3"><f>A1&amp;"{no_result}"</f></c>
<c r="D3" t="inlineStr"><is><t>好</t><rPh><t>{inline_phonetic}</t></rPh></is></c></row>
</sheetData><autoFilter ref="A1:B2"><filterColumn><filters><filter val="{filter}"/>
<filter val="{cell}"/></filters></filterColumn></autoFilter>
<conditionalFormatting sqref="B2"><cfRule type="containsText" text="{condition}"><formula>
NOT(ISERROR(SEARCH("{condition_formula}",B2)))</formula></cfRule></conditionalFormatting>
<dataValidations><dataValidation sqref="B9" promptTitle="{prompt_title}" prompt="{prompt}"
error="{error}"><formula1>"张三,{choice}"</formula1></dataValidation></dataValidations>
<hyperlinks><hyperlink ref="A1" r:id="rId1" tooltip="{tooltip}" display="{cell}"/></hyperlinks>
<headerFooter><oddHeader>&amp;L&amp;"宋体"&amp;12{page_header}&amp;P</oddHeader></headerFooter>
<!-- {xml_comment} --></worksheet>"""
STRINGS = """<sst><si><t>姓名</t></si><si><t>电话</t></si><si><t>张三</t><rPh><t>{phonetic}</t>
</rPh></si><si><r><t>{orphan_a}</t></r><r><t>{orphan_b}</t></r></si></sst>"""
PARTS = {
    "[Content_Types].xml": '<Types><Override PartName="/xl/a.xml" ContentType="a/b"/></Types>',
    "_rels/.rels": '<Relationships><Relationship Id="rId1" Target="xl/workbook.xml" Type='
    f'"{OFFICE}/officeDocument"/></Relationships>',
    "xl/workbook.xml": BOOK,
    "xl/_rels/workbook.xml.rels": RELATIONS,
    "xl/worksheets/sheet1.xml": SHEET,
    "xl/worksheets/sheet2.xml": "<worksheet><sheetData/></worksheet>",
    "xl/worksheets/_rels/sheet1.xml.rels": '<Relationships><Relationship Id="rId1" Type="h" '
    'Target="https://example.com/{link}" TargetMode="External"/></Relationships>',
    "xl/sharedStrings.xml": STRINGS,
    "xl/comments1.xml": "<comments><authors><author>{author}</author></authors><commentList>"
    '<comment ref="B2"><text><r><t>{comment_a}</t></r><r><t>{comment_b}</t></r></text>'
    '</comment><comment ref="B3"><text><t>线程：{thread}</t></text></comment>'
    "</commentList></comments>",
    "xl/threadedComments/threadedComment1.xml": '<ThreadedComments><threadedComment ref="B3">'
    "<text>{thread}</text></threadedComment></ThreadedComments>",
    "xl/persons/person.xml": '<personList><person displayName="{person}"/></personList>',
    "xl/drawings/drawing1.xml": '<wsDr xmlns:a="a" xmlns:mc="mc"><mc:AlternateContent><mc:Choice>'
    '<sp><cNvPr id="2" name="图片 1" descr="{alternative}"/><a:p><a:r><a:t>{box_a}</a:t></a:r>'
    "<a:r><a:t>{box_b}</a:t></a:r></a:p></sp></mc:Choice><mc:Fallback>"
    '<cNvPr descr="{alternative}"/></mc:Fallback></mc:AlternateContent></wsDr>',
    "xl/drawings/vmlDrawing1.vml": "<xml><textbox><div><font>{vml}</font></div></textbox></xml>",
    "xl/charts/chart1.xml": '<c:chart xmlns:c="c"><c:ser><c:cat><c:strRef><c:f>名单!$A$2</c:f>'
    "<c:strCache><c:pt><c:v>{chart}</c:v></c:pt><c:pt><c:v>{cell}</c:v></c:pt></c:strCache>"
    "</c:strRef></c:cat></c:ser></c:chart>",
    "xl/tables/table1.xml": '<table name="表1"><tableColumns><tableColumn name="{column}"/>'
    '<tableColumn name="{cell}"/></tableColumns></table>',
    "xl/pivotCache/pivotCacheDefinition1.xml": '<d><cacheFields><cacheField name="姓名">'
    '<sharedItems><s v="李四"/><s v="{unused_item}"/></sharedItems></cacheField>'
    '<cacheField name="手机号"/></cacheFields></d>',
    "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels": "<Relationships><Relationship "
    'Id="rId1" Target="pivotCacheRecords1.xml"/></Relationships>',
    "xl/pivotCache/pivotCacheRecords1.xml": '<pivotCacheRecords><r><x v="0"/><n v="{record}"/></r>'
    '<r><s v="张三"/><n v="{cell}"/></r></pivotCacheRecords>',
    "xl/externalLinks/externalLink1.xml": '<externalLink><sheetDataSet><sheetData><row r="1">'
    '<cell r="A1" t="str"><v>姓名</v></cell><cell r="C1" t="str"><v>手机号</v></cell></row>'
    '<row r="2"><cell r="A2" t="str"><v>李四</v></cell><cell r="C2"><v>{linked}</v></cell></row>'
    "</sheetData></sheetDataSet></externalLink>",
    "xl/externalLinks/_rels/externalLink1.xml.rels": "<Relationships><Relationship "
    'Target="file:///C:/{linked_file}.xlsx" TargetMode="External"/></Relationships>',
    "xl/styles.xml": '<styleSheet><numFmts><numFmt formatCode="&quot;{format}&quot;0"/></numFmts>'
    '<fonts><font><name val="宋体"/></font></fonts><cellStyles><cellStyle name="{style}"/>'
    '<cellStyle name="Normal" builtinId="0"/></cellStyles></styleSheet>',
    "xl/theme/theme1.xml": "<theme><font>宋体</font></theme>",
    "xl/printerSettings/printerSettings1.bin": "\x01\x02 {printer} \x03",
    "xl/vbaProject.bin": "\x01\x02 {macro} \x03",
    "docProps/core.xml": "<core><creator>{creator}</creator></core>",
    "docProps/app.xml": "<Properties><Company>{company}</Company><TitlesOfParts>"
    "<lpstr>名单</lpstr></TitlesOfParts></Properties>",
    "docProps/custom.xml": '<Properties><property name="负责人"><lpwstr>{custom}</lpwstr>'
    "</property></Properties>",
    "customXml/item1.xml": "<root><phone a='{custom_attribute}'>{custom_xml}</phone></root>",
    "xl/media/image1.png": "\x89PNG\r\n\x1a\n\0\0",
    "notes.csv": "姓名,手机号\n李四,{stray}\n",
}


def test_a_value_in_every_part_is_found_once_and_at_its_place() -> None:
    data = filled(PARTS)
    check_each_once(data, *PARTS.values())
    assert set(told(read_all(data)[1])) == {
        (f"#{value_of('sheet_name')}", "EMPTY", False),
        ("#xl/printerSettings/printerSettings1.bin", "READ_AS_STRINGS", False),
        ("#xl/vbaProject.bin", "READ_AS_STRINGS", True),
        ("xl/media/image1.png", "CORRUPT", True),
    }


def test_places_are_cells_or_tags_and_cached_rows_are_rows() -> None:
    tables, _ = read_all(filled(PARTS))
    rows = {table.member: cells_of(blocks) for table, blocks in tables}
    assert rows["#xl/comments1.xml"] == [
        ["author", value_of("author")],
        ["B2 text", value_of("comment")],
        ["B3 text", "线程："],
    ]
    assert rows["#xl/pivotCache/pivotCacheRecords1.xml"] == [
        ["姓名", "手机号"],
        ["李四", value_of("record")],
        [value_of("unused_item")],
    ]
    assert rows["#xl/externalLinks/externalLink1.xml#rows"] == [
        ["姓名", None, "手机号"],
        ["李四", None, value_of("linked")],
    ]
    assert ["A3", f"tel:{value_of('formula')}"] in rows["#xl/worksheets/sheet1.xml"]
    assert ["string 4 si", value_of("orphan")] in rows["#xl/sharedStrings.xml"]
    headers = {table.member: table.headers for table, _ in tables}
    assert headers["#xl/pivotCache/pivotCacheRecords1.xml"] == ["姓名", "手机号"]
    assert headers["#xl/comments1.xml"] == ["place", "text"]


@pytest.mark.parametrize(
    "text",
    [
        "<a>13900000001",
        '<!DOCTYPE a [<!ENTITY b "13900000001">]><a>&b;</a>',
        "<a><b></a>13900000001",
    ],
)
def test_a_part_that_is_no_plain_xml_is_listed_and_its_strings_are_read(text: str) -> None:
    rows, troubles = read_members(filled(PARTS | {"customXml/item1.xml": text}))
    found = [(t.reason, t.lost) for t in troubles if t.member == "#customXml/item1.xml"]
    assert found == [("CORRUPT", True), ("READ_AS_STRINGS", False)]
    strings = [rows[member] for member in rows if member.startswith("#customXml/item1")]
    assert str(strings).count("13900000001") == 1


def test_an_entry_behind_one_of_the_same_name_is_read() -> None:
    data = filled({"docProps/cor1.xml": "<core>13900000001</core>"} | PARTS)
    assert "13900000001" in read_text(data.replace(b"docProps/cor1.xml", b"docProps/core.xml"))


def test_files_inside_are_not_opened_without_end() -> None:
    inner = "xl/embeddings/Microsoft_Excel_Sheet1.xlsx"
    data = filled(PARTS | {inner: filled(PARTS)})
    assert {f"{inner}#名单", f"{inner}!notes.csv"} <= set(read_members(data)[0])
    assert read_reasons(data, budget=Budget(depth=1)).count("ZIP_DEPTH") == 1


@pytest.mark.parametrize("size", [1, 250, (1 << 20) - 40, (1 << 20) - 20, (1 << 20), 1 << 21])
@pytest.mark.parametrize("prefix", ["", "x:"])
def test_what_surrounds_cells_does_not_depend_on_pieces(size: int, prefix: str) -> None:
    cells = f'<{prefix}c r="A1"><{prefix}v>1</{prefix}v></{prefix}c>' * (size // 30)
    head, tail = f"<{prefix}worksheet>{'y' * size}<{prefix}sheetData>", f"</{prefix}sheetData>z"
    around = CellSurroundings()
    measure_sheet(io.BytesIO((head + cells + tail).encode()), 1 << 30, around, "p")
    assert around.outside["p"].decode() == head + tail
    assert not around.unusual
    odd = ('<f>"a"</f>', "<f>&quot;a&quot;</f>", "<f>12345</f>", "<rPh>", "<ext>", "<!-- -->")
    usual = ("<f>A12345+$B$12345*2</f>", "<f t='shared' si='0'/>", "<is><t>a</t></is>")
    for part in (*odd, *usual):
        around = CellSurroundings()
        measure_sheet(io.BytesIO((head + cells + part + tail).encode()), 1 << 30, around, "p")
        assert around.unusual == ({"p"} if part in odd else set())


ODS = f"""<office:document-content xmlns:xlink="x" {
    " ".join(f'xmlns:{name}="{name}"' for name in ("office", "table", "text", "draw"))
}><office:body><office:spreadsheet>
<table:content-validation table:condition="of:is-in-list(&quot;{{condition}}&quot;)">
<table:help-message><text:p>{{help}}</text:p></table:help-message></table:content-validation>
<table:table table:name="S"><table:table-row><table:table-cell office:value-type="string">
<office:annotation><text:p>{{note}}</text:p></office:annotation><text:p>{{cell}}</text:p>
</table:table-cell><table:table-cell table:number-columns-repeated="3"/><table:table-cell
office:value-type="string" table:formula="of:=HYPERLINK(&quot;tel:{{formula}}&quot;;&quot;x&quot;)">
<text:p>x</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>
<text:a xlink:href="tel:{{link}}">好</text:a></text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell><draw:frame><text:p>{{shape}}
</text:p></draw:frame></table:table-cell></table:table-row></table:table></office:spreadsheet>
</office:body></office:document-content>"""
ODS_PARTS = {
    "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
    "META-INF/manifest.xml": '<manifest><file-entry full-path="/" media-type="a/b"/></manifest>',
    "content.xml": ODS,
    "meta.xml": "<meta><generator>LibreOffice</generator><creator>{author}</creator></meta>",
    "styles.xml": '<d><styles><style name="好好好好好好"/><text>{format}</text></styles>'
    "<header><p>{page_header}</p></header></d>",
    "Object 1/content.xml": "<d><p>{chart}</p></d>",
    "Thumbnails/thumbnail.png": "picture",
}


def test_a_value_in_every_part_of_an_ods_is_found_once() -> None:
    parts = {n: text.replace("\n<", "<").replace("\n", " ") for n, text in ODS_PARTS.items()}
    data = filled(parts)
    check_each_once(data, *parts.values())
    rows, troubles = read_members(data)
    assert troubles == []
    for row in (
        ["A1 p", value_of("note")],
        ["E1", f"tel:{value_of('formula')}"],
        ["F1 a@href", f"tel:{value_of('link')}"],
        ["A2 p", value_of("shape")],
    ):
        assert row in rows["#content.xml"]


def test_a_row_of_formulas_that_are_texts_is_a_row() -> None:
    sheet = PARTS["xl/worksheets/sheet1.xml"]
    assert isinstance(sheet, str)
    cells = "".join(
        f'<c r="{column}7" t="str"><f>"{text}"</f></c>'
        for column, text in (("A", "张伟"), ("B", '138"&amp;"00138009'))
    )
    changed = sheet.replace("</sheetData>", f'<row r="7">{cells}</row></sheetData>')
    tables, _ = read_all(filled(PARTS | {"xl/worksheets/sheet1.xml": changed}))
    rows = {table.member: cells_of(blocks) for table, blocks in tables}
    assert ["A7", "张伟\t13800138009"] in rows["#xl/worksheets/sheet1.xml"]
