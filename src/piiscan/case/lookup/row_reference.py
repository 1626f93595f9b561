"""Row references of the command line: ``3:17`` or ``3:a.zip!名单.csv:17``, resolved in a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from piiscan.case.store.case import Case
from piiscan.case.store.connection import literal
from piiscan.errors import CaseError


@dataclass(frozen=True, slots=True)
class RowReference:
    """Row of a source, by number. ``member``: None for the source's only part."""

    source: int
    member: str | None
    row: int


def parse_row_reference(text: str) -> RowReference:
    """Parse ``SOURCE[:MEMBER]:ROW``. Raise CaseError unless source and row are numbers.

    >>> parse_row_reference("3:a.zip!b.csv:17")
    RowReference(source=3, member='a.zip!b.csv', row=17)
    """
    source, _, rest = text.partition(":")
    member, colon, row = rest.rpartition(":")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (source, row)):
        raise CaseError("row.no_reference")
    return RowReference(int(source), member if colon else None, int(row))


def find_part(case: Case, reference: RowReference) -> tuple[dict[str, Any], str]:
    """Return the source (entry of the manifest) and the member that ``reference`` names.

    A member may be given as it is shown, with personal data masked. Raise CaseError if there is no
    such part, or if the source has several and none is named.
    """
    sources = {each["source"]: each for each in case.manifest.content["sources"]}
    if reference.source not in sources:
        raise CaseError("row.no_source", source=reference.source)
    stored = case.stored("parts").select(["source", "member"]).to_pylist()
    members = sorted({each["member"] for each in stored if each["source"] == reference.source})
    if reference.member is not None:
        shown = case.shown()
        members = [each for each in members if reference.member in (each, shown.get(each, each))]
    if len(members) != 1:
        raise CaseError("row.several_parts" if members else "row.no_part", source=reference.source)
    return sources[reference.source], members[0]


def record_findings(
    connection: Any, case: Case, source: int, member: str, row: int
) -> list[dict[str, Any]]:
    """Return all findings of the records that a row belongs to, in reading order."""
    shard = case.source_shards("findings", only=source).get(source)
    if shard is None:
        return []
    found = connection.execute(
        f"select *, file_row_number as nth from read_parquet([{literal(shard)}],"
        " file_row_number = true) where source = ? and member = ? and record in (select distinct"
        f" record from read_parquet([{literal(shard)}])"
        " where source = ? and member = ? and (row = ? or record = ?)) order by nth",
        [source, member, source, member, row, row],
    )
    names = [each[0] for each in found.description]
    return [dict(zip(names, values, strict=True)) for values in found.fetchall()]
