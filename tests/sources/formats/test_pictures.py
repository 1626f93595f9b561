"""Pictures: recognised lines in reading order, barcodes, masks of WeChat, what is no picture."""

import ctypes
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw, ImageFont

import piiscan
from piiscan.sources.block import Trouble
from piiscan.sources.drawing import Drawing
from piiscan.sources.pictures import frames
from piiscan.sources.pictures.picture_text import PictureText, join_lines, read_picture
from piiscan.sources.read import draw_part
from tests.case.dump import scan_dump
from tests.sources.drawn import barcode, encoded, picture
from tests.sources.tables import CSV, Source, read_all, read_members, read_reasons, reasons, zipped

LINES = ("Receiver Zhang Wei", "Tel 13900000008", "ID 430104190506150016")


SHOWN = [line.replace(" ", "") for line in LINES]
PHONE, OTHER = picture(["Tel 13900000008"]), picture(["Tel 13800138000"])


def behind_picture(name: str, data: bytes, text: str = "") -> bytes:
    """A picture, of a text or an empty one, and an archive of one file behind it."""
    shown = picture([text]) if text else Image.new("RGB", (8, 8), "white")
    return encoded(shown, "PNG") + zipped({name: data})


#: Packer and seed of the fuzzer.
FUZZ_PACKERS = {"picture with a file behind it": ("png", behind_picture)}
FUZZ_SEEDS = {
    "behind.png": lambda numbers: behind_picture(
        "a.csv", "\n".join(["手机号", *numbers]).encode(), f"Tel {numbers[0]}"
    )
}


def series(kind: str, *pages: Image.Image) -> bytes:
    """A picture of several frames, or a document of pages."""
    first, *more = (page.copy() for page in pages)  # saving leaves its mark on a picture
    return encoded(first, kind, save_all=True, append_images=more)


def read_lines(source: Source, name: str = "a") -> tuple[dict[str, list[str]], list[str]]:
    """Recognised lines of each table, without blanks, and the reasons of all troubles."""
    rows, troubles = read_members(source, name)
    lines = {
        member.replace("#OCR text", "").replace(" OCR text", ""): [
            "".join(cell or "" for cell in row).replace(" ", "") for row in found
        ]
        for member, found in rows.items()
    }
    return lines, reasons(troubles)


def drawn_lines(found: Drawing | PictureText | None) -> list[str]:
    assert found is not None
    return [line.text.replace(" ", "") for line in found.lines]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP", "GIF"])
def test_a_picture_of_any_kind_is_lines(kind: str) -> None:
    assert read_lines(encoded(picture(LINES), kind)) == ({"": SHOWN}, [])


@pytest.mark.parametrize(
    ("kind", "behind", "member"),
    [
        ("PNG", CSV, "appended"),
        ("JPEG", zipped({"a.csv": CSV}), "appended!a.csv"),
        ("GIF", zipped({"a.csv": CSV, "b.csv": CSV * 9})[:-150], "appended!a.csv"),  # cut off
    ],
)
def test_a_file_behind_a_picture_is_read(kind: str, behind: bytes, member: str) -> None:
    lines, troubles = read_lines(encoded(PHONE, kind) + behind)
    assert lines["picture"] == ["Tel13900000008"]
    assert lines[member] == read_lines(CSV)[0][""]
    assert bool(troubles) == (kind == "GIF")


def test_frames_are_read_once_each() -> None:
    frames = {"": ["Tel13900000008"], "#frame 2": ["Tel13800138000"]}
    assert read_lines(series("TIFF", PHONE, PHONE, OTHER)) == (frames, [])


@pytest.mark.parametrize(
    ("text", "kind", "column"),
    [
        ("SF1234567890123", "Code128", 2),
        ("6901234567892", "EAN13", 1),
        ("https://example.com/13900000008", "QRCode", 1),
    ],
)
def test_barcodes_that_are_none_of_goods_may_be_waybills(text: str, kind: str, column: int) -> None:
    (row,) = read_members(encoded(barcode(text, kind)))[0]["#OCR barcodes"]
    assert row[column] == text
    assert sum(cell is not None for cell in row) == 2


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_picture_is_read_in_order_and_its_boxes_lie_in_it(angle: int) -> None:
    lines = ("Tel 13900000008", "Zhang Wei", "ID 430104")
    pixels = np.asarray(picture(lines, width=260).rotate(angle, expand=True), np.uint8)
    found = read_picture(pixels)
    assert drawn_lines(found) == [line.replace(" ", "") for line in lines]
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
    rows = piiscan.count(case, key=case.key).tables()["ladder"]
    steps = {(row["scope_kind"], row["scope"]): row for row in rows if row["step"] == "R1"}
    assert steps["total", "total"]["count"] == 0
    assert steps["layer", "ocr"]["unconfirmed"] > 0


@pytest.mark.parametrize("mask", [0x5A, 0xFF, 0x01])
def test_a_picture_that_wechat_masks_is_read(mask: int) -> None:
    data = bytes(each ^ mask for each in encoded(PHONE, "JPEG"))
    assert read_lines(data, "0f1e.dat")[0] == {"picture": ["Tel13900000008"]}


def test_what_has_no_text_or_is_no_picture_is_listed() -> None:
    thin = picture([""], width=3000).crop((0, 0, 3000, 2))
    for name, data, reason in (
        ("white.png", encoded(picture(["", ""])), "NO_TEXT_IN_PICTURE"),
        ("thin.png", encoded(thin), "NO_TEXT_IN_PICTURE"),
        ("head.png", encoded(picture(LINES))[:20], "CORRUPT"),
        ("random.jpg", b"\xff\xd8\xff" + bytes(range(256)) * 9, "CORRUPT"),
        ("aes.dat", b"\x07\x08V2\x08\x07" + bytes(100), "ENCRYPTED"),
        ("wide.png", encoded(Image.new("1", (70000, 3000))), "MEMBER_TOO_LARGE"),
    ):
        assert read_reasons(data, name) == [reason], name


def test_the_rest_of_a_broken_picture_is_read() -> None:
    lines, _ = read_lines(encoded(picture([*LINES, "", "", ""]), "BMP")[:-20000])
    assert lines[""]
    assert set(lines[""]) <= set(SHOWN)


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
    assert read_members(encoded(screen))[0]["#OCR text messages"] == [
        [None, "我", "Wei", "Tel?"],
        [None, "Wei", "Wei", "13900000008"],
        [None, "我", "Wei", "Thanks"],
    ]


def test_surveys_only_name_pictures() -> None:
    tables, troubles = read_all(encoded(picture(LINES)), peek=True)
    assert (tables, reasons(troubles)) == ([], ["READ_BY_SCAN"])


def test_scanned_pages_of_a_pdf_are_read() -> None:
    data = series("PDF", picture(LINES), OTHER)
    assert read_lines(data) == ({"#page 1": SHOWN, "#page 2": ["Tel13800138000"]}, [])
    assert read_reasons(data, peek=True) == ["READ_BY_SCAN"]


def test_pictures_on_pages_with_a_text_are_read_once_each(tmp_path: Path) -> None:
    made = pdfium.PdfDocument.new()
    for pictures in ((PHONE, OTHER), (PHONE,)):
        page = made.new_page(600, 800)
        for at, each in enumerate(pictures):
            shown = pdfium.PdfImage.new(made)
            shown.set_bitmap(pdfium.PdfBitmap.from_pil(each))
            shown.set_matrix(pdfium.PdfMatrix().scale(520, 60).translate(20, 20 + 100 * at))
            page.insert_obj(shown)
        text = pdfium.raw.FPDFPageObj_NewTextObj(made, b"Helvetica", 12)
        wide = ctypes.create_string_buffer("Page of a letter\0".encode("utf-16-le"))
        pdfium.raw.FPDFText_SetText(text, ctypes.cast(wide, pdfium.raw.FPDF_WIDESTRING))
        pdfium.raw.FPDFPage_InsertObject(page, text)
        page.gen_content()
    path = tmp_path / "a.pdf"
    made.save(path)
    lines, troubles = read_lines(path)
    assert {member: found for member, found in lines.items() if "picture" in member} == {
        "#page 1 picture 1": ["Tel13900000008"],
        "#page 1 picture 2": ["Tel13800138000"],
    }
    assert troubles == []
    assert drawn_lines(draw_part(path, "#page 1 picture 2 OCR text")) == ["Tel13800138000"]


def test_frames_beyond_the_limit_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_FRAMES", 1)
    _, trouble = frames.read_frames(series("TIFF", PHONE, OTHER))
    assert trouble == Trouble("", "MEMBER_TOO_LARGE", "frames from 2 on")


def test_a_picture_that_breaks_off_is_read_and_listed() -> None:
    assert "PICTURE_CUT_OFF" in read_reasons(encoded(picture([*LINES, *LINES]))[:-1500])


def test_only_the_picture_and_the_page_that_are_asked_for_are_recognised() -> None:
    pages = [picture([f"Tel 1380013800{number}"]) for number in range(3)]
    members = {
        "0.png": encoded(pages[0]),
        "1.png": encoded(pages[1]),
        "2.pdf": series("PDF", *pages),
    }
    for wanted in ("1.png#OCR text", "2.pdf#page 2 OCR text"):
        rows, _ = read_members(zipped(members), wanted=frozenset([wanted]))
        assert list(rows) == [wanted]


def test_the_picture_on_which_a_text_stands_is_drawn_with_its_lines(tmp_path: Path) -> None:
    path, cut = tmp_path / "a.zip", tmp_path / "cut.png"
    path.write_bytes(zipped({"a.png": encoded(picture(LINES)), "b.txt": "13800138000"}))
    found = draw_part(path, "a.png#OCR text")
    assert drawn_lines(found) == SHOWN
    assert found is not None
    assert found.pixels.shape == (140, 520, 3)
    cut.write_bytes(encoded(picture(LINES))[:-40])
    assert draw_part(cut, "#OCR text") is not None
    assert draw_part(cut, "#frame 2 OCR text") is None
    assert draw_part(path, "b.txt#page 1") is None
    assert draw_part(path, "c.png#OCR text") is None
