"""Victims of another offence (art. 5(1)(1) and (2)): files, transfers, days and kinds.

A row of a list is one victim, by any of his numbers and accounts. A name alone is compared only if
the list has nothing else of him.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.case.count.subjects.elements import N_IDENTIFYING, Element, element_of
from piiscan.case.export.list_file import ListLayout, listed
from piiscan.case.export.list_lines import (
    NO_VICTIMS,
    SAME_PERSON,
    build_lines,
    listed_kinds,
    speaker_roles,
)
from piiscan.case.flow.transfer_list import TRANSFERS, time_of_day
from piiscan.case.lookup.value_queries import (
    case_engine,
    case_key,
    masked_query,
    read_rows,
    value_queries,
)
from piiscan.case.store.case import Case
from piiscan.case.store.connection import literals
from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.headers import label_of
from piiscan.errors import CaseError
from piiscan.pages.report_table import TableColumn
from piiscan.pages.sanitize import clean

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
_PLACED: Final = ("suspects", "items", "devices", "places")
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
    catalog, kinds = load(case.recognizers), _compared_kinds(case)
    known = {each.id for each in catalog.recognizers if each.entity in kinds}
    victims = []
    for headers, cells in read_rows(path):
        labels = [label_of(catalog, header or "") for header in headers]
        personal = [bool(label and known.intersection(label.recognizers)) for label in labels]
        used = compress(cells, personal) if any(personal) else cells
        victims.append([cell.strip() for cell in used if cell and cell.strip()])
    if not any(victims):
        raise CaseError("list.empty", path=path)
    return [values for values in victims if values]


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
    kinds, words, engine = _compared_kinds(case), layout.words, case_engine(case)
    texts = [(number, text) for number, values in enumerate(victims) for text in values]
    numbered = list(enumerate(text for _, text in texts))
    queries = value_queries(numbered, engine, entities=kinds, key=case_key(case))
    names = [
        clean(text) if clear else query.shown
        for (_, text), query in zip(texts, queries, strict=True)
    ]
    heads: list[Row] = [
        {"victim": n, "victim_values": [], "giver": "", "taker": ""}
        for n in range(1, len(victims) + 1)
    ]
    for (number, _), name in zip(texts, names, strict=True):
        heads[number]["victim_values"].append(name)
    asked = [(texts[query.number][0], digest) for query in queries for digest in query.digests]
    columns = ([each[n] for each in asked] for n in (0, 1))
    arrays = [pa.array(c, t) for c, t in zip(columns, (pa.int32(), pa.binary(16)), strict=True)]
    connection.register("asked", pa.table(arrays, ["victim", "digest"]))
    named_only = [n for n, values in enumerate(victims) if not any(map(_is_number, values))]
    connection.execute(_CREATE_CHOSEN.format(kinds=literals(kinds), named=[-1, *named_only]))
    facts = {line: each for line, *each in connection.execute(_FACTS).fetchall()}
    sent: dict[int | str, list[Mapping[str, Any]]] = {}
    for line, time, status, suspect, party, channel in connection.execute(_LEDGER).fetchall():
        ends = (party, suspect) if status == "obtained" else (suspect, party)
        told = (time_of_day(time), *ends, channel, "LEDGER")
        sent.setdefault(line, []).append(dict(zip(_SENT, told, strict=True)))
    for each in transfers:
        for row in (each["register_rows"] or "").split("、"):
            sent.setdefault(row, []).append({name: each[name] for name in (*_SENT, "number")})
    listed = listed_kinds(connection, case.manifest.content["whose"], all_kinds=False)
    others = speaker_roles(case.manifest.content["roles"], NO_VICTIMS)
    lines = build_lines(connection, [*listed, "CREDENTIAL"], whole_records=False, speakers=others)
    absent = [
        head | {"found_by": [words(f"listed.not_{'found' if compared else 'compared'}")]}
        for head, compared in zip(heads, map(_is_compared, victims), strict=True)
    ]
    last = -1
    for line in lines:
        victim, register_row, entities = facts[line.number]
        yield from absent[last + 1 : victim]
        last = victim
        found_by = [words.name("entities", each) for each in entities]
        row = heads[victim] | {
            "found_by": found_by if entities != ["PERSON"] else [words("listed.name_only")],
            "told_kinds": [words.name("entities", each) for each in line.values],
            **{name: cell for name, cell in layout.cells(line).items() if name in _PLACED},
        }
        transfers_of = [*sent.get(str(register_row), ()), *sent.get(line.number, ())]
        yield from [row | each for each in transfers_of] or [row]
    yield from absent[last + 1 :]


def _is_number(text: str) -> bool:
    """Return True if a value is a number or an account, not a name in Hanzi."""
    return any(c.isalnum() for c in unicodedata.normalize("NFKC", text) if c.isascii())


def _is_compared(values: Sequence[str]) -> bool:
    """Return True if a victim has a whole number, or a name alone."""
    numbers = [value for value in values if _is_number(value)]
    return not numbers or any(masked_query(0, value) is None for value in numbers)
