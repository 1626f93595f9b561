"""Pictures: recognised lines in reading order, barcodes, masks of WeChat, what is no picture."""

from __future__ import annotations

import ctypes
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw, ImageFont

from piiscan.case.count.count import count
from piiscan.sources.block import Table, Trouble
from piiscan.sources.pictures import frames
from piiscan.sources.pictures.picture_text import join_lines, read_picture
from piiscan.sources.read import draw_part, open_tables
from tests.case.dump import scan_dump
from tests.sources.drawn import barcode, encoded, picture
from tests.sources.tables import Source, read_all, read_members, read_reasons, reasons

LINES = ("Receiver Zhang Wei", "Tel 13900000008", "ID 430104190506150016")


def texts(source: Source, name: str = "a") -> dict[str, list[list[str | None]]]:
    """Member -> rows of cells of each table of a file."""
    return read_members(source, name)[0]


def without_blanks(rows: list[list[str | None]]) -> list[str]:
    return ["".join(cell or "" for cell in row).replace(" ", "") for row in rows]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.png", "PNG"), ("b.jpg", "JPEG"), ("c.bmp", "BMP"), ("d.webp", "WEBP"), ("e.gif", "GIF")],
)
def test_a_picture_of_any_kind_is_lines(name: str, kind: str) -> None:
    assert without_blanks(texts(encoded(picture(LINES), kind), name)["#OCR text"]) == [
        line.replace(" ", "") for line in LINES
    ]


def test_frames_are_read_once_each() -> None:
    pages = [picture([f"Tel {number}"]) for number in (13900000008, 13900000008, 13800138000)]
    found = texts(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert without_blanks(found["#OCR text"]) == ["Tel13900000008"]
    assert without_blanks(found["#frame 2 OCR text"]) == ["Tel13800138000"]
    assert len(found) == 2


def test_barcodes_that_are_none_of_goods_may_be_waybills() -> None:
    for name, text, kind, column in (
        ("waybill.png", "SF1234567890123", "Code128", 2),
        ("goods.png", "6901234567892", "EAN13", 1),
        ("address.png", "https://example.com/13900000008", "QRCode", 1),
    ):
        (row,) = texts(encoded(barcode(text, kind)), name)["#OCR barcodes"]
        assert row[column] == text
        assert sum(cell is not None for cell in row) == 2


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_picture_is_read_in_order_and_its_boxes_lie_in_it(angle: int) -> None:
    lines = ("Tel 13900000008", "Zhang Wei", "ID 430104")
    pixels = np.asarray(picture(lines, width=260).rotate(angle, expand=True), np.uint8)
    found = read_picture(pixels)
    assert [line.text.replace(" ", "") for line in found.lines] == [
        line.replace(" ", "") for line in lines
    ]
    for line in found.lines:
        left, top, right, bottom = line.box
        inside = pixels[max(top, 0) : bottom, max(left, 0) : right]
        assert (right - left < bottom - top) == (angle != 180)
        assert inside.min() < 100


def test_pieces_of_a_slanting_line_are_one_line() -> None:
    angle = np.radians(8)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    boxes = [
        [[x, y], [x + 80, y], [x + 80, y + 20], [x, y + 20]] for y in (0, 40) for x in (200, 0, 400)
    ]
    names = ["b", "a", "c", "e", "d", "f"]
    lines = join_lines(np.array(boxes, float) @ turn, names, [1.0] * 6)
    assert [line.text for line in lines] == ["a  b  c", "d  e  f"]


def test_findings_of_a_picture_are_no_part_of_the_totals_until_confirmed(tmp_path: Path) -> None:
    dump = tmp_path / "dump"
    dump.mkdir()
    (dump / "a.png").write_bytes(encoded(picture(LINES)))
    case = scan_dump([dump], tmp_path / "case")
    entities = set(case.findings()["entity"].to_pylist())
    assert {"CN_MOBILE", "CN_RESIDENT_ID"} <= entities
    rows = count(case, key=case.key).tables()["ladder"]
    steps = {(row["scope_kind"], row["scope"]): row for row in rows if row["step"] == "R1"}
    assert steps["total", "total"]["count"] == 0
    assert steps["layer", "ocr"]["unconfirmed"] > 0


@pytest.mark.parametrize("mask", [0x5A, 0xFF, 0x01])
def test_a_picture_that_wechat_masks_is_read(mask: int) -> None:
    data = encoded(picture(["Tel 13900000008"]), "JPEG")
    assert without_blanks(
        texts(bytes(each ^ mask for each in data), "0f1e.dat")["picture#OCR text"]
    ) == ["Tel13900000008"]


def test_what_has_no_text_or_is_no_picture_is_listed() -> None:
    whole = encoded(picture(LINES))
    for name, data, reason in (
        ("white.png", encoded(picture(["", ""])), "NO_TEXT_IN_PICTURE"),
        (
            "thin.png",
            encoded(picture([""], width=3000).crop((0, 0, 3000, 2))),
            "NO_TEXT_IN_PICTURE",
        ),
        ("head.png", whole[:20], "CORRUPT"),
        ("random.jpg", b"\xff\xd8\xff" + bytes(range(256)) * 9, "CORRUPT"),
        ("aes.dat", b"\x07\x08V2\x08\x07" + bytes(100), "ENCRYPTED"),
        ("wide.png", encoded(Image.new("1", (70000, 3000))), "MEMBER_TOO_LARGE"),
    ):
        assert read_reasons(data, name) == [reason], name


def test_the_rest_of_a_broken_picture_is_read() -> None:
    found = without_blanks(
        texts(encoded(picture([*LINES, "", "", ""]), "BMP")[:-20000])["#OCR text"]
    )
    assert set(found) <= {line.replace(" ", "") for line in LINES}
    assert found


def test_a_screenshot_of_a_chat_is_a_table_of_messages() -> None:
    screen = Image.new("RGB", (360, 380), (237, 237, 237))
    pen, font = ImageDraw.Draw(screen), ImageFont.load_default(22)
    pen.text((155, 20), "Wei", "black", font=font)
    for top, text, own in ((80, "Tel?", True), (160, "13900000008", False), (240, "Thanks", True)):
        width = int(pen.textlength(text, font=font)) + 28
        left = 360 - 60 - width if own else 60
        colour = (149, 236, 105) if own else "white"
        pen.rounded_rectangle((left, top, left + width, top + 48), 6, fill=colour)
        pen.text((left + 14, top + 10), text, "black", font=font)
    assert texts(encoded(screen))["#OCR text messages"] == [
        [None, "我", "Wei", "Tel?"],
        [None, "Wei", "Wei", "13900000008"],
        [None, "我", "Wei", "Thanks"],
    ]


def test_surveys_only_name_pictures() -> None:
    tables, troubles = read_all(encoded(picture(LINES)), peek=True)
    assert (tables, reasons(troubles)) == ([], ["READ_BY_SCAN"])


def test_scanned_pages_of_a_pdf_are_read() -> None:
    pages = [picture(LINES), picture(["Tel 13800138000"])]
    data = encoded(pages[0], "PDF", save_all=True, append_images=pages[1:])
    found = texts(data)
    assert without_blanks(found["#page 1 OCR text"]) == [line.replace(" ", "") for line in LINES]
    assert without_blanks(found["#page 2 OCR text"]) == ["Tel13800138000"]
    assert read_reasons(data) == []
    assert read_reasons(data, peek=True) == ["READ_BY_SCAN"]


def test_pictures_on_pages_with_a_text_are_read_once_each(tmp_path: Path) -> None:
    made = pdfium.PdfDocument.new()
    for numbers in (("13900000008", "13800138000"), ("13900000008",)):
        page = made.new_page(600, 800)
        for at, number in enumerate(numbers):
            shown = pdfium.PdfImage.new(made)
            shown.set_bitmap(pdfium.PdfBitmap.from_pil(picture([f"Tel {number}"])))
            shown.set_matrix(pdfium.PdfMatrix().scale(520, 60).translate(20, 20 + 100 * at))
            page.insert_obj(shown)
        text = pdfium.raw.FPDFPageObj_NewTextObj(made, b"Helvetica", 12)
        wide = ctypes.create_string_buffer("Page of a letter\0".encode("utf-16-le"))
        pdfium.raw.FPDFText_SetText(text, ctypes.cast(wide, pdfium.raw.FPDF_WIDESTRING))
        pdfium.raw.FPDFPage_InsertObject(page, text)
        page.gen_content()
    path = tmp_path / "a.pdf"
    made.save(path)
    found = texts(path)
    assert without_blanks(found["#page 1 picture 1 OCR text"]) == ["Tel13900000008"]
    assert without_blanks(found["#page 1 picture 2 OCR text"]) == ["Tel13800138000"]
    drawn = draw_part(path, "#page 1 picture 2 OCR text")
    assert drawn is not None
    assert drawn.lines[0].text.replace(" ", "") == "Tel13800138000"
    assert [name for name in found if "OCR" in name and "page 2" in name] == []
    assert read_reasons(path) == []


def test_frames_beyond_the_limit_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_FRAMES", 1)
    pages = [picture(["Tel 13900000008"]), picture(["Tel 13800138000"])]
    found = list(
        frames.read_frames(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    )
    assert len(found) == 2
    assert found[1] == Trouble("", "MEMBER_TOO_LARGE", "frames from 2 on")


def test_a_picture_that_breaks_off_is_read_and_listed() -> None:
    assert "PICTURE_CUT_OFF" in read_reasons(encoded(picture([*LINES, *LINES]))[:-1500])


def test_only_the_picture_and_the_page_that_are_asked_for_are_recognised(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    pages = [picture([f"Tel 1380013800{number}"]) for number in range(3)]
    with ZipFile(path, "w") as archive:
        archive.writestr("0.png", encoded(pages[0]))
        archive.writestr("1.png", encoded(pages[1]))
        archive.writestr("2.pdf", encoded(pages[0], "PDF", save_all=True, append_images=pages[1:]))
    for wanted in ("1.png#OCR text", "2.pdf#page 2 OCR text"):
        items = open_tables(path, count_names=lambda _: 0, wanted=frozenset([wanted]))
        assert [each.member for each in items if isinstance(each, Table)] == [wanted]


def test_the_picture_on_which_a_text_stands_is_drawn_with_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("a.png", encoded(picture(LINES)))
        archive.writestr("b.txt", "13800138000")
    found = draw_part(path, "a.png#OCR text")
    assert found is not None
    assert [line.text.replace(" ", "") for line in found.lines] == [
        line.replace(" ", "") for line in LINES
    ]
    assert found.pixels.shape == (140, 520, 3)
    cut = tmp_path / "cut.png"
    cut.write_bytes(encoded(picture(LINES))[:-40])
    assert draw_part(cut, "#OCR text") is not None
    assert draw_part(cut, "#frame 2 OCR text") is None
    assert draw_part(path, "b.txt#page 1") is None
    assert draw_part(path, "c.png#OCR text") is None
