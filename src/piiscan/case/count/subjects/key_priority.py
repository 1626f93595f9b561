"""By which key records are de-duplicated: an order of kinds of key, for all sources or some.

No statute says what one 条 is; practice takes a unique number, and which one differs by the case
(domain.md D.3).  The order is chosen by the user, kept with the count and printed with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from piiscan.errors import CountError

#: Kinds of key: what has to stand in a record so that it has one.
KINDS: Final = ("identity", "name_phone", "phone", "account", "name_address", "phone_code")

#: The order of domain.md D.3.
_USUAL: Final = ("identity", "name_phone", "phone", "account", "name_address")
#: Orders that have a name: the usual one, accounts (微信号 …), phones with their codes.
NAMED: Final = {
    "default": _USUAL,
    "account": ("account", *(kind for kind in _USUAL if kind != "account")),
    "phone_code": ("phone_code", *_USUAL),
    "phone": ("phone", "identity", "account", "name_address"),
}


@dataclass(frozen=True, slots=True)
class Priority:
    """An order of kinds of key; the first one present in a record is its key."""

    kinds: tuple[str, ...] = _USUAL

    @classmethod
    def parse(cls, text: str) -> Priority:
        """A named order, or kinds joined by ``>``; CountError if it is neither.

        >>> Priority.parse("account").kinds[0], Priority.parse("phone>identity").kinds
        ('account', ('phone', 'identity'))
        """
        if text in NAMED:
            return cls(NAMED[text])
        kinds = tuple(part.strip() for part in text.split(">"))
        if len(set(kinds)) != len(kinds) or not set(kinds) <= set(KINDS):
            raise CountError(
                f"no such order of keys; give one of {', '.join(NAMED)}, or kinds joined by >:"
                f" {', '.join(KINDS)}"
            )
        return cls(kinds)

    def __str__(self) -> str:
        return ">".join(self.kinds)

    @property
    def strong(self) -> str:
        """The kind that the user put first: a record with it alone is identifiable."""
        return self.kinds[0]


@dataclass(frozen=True, slots=True)
class Priorities:
    """The order for each source: the last pattern that fits its path, else ``usual``."""

    usual: Priority = Priority()
    groups: tuple[tuple[str, Priority], ...] = ()

    @classmethod
    def parse(cls, given: list[str]) -> Priorities:
        """From ``ORDER`` (for all) and ``PATTERN=ORDER`` (paths, ``*`` for anything).

        >>> orders = Priorities.parse(["default", "*微信*=account"])
        >>> orders.of("dump/微信号.csv").strong, orders.of("dump/list.csv").strong
        ('account', 'identity')
        """
        usual, groups = Priority(), []
        for text in given:
            pattern, sign, order = text.rpartition("=")
            if sign:
                groups.append((pattern, Priority.parse(order)))
            else:
                usual = Priority.parse(order)
        return cls(usual, tuple(groups))

    def of(self, path: str) -> Priority:
        """The order for the source of that path."""
        fitting = [order for pattern, order in self.groups if fnmatchcase(path, pattern)]
        return fitting[-1] if fitting else self.usual

    def __str__(self) -> str:
        told = [f"{pattern}={order}" for pattern, order in self.groups]
        return "; ".join([str(self.usual), *told])
