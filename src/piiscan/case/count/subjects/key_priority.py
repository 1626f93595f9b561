"""Key priority: the order of key kinds by which records are de-duplicated, for all or some sources.

No statute defines one 条. Practice counts distinct unique numbers, and the number differs by case
(see ``docs/counting.md``). The user chooses the order. The count stores and prints it.

``account -> account > identity > name_phone > phone > number > vehicle > device > name_address``
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from piiscan.errors import CountError

#: Kinds of key, named by the elements that a record needs.
KEY_KINDS: Final = (
    "identity", "name_phone", "phone", "account", "name_address", "phone_code", "number", "vehicle",
    "device",
)  # fmt: skip
#: Kind of key of a row without another key that a profile of the material makes identifiable: all
#: its values together.
VALUES: Final = "values"

#: Default order: identity number first, then name and phone (``docs/counting.md``).
_DEFAULT_ORDER: Final = (
    "identity", "name_phone", "phone", "account", "number", "vehicle", "device", "name_address",
)  # fmt: skip
#: Named orders: default, accounts first (微信号 …), phones with codes first, phones first.
ORDERS: Final = {
    "default": _DEFAULT_ORDER,
    "account": ("account", *(kind for kind in _DEFAULT_ORDER if kind != "account")),
    "phone_code": ("phone_code", *_DEFAULT_ORDER),
    "phone": (
        "phone",
        *(kind for kind in _DEFAULT_ORDER if kind not in ("phone", "name_phone")),
    ),
}


@dataclass(frozen=True, slots=True)
class KeyPriority:
    """Order of key kinds. The first kind present in a record is its key."""

    kinds: tuple[str, ...] = _DEFAULT_ORDER

    @classmethod
    def parse(cls, text: str) -> KeyPriority:
        """Parse a named order, or kinds joined by ``>``. Raise CountError if it is neither.

        >>> KeyPriority.parse("account").kinds[0], KeyPriority.parse("phone>identity").kinds
        ('account', ('phone', 'identity'))
        """
        if text in ORDERS:
            return cls(ORDERS[text])
        kinds = tuple(part.strip() for part in text.split(">"))
        if len(set(kinds)) != len(kinds) or not set(kinds) <= set(KEY_KINDS):
            raise CountError("count.unknown_key_order", orders=tuple(ORDERS), kinds=KEY_KINDS)
        return cls(kinds)

    def __str__(self) -> str:
        """Return the kinds joined by ``>``, from the first choice to the last."""
        return ">".join(self.kinds)

    @property
    def first_kind(self) -> str:
        """Return the key kind that the user put first; it alone makes a record identifiable."""
        return self.kinds[0]


@dataclass(frozen=True, slots=True)
class KeyPriorities:
    """Key priority for each source: the last pattern that matches its path, else ``default``."""

    default: KeyPriority = KeyPriority()
    path_orders: tuple[tuple[str, KeyPriority], ...] = ()

    @classmethod
    def parse(cls, texts: list[str]) -> KeyPriorities:
        """Parse ``ORDER`` (all sources) and ``PATTERN=ORDER`` (paths, ``*`` for any text).

        Raise CountError if an order is unknown.

        >>> orders = KeyPriorities.parse(["default", "*微信*=account"])
        >>> orders.for_path("微信号.csv").first_kind, orders.for_path("list.csv").first_kind
        ('account', 'identity')
        """
        default, path_orders = KeyPriority(), []
        for text in texts:
            pattern, separator, order = text.rpartition("=")
            if separator:
                path_orders.append((pattern, KeyPriority.parse(order)))
            else:
                default = KeyPriority.parse(order)
        return cls(default, tuple(path_orders))

    def for_path(self, path: str) -> KeyPriority:
        """Return the key priority for the source with this path."""
        matching = [order for pattern, order in self.path_orders if fnmatchcase(path, pattern)]
        return matching[-1] if matching else self.default

    def __str__(self) -> str:
        """Return the default order, then ``PATTERN=ORDER`` for paths, joined by ``; ``."""
        orders = [f"{pattern}={order}" for pattern, order in self.path_orders]
        return "; ".join([str(self.default), *orders])


def split_priorities(text: str) -> list[str]:
    """Split the text of KeyPriorities into the texts that ``parse`` takes.

    >>> split_priorities("phone>identity; a; b*=account")
    ['phone>identity', 'a; b*=account']
    """
    default, *others = text.split("; ")
    found, pattern = [default], ""
    for part in others:
        pattern += part
        if "=" in part:
            found.append(pattern)
            pattern = ""
        else:
            pattern += "; "  # of a path
    return found
