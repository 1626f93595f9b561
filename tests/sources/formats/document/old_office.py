"""Old office files, written byte by byte: texts with a piece table, slides with their last save."""

import struct
import zlib
from collections.abc import Sequence
from itertools import pairwise

from tests.sources.ole_writer import Tree, write_ole


def record(kind: int, data: bytes, version: int = 0) -> bytes:
    return struct.pack("<HHI", version, kind, len(data)) + data


def slide(*texts: str, kind: int = 0x03EE) -> bytes:
    inside = b"".join(record(0x0FA0, each.encode("utf-16-le")) for each in texts)
    return record(kind, record(0xF00D, inside, 15), 15)


def presentation(
    slides: Sequence[bytes], *, gone: bytes = b"", files: Sequence[bytes] = ()
) -> bytes:
    """A ppt file; ``gone``: a slide that the last save does not name."""
    objects = [
        *slides,
        *(record(0x1011, struct.pack("<I", len(f)) + zlib.compress(f), 16) for f in files),
    ]
    data, places = gone, []
    for each in objects:
        places.append(len(data))
        data += each
    directory = len(data)
    head = struct.pack("<I", 1 | len(places) << 20)
    data += record(0x1772, head + struct.pack(f"<{len(places)}I", *places))
    edit = len(data)
    data += record(0x0FF5, struct.pack("<IIII", 0, 0, 0, directory) + bytes(12))
    user = record(0x0FF6, struct.pack("<III", 20, 0xE391C05F, edit) + bytes(12))
    return write_ole({"PowerPoint Document": data, "Current User": user})


def cell(text: str) -> tuple[str, bytes]:
    """A paragraph that ends a cell."""
    return f"{text}\x07", struct.pack("<HB", 0x2416, 1)


ROW_END = ("\x07", struct.pack("<HBHB", 0x2416, 1, 0x2417, 1))


def plain(text: str) -> tuple[str, bytes]:
    return f"{text}\r", b""


def word(
    paragraphs: Sequence[tuple[str, bytes]],
    *,
    lengths: Sequence[int] = (),
    narrow: bool = False,
    more: Tree | None = None,
    flags: int = 0x200,
) -> bytes:
    """A doc file; ``lengths``: of the texts (document, footnotes, headers …), by default one.

    Every second piece has a byte a character with ``narrow``, whose text is then Latin.
    """
    text = "".join(each for each, _ in paragraphs)
    fib = bytearray(1024)
    body, pieces, starts = bytearray(), [], []
    cuts = [0, len(text) // 3, len(text) // 2, len(text)]
    places: dict[int, int] = {}
    for begin, end in pairwise(cuts):
        part = text[begin:end]
        small = narrow and part.isascii()
        place = len(fib) + len(body)
        for at in range(begin, end):
            places[at] = place + (at - begin) * (1 if small else 2)
        body += part.encode("cp1252" if small else "utf-16-le")
        starts.append(begin)
        pieces.append(struct.pack("<HIH", 0, place * 2 | 0x40000000 if small else place, 0))
    runs, first = [], 0
    for each, properties in paragraphs:
        runs.append((places[first], properties))
        first += len(each)
    body += bytes(-(len(fib) + len(body)) % 512)
    pages, page_numbers, firsts = bytearray(), [], []
    runs.sort()
    for begin in range(0, len(runs), 12):
        some = runs[begin : begin + 12]
        page, at = bytearray(512), 510
        ends = [place for place, _ in some] + [
            runs[begin + 12][0] if begin + 12 < len(runs) else 1 << 20
        ]
        page[: 4 * len(ends)] = struct.pack(f"<{len(ends)}I", *ends)
        for number, (_, properties) in enumerate(some):
            data = b"\0\0" + properties
            data = bytes((0, (len(data) + 1) // 2)) + data + bytes(len(data) % 2)
            at -= len(data) + len(data) % 2
            page[at : at + len(data)] = data
            page[4 * len(ends) + 13 * number] = at // 2
        page[511] = len(some)
        page_numbers.append((len(fib) + len(body) + len(pages)) // 512)
        firsts.append(some[0][0])
        pages += page
    plc = struct.pack(f"<{len(firsts) + 1}I", *firsts, 1 << 20)
    plc += struct.pack(f"<{len(page_numbers)}I", *page_numbers)
    plcpcd = struct.pack(f"<{len(starts) + 1}I", *starts, len(text)) + b"".join(pieces)
    clx = b"\x01\x02\x00\x00\x00" + b"\x02" + struct.pack("<I", len(plcpcd)) + plcpcd
    struct.pack_into("<HH", fib, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", fib, 10, flags)
    for at, length in enumerate(lengths or [len(text)]):
        struct.pack_into("<I", fib, 0x4C + 4 * at, length)
    struct.pack_into("<II", fib, 0x102, 0, len(plc))
    struct.pack_into("<II", fib, 0x1A2, len(plc), len(clx))
    streams: Tree = {"WordDocument": bytes(fib + body + pages), "1Table": plc + clx}
    return write_ole({**streams, **(more or {})})
