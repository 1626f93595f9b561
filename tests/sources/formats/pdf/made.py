"""Small PDF documents, written object by object."""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from Cryptodome.Cipher import ARC4

from tests.sources.formats.pdf.font import font_objects

_PAD: Final = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
PICTURE: Final = (
    "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8"
    "/Length 1>>stream\n\x80\nendstream"
)


def wide(text: str) -> str:
    """A text as PDF shows and stores it outside of pages."""
    return f"<feff{text.encode('utf-16-be').hex()}>"


def shown(text: str, x: float = 72, y: float = 700) -> str:
    return f"BT /F1 10 Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET\n"


def lined(*texts: str) -> str:
    return "".join(shown(text, y=760 - 20 * at) for at, text in enumerate(texts))


def ruled(rows: Sequence[Sequence[str]], widths: Sequence[int], top: int = 700) -> str:
    """A table with lines around all cells; an empty text joins its cell to the one before."""
    height, right = 20, 40 + sum(widths)
    levels = [top - at * height for at in range(len(rows) + 1)]
    parts = [f"40 {level} m {right} {level} l S\n" for level in levels]
    for number, row in enumerate(rows):
        x, high, low = 40, top - number * height, top - (number + 1) * height
        for text, width in zip(row, widths, strict=True):
            if text or x == 40:
                parts.append(f"{x} {high} m {x} {low} l S\n")
                parts.append(shown(text, x + 3, low + 6))
            x += width
        parts.append(f"{right} {high} m {right} {low} l S\n")
    return "".join(parts)


def document(
    pages: Sequence[str],
    *,
    info: str = "",
    catalog: str = "",
    notes: Sequence[str] = (),
    more: Sequence[str] = (),
    password: str = "",
) -> bytes:
    """A PDF file; objects from 10 on are those of ``more``; ``notes`` stand on the first page."""
    first = 10 + len(more)
    kids = " ".join(f"{first + 2 * at} 0 R" for at in range(len(pages)))
    objects = {
        1: f"<</Type/Catalog/Pages 2 0 R{catalog}>>",
        2: f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        **font_objects(3, 6, _shown_text(pages)),
        4: f"<<{info}>>",
        5: PICTURE,
        **{10 + at: text for at, text in enumerate(more)},
    }
    for at, text in enumerate(pages):
        beside = f"/Annots[{' '.join(notes)}]" if notes and not at else ""
        objects[first + 2 * at] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {first + 2 * at + 1} 0 R"
            f"/Resources<</Font<</F1 3 0 R>>/XObject<</P 5 0 R>>>>{beside}>>"
        )
        objects[first + 2 * at + 1] = f"<</Length {len(text)}>>stream\n{text}\nendstream"
    return _written(objects, password)


def _shown_text(pages: Sequence[str]) -> str:
    texts = re.findall(r"<([0-9a-f]+)> Tj", "".join(pages))
    return bytes.fromhex("".join(texts)).decode("utf-16-be")


def _written(objects: dict[int, str], password: str) -> bytes:
    trailer = f"/Size {max(objects) + 1}/Root 1 0 R/Info 4 0 R"
    key = b""
    if password:
        padded = (password.encode() + _PAD)[:32]
        owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
        ident = b"0123456789abcdef"
        key = hashlib.md5(padded + owner + (0xFFFFFFFC).to_bytes(4, "little") + ident).digest()[:5]
        user = _rc4(key, _PAD)
        trailer += f"/ID[<{ident.hex()}><{ident.hex()}>]/Encrypt<</Filter/Standard/V 1/R 2/P -4"
        trailer += f"/O<{owner.hex()}>/U<{user.hex()}>>>"
    out, places = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"), {}
    for number, text in sorted(objects.items()):
        places[number] = len(out)
        data = text.encode("latin-1")
        if key:
            own = hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[:10]
            data = _encrypted(data, own)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, data)
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    out += f"trailer\n<<{trailer}>>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def _encrypted(data: bytes, key: bytes) -> bytes:
    head, found, tail = data.partition(b"stream\n")
    if not found:
        texts = re.compile(rb"(?<!<)<([0-9a-f]+)>")
        made = lambda text: _rc4(key, bytes.fromhex(text.decode())).hex().encode()  # noqa: E731
        return texts.sub(lambda each: b"<%s>" % made(each[1]), data)
    body, end, rest = tail.rpartition(b"\nendstream")
    return head + found + _rc4(key, body) + end + rest


def _rc4(key: bytes, data: bytes) -> bytes:
    return ARC4.new(key).encrypt(data)
