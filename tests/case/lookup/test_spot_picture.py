"""The line of a value is found on a drawing by its number, else by its text."""

import io

import numpy as np
from PIL import Image

from piiscan.case.lookup.draw import lines_of, painted, png_bytes
from piiscan.sources.drawing import Drawing, DrawnLine

BOX = (10, 10, 50, 20)


def drawing(*lines: str) -> Drawing:
    drawn = tuple(DrawnLine(each, BOX) for each in lines)
    return Drawing(np.full((100, 200, 3), 255, np.uint8), drawn)


def test_equal_lines_are_told_apart_by_their_number() -> None:
    assert lines_of(drawing("a 1", "b", "a 1"), 3, ("a 1",), "1") == [2]
    assert lines_of(drawing("a 1", "b", "a 1"), 7, ("a 1",), "1") == [0, 2]


def test_a_row_of_a_table_and_a_value_over_two_lines_are_found() -> None:
    assert lines_of(drawing("x", "Wei  138", "Li 139"), 1, ("Wei", "138"), "138") == [1]
    address = "Road 1, Town"
    assert lines_of(drawing("x", "Road 1,", "Town", "y"), 9, ("n", address), address) == [1, 2]
    assert lines_of(drawing("x"), 1, ("y",), "z") == []


def test_boxes_at_the_edge_and_beyond_are_painted() -> None:
    made = Drawing(np.zeros((30, 40, 3), np.uint8), (DrawnLine("a", (-5, -5, 60, 60)),))
    assert painted(made, [0], []).shape == (30, 40, 3)
    assert painted(made, [0], None).shape == (30, 40, 3)


def test_a_png_is_read_as_it_was_written() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (7, 5, 3), np.uint8)
    with Image.open(io.BytesIO(png_bytes(pixels))) as opened:
        assert (np.asarray(opened) == pixels).all()


def test_a_large_drawing_is_bounded_and_so_are_its_boxes() -> None:
    large = Drawing(np.zeros((9000, 20, 3), np.uint8), (DrawnLine("a", (0, 8990, 20, 9000)),))
    small = large.bounded()
    assert small.pixels.shape == (3000, 7, 3)
    assert small.lines[0][1] == (0, 2996, 7, 3000)
