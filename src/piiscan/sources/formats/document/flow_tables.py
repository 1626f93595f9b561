"""Flow tables: the texts, tables and other texts of one part of a document as tables to scan."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Final

from piiscan.errors import SourceError
from piiscan.sources.block import Table, Trouble
from piiscan.sources.content import Content, memory_content
from piiscan.sources.format import Opened, ReadContext
from piiscan.sources.formats.document.flow_reader import Cells, FlowReader, Section
from piiscan.sources.lined.text_table import open_lines
from piiscan.sources.rows.form_rows import form_lines
from piiscan.sources.rows.row_table import open_rows
from piiscan.sources.xml_texts import PlacedText, parse_part

#: Tables of a text that are tables of their own; the rows of all further ones are one.
_MAX_TABLES: Final = 400
_PLACED: Final = ("place", "text")


@dataclass(slots=True)
class FlowTables:
    """Texts, tables and asides of the parts of a document, each name given once."""

    content: Content
    context: ReadContext

    def read(
        self, stream: IO[bytes], reader: FlowReader, part: str, limit: int
    ) -> Iterator[Trouble]:
        """Read a part to its end, or up to what is broken in it; yield the Trouble."""
        try:
            for _ in parse_part(stream, limit, reader):
                pass
        except SourceError as error:
            detail = f"{error.detail}; read up to there"
            yield Trouble(f"{self.content.member}#{part}", error.reason, detail)
        reader.close()

    def open(self, reader: FlowReader, part: str, leave: Callable[[str], bool]) -> Opened:
        """Yield the tables of a part that was read.

        ``leave``: returns True for an aside that is read elsewhere.
        """
        names: dict[str, int] = {}
        for section in reader.sections:
            number = names[section.name] = names.get(section.name, 0) + 1
            yield from self._open_section(
                section, section.name if number == 1 else f"{section.name};{number}"
            )
        yield from self.open_asides(
            [each for each in reader.asides if not leave(each[1])], f"{self.content.member}#{part}"
        )
        if reader.deletions:
            detail = f"{reader.deletions} deleted passages, each read behind its paragraph"
            yield Trouble(f"{self.content.member}#{part}", "DELETED_TEXT", detail, lost=False)

    def open_asides(self, asides: list[PlacedText], member: str) -> Iterator[Table]:
        """Yield the table of the texts that are in no paragraph, with their places."""
        table = open_rows(
            self.content,
            lambda: ([place, text] for place, text in asides),
            member=member,
            kind="document",
            count_names=self.context.count_names,
            headers=_PLACED,
            seed=self.context.seed,
        )
        if table is not None:
            yield table

    def _open_section(self, section: Section, name: str) -> Iterator[Table]:
        """Yield the text and the tables of a section; forms are lines of its text."""
        context = self.context
        member = f"{self.content.member}#{name}"
        prefix = f"{self.content.member}#" + ("" if name == "text" else f"{name} ")
        tables: list[tuple[str, list[Cells]]] = []
        rest: list[Cells] = []
        for number, rows in enumerate(section.tables, 1):
            cells = [[cell for cell in row if cell is not None] for row in rows]
            lines = form_lines(cells, context.count_names)
            if lines is not None:
                section.lines += ["", *(part for line in lines for part in line.split("\n")), ""]
            elif len(tables) < _MAX_TABLES:
                tables.append((f"{prefix}table {number}", rows))
            else:
                rest += rows
        if rest:
            tables.append((f"{prefix}further tables", rest))
        text = open_lines(
            self.content, section.lines, member, context.count_names, context.label_names
        )
        if text is not None:
            yield text
        for place, rows in tables:
            table = open_rows(
                self.content,
                partial(iter, rows),
                member=place,
                kind="document",
                count_names=context.count_names,
                seed=context.seed,
            )
            if table is not None:
                yield table

    def open_files(self, reader: FlowReader, part: str) -> Iterator[Content | Trouble]:
        """Yield the files that are encoded in a part."""
        usage = self.context.usage
        for name, text in reader.files:
            member = f"{self.content.member}#{part} {name}"
            try:
                data = base64.b64decode("".join(text.split()))
            except (binascii.Error, ValueError):
                yield Trouble(member, "CORRUPT", "base64")
                continue
            usage.total += len(data)
            if usage.depth >= usage.budget.depth:
                yield Trouble(member, "ZIP_DEPTH", f"more than {usage.budget.depth} deep")
            elif data:
                yield memory_content(data, name, member=member, seed=self.context.seed)
