"""Workbooks and documents with a telephone number planted in every place that a package has."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TAGS = re.compile(r"<[^>]*>")


def _references(text: str) -> list[str]:
    """A text split at decimal character references, whose numbers are every second item."""
    return re.split(r"&#([0-9]+);", text)


@dataclass
class Planted:
    """Numbers by the name of the place where each was planted."""

    values: dict[str, str] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __call__(self, place: str) -> str:
        """A number that stands in no other place."""
        assert place not in self.values, place
        self.values[place] = f"13{next(self._numbers) * 7919 + 800138000:09}"
        return self.values[place]


def _rels(*links: tuple[str, str, str, bool]) -> str:
    """A part of relationships: (id, kind, target, outside)."""
    rows = "".join(
        f'<Relationship Id="{name}" Type="{kind if "/" in kind else f"{_LINKS}/{kind}"}" '
        f'Target="{target}"{" TargetMode=" + chr(34) + "External" + chr(34) if outside else ""}/>'
        for name, kind, target, outside in links
    )
    return f'<Relationships xmlns="{_PACKAGE}relationships">{rows}</Relationships>'


def _properties(p: Planted) -> dict[str, str]:
    """The parts that both kinds of packages have."""
    dc = "http://purl.org/dc/elements/1.1/"
    return {
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{_PACKAGE}metadata/core-properties" '
        f'xmlns:dc="{dc}"><dc:title>标题{p("core title")}</dc:title><dc:creator>{p("core creator")}'
        f"</dc:creator><cp:keywords>{p('core keywords')}</cp:keywords><dc:description>"
        f"{p('core description')}</dc:description></cp:coreProperties>",
        "docProps/app.xml": "<Properties xmlns="
        '"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        f"<Company>{p('app company')}</Company><Manager>{p('app manager')}</Manager>"
        f"<HyperlinkBase>http://x.cn/{p('app link')}</HyperlinkBase></Properties>",
        "docProps/custom.xml": "<Properties xmlns="
        '"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt='
        '"http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" '
        f'name="{p("custom name")}"><vt:lpwstr>{p("custom value")}</vt:lpwstr></property>'
        "</Properties>",
        "customXml/item1.xml": f'<r xmlns="urn:x" a="{p("custom XML attribute")}">'
        f"<手机>{p('custom XML text')}</手机><![CDATA[电话{p('custom XML CDATA')}]]>"
        f"<_{p('custom XML element')}/></r>",
        "extra/notes.txt": f"备注 {p('text part')}\n",
        "extra/data.json": f'{{"{p("JSON part key")}": "{p("JSON part value")}"}}',
        "extra/blob": f"<x y='{p('part without extension')}'/>",
    }


def _drawing(p: Planted, what: str) -> dict[str, str]:
    """A chart with its stored values."""
    c = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    return {
        f"{what}/charts/chart1.xml": f'<c:chartSpace xmlns:c="{c}" xmlns:a="{a}"><c:chart><c:title>'
        f"<c:tx><c:rich><a:p><a:r><a:t>{p('chart title')}</a:t></a:r></a:p></c:rich></c:tx>"
        f"</c:title><c:plotArea><c:ser><c:cat><c:strRef><c:f>'{p('chart formula')}'!$A$1</c:f>"
        f'<c:strCache><c:pt idx="0"><c:v>{p("chart cache")}</c:v></c:pt></c:strCache></c:strRef>'
        f'</c:cat><c:val><c:numCache><c:formatCode>0"{p("chart format")}"</c:formatCode>'
        f'<c:pt idx="0"><c:v>{p("chart number")}</c:v></c:pt></c:numCache></c:val>'
        "</c:ser></c:plotArea></c:chart></c:chartSpace>",
        f"{what}/theme/theme1.xml": f'<a:theme xmlns:a="{a}" name="{p("theme name")}"><a:latin '
        f'typeface="{p("theme typeface")}"/></a:theme>',
    }


def workbook(p: Planted) -> dict[str, str | bytes]:
    """The parts of a workbook."""
    cells = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>手机号</t></is></c>'
        f'<c r="C1" t="inlineStr"><is><t>{p("column head")}</t></is></c></row>'
        f'<row r="2" x:note="{p("row attribute")}"><c r="A2" t="inlineStr"><is><t>张三</t></is></c>'
        f'<c r="B2"><v>{p("number cell")}</v></c><c r="C2" t="s"><v>0</v></c></row>'
        f'<!-- {p("comment between cells")} <c r="A9"><v>{p("cell in a comment")}</v></c> -->'
        f'<row r="3"><c r="A3" t="inlineStr"><is><t>备注{p("inline cell")}</t></is></c>'
        f'<c r="B3" t="str"><f>"{p("formula")}"</f><v>{p("formula result")}</v></c>'
        f'<c r="C3" x:note="{p("cell attribute")}"><v>1</v></c></row>'
        f"{p('text between cells')}"
    )
    sheet = (
        f'<worksheet xmlns="{_MAIN}" xmlns:r="{_LINKS}" xmlns:x="urn:x">'
        f'<sheetPr codeName="表{p("code name")}"/><sheetData>{cells}</sheetData>'
        f'<protectedRanges><protectedRange sqref="A1" name="{p("protected range")}"/>'
        f'</protectedRanges><scenarios><scenario name="{p("scenario name")}" '
        f'comment="{p("scenario comment")}"><inputCells r="A1" val="{p("scenario value")}"/>'
        f'</scenario></scenarios><autoFilter ref="A1:C3"><filterColumn colId="1"><filters>'
        f'<filter val="{p("filter value")}"/></filters></filterColumn><filterColumn colId="2">'
        f'<customFilters><customFilter val="*{p("custom filter")}*"/></customFilters>'
        '</filterColumn></autoFilter><conditionalFormatting sqref="A1"><cfRule type="containsText"'
        f' priority="1" text="{p("conditional text")}"><formula>SEARCH("{p("conditional formula")}"'
        f',A1)</formula></cfRule></conditionalFormatting><dataValidations count="1">'
        f'<dataValidation type="list" sqref="A5" prompt="{p("validation prompt")}" '
        f'promptTitle="{p("validation title")}" error="{p("validation error")}" '
        f'errorTitle="{p("validation error title")}"><formula1>"{p("validation list")},是"'
        f'</formula1></dataValidation></dataValidations><hyperlinks><hyperlink ref="A3" r:id="rId1"'
        f' location="{p("link location")}" tooltip="{p("link tooltip")}" '
        f'display="{p("link display")}"/></hyperlinks><headerFooter><oddHeader>&amp;C'
        f"{p('sheet header')}</oddHeader></headerFooter></worksheet>"
    )
    part = f"名单{p('part name')}"
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/worksheets/{part}.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": _rels(("rId1", "officeDocument", "xl/workbook.xml", False)),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><?note '
        f'{p("processing instruction")}?><fileSharing userName="{p("sharing user")}"/><sheets>'
        f'<sheet name="客户{p("sheet name")}" sheetId="1" r:id="rId1"/></sheets><definedNames>'
        f'<definedName name="电话{p("defined name")}" comment="{p("defined name comment")}">'
        f'"{p("defined name text")}"</definedName></definedNames></workbook>',
        "xl/_rels/workbook.xml.rels": _rels(
            ("rId1", "worksheet", f"worksheets/{part}.xml", False),
            ("rId2", "sharedStrings", "sharedStrings.xml", False),
            ("rId3", "externalLink", f"file:///C:/{p('link target')}.xlsx", True),
        ),
        f"xl/worksheets/{part}.xml": sheet,
        f"xl/worksheets/_rels/{part}.xml.rels": _rels(
            ("rId1", "hyperlink", f"http://x.cn/?q={p('hyperlink target')}", True),
            ("rId2", "table", "../tables/table1.xml", False),
        ),
        "xl/worksheets/sheet9.xml": f'<worksheet xmlns="{_MAIN}"><sheetData><row r="1"><c r="A1">'
        f"<v>{p('sheet that nothing names')}</v></c></row></sheetData></worksheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}"><si><t>电话{p("shared string")}</t></si><si>'
        f"<t>{p('unused string')}</t></si><si><r><t>138</t></r><rPh><t>{p('phonetic text')}</t>"
        "</rPh></si></sst>",
        "xl/tables/table1.xml": f'<table xmlns="{_MAIN}" id="1" name="表{p("table name")}" '
        f'displayName="表{p("table display name")}" ref="A1:C3" comment="{p("table comment")}">'
        f'<tableColumns count="1"><tableColumn id="1" name="{p("table column")}" '
        f'totalsRowLabel="{p("totals label")}"><calculatedColumnFormula>"{p("column formula")}"'
        "</calculatedColumnFormula></tableColumn></tableColumns></table>",
        "xl/comments1.xml": f'<comments xmlns="{_MAIN}"><authors><author>{p("comment author")}'
        f'</author></authors><commentList><comment ref="A1" authorId="0"><text><r><t>'
        f"{p('comment')}</t></r></text></comment></commentList></comments>",
        "xl/threadedComments/threadedComment1.xml": '<ThreadedComments xmlns="urn:x">'
        f'<threadedComment ref="A1" dT="2024-01-01T00:00:00.00"><text>{p("threaded comment")}'
        "</text></threadedComment></ThreadedComments>",
        "xl/persons/person.xml": f'<personList xmlns="urn:x"><person displayName='
        f'"{p("person name")}" userId="{p("person user")}" providerId="{p("person provider")}"/>'
        "</personList>",
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" '
        f'formatCode="0&quot;{p("number format")}&quot;"/></numFmts><cellStyles count="1">'
        f'<cellStyle name="{p("style name")}" xfId="0"/></cellStyles></styleSheet>',
        "xl/connections.xml": f'<connections xmlns="{_MAIN}"><connection id="1" '
        f'name="{p("connection name")}" sourceFile="{p("connection source")}"><dbPr connection='
        f'"Phone={p("connection string")};" command="select \'{p("connection command")}\'"/>'
        "</connection></connections>",
        "xl/pivotCache/pivotCacheDefinition1.xml": f'<pivotCacheDefinition xmlns="{_MAIN}" '
        f'refreshedBy="{p("pivot user")}"><cacheFields><cacheField name="{p("pivot field")}"'
        f' caption="{p("pivot caption")}"><sharedItems><s v="{p("pivot text")}"/>'
        f'<n v="{p("pivot number")}"/></sharedItems></cacheField></cacheFields>'
        "</pivotCacheDefinition>",
        "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{_MAIN}"><externalBook>'
        f'<sheetNames><sheetName val="{p("external sheet")}"/></sheetNames><sheetDataSet>'
        f'<sheetData><row r="1"><cell r="A1" t="str"><v>{p("external cell")}</v></cell></row>'
        "</sheetData></sheetDataSet></externalBook></externalLink>",
        "xl/drawings/drawing1.xml": '<d:wsDr xmlns:d="urn:d"><d:cNvPr id="2" '
        f'name="{p("drawing name")}" descr="{p("drawing description")}" '
        f'title="{p("drawing title")}"/></d:wsDr>',
        "xl/drawings/vmlDrawing1.vml": '<xml xmlns:v="urn:schemas-microsoft-com:vml"><v:shape '
        f'id="{p("VML id")}" alt="{p("VML alt")}"><v:textbox><div>{p("VML text")}</div></v:textbox>'
        "</v:shape></xml>",
        "xl/printerSettings/printerSettings1.bin": p("printer settings").encode("utf-16-le"),
        "xl/vbaProject.bin": b"\0\1" + p("macro").encode() + b"\0",
        "xl/media/image1.png": b"\x89PNG\r\n\x1a\n" + p("picture").encode(),
        "xl/embeddings/book.xlsx": _inner(f"电话{p('embedded workbook')}"),
        **_properties(p),
        **_drawing(p, "xl"),
    }


def _inner(text: str) -> bytes:
    """A zip in a package."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f'<w:t xmlns:w="urn:w">{text}</w:t>')
    return out.getvalue()


def _word(kind: str, inner: str) -> str:
    """A part of a document."""
    return f'<w:{kind} xmlns:w="{_W}" xmlns:r="{_LINKS}">{inner}</w:{kind}>'


def document(p: Planted) -> dict[str, str | bytes]:
    """The parts of a document."""

    def run(text: str, tag: str = "t") -> str:
        return f"<w:p><w:r><w:{tag}>{text}</w:{tag}></w:r></w:p>"

    split = p("text in two runs")
    coded = "".join(f"&#{ord(char)};" for char in p("character references"))
    body = (
        run(f"电话{p('text')}")
        + f"<w:p><w:r><w:t>电话{split[:4]}</w:t></w:r><w:r><w:t>{split[4:]}</w:t></w:r></w:p>"
        + run(f"电话{coded}")
        + run(p("deleted text"), "delText")
        + run(f'HYPERLINK "tel:{p("field code")}"', "instrText")
        + f'<w:p><w:fldSimple w:instr="TEL {p("simple field")}"/></w:p>'
        + f'<w:sdt><w:sdtPr><w:alias w:val="电话{p("alias")}"/><w:tag w:val="{p("tag")}"/>'
        f'<w:placeholder><w:docPart w:val="{p("placeholder")}"/></w:placeholder><w:dropDownList>'
        f'<w:listItem w:displayText="{p("list text")}" w:value="{p("list value")}"/>'
        f"</w:dropDownList></w:sdtPr><w:sdtContent>{run('好')}</w:sdtContent></w:sdt>"
        f'<w:bookmarkStart w:id="0" w:name="电话{p("bookmark")}"/><w:hyperlink w:anchor='
        f'"{p("anchor")}" w:tooltip="{p("tooltip")}"/><!-- {p("XML comment")} --><?note '
        f'{p("processing instruction")}?><w:ins w:id="1" w:author="{p("insertion author")}"/>'
        f'<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="{p("form name")}"/>'
        f'<w:helpText w:val="{p("form help")}"/><w:statusText w:val="{p("form status")}"/>'
        f'<w:textInput><w:default w:val="{p("form default")}"/></w:textInput></w:ffData>'
        f'</w:fldChar></w:r></w:p><w:smartTag w:uri="{p("smart tag address")}" w:element="x">'
        f'<w:smartTagPr><w:attr w:name="{p("smart tag name")}" w:val="{p("smart tag value")}"/>'
        "</w:smartTagPr></w:smartTag>" + p("stray text")
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Override '
        'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
        '.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": _rels(("rId1", "officeDocument", "word/document.xml", False)),
        "word/_rels/document.xml.rels": _rels(
            ("rId1", "hyperlink", f"tel:{p('hyperlink target')}", True)
        ),
        "word/document.xml": _word("document", f"<w:body>{body}</w:body>"),
        "word/settings.xml": _word(
            "settings",
            f'<w:docVars><w:docVar w:name="{p("document variable name")}" '
            f'w:val="{p("document variable")}"/></w:docVars><w:mailMerge><w:query '
            f'w:val="select {p("mail merge query")}"/></w:mailMerge>',
        ),
        "word/styles.xml": _word("styles", f'<w:style><w:name w:val="{p("style")}"/></w:style>'),
        "word/fontTable.xml": _word("fonts", f'<w:font w:name="{p("font")}"/>'),
        "word/numbering.xml": _word("numbering", f'<w:lvlText w:val="{p("list label")}"/>'),
        "word/webSettings.xml": _word("webSettings", f'<w:frame w:name="{p("frame")}"/>'),
        "word/header1.xml": _word("hdr", run(p("header"))),
        "word/页脚.xml": _word("ftr", run(p("footer with another name"))),
        "word/footnotes.xml": _word("footnotes", run(p("footnote"))),
        "word/comments.xml": _word(
            "comments",
            f'<w:comment w:id="1" w:author="{p("author")}" w:initials="{p("initials")}">'
            f"{run(p('comment'))}</w:comment>",
        ),
        "word/people.xml": '<p:people xmlns:p="urn:p"><p:person p:author="'
        f'{p("people author")}"><p:presenceInfo p:userId="{p("people user")}"/></p:person>'
        "</p:people>",
        "word/glossary/document.xml": _word("glossaryDocument", run(p("building block"))),
        "word/afchunk.htm": f"<html><p>{p('HTML chunk')}</p></html>",
        "word/embeddings/a.bin": b"\xd0\xcf\x11\xe0" + p("embedded object").encode("utf-16-le"),
        f"customXml/{p('part name')}.xml": "<r/>",
        **_properties(p),
        **_drawing(p, "word"),
    }


def package(build: Callable[[Planted], dict[str, str | bytes]]) -> tuple[bytes, dict[str, str]]:
    """A package, and what is planted in it; its zip too has a number in every place."""
    p = Planted()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, part) in enumerate(build(p).items()):
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            if number == 0:
                info.comment = f"电话{p('comment of a member')}".encode()
                extra = p("extra field").encode()
                info.extra = b"\x01\xaf" + len(extra).to_bytes(2, "little") + extra
            xml = isinstance(part, str) and part.startswith("<") and name.endswith(("xml", "rels"))
            archive.writestr(info, (_HEAD + str(part)) if xml else part)
        archive.comment = f"电话{p('comment of the archive')}".encode()
    return out.getvalue(), p.values


def places_left(data: bytes, values: dict[str, str]) -> list[str]:
    """Places whose number is still somewhere: in the raw bytes, a member, a nested member."""
    blobs, at = [data], 0
    while at < len(blobs):
        blob = blobs[at]
        at += 1
        if b"PK\5\6" in blob:
            with zipfile.ZipFile(io.BytesIO(blob)) as archive:
                blobs += [archive.read(each) for each in archive.infolist()]
    whole = b"\n".join([*blobs, *(b.replace(b"\0", b"") for b in blobs)]).decode("utf-8", "replace")
    plain = "".join(
        piece if n % 2 == 0 else chr(int(piece)) for n, piece in enumerate(_references(whole))
    )
    joined = _TAGS.sub("", plain)
    return [place for place, value in values.items() if value in plain or value in joined]
