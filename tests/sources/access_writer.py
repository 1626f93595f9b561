"""A small writer of Access databases: one table of texts, memos and numbers, and its catalog."""

import struct
from collections.abc import Iterable, Sequence

LONG, TEXT, MEMO = 4, 10, 12
CATALOG, ENTRIES, MAPS, TABLE, ROWS, MEMOS = range(2, 8)


def packed(text: str) -> bytes:
    """A text as JET 4 stores it: bytes for Latin, UTF-16 for others."""
    out, is_packed = bytearray(b"\xff\xfe"), True
    for char in text:
        wide = ord(char) > 255
        if wide == is_packed:
            out.append(0)
            is_packed = not wide
        out += char.encode("utf-16-le") if wide else char.encode("latin-1")
    return bytes(out)


class Writer:
    """Bytes of a database. ``new``: JET 4, else JET 3 with texts in GBK."""

    def __init__(self, *, new: bool = True) -> None:
        self.new, self.size = new, 4096 if new else 2048

    def text(self, text: str) -> bytes:
        return packed(text) if self.new else text.encode("gbk")

    def row(self, kinds: Sequence[int], values: Sequence[object]) -> bytes:
        """A row: fixed numbers, then texts, their offsets, and the mask."""
        width = 2 if self.new else 1
        out = len(kinds).to_bytes(width, "little")
        out += b"".join(
            struct.pack("<i", value)
            for kind, value in zip(kinds, values, strict=True)
            if kind == LONG
        )
        offsets = []
        for kind, value in zip(kinds, values, strict=True):
            if kind != LONG:
                offsets.append(len(out))
                out += value if isinstance(value, bytes) else self.text(str(value or ""))
        end = len(out)
        jumps = 0 if self.new else (end + len(offsets) + 3) // 256
        assert jumps == 0
        ends = [*offsets, end][::-1]
        out += b"".join(each.to_bytes(width, "little") for each in ends)
        out += len(offsets).to_bytes(width, "little")
        mask = sum(1 << n for n, value in enumerate(values) if value is not None)
        return out + mask.to_bytes((len(kinds) + 7) // 8, "little")

    def page_of_rows(
        self, owner: int, rows: Iterable[bytes], deleted: frozenset[int] = frozenset()
    ) -> bytes:
        end, body, slots = self.size, b"", b""
        for number, row in enumerate(rows):
            end -= len(row)
            body = row + body
            slots += struct.pack("<H", end | (0x8000 if number in deleted else 0))
        head = struct.pack("<BBHI", 1, 1, 0, owner) + bytes(4 if self.new else 0)
        head += struct.pack("<H", len(slots) // 2) + slots
        return head + bytes(self.size - len(head) - len(body)) + body

    def definition(self, columns: Sequence[tuple[str, int]], used: int) -> bytes:
        """The page of a table's definition. ``used``: slot of its map of pages."""
        variable = sum(kind != LONG for _, kind in columns)
        counts = struct.pack("<HHH", len(columns), variable, len(columns)) + bytes(8)
        counts += struct.pack("<I", MAPS << 8 | used) + bytes(4)
        head = b"\x02\x01" + bytes(39 if self.new else 19) + counts
        entries, fixed, place = b"", 0, 0
        for number, (_, kind) in enumerate(columns):
            is_fixed = kind == LONG
            flags, at = int(is_fixed), (0 if is_fixed else place)
            if self.new:
                entries += struct.pack(
                    "<BIHHHIHIHH", kind, 0, number, at, number, 0, flags, 0, fixed, 4
                )
            else:
                entries += struct.pack(
                    "<BHHHHHHBHH", kind, number, at, number, 0, 0, 0, flags, fixed, 4
                )
            fixed, place = fixed + 4 * is_fixed, place + (not is_fixed)
        names = b""
        for name, _ in columns:
            data = name.encode("utf-16-le" if self.new else "gbk")
            names += len(data).to_bytes(2 if self.new else 1, "little") + data
        return (head + entries + names).ljust(self.size, b"\0")

    def memo(self, slot: int, size: int) -> bytes:
        """The entry of a memo that has a row of its own."""
        return struct.pack("<III", size | 0x40000000, MEMOS << 8 | slot, 0)

    def database(
        self,
        columns: Sequence[tuple[str, int]],
        rows: Sequence[Sequence[object]],
        deleted: frozenset[int] = frozenset(),
        memos: Sequence[bytes] = (),
    ) -> bytes:
        """A database with the table 客户. ``memos``: rows of the page of long values."""
        head = b"\0\1\0\0" + (b"Standard Jet DB\0" + bytes([int(self.new)]))
        catalog = [("Id", LONG), ("Type", LONG), ("Name", TEXT)]
        entry = self.row([LONG, LONG, TEXT], [TABLE, 1, "客户"])
        maps = [
            b"\0" + struct.pack("<I", 0) + bytes([1 << page]) + bytes(64)
            for page in (ENTRIES, ROWS)
        ]
        kinds = [kind for _, kind in columns]
        pages = [
            self.definition(catalog, 0),
            self.page_of_rows(CATALOG, [entry]),
            self.page_of_rows(0, maps),
            self.definition(columns, 1),
            self.page_of_rows(TABLE, [self.row(kinds, row) for row in rows], deleted),
            self.page_of_rows(int.from_bytes(b"LVAL", "little"), memos),
        ]
        return head.ljust(self.size, b"\0") + b"\1\1".ljust(self.size, b"\0") + b"".join(pages)
