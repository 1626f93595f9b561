"""Pages that are drawn for a copy: characters with their boxes, and what is not read."""

import pypdfium2
import pytest

from piiscan.sources.drawing import Drawing
from piiscan.sources.formats.pdf import page_drawing
from piiscan.sources.formats.pdf.page_text import read_page
from tests.sources.formats.pdf.made import document, lined, shown

SHOWN = "q 100 0 0 50 72 300 cm /P Do Q\n"


@pytest.fixture(autouse=True)
def not_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_drawing, "can_recognise", lambda: False)


def drawn(contents: str, *, has_text: bool = True, **options: object) -> Drawing:
    with pypdfium2.PdfDocument(document([contents], **options)) as made:
        page = made[0]
        found = page_drawing.draw_whole(page, read_page(page), has_text=has_text)
    assert found.found is None
    assert found.drawing is not None
    return found.drawing


def test_each_character_has_the_box_in_which_it_is_drawn() -> None:
    drawing = drawn(lined("Tel 138", "x") + shown("9", 300, 100))
    assert [line.text for line in drawing.lines] == ["Tel 138", "x", "9"]
    assert drawing.unsure == ()
    for line in drawing.lines:
        for start, end, (left, top, right, bottom) in line.pieces:
            assert line.text[start:end].strip()
            assert drawing.pixels[top : bottom + 1, left : right + 1].min() < 128


def test_a_picture_that_is_not_recognised_is_unsure() -> None:
    drawing = drawn(lined("Tel 138") + SHOWN)
    ((left, top, right, bottom),) = drawing.unsure
    assert (drawing.pixels[top + 2 : bottom - 2, left + 2 : right - 2] == 128).all()
    assert right - left == pytest.approx(100 * 200 / 72, abs=3)


def test_a_page_without_a_text_is_unsure_unless_it_is_blank() -> None:
    height, width = drawn("").pixels.shape[:2]
    assert drawn(SHOWN, has_text=False).unsure == ((0, 0, width, height),)
    assert drawn("", has_text=False).unsure == ()


def test_a_picture_inside_of_a_form_makes_all_of_its_page_unsure() -> None:
    form = (
        f"<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</P 5 0 R>>>>"
        f"/Length {len(SHOWN)}>>stream\n{SHOWN}\nendstream"
    )
    data = document([lined("Tel 138") + "/F Do\n"], more=[form])
    data = data.replace(b"<</P 5 0 R>>>>>>", b"<</F 10 0 R>>>>>>")
    with pypdfium2.PdfDocument(data) as made:
        page = made[0]
        found = page_drawing.draw_whole(page, read_page(page), has_text=True).drawing
    assert found is not None
    height, width = found.pixels.shape[:2]
    assert found.unsure == ((0, 0, width, height),)


def test_notes_are_not_drawn() -> None:
    note = "<</Type/Annot/Subtype/Square/Rect[100 100 300 300]/IC[1 0 0]/C[1 0 0]>>"
    plain, noted = drawn(lined("x")), drawn(lined("x"), notes=["10 0 R"], more=[note])
    assert (plain.pixels == noted.pixels).all()
