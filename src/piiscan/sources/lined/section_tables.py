"""Section tables: a text of a document with the tables in it, forms as lines of the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from piiscan.sources.block import Table
from piiscan.sources.content import Content
from piiscan.sources.lined.text_table import open_lines
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.form_rows import form_lines
from piiscan.sources.rows.row_table import open_rows

#: Tables of a text that are tables of their own; the rows of all further ones are one.
_MAX_TABLES: Final = 400
Rows = list[list[str | None]]


@dataclass(frozen=True, slots=True)
class SectionReader:
    """Builder of a document's tables, from lines, rows and texts with places."""

    content: Content
    context: ReadContext

    def open_section(
        self, name: str, lines: list[str], tables: Sequence[Rows], prefix: str
    ) -> Iterator[Table]:
        """Yield the text ``name`` as a table of lines, and its ``tables``.

        A table is called ``prefix`` and its number in the text.
        """
        lines, rest = list(lines), []
        kept: list[tuple[str, Rows]] = []
        for number, rows in enumerate(tables, 1):
            cells = [[cell for cell in row if cell is not None] for row in rows]
            form = form_lines(cells, self.context.count_names)
            if form is not None:
                lines += ["", *(part for line in form for part in line.split("\n")), ""]
            elif len(kept) < _MAX_TABLES:
                kept.append((f"{prefix}table {number}", rows))
            else:
                rest += rows
        if rest:
            kept.append((f"{prefix}further tables", rest))
        member = f"{self.content.member}#{name}"
        yield from open_lines(self.content, self.context, lines, member)
        for place, rows in kept:
            yield from self.open_table(place, rows)

    def open_table(
        self,
        name: str,
        rows: Rows,
        headers: Sequence[str | None] | None = None,
        kind: str = "document",
    ) -> Iterator[Table]:
        """Yield the table ``name`` of the filled rows. The header is searched unless given."""
        member, read = f"{self.content.member}#{name}", partial(iter, rows)
        yield from open_rows(
            self.content, self.context, read, kind=kind, member=member, headers=headers
        )

    def open_placed(self, name: str, texts: Sequence[tuple[str, str]]) -> Iterator[Table]:
        """Yield the table ``name`` of (place, text) pairs that belong to no line."""
        yield from self.open_table(name, [list(each) for each in texts], ("place", "text"))
