"""Segments: lines of each encoding are read once, holes have no text, other bytes are listed."""

import io
import random

import pytest

from piiscan.sources.encoding.decoder import read_pieces
from piiscan.sources.encoding.detector import EncodingGuess, guess_encoding
from piiscan.sources.encoding.plausibility import decodes
from piiscan.sources.encoding.segments import BINARY, HOLE, TEXT, find_segments
from piiscan.sources.encoding.wide_spans import wide_spans

CHARS = "的一是不了在人有我他这中大来上海张伟李娜省市区县路号栋淼犇赟"


def line(rng: random.Random) -> str:
    """A line as in a dump, with 上 (a line end and a byte in UTF-16) among its characters."""
    name, place = ("".join(rng.choices(CHARS, k=rng.randint(2, n))) for n in (4, 30))
    return f"{name},1{rng.randrange(10**10):010d},{place}{rng.randrange(99)}号\n"


def text_of(data: bytes, guess: EncodingGuess, size: int = 1 << 20) -> str:
    return b"".join(
        p.text.tobytes() for p in read_pieces(io.BytesIO(data), guess, size=size)
    ).decode()


@pytest.mark.parametrize("wide", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("narrow", ["utf-8", "gb18030"])
def test_lines_in_turn_are_read_whatever_their_encoding(narrow: str, wide: str) -> None:
    wrong = 0
    for seed in range(12):
        rng = random.Random(seed)
        parts = [
            (("".join(line(rng) for _ in range(rng.choice([1, 2, 5, 30])))), (narrow, wide)[n % 2])
            for n in range(rng.randint(2, 5))
        ]
        data = b"".join(text.encode(encoding) for text, encoding in parts)
        guess = guess_encoding(data)
        assert guess is not None
        wrong += text_of(data, guess) != "".join(text for text, _ in parts)
    assert wrong == 0


def test_pieces_end_between_lines_of_wide_text() -> None:
    rng = random.Random(3)
    lines = [line(rng) for _ in range(60)]
    data = "".join(lines[:20]).encode() + "".join(lines[20:40]).encode("utf-16-le")
    data += "".join(lines[40:]).encode()
    assert text_of(data, EncodingGuess("utf-8"), size=1500) == "".join(lines)


def test_a_hole_ends_a_line_and_has_no_text() -> None:
    data = "张三,1\n".encode() + bytes(5000) + "李四,2".encode() + bytes(3000) + "王五,3\n".encode()
    kinds = [each.kind for each in find_segments(data)]
    assert kinds == [TEXT, HOLE, TEXT, HOLE, TEXT]
    assert text_of(data, EncodingGuess("utf-8")) == "张三,1\n李四,2\n王五,3\n"
    (piece,) = read_pieces(io.BytesIO(data), EncodingGuess("utf-8"))
    at = piece.text.tobytes().find("王五".encode())
    assert piece.byte_offsets is not None
    assert piece.byte_offsets[at] == data.find("王五".encode())


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_bytes_that_are_no_text_are_left_out_and_listed(codec: str) -> None:
    rng = random.Random(1)
    texts = ["".join(line(rng) for _ in range(40)).encode(codec) for _ in range(2)]
    data = texts[0] + b"\xff\xd8\xff\xe0\0" + rng.randbytes(3000) + b"\0\n" + texts[1]
    segments = find_segments(data)
    assert [each.kind for each in segments] == [TEXT, BINARY, TEXT]
    assert segments[0].end == len(texts[0])
    assert data[segments[2].start :].lstrip() == texts[1]
    (piece,) = read_pieces(io.BytesIO(data), EncodingGuess(codec))
    assert [each.skipped for each in piece.warnings] == [(segments[1].start, segments[1].end)]


def test_text_with_separators_that_are_control_characters_is_text() -> None:
    hive = "张三\x0113800138000\x01长沙\x02岳麓\x03a\0\n".encode() * 200 + b"\xff\n"
    assert [each.kind for each in find_segments(hive)] == [TEXT]
    assert wide_spans(b"a\0field\0another\0\n" * 50) == []
    assert decodes(b"abc", "utf-8")
