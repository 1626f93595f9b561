"""Whatever is no packed pixel of a picture or document is left to be checked."""

import io
import struct
import zlib

import numpy as np
import pytest

from piiscan.copies.check.pixels import is_drawn, rest_of
from piiscan.copies.drawn.pdf_file import PdfFile
from piiscan.copies.drawn.picture_file import write_picture

PIXELS = np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8)
TEXT = b"138 0013 8000"


def made(head: bytes) -> bytes:
    out = io.BytesIO()
    if head == b"%PDF":
        file = PdfFile(out, 72)
        file.add(PIXELS)
        file.close()
    else:
        write_picture([PIXELS], head, out)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.mark.parametrize("head", [b"\x89PNG", b"\xff\xd8", b"%PDF"])
def test_pixels_are_left_out_and_all_else_is_left(head: bytes) -> None:
    data = made(head)
    rest = rest_of(data)
    assert rest is not None
    assert len(rest) < len(data) - 500
    assert TEXT in (rest_of(data + TEXT) or b"")
    assert is_drawn(data)


def test_a_chunk_a_segment_and_a_stream_are_left() -> None:
    png, jpeg, pdf = made(b"\x89PNG"), made(b"\xff\xd8"), made(b"%PDF")
    stream = b"<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream"
    packed = zlib.compress(TEXT)
    for data in (
        png[:33] + chunk(b"tEXt", b"a\0" + TEXT) + png[33:],
        jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(TEXT) + 2) + TEXT + jpeg[2:],
        pdf.replace(b"xref\n", b"9 0 obj\n" + stream % (len(packed), packed) + b"\nendobj\nxref\n"),
        pdf.replace(b"/Contents", b"/Note(" + TEXT + b")/Contents"),
    ):
        assert TEXT in (rest_of(data) or b"")


@pytest.mark.parametrize("head", [b"GIF8", b"BM", b"RIFF", b"II"])
def test_other_pictures_are_checked_as_they_are(head: bytes) -> None:
    assert is_drawn(made(head))
    assert rest_of(made(head)) is None
    assert not is_drawn(b"PK\3\4")
    assert not is_drawn(b"")


@pytest.mark.parametrize("head", [b"\x89PNG", b"\xff\xd8", b"%PDF"])
def test_what_breaks_off_is_left(head: bytes) -> None:
    data = made(head)
    for size in range(8, len(data), 97):
        assert TEXT in (rest_of(data[:size] + TEXT * 3) or b"")
