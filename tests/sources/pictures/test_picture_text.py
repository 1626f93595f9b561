"""Lines and barcodes of a drawing: what is unsure on it, and turned boxes."""

import numpy as np

from piiscan.sources.pictures.picture_text import (
    Barcode,
    PictureText,
    TextLine,
    drawing_of,
    join_lines,
)


def test_doubtful_lines_and_codes_that_nobody_can_read_are_unsure() -> None:
    boxes = [(0, 10 * at, 50, 10 * at + 9) for at in range(6)]
    found = PictureText(
        [TextLine("sure", 0.99, boxes[0]), TextLine("doubtful", 0.5, boxes[1])],
        [
            Barcode(name, "1", box)
            for name, box in zip(("Code128", "QRCode", "EAN13", "UPCA"), boxes[2:], strict=True)
        ],
    )
    drawing = drawing_of(np.zeros((60, 60, 3), np.uint8), found)
    assert drawing.unsure == (boxes[1], boxes[2], boxes[3])
    assert [line.text for line in drawing.lines] == ["sure", "doubtful", "1", "1", "1", "1"]


def test_pieces_of_a_line_have_their_places_and_boxes() -> None:
    corners = [[[x, 0], [x + 40, 0], [x + 40, 20], [x, 20]] for x in (100, 0)]
    (line,) = join_lines(np.array(corners, float), ["138", "张三"], [0.9, 0.8])
    assert (line.text, line.confidence, line.box) == ("张三  138", 0.8, (0, 0, 140, 20))
    assert [(line.text[a:b], box) for a, b, box in line.pieces] == [
        ("张三", (0, 0, 40, 20)),
        ("138", (100, 0, 140, 20)),
    ]
