"""Text is decoded before it is cut; every byte keeps its place, no line is dropped."""

import io
import random

import numpy as np
import pytest

from piiscan.sources.encoding import decoder
from piiscan.sources.encoding.decoder import Piece, choose_encoding, is_utf8, read_pieces
from piiscan.sources.encoding.detector import CODECS, EncodingGuess

WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
#: GBK trail bytes that are | \ ` and digits of four-byte codes.
TRAPS = "张三|丨乗|亅\\誠,𠮷𠀀,€1,〇\n"


def pieces_of(data: bytes, encoding: str, size: int, bom: int = 0) -> list[Piece]:
    return list(read_pieces(io.BytesIO(data), EncodingGuess(encoding, bom), size=size))


def text_of(pieces: list[Piece]) -> str:
    return b"".join(piece.text.tobytes() for piece in pieces).decode()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", *WIDE])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 16, 1000])
def test_pieces_of_any_size_decode_to_the_same_text_and_places(encoding: str, size: int) -> None:
    text = TRAPS * 3 + "没有换行的最后一行"
    data = text.encode(encoding)
    pieces = pieces_of(data, encoding, size)
    assert text_of(pieces) == text
    for piece in pieces:
        places = piece.byte_offsets
        if places is None:
            places = np.arange(piece.base, piece.base + piece.text.size)
        shown = piece.text.tobytes().decode()
        at = 0
        for char in shown:
            start = int(places[at])
            encoded = char.encode(encoding)
            assert data[start : start + len(encoded)] == encoded
            at += len(char.encode())


def test_places_count_the_bom() -> None:
    (piece,) = pieces_of(b"\xef\xbb\xbfabc\n", "utf-8", 100, bom=3)
    assert (text_of([piece]), piece.base) == ("abc\n", 3)


GOOD, OTHER = "张伟,13800138000\n", "王芳,13900139000\n"
CHANCE = "薛伟强,13800138000\n"  # in GBK it is valid UTF-8
assert is_utf8(CHANCE.encode("gbk"))
#: Bytes and their main encoding; the text, (reason, line, encoding) of warnings.
MIXED: dict[str, tuple[bytes, str, str, list[tuple[str, int, str]]]] = {
    "GBK in UTF-8": (
        GOOD.encode() + OTHER.encode("gbk") + GOOD.encode(),
        "utf-8",
        GOOD + OTHER + GOOD,
        [("MIXED_ENCODING", 1, "gb18030")],
    ),
    "UTF-8 in GBK": (
        GOOD.encode("gbk") + OTHER.encode() + GOOD.encode("gbk"),
        "gb18030",
        GOOD + OTHER + GOOD,
        [("MIXED_ENCODING", 1, "utf-8")],
    ),
    "GBK that is valid UTF-8 by chance": (CHANCE.encode("gbk") * 3, "gb18030", CHANCE * 3, []),
    "a lone surrogate of UTF-16": (
        "a\ud800b\n".encode("utf-16-le", "surrogatepass"),
        "utf-16-le",
        "a\ufffdb\n",
        [("UNDECODABLE", 0, "utf-16-le")],
    ),
    "a lone surrogate of UTF-8": (
        b"a\xed\xa0\x80b\n",
        "utf-8",
        "a頎\ufffdb\n",
        [("UNDECODABLE", 0, "gb18030")],
    ),
}


@pytest.mark.parametrize("claim", MIXED)
def test_a_line_is_decoded_in_its_encoding(claim: str) -> None:
    data, main, text, warnings = MIXED[claim]
    (piece,) = pieces_of(data, main, 1000)
    assert text_of([piece]) == text
    assert [(d.reason, d.line, d.encoding) for d in piece.warnings] == warnings


def test_bytes_that_are_nothing_are_shown_and_reported() -> None:
    data = "张伟,1\n".encode() + b"\xff\xfe\xff,13800138000\n" + "王芳,2\n".encode()
    (piece,) = pieces_of(data, "utf-8", 1000)
    assert text_of([piece]).split("\n")[1] == "\ufffd\ufffd\ufffd,13800138000"
    assert [(d.reason, d.line) for d in piece.warnings] == [("UNDECODABLE", 1)]
    assert piece.byte_offsets is not None
    line = piece.byte_offsets[len("张伟,1\n".encode()) :][:5]
    assert line.tolist() == [-1] * 5


def test_random_bytes_lose_no_line_in_any_encoding() -> None:
    rng = random.Random(5)
    for encoding in ("utf-8", "gb18030", "big5"):
        data = rng.randbytes(3000)
        shown = text_of(pieces_of(data, encoding, 100))
        assert shown.count("\n") == data.count(b"\n")


def test_a_truncated_utf_8_line_is_not_taken_for_gbk() -> None:
    line = "收件人张伟，电话13800138000，地址湖南省长沙".encode()[:-1]
    assert choose_encoding(line, "utf-8") == "utf-8"
    assert set(CODECS) >= {"utf-8", "gb18030", "big5"}


@pytest.mark.parametrize("codec", WIDE)
@pytest.mark.parametrize("main", ["utf-8", "gb18030"])
def test_wide_text_that_was_appended_to_another_text_is_read(main: str, codec: str) -> None:
    parts = [
        (main, "张伟,1\n李四,2\n"),
        (codec, "上海,13800138000\r\n王五,3\r\n"),
        (main, "赵六,4\n"),
    ]
    data = b"".join(text.encode(encoding) for encoding, text in parts)
    pieces = pieces_of(data, main, 1000)
    assert text_of(pieces) == "".join(text for _, text in parts)
    warnings = [(each.reason, each.line) for each in pieces[0].warnings]
    assert warnings == [("MIXED_ENCODING", 2), ("MIXED_ENCODING", 3)]
    assert pieces[0].is_segmented
    padded = "张伟\0\0\0\0,13800138000\0\0\n".encode()
    assert pieces_of(padded, "utf-8", 1000)[0].warnings == []


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_behind_a_lost_byte_is_reported(codec: str) -> None:
    data = "姓名,电话\n张伟,13800138000\n".encode(codec)
    pieces = pieces_of(data[:14] + data[15:-1], codec, 1000)
    assert "UNDECODABLE" in [each.reason for piece in pieces for each in piece.warnings]
    assert "13800138000" in text_of(pieces)
    assert pieces_of(data, codec, 1000)[0].warnings == []


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_no_byte_of_utf_16_is_lost_without_a_word(codec: str) -> None:
    data = ("姓名,地址,电话\r\n" + "张伟,上海市浦东新区,13800138000\n" * 2).encode(codec)
    for lost in range(len(data)):
        pieces = pieces_of(data[:lost] + data[lost + 1 :], codec, 1000)
        reasons = {each.reason for piece in pieces for each in piece.warnings}
        assert reasons & {"UNDECODABLE", "BINARY_PART"}, lost


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", ["", "a"])
def test_lines_of_one_byte_inside_utf_16_are_read(codec: str, before: str) -> None:
    head = f"{before},13800138000".encode().ljust(14)
    data = head + b"\n" + "姓名,电话\n张伟,13800138000\n".encode(codec)
    (piece,) = pieces_of(data, codec, 1000)
    assert text_of([piece]) == f"{head.decode()}\n姓名,电话\n张伟,13800138000\n"
    assert [(d.reason, d.line) for d in piece.warnings] == [("MIXED_ENCODING", 0)]


@pytest.mark.parametrize("main", ["gb18030", "utf-8", "big5"])
def test_parts_of_a_mixed_text_are_decoded_as_its_lines_are(
    main: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(4)
    chars = "的一是不了在人有我他中大上海李省市路"
    for share in (0.0, 0.002, 0.05):
        lines = [
            ("".join(rng.choices(chars, k=20)) + ",13800138000\n").encode(
                rng.choice(["utf-8", "gb18030"]) if rng.random() < share else main
            )
            for _ in range(4000)
        ]
        lines[7] += b"\xff\xfe\x81\n"
        data = b"".join(lines)[:-3]
        found = []
        for least in (2048, 1 << 30):
            monkeypatch.setattr(decoder, "_LEAST_PART", least)
            pieces = list(read_pieces(io.BytesIO(data), EncodingGuess(main)))
            offsets = [
                p.base if p.byte_offsets is None else p.byte_offsets.tolist() for p in pieces
            ]
            found.append((offsets, [(p.text.tobytes(), p.warnings) for p in pieces]))
        assert found[0] == found[1]
