"""PDF files of pictures: a file whose pages are one picture each, written page by page."""

from __future__ import annotations

import io
import zlib
from importlib.util import find_spec
from typing import BinaryIO, Final

import numpy as np

from piiscan.arrays import UInt8

#: Packed bytes of a page, as a share of its pixels, above which it is written as JPEG.
_LARGE: Final = 20
_QUALITY: Final = 85


class PdfFile:
    """Writer of a PDF file whose pages are pictures."""

    def __init__(self, out: BinaryIO, dpi: int) -> None:
        """Write the file's head. ``dpi``: pixels per inch."""
        self._out, self._dpi, self._start = out, dpi, out.tell()
        self._places: dict[int, int] = {}
        self._pages = 0
        out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")

    def add(self, pixels: UInt8) -> None:
        """Write a page with the picture ``pixels`` (``uint8[height, width, 3]``)."""
        height, width = pixels.shape[:2]
        number = 3 + 3 * self._pages
        self._pages += 1
        gray = bool((pixels[:, :, :1] == pixels).all())
        data, packing = _packed(pixels[:, :, 0] if gray else pixels)
        box = f"0 0 {width * 72 / self._dpi:.2f} {height * 72 / self._dpi:.2f}"
        shown = f"q {box.split()[2]} 0 0 {box.split()[3]} 0 0 cm /P Do Q".encode()
        self._write(
            number,
            f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents {number + 1} 0 R"
            f"/Resources<</XObject<</P {number + 2} 0 R>>>>>>".encode(),
        )
        self._write(number + 1, _stream("", shown))
        colours = "DeviceGray" if gray else "DeviceRGB"
        self._write(
            number + 2,
            _stream(
                f"/Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/{colours}"
                f"/BitsPerComponent 8/Filter/{packing}",
                data,
            ),
        )

    def close(self) -> None:
        """Write the page list, the catalogue and the cross-reference table."""
        kids = " ".join(f"{3 + 3 * at} 0 R" for at in range(self._pages))
        self._write(1, b"<</Type/Catalog/Pages 2 0 R>>")
        self._write(2, f"<</Type/Pages/Kids[{kids}]/Count {self._pages}>>".encode())
        start = self._out.tell() - self._start
        rows = [b"%010d 00000 n \n" % self._places[each] for each in sorted(self._places)]
        size = len(rows) + 1
        self._out.write(b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, b"".join(rows)))
        self._out.write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n" % (size, start))
        self._out.write(b"%%EOF\n")

    def _write(self, number: int, data: bytes) -> None:
        """Write object ``number`` with the bytes ``data``."""
        self._places[number] = self._out.tell() - self._start
        self._out.write(b"%d 0 obj\n%s\nendobj\n" % (number, data))


def _stream(properties: str, data: bytes) -> bytes:
    """Return the bytes of a PDF stream with its properties."""
    return f"<<{properties}/Length {len(data)}>>\nstream\n".encode() + data + b"\nendstream"


def _packed(pixels: UInt8) -> tuple[bytes, str]:
    """Compress pixels. Return (bytes, PDF filter name): photos as JPEG if Pillow is installed."""
    data = zlib.compress(np.ascontiguousarray(pixels).data, 6)
    if len(data) * _LARGE < pixels.size or find_spec("PIL") is None:
        return data, "FlateDecode"
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=_QUALITY)
    return min((data, "FlateDecode"), (file.getvalue(), "DCTDecode"), key=lambda each: len(each[0]))
