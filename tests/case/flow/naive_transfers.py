"""Who acquired and gave what, from a made-up register and ledger, in plain Python sets.

Nothing of the code that counts: names, days, and rows as sets of facts. A list is written in one of
ten dresses; what is the same row, key or person is compared row by row.
"""

from __future__ import annotations

import datetime
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from typing import Any

RANK = {"no": 0, "open": 1, "yes": 2}
GIVEN = ("sold", "provided", "published")
UNNAMED = "?"
PUBLIC = "公开发布"
SUSPECTS = ("甲某", "乙某", "丙某", "丁某", "戊某", "己某")
OUTSIDE = ("上家", "下家", "庚某")
#: Alias -> person; 外号 is an alias of an alias.
ALIASES = {"小甲": "甲某", "小乙": "乙某", "阿庚": "庚某", "外号": "小甲"}
DAYS = [datetime.date(2024, 1, day) for day in range(1, 9)]
#: Dress of a list -> the cells of its rows (``~``: bookkeeping). Every fifth pair of people has one
#: phone, and every seventh person one name.
DRESSES = {
    "numbers": "id",
    "full": "name phone id +balance",
    "turned": "+balance id phone name",
    "serial": "~serial name phone id +balance",
    "no number": "name phone +balance",
    "no name": "phone id +balance",
    "no balance": "name phone id",
    "plain": "name phone",
    "other balance": "name phone id +other",
    "more": "name phone id address +balance",
    "no name, no number": "phone address",
}
#: Kinds of key, the strongest first.
KEYS = (("id",), ("name", "phone"), ("phone",))
#: Day of the scan.
SCANNED = datetime.date(2024, 1, 6)


#: A row: its facts, as ``phone:3``.
Facts = frozenset[str]
#: Giver, taker, row, day; and holder, giver, row, day, rank of how he obtained it.
Sale = tuple[Any, Any, Any, Any]
Gain = tuple[Any, Any, Any, Any, int]


@dataclass
class Item:
    """A part of an item with its keys, and what the register says of it."""

    suspect: str | None
    role: str
    keys: set[int]
    party_from: list[str] = field(default_factory=list)
    party_to: list[str] = field(default_factory=list)
    unlawful: str | None = None
    day: datetime.date | None = None
    price: Decimal | None = None
    lost_records: int | None = None
    kept: set[int] = field(default_factory=set)  # keys whose row is called unsold
    duty: str | None = None  # if it was obtained in duty or service
    bare: set[int] = field(default_factory=set)  # phone numbers of which nothing else is known
    seized: datetime.date | None = None
    dress: str = "numbers"
    heavy: bool = False  # its rows are confirmed as property

    def cells(self, key: int) -> list[str]:
        """The cells of the row of a key."""
        shared = key % 10 == 1 and "name" in DRESSES[self.dress]  # a key is one row of an item
        values = {"name": key % 7, "phone": key - shared}
        return [
            f"{kind}:{values.get(kind, key)}" if kind[0] not in "+~" else f"{kind}{key}"
            for kind in DRESSES[self.dress].split()
        ] + [f"+owned{key}"] * self.heavy

    @property
    def given(self) -> set[int]:
        """The keys, and the bare numbers below 0."""
        return self.keys | {-number for number in self.bare}

    def row(self, key: int) -> Facts:
        """The facts of the row of a key, or of a bare number below 0."""
        if key < 0:
            return frozenset([f"phone:{-key}"])
        return frozenset(cell for cell in self.cells(key) if cell[0] != "~")


@dataclass
class Logged:
    """A row of a ledger in an item."""

    item: int
    key: int
    status: str
    party: str | None
    day: datetime.date | None = None
    price: Decimal | None = None


@dataclass
class Said:
    """A payment (``item`` None) or a file that messages name, one each in some chats."""

    giver: str  # of the money or the file
    taker: str
    item: int | None = None
    yuan: Decimal = Decimal(0)
    refund: bool = False
    time: datetime.datetime | None = None
    #: chat -> seconds by which its clock is late, if it has the payment, the receipt
    chats: dict[int, tuple[int, bool, bool]] = field(default_factory=dict)
    confirmed: bool = True
    nameless: bool = False  # the messages do not say between whom, the register does


@dataclass
class Member:
    group: str
    name: str
    since: datetime.date | None = None
    until: datetime.date | None = None


@dataclass
class Made:
    """A made-up case."""

    items: list[Item]
    logged: list[Logged] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    internal_sales: bool = False
    aliases: Mapping[str, str] = field(default_factory=lambda: ALIASES)
    births: Mapping[int, datetime.date] = field(default_factory=dict)  # of the persons of keys
    said: list[Said] = field(default_factory=list)

    def person(self, name: str | None) -> str | None:
        """The person behind a name."""
        while name in self.aliases:
            name = self.aliases[name]
        return name

    def rows(self, at: int) -> list[int]:
        """The keys of an item in the order of its rows, which is another one in each."""
        return sorted(self.items[at].keys, key=lambda key: key * (at + 2) % 31)

    @cached_property
    def order(self) -> dict[Facts, int]:
        """Each different row of the case -> the number of the first."""
        rows = [
            e.row(key)
            for at, e in enumerate(self.items)
            for key in (*self.rows(at), *sorted(-number for number in e.bare))
        ]
        return {row: n for n, row in reversed(list(enumerate(rows)))}

    @cached_property
    def persons(self) -> dict[Facts, int]:
        """The person of each row, by the ties of all rows of the case."""
        return tied(dict.fromkeys(self.order, 0))

    def groups(self) -> dict[str, list[Member]]:
        """The members of each group."""
        found: dict[str, list[Member]] = defaultdict(list)
        for each in self.members:
            found[each.group].append(each)
        return found

    def inside(self, members: list[Member], who: Any, day: Any) -> bool:
        """A person is a member on that day; a transfer without a day is within every period."""
        return any(
            self.person(m.name) == who
            and (day is None or (m.since or DAYS[0]) <= day <= (m.until or DAYS[-1]))
            for m in members
        )

    def takers(self, item: Item) -> set[str | None]:
        """The people to whom an item went; what was published went to one party."""
        published = {PUBLIC} if item.role == "published" else set()
        return self.people(item.party_to) or published

    def within(self, members: list[Member], sale: Sale) -> bool:
        """Giver and taker are members on the day of the sale."""
        return self.inside(members, sale[0], sale[3]) and self.inside(members, sale[1], sale[3])

    def people(self, names: Iterable[str]) -> set[str | None]:
        """The people behind names."""
        return {self.person(name) for name in names}


def made_case(seed: int) -> Made:
    """A random case of three to six suspects, its lists in dresses if the seed is odd."""
    draw = random.Random(seed)
    suspects = SUSPECTS[: draw.randint(3, 6)]
    names = [*suspects, *OUTSIDE, *ALIASES]
    days = [None, *DAYS]

    def parties(share: float) -> list[str]:
        return draw.sample(names, draw.randint(1, 2)) if draw.random() < share else []

    items = [
        Item(
            draw.choice([*suspects, *suspects, "小甲", None]),
            draw.choice(["acquired", "sold", "provided", "published", "held", "unknown"]),
            set(draw.sample(range(30), draw.randint(0, 15))),
            parties(0.4),
            parties(0.4),
            draw.choice([None, None, "yes", "no", "open"]),
            draw.choice(days),
            kept=set(draw.sample(range(30), 5)),
            duty=draw.choice([None, None, "yes", "no", "open"]),
            bare=set(draw.sample(range(24, 36), draw.choice([0, 0, 4]))),
        )
        for _ in range(draw.randint(3, 9))
    ]
    logged = [
        Logged(at, key, status, draw.choice([*names, "路人", None]), draw.choice(days))
        for at, item in enumerate(items)
        for key in item.keys
        if draw.random() < 0.3
        for status in draw.sample(["obtained", "sold", "provided"], draw.randint(0, 2))
    ]
    members = []
    for group in ("一组", "二组")[: draw.randint(0, 2)]:
        for name in draw.sample([*suspects, "阿庚", "小乙"], 3):
            since, until = draw.choice(days), draw.choice(days)
            if since and until and until < since:
                since, until = until, since
            members.append(Member(group, name, since, until))
    made = Made(items, logged, members, draw.random() < 0.3)
    for item in items:
        item.seized = draw.choice(days)
        item.dress = draw.choice(list(DRESSES)) if seed % 2 else "numbers"
        item.heavy = seed % 3 == 1 and draw.random() < 0.4
        item.bare -= item.bare if item.heavy else set()  # numbers of property are no bare ones
    near = [datetime.date(2010, 1, 1) + datetime.timedelta(n) for n in range(-3, 12)]
    births = [*near, datetime.date(1990, 1, 1), datetime.date(2019, 1, 1)]
    made = replace(made, births={key: draw.choice(births) for key in range(0, 30, 2)})
    return replace(made, said=made_chats(random.Random(f"chats {seed}"), names, len(items)))


def made_chats(draw: random.Random, names: list[str], items: int) -> list[Said]:
    """Payments, refunds and files of two chats; some amounts come again on another day."""
    found = []
    for _ in range(draw.randint(0, 8)):
        day = datetime.datetime.combine(draw.choice(DAYS), datetime.time(draw.randrange(20)))
        giver, taker = draw.sample(names, 2)
        found.append(
            Said(
                giver,
                taker,
                draw.choice([None, None, draw.randrange(items)]),
                Decimal(draw.randrange(1, 5) * 100),
                draw.random() < 0.3,
                day,
                {
                    chat: (
                        draw.randrange(60),
                        *draw.choice([(True, True), (True, False), (False, True)]),
                    )
                    for chat in draw.sample(range(2), draw.randint(1, 2))
                },
                draw.random() < 0.7,
                draw.random() < 0.2,
            )
        )
    # what is of one amount between the same two lies days apart: else nobody could tell
    seen: dict[object, list[datetime.datetime]] = {}
    kept = []
    for each in found:
        if each.item is not None:
            each.chats = {chat: (late, True, False) for chat, (late, *_) in each.chats.items()}
        ends = frozenset(ALIASES.get(n, n) for n in (each.giver, each.taker))
        key = frozenset(ALIASES.get(n, n) for n in ends), each.item, each.yuan
        times = seen.setdefault(key, [])
        assert each.time is not None
        if all(abs(each.time - other) > datetime.timedelta(hours=30) for other in times):
            times.append(each.time)
            kept.append(each)
    return kept


def proceeds(made: Made) -> dict[Any, Decimal]:
    """Scope and ``received`` or ``paid`` -> yuan of suspects and groups."""
    found: dict[Any, Decimal] = defaultdict(Decimal)
    for each in made.said:
        payer, payee = made.person(each.giver), made.person(each.taker)
        if each.item is not None or not each.confirmed or payer == payee:
            continue
        seller, buyer = (payer, payee) if each.refund else (payee, payer)
        yuan = -each.yuan if each.refund else each.yuan
        day = each.time.date() if each.time else None
        inside = {
            group: (made.inside(m, seller, day), made.inside(m, buyer, day))
            for group, m in made.groups().items()
        }
        passed_on = any(all(both) for both in inside.values()) and not made.internal_sales
        if not passed_on:
            found["suspect", seller, "received"] += yuan
            found["suspect", buyer, "paid"] += yuan
        for group, (gives, takes) in inside.items():
            if gives and not (takes and not made.internal_sales):
                found["group", group, "received"] += yuan
            if takes and not (gives and not made.internal_sales):
                found["group", group, "paid"] += yuan
    return dict(found)


def files_sent(made: Made, at: int) -> tuple[set[Any], ...]:
    """What a file's confirmed messages add to what moves(), unless its item states these sides."""
    sold, got, stated, derived = (set[Any]() for _ in range(4))
    item = made.items[at]
    who = made.person(item.suspect)
    named = {(who, taker) for taker in made.people(item.party_to)}
    named |= {(giver, who) for giver in made.people(item.party_from)}
    for each in made.said:
        giver, taker = made.person(each.giver), made.person(each.taker)
        if each.item != at or not each.confirmed or giver == taker or (giver, taker) in named:
            continue
        of_role = item.role == "unknown" or (item.role in GIVEN) is (taker != who)
        day = (item.day if of_role else None) or (each.time and each.time.date())
        passed = item.given if taker == who else item.given - item.kept
        sold |= {(giver, taker, item.row(key), day) for key in passed}
        if taker != who:
            derived |= {(taker, giver, item.row(key), day) for key in passed}
            continue
        rank = RANK[item.unlawful or ("open" if item.role == "held" else "yes")]
        got |= {(who, giver, item.row(key), day, rank) for key in item.given}
        if item.unlawful is not None:
            stated |= {(who, giver, key_of(item.row(key))) for key in item.given}
    return sold, got, stated, derived


def key_of(row: Facts) -> Facts:
    """The key of a row: the values of the first kind of key that it has."""
    by_kind = {fact.partition(":")[0]: fact for fact in row}
    kinds = next(kinds for kinds in KEYS if by_kind.keys() >= set(kinds))
    return frozenset(by_kind[kind] for kind in kinds)


def tied(within: Mapping[Facts, int]) -> dict[Facts, int]:
    """The person of each row: rows of one number that share an identity number or a phone."""
    person = {row: n for n, row in enumerate(within)}
    by_value: dict[tuple[str, int], list[Facts]] = defaultdict(list)
    for row, number in within.items():
        for fact in row:
            if fact.startswith(("id:", "phone:")):
                by_value[fact, number].append(row)
    for rows in by_value.values():
        same = {person[row] for row in rows}
        person = {row: min(same) if each in same else each for row, each in person.items()}
    return person


def same_rows(made: Made, dealt: set[Facts], held: set[Facts]) -> dict[Facts, Any]:
    """Row of a scope -> the largest row of the person with all its facts, the first of these.

    ``held``: rows without a role, in which no row ``dealt`` in is contained.
    """
    rows = dealt | held

    def holds(outer: Facts, inner: Facts) -> bool:
        one = made.persons[inner] == made.persons[outer] and (outer in dealt or inner not in dealt)
        return one and inner <= outer

    def place(row: Facts) -> tuple[int, int]:
        return -len(row), made.order[row]

    return {row: min((o for o in rows if holds(o, row)), key=place) for row in rows}


def same_persons(made: Made, dealt: set[Facts], held: set[Facts]) -> dict[Facts, Any]:
    """Row of a scope -> its person, by the ties of the scope's rows."""
    return tied({row: made.persons[row] for row in dealt | held})


def same_keys(made: Made, dealt: set[Facts], held: set[Facts]) -> dict[Facts, Any]:
    """Row of a scope -> the strongest key beside which its key stands, of the same person."""
    person = same_persons(made, dealt, held)
    first: dict[Facts, int] = {}
    for row, number in made.order.items():
        first[key_of(row)] = min(number, first.get(key_of(row), number))
    ranks = {key: len(KEYS) - KEYS[::-1].index(kinds) for key in first for kinds in KEYS
             if {f.partition(":")[0] for f in key} == set(kinds)}  # fmt: skip
    keys_dealt = {key_of(row) for row in dealt}
    step = {}
    for row in person:
        key = key_of(row)
        above = {
            key_of(o)
            for o in person
            if person[o] == person[row] and key <= o and ranks[key_of(o)] < ranks[key]
            and (key_of(o) in keys_dealt or key not in keys_dealt)
        }  # fmt: skip
        step[key] = min(above, key=lambda o: (ranks[o], first[o]), default=key)
    return {row: step[step[key_of(row)]] for row in person}


#: Unit of the elements -> what is the same.
UNITS = {"keys": same_keys, "persons": same_persons, "rows": same_rows}


def moves(made: Made) -> tuple[set[Sale], set[Gain]]:
    """Every key that was given, and every key that was obtained."""
    sold: set[Sale] = set()
    got: set[Gain] = set()
    derived: set[Sale] = set()
    stated = set()  # what the holder's own item says of how he obtained it
    for at, item in enumerate(made.items):
        who = made.person(item.suspect)
        logged = {r.key for r in made.logged if r.item == at and r.party and r.status != "obtained"}
        gives = item.role in GIVEN
        sent = files_sent(made, at)
        nobody = set() if any(sale[0] == who for sale in sent[0]) else {UNNAMED}
        takers = made.takers(item) or (nobody if gives else set())
        given, taken = (item.day, None) if gives else (None, item.day)
        for taker in takers - {who}:
            unlogged = item.given - logged if taker == UNNAMED else item.given
            sold |= {(who, taker, item.row(key), given) for key in unlogged - item.kept}
            if taker != UNNAMED:
                derived |= {(taker, who, item.row(key), given) for key in item.given - item.kept}
        for mine, more in zip((sold, got, stated, derived), sent, strict=True):
            mine.update(more)
        held = RANK[item.unlawful or "open"]
        got |= {(who, UNNAMED, item.row(key), None, held) for key in item.given & item.kept}
        proves = item.role in ("acquired", "held") or item.unlawful is not None
        nobody = set() if sent[1] else {UNNAMED}
        givers = made.people(item.party_from) or (nobody if proves else set())
        rank = RANK[item.unlawful or ("yes" if item.role == "acquired" else "open")]
        for giver in (UNNAMED if giver == who else giver for giver in givers):
            got |= {(who, giver, item.row(key), taken, rank) for key in item.given}
            if item.unlawful is not None:
                stated |= {(who, giver, key_of(item.row(key))) for key in item.given}
            if giver != UNNAMED:
                sold |= {(giver, who, item.row(key), taken) for key in item.given}
    for row in made.logged:
        item = made.items[row.item]
        who, other = made.person(item.suspect), made.person(row.party) or UNNAMED
        if row.status == "obtained":
            got.add((who, other, item.row(row.key), row.day, RANK[item.unlawful or "yes"]))
            if item.unlawful is not None:
                stated.add((who, other, key_of(item.row(row.key))))
        elif not item.party_to and other != who:
            sold.add((who, other, item.row(row.key), row.day))
    got |= {(*each, 2) for each in derived if (*each[:2], key_of(each[2])) not in stated}
    return sold, got


def figures(made: Made, unit: str = "keys") -> dict[str, Any]:
    """The rows of flow_total and flow_groups, by person or group; the units of each buyer."""
    sold, got = moves(made)
    groups = made.groups()
    internal = {sale for sale in sold if any(made.within(m, sale) for m in groups.values())}
    out: dict[str, Any] = {"flow_buyers": {}, "flow_group_buyers": {}}
    out |= {"flow_total": {}, "flow_groups": {}, "of_duty": {}, "heavy": {}}
    for who in {giver for giver, *_ in sold} | {holder for holder, *_ in got} - {PUBLIC}:
        gives = {sale for sale in sold if sale[0] == who}
        acquired = [(row, rank) for holder, _, row, _, rank in got if holder == who]
        scope = Scope(made, unit, {who}, acquired, gives, gives & internal, of_duty=True)
        out["flow_total"][who] = {"suspect": who, **scope.terms()}
        out["flow_buyers"] |= {(who, taker): n for taker, n in scope.buyers().items()}
        out["of_duty"][who], out["heavy"][who] = scope.sold_of_duty(), scope.at_heavy_line()
    for group, members in groups.items():
        gives = {sale for sale in sold if made.inside(members, sale[0], sale[3])}
        acquired = [(row, n) for who, _, row, day, n in got if made.inside(members, who, day)]
        passed_on = {sale for sale in gives if made.within(members, sale)}
        people = made.people(each.name for each in members)
        scope = Scope(made, unit, people, acquired, gives, passed_on)
        out["flow_groups"][group] = {"group": group, **scope.terms()}
        out["flow_group_buyers"] |= {(group, taker): n for taker, n in scope.buyers().items()}
    return out


class Scope:
    """What one person or group acquired, sold and has, as units."""

    def __init__(
        self,
        made: Made,
        unit: str,
        people: set[str | None],
        acquired: list[tuple[Facts, int]],
        gives: set[Sale],
        internal: set[Sale],
        *,
        of_duty: bool = False,
    ) -> None:
        own = [e for e in made.items if made.person(e.suspect) in people]
        sales = gives if made.internal_sales else gives - internal
        held = rows_of(e for e in own if e.role == "unknown")
        duty = rows_of(e for e in own if of_duty and e.duty == "yes")
        maybe = rows_of(e for e in own if of_duty and e.duty in ("yes", "open"))
        dealt = {row for row, _ in acquired} | {sale[2] for sale in sales} | maybe
        same = UNITS[unit](made, dealt, held)
        self.sold = {(taker, same[row]) for _, taker, row, _ in sales}
        self.heavy_sold = {(taker, same[row]) for _, taker, row, _ in sales if is_heavy(row)}
        self.heavy = {same[row] for row, rank in acquired if rank == 2 and is_heavy(row)}
        self.worst: dict[Any, int] = {}
        for row, rank in acquired:
            self.worst[same[row]] = max(rank, self.worst.get(same[row], 0))
        self.held = {same[row] for row in held}
        self.duty = {same[row] for row in duty}
        self.internal = {(*s[:2], key_of(s[2])) for s in internal if not is_bare(s[2])}
        acts = {row for row, _ in acquired} | {sale[2] for sale in sales}
        of_unit: dict[Any, list[tuple[bool, bool]]] = defaultdict(list)
        for row, each in same.items():
            of_unit[each].append((row not in acts, is_bare(row)))
        self.bare = {  # only a phone number is known, of what was acquired or sold if it is any
            each for each, rows in of_unit.items()
            if all(bare for idle, bare in rows if idle == min(rows)[0])
        }  # fmt: skip

    def terms(self) -> dict[str, int]:
        """The terms of the total: Σ|S| + |A∖∪S|, with open acquisitions in the high one."""
        every = {key for _, key in self.sold}
        low = {key for key, rank in self.worst.items() if rank == 2}
        high = {key for key, rank in self.worst.items() if rank >= 1}
        sold, bare = len(self.sold), self.bare
        return {
            "acquired": len(low - bare),
            "acquired_high": len(high - bare),
            "lawful": len(self.worst.keys() - high - bare),
            "sold_sum": sum(key not in bare for _, key in self.sold),
            "sold_distinct": len(every - bare),
            "not_sold": len(low - every - bare),
            "not_sold_high": len(high - every - bare),
            "bare": sum(key in bare for _, key in self.sold) + len((low - every) & bare),
            "flow_total": sold + len(low - every),
            "flow_total_high": sold + len(high - every),
            "unroled": len(self.held - every - self.worst.keys()),
            "internal": len(self.internal),
        }

    def at_heavy_line(self) -> int:
        """The elements that are property: each buyer's who got it, or one for who acquired it."""
        buyers = Counter(key for _, key in self.heavy_sold)
        return sum(buyers.values()) + len(self.heavy - buyers.keys())

    def buyers(self) -> Counter[Any]:
        """The units given to each taker, without bare numbers."""
        return Counter(taker for taker, key in self.sold if key not in self.bare)

    def sold_of_duty(self) -> int:
        """What was sold of what was obtained in duty or service, over all takers."""
        return sum(key in self.duty for _, key in self.sold)


def rows_of(items: Iterable[Item]) -> set[Facts]:
    """The rows of items."""
    return {each.row(key) for each in items for key in each.given}


def is_heavy(row: Facts) -> bool:
    """A row of an item of property."""
    return any(fact.startswith("+owned") for fact in row)


def is_bare(row: Facts) -> bool:
    """A row that is a phone number and nothing else."""
    return all(fact.startswith("phone:") for fact in row)


def young(made: Made) -> Counter[tuple[Any, ...]]:
    """The rows of persons under fourteen, by source and by suspect, with what tells the day."""
    found = Counter[tuple[Any, ...]]()
    for at, item in enumerate(made.items):
        sent = [each.time.date() for each in made.said if each.item == at and each.time]
        for key in item.keys & made.births.keys():
            told = [r.day for r in made.logged if r.item == at and r.key == key and r.day]
            kinds = ("REGISTER", item.day), ("LEDGER", min(told, default=None))
            kinds += (("MESSAGE", min(sent, default=None)),)
            kinds += (("SEIZURE", item.seized), ("SCAN", SCANNED))
            why, day = next((why, day) for why, day in kinds if day is not None)
            born = made.births[key]
            if born <= day <= born.replace(year=born.year + 14):
                found["source", str(at + 1), why] += 1
                if item.suspect is not None:
                    found["suspect", made.person(item.suspect), why] += 1
    return found


def matrix(made: Made) -> list[dict[str, Any]]:
    """Every pair of suspects, items and sources that shares a key."""
    held: dict[str, dict[str, dict[Facts, None]]] = {"suspect": {}, "item": {}, "source": {}}
    for at, item in enumerate(made.items):
        names = made.person(item.suspect), f"JC{at}", f"{at + 1}"
        for kind, name in zip(held, names, strict=True):
            if name is not None:
                of_rows = (key_of(item.row(key)) for key in made.rows(at))
                held[kind].setdefault(name, {}).update(dict.fromkeys(of_rows))
    out = []
    for kind, keys in held.items():
        for one, other in combinations(sorted(keys), 2):
            both = keys[one].keys() & keys[other].keys()
            if both:
                rare = [key for key in both if sum(key in each for each in keys.values()) == 2]
                sizes = len(keys[one]), len(keys[other])
                places = [list(keys[other]).index(key) for key in keys[one] if key in both]
                rising = f"{longest_rising(places) / len(both):.4f}" if len(both) >= 10 else None
                out.append(
                    {
                        "scope_kind": kind,
                        "one": one,
                        "other": other,
                        "one_size": sizes[0],
                        "other_size": sizes[1],
                        "common": len(both),
                        "common_of_one": f"{len(both) / sizes[0]:.4f}",
                        "common_of_other": f"{len(both) / sizes[1]:.4f}",
                        "only_these": len(rare),
                        "order": rising,
                    }
                )
    return out


def longest_rising(places: list[int]) -> int:
    """The longest rising part, by the plain table of all lengths."""
    best: list[int] = []
    for at, place in enumerate(places):
        best.append(1 + max((best[n] for n in range(at) if places[n] < place), default=0))
    return max(best, default=0)


def edges(made: Made) -> list[tuple[Any, ...]]:
    """Giver, taker, what it rests on, item, distinct keys, confirmed."""
    found: dict[tuple[Any, ...], set[int]] = {}
    for at, item in enumerate(made.items):
        who = made.person(item.suspect)
        ends = [(giver, who) for giver in made.people(item.party_from)]
        ends += [(who, taker) for taker in made.takers(item)]
        ends += [
            (made.person(each.giver), made.person(each.taker))
            for each in made.said
            if each.item == at and each.confirmed
        ]
        for giver, taker in ends:
            if giver != taker:
                found[giver, taker, "REGISTER", f"JC{at}", True] = item.keys
    for row in made.logged:
        who, other = made.person(made.items[row.item].suspect), made.person(row.party)
        if other not in (None, who):
            pair = (other, who) if row.status == "obtained" else (who, other)
            found.setdefault((*pair, "LEDGER", f"JC{row.item}", False), set()).add(row.key)
    out = [(*edge[:4], len(keys), edge[4]) for edge, keys in found.items()]
    owner = {f"JC{at}": made.person(item.suspect) for at, item in enumerate(made.items)}
    for pair in matrix(made):
        one, other = pair["one"], pair["other"]
        share = max(float(pair["common_of_one"]), float(pair["common_of_other"]))
        if pair["scope_kind"] == "item" and owner[one] != owner[other] and share >= 0.8:
            ends = (one, other) if pair["one_size"] >= pair["other_size"] else (other, one)
            out.append((*ends, "CONTAINED", None, pair["common"], False))
    return out
