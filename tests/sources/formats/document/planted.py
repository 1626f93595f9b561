"""Documents with a value planted in every part, and five people in a table."""

import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.sources.people import HEAD, PEOPLE
from tests.sources.tables import Source, cells_of, numbers_of, read_all, zipped

W: Final = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
)
WORD_2003: Final = 'xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"'
P: Final = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SLOT: Final = re.compile(r"\{(\w+)\}")


def value_of(slot: str) -> str:
    """The mobile number that stands in a slot; halves are cut in two."""
    stem = slot.removesuffix("_a").removesuffix("_b")
    number = f"139{sum(ord(c) * 131**n for n, c in enumerate(stem)) % 10**8:08}"
    return number[:3] if slot.endswith("_a") else number[3:] if slot.endswith("_b") else number


def fill(text: str) -> bytes:
    filled = _SLOT.sub(lambda found: value_of(found[1]), text)
    return filled.encode("latin-1" if text.startswith(("\x01", "\x89")) else "utf-8")


def planted(*texts: str) -> set[str]:
    slots = {slot.removesuffix("_a").removesuffix("_b") for t in texts for slot in _SLOT.findall(t)}
    return {value_of(slot) for slot in slots}


def filled(parts: Mapping[str, str | bytes]) -> bytes:
    """The bytes of a document with these parts."""
    found = {name: text if isinstance(text, bytes) else fill(text) for name, text in parts.items()}
    return zipped(found, zipfile.ZIP_DEFLATED)


def save(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    path.write_bytes(filled(parts))
    return path


def places(
    source: Source, name: str = "a", **options: Any
) -> dict[str, list[tuple[str, int, str]]]:
    """(member, row, cell) of each planted value."""
    found: dict[str, list[tuple[str, int, str]]] = {}
    for table, blocks in read_all(source, name, **options)[0]:
        for number, row in zip(numbers_of(blocks), cells_of(blocks), strict=True):
            for cell in row:
                for value in re.findall(r"(?<![0-9])139[0-9]{8}(?![0-9])", cell or ""):
                    found.setdefault(value, []).append((table.member, number, cell or ""))
    return found


def check_each_once(source: Source, *texts: str, **options: Any) -> None:
    """Each planted value is read once, and again at the same place."""
    found = places(source, **options)
    counts = Counter({value: len(each) for value, each in found.items()})
    assert counts == Counter(dict.fromkeys(planted(*texts), 1))
    assert places(source, **options) == found


def runs(text: str) -> str:
    """A Word paragraph; ``|`` cuts it in runs."""
    cut = "".join(f"<w:r><w:rPr><w:b/></w:rPr><w:t>{each}</w:t></w:r>" for each in text.split("|"))
    return f'<w:p w:rsidR="13900000001" w:rsidRDefault="00AA11BB">{cut}</w:p>'


def word_table(rows: list[list[str]]) -> str:
    cells = ("".join(f"<w:tc><w:tcPr/>{runs(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl><w:tblPr/>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def slide_table(rows: list[list[str]]) -> str:
    cells = (
        "".join(
            f"<a:tc><a:txBody><a:p><a:r><a:t>{c}</a:t></a:r></a:p></a:txBody></a:tc>" for c in row
        )
        for row in rows
    )
    return "<a:tbl>" + "".join(f"<a:tr>{row}</a:tr>" for row in cells) + "</a:tbl>"


PEOPLE_ROWS: Final = [HEAD, *PEOPLE]
_BOX: Final = "<w:txbxContent>" + runs("框 {box_a}|{box_b}") + "</w:txbxContent>"
DOCUMENT: Final = f"""<w:document {W}><w:body>
{runs("第一段 {first_a}|{first_b}")}
<w:p><w:r><w:t>上</w:t><w:br/><w:t>下 {{soft}}</w:t></w:r></w:p>
<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><wp:inline><wp:docPr id="1" name="图片 1"
descr="图 {{alternative}}" title="{{picture_title}}"/></wp:inline>{_BOX}</mc:Choice>
<mc:Fallback><w:pict><v:shape alt="图 {{alternative}}"><v:textbox>{_BOX}</v:textbox></v:shape>
<v:textpath string="水印 {{watermark}}"/></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>
<w:p><w:r><w:t>改 139</w:t></w:r><w:del w:author="甲 {{reviser}}" w:date="2024-01-01T00:00:00Z">
<w:r><w:delText>{{old_b}}</w:delText></w:r></w:del><w:ins w:author="甲 {{reviser}}"><w:r>
<w:t>{{new_b}}</w:t></w:r></w:ins></w:p>
<w:p><w:del><w:r><w:delText>删 {{deleted}}</w:delText></w:r></w:del></w:p>
<w:moveFrom><w:p><w:r><w:t>移 {{moved}}</w:t></w:r></w:p></w:moveFrom>
<w:moveTo><w:p><w:r><w:t>移 {{moved}}</w:t></w:r></w:p></w:moveTo>
<w:p><w:hyperlink r:id="rId8" w:tooltip="提示
{{tooltip}}"><w:r><w:t>电话</w:t></w:r></w:hyperlink></w:p>
<w:p><w:hyperlink r:id="rId9"><w:r><w:t>{{shown_link}}</w:t></w:r></w:hyperlink></w:p>
<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText> HYPERLINK "tel:{{field_a}}</w:instrText>
<w:instrText>{{field_b}}" </w:instrText><w:fldChar w:fldCharType="separate"/><w:t>打</w:t>
<w:fldChar w:fldCharType="end"/></w:r></w:p>
<w:p><w:fldSimple w:instr=' DOCPROPERTY "{{simple_field}}"
'><w:r><w:t>值</w:t></w:r></w:fldSimple></w:p>
<w:p><w:r><w:ruby><w:rt><w:r><w:t>zhang</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>张</w:t></w:r></w:rubyBase>
</w:ruby><w:t>三 {{ruby}}</w:t></w:r></w:p>
<w:sdt><w:sdtPr><w:alias w:val="控件 {{control}}"/><w:tag w:val="x"/></w:sdtPr><w:sdtContent>
{runs("内容 {content}")}</w:sdtContent></w:sdt>
<w:bookmarkStart w:id="0" w:name="n{{bookmark}}"/>
{word_table(PEOPLE_ROWS)}
<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{runs("合并 {spanned}")}</w:tc>
<w:tc>{runs("x")}</w:tc></w:tr><w:tr><w:tc>{runs("a")}</w:tc><w:tc>{runs("b")}</w:tc><w:tc>
{word_table([["q", "w"], ["e", "里 {nested}"], ["c", "d"]])}{runs("外 {around}")}</w:tc>
</w:tr></w:tbl>
{word_table([["姓名", "李四"], ["手机号", "{form}"]])}
<!-- {{xml_comment}} -->
<w:sectPr/></w:body></w:document>"""
WORD_PARTS: Final[dict[str, str | bytes]] = {
    "[Content_Types].xml": '<Types><Override PartName="/word/document.xml" ContentType="a"'
    "/></Types>",
    "_rels/.rels": f'<Relationships><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
    'Target="word/document.xml"/></Relationships>',
    "word/document.xml": DOCUMENT,
    "word/_rels/document.xml.rels": f"""<Relationships>
<Relationship Id="rId8" Type="{_OFFICE}/hyperlink" Target="tel:{{link}}" TargetMode="External"/>
<Relationship Id="rId9" Type="{_OFFICE}/hyperlink" Target="tel:{{shown_link}}"
TargetMode="External"/>
<Relationship Id="rId7" Type="{_OFFICE}/attachedTemplate" Target="file:///C:/{{template}}.dotx"
TargetMode="External"/></Relationships>""",
    "word/header1.xml": f"<w:hdr {W}>{runs('页眉 {header_a}|{header_b}')}</w:hdr>",
    "word/footer1.xml": f"<w:ftr"
    f" {W}>{word_table([['x', 'y'], ['1', '脚 {footer}'], ['2', 'z']])}</w:ftr>",
    "word/footnotes.xml": f"<w:footnotes {W}><w:footnote>{runs('{footnote}')}</w:footnote>"
    f"</w:footnotes>",
    "word/endnotes.xml": f"<w:endnotes {W}><w:endnote>{runs('{endnote}')}</w:endnote></w:endnotes>",
    "word/comments.xml": f'<w:comments {W}><w:comment w:author="乙 {{author}}" w:initials="x">'
    f"{runs('批 {comment_a}|{comment_b}')}</w:comment></w:comments>",
    "word/people.xml": f'<w:people {W}><w:person w:author="丙 {{person}}"/></w:people>',
    "word/glossary/document.xml": f"<w:glossaryDocument {W}>{runs('{glossary}')}</w:glossa"
    f"ryDocument>",
    "word/settings.xml": f'<w:settings {W}><w:docVar w:name="v" w:val="变量 {{variable}}"/>'
    '<w:rsids><w:rsid w:val="13900000001"/></w:rsids></w:settings>',
    "word/styles.xml": f'<w:styles {W}><w:style><w:name w:val="样 {{style}}"/></w:style></w'
    f":styles>",
    "word/numbering.xml": f'<w:numbering {W}><w:lvlText w:val="%1 {{number_text}}"/></w:numbering>',
    "word/theme/theme1.xml": "<theme/>",
    "word/charts/chart1.xml": '<c:c xmlns:c="http://schemas.openxmlformats.org/drawingml/2'
    '006/chart">'
    "<c:pt><c:v>{chart}</c:v></c:pt></c:c>",
    "word/diagrams/data1.xml": f'<d:pt xmlns:d="http://schemas.openxmlformats.org/drawingm'
    f'l/2006/diagram" '
    f"{P}><d:t><a:p><a:r><a:t>{{diagram}}</a:t></a:r></a:p></d:t></d:pt>",
    "word/diagrams/drawing1.xml": f"<d {P}><a:p><a:r><a:t>{{diagram}}</a:t></a:r></a:p></d>",
    "word/vbaProject.bin": "\x01\x02 {macro} \x03",
    "word/embeddings/list.csv": "姓名,手机号\n李四,{embedded}\n",
    "word/afchunk.html": "<html><p>{chunk}</p></html>",
    "word/media/image1.png": b"\x89PNG\r\n\x1a\n\0\0",
    "docProps/core.xml": "<core><creator>丁 {creator}</creator></core>",
    "docProps/app.xml": "<Properties><Company>{company}</Company></Properties>",
    "docProps/custom.xml": '<Properties><property name="负责人"><lpwstr>{custom}</lpwstr></pr'
    "operty></Properties>",
    "docProps/thumbnail.jpeg": b"\xff\xd8\xff",
    "customXml/item1.xml": '<?xml version="1.0"?><root><phone a="{own_attribute}"'
    ">{own_xml}</phone></root>",
}

_SHAPE: Final = "<p:sp><p:cNvPr id='2' name='标题 1' descr='{{{}}}'/><p:txBody>{}</p:txBody></p:sp>"


def slide(number: int, more: str = "") -> str:
    text = f"<a:p><a:r><a:t>139</a:t></a:r><a:r><a:t>{{slide{number}_b}}</a:t></a:r></a:p>"
    return f"<p:sld {P}>{_SHAPE.format(f'shape{number}', text)}{more}</p:sld>"


_LINKED: Final = '<a:p><a:r><a:rPr><a:hlinkClick r:id="rId1"/></a:rPr><a:t>点</a:t></a:r></a:p>'
SLIDE_PARTS: Final[dict[str, str | bytes]] = {
    "ppt/presentation.xml": f'<p:presentation {P}><p:sldIdLst><p:sldId id="256" r:id="rId3"/>'
    '<p:sldId id="257" r:id="rId2"/></p:sldIdLst></p:presentation>',
    "ppt/_rels/presentation.xml.rels": f"""<Relationships>
<Relationship Id="rId2" Type="{_OFFICE}/slide" Target="slides/slide1.xml"/>
<Relationship Id="rId3" Type="{_OFFICE}/slide" Target="/ppt/slides/slide2.xml"/></Relationships>""",
    "ppt/slides/slide1.xml": slide(
        1, f"<p:graphicFrame>{slide_table(PEOPLE_ROWS)}</p:graphicFrame>"
    ),
    "ppt/slides/slide2.xml": slide(2, _SHAPE.format("linked", _LINKED)),
    "ppt/slides/_rels/slide2.xml.rels": f"""<Relationships>
<Relationship Id="rId1" Type="{_OFFICE}/hyperlink" Target="mailto:a{{target}}@example.com"
TargetMode="External"/><Relationship Id="rId2" Type="{_OFFICE}/notesSlide"
Target="../notesSlides/notesSlide1.xml"/><Relationship Id="rId4" Type="{_OFFICE}/comments"
Target="../comments/comment1.xml"/></Relationships>""",
    "ppt/notesSlides/notesSlide1.xml": f"<p:notes"
    f" {P}>{_SHAPE.format('note_shape', '<a:p><a:r><a:t>{note}</a:t></a:r></a:p>')}</p:notes>",
    "ppt/comments/comment1.xml": f"<p:cmLst {P}><p:cm><p:text>{{slide_comment}}</p:text></"
    f"p:cm></p:cmLst>",
    "ppt/commentAuthors.xml": f'<p:cmAuthorLst {P}><p:cmAuthor name="戊 {{comment_author}}"'
    f"/></p:cmAuthorLst>",
    "ppt/slideLayouts/slideLayout1.xml": f"<p:sldLayout"
    f" {P}>{_SHAPE.format('layout', '<a:p><a:r><a:t>{layout_text}</a:t></a:r></a:p>')}</p:"
    f"sldLayout>",
    "ppt/tags/tag1.xml": f'<p:tagLst {P}><p:tag name="T" val="{{tag}}"/></p:tagLst>',
    "docProps/core.xml": "<core><creator>丁 {creator}</creator></core>",
}

ODF: Final = (
    " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (
            ("office", "office"),
            ("text", "text"),
            ("table", "table"),
            ("draw", "drawing"),
            ("style", "style"),
            ("svg", "svg-compatible"),
            ("presentation", "presentation"),
            ("meta", "meta"),
        )
    )
    + ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def odf_table(rows: list[list[str]]) -> str:
    cells = (
        "".join(f"<table:table-cell><text:p>{c}</text:p></table:table-cell>" for c in row)
        for row in rows
    )
    return (
        '<table:table table:name="表格 1">'
        + "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
        + "</table:table>"
    )


ODF_TEXT: Final = f"""<office:document-content {ODF}><office:body><office:text>
<text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>
己 {{changer}}</dc:creator></office:change-info><text:p>删 {{odf_deleted}}</text:p>
</text:deletion></text:changed-region>
</text:tracked-changes><text:h>题 139<text:span>{{heading_b}}</text:span></text:h>
<text:p>注 139<text:note><text:note-citation>1</text:note-citation><text:note-body>
<text:p>{{odf_note}}</text:p></text:note-body></text:note>{{noted_b}}</text:p>
<text:p><office:annotation><dc:creator>庚 {{annotator}}</dc:creator><text:p>{{annotation}}</text:p>
</office:annotation>批<text:a xlink:href="tel:{{odf_link}}">好</text:a><text:s
text:c="2"/>{{spaced}}</text:p>
<text:p><draw:frame><draw:text-box><text:p>{{odf_box}}</text:p></draw:text-box>
<svg:desc>{{description}}</svg:desc></draw:frame><text:hidden-text
text:string-value="{{hidden}}"/></text:p>
{odf_table(PEOPLE_ROWS)}</office:text></office:body></office:document-content>"""
ODF_PARTS: Final[dict[str, str | bytes]] = {
    "mimetype": "application/vnd.oasis.opendocument.text",
    "content.xml": ODF_TEXT,
    "styles.xml": f"<office:document-styles {ODF}><style:header><text:p>眉 {{odf_header}}</text:p>"
    "</style:header></office:document-styles>",
    "meta.xml": f"<office:document-meta {ODF}><dc:creator>辛 {{odf_creator}}</dc:creator>"
    '<meta:user-defined meta:name="电话">{user_defined}</meta:user-defined></office:document-meta>',
    "Object 1/content.xml": f"<office:document-content"
    f" {ODF}>{odf_table([['a', 'b'], ['c', '{object}'], ['d', 'e']])}"
    "</office:document-content>",
    "META-INF/manifest.xml": '<manifest><file-entry full-path="/" media-type="a/b"/></manifest>',
    "Thumbnails/thumbnail.png": b"\x89PNG\r\n\x1a\n",
}
