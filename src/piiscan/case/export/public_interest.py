"""Figures for an action in the public interest (公益诉讼): persons by suspect, as numbers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from piiscan.case.export.list_lines import SAME_PERSON, create_members, select_lines
from piiscan.case.sampling.basis import SamplingBasis
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.case.tiers.tier_cells import CATEGORY
from piiscan.pages.report_table import TableColumn, coded
from piiscan.wording.words import Words

Row = dict[str, Any]

INTEREST_COLUMNS: Final = (
    *(SCOPE_KIND, SCOPE, coded("interest", "interest"), TableColumn("content")),
    *(TableColumn("figure"), coded("counted_in", "counted_in")),
)
_KINDS: Final = ("total", "suspect")
#: SQL: the province of each person: of his address, else his identity number, else his landline.
_CREATE_PROVINCES: Final = f"""
create temp table provinces as
select line, province from (
    select m.line, split_part(f.text, '/', 1) as province,
           case f.entity when 'CN_ADDRESS' then 1 when 'CN_RESIDENT_ID' then 2 else 3 end as rank
    from member m join f on m.place = f.place and m.row = f.record and m."group" = f."group"
    where f.entity in ('CN_ADDRESS', 'CN_RESIDENT_ID', 'CN_LANDLINE') and f.verdict <> 'refuted'
      and split_part(f.text, '/', 1) <> '' and {SAME_PERSON})
group by line, province qualify row_number() over (
    partition by line order by min(rank), count(*) desc, province) = 1
"""
#: SQL: persons of each scope by ``{content}``.
_PERSONS: Final = """
select kind, scope, {content} as content, count(distinct line)
from member m join scoped using (place) {joined}
where kind in ('total', 'suspect') group by all order by kind desc, scope, 4 desc, content
"""
_BY: Final = {
    "persons": ("null::varchar", ""),
    "category": (
        "category",
        "join categories c on c.place = m.place and c.combination = m.combination",
    ),
    "province": ("province", "left join provinces using (line)"),
}


def interest_rows(
    connection: Any, basis: SamplingBasis, tables: Mapping[str, Sequence[Row]], words: Words
) -> list[Row]:
    """Return the figures of the case and of each suspect.

    Persons (R6) are counted once in each of their categories, and in one province. The view ``f``
    has the findings, with their coarse attributes as text. ``tables``: those of the count.
    """
    select_lines(connection, "person", None)
    create_members(connection)
    connection.execute(_CREATE_PROVINCES)
    connection.register("categories", _categories(connection, basis))
    found = []
    for interest, (content, joined) in _BY.items():
        query = _PERSONS.format(content=content, joined=joined)
        for kind, scope, told, figure in connection.execute(query).fetchall():
            row = {"policy": basis.policy.id, "category": told}
            name = CATEGORY.text(row, words) if interest == "category" else told
            if interest == "province" and told is None:
                name = words("listed.unknown")
            found.append((kind, scope, interest, name, figure, "person"))
    colon = words("sheet.colon")
    for each in tables["under_14"]:
        if each["scope_kind"] in _KINDS:
            ground = words(f"ground.{each['ground']}") + colon + words(f"age_day.{each['age_day']}")
            scope = each["scope_kind"], each["scope"]
            found.append((*scope, "under_14", ground, each["records"], "record"))
    money = {
        (e["scope_kind"], e["scope"], e["money_reading"]): e["amount"]
        for e in tables["dealing_money"]
        if e["scope_kind"] in _KINDS
    }
    for (kind, name, reading), amount in money.items():
        told = words(f"money_reading.{reading}")
        found.append((kind, name, "money", told, amount, "yuan"))
    names = [column.name for column in INTEREST_COLUMNS]
    return [dict(zip(names, row, strict=True)) for row in found]


def _categories(connection: Any, basis: SamplingBasis) -> pa.Table:
    """Return the categories of each combination of kinds in each part, a row each."""
    found = connection.execute(
        "select distinct place, source, member, combination from member join placed using (place)"
    ).fetchall()
    rows = [
        {"place": place, "combination": combination, "category": category}
        for place, source, member, combination in found
        for category in basis.categories(source, member, combination or "")[0].split("+")
    ]
    schema = pa.schema(
        [("place", pa.int32()), ("combination", pa.string()), ("category", pa.string())]
    )
    return pa.Table.from_pylist(rows, schema)
