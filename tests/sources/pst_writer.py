"""Mailboxes of Outlook (Unicode pst without encryption), as [MS-PST] lays them out."""

import struct
import zlib
from dataclasses import dataclass, field

from tests.sources.ole_writer import Mail

_PAGE = 512


def _crc(data: bytes) -> int:
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


def _signature(place: int, number: int) -> int:
    mixed = (place ^ number) & 0xFFFFFFFF
    return (mixed >> 16) ^ (mixed & 0xFFFF)


def _heap(client: int, root: int, parts: list[bytes]) -> bytes:
    """A heap on a node: its allocations are numbered from 1."""
    body, starts = b"", []
    for part in parts:
        starts.append(12 + len(body))
        body += part
    starts.append(12 + len(body))
    body += bytes(len(body) % 2)
    head = struct.pack("<HBBI", 12 + len(body), 0xEC, client, root << 5) + bytes(4)
    return head + body + struct.pack(f"<HH{len(starts)}H", len(parts), 0, *starts)


@dataclass
class PstWriter:
    """A file that is being written: blocks and nodes."""

    blocks: list[tuple[int, bytes]] = field(default_factory=list)  # number, data
    nodes: list[tuple[int, int, int, int]] = field(default_factory=list)  # nid, data, sub, parent

    def block(self, data: bytes, *, internal: bool = False) -> int:
        """Add a block, or several and the list of them; return its number."""
        if len(data) > 8176:
            pieces = [self.block(data[at : at + 8176]) for at in range(0, len(data), 8176)]
            table = struct.pack("<BBHI", 1, 1, len(pieces), len(data))
            return self.block(table + struct.pack(f"<{len(pieces)}Q", *pieces), internal=True)
        number = (len(self.blocks) + 1) * 4 | (2 if internal else 0)
        self.blocks.append((number, data))
        return number

    def subnodes(self, found: dict[int, tuple[int, int]]) -> int:
        """Add a block of subnodes: nid -> (data, sub)."""
        if not found:
            return 0
        entries = b"".join(struct.pack("<QQQ", n, *found[n]) for n in sorted(found))
        return self.block(struct.pack("<BBHI", 2, 0, len(found), 0) + entries, internal=True)

    def properties(self, item: Mail, subs: dict[int, tuple[int, int]]) -> int:
        """Add the property context of an item; long values become subnodes."""
        values: dict[int, tuple[int, bytes | int]] = {}
        values |= {n: (0x1F, text.encode("utf-16-le")) for n, text in item.texts.items()}
        values |= {n: (0x102, data) for n, data in item.binary.items()}
        for n, number in item.numbers.items():
            values[n] = (0x40, number.to_bytes(8, "little")) if number >> 32 else (3, number)
        if item.message is not None:
            values[0x3701] = (0x0D, struct.pack("<II", 0x8004, 1000))
        parts, records = [b"", b""], b""
        for number in sorted(values):
            kind, value = values[number]
            if isinstance(value, int):
                handle = value
            elif not value:
                handle = 0
            elif len(value) > 500:
                handle = (len(subs) + 900) << 5 | 0x1F
                subs[handle] = (self.block(value), 0)
            else:
                parts.append(value)
                handle = len(parts) << 5
            records += struct.pack("<HHI", number, kind, handle)
        parts[0] = struct.pack("<BBBBI", 0xB5, 2, 6, 0, 2 << 5 if records else 0)
        parts[1] = records
        return self.block(_heap(0xBC, 1, parts))

    def table(self, rows: list[tuple[int, Mail]], columns: list[tuple[int, int]]) -> int:
        """Add a table context of rows (number, texts and numbers) with the columns (id, type)."""
        described = [(0x67F2, 3), (0x67F3, 3), *columns]
        width = 4 * len(described)
        bits = -(-len(described) // 8)
        parts: list[bytes] = [b"", b"", b"", b""]
        matrix, index = b"", b""
        for at, (number, row) in enumerate(rows):
            cells = struct.pack("<II", number, 1)
            filled = 0b11
            for place, (column, kind) in enumerate(columns, 2):
                value = row.numbers.get(column) if kind == 3 else row.texts.get(column)
                if isinstance(value, str):
                    parts.append(value.encode("utf-16-le"))
                    value = len(parts) << 5
                filled |= (value is not None) << place
                cells += struct.pack("<I", value or 0)
            mask = bytes(
                sum((filled >> (8 * b + n) & 1) << (7 - n) for n in range(8)) for b in range(bits)
            )
            matrix += cells + mask
            index += struct.pack("<II", number, at)
        order = sorted(enumerate(described), key=lambda each: each[1][0])
        descriptions = b"".join(
            struct.pack("<HHHBB", kind, column, place * 4, 4, place)
            for place, (column, kind) in order
        )
        parts[0] = (
            struct.pack("<BB4HIII", 0x7C, len(described), width, width, width, width + bits,
                        2 << 5, (4 << 5) if rows else 0, 0) + descriptions
        )  # fmt: skip
        parts[1] = struct.pack("<BBBBI", 0xB5, 4, 4, 0, 3 << 5 if rows else 0)
        parts[2], parts[3] = index, matrix
        return self.block(_heap(0x7C, 1, parts))

    def message(self, item: Mail) -> tuple[int, int]:
        """Add a message with its receivers and attachments: (data, sub)."""
        subs: dict[int, tuple[int, int]] = {}
        data = self.properties(item, subs)
        if item.receivers:
            columns = [(0x0C15, 3), (0x3001, 0x1F), (0x39FE, 0x1F)]
            rows = list(enumerate(item.receivers))
            subs[0x692] = (self.table(rows, columns), 0)
        if item.attachments:
            numbers = [(at + 1) << 5 | 5 for at in range(len(item.attachments))]
            rows = list(zip(numbers, item.attachments, strict=True))
            subs[0x671] = (self.table(rows, [(0x0E20, 3)]), 0)
            for number, each in rows:
                inner: dict[int, tuple[int, int]] = {}
                if each.message is not None:
                    inner[0x8004] = self.message(each.message)
                subs[number] = (self.properties(each, inner), self.subnodes(inner))
        return data, self.subnodes(subs)

    def tree(self, kind: int, entries: list[bytes], place: int) -> tuple[bytes, int, int]:
        """The pages of a tree from ``place`` on, the number and place of its root."""
        size = len(entries[0])
        most = 488 // size
        level, pages, number = 0, b"", 0x10000 * kind
        while True:
            upper = []
            for at in range(0, len(entries), most):
                part = entries[at : at + most]
                number += 4
                where = place + len(pages)
                body = b"".join(part).ljust(488, b"\0")
                body += struct.pack("<BBBBI", len(part), most, size, level, 0)
                trailer = struct.pack(
                    "<BBHIQ", kind, kind, _signature(where, number), _crc(body), number
                )
                pages += body + trailer
                upper.append(part[0][:8] + struct.pack("<QQ", number, where))
            if len(upper) == 1:
                return pages, number, place + len(pages) - _PAGE
            entries, size, most, level = upper, 24, 20, level + 1


def write_pst(folders: dict[str, list[Mail]]) -> bytes:
    """The bytes of a mailbox: folder -> its messages."""
    made = PstWriter()
    store: dict[int, tuple[int, int]] = {}
    made.nodes.append(
        (0x21, made.properties(Mail({0x3001: "邮箱"}), store), made.subnodes(store), 0)
    )
    names = Mail(
        binary={2: bytes(16), 3: struct.pack("<IHH", 1, 6, 0), 4: bytes(4)}, numbers={1: 251}
    )
    made.nodes.append((0x61, made.properties(names, {}), 0, 0))
    made.nodes.append((0x122, made.properties(Mail({0x3001: ""}), {}), 0, 0x122))
    for at, (name, messages) in enumerate(folders.items()):
        folder = (0x400 + at) << 5 | 2
        made.nodes.append((folder, made.properties(Mail({0x3001: name}), {}), 0, 0x122))
        for n, item in enumerate(messages):
            number = (0x10000 + at * 0x1000 + n) << 5 | 4
            made.nodes.append((number, *made.message(item), folder))
    place, body, entries = 0x4600, b"", []
    for number, data in made.blocks:
        where = place + len(body)
        padded = data + bytes(-(len(data) + 16) % 64)
        trailer = struct.pack("<HHIQ", len(data), _signature(where, number), _crc(data), number)
        body += padded + trailer
        entries.append(struct.pack("<QQHHI", number, where, len(data), 2, 0))
    body += bytes(-len(body) % _PAGE)
    entries.sort(key=lambda each: struct.unpack_from("<Q", each))
    nodes = [
        struct.pack("<QQQII", n, data, sub, parent, 0)
        for n, data, sub, parent in sorted(made.nodes)
    ]
    first, nbt, nbt_place = made.tree(0x81, nodes, place + len(body))
    body += first
    second, bbt, bbt_place = made.tree(0x80, entries, place + len(body))
    body += second
    end = place + len(body)
    root = struct.pack(
        "<IQQQQQQQQBBH", 0, end, 0x4400, 0, 0, nbt, nbt_place, bbt, bbt_place, 2, 0, 0
    )
    middle = struct.pack("<HHHBBII", 0x4D53, 23, 19, 1, 1, 0, 0) + bytes(8)
    middle += struct.pack("<QI", 0x1000000, 1) + struct.pack("<32I", *([0x400] * 32)) + bytes(8)
    middle += (
        root + bytes(4) + b"\xff" * 256 + struct.pack("<BBHQ", 0x80, 0, 0, len(made.blocks) * 4 + 4)
    )
    head = b"!BDN" + struct.pack("<I", _crc(middle[:471])) + middle
    head += struct.pack("<I", _crc(middle[:516])) + bytes(36)
    return head.ljust(place, b"\0") + body
