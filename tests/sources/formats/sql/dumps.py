"""Reading an SQL dump the way every test of it looks at it."""

import io
from dataclasses import dataclass

from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.encoding.decoder import read_pieces
from piiscan.sources.encoding.detector import EncodingGuess
from piiscan.sources.formats.sql.dump_scanner import DumpScanner, ScannedText
from piiscan.sources.formats.sql.table_definitions import DumpTables
from tests.sources.tables import Source, cells_of, read_all

Rows = list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Dump:
    """Tables by name, their blocks, the lines that are no rows, and all troubles."""

    tables: dict[str, Table]
    blocks: dict[str, list[Block]]
    texts: list[Block]
    troubles: list[Trouble]

    def rows(self, name: str) -> list[list[str | None]]:
        """All rows of a table in the order of their numbers, absent cells at the end left out."""
        numbers = [int(row) for block in self.blocks[name] for row in block.rows]
        cells = cells_of(self.blocks[name])
        return [row for _, row in sorted(zip(numbers, cells, strict=True), key=lambda r: r[0])]

    @property
    def lines(self) -> list[str]:
        """The lines of text."""
        return [str(row[0]) for row in cells_of(self.texts)]

    @property
    def counts(self) -> dict[str, int]:
        """Rows of each table."""
        return {name: sum(len(b.rows) for b in blocks) for name, blocks in self.blocks.items()}


def read_dump(source: Source, name: str = "a.sql") -> Dump:
    """The first dump in the file, whole."""
    ((table, blocks), *_), troubles = read_all(source, name)
    names = [each.member.rpartition("#")[2] for each in table.siblings]
    parts: dict[str, list[Block]] = {each: [] for each in names}
    for block in blocks:
        if block.table:
            parts[names[block.table - 1]].append(block)
    texts = [block for block in blocks if not block.table]
    return Dump(dict(zip(names, table.siblings, strict=True)), parts, texts, troubles)


def scan_dump(
    data: bytes, *, size: int, slashes: bool, encoding: str = "utf-8"
) -> tuple[Rows, list[str]]:
    """All rows as (table, cells), and the texts between them."""
    tables = DumpTables()
    reader = DumpScanner(tables, slashes=slashes, encoding=encoding, member="")
    rows: Rows = []
    texts = []
    for found in reader.read(read_pieces(io.BytesIO(data), EncodingGuess(encoding, 0), size=size)):
        assert isinstance(found, ScannedText), found
        cut, clean = found.buffer.rows(None), found.buffer.unescaped.tobytes()
        for number, head in enumerate(found.buffer.heads().tolist()):
            cells = [
                clean[cut.starts[k] : cut.ends[k]].decode()
                for k in range(cut.firsts[number], cut.firsts[number + 1])
            ]
            rows.append((tables.tables[tables.heads[head].table].name, cells))
        text = found.buffer.text.tobytes()
        texts += [text[a:b].decode().strip() for a, b in found.text_ranges]
    return rows, [text for text in texts if text.strip(";, \r\n")]
