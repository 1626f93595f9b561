"""Record texts: the cells of a verification sheet, with the values of each record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from piiscan.case.sampling.sampling_frame import Record
from piiscan.case.sampling.verification_form import DrawnRecord
from piiscan.forms.writer import SheetRow
from piiscan.wording.words import Words

#: Records whose values are read in one query.
_BATCH: Final = 50_000
#: Most values of one record: the first ones identify a row with a long list of phones.
_MAX_VALUES: Final = 40
_VALUES_QUERY: Final = (
    'select w.record, list((f.entity, f.shown) order by f.row, f."column", f.start, f.entity)'
    " from wanted w join findings f on f.source = w.source and f.member = w.member"
    ' and f.record = w.row and f."group" = w."group" where f.verdict <> \'refuted\''
    # Findings are in the order of the case, so the bounds spare most of them.
    " and f.source between ? and ? and f.record between ? and ? group by w.record"
)


@dataclass(frozen=True, slots=True)
class DisplayNames:
    """Display names of sources, members, entities and strata; masked where the sheet is masked."""

    paths: Mapping[int, str]
    members: Mapping[str, str]
    kinds: Mapping[str, str]
    strata: Mapping[str, str]
    words: Words = field(default_factory=lambda: Words("zh"))

    def entity_name(self, entity: str) -> str:
        """Return the name of an entity in the language of the sheet; its code if it has none."""
        return self.kinds.get(entity, entity)

    def path_of(self, record: Record) -> str:
        """Return path and member of a record as one text: ``a.zip!名单.csv``."""
        member = self.members.get(record.member, record.member)
        path = self.paths.get(record.source, str(record.source))
        return path + (member if member.startswith("#") or not member else f"!{member}")


def unfound_lines(
    drawn: Iterator[DrawnRecord],
    names: DisplayNames,
    *,
    texts: Mapping[tuple[int, str, int, int], str],
) -> Iterator[SheetRow]:
    """Yield one row of the verification sheet per drawn row without findings.

    ``texts``: text of the row at each location.
    """
    claim = names.words("claim.unfound")
    for each in drawn:
        yield _sheet_line(each, (), names, claim, texts.get(each.record.location, ""))


def sheet_lines(
    connection: Any, drawn: Iterator[DrawnRecord], names: DisplayNames
) -> Iterator[SheetRow]:
    """Yield one row of the verification sheet per drawn record.

    ``connection`` needs the view ``findings`` with the column ``shown``.
    """
    words = names.words
    while batch := list(islice(drawn, _BATCH)):
        values = _values_by_record(connection, [each.record for each in batch])
        kept = _kept_records(connection, [each.record for each in batch])
        kept_values = _values_by_record(connection, list(kept.values())) if kept else {}
        for each in batch:
            claim = words("claim.counted")
            if each.record.reason is not None:
                claim = words("claim.excluded", reason=words.name("reasons", each.record.reason))
            elif each.record.kept is not None:
                first = kept[each.record.kept]
                claim = words(
                    "claim.duplicate",
                    path=names.path_of(first),
                    row=first.row,
                    values=_joined_values(kept_values.get(first.record, []), names),
                )
            yield _sheet_line(each, values.get(each.record.record, []), names, claim)


def _kept_records(connection: Any, records: Sequence[Record]) -> dict[int, Record]:
    """Return number -> record of the records that ``records`` are said to repeat."""
    numbers = sorted({each.kept for each in records if each.kept is not None})
    if not numbers:
        return {}
    found = connection.execute(
        "select record, source, member, row, \"group\", '', '', suspect, item, 1 from framed"
        " where record in (select unnest(?))",
        [numbers],
    ).fetchall()
    return {row[0]: Record(*row) for row in found}


def _values_by_record(connection: Any, records: Sequence[Record]) -> dict[int, list[Any]]:
    """Return record number -> (entity, masked or clear value) pairs, in column order.

    Refuted findings are left out.
    """
    import pyarrow as pa

    columns = {
        "record": pa.array([each.record for each in records], pa.int64()),
        "source": pa.array([each.source for each in records], pa.int32()),
        "member": pa.array([each.member for each in records], pa.string()),
        "row": pa.array([each.row for each in records], pa.int64()),
        "group": pa.array([each.group for each in records], pa.int16()),
    }
    connection.register("wanted", pa.table(columns))
    sources, rows = [each.source for each in records], [each.row for each in records]
    bounds = [min(sources), max(sources), min(rows), max(rows)]
    found = dict(connection.execute(_VALUES_QUERY, bounds).fetchall())
    connection.unregister("wanted")
    return found


def _joined_values(values: Sequence[Any], names: DisplayNames) -> str:
    """Return at most 40 distinct values as one text: ``姓名 张*；手机号码 138****8000``."""
    texts = dict.fromkeys(
        f"{names.entity_name(entity)} {text}" for entity, text in map(tuple, values)
    )
    more = "…" if len(texts) > _MAX_VALUES else ""
    return "；".join(list(texts)[:_MAX_VALUES]) + more


def _sheet_line(
    drawn: DrawnRecord, values: Sequence[Any], names: DisplayNames, claim: str, text: str = ""
) -> SheetRow:
    """Return the sheet row of one drawn record. ``text``: its text if it has no values."""
    record = drawn.record
    kinds = record.combination.split("+") if record.combination else []
    return SheetRow(
        {
            "number": str(drawn.number),
            "code": drawn.code,
            "stratum": names.strata.get(record.stratum, record.stratum),
            "suspect": record.suspect,
            "item": record.item,
            "source": record.source,
            "path": names.paths.get(record.source, str(record.source)),
            "member": names.members.get(record.member, record.member),
            "row": record.row,
            "combination": " + ".join(names.entity_name(each) for each in kinds),
            "values": text or _joined_values(values, names),
            "copies": record.copies,
            "claim": claim,
        }
    )
