"""Who acquired and gave what, from a made-up register and ledger, in plain Python sets.

Nothing of the code that counts: names, sets of keys and days.
"""

from __future__ import annotations

import datetime
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations
from typing import Any

RANK = {"no": 0, "open": 1, "yes": 2}
UNNAMED = "?"
PUBLIC = "公开发布"
SUSPECTS = ("甲某", "乙某", "丙某", "丁某", "戊某", "己某")
OUTSIDE = ("上家", "下家", "庚某")
#: Alias -> person; 外号 is an alias of an alias.
ALIASES = {"小甲": "甲某", "小乙": "乙某", "阿庚": "庚某", "外号": "小甲"}
DAYS = [datetime.date(2024, 1, day) for day in range(1, 9)]
#: Day of the scan.
SCANNED = datetime.date(2024, 1, 6)


#: Giver, taker, key, day; and holder, giver, key, day, rank of how he obtained it.
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
    """A random case of three to six suspects."""
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
            bare=set(draw.sample(range(40, 50), draw.choice([0, 0, 4]))),
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
        day = each.time and each.time.date()
        passed = item.keys if taker == who else item.keys - item.kept
        sold |= {(giver, taker, key, day) for key in passed}
        if taker != who:
            derived |= {(taker, giver, key, day) for key in passed}
            continue
        got |= {(who, giver, key, day, RANK[item.unlawful or "yes"]) for key in item.keys}
        if item.unlawful is not None:
            stated |= {(who, giver, key) for key in item.keys}
    return sold, got, stated, derived


def moves(made: Made) -> tuple[set[Sale], set[Gain]]:
    """Every key that was given, and every key that was obtained."""
    sold: set[Sale] = set()
    got: set[Gain] = set()
    derived: set[Sale] = set()
    stated = set()  # what the holder's own item says of how he obtained it
    for at, item in enumerate(made.items):
        who = made.person(item.suspect)
        logged = {r.key for r in made.logged if r.item == at and r.party and r.status != "obtained"}
        gives = item.role in ("sold", "provided", "published")
        takers = made.takers(item) or ({UNNAMED} if gives else set())
        given, taken = (item.day, None) if gives else (None, item.day)
        for taker in takers - {who}:
            unlogged = item.keys - logged if taker == UNNAMED else item.keys
            sold |= {(who, taker, key, given) for key in unlogged - item.kept}
            if taker != UNNAMED:
                derived |= {(taker, who, key, given) for key in item.keys - item.kept}
        for mine, sent in zip((sold, got, stated, derived), files_sent(made, at), strict=True):
            mine.update(sent)
        held = RANK[item.unlawful or "open"]
        got |= {(who, UNNAMED, key, None, held) for key in item.keys & item.kept}
        proves = item.role in ("acquired", "held") or item.unlawful is not None
        givers = made.people(item.party_from) or ({UNNAMED} if proves else set())
        rank = RANK[item.unlawful or ("yes" if item.role == "acquired" else "open")]
        for giver in (UNNAMED if giver == who else giver for giver in givers):
            got |= {(who, giver, key, taken, rank) for key in item.keys}
            if item.unlawful is not None:
                stated |= {(who, giver, key) for key in item.keys}
            if giver != UNNAMED:
                sold |= {(giver, who, key, taken) for key in item.keys}
    for row in made.logged:
        item = made.items[row.item]
        who, other = made.person(item.suspect), made.person(row.party) or UNNAMED
        if row.status == "obtained":
            got.add((who, other, row.key, row.day, RANK[item.unlawful or "yes"]))
            if item.unlawful is not None:
                stated.add((who, other, row.key))
        elif not item.party_to and other != who:
            sold.add((who, other, row.key, row.day))
    got |= {(*each, 2) for each in derived if each[:3] not in stated}
    return sold, got


def figures(made: Made) -> dict[str, Any]:
    """The rows of flow_total and flow_groups, by person or group; the keys of each buyer.

    Bare phone numbers are a term of the totals.
    """
    out = _figures(made)
    items = [replace(each, keys=each.bare, kept=set()) for each in made.items]
    bare = _figures(replace(made, items=items, logged=[]))
    for name in ("flow_total", "flow_groups"):
        for who in bare[name].keys() - out[name].keys():  # a person of whom nothing else is known
            out[name][who] = dict.fromkeys(bare[name][who], 0) | {"suspect": who}
            out[name][who]["unroled"] = unroled(made, {who}, [], set(), set())
        for who, row in out[name].items():
            numbers = bare[name].get(who, {"flow_total": 0, "flow_total_high": 0})
            row["bare"] = numbers["flow_total"]
            for each in ("flow_total", "flow_total_high"):
                row[each] += numbers[each]
    return out


def _figures(made: Made) -> dict[str, Any]:
    """The figures of keys, whatever they are."""
    sold, got = moves(made)
    groups = made.groups()
    internal = {sale for sale in sold if any(made.within(m, sale) for m in groups.values())}
    out: dict[str, Any] = {"flow_buyers": {}, "flow_group_buyers": {}}
    out |= {"flow_total": {}, "flow_groups": {}}
    for who in {giver for giver, *_ in sold} | {holder for holder, *_ in got} - {PUBLIC}:
        gives = {sale for sale in sold if sale[0] == who}
        acquired = [(key, rank) for holder, _, key, _, rank in got if holder == who]
        row, buyers = total(made, acquired, gives, gives & internal)
        row["unroled"] = unroled(made, {who}, acquired, gives, gives & internal)
        out["flow_total"][who] = {"suspect": who, **row}
        out["flow_buyers"] |= {(who, taker): n for taker, n in buyers.items()}
    for group, members in groups.items():
        gives = {sale for sale in sold if made.inside(members, sale[0], sale[3])}
        acquired = [(k, rank) for who, _, k, day, rank in got if made.inside(members, who, day)]
        passed_on = {sale for sale in gives if made.within(members, sale)}
        row, buyers = total(made, acquired, gives, passed_on)
        people = made.people(each.name for each in members)
        row["unroled"] = unroled(made, people, acquired, gives, passed_on)
        out["flow_groups"][group] = {"group": group, **row}
        out["flow_group_buyers"] |= {(group, taker): n for taker, n in buyers.items()}
    return out


def total(
    made: Made, acquired: list[tuple[Any, int]], gives: set[Sale], internal: set[Sale]
) -> tuple[dict[str, int], Counter[Any]]:
    """The terms of the total: Σ|S| + |A∖∪S|, with open acquisitions in the high one; buyers."""
    sold = {
        (taker, key) for _, taker, key, _ in (gives if made.internal_sales else gives - internal)
    }
    worst: dict[Any, int] = {}
    for key, rank in acquired:
        worst[key] = max(rank, worst.get(key, 0))
    every = {key for _, key in sold}
    low = {key for key, rank in worst.items() if rank == 2}
    high = {key for key, rank in worst.items() if rank >= 1}
    terms = {
        "acquired": len(low),
        "acquired_high": len(high),
        "lawful": len(worst) - len(high),
        "sold_sum": len(sold),
        "sold_distinct": len(every),
        "not_sold": len(low - every),
        "not_sold_high": len(high - every),
        "flow_total": len(sold) + len(low - every),
        "flow_total_high": len(sold) + len(high - every),
        "internal": len({sale[:3] for sale in internal}),
    }
    return terms, Counter(taker for taker, _ in sold)


def unroled(
    made: Made,
    people: set[str | None],
    acquired: list[tuple[Any, int]],
    gives: set[Sale],
    internal: set[Sale],
) -> int:
    """The keys that people hold in items without a role, and that are in no sale or purchase."""
    items = (e for e in made.items if e.role == "unknown" and made.person(e.suspect) in people)
    held: set[Any] = set().union(*(each.keys for each in items))
    given = {key for _, _, key, _ in (gives if made.internal_sales else gives - internal)}
    return len(held - given - {key for key, _ in acquired})


def of_duty(made: Made, who: str) -> int:
    """What ``who`` sold of what he obtained in duty or service, over all takers."""
    duty: set[int] = set()
    for each in made.items:
        if each.duty == "yes" and made.person(each.suspect) == who:
            duty |= each.keys
    sold = {sale for sale in moves(made)[0] if sale[0] == who and sale[2] in duty}
    if not made.internal_sales:
        sold = {s for s in sold if not any(made.within(m, s) for m in made.groups().values())}
    return len({sale[1:3] for sale in sold})


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
    held: dict[str, dict[str, dict[int, None]]] = {"suspect": {}, "item": {}, "source": {}}
    for at, item in enumerate(made.items):
        names = made.person(item.suspect), f"JC{at}", f"{at + 1}"
        for kind, name in zip(held, names, strict=True):
            if name is not None:
                held[kind].setdefault(name, {}).update(dict.fromkeys(made.rows(at)))
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
