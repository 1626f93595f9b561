"""Speed of reading documents, mail and pictures beside the library that unpacks or reads them."""

from __future__ import annotations

import base64
import io
import json
import mailbox
import re
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pytest

LINES, PAGES, ON_PAGE, MAILS = 20_000, 200, 40, 2_000
ALONE = "library alone"
_NUMBER = re.compile(r"139[0-9]{8}")


def number(at: int) -> str:
    """Return the mobile number of a line."""
    return f"139{at:08}"


def docx() -> bytes:
    """Return a Word document: paragraphs of two runs each."""
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(
        f"<w:p><w:r><w:t>第{at}行，电话</w:t></w:r><w:r><w:t>{number(at)}</w:t></w:r></w:p>"
        for at in range(LINES)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{name}">{body}</w:document>')
    return out.getvalue()


def pdf() -> bytes:
    """Return a PDF document of many pages of lines."""
    out, places = bytearray(b"%PDF-1.4\n"), list[int]()
    kids = " ".join(f"{4 + 2 * page} 0 R" for page in range(PAGES))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {PAGES}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for page in range(PAGES):
        text = "BT /F 10 Tf 60 800 Td 18 TL\n" + "".join(
            f"(Line {at}, Tel {number(at)}) Tj T*\n"
            for at in range(page * ON_PAGE, (page + 1) * ON_PAGE)
        )
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {5 + 2 * page} 0 R"
            "/Resources<</Font<</F 3 0 R>>>>>>"
        )
        objects.append(f"<</Length {len(text) + 2}>>stream\n{text}ET\nendstream")
    for at, each in enumerate(objects, 1):
        places.append(len(out))
        out += f"{at} 0 obj\n{each}\nendobj\n".encode()
    start = len(out)
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    out += f"xref\n0 {size}\n0000000000 65535 f \n{rows}trailer\n".encode()
    out += f"<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def rtf() -> bytes:
    """Return a rich text of Chinese lines, each with a bold number."""
    head = "".join(f"\\'{byte:02x}" for byte in "第行，电话".encode("gb18030"))
    lines = "".join(f"{head}{{\\b {number(at)}}}\\par\n" for at in range(LINES))
    return f"{{\\rtf1\\ansi\\ansicpg936{{\\fonttbl{{\\f0 x;}}}}\n{lines}}}".encode()


def records() -> list[dict[str, str | int]]:
    """Return records as a service exports them."""
    return [{"姓名": "张伟", "手机": number(at), "城市": "长沙市", "n": at} for at in range(LINES)]


def json_list() -> bytes:
    """Return a JSON document: a list of records."""
    return json.dumps(records(), ensure_ascii=False).encode()


def json_lines() -> bytes:
    """Return a record a line."""
    return "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in records()).encode()


def new_keys() -> bytes:
    """Return JSON lines with a key of its own in each record."""
    return "".join(f'{{"name": "张伟", "k{at}": "{number(at)}"}}\n' for at in range(LINES)).encode()


def mailbox_file() -> bytes:
    """Return a mailbox of short messages in base64."""
    return "".join(
        f"From a@b.cn Mon Jan  1 10:00:00 2024\nFrom: a{at}@b.cn\nTo: b@b.cn\nSubject: {at}\n"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(f"张伟的手机是{number(at)}。\n".encode()).decode()
        + "\n"
        for at in range(MAILS)
    ).encode()


def waybill() -> bytes:
    """Return a drawn waybill of digits and Latin letters, which need no font of the machine."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", (900, 700), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(28)
    for at in range(12):
        pen.line((20, 55 * at + 60, 880, 55 * at + 60), "gray", 2)
        pen.text((40, 55 * at + 20), f"Receiver {at}", "black", font=font)
        pen.text((420, 55 * at + 20), f"Tel {number(at)}", "black", font=font)
    file = io.BytesIO()
    page.save(file, "PNG")
    return file.getvalue()


def expat_alone(data: bytes) -> int:
    """Return the number of characters that expat finds in a Word document."""
    count = 0

    def add(text: str) -> None:
        """Count characters."""
        nonlocal count
        count += len(text)

    parser = expat.ParserCreate()
    parser.CharacterDataHandler = add
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parser.Parse(archive.read("word/document.xml"), True)
    return count


def json_alone(data: bytes) -> int:
    """Return the number of mobile numbers among the values of a JSON document."""
    return sum(_NUMBER.fullmatch(each["手机"]) is not None for each in json.loads(data))


def json_lines_alone(data: bytes) -> int:
    """Return the number of mobile numbers among the values of JSON lines."""
    values = (value for line in data.splitlines() for value in json.loads(line).values())
    return sum(_NUMBER.fullmatch(str(value)) is not None for value in values)


def mailbox_alone(data: bytes) -> int:
    """Return the number of mobile numbers in the bodies of a mailbox."""
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.NamedTemporaryFile())
        file.write(data)
        file.flush()
        box = stack.enter_context(closing(mailbox.mbox(file.name)))
        bodies = (each.get_payload(decode=True) for each in box)
        return sum(len(_NUMBER.findall(bytes(body).decode())) for body in bodies)  # type: ignore[arg-type]


def pdfium_alone(data: bytes) -> int:
    """Return the number of mobile numbers in the texts that pdfium finds on pages."""
    import pypdfium2

    with pypdfium2.PdfDocument(data) as document:
        return sum(len(_NUMBER.findall(page.get_textpage().get_text_range())) for page in document)


def tokens_alone(data: bytes) -> int:
    """Return the number of tokens of a rich text, which no library of piiscan's reads."""
    from piiscan.sources.formats.document.rich_text import TOKEN

    return sum(1 for _ in TOKEN.finditer(data))


def rapidocr_alone(data: bytes) -> int:
    """Return the number of mobile numbers that rapidocr reads."""
    from piiscan.sources.pictures.frames import read_frames
    from piiscan.sources.pictures.picture_text import recognizer

    (pixels,) = read_frames(data)
    found, _ = recognizer().read(pixels, upright=False)
    return len(_NUMBER.findall("\n".join(found.txts)))


def read_numbers(path: Path) -> int:
    """Return the number of mobile numbers in the cells of a file."""
    from piiscan.sources.block import Block, Table
    from piiscan.sources.read import open_tables

    return sum(
        len(_NUMBER.findall("\n".join(filter(None, column.to_pylist()))))
        for table in open_tables(path, count_names=lambda _: 0)
        if isinstance(table, Table)
        for block in table.blocks()
        if isinstance(block, Block)
        for column in block.columns
    )


#: Name -> file, what the library alone does, what it counts, and how many numbers there are.
DOCUMENTS: dict[str, tuple[Callable[[], bytes], Callable[[bytes], int], int | None, int]] = {
    "a.docx": (docx, expat_alone, None, LINES),
    "a.pdf": (pdf, pdfium_alone, PAGES * ON_PAGE, PAGES * ON_PAGE),
    "a.rtf": (rtf, tokens_alone, None, LINES),
    "a.png": (waybill, rapidocr_alone, 12, 12),
    "a.json": (json_list, json_alone, LINES, LINES),
    "a.jsonl": (json_lines, json_lines_alone, LINES, LINES),
    "keys.jsonl": (new_keys, json_lines_alone, LINES, LINES),
    "a.mbox": (mailbox_file, mailbox_alone, MAILS, MAILS),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_read(name: str, measure: Any, one_core: None, tmp_path: Path) -> None:
    make, _, _, planted = DOCUMENTS[name]
    path = tmp_path / name
    path.write_bytes(make())
    found = measure(
        lambda: read_numbers(path),
        corpus=name, way="piiscan read", document_mb=path.stat().st_size / 1e6, rounds=3,
    )  # fmt: skip
    assert found == planted


@pytest.mark.parametrize("name", DOCUMENTS)
def test_library(name: str, measure: Any, one_core: None) -> None:
    make, alone, counted, _ = DOCUMENTS[name]
    data = make()
    found = measure(
        lambda: alone(data), corpus=name, way=ALONE, document_mb=len(data) / 1e6, rounds=3
    )
    assert found == counted if counted is not None else found > LINES
