"""Mail parts: bodies and attachments of one message as members, within the shared budget."""

from __future__ import annotations

from collections.abc import Iterator

from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, memory_content
from piiscan.sources.read_context import ReadContext


class MailParts:
    """Builder of the members of one message: body and attachments, with unique names."""

    def __init__(self, prefix: str, context: ReadContext) -> None:
        """Start without members. ``prefix``: of their paths."""
        self.prefix, self.context = prefix, context
        self._names: dict[str, int] = {}

    def member(self, name: str, data: bytes) -> Iterator[Content | Trouble]:
        """Yield ``data`` as the member ``name``; a Trouble if it exceeds the budget."""
        usage, budget = self.context.usage, self.context.budget
        usage.total += len(data)
        number = self._names[name] = self._names.get(name, 0) + 1
        member = self.prefix + (name if number == 1 else f"{name};{number}")
        if usage.total > budget.total:
            yield Trouble(member, "ZIP_TOTAL", f"{len(data)} bytes over the budget")
        elif len(self._names) > budget.members:
            yield Trouble(member, "ZIP_MEMBERS", "a part over the budget")
        elif data.strip():
            last = name.rpartition("/")[2]
            yield memory_content(data, last, member=member, seed=self.context.seed)
