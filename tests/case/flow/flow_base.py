"""A count database of made-up items, as the flow needs it, without a scan."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from piiscan.case.count.count_database import ATTRIBUTION
from piiscan.case.count.count_rules import CountRules
from piiscan.case.count.table_context import CountedCase, TableContext
from piiscan.case.count.tables.transactions import create_traded
from piiscan.case.flow.parties import FlowSettings
from piiscan.case.register import Alias, GroupMember
from piiscan.parsing.party_names import digest_parties
from tests.case.flow.naive_transfers import ALIASES, Made

KEY = bytes(32)
_TRADED = pa.schema([
    ("place", pa.int32()), ("suspect", pa.string()), ("item", pa.string()),
    ("party_digest", pa.binary()), ("party", pa.string()), ("party_kind", pa.string()),
    ("status", pa.string()), ("time", pa.timestamp("s")), ("price", pa.decimal128(18, 2)),
    ("passed", pa.bool_()), ("key_kind", pa.string()), ("key", pa.int64()),
    ("source", pa.int32()), ("member", pa.string()), ("row", pa.int64()),
    ("content_digest", pa.int64()), ("channel", pa.string()), ("record", pa.int64()),
])  # fmt: skip


def settings_of(made: Made, *, digests: bool = True) -> FlowSettings:
    """The aliases and groups of a made-up case."""
    return FlowSettings(
        [Alias(name, "nickname", alias) for alias, name in ALIASES.items()],
        [GroupMember(m.group, "joint", m.name, m.since, m.until) for m in made.members],
        (lambda names: digest_parties(names, KEY)) if digests else None,
        made.internal_sales,
    )


def base_of(made: Made, settings: FlowSettings) -> TableContext:
    """The inputs of the tables of the case, with a database of its keys and transactions."""
    base = duckdb.connect()
    placed = [
        {
            "place": at,
            "source": at + 1,
            "member": "",
            "suspect": item.suspect,
            "item": f"JC{at}",
            "role": item.role,
            "party_from": "、".join(item.party_from) or None,
            "party_to": "；".join(item.party_to) or None,
            "unlawful": item.unlawful,
            "stated_time": _moment(item.day),
            "stated_price": item.price,
            "register_row": at + 2,
            "price_row": None if item.price is None else at + 2,
            "lost_records": item.lost_records,
        }
        for at, item in enumerate(made.items)
    ]
    _create(base, "placed_rows", placed, ATTRIBUTION)
    base.execute("create temp table placed as select *, true as headline from placed_rows")
    keys = [
        {
            "place": at,
            "key_no": key,
            "content_no": key,
            "record": at * 10_000 + key,
            "headline": True,
        }
        for at, item in enumerate(made.items)
        for key in sorted(item.keys)
    ]
    keys += [  # records of ledgers, which stand in no list here
        {"place": -1, "record": -1 - at, "key_no": row.key, "content_no": row.key, "headline": True}
        for at, row in enumerate(made.logged)
    ]
    numbers = pa.schema(
        [("place", pa.int32()), ("record", pa.int64()), ("key_no", pa.int32()),
         ("content_no", pa.int32()), ("headline", pa.bool_())]
    )  # fmt: skip
    _create(base, "passed", keys, numbers)
    kept = [
        {"record": at * 10_000 + key, "place": at}
        for at, item in enumerate(made.items)
        for key in sorted(item.kept & item.keys)
    ]
    _create(base, "kept", kept, pa.schema([("record", pa.int64()), ("place", pa.int32())]))
    base.execute("create temp table keys as select distinct 'ID' as key_kind, key_no::bigint as"
                 " key, key_no from passed")  # fmt: skip
    digests = digest_parties([row.party or "" for row in made.logged], KEY).to_pylist()
    traded = [
        {
            "place": row.item,
            "suspect": made.items[row.item].suspect,
            "item": f"JC{row.item}",
            "party": row.party and f"{row.party[0]}*",
            "party_digest": digest if row.party else None,
            "party_kind": "seller" if row.status == "obtained" else "buyer",
            "status": row.status,
            "time": _moment(row.day),
            "price": row.price,
            "passed": True,
            "key_kind": "ID",
            "key": row.key,
            "source": row.item + 1,
            "member": "",
            "row": row.key,
            "content_digest": row.key,
            "record": -1 - at,
        }
        for at, (row, digest) in enumerate(zip(made.logged, digests, strict=True))
    ]
    _create(base, "traded", traded, _TRADED)
    base.execute("create temp view ledger as select * from traded")
    context = TableContext(base, CountedCase(has_register=True), CountRules(flow=settings))
    context._prepared[create_traded] = True  # made above
    return context


def _moment(day: datetime.date | None) -> datetime.datetime | None:
    """The first second of a day."""
    return day and datetime.datetime(day.year, day.month, day.day)  # noqa: DTZ001


def _create(base: Any, name: str, rows: Sequence[dict[str, Any]], schema: pa.Schema) -> None:
    """Create a table from rows."""
    full = [{each: row.get(each) for each in schema.names} for row in rows]
    base.register(f"{name}_given", pa.Table.from_pylist(full, schema))
    base.execute(f"create temp table {name} as select * from {name}_given")
