"""Explanation of a count: for a row, a value or a person, each step of the ladder and its reason.

``1:2 -> R4: repeats row 2 of a.csv; counted in the material of 乙某``. Everything comes from the
newest count; rows are read again only to be put side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.case.count.count_database import IDENTIFIABLE_SQL, PASSED_SQL
from piiscan.case.count.reopen import reopen_count, require_count
from piiscan.case.explain_count.side_by_side import Pair, compare_rows
from piiscan.case.export.rows_without_findings import REASON_OF_KIND
from piiscan.case.lookup.findings import read_finding
from piiscan.case.lookup.lookup_hits import PartOwnership, find_hits
from piiscan.case.lookup.query import RecordFilter
from piiscan.case.lookup.reread import reread_rows
from piiscan.case.lookup.row_reference import find_row, record_findings
from piiscan.case.lookup.value_queries import (
    case_engine,
    case_entities,
    case_key,
    case_reading,
    masked_query,
    value_queries,
)
from piiscan.case.store.audit_log import now
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import load
from piiscan.errors import CaseError
from piiscan.sources.archives.read_options import ReadOptions

Row = dict[str, Any]

#: Most records that are explained at once, and most sources named of a key.
DEFAULT_LIMIT: Final = 20
_MOST_PLACES: Final = 20
#: Most findings of a value that are looked at.
_MOST_HITS: Final = 10_000
#: Steps that merge records: step, reason, column of ``passed`` by which they are equal.
_MERGED_BY: Final = (
    ("R4", "DUP_ROW", "row_no"),
    ("R4", "DUP_CONTENT", "content_no"),
    ("R5", "DUP_KEY", "key_no"),
    ("R6", "DUP_PERSON", "person"),
)
#: Columns of record subjects that tie the records of a person.
_TIES: Final = ("key", "identity", "mobile", "account")

_RECORDS: Final = f"""
select r.record, r.source, r.member, r.row, r."group", r.role, r.data, r.headline, r.key_kind,
       r.combination, {IDENTIFIABLE_SQL} as identifiable, {PASSED_SQL} as passed, r.counts, r.bare,
       case when r.excluded is not null then 'EXCLUDED' when r.period <> 'IN' then r.period
            when r.bare then 'BARE_PHONE' else r.reason end as reason,
       p.item, p.suspect, p.device, p.layer
from rows r join placed p using (place)
"""


@dataclass(frozen=True, slots=True)
class StepReached:
    """One step of the ladder for one record: reached or not, why, and the record that it repeats.

    ``scope``: None for the whole case, else the suspect within whose material this holds.
    """

    step: str
    reached: bool
    reason: str | None = None
    repeats: Row | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class RecordExplanation:
    """Explanation of one record, or of a row without one.

    ``record``: location, item, suspect and key kind. ``values``: (header, entity, mask or clear
    value) of its findings. ``subjects``: its other subjects with role and step. ``places``: source,
    path and number of records with its key. ``person``: number and records of its person.
    """

    record: Row
    values: Sequence[tuple[str, str, str]] = field(repr=False)
    steps: Sequence[StepReached]
    subjects: Sequence[Row] = ()
    places: Sequence[Row] = ()
    person: tuple[int, int] | None = None
    pairs: Sequence[Pair] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class CountExplanation:
    """Explanations of records, how many there are in all, and the ties of the person asked for.

    ``ties``: column -> number of records that share its value with another record of the person.
    """

    records: Sequence[RecordExplanation]
    total: int
    ties: Mapping[str, int] = field(default_factory=dict)


def explain_count(
    case: str | Path | Case,
    *,
    row: str | None = None,
    value: str | None = None,
    person: int | None = None,
    key: str | Path | None = None,
    clear: bool = False,
    passwords: Path | None = None,
    limit: int = DEFAULT_LIMIT,
) -> CountExplanation:
    """Explain the newest count for one row, value or person (the first that is given).

    Raise CaseError if the case has no count, if there is no such row or person, or for another key.

    Args:
        case: folder of the case, or the opened case.
        row: ``SOURCE[:MEMBER]:ROW``.
        value: whole value, masked value or ending, as ``lookup`` finds it.
        person: number of a person of step R6.
        key: file of the digest key, for whole values and clear text.
        clear: show rows as in their sources, which must be unchanged; needs the key, and is logged.
        passwords: file with passwords of encrypted files, whose rows are read again.
        limit: most records that are explained.
    """
    opened = Case.of(case, key=key, passwords=passwords)
    count = require_count(opened)
    if clear:
        case_key(opened)
    with reopen_count(opened, count) as connection:
        explainer = _Explainer(opened, connection, clear, case_reading(opened))
        if row is not None:
            records, places = explainer.of_row(row)
        elif value is not None:
            records, places = explainer.of_value(value)
        else:
            records, places = explainer.of_person(person if person is not None else -1)
        shown = [explainer.explain(record) for record in records[:limit]]
        shown += [explainer.explain_without_record(place) for place in places]
        ties = {} if person is None or row or value else explainer.ties(person)
    if clear:
        with opened.open_log() as log:
            log.append("lookup", moment=now(), reveal=True, rows=len(shown))
    return CountExplanation(shown, len(records) + len(places), ties)


def explain_finding(
    case: str | Path | Case, source: int, nth: int, *, key: str | Path | None = None
) -> CountExplanation:
    r"""Explain the newest count for the record of a finding, masked.

    ``source``, ``nth``: as ``findings_page`` gives them. Raise CaseError if the case was not
    counted, or has no such finding.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     _ = piiscan.count(case)
    ...     [each.step for each in piiscan.explain_finding(case, 1, 1).records[0].steps]
    ['R0', 'R1', 'R2', 'R3', 'R4', 'R5', 'R6']
    """
    opened = Case.of(case, key=key)
    row = read_finding(opened, source, nth)
    return explain_count(opened, row=f"{source}:{row['member']}:{row['row']}")


class _Explainer:
    """Explanations from an open count database."""

    def __init__(self, case: Case, connection: Any, clear: bool, options: ReadOptions) -> None:
        """Read the display names and the owners of the parts of ``case``."""
        self._options = options
        self._case, self._connection, self._clear = case, connection, clear
        self._shown = case.shown()
        self._sources = {each["source"]: each for each in case.manifest.content["sources"]}
        self._owners = PartOwnership(case)

    def of_row(self, text: str) -> tuple[list[Row], list[Row]]:
        """Return the records that a row belongs to, or the row itself if it has none."""
        entry, member, row, _ = find_row(self._case, text)
        source = entry["source"]
        findings = record_findings(self._connection, self._case, source, member, row)
        rows = sorted({each["record"] for each in findings})
        found = self._fetch(
            "where r.source = ? and p.member = ? and r.row in (select unnest(?::bigint[]))",
            [source, member, rows],
        )
        if found:
            return found, []
        place = {"source": source, "member": member, "row": row}
        return [], [place]

    def of_value(self, text: str) -> tuple[list[Row], list[Row]]:
        """Return the records with a finding of the value ``text``, in reading order."""
        query = masked_query(1, text)
        if query is None:
            secret, engine = case_key(self._case), case_engine(self._case)
            kinds = case_entities(self._case, engine.catalog)
            (query,) = value_queries([(1, text)], engine, entities=kinds, key=secret)
        hits = find_hits(self._case, [query], RecordFilter(), limit=_MOST_HITS)
        wanted = sorted({(h["source"], h["member"], h["record"], h["group"]) for h in hits.rows})
        found = []
        for source, member, record, group in wanted:
            found += self._fetch(
                'where r.source = ? and p.member = ? and r.row = ? and r."group" = ?',
                [source, member, record, group],
            )
        return found, []

    def of_person(self, number: int) -> tuple[list[Row], list[Row]]:
        """Return the records of a person. Raise CaseError if there is no such person."""
        found = self._fetch(
            "where r.record in (select record from passed where person = ? and headline)", [number]
        )
        if not found:
            raise CaseError("explain_count.no_person", number=number)
        return found, []

    def ties(self, number: int) -> dict[str, int]:
        """Return column -> number of a person's records that share its value with another one."""
        ties = {}
        for column in _TIES:
            query = (
                f"select coalesce(sum(n), 0) from (select count(*) as n from rows r join passed q"
                f" using (record) where q.person = ? and r.{column} is not null"
                f" group by r.{column} having count(*) > 1)"
            )
            ties[column] = int(self._connection.execute(query, [number]).fetchone()[0])
        return {column: n for column, n in ties.items() if n}

    def explain(self, record: Row) -> RecordExplanation:
        """Return the explanation of one record of the count."""
        record = self._located(record)
        findings = [
            each
            for each in record_findings(
                self._connection, self._case, record["source"], record["member"], record["row"]
            )
            if (each["record"], each["group"]) == (record["row"], record["group"])
        ]
        values = [(e["header"] or "", e["entity"], e["masked"] or "") for e in findings]
        steps = self._first_steps(record)
        pairs: list[Pair] = []
        if record["passed"] and record["headline"]:
            steps += self._merging_steps(record)
            pairs = self._pairs(record, steps)
        return RecordExplanation(
            record,
            values,
            steps,
            self._subjects(record),
            self._places(record),
            self._person(record),
            pairs,
        )

    def explain_without_record(self, place: Row) -> RecordExplanation:
        """Return the explanation of a row without a finding, read again from its source.

        Raise CaseError if the source changed, or if it has no such row.
        """
        owner = self._owners.fields_of(place["source"], place["member"])
        record = self._located({**place, **owner, "group": 0, "key_kind": None})
        header = {
            part["header_row"]
            for part in self._case.stored("parts").to_pylist()
            if (part["source"], part["member"]) == (place["source"], place["member"])
        }
        if place["row"] in header:
            return RecordExplanation(record, (), [StepReached("R0", False, "HEADER")])
        at = place["member"], place["row"]
        name = record["path"]
        line = reread_rows(
            self._sources[place["source"]],
            {at},
            load(None),
            display_name=name,
            options=self._options,
        )
        if at not in line:
            raise CaseError("row.no_row", row=place["row"], source=name)
        reason = REASON_OF_KIND[line[at].kind]
        steps = [StepReached("R0", False, reason)]
        if reason == "NO_FINDING":
            steps = [StepReached("R0", True), StepReached("R1", False, reason)]
        return RecordExplanation(record, (), steps)

    def _first_steps(self, record: Row) -> list[StepReached]:
        """Return the steps R0 to R3 of a record, up to the first that it does not reach."""
        if not record["data"]:
            return [StepReached("R0", False, "TITLE")]
        if not record["headline"]:
            return [StepReached("R0", False, "UNCONFIRMED_LAYER")]
        steps = [StepReached("R0", True), StepReached("R1", True)]
        reason = record["reason"] or "NOT_IDENTIFIABLE"
        if not record["identifiable"]:
            return [*steps, StepReached("R2", False, reason)]
        steps.append(StepReached("R2", True))
        if not record["passed"]:
            return [*steps, StepReached("R3", False, reason)]
        return [*steps, StepReached("R3", True, record["reason"])]

    def _merging_steps(self, record: Row) -> list[StepReached]:
        """Return the steps R4 to R6 of a record that passes, in the case and for its suspect."""
        found = []
        for scope in dict.fromkeys((None, record["suspect"])):
            for step, reason, column in _MERGED_BY:
                first = self._first_equal(record["record"], column, scope)
                if first != record["record"]:
                    found.append(StepReached(step, False, reason, self._record(first), scope))
                    break
                if reason != "DUP_ROW":
                    found.append(StepReached(step, True, None, None, scope))
        return found

    def _first_equal(self, record: int, column: str, suspect: str | None) -> int:
        """Return the number of the first record that is equal to ``record`` by ``column``."""
        own = "" if suspect is None else " and p.suspect = ?"
        first = self._connection.execute(
            "select min(q.record) from passed q join placed p using (place) where q.headline and"
            f" q.{column} = (select {column} from passed where record = ?){own}",
            [record, *([] if suspect is None else [suspect])],
        ).fetchone()[0]
        return record if first is None else int(first)

    def _pairs(self, record: Row, steps: Iterable[StepReached]) -> list[Pair]:
        """Return the record side by side with each record that it repeats."""
        repeated: dict[int, StepReached] = {}
        for step in steps:
            if step.repeats is not None:
                repeated.setdefault(step.repeats["record"], step)
        return [
            compare_rows(
                self._case,
                record,
                step.repeats or {},
                self._connection,
                clear=self._clear,
                options=self._options,
                step=step.step,
            )
            for step in repeated.values()
        ]

    def _subjects(self, record: Row) -> list[Row]:
        """Return role and step of the other subjects of a record."""
        query = (
            "select role, step, key_kind from people where record = ? and not main order by role"
        )
        rows = self._connection.execute(query, [record["record"]]).fetchall()
        return [dict(zip(("role", "step", "key_kind"), row, strict=True)) for row in rows]

    def _places(self, record: Row) -> list[Row]:
        """Return the sources that have the key of a record, with the number of records."""
        query = (
            "select r.source, p.suspect, p.item, count(*) from rows r join placed p using (place)"
            f" where {PASSED_SQL}"
            " and r.headline and (r.key_kind, r.key) = (select (key_kind, key) from rows"
            " where record = ?) group by all order by all limit ?"
        )
        rows = self._connection.execute(query, [record["record"], _MOST_PLACES]).fetchall()
        return [
            {"source": source, "path": self._path(source), "suspect": suspect, "item": item, "n": n}
            for source, suspect, item, n in rows
        ]

    def _person(self, record: Row) -> tuple[int, int] | None:
        """Return the number of a record's person, and the number of his records."""
        found = self._connection.execute(
            "select any_value(person), count(*) from passed where headline and person ="
            " (select person from passed where record = ?)",
            [record["record"]],
        ).fetchone()
        return None if found[0] is None else (int(found[0]), int(found[1]))

    def _record(self, number: int) -> Row:
        """Return the record ``number`` of the count, with the names to show."""
        return self._located(self._fetch("where r.record = ?", [number])[0])

    def _fetch(self, where: str, values: Sequence[Any]) -> list[Row]:
        """Return the records of the count under a condition, in reading order."""
        found = self._connection.execute(f"{_RECORDS} {where} order by r.record", list(values))
        names = [each[0] for each in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def _located(self, record: Row) -> Row:
        """Return the record with path and member as they may be shown."""
        member = record["member"]
        return record | {
            "path": self._path(record["source"]),
            "place": self._shown.get(member, member),
        }

    def _path(self, source: int) -> str:
        """Return the path of a source as it may be shown."""
        path: str = self._sources[source]["path"]
        return self._shown.get(path, path)
