"""Templates of documents (数据统计说明, 检查笔录, 检验报告), built from words in both languages.

A document has parts on A4 and, on landscape pages, lists of electronic data (电子数据清单). The
words are in statement_template.toml. Offices replace the templates by their own; these show the
available placeholders. Nothing in the files is compressed, so that equal words give equal bytes
everywhere.
"""

from __future__ import annotations

import io
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

_HERE: Final = Path(__file__)

_W: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE: Final = "application/vnd.openxmlformats-"
#: Further parts of the document: file name -> relationship and content type.
_PARTS: Final = {"styles": "styles", "fontTable": "fontTable", "footer1": "footer"}
#: Fonts of official documents and the substitutes for each.
_FONTS: Final = {
    "仿宋": "FangSong;仿宋_GB2312;STFangsong;Noto Serif CJK SC;SimSun",
    "宋体": "SimSun;STSong;Noto Serif CJK SC",
    "黑体": "SimHei;STHeiti;Noto Sans CJK SC",
}
#: Width and height of A4, in twentieths of a point.
_WIDTH, _HEIGHT = 11906, 16838
_CENTRE: Final = '<w:jc w:val="center"/>'
_TIGHT: Final = '<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/>'
_LOOSE: Final = '<w:keepNext/><w:spacing w:line="340" w:lineRule="atLeast"/>'
#: Style -> name, font, size in half points, further run properties, paragraph properties.
_STYLES: Final = {
    "Normal": ("Normal", "仿宋", 28, "", '<w:spacing w:line="480" w:lineRule="atLeast"/>'),
    "Title": ("Title", "黑体", 40, "<w:b/>", f'<w:spacing w:before="120" w:after="240"/>{_CENTRE}'),
    "Heading1": (
        "heading 1", "黑体", 30, "",
        '<w:keepNext/><w:spacing w:before="180" w:after="60"/><w:outlineLvl w:val="0"/>',
    ),
    "Text": ("Body Text", "仿宋", 28, "", '<w:ind w:firstLine="560"/>'),
    # A checksum has 64 characters: in the size of body text it is wider than the page.
    "Annex": ("Annex", "仿宋", 21, "", _LOOSE + '<w:ind w:left="560" w:hanging="280"/>'),
    "Cell": ("Table Text", "宋体", 21, "", _TIGHT),
    "Number": ("Table Number", "宋体", 21, "", _TIGHT + '<w:jc w:val="right"/>'),
    "Dense": ("Table Dense", "宋体", 18, "", _TIGHT),
    "DenseNumber": ("Table Dense Number", "宋体", 18, "", _TIGHT + '<w:jc w:val="right"/>'),
    "Small": ("Table Small", "宋体", 16, "", _TIGHT),
    "Caption": ("caption", "黑体", 22, "", f"<w:keepNext/>{_TIGHT}"),
    "CellHead": ("Table Heading", "黑体", 20, "", _TIGHT + _CENTRE),
    "Signed": ("Signature", "仿宋", 28, "", '<w:keepNext/><w:jc w:val="right"/>'),
    "Footer": ("footer", "宋体", 18, "", _CENTRE),
}  # fmt: skip
#: Column widths of tables with columns of their own, in twentieths of a point.
_WIDTHS: Final = {
    "material": (700, 1300, 3300, 1200, 1000, 1500, 3050, 3050),
    "by_suspect": (1450, 1050, 1150, 1050, 4100),
}
_STYLE_OF: Final = {"by_suspect": "Dense"}
#: Style of a cell -> style of a number beside it.
_NUMBER_STYLES: Final = {"Cell": "Number", "Dense": "DenseNumber"}
_FACT_WIDTHS: Final = (2300, 6500)
#: Most columns of a table in the size of body text.
_MOST_WIDE_COLUMNS: Final = 6
#: Width of all other tables, least width of their first column, most of each number behind it.
_TABLE_WIDTH: Final = 8800
_FIRST_WIDTH: Final = 3000
_NARROW_WIDTH: Final = 1500
_NUMBER_WIDTH: Final = 2200


@dataclass(frozen=True, slots=True)
class TemplateTable:
    """Table of a template: title, headings, rows of cells, and numbers of the numeric columns.

    A table of facts has no headings: the first cell of each row names the second. ``listed``: True
    if ``@*`` shows the table.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()
    listed: bool = False


def make_template(
    language: str, tables: Mapping[str, TemplateTable], document: str = "statement"
) -> bytes:
    """Build the template (.docx) of ``document`` in ``language`` from statement_template.toml.

    ``tables``: row group -> its table; a table that stands in the .toml file has the words from
    there.
    """
    all_words = tomllib.loads(_HERE.with_suffix(".toml").read_text("utf-8"))
    words = all_words[language]
    fixed_tables = {n: TemplateTable("", *rows) for n, rows in _fixed_rows(words)}
    parts_of = [words[name] for name in all_words["documents"][document]]
    kinds = {f"rId{n}": (kind, f"{name}.xml") for n, (name, kind) in enumerate(_PARTS.items(), 1)}
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations({"rId1": ("officeDocument", "word/document.xml")}),
        "word/_rels/document.xml.rels": _relations(kinds),
        "word/document.xml": _document(parts_of, {**tables, **fixed_tables}),
        "word/styles.xml": _styles(),
        "word/fontTable.xml": _font_table(),
        "word/footer1.xml": _footer(words["page"]),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as file:
        for name, text in parts.items():
            file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), _HEAD + text)
    return content.getvalue()


def _fixed_rows(
    words: Mapping[str, Any],
) -> Iterator[tuple[str, tuple[list[str], list[list[str]]]]]:
    """Yield (name, (headings, rows)) for each table of the .toml file; facts have no headings."""
    for name, rows in words["tables"].items():
        headed = name == "material"
        yield name, (rows[0] if headed else [], rows[headed:])


def _content_types() -> str:
    """Return the XML of ``[Content_Types].xml``."""
    kinds = {"document": "document.main", **_PARTS}
    parts = "".join(
        f'<Override PartName="/word/{name}.xml"'
        f' ContentType="{_TYPE}officedocument.wordprocessingml.{kind}+xml"/>'
        for name, kind in kinds.items()
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{_TYPE}package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{parts}</Types>'
    )


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    """Return the XML of a relationships part; ``targets``: id -> (kind, target)."""
    entries = "".join(
        f'<Relationship Id="{key}" Type="{_R}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


def _run_properties(font: str, size: int | None, properties: str = "") -> str:
    """Return the XML of run properties: font, size in half points, further ``properties``."""
    latin = "".join(f' w:{each}="Times New Roman"' for each in ("ascii", "hAnsi", "cs"))
    size_tag = f'<w:sz w:val="{size}"/>' if size else ""
    return f'<w:rPr><w:rFonts{latin} w:eastAsia="{font}"/>{properties}{size_tag}</w:rPr>'


def _styles() -> str:
    """Return the XML of ``word/styles.xml``."""
    styles = ""
    for key, (name, font, size, more, paragraph) in _STYLES.items():
        usual = ' w:default="1"' if key == "Normal" else ""
        basis = "" if usual else '<w:basedOn w:val="Normal"/>'
        styles += (
            f'<w:style w:type="paragraph"{usual} w:styleId="{key}"><w:name w:val="{name}"/>{basis}'
            f"<w:qFormat/><w:pPr>{paragraph}</w:pPr>{_run_properties(font, size, more)}</w:style>"
        )
    defaults = (
        f"<w:docDefaults><w:rPrDefault>{_run_properties('仿宋', None)}"
        "</w:rPrDefault></w:docDefaults>"
    )
    return f"<w:styles {_W}>{defaults}{styles}</w:styles>"


def _font_table() -> str:
    """Return the XML of ``word/fontTable.xml``."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in _FONTS.items()
    )
    return f"<w:fonts {_W}>{fonts}</w:fonts>"


def _paragraph(text: str, style: str) -> str:
    """Return the XML of a paragraph with one run."""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>'
        f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
    )


def _footer(words: Sequence[str]) -> str:
    """Return the XML of the footer: ``words`` around page number and number of pages."""
    runs = ""
    for word, name in zip(words, ("PAGE", "NUMPAGES", None), strict=True):
        runs += f'<w:r><w:t xml:space="preserve">{word}</w:t></w:r>'
        if name:
            runs += f'<w:fldSimple w:instr=" {name} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    return f'<w:ftr {_W}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>{runs}</w:p></w:ftr>'


def _table(name: str, table: TemplateTable) -> str:
    """Return the XML of a table with borders; its headings are repeated on every page."""
    widths = _WIDTHS.get(name) or _column_widths(len(table.headings), facts=not table.headings)
    style = "Small" if len(widths) > _MOST_WIDE_COLUMNS else _STYLE_OF.get(name, "Cell")
    edges = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="808080"/>'
        for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    table_rows = ""
    for number, cells in enumerate([table.headings, *table.rows] if table.headings else table.rows):
        first = bool(table.headings) and number == 0
        table_rows += f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if first else ''}</w:trPr>"
        for column, (width, text) in enumerate(zip(widths, cells, strict=True)):
            cell_style = _NUMBER_STYLES.get(style, style) if column in table.numeric else style
            table_rows += f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
            table_rows += f"{_paragraph(text, 'CellHead' if first else cell_style)}</w:tc>"
        table_rows += "</w:tr>"
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>{_CENTRE}'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{table_rows}</w:tbl>"
    )


def _column_widths(count: int, *, facts: bool = False) -> tuple[int, ...]:
    """Return the widths of a table, its first column wider: ``3 -> 4400, 2200, 2200``."""
    if facts:
        return _FACT_WIDTHS
    first = max(
        _FIRST_WIDTH if count < 6 else _NARROW_WIDTH, _TABLE_WIDTH - _NUMBER_WIDTH * (count - 1)
    )
    return (first, *(((_TABLE_WIDTH - first) // (count - 1),) * (count - 1) if count > 1 else ()))


def _section(*, landscape: bool) -> str:
    """Return the XML of a section: page size, margins, footer; ``landscape`` turns the page."""
    wide, high, side = (_HEIGHT, _WIDTH, 850) if landscape else (_WIDTH, _HEIGHT, 1531)
    turned = ' w:orient="landscape"' if landscape else ""
    footer = next(f"rId{n}" for n, name in enumerate(_PARTS, 1) if name == "footer1")
    return (
        f'<w:sectPr><w:footerReference xmlns:r="{_R}" w:type="default" r:id="{footer}"/>'
        f'<w:pgSz w:w="{wide}" w:h="{high}"{turned}/>'
        f'<w:pgMar w:top="1440" w:right="{side}" w:bottom="1304" w:left="{side}"'
        ' w:header="851" w:footer="850" w:gutter="0"/></w:sectPr>'
    )


def _chapter(texts: Sequence[str], tables: Mapping[str, TemplateTable], placed: set[str]) -> str:
    """Return the XML of a chapter: its heading, then paragraphs and tables.

    ``@name`` is a table, ``@*`` every table that is not ``placed``, ``^text`` a line of annexes.
    """
    heading, *body = texts
    xml = _paragraph(heading, "Heading1") if heading else ""
    for text in body:
        if text == "@*":
            others = [name for name in tables if name not in placed and tables[name].listed]
            xml += "".join(
                (
                    _paragraph(tables[name].title, "Caption")
                    + _table(name, tables[name])
                    + _paragraph("", "Cell")
                )
                for name in others
            )
        elif text.startswith("@"):
            xml += _table(text[1:], tables[text[1:]]) + _paragraph("", "Cell")
        else:
            xml += _paragraph(text.removeprefix("^"), "Annex" if text.startswith("^") else "Text")
    return xml


def _part(part: Mapping[str, Any], tables: Mapping[str, TemplateTable]) -> str:
    """Return the XML of a part of a document: title, number, chapters, signatures."""
    placed = {text[1:] for chapter in part["chapters"] for text in chapter if text.startswith("@")}
    placed.add("material")
    return (
        _paragraph(part["title"], "Title")
        + (_paragraph(part["number"], "Cell") if "number" in part else "")
        + "".join(_chapter(chapter, tables, placed) for chapter in part["chapters"])
        + "".join(_paragraph(each, "Signed") for each in part["signed"])
    )


def _document(parts: Sequence[Mapping[str, Any]], tables: Mapping[str, TemplateTable]) -> str:
    """Return the XML of ``word/document.xml``; each part begins on a page of its own."""
    body = ""
    for part in parts:
        section = _section(landscape=part.get("landscape", False))
        last = part is parts[-1]
        body += _part(part, tables) + (section if last else f"<w:p><w:pPr>{section}</w:pPr></w:p>")
    return f"<w:document {_W}><w:body>{body}</w:body></w:document>"
