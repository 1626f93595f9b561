"""Small Word documents, part by part."""

import io
import zipfile

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"


def paragraph(*runs: str) -> str:
    """A paragraph; every second run is bold."""
    bold = "<w:rPr><w:b/></w:rPr>"
    told = (
        f'<w:r>{bold if n % 2 else ""}<w:t xml:space="preserve">{run}</w:t></w:r>'
        for n, run in enumerate(runs)
    )
    return f"<w:p>{''.join(told)}</w:p>"


def table(*rows: tuple[str, ...]) -> str:
    """A table of plain cells."""
    cells = ["".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows]
    return "<w:tbl><w:tblPr/>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def document(
    body: str, *, header: str = "", footnote: str = "", comment: str = "", author: str = "检察员"
) -> bytes:
    """A .docx file."""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    mark = (
        f'<w:comment w:id="1" w:author="{author}" w:initials="x">{paragraph(comment)}</w:comment>'
    )
    note = f'<w:footnote w:id="1">{paragraph(footnote)}</w:footnote>'
    link = '<w:sectPr><w:headerReference w:type="default" r:id="rId1"/></w:sectPr>'
    relations = f'xmlns:r="{_LINKS[:-1]}"'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(
            f'<Override PartName="/word/{name}.xml" ContentType="{_TYPES}{kind}+xml"/>'
            for name, kind in (
                ("document", "document.main"),
                ("header1", "header"),
                ("footnotes", "footnotes"),
                ("comments", "comments"),
            )
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}relationships"><Relationship Id="rId1" '
        f'Type="{_LINKS}officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"<w:document {W} {relations}><w:body>{body}{link}</w:body>"
        "</w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{_LINKS}{kind}" Target="{target}.xml"/>'
            for n, (kind, target) in enumerate(
                (("header", "header1"), ("footnotes", "footnotes"), ("comments", "comments")), 1
            )
        )
        + "</Relationships>",
        "word/header1.xml": f"<w:hdr {W}>{paragraph(header)}</w:hdr>",
        "word/footnotes.xml": f"<w:footnotes {W}>{note}</w:footnotes>",
        "word/comments.xml": f"<w:comments {W}>{mark}</w:comments>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, head + text)
    return out.getvalue()
