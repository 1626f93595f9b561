"""Mutators of the file fuzzer: each damages bytes in a way of one format, from a random source."""

import bz2
import gzip
import io
import lzma
import random
import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import lz4.frame
from backports import zstd

#: Returns damaged bytes; the third argument is another seed's bytes.
Mutator = Callable[[bytes, random.Random, bytes], bytes]

_EDGES: Final = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1)
_CUT: Final = 64  # most bytes of a piece that is moved
_NAMES: Final = (
    "", ".", "..", "/", "//", "../../etc/passwd", "C:\\x.csv", "a\0b.csv", "a\nb.csv",
    "\u202evsc.a",
    "CON", "x" * 255, "a/" * 200 + "x.csv", "a!b.zip!c", "#S", "13800138000.csv", "\ud800.csv",
    "xl/workbook.xml", "word/document.xml", "content.xml", "mimetype", "[Content_Types].xml",
)  # fmt: skip
_XML: Final = (
    "&#0;", "&#x110000;", "&foo;", "&", "<", "]]>", "<![CDATA[x]]>", "<!-- - -- -->", "<?x y?>",
    '<!DOCTYPE a [<!ENTITY x "1">]>', "\x01", "\ufffe", "<a>" * 3000, "</a>" * 9, "<x:y/>",
    "<si/>", "<c/>", '<c r="A1"/>', '<c r="XFD1048576"><v>1</v></c>', "<f>A1</f>", "<v>",
    "</row>", "<t/>",
)  # fmt: skip
_ATTRIBUTES: Final = (
    "", "0", "-1", "1048576", "16384", "99999999999999999999", "1e309", "NaN", "s", "z",
    "XFD1048577", "A0", "AAAA1", "&#9;", "inlineStr", "e", "d", "b", "\u0661", "x" * 5000,
)  # fmt: skip
_TEXT: Final = (
    '"', '""', "'", ",", "\t", "|", "----", "\r", "\n", "\r\n", "\0", "\x0b", "\x0c", "\u2028",
    "\ufeff", "\\", "\\N", ";", "=", "\x1a", "\ud800", "\U0010ffff", "\u202e", "," * 500,
    "\n" * 300, "x" * 70_000, "备注：", "姓名,手机号\n", "合计", "#", "--",
)  # fmt: skip
_JSON: Final = (
    "[" * 2000, "{", "}", "]", ",", ":", '"', "\\", "\\ud800", "\\u0000", '"\\udfff":', "1e999",
    "-0", "NaN", "null", "123456789012345678901234567890", '{"a":1,"a":2}', '"":', "//x\n",
    "\x1e", "\n", '{"a":' * 1500, "\ufeff", "tru",
)  # fmt: skip
_SQL: Final = (
    "'", "''", "\\'", "\\", "`", '"', "/*", "*/", "/*!50000 ", "-- ", "#", ";", "(", ")", "),(",
    "NULL", "DELIMITER //\n", "COPY t FROM stdin;\n", "\\.\n", "INSERT INTO `u` VALUES ", "0x",
    "X'4", "_utf8'", "$$", "E'", "CREATE TABLE `v` (", "\n", "\0", "INSERT INTO", "N'", "q'[",
    "GO\n",
)  # fmt: skip


def _place(data: bytes, rng: random.Random) -> int:
    return rng.randrange(len(data) + 1)


def _piece(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = _place(data, rng)
    return start, min(start + rng.randrange(1, _CUT), len(data))


def flip_bits(data: bytes, rng: random.Random, _: bytes) -> bytes:
    """Flip one to eight bits."""
    changed = bytearray(data)
    for _number in range(rng.choice((1, 1, 1, 2, 8))):
        if changed:
            at = rng.randrange(len(changed) * 8)
            changed[at // 8] ^= 1 << at % 8
    return bytes(changed)


def damage_piece(data: bytes, rng: random.Random, other: bytes) -> bytes:
    """Cut, drop, repeat, swap, overwrite or insert bytes, or join another file's tail."""
    start, middle = _piece(data, rng)
    end = min(middle + rng.randrange(1, _CUT), len(data))
    piece, count = data[start:middle], rng.randrange(1, 40)
    match rng.randrange(9):
        case 0:
            return data[:start]
        case 1:
            return data[rng.randrange(1, 9) :]
        case 2:
            return data[:start] + data[middle:]
        case 3:
            return data[:middle] + piece * rng.choice((1, 1, 2, 50)) + data[middle:]
        case 4:
            return data[:start] + data[middle:end] + piece + data[end:]
        case 5:
            return data[:start] + rng.randbytes(len(piece) % 8) + data[start + len(piece) % 8 :]
        case 6:
            return data[:start] + rng.choice((bytes(count), rng.randbytes(count))) + data[start:]
        case 7:
            return data + rng.choice((bytes(rng.randrange(5000)), rng.randbytes(30), other))
        case _:
            return data[:start] + other[_place(other, rng) :]


def set_length(data: bytes, rng: random.Random, _: bytes) -> bytes:
    """Overwrite two, four or eight bytes with an extreme number, as if they were a length."""
    size = rng.choice((2, 4, 8))
    at = rng.randrange(max(len(data) - size, 1))
    number = rng.choice(_EDGES) & ((1 << size * 8) - 1)
    return data[:at] + number.to_bytes(size, rng.choice(("little", "big"))) + data[at + size :]  # type: ignore[arg-type]


def _inserter(choices: Sequence[str]) -> Mutator:
    """Return a mutator that inserts one or a few of ``choices``, in the encoding of the text."""

    def insert(data: bytes, rng: random.Random, _: bytes) -> bytes:
        codec = "utf-8"
        if data[:1] == b"\xff" or data[1:2] == b"\0":
            codec = "utf-16-le"
        elif data[:1] == b"\xfe" or data[:1] == b"\0":
            codec = "utf-16-be"
        for _number in range(rng.choice((1, 1, 2, 4))):
            at = _place(data, rng)
            if codec != "utf-8":
                at -= at % 2
            data = data[:at] + rng.choice(choices).encode(codec, "surrogatepass") + data[at:]
        return data

    return insert


insert_text = _inserter(_TEXT)
insert_json = _inserter(_JSON)
insert_sql = _inserter(_SQL)
insert_xml = _inserter(_XML)


def change_line(data: bytes, rng: random.Random, _: bytes) -> bytes:
    """Write a line in another encoding; move, drop or repeat it; or write other ends of lines."""
    lines, kind = data.split(b"\n"), rng.randrange(3)
    if kind == 0:
        return rng.choice((b"\r", b"\r\n", b"\n\n", b"\0", b" ", b"\x0b\n")).join(lines)
    at = rng.randrange(len(lines))
    if kind == 1:
        codec = rng.choice(("gb18030", "big5", "utf-16-le", "utf-8-sig", "utf-7", "latin-1"))
        lines[at] = lines[at].decode("utf-8", "replace").encode(codec, "replace")
        return b"\n".join(lines)
    line = lines.pop(at)
    for _number in range(rng.choice((0, 1, 1, 2, 200))):
        lines.insert(rng.randrange(len(lines) + 1), line)
    return b"\n".join(lines)


def change_attribute(data: bytes, rng: random.Random, _: bytes) -> bytes:
    """Give one attribute of an XML file another value."""
    found = list(re.finditer(rb'="[^"]*"', data))
    if not found:
        return insert_xml(data, rng, b"")
    one = rng.choice(found)
    value = rng.choice(_ATTRIBUTES).encode()
    return data[: one.start()] + b'="' + value + b'"' + data[one.end() :]


def change_tag(data: bytes, rng: random.Random, _: bytes) -> bytes:
    """Drop, repeat, rename or exchange tags of an XML file."""
    found = list(re.finditer(rb"<[^<>]*>", data))
    if len(found) < 2:
        return insert_xml(data, rng, b"")
    one, two = sorted(rng.sample(found, 2), key=lambda each: each.start())
    new = rng.choice((b"", one[0] * 2, b"<x:" + one[0][1:], two[0], b"<c>", one[0][:-1] + b"/>"))
    return data[: one.start()] + new + data[one.end() :]


def pack_zip(parts: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive of names and bytes; any name is written, and the time is 1980."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, part in parts:
            info = zipfile.ZipInfo("x")
            info.filename = name.encode("utf-8", "replace").decode()
            info.compress_type = method
            with archive.open(info, "w") as member:
                member.write(part)
    return out.getvalue()


def change_members(data: bytes, rng: random.Random, other: bytes) -> bytes:
    """Pack an archive again with a member damaged, renamed, dropped, repeated or moved."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(name, archive.read(name)) for name in archive.namelist()]
    except Exception:  # noqa: BLE001 - no archive
        return flip_bits(data, rng, other)
    if not parts:
        return data
    at = rng.randrange(len(parts))
    name, part = parts[at]
    method = rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2))
    match rng.randrange(10):
        case 0:
            del parts[at]
        case 1:
            parts[at] = (rng.choice(_NAMES), part)
        case 2:
            parts.insert(rng.randrange(len(parts) + 1), (name, part))
        case 3:
            parts.append((rng.choice(_NAMES), other))
        case 4:
            rng.shuffle(parts)
        case _:
            parts[at] = (name, mutate_once(part, name, rng, other))
    return pack_zip(parts, method)


_PACKERS: Final[tuple[tuple[bytes, Callable[[bytes], bytes], Callable[[bytes], bytes]], ...]] = (
    (b"\x1f\x8b", gzip.decompress, gzip.compress),
    (b"BZh", bz2.decompress, bz2.compress),
    (b"\xfd7zXZ", lzma.decompress, lzma.compress),
    (b"\x5d\0\0", lzma.decompress, lambda data: lzma.compress(data, lzma.FORMAT_ALONE)),
    (b"\x28\xb5\x2f\xfd", zstd.decompress, zstd.compress),
    (b"\x04\x22\x4d\x18", lz4.frame.decompress, lz4.frame.compress),
)


def change_packed(data: bytes, rng: random.Random, other: bytes) -> bytes:
    """Pack a compressed file again with its content damaged, or with more behind it."""
    for signature, unpack, pack in _PACKERS:
        if data.startswith(signature):
            try:
                inner = unpack(data)
            except Exception:  # noqa: BLE001 - damaged before
                break
            name = "x.tar" if inner[257:262] == b"ustar" else "x.csv"
            return rng.choice(
                (pack(mutate_once(inner, name, rng, other)), data + pack(other), data + other)
            )
    return flip_bits(data, rng, other)


def change_directory(data: bytes, rng: random.Random, other: bytes) -> bytes:
    """Change a field of a local header, an entry of the directory, or its end."""
    heads = {b"PK\x03\x04": 30, b"PK\x01\x02": 46, b"PK\x05\x06": 22}
    signature, size = rng.choice(list(heads.items()))
    places = [found.start() for found in re.finditer(re.escape(signature), data)]
    if not places:
        return flip_bits(data, rng, other)
    at = rng.choice(places) + rng.randrange(4, size - 1)
    number = rng.choice((*_EDGES, rng.randrange(1 << 16)))
    value = struct.pack("<I", number)[: rng.choice((1, 2, 4))]
    return data[:at] + value + data[at + len(value) :]


_ANY: Final[tuple[Mutator, ...]] = (flip_bits, *[damage_piece] * 4, set_length)
_BY_FORMAT: Final[dict[str, tuple[Mutator, ...]]] = {
    "zip": (change_members, change_members, change_members, change_directory),
    "xml": (insert_xml, change_attribute, change_attribute, change_tag, change_tag),
    "json": (insert_json, change_line),
    "sql": (insert_sql, change_line),
    "text": (insert_text, change_line, damage_piece),
    "packed": (change_packed, change_packed, change_packed, flip_bits),
    "other": (set_length, set_length, damage_piece),
}


def _format(data: bytes, name: str) -> str:
    """Return the format by which mutators are chosen."""
    extension = name.rpartition(".")[2].lower()
    if data[:2] == b"PK":
        return "zip"
    if data.startswith(tuple(signature for signature, _, _ in _PACKERS)):
        return "packed"
    if extension in ("xml", "rels", "html"):
        return "xml"
    if extension in ("json", "jsonl"):
        return "json"
    return extension if extension == "sql" else "other" if b"\0" in data else "text"


def mutate_once(data: bytes, name: str, rng: random.Random, other: bytes) -> bytes:
    """Return ``data`` with one damage: in four of five in the way of its format."""
    usual = rng.random() < 0.8
    return rng.choice(_BY_FORMAT[_format(data, name)] if usual else _ANY)(data, rng, other)


def mutate(data: bytes, name: str, rng: random.Random, other: bytes) -> bytes:
    """Return ``data`` with one to three damages."""
    for _number in range(rng.choice((1, 1, 1, 2, 3))):
        data = mutate_once(data, name, rng, other)
    return data
