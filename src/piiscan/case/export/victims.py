"""Victims of another offence (art. 5(1)(1) and (2)): files, transfers, days and kinds.

A row of a list is one victim, by any of his numbers and accounts. A name alone is compared only if
the list has nothing else of him.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.case.count.subjects.elements import N_IDENTIFYING, Element, element_of
from piiscan.case.export.list_file import ListLayout, listed
from piiscan.case.export.list_lines import (
    NO_VICTIMS,
    SAME_PERSON,
    ListLine,
    build_lines,
    listed_kinds,
    speaker_roles,
)
from piiscan.case.flow.transfer_list import TRANSFERS, time_of_day
from piiscan.case.lookup.value_queries import case_engine, case_key, read_rows, value_queries
from piiscan.case.store.case import Case
from piiscan.case.store.connection import literals
from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.headers import label_of
from piiscan.errors import CaseError
from piiscan.pages.report_table import TableColumn
from piiscan.pages.sanitize import clean
from piiscan.wording.words import Words

Row = dict[str, Any]

_SENT: Final = ("transfer_time", "giver", "taker", "channel", "rests_on")
VICTIM_COLUMNS: Final = (
    listed("victim", "number"),
    listed("victim_values", "texts"),
    listed("found_by", "texts"),
    listed("told_kinds", "texts"),
    *(listed(name, "texts") for name in ("suspects", "items", "devices")),
    *(each for name in _SENT for each in TRANSFERS.columns if each.name == name),
    TableColumn("number", "number", title="listed.transfer"),
    listed("places", "texts"),
)
#: Elements by which no person is looked for.
_UNUSED: Final = (Element.ADDRESS, Element.CODE, Element.SECRET)
#: SQL: subjects with a value of a victim; ``sure`` if it is no name.
_CREATE_CHOSEN: Final = f"""
create temp table met as
select distinct victim, place, record as row, "group", role, entity
from f join asked using (digest) where entity in ({{kinds}});
create temp table hits as
select f.victim, m.place, m.subject, bool_or(f.entity <> 'PERSON') as sure,
       list(distinct f.entity order by f.entity) as entities
from met f join (
    select p.*, count(*) over (partition by record) as n from people p
    where (place, row, "group") in (select (place, row, "group") from met)) m
on m.place = f.place and m.row = f.row and m."group" = f."group"
where m.data and {SAME_PERSON} group by all;
create temp table chosen as
select dense_rank() over (order by victim, place)::bigint as line, subject,
       null::varchar as reason, null::varchar as elsewhere, null::bigint as repeats, victim, place,
       entities
from hits where sure or victim in {{named}};
"""
_FACTS: Final = """
select line, any_value(victim), any_value(register_row),
       list_sort(list_distinct(flatten(list(entities))))
from chosen join placed using (place) group by line
"""
#: SQL: what ledgers say of the rows of each line.
_LEDGER: Final = """
select distinct c.line, l.time, l.status, p.suspect, l.party, l.channel
from chosen c join people r using (subject) join placed p on p.place = r.place
join ledger l on l.source = p.source and l.member = p.member and l.row = r.row
    and l."group" = r."group"
where l.status in ('obtained', 'sold', 'provided') order by all
"""


def read_victims(path: Path, case: Case) -> list[list[str]]:
    """Return the values of each victim of a list: a row each, in plain text a line.

    Where headings name columns of persons, other columns are left out. Raise CaseError if the file
    cannot be read, or has no victim.
    """
    catalog = load(case.recognizers)
    entities = {each.id: each.entity for each in catalog.recognizers}
    kinds = set(_compared_kinds(case))
    known: dict[tuple[str | None, ...], list[int]] = {}
    victims = []
    for found, cells in read_rows(path):
        headers = tuple(found)
        if headers not in known:
            labels = [label_of(catalog, header or "") for header in headers]
            known[headers] = [
                at
                for at, label in enumerate(labels)
                if label and kinds & {entities.get(each) for each in label.recognizers}
            ]
        used = [cells[at] for at in known[headers] if at < len(cells)] or cells
        values = [cell.strip() for cell in used if cell and cell.strip()]
        if values:
            victims.append(values)
    if not victims:
        raise CaseError("list.empty", path=path)
    return victims


def _compared_kinds(case: Case) -> list[str]:
    """Return the entities by which victims are looked for."""
    owners: Mapping[str, str] = case.manifest.content["whose"]
    elements = {entity: element_of(entity, owner) for entity, owner in owners.items()}
    return [e for e, k in elements.items() if k < N_IDENTIFYING and k not in _UNUSED]


def victim_rows(
    connection: Any,
    victims: Sequence[Sequence[str]],
    case: Case,
    transfers: Sequence[Mapping[str, Any]],
    layout: ListLayout,
    *,
    clear: bool,
) -> Iterator[Row]:
    """Yield a row per victim, part and transfer; one for a victim who is in no part.

    ``transfers``: rows of that table of the count. The view ``f`` has the findings. Raise CaseError
    for another key.
    """
    texts = [text for values in victims for text in values]
    owners = [number for number, values in enumerate(victims) for _ in values]
    kinds, words = _compared_kinds(case), layout.words
    queries = value_queries(
        list(enumerate(texts)), case_engine(case), entities=kinds, key=case_key(case)
    )
    shown: dict[int, list[str]] = {}
    for query in queries:
        text = texts[query.number] if clear else query.shown
        shown.setdefault(owners[query.number], []).append(text)
    asked = [(owners[q.number], digest) for q in queries for digest in q.digests]
    schema = pa.schema([("victim", pa.int32()), ("digest", pa.binary(16))])
    columns = zip(schema.types, zip(*asked, strict=True), strict=True)
    arrays = [pa.array(list(values), type_) for type_, values in columns]
    connection.register("asked", pa.Table.from_arrays(arrays, schema=schema))
    named_only = [n for n, values in enumerate(victims) if not any(map(_is_number, values))]
    connection.execute(_CREATE_CHOSEN.format(kinds=literals(kinds), named=[-1, *named_only]))
    facts = {line: each for line, *each in connection.execute(_FACTS).fetchall()}
    ledger: dict[int, list[Row]] = {}
    for line, time, status, suspect, party, channel in connection.execute(_LEDGER).fetchall():
        ends = (party, suspect) if status == "obtained" else (suspect, party)
        ledger.setdefault(line, []).append(
            dict(zip(_SENT, (time_of_day(time), *ends, channel, "LEDGER"), strict=True))
        )
    stated: dict[str, list[Mapping[str, Any]]] = {}
    for each in transfers:
        for row in (each["register_rows"] or "").split("、"):
            stated.setdefault(row, []).append(each)
    found = listed_kinds(connection, case.manifest.content["whose"], all_kinds=False)
    last = -1
    others = speaker_roles(case.manifest.content["roles"], NO_VICTIMS)
    kinds = [*found, "CREDENTIAL"]
    for line in build_lines(connection, kinds, whole_records=False, speakers=others):
        victim, register_row, entities = facts[line.number]
        yield from (_row(n, shown[n], words) for n in range(last + 1, victim))
        last = victim
        row = _row(victim, shown[victim], words) | {
            "found_by": [words("listed.name_only")]
            if entities == ["PERSON"]
            else [words.name("entities", each) for each in entities],
            "told_kinds": [words.name("entities", each) for each in line.values],
            "places": [layout.location(each) for each in line.locations],
            **{f"{n}s": _distinct(line, n) for n in ("suspect", "item", "device")},
        }
        sent = [*stated.get(str(register_row), ()), *ledger.get(line.number, ())]
        yield from [row | {n: e.get(n) for n in (*_SENT, "number")} for e in sent] or [row]
    yield from (_row(n, shown[n], words) for n in range(last + 1, len(victims)))


def _row(victim: int, values: list[str], words: Words) -> Row:
    """Return the row of a victim who is in no part of the case."""
    texts = ("told_kinds", "places", "suspects", "items", "devices")
    row = dict.fromkeys((*_SENT, "number")) | {name: [] for name in texts}
    return row | {
        "giver": "",
        "taker": "",
        "victim": victim + 1,
        "victim_values": values,
        "found_by": [words("listed.not_found")],
    }


def _distinct(line: ListLine, name: str) -> list[str]:
    """Return the distinct items, suspects or devices of a line."""
    values = (getattr(each, name) for each in line.locations)
    return [clean(value) for value in dict.fromkeys(values) if value]


def _is_number(text: str) -> bool:
    """Return True if a value is a number or an account, not a name in Hanzi."""
    return any(c.isalnum() for c in text if unicodedata.normalize("NFKC", c).isascii())
