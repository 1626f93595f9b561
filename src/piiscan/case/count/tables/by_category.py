"""Records, and distinct keys, by what they hold: what a rule's lines are measured against.

Both stand side by side: records as they were seized (U1), and keys that pass and are counted once
(U2; 法释〔2017〕10号 art. 11(3): but for what is shown to be untrue or repeated).  A key whose
records are of several categories reaches all of them; which it counts under is for the reading of
the rule.  Categories are bits here, as there can be millions of keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from piiscan.case.count.count_database import scope_name

#: What is weighed: records as seized, keys without repetition.
UNITS: Final = ("U1", "U2")
#: Scopes that are weighed; a file alone is nobody's.
SCOPES: Final = ("total", "suspect", "device", "item")

_WEIGHED: Final = """
create temp table holding as
select row_number() over (order by place, combination)::int - 1 as holding, place, combination
from (select distinct place, combination from rows
      where counts and headline and combination is not null);
create temp table weighed as
select r.record, r.place, r.business, case when step = 3 then k.key_no end as key_no, h.holding
from rows r join holding h on r.place = h.place and r.combination = h.combination
left join keys k on r.key_kind = k.key_kind and r.key = k.key
where counts and headline;
"""


@dataclass(frozen=True, slots=True)
class Holding:
    """What records of one part hold: ``combination`` of kinds, in a part of a source."""

    source: int
    member: str
    combination: str


def holdings(base: Any) -> list[Holding]:
    """Every combination of kinds in every part, in a fixed order; makes the table ``weighed``."""
    base.execute(_WEIGHED)
    rows = base.execute(
        "select source, member, combination from holding join placed using (place) order by holding"
    ).fetchall()
    return [Holding(*row) for row in rows]


def has_business(base: Any) -> bool:
    """Whether any record of the table ``weighed`` is public business information."""
    return base.execute("select 1 from weighed where business limit 1").fetchone() is not None


def by_category(
    base: Any, categories: list[str], *, kind: str, unit: str, business: bool = True
) -> dict[str, dict[str, int]]:
    """Scope -> categories joined by ``+`` -> how many records (U1) or keys (U2) reach just those.

    ``categories[h]``: those of the records of each holding, joined by ``+``; ``kind`` is one of
    SCOPES, or ``status`` (obtained, sold …); ``business``: with public business information.
    """
    names = sorted({name for each in categories for name in each.split("+")})
    bits = {name: 1 << place for place, name in enumerate(names)}
    masks = [sum(bits[name] for name in each.split("+")) for each in categories]
    base.execute("create or replace temp table masks (holding int, mask ubigint)")
    if masks:
        base.executemany("insert into masks values (?, ?)", list(enumerate(masks)))
    scope, joined = f"p.{scope_name(kind)}", "join placed p using (place)"
    if kind == "status":
        scope, joined = "t.status", "join traded t using (record)"
    one = "record" if unit == "U1" else "key_no"
    query = (
        f"select scope, mask, count(*) from (select {scope} as scope, {one}, bit_or(mask) as mask"
        f" from weighed w join masks using (holding) {joined} where {scope} is not null"
        f" and {one} is not null{'' if business else ' and not business'} group by all)"
        " group by all order by all"
    )
    found: dict[str, dict[str, int]] = {}
    for name, mask, count in base.execute(query).fetchall():
        reached = "+".join(each for each in names if bits[each] & mask)
        found.setdefault(name, {})[reached] = count
    return found
