"""Grouped records: records of several tables between other lines, as in XML or pages of chats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from piiscan.errors import OtherFormatError
from piiscan.sources.block import Table
from piiscan.sources.content import Content, memory_member
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.keyed_records import Record, open_records

#: Bytes up to which a content is read once for all its tables.
_MAX_HELD: Final = 32 << 20

#: Group and record; or a line of text outside of records, whatever the group.
Grouped = tuple[Any, Record | str]


@dataclass(slots=True)
class GroupedRecords:
    """Records of a content by group, and its other lines.

    ``read`` is called anew for each table of a large content, whose records are not kept.
    """

    content: Content
    context: ReadContext
    read: Callable[[], Iterator[Grouped]]
    groups: dict[Any, list[Record]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def collect(self, items: Iterator[Grouped], most_groups: int) -> None:
        """Store groups and lines; raise OtherFormatError for too much text or too many groups."""
        size, is_held = 0, self.content.size <= _MAX_HELD
        for group, found in items:
            if isinstance(found, str):
                self.lines.append(found)
                size += len(found)
            else:
                records = self.groups.setdefault(group, [])
                records += [found] if is_held else []
            if size > self.context.budget.json or len(self.groups) > most_groups:
                raise OtherFormatError("", "")

    def open_group(
        self, group: Any, *, kind: str, member: str, encoding: str | None = None
    ) -> Iterator[Table]:
        """Yield the table of the records of a group."""
        read = (
            partial(iter, held) if (held := self.groups.get(group)) else partial(self._again, group)
        )
        yield from open_records(self.content, read, kind=kind, member=member, encoding=encoding)

    def _again(self, group: Any) -> Iterator[Record]:
        """Read the records of a group once more."""
        for each, found in self.read():
            if each == group and not isinstance(found, str):
                yield found

    def open_lines(self) -> Iterator[Content]:
        """Yield the lines outside of records as the member ``text``, if there are any."""
        if self.lines:
            text = "\n".join(self.lines).encode("utf-8", "replace")
            yield memory_member(self.content, "text", text, seed=self.context.seed)
