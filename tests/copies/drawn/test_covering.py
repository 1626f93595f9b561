"""Values are covered piece by piece, over lines, or with all of the drawing."""

import numpy as np

from piiscan.copies.drawn.covering import cover
from piiscan.sources.drawing import Drawing, DrawnLine


def line(text: str, top: int) -> DrawnLine:
    """A line whose characters are 10 pixels wide and high, but for its blanks."""
    pieces = tuple(
        (at, at + 1, (10 * at + 10, top, 10 * at + 20, top + 10))
        for at, char in enumerate(text)
        if char != " "
    )
    return DrawnLine(text, (10, top, 10 + 10 * len(text), top + 10), pieces)


def black(values: list[str], *lines: DrawnLine, **options: object) -> list[tuple[int, str]]:
    """(number of a line, its characters that are black)."""
    drawing = Drawing(np.full((120, 300, 3), 255, np.uint8), lines, **options)
    pixels = cover(drawing, values).pixels
    found = []
    for number, (text, _, pieces) in enumerate(lines):
        spots = [
            text[start:end]
            for start, end, box in pieces
            if not pixels[box[1] + 5, box[0] + 5].any()
        ]
        found.append((number, "".join(spots)))
    return found


def test_the_characters_of_a_value_are_covered_and_no_others() -> None:
    lines = line("Tel 138 0013", 10), line("fax 138", 40)
    assert black(["1380013"], *lines) == [(0, "1380013"), (1, "")]
    assert black(["138"], *lines) == [(0, "138"), (1, "138")]


def test_a_value_in_two_lines_is_covered_in_both() -> None:
    assert black(["ab cd ef"], line("x abc", 10), line("def y", 40)) == [(0, "abc"), (1, "def")]


def test_the_parts_of_a_value_are_covered_where_they_are_apart() -> None:
    lines = line("abc", 10), line("zz", 40), line("def", 70)
    assert black(["abcdef"], *lines) == [(0, "abc"), (1, ""), (2, "def")]


def test_a_value_that_is_nowhere_covers_all() -> None:
    lines = line("abc", 10), line("zz", 40)
    drawing = Drawing(np.full((120, 300, 3), 255, np.uint8), lines)
    done = cover(drawing, ["abx1"])
    assert done.whole
    assert not done.pixels.any()
    assert drawing.pixels.all()


def test_what_is_unsure_is_covered_and_so_are_lines_without_pieces() -> None:
    lines = line("abc", 10), DrawnLine("def", (10, 40, 40, 50))
    assert black([], *lines, unsure=((10, 10, 40, 20),))[0] == (0, "abc")
    drawing = Drawing(np.full((120, 300, 3), 255, np.uint8), lines)
    pixels = cover(drawing, ["def"]).pixels
    assert not pixels[38:52, 8:42].any()
    assert pixels[:36].all()
