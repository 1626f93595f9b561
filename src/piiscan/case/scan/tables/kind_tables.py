"""Tables of kinds: all (T2), combinations (T3), by role, source (T5), reason (T6), others (T13)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from piiscan.case.scan.distinct_counts import DistinctCounts
from piiscan.case.scan.tables.scan_table_inputs import (
    CLASSES,
    OWN_CLASS,
    Row,
    TableInputs,
    class_of,
)
from piiscan.case.store.common_columns import CODE, ENTITY, SOURCE
from piiscan.case.store.job_store import Source
from piiscan.pages import report_table
from piiscan.pages.report_table import (
    EVERYWHERE,
    FILES,
    FILES_AND_PAGE,
    FILES_AND_TERMINAL,
    ReportTable,
    TableColumn,
    coded,
    named,
    number,
    numbers,
    text,
)
from piiscan.wording.words import Words

#: Owner classes of entities outside personal records.
_OTHER_CLASSES: Final = ("masked", "damaged", "organisation", "device", "none")


def _kinds(inputs: TableInputs, counts: DistinctCounts) -> list[Row]:
    """Build the table ``kinds`` (T2): a row per entity with its counts, by owner class."""
    verdicts = _count_verdicts(inputs.sources)
    rows = [
        _count_row(
            class_of(entity, inputs.owner_class), entity, counter, counts.distinct.get(entity, 0)
        )
        for (_, entity), counter in verdicts.items()
    ]
    order = {name: place for place, name in enumerate(CLASSES)}
    return sorted(rows, key=lambda row: (order[row["class"]], -row["hits"], row["entity"]))


def _count_verdicts(
    sources: Sequence[Source], *, by_role: bool = False
) -> dict[tuple[str | None, str], Counter[str]]:
    """Return (role, entity) -> findings by verdict; the role is None unless ``by_role``."""
    verdicts: dict[tuple[str | None, str], Counter[str]] = {}
    for source in sources:
        for entity, _recognizer, verdict, _reason, role, hits in source.outcome.counts:
            key = (role if by_role else None, entity)
            verdicts.setdefault(key, Counter())[verdict] += hits
    return verdicts


def _count_row(class_: str, entity: str, verdicts: Counter[str], distinct: int) -> Row:
    """Build a row of counts for an entity: hits, valid, verified, refuted, distinct.

    Masked and damaged values are neither valid nor refuted.
    """
    hits = verdicts.total()
    row: Row = {"class": class_, "entity": entity, "hits": hits}
    if class_ in OWN_CLASS.values():
        return row | {"valid": None, "verified": None, "refuted": None, "distinct": distinct}
    refuted = verdicts["refuted"]
    row |= {"valid": hits - refuted, "verified": verdicts["verified"], "refuted": refuted}
    return row | {"distinct": distinct}


def _roles(inputs: TableInputs, _: DistinctCounts) -> list[Row]:
    """Build the table ``roles``: a row per role and entity, with findings by verdict.

    Entities without a role are left out.
    """
    verdicts = _count_verdicts(inputs.sources, by_role=True)
    rows: list[Row] = [
        {
            "role": role,
            "entity": entity,
            "hits": counter.total(),
            "valid": counter.total() - counter["refuted"],
            "refuted": counter["refuted"],
        }
        for (role, entity), counter in verdicts.items()
        if role is not None and entity not in OWN_CLASS
    ]
    return sorted(rows, key=lambda row: (row["role"], -row["hits"], row["entity"]))


def _by_source(inputs: TableInputs, counts: DistinctCounts) -> list[Row]:
    """Build the table of T5: a row of counts per source and entity."""
    rows = []
    for source in inputs.sources:
        for (_, entity), counter in sorted(_count_verdicts([source]).items()):
            distinct = counts.by_source.get((source.source, entity), 0)
            tally = _count_row(class_of(entity, inputs.owner_class), entity, counter, distinct)
            rows.append({"source": source.source, "path": inputs.display(source.path), **tally})
    return rows


KINDS: Final = ReportTable(
    "kinds",
    (
        coded("class", "class", FILES_AND_TERMINAL),
        ENTITY.only_in(EVERYWHERE),
        CODE.only_in(FILES_AND_PAGE),
        number("hits", EVERYWHERE),
        number("valid", EVERYWHERE),
        number("verified"),
        number("refuted", EVERYWHERE),
        number("distinct", EVERYWHERE),
    ),
    section="T2",
    build=_kinds,
    notes=("page.rules.hits", "page.rules.valid", "page.rules.refuted", "page.rules.distinct"),
    row_group="kind_rows",
    page_rows=0,
)
APART: Final = ReportTable(
    "apart",
    KINDS.columns,
    section="T13",
    made_by="report",
    build=lambda kinds: [dict(row) for row in kinds if row["class"] in _OTHER_CLASSES],
    notes=("page.rules.apart",),
)
ROLES: Final = ReportTable(
    "roles",
    (
        named("role", "roles"),
        ENTITY,
        CODE,
        *numbers("hits", "valid", "refuted"),
    ),
    section="T2",
    build=_roles,
    page_rows=80,
)
BY_SOURCE: Final = ReportTable(
    "by_source",
    (
        SOURCE,
        text("path"),
        coded("class", "class", FILES),
        ENTITY,
        CODE,
        number("hits"),
        number("valid"),
        number("verified", FILES),
        number("refuted"),
        number("distinct"),
    ),
    section="T5",
    build=_by_source,
    page_rows=300,
)


#: Entities in the order of case files: 姓名+身份证号+手机号+住址.
_ENTITY_ORDER: Final = {
    entity: place
    for place, entity in enumerate(
        ("PERSON", "CN_RESIDENT_ID", "CN_MOBILE", "CN_LANDLINE", "CN_ADDRESS", "CN_BANK_CARD")
    )
}


def _combinations(_: TableInputs, counts: DistinctCounts) -> list[Row]:
    """Build the table ``combinations`` (T3): entities in one record, most frequent first."""
    return [
        {"combination": name.split("+"), "records": records, "distinct_records": distinct}
        for name, records, distinct in sorted(
            counts.combinations, key=lambda row: (-row[1], row[0])
        )
    ]


def _combination_name(entities: Sequence[str], _: report_table.Row, words: Words) -> str:
    """Return the names of ``entities`` in the order of case files."""
    ordered = sorted(entities, key=lambda e: (_ENTITY_ORDER.get(e, len(_ENTITY_ORDER)), e))
    return " + ".join(words.name("entities", entity) for entity in ordered)


#: Column of entities that occur together.
COMBINATION: Final = TableColumn("combination", wording=_combination_name)
COMBINATIONS: Final = ReportTable(
    "combinations",
    (
        COMBINATION,
        number("records"),
        number("distinct_records"),
    ),
    section="T3",
    build=_combinations,
    notes=("page.rules.records",),
    row_group="combination_rows",
    page_rows=40,
)


def _reasons(inputs: TableInputs, _: DistinctCounts) -> list[Row]:
    """Build the table ``reasons`` (T6): findings by entity, verdict and reason."""
    total: Counter[tuple[str, str, str]] = Counter()
    for source in inputs.sources:
        for entity, _recognizer, verdict, reason, _role, hits in source.outcome.counts:
            total[entity, verdict, reason or ""] += hits
    return [
        {"entity": entity, "verdict": verdict, "reason": reason or None, "hits": hits}
        for (entity, verdict, reason), hits in sorted(total.items())
    ]


REASONS: Final = ReportTable(
    "reasons",
    (
        ENTITY,
        CODE,
        named("verdict", "verdicts", wraps=False),
        named("reason", "reasons"),
        number("hits"),
    ),
    section="T6",
    build=_reasons,
    notes=("page.rules.refuted",),
    page_rows=80,
)
