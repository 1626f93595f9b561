"""Writers of small disk images: FAT volumes, partitions, and the containers around them."""

import base64
import hashlib
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SECTOR: Final = 512
_ROOT_SECTORS: Final = 2


def _short_name(number: int) -> bytes:
    return f"FILE{number:04d}CSV".encode()


def folder_entries(number: int, name: str, cluster: int, size: int, *, deleted: bool) -> bytes:
    """The entries of a file in its folder: those of its long name, then the short one."""
    short, wide = _short_name(number), name.encode("utf-16-le") + b"\0\0"
    total = 0
    for byte in short:
        total = ((total & 1) << 7) + (total >> 1) + byte & 0xFF
    pieces = [wide[at : at + 26].ljust(26, b"\xff") for at in range(0, len(wide), 26)]
    found = []
    for order, piece in reversed(list(enumerate(pieces, 1))):
        first = order | (0x40 if order == len(pieces) else 0)
        parts = piece[:10], piece[10:22], piece[22:]
        found.append(
            struct.pack("<B10sBBB12sH4s", first, parts[0], 15, 0, total, parts[1], 0, parts[2])
        )
    found.append(struct.pack("<11sB14xHI", short, 32, cluster, size))
    return b"".join(b"\xe5" + each[1:] if deleted else each for each in found)


def fat(
    files: Mapping[str, bytes], deleted: Mapping[str, bytes] | None = None, clusters: int = 64
) -> bytes:
    """A volume of FAT12, or of FAT16 from 4085 clusters on, with files and deleted ones."""
    is_12 = clusters < 4085
    sectors = -(-(clusters + 2) * (3 if is_12 else 4) // 2 // SECTOR)
    total = 1 + sectors + _ROOT_SECTORS + clusters
    table, root, data = {0: 0xFFF8, 1: 0xFFFF}, b"", b""
    gone = deleted or {}
    for number, (name, content) in enumerate([*files.items(), *gone.items()]):
        first = 2 + len(data) // SECTOR
        used = -(-len(content) // SECTOR)
        data += content.ljust(used * SECTOR, b"\0")
        root += folder_entries(number, name, first, len(content), deleted=number >= len(files))
        if number < len(files):
            chain = range(first, first + used)
            table |= {each: each + 1 if each < chain[-1] else 0xFFFF for each in chain}
    if is_12:
        packed = sum((value & 0xFFF) << 12 * number for number, value in table.items())
        chains = packed.to_bytes(sectors * SECTOR, "little")
    else:
        chains = b"".join(struct.pack("<H", table.get(n, 0)) for n in range(clusters + 2))
    boot = struct.pack(
        "<3s8sHBHBHHBHHHII3B I11s8s",
        *(b"\xeb\x3c\x90", b"MSDOS5.0", SECTOR, 1, 1, 1, _ROOT_SECTORS * 16, total, 0xF8, sectors),
        *(32, 2, 0, 0, 0x80, 0, 0x29, 1, b"NO NAME    ", b"FAT12   " if is_12 else b"FAT16   "),
    )
    volume = boot.ljust(510, b"\0") + b"\x55\xaa" + chains.ljust(sectors * SECTOR, b"\0")
    volume += root.ljust(_ROOT_SECTORS * SECTOR, b"\0") + data
    return volume.ljust(total * SECTOR, b"\0")


def made_volume(name: str) -> bytes:
    """A volume that a program made: ``xfs`` by mkfs.xfs, with the list of people.py as 名单.csv, a
    link and a folder; ``apfs`` by mkapfs, without a file."""
    text = Path(__file__).with_name(f"{name}_volume.b85").read_text().replace("\n", "")
    sectors = zlib.decompress(base64.b85decode(text))
    volume = bytearray(20 << 20)
    for at in range(0, len(sectors), 4 + SECTOR):
        place = int.from_bytes(sectors[at : at + 4], "little") * SECTOR
        volume[place : place + SECTOR] = sectors[at + 4 : at + 4 + SECTOR]
    return bytes(volume)


def partitioned(*volumes: bytes) -> bytes:
    """A disk with a partition table (MBR) and volumes behind each other, from sector 8 on."""
    table, data, at = b"", b"", 8
    for each in volumes:
        table += struct.pack("<B3xB3xII", 0, 6, at, len(each) // SECTOR)
        data, at = data + each, at + len(each) // SECTOR
    boot = bytes(446) + table.ljust(64, b"\0") + b"\x55\xaa"
    return boot.ljust(8 * SECTOR, b"\0") + data


def qcow2(medium: bytes) -> bytes:
    """A qcow2 image of up to 8 MB with clusters of 8 kB, every second one compressed."""
    bits, size = 13, 1 << 13
    clusters = [medium[at : at + size].ljust(size, b"\0") for at in range(0, len(medium), size)]
    sizes = 0, 0, bits, len(medium), 0, 1, size, 0, 0, 0, 0
    entries, data = [], b""
    for number, each in enumerate(clusters):
        place = 3 * size + len(data)
        if number % 2:
            packer = zlib.compressobj(wbits=-12)
            packed = packer.compress(each) + packer.flush()
            entries.append(1 << 62 | (len(packed) - 1 >> 9) << 62 - bits + 8 | place)
            data += packed.ljust(-(-len(packed) // SECTOR) * SECTOR, b"\0")
        else:
            entries.append(place if any(each) else 0)
            data += each if any(each) else b""
    header = struct.pack(">4sIQIIQIIQQIIQ", b"QFI\xfb", 2, *sizes).ljust(size, b"\0")
    tables = struct.pack(">Q", 2 * size), struct.pack(f">{len(entries)}Q", *entries)
    return header + b"".join(each.ljust(size, b"\0") for each in tables) + data


def vhd(medium: bytes) -> bytes:
    """A VHD image of fixed size: the medium and a footer."""
    footer = struct.pack(
        ">8sIIQI4sI4sQQHBBI", b"conectix", 2, 1 << 16, (1 << 64) - 1, 0, b"test", 1 << 16, b"Wi2k",
        *(len(medium), len(medium), len(medium) // SECTOR // 272, 16, 17, 2),
    )  # fmt: skip
    checksum = ~sum(footer.ljust(512, b"\0")) & 0xFFFFFFFF
    return medium + (footer + struct.pack(">I", checksum)).ljust(512, b"\0")


def vmdk(extent: str, size: int, kind: str = "FLAT") -> bytes:
    """The description of a VMDK image whose medium of ``size`` bytes is the file ``extent``."""
    return (
        "# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\n"
        f'createType="monolithic{kind.title()}"\n\n# Extent description\n'
        f'RW {size // SECTOR} {kind} "{extent}"{" 0" * (kind == "FLAT")}\n\n'
        '# The Disk Data Base\n#DDB\n\nddb.adapterType = "ide"\n'
    ).encode()


def sparse_vmdk(medium: bytes) -> bytes:
    """A VMDK image in one file of up to 32 MB, without parts that are all zero."""
    grain, description = 128 * SECTOR, vmdk("a.vmdk", len(medium), "SPARSE").ljust(SECTOR, b"\0")
    grains = [medium[at : at + grain].ljust(grain, b"\0") for at in range(0, len(medium), grain)]
    table, data = [], b""
    for each in grains:
        table.append(128 + len(data) // SECTOR if any(each) else 0)
        data += each if any(each) else b""
    header = struct.pack(
        "<4sIIQQQQIQQQB4s", b"KDMV", 1, 1, len(medium) // SECTOR, 128, 1, 1, 512, 0, 2, 128, 0,
        b"\n \r\n",
    ).ljust(SECTOR, b"\0")  # fmt: skip
    tables = struct.pack("<I", 3).ljust(SECTOR, b"\0") + struct.pack(f"<{len(table)}I", *table)
    return (header + description + tables).ljust(128 * SECTOR, b"\0") + data


def e01(medium: bytes, pieces: int = 1, stored: bytes | None = None) -> list[bytes]:
    """The segments of an E01 image. ``stored``: another MD5 than that of the medium."""
    chunk = 64 * SECTOR
    chunks = [medium[at : at + chunk] for at in range(0, len(medium), chunk)]
    digest = hashlib.md5(medium, usedforsecurity=False).digest() if stored is None else stored
    share, segments = -(-len(chunks) // pieces), []
    for number in range(pieces):
        out = b"EVF\x09\x0d\x0a\xff\0" + struct.pack("<BHH", 1, number + 1, 0)
        if number == 0:
            text = zlib.compress(b"1\nmain\nc\tn\ta\n\t\t\n\n")
            out = _section(_section(out, "header", text), "header", text)
            volume = struct.pack("<IIIIQ", 1, len(chunks), 64, SECTOR, len(medium) // SECTOR).ljust(
                1048, b"\0"
            )
            out = _section(out, "volume", volume + struct.pack("<I", zlib.adler32(volume)))
        packed = [zlib.compress(each) for each in chunks[number * share : (number + 1) * share]]
        base, offsets, at = len(out) + 76, [], len(out) + 76
        for each in packed:
            offsets.append(at - base | 1 << 31)
            at += len(each)
        out = _section(out, "sectors", b"".join(packed))
        head = struct.pack("<I4xQ4x", len(packed), base)
        entries = struct.pack(f"<{len(packed)}I", *offsets)
        table = head + struct.pack("<I", zlib.adler32(head)) + entries
        table += struct.pack("<I", zlib.adler32(entries))
        out = _section(_section(out, "table", table), "table2", table)
        if number == pieces - 1:
            hashed = digest + bytes(16)
            out = _section(out, "hash", hashed + struct.pack("<I", zlib.adler32(hashed)))
        segments.append(_section(out, "done" if number == pieces - 1 else "next", b""))
    return segments


def _section(before: bytes, kind: str, data: bytes) -> bytes:
    """The bytes of a segment with one more section."""
    following = len(before) + (76 + len(data) if kind not in ("next", "done") else 0)
    head = struct.pack("<16sQQ40x", kind.encode(), following, 76 + len(data))
    return before + head + struct.pack("<I", zlib.adler32(head)) + data


def exfat(
    files: Mapping[str, bytes], deleted: Mapping[str, bytes] | None = None, clusters: int = 256
) -> bytes:
    """A volume of exFAT with clusters of a sector; files lie in one piece, without a chain."""
    heap, at = 24 + 8, 2 + 3  # clusters 2 to 4: bitmap, capitals, root
    sectors = heap + clusters
    root = struct.pack("<BB18xIQ", 0x81, 0, 2, -(-clusters // 8))
    root += struct.pack("<B3xI12xIQ", 0x82, 0, 3, 2) + b"\x83".ljust(32, b"\0")
    data, gone = b"", deleted or {}
    for name, content in [*files.items(), *gone.items()]:
        wide = name.encode("utf-16-le")
        names = [wide[n : n + 30].ljust(30, b"\0") for n in range(0, len(wide), 30)]
        size = len(content)
        entries = [
            struct.pack("<BB2xH2xIII12x", 0x85, 1 + len(names), 32, *(3 * [0x5A210000])),
            struct.pack("<BBxBHxxQ4xIQ", 0xC0, 3, len(wide) // 2, 0, size, at, size),
            *(b"\xc1\0" + each for each in names),
        ]
        used = 0x7F if name in gone else 0xFF
        root += b"".join(bytes([each[0] & used]) + each[1:] for each in entries)
        padded = content.ljust(-(-size // SECTOR) * SECTOR, b"\0")
        data, at = data + padded, at + len(padded) // SECTOR
    boot = struct.pack(
        "<3s8s53xQQIIIIIIHHBBBBB", b"\xeb\x76\x90", b"EXFAT   ", 0, sectors, 24, 8, heap, clusters,
        *(4, 1, 0x100, 0, 9, 0, 1, 0x80, 0),
    ).ljust(510, b"\0") + b"\x55\xaa"  # fmt: skip
    bits = (1 << at - 2) - 1
    volume = boot.ljust(24 * SECTOR, b"\0") + b"\xf8\xff\xff\xff".ljust(8 * SECTOR, b"\xff")
    for each in (bits.to_bytes(SECTOR, "little"), b"A\0", root):
        volume += each.ljust(SECTOR, b"\0")
    return (volume + data).ljust(sectors * SECTOR, b"\0")
