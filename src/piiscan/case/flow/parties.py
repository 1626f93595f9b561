"""Parties: every name, alias and digest of the case resolved to a person, once.

The register names suspects and parties; ledgers and chats only have digests. All become numbers:
``小芳 = 王某 -> person 0``. Negative numbers are the holder without a name (UNREGISTERED) and the
party that nobody named (UNNAMED).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from piiscan.case.register import Alias, Dealing, GroupMember, resolve_aliases
from piiscan.forms.schema import normalize_word
from piiscan.parsing.party_names import written_forms

#: Numbers of nobody: holder of an item without a suspect; giver or taker that nothing names.
UNREGISTERED: Final = -1
UNNAMED: Final = -2
#: Minutes from a phone to its verification code in a chat, unless a person gives others.
CODE_MINUTES: Final = 10
#: Node of all parties without a name.
UNKNOWN: Final = "unknown"

_SEPARATORS: Final = re.compile("[、;；,，]")

#: SQL: parties of ledgers that no name in the register resolves get numbers behind all others.
_CREATE_DIGESTS: Final = """
create temp table party_digests as
with named as (
    select party_digest, party from ledger where party_kind <> 'sender'
    union all
    select unnest([giver_digest, taker_digest]), unnest([giver, taker]) from confirmed_messages),
seen as (
    select party_digest, any_value(party order by party) as party from named
    where party_digest is not null group by party_digest)
select party_digest, party, coalesce(person, {first} - 1 + row_number() over (
    partition by person is null order by party_digest))::int as person
from seen left join known_digests using (party_digest);
create temp table persons as
select * from persons_given
union all
select person, party, 'party:' || lower(left(hex(party_digest), 12)), false
from party_digests where person >= {first}
union all values ({unregistered}, null, '{unknown}', false), ({unnamed}, null, '{unknown}', false);
"""


@dataclass(frozen=True, slots=True)
class FlowSettings:
    """Settings of the flow: aliases and group members of the register, and the digest function.

    ``digests``: keyed digests of names, None without the key of the case. ``internal_sales``: True
    if transfers between members of a group are sales. ``dealings``: those in chats that
    a person confirmed. ``code_minutes``: within them a code belongs to the phone before it.
    """

    aliases: Sequence[Alias] = field(default=(), repr=False)
    members: Sequence[GroupMember] = field(default=(), repr=False)
    digests: Callable[[Sequence[str]], pa.Array] | None = field(default=None, repr=False)
    internal_sales: bool = False
    dealings: Sequence[Dealing] = field(default=(), repr=False)
    code_minutes: int = CODE_MINUTES

    @property
    def is_dated(self) -> bool:
        """Return True if a member belongs to a group from or to a day."""
        return any(each.since or each.until for each in self.members)


#: Node id and name of one end of a transfer.
PartyEnd = tuple[str, str | None]


class Parties:
    """Persons that the register names, by number, with all names of each.

    ``digests``: keyed digest of every known name -> person; empty without the key of the case.
    """

    digests: Mapping[bytes, int] = {}

    def __init__(
        self, suspects: Iterable[str], others: Iterable[str], aliases: Sequence[Alias]
    ) -> None:
        """Number the persons: suspects in order of their names, then all others."""
        self._resolved = resolve_aliases(aliases)
        self._written: dict[str, str] = {}
        registered = {self._name_of(name) for name in sorted(suspects)}
        named = {self._name_of(name) for name in sorted(others)} | set(self._resolved.values())
        self.names = [*sorted(registered), *sorted(named - registered)]
        self.suspects = len(registered)
        self._numbers = {normalize_word(name): number for number, name in enumerate(self.names)}

    def _name_of(self, name: str) -> str:
        """Return the person's name for a written name; spellings that differ in blanks are one."""
        key = normalize_word(name)
        return self._resolved.get(key) or self._written.setdefault(key, name)

    def number_of(self, name: str) -> int:
        """Return the number of the person with a written name."""
        return self._numbers[normalize_word(self._name_of(name))]

    def node_of(self, person: int) -> str:
        """Return the node id of a person: ``suspect:NAME`` or ``party:NAME``."""
        return f"{'suspect' if person < self.suspects else 'party'}:{self.names[person]}"

    def end(
        self, holder: str | None, digests: Iterable[bytes | None], name: str | None
    ) -> PartyEnd:
        """Return the end of a transfer in a message: the holder, a known person, or a masked name.

        ``digests``: of the account and the nickname; the first that is known decides.
        """
        told = [each for each in digests if each is not None]
        known = [self.digests[each] for each in told if each in self.digests]
        if holder is not None:
            known.insert(0, self.number_of(holder))
        if known:
            return self.node_of(known[0]), self.names[known[0]]
        return party_node(told[0] if told else None, name), name

    def all_names(self) -> list[tuple[str, int]]:
        """Return every known name and alias in all written forms, with the person's number."""
        names = {*self.names, *self._written.values(), *self._resolved}
        return sorted({(form, self.number_of(n)) for n in names for form in written_forms(n)})


def party_node(digest: bytes | None, name: str | None) -> str:
    """Return the node id ``party:…`` of an outside party, by digest, else by name, else UNKNOWN."""
    if digest is None:
        return f"party:{name}" if name else UNKNOWN
    return f"party:{digest.hex()[:12]}"


def split_parties(cell: str) -> list[str]:
    """Return the names in a cell of the register: ``乙某、丙某 -> [乙某, 丙某]``."""
    return [name for part in _SEPARATORS.split(cell) if (name := part.strip())]


def create_parties(connection: Any, settings: FlowSettings) -> Parties:
    """Create the tables of persons in the count database, and return the named persons.

    ``party_names``: suspect -> person. ``party_cells``: cell of from or to -> its persons.
    ``party_digests``: digest in a ledger -> person. ``known_digests``: digest of every known name.
    ``persons``: number, name, node id, and if he is a suspect.
    """
    suspects, givers, takers = (
        [name for (name,) in connection.execute(
            f"select distinct {column} from placed where {column} is not null order by 1"
        ).fetchall()]
        for column in ("suspect", "party_from", "party_to")
    )  # fmt: skip
    dealt = [name for each in settings.dealings for name in (each.giver, each.taker) if name]
    cells = {name: [name] for name in dealt} | {
        cell: split_parties(cell) for cell in dict.fromkeys((*givers, *takers))
    }
    others = [name for names in cells.values() for name in names]
    others += [member.member for member in settings.members]
    parties = Parties(suspects, others, settings.aliases)
    named = [(name, parties.number_of(name)) for name in suspects]
    in_cells = [
        (cell, person)
        for cell, names in cells.items()
        for person in dict.fromkeys(map(parties.number_of, names))
    ]
    _register(connection, "party_names", {"name": pa.string(), "person": pa.int32()}, named)
    _register(connection, "party_cells", {"cell": pa.string(), "person": pa.int32()}, in_cells)
    parties.digests = known = _known_digests(parties, settings)
    types = {"party_digest": pa.binary(), "person": pa.int32()}
    _register(connection, "known_digests", types, list(known.items()))
    persons = [
        (number, name, parties.node_of(number), number < parties.suspects)
        for number, name in enumerate(parties.names)
    ]
    types = {"person": pa.int32(), "name": pa.string(), "node": pa.string(), "known": pa.bool_()}
    _register(connection, "persons_given", types, persons)
    connection.execute(
        _CREATE_DIGESTS.format(
            first=len(persons), unregistered=UNREGISTERED, unnamed=UNNAMED, unknown=UNKNOWN
        )
    )
    return parties


def _known_digests(parties: Parties, settings: FlowSettings) -> Mapping[bytes, int]:
    """Return the digest of every known name -> person; none without the key of the case."""
    names = parties.all_names()
    if settings.digests is None or not names:
        return {}
    digests = settings.digests([name for name, _ in names]).to_pylist()
    return dict(zip(digests, (person for _, person in names), strict=True))


def _register(
    connection: Any, name: str, types: Mapping[str, pa.DataType], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Create the temporary table ``name`` with the columns ``types`` from ``rows``."""
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in types]
    arrays = [pa.array(c, t) for c, t in zip(columns, types.values(), strict=True)]
    connection.register(f"{name}_rows", pa.table(arrays, names=list(types)))
    connection.execute(f"create temp table {name} as select * from {name}_rows")
    connection.unregister(f"{name}_rows")
