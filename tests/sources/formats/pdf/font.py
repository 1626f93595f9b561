"""Embedded font of the made PDF documents: no font of the machine is looked for.

Latin letters and digits are Pillow's; a Hanzi is drawn as the box of a missing character.
"""

import io
import struct
import zlib
from typing import Final

from PIL import ImageFont

#: Adobe-GB1 has the printable ASCII characters in order from CID 1 on, Pillow's font from glyph 3.
_ASCII: Final = [chr(code) for code in range(0x20, 0x7F)]
_FIRST_GLYPH: Final = 3
_CIDS: Final = 30_284
_NEEDED: Final = (b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp")


def font_objects(font: int, first: int, text: str) -> dict[int, str]:
    """Return the objects of a font with the outlines that ``text`` needs.

    ``font``: number of the font itself; ``first``: of its parts.
    """
    pillow = ImageFont.load_default(1000)
    assert isinstance(pillow, ImageFont.FreeTypeFont)
    assert isinstance(pillow.path, io.BytesIO)
    widths = " ".join(f"{pillow.getlength(each):.0f}" for each in _ASCII)
    glyphs = [0, *range(_FIRST_GLYPH, _FIRST_GLYPH + len(_ASCII))]
    glyphs += [0] * (_CIDS - len(glyphs))
    return {
        font: "<</Type/Font/Subtype/Type0/BaseFont/AAAAAA+Made/Encoding/UniGB-UCS2-H"
        "/DescendantFonts[<</Type/Font/Subtype/CIDFontType2/BaseFont/AAAAAA+Made/CIDSystemInfo"
        f"<</Registry(Adobe)/Ordering(GB1)/Supplement 0>>/DW 1000/W[1[{widths}]]"
        f"/CIDToGIDMap {first} 0 R/FontDescriptor {first + 1} 0 R>>]>>",
        first: _stream(struct.pack(f">{_CIDS}H", *glyphs)),
        first + 1: "<</Type/FontDescriptor/FontName/AAAAAA+Made/Flags 4/ItalicAngle 0/StemV 80"
        "/FontBBox[-150 -210 945 818]/Ascent 970/Descent -230/CapHeight 700"
        f"/FontFile2 {first + 2} 0 R>>",
        first + 2: _stream(_subset(pillow.path.getvalue(), text)),
    }


def _stream(data: bytes) -> str:
    packed = zlib.compress(data, 9)
    return (
        f"<</Filter/FlateDecode/Length {len(packed)}>>stream\n{packed.decode('latin-1')}\nendstream"
    )


def _subset(font: bytes, text: str) -> bytes:
    """A TrueType font without the outlines of characters that ``text`` has not."""
    (count,) = struct.unpack_from(">H", font, 4)
    entries = [struct.unpack_from(">4sLLL", font, 12 + 16 * at) for at in range(count)]
    tables = {tag: font[at : at + size] for tag, _, at, size in entries if tag in _NEEDED}
    loca = struct.unpack(f">{len(tables[b'loca']) // 2}H", tables[b"loca"])
    kept = {0} | {_FIRST_GLYPH + at for at, each in enumerate(_ASCII) if each in text}
    outlines, places = b"", [0]
    for glyph in range(len(loca) - 1):
        if glyph in kept:
            outlines += tables[b"glyf"][2 * loca[glyph] : 2 * loca[glyph + 1]]
        places.append(len(outlines) // 2)
    tables |= {b"glyf": outlines, b"loca": struct.pack(f">{len(places)}H", *places)}
    head, body = struct.pack(">LHHHH", 0x10000, len(tables), 64, 2, 32), b""
    for tag, data in tables.items():
        head += struct.pack(">4sLLL", tag, 0, 12 + 16 * len(tables) + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    return head + body
