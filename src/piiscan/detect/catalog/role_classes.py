"""Role classes: which roles name the subject of a record, other persons of it, or nobody counted.

The classes are in vocabulary.yaml (``roles``).  A role with a number (``contact#2``) is another
person with that role in the same record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from piiscan.detect.catalog.catalog import Catalog

#: Role of a further person of a record that no word names.
OTHER_PERSON: Final = "person"
#: Role of a person who shares a stay or a journey with the subject of a record: 同住人, 同行人.
COMPANION: Final = "companion"
#: Role of a contact of the subject, whom values without a role never belong to.
CONTACT: Final = "contact"
#: Role of who writes or reads -> his role if the mailbox or account itself was obtained.
OBTAINED: Final[Mapping[str, str]] = {
    "speaker": "account_sender", "mail_sender": "account_sender",
    "listener": "account_recipient", "mail_recipient": "account_recipient",
}  # fmt: skip
#: Separator of a role and the number of the person with it.
NUMBER_MARK: Final = "#"


def base_role(role: str) -> str:
    """Return a role without its number.

    >>> base_role("contact#2"), base_role("contact")
    ('contact', 'contact')
    """
    return role.partition(NUMBER_MARK)[0]


def numbered_role(role: str | None, number: int) -> str | None:
    """Return the role of the person ``number``, from 1, among those with ``role``.

    >>> numbered_role("contact", 1), numbered_role("contact", 2), numbered_role(None, 2)
    ('contact', 'contact#2', 'person#2')
    """
    return role if number == 1 else f"{role or OTHER_PERSON}{NUMBER_MARK}{number}"


@dataclass(frozen=True, slots=True)
class RoleClasses:
    """Class of each role (subject, person, staff, dealer, speaker), in the order of the vocabulary.

    ``alone``: roles of persons to whom values without a role belong if no subject is named.
    ``likes``: role -> role that a person without a name shares.
    """

    classes: Mapping[str, str]
    alone: frozenset[str] = frozenset()
    likes: Mapping[str, str] | None = None

    @classmethod
    def of(cls, catalog: Catalog) -> RoleClasses:
        """Return the classes of the roles of ``catalog``."""
        roles: Mapping[str, Mapping[str, object]] = catalog.vocabulary.get("roles", {})
        return cls(
            {role: str(entry.get("class", "person")) for role, entry in roles.items()},
            frozenset(role for role, entry in roles.items() if entry.get("alone")),
            {role: str(entry["like"]) for role, entry in roles.items() if "like" in entry},
        )

    @classmethod
    def of_rows(cls, rows: Iterable[Sequence[object]]) -> RoleClasses:
        """Return the classes that :meth:`rows` stored in a manifest."""
        stored = [(str(role), str(class_), bool(alone)) for role, class_, alone in rows]
        return cls(
            {role: class_ for role, class_, _ in stored},
            frozenset(role for role, _, alone in stored if alone),
        )

    def rows(self) -> list[list[object]]:
        """Return ``[role, class, alone]`` of each role, in order, for a manifest."""
        return [[role, class_, role in self.alone] for role, class_ in self.classes.items()]

    def is_counted(self, role: str | None) -> bool:
        """Return True if ``role`` is that of a person whose data leaked: subject, person, none."""
        return role is None or self.classes.get(base_role(role), "person") in ("subject", "person")

    def lends(self, role: str | None) -> bool:
        """Return True if a phone of the nameless ``role`` is one to reach the subject by."""
        base = base_role(role or "")
        return base in self.alone or base == CONTACT

    def priority(self, role: str | None) -> int:
        """Return the place of ``role`` among the persons of a record, lowest for its subject.

        No role comes first, then subjects and persons in the order of the vocabulary, then others.
        """
        if role is None:
            return 0
        order = list(self.classes)
        base = base_role(role)
        place = 1 + (order.index(base) if base in self.classes else len(order))
        number = int(role[len(base) + 1 :] or 1) if base != role else 1
        counted = 0 if self.is_counted(role) else 1
        return ((counted * (len(order) + 2)) + place) * 100 + min(number, 99)

    def absorber(self, roles: Iterable[str]) -> str | None:
        """Return the role of ``roles`` to which values without a role belong, None for none.

        It is the first subject in the vocabulary, else the first person who may stand alone.
        """
        present = sorted(set(roles), key=self.priority)
        subjects = [role for role in present if self.classes.get(role) == "subject"]
        others = [role for role in present if role in self.alone]
        return next(iter(subjects or others), None)
