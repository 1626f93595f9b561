"""Mail parts: bodies and attachments of one message as members, within the shared budget."""

from __future__ import annotations

from collections.abc import Iterator

from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, memory_content
from piiscan.sources.limits import BudgetUsage


class MailParts:
    """Builder of the members of one message: body and attachments, with unique names."""

    def __init__(self, prefix: str, usage: BudgetUsage, seed: int) -> None:
        """Start without members. ``prefix``: of their paths; ``usage``: the used budget."""
        self.prefix, self.usage, self.seed = prefix, usage, seed
        self._names: dict[str, int] = {}

    def member(self, name: str, data: bytes) -> Iterator[Content | Trouble]:
        """Yield ``data`` as the member ``name``; a Trouble if it exceeds the budget."""
        self.usage.total += len(data)
        number = self._names[name] = self._names.get(name, 0) + 1
        member = self.prefix + (name if number == 1 else f"{name};{number}")
        if self.usage.total > self.usage.budget.total:
            yield Trouble(member, "ZIP_TOTAL", f"{len(data)} bytes over the budget")
        elif len(self._names) > self.usage.budget.members:
            yield Trouble(member, "ZIP_MEMBERS", "a part over the budget")
        elif data.strip():
            last = name.rpartition("/")[2]
            yield memory_content(data, last, member=member, seed=self.seed)
