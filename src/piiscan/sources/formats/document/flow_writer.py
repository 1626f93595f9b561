"""Flow writer: paragraphs and tables of RTF, doc and ppt as the XML events of a Word document.

A paragraph tells how many tables are around it; rows and cells begin with their first paragraph.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from piiscan.sources.formats.document.flow_reader import FlowReader

_W: Final = "wordprocessingml}"


@dataclass(slots=True)
class _Flow:
    """Open elements of one text: paragraph, row, and per table if a row and a cell are open."""

    paragraph: bool = False
    tables: list[list[bool]] = field(default_factory=list)
    row: bool = False
    element: str = ""


class FlowWriter:
    """Writer of XML events to a FlowReader. A text inside another (note, box) is its own flow."""

    def __init__(self, reader: FlowReader) -> None:
        """Begin a document; its events go to ``reader``."""
        self.reader = reader
        self._flows = [_Flow()]
        reader.start("document", {})

    def close(self) -> None:
        """End all flows and the document."""
        while len(self._flows) > 1:
            self.end_flow()
        self._end_all()
        self.reader.end("")

    def begin_flow(self, element: str = "") -> None:
        """Begin a flow inside the open one. ``element``: XML element around it, or ""."""
        if element:
            self.reader.start(element, {})
        self._flows.append(_Flow(element=element))

    def end_flow(self) -> None:
        """End the innermost flow."""
        self._end_all()
        if self._flows.pop().element:
            self.reader.end("")

    def begin_row(self) -> None:
        """Begin a table row, without text yet."""
        self._flows[-1].row = True

    def add(self, text: str, level: int, change: str = "") -> None:
        """Add a text inside ``level`` nested tables. ``change``: "deleted", "revised" or ""."""
        self.paragraph(level)
        if change == "revised":
            self.reader.start(f"{_W}ins", {})
        self.event("delText" if change == "deleted" else "t", text)
        if change == "revised":
            self.reader.end("")

    def end_paragraph(self, level: int) -> None:
        """End the paragraph at table depth ``level``, which may be empty."""
        self.paragraph(level)
        self._close_paragraph()

    def end_cell(self, level: int) -> None:
        """End a cell of the table at depth ``level`` (1: outermost)."""
        self._to_level(level)
        self._open_cell()
        self._close_paragraph()
        self.reader.end("")
        self._flows[-1].tables[-1][1] = False

    def end_row(self, level: int) -> None:
        """End a row of the table at depth ``level`` (1: outermost)."""
        self._to_level(level)
        flow = self._flows[-1]
        if flow.tables and flow.tables[-1][0]:
            self._close_row()
        flow.row = False

    def event(self, name: str, text: str) -> None:
        """Write the Word element ``name`` with a text: ``t``, ``delText``, ``instrText``."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.reader.start(f"{_W}br", {})
                self.reader.end("")
            self.reader.start(f"{_W}{name}", {})
            self.reader.add(line)
            self.reader.end("")

    def mark(self, kind: str) -> None:
        """Write a field mark: ``begin``, ``separate`` or ``end``."""
        self.reader.start(f"{_W}fldChar", {f"{_W}fldCharType": kind})
        self.reader.end("")

    def paragraph(self, level: int) -> None:
        """Begin a paragraph at table depth ``level``, unless one is open there."""
        flow = self._flows[-1]
        level = max(level, int(flow.row))
        if flow.paragraph and len(flow.tables) == level:
            return
        self._close_paragraph()
        self._to_level(level)
        if level:
            self._open_cell()
        self.reader.start(f"{_W}p", {})
        flow.paragraph = True

    def _close_paragraph(self) -> None:
        """End the open paragraph."""
        flow = self._flows[-1]
        if flow.paragraph:
            self.reader.end("")
            flow.paragraph = False

    def _to_level(self, level: int) -> None:
        """End tables deeper than ``level``, and begin the missing ones."""
        tables = self._flows[-1].tables
        if len(tables) != level:
            self._close_paragraph()
        while len(tables) > level:
            self._close_row()
            self.reader.end("")
            tables.pop()
        while len(tables) < level:
            if tables:
                self._open_cell()
            self.reader.start(f"{_W}tbl", {})
            tables.append([False, False])

    def _open_cell(self) -> None:
        """Begin a row and a cell of the innermost table, unless they are open."""
        table = self._flows[-1].tables[-1]
        for at, name in enumerate(("tr", "tc")):
            if not table[at]:
                self.reader.start(f"{_W}{name}", {})
                table[at] = True

    def _close_row(self) -> None:
        """End the open cell and row of the innermost table."""
        self._close_paragraph()
        table = self._flows[-1].tables[-1]
        for at in (1, 0):
            if table[at]:
                self.reader.end("")
                table[at] = False

    def _end_all(self) -> None:
        """End all tables and the paragraph of the innermost flow."""
        self._to_level(0)
        self._close_paragraph()
