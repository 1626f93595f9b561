"""Flow tables: the texts, tables and other texts of one part of a document as tables to scan."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from piiscan.errors import SourceError
from piiscan.sources.archives.member_names import open_inner_file
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content
from piiscan.sources.format import Opened
from piiscan.sources.formats.document.flow_reader import FlowReader
from piiscan.sources.lined.section_tables import SectionReader
from piiscan.sources.read_context import ReadContext
from piiscan.sources.texts.xml_texts import parse_part


@dataclass(frozen=True, slots=True)
class FlowTables:
    """Builder of the tables of a document's parts, from the texts that a FlowReader collected."""

    content: Content
    context: ReadContext

    @property
    def sections(self) -> SectionReader:
        """Return the builder of tables from lines, rows and placed texts."""
        return SectionReader(self.content, self.context)

    def read(
        self, stream: IO[bytes], reader: FlowReader, part: str, limit: int
    ) -> Iterator[Trouble]:
        """Read a part with ``reader``, up to its end or its damage; yield a Trouble for damage."""
        try:
            for _ in parse_part(stream, limit, reader):
                pass
        except SourceError as error:
            detail = f"{error.detail}; read up to there"
            yield Trouble(f"{self.content.member}#{part}", error.reason, detail)
        reader.close()

    def open(self, reader: FlowReader, part: str, leave: Callable[[str], bool]) -> Opened:
        """Yield the tables of the part that ``reader`` has read.

        ``leave``: returns True for a text in no paragraph that is read elsewhere.
        """
        names: dict[str, int] = {}
        for section in reader.sections:
            number = names[section.name] = names.get(section.name, 0) + 1
            name = section.name if number == 1 else f"{section.name};{number}"
            prefix = "" if name == "text" else f"{name} "
            yield from self.sections.open_section(name, section.lines, section.tables, prefix)
        asides = [each for each in reader.asides if not leave(each[1])]
        yield from self.sections.open_placed(part, asides)
        if reader.deletions:
            detail = f"{reader.deletions} deleted passages, each read behind its paragraph"
            yield Trouble(f"{self.content.member}#{part}", "DELETED_TEXT", detail, lost=False)

    def open_files(self, reader: FlowReader, part: str) -> Iterator[Content | Trouble]:
        """Yield the base64 files in a part as members; a Trouble for broken base64."""
        for name, text in reader.files:
            try:
                data = base64.b64decode("".join(text.split()))
            except (binascii.Error, ValueError):
                yield Trouble(f"{self.content.member}#{part} {name}", "CORRUPT", "base64")
            else:
                yield from self.open_file(f"{part}/{name}", data)

    def open_file(self, name: str, data: bytes) -> Iterator[Content | Trouble]:
        """Yield an embedded file as a member; a Trouble if it exceeds the budget."""
        return open_inner_file(self.content, self.context, name, data)
