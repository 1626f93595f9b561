"""Event table (T10): tracks, trips, lodging, calls and orders by four readings of one event.

(a) rows, (b) distinct events: rows with the same content once, (c) for tracks also without still
fixes, (d) subjects, with those who shared a stay (同住人). 600 stays of 50 people are 600 events;
600 calls copied twice are 600. Only categories that a person confirmed are counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from piiscan.case.count.count_database import scope_sql
from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.case.tiers import Policy
from piiscan.case.tiers.ratios import format_ratio
from piiscan.case.tiers.tier_cells import CATEGORY, POLICY, TIER
from piiscan.pages.report_table import ReportTable, coded, number, text

Row = dict[str, Any]

#: SQL: rows that pass (R3) of confirmed events; ``event_holdings`` has the part combinations of
#: each category.
_EVENTS: Final = """
create or replace temp table events as
select e.category, r.record, r.place, r.main, r.key_kind, r.key, r.position,
       coalesce(r.content_digest, r.row_digest) as content
from people r join holding h on r.place = h.place and r.combination = h.combination
    and h.aside is not distinct from case when side then role end
join event_holdings e on h.holding = e.holding
where r.counts and r.counted and r.headline and r.step = 3
"""
#: SQL: events by scope and category. A fix is still if it has the position of the one before.
_COUNTS: Final = """
with placed_events as (
  select {scope} as scope, e.* from events e join placed p using (place)
), first_events as (
  select * from placed_events where main qualify content is null
  or row_number() over (partition by scope, category, content order by record) = 1
), moving as (
  select scope, category, position, lag(position) over (
    partition by scope, category, key_kind, key, place order by record) as before
  from first_events
), moves as (
  select scope, category, count(position) as fixes,
         count(*) filter (position is null or position is distinct from before) as moves
  from moving group by all
), distinct_events as (
  select scope, category, count(*) as distinct_events from first_events group by all
)
select scope, category, count(*) filter (main), any_value(distinct_events), any_value(moves),
       any_value(fixes), count(distinct (key_kind, key)) filter (key is not null)
from placed_events join distinct_events using (scope, category) join moves using (scope, category)
where scope is not null group by all order by all
"""


def count_events(context: TableContext, policy: Policy, categories: Sequence[str]) -> list[Row]:
    """Return a row per scope, confirmed category of events and reading.

    Args:
        context: inputs of the tables. The count database has the table ``holding``.
        policy: the rule whose categories are events.
        categories: the categories of each part combination, joined by ``+``.
    """
    kinds = {each.id: each.event for each in policy.categories if each.event}
    holdings = [
        (holding, category)
        for holding, each in enumerate(categories)
        for category in each.split("+")
        if category in kinds
    ]
    if not holdings:
        return []
    connection = context.connection
    connection.execute(
        "create or replace temp table event_holdings (holding int, category varchar)"
    )
    connection.executemany("insert into event_holdings values (?, ?)", holdings)
    connection.execute(_EVENTS)
    rows: list[Row] = []
    for kind in context.scopes:
        found = connection.execute(_COUNTS.format(scope=f"p.{scope_sql(kind)}")).fetchall()
        for scope, category, count, events, moves, fixes, subjects in found:
            counts = {"rows": count, "events": events}
            if kinds[category] == "track" and fixes:
                counts["moves"] = moves
            default = "moves" if "moves" in counts else "events"
            head = {"scope_kind": kind, "scope": scope, "policy": policy.id, "category": category}
            rows += _reading_rows(head, counts | {"subjects": subjects}, default, policy)
    return rows


def _reading_rows(head: Row, counts: Mapping[str, int], default: str, policy: Policy) -> list[Row]:
    """Return a row per reading: its count, and its ratio to the category's own line."""
    category = policy.category(head["category"])
    assert category is not None
    threshold = policy.line(category.line).threshold
    return [
        head
        | {
            "event_reading": reading,
            "count": count,
            "default": reading == default,
            "tier": category.line,
            "threshold": threshold,
            "ratio": format_ratio(Fraction(count, threshold)),
            "exact": str(Fraction(count, threshold)),
        }
        for reading, count in counts.items()
    ]


EVENTS: Final = ReportTable(
    "events",
    (
        SCOPE_KIND,
        SCOPE,
        POLICY,
        CATEGORY,
        coded("event_reading", "event_reading"),
        number("count"),
        coded("default", "answer"),
        TIER,
        number("threshold"),
        number("ratio"),
        text("exact"),
    ),
    section="T10",
    made_by="count",
    notes=("tiers.events",),
    page_rows=60,
)
