"""OLE files from streams by path, as [MS-CFB] lays them out, and messages of Outlook in them."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Tree = dict[str, "bytes | Tree"]


def _padded(data: bytes, size: int) -> bytes:
    return data + bytes(-len(data) % size)


@dataclass
class _Entry:
    """An entry of the directory."""

    name: str
    kind: int
    data: bytes = b""
    child: int = FREE
    right: int = FREE
    start: int = END
    size: int = 0

    def packed(self) -> bytes:
        name = (self.name + "\0").encode("utf-16-le")
        return (
            name.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(name), self.kind, 1, FREE, self.right, self.child)
            + bytes(16 + 4 + 16)
            + struct.pack("<IQ", self.start, self.size)
        )


def write_ole(tree: Tree) -> bytes:
    """The bytes of an OLE file of streams and storages."""
    entries = [_Entry("Root Entry", 5)]

    def add(parent: int, part: Tree) -> None:
        before = None
        names = sorted(part, key=lambda each: (len(each), each.upper()))
        for name in names:
            each = part[name]
            number = len(entries)
            entries.append(_Entry(name, 2, each) if isinstance(each, bytes) else _Entry(name, 1))
            if before is None:
                entries[parent].child = number
            else:
                entries[before].right = number
            before = number
            if not isinstance(each, bytes):
                add(number, each)

    add(0, tree)
    small, small_table = b"", list[int]()
    sectors, table = list[bytes](), list[int]()

    def chain(data: bytes) -> int:
        """Put data into sectors and return the first."""
        first = len(table)
        pieces = [data[at : at + 512].ljust(512, b"\0") for at in range(0, len(data), 512)]
        sectors.extend(pieces)
        table.extend([first + at + 1 for at in range(len(pieces) - 1)] + [END])
        return first if pieces else END

    for each in entries[1:]:
        if each.kind == 2:
            each.size = len(each.data)
            if not each.data:
                continue
            if len(each.data) < 4096:
                each.start, count = len(small_table), -(-len(each.data) // 64)
                small += _padded(each.data, 64)
                small_table += [each.start + at + 1 for at in range(count - 1)] + [END]
            else:
                each.start = chain(each.data)
    if small:
        entries[0].start, entries[0].size = chain(small), len(small)
    packed = struct.pack(f"<{len(small_table)}I", *small_table)
    small_start = chain(packed.ljust(-(-len(packed) // 512) * 512, b"\xff")) if packed else END
    directory = chain(_padded(b"".join(each.packed() for each in entries), 512))
    count = 1
    while count * 128 < len(table) + count:
        count += 1
    first = len(table)
    table += [TABLE] * count
    table += [FREE] * (count * 128 - len(table))
    fat = struct.pack(f"<{len(table)}I", *table)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6 + 4)
    head += struct.pack("<IIIIIIIII", count, directory, 0, 4096, small_start,
                        -(-len(packed) // 512), END, 0, first)  # fmt: skip
    head += struct.pack(f"<{count - 1}I", *range(first + 1, first + count))
    return head.ljust(512, b"\xff") + b"".join(sectors) + fat


@dataclass
class Mail:
    """An item of Outlook, by its properties."""

    texts: dict[int, str] = field(default_factory=dict)
    binary: dict[int, bytes] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    receivers: list[Mail] = field(default_factory=list)
    attachments: list[Mail] = field(default_factory=list)
    message: Mail | None = None
    narrow: bool = False  # texts in GBK

    def tree(self, head: int = 32) -> Tree:
        """The storages and streams of the item."""
        found: Tree = {}
        for number, text in self.texts.items():
            kind = "001E" if self.narrow else "001F"
            found[f"__substg1.0_{number:04X}{kind}"] = text.encode(
                "gb18030" if self.narrow else "utf-16-le"
            )
        for number, data in self.binary.items():
            found[f"__substg1.0_{number:04X}0102"] = data
        fixed = b"".join(
            struct.pack("<HHIQ", 0x40 if value >> 32 else 3, number, 6, value)
            for number, value in self.numbers.items()
        )
        found["__properties_version1.0"] = bytes(head) + fixed
        for at, each in enumerate(self.receivers):
            found[f"__recip_version1.0_#{at:08X}"] = each.tree(8)
        for at, each in enumerate(self.attachments):
            found[f"__attach_version1.0_#{at:08X}"] = each.tree(8)
        if self.message is not None:
            found["__substg1.0_3701000D"] = self.message.tree(24)
        return found
