"""Pages of findings: every finding of a case by filters, a hundred at a time, and their counts.

A cube (number of findings by part, kind, verdict, role, reason and judgement) is counted once for
each text. Facets, totals and the sources of a page come from it; then only the shards of that page
are read, in two steps: numbers of rows first, rows after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arguments import checked
from piiscan.case.count.subjects.judgements import Judgement, judged_states, read_judgements
from piiscan.case.lookup.lookup_hits import PartOwnership
from piiscan.case.store.case import Case
from piiscan.case.store.connection import connect, literal, literals
from piiscan.errors import CaseError
from piiscan.schemas import FINDINGS
from piiscan.sources.texts.column_letters import column_letter

Row = dict[str, Any]
#: Findings of a page.
PAGE_SIZE: Final = 100
#: Names by which findings are filtered.
FACETS: Final = (
    *("entity", "suspect", "source", "part", "column", "verdict", "role", "reason", "judged"),
)
#: Orders of findings; ``place`` is that of reading, which each of the others has among equals.
SORTS: Final = ("place", "entity", "suspect", "source", "verdict", "score", "judged")
#: Judgement of a finding that nobody judged.
OPEN: Final = "open"
#: Texts of a finding that are counted -> SQL. ``score``: in hundredths.
_STORED: Final = {
    **{name: f"coalesce({name}, '')" for name in ("entity", "verdict", "role", "reason")},
    "column": '"column"',
    "score": "(score * 100)::smallint",
}
_CODES: Final = ", ".join(f'{sql} as "{name}"' for name, sql in _STORED.items())
#: The same of a query that has them, as texts.
_TEXTS: Final = ", ".join(f'"{name}"::varchar as "{name}"' for name in _STORED)
_PLACE: Final = ("source", "member", "record", "group", "column", "entity", "digest")
_PLACE_TYPES: Final = pa.schema([FINDINGS.field(name) for name in _PLACE])
_COLUMNS: Final = ", ".join(f'"{name}"' for name in FINDINGS.names)


@dataclass(frozen=True, slots=True)
class FindingFilters:
    """Filters of findings: values by facet, and a text that the mask contains.

    A finding passes if it has, for each facet that is named, one of its values. A missing value is
    "". ``source`` and ``column`` are numbers in digits, ``part`` is a name as shown. ``judged`` is
    ``open``, ``right``, ``false``, or ``review`` (called false by one person only).

    >>> FindingFilters({"entity": ("CN_MOBILE",)}, "138").facets["entity"]
    ('CN_MOBILE',)
    """

    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """Page of findings in reading order: its rows, their number in all, page and pages.

    Each row has the columns of FINDINGS and ``nth``, its row in the shard from 0; ``path`` and
    ``place`` as they may be shown; ``letter`` of its column; ``suspect``, ``item``; ``judged``.
    """

    rows: Sequence[Row] = field(repr=False)
    total: int
    page: int
    pages: int


@checked
def findings_page(
    case: str | Path | Case,
    filters: FindingFilters = FindingFilters(),
    page: int = 1,
    *,
    size: int = PAGE_SIZE,
    sort: str = "place",
) -> FindingsPage:
    r"""Return page ``page``, from 1, of the findings of a case that pass ``filters``.

    A page behind the last is the last. ``sort``: one of SORTS, with ``-`` ahead the largest first;
    any other text is ``place``. Raise ChangedFileError if a shard is not the recorded one.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     [(row["entity"], row["masked"]) for row in piiscan.findings_page(case).rows]
    [('PERSON', '张*'), ('CN_MOBILE', '139****5678')]
    """
    return FindingsReader(Case.of(case)).page(filters, page, size, sort)


@checked
def finding_facets(
    case: str | Path | Case,
    filters: FindingFilters = FindingFilters(),
) -> dict[str, dict[str, int]]:
    r"""Return facet -> value -> number of findings that pass the filters of all other facets.

    The most frequent value is first. The facets are those of FACETS.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     piiscan.finding_facets(case)["entity"]
    {'CN_MOBILE': 1, 'PERSON': 1}
    """
    return FindingsReader(Case.of(case)).facets(filters)


def read_finding(case: Case, source: int, nth: int) -> Row:
    """Return a finding, as ``findings_page`` does. Raise CaseError if no finding has the place."""
    for row in read_findings(case, [(source, nth)]):
        return row
    raise CaseError("judge.no_finding")


def read_findings(case: Case, places: Iterable[tuple[int, int]]) -> list[Row]:
    """Return the findings at (source, nth), as ``findings_page``; missing ones are left out."""
    return FindingsReader(case).rows(places)


class FindingsReader:
    """Reader of the findings of a case; it caches the counts of each text that was searched."""

    def __init__(self, case: Case) -> None:
        """Verify the shards of the case; read its register and judgements."""
        self.case = case
        self._files = case.source_shards("findings")
        self._sha256s = {s["source"]: s["sha256"] for s in case.manifest.content["sources"]}
        self._shown, self._paths = case.shown(), case.source_names()
        self._cube = lru_cache(16)(self._count_cube)
        self.refresh()

    def refresh(self) -> None:
        """Read register and judgements of the case again."""
        self._owners = PartOwnership(self.case)
        judgements = read_judgements(self.case)[0]
        self._judgements = {each.place: each for each in judgements}
        self._states = judged_states(judgements)
        self._judged: pa.Table | None = None
        self._counts = lru_cache(16)(self._count_findings)

    def page(
        self,
        filters: FindingFilters,
        page: int = 1,
        size: int = PAGE_SIZE,
        sort: str = "place",
    ) -> FindingsPage:
        """Return a page of findings, see :func:`findings_page`."""
        name = sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "place"
        segments = self._segments(filters, name, is_descending=sort.startswith("-"))
        ends = np.cumsum(segments["n"].to_numpy())
        total = int(ends[-1]) if len(ends) else 0
        pages = max(-(-total // size), 1)
        page = min(max(page, 1), pages)
        wanted: list[tuple[int, int]] = []
        at = int(np.searchsorted(ends, (page - 1) * size, side="right"))
        skipped = (page - 1) * size - (int(ends[at - 1]) if at else 0)
        with connect(self.case.path / "tmp") as connection:
            for segment in segments.slice(at, size).to_pylist():
                if len(wanted) >= size:
                    break
                inside = filters
                if name != "place":
                    inside = replace(filters, facets={**filters.facets, name: (segment[name],)})
                limit = f"limit {size - len(wanted)} offset {skipped}"
                wanted += self._numbers(connection, segment["number"], inside, limit)
                skipped = 0
        rows = {(row["source"], row["nth"]): row for row in self.rows(wanted)}
        return FindingsPage([rows[each] for each in wanted], total, page, pages)

    def _segments(self, filters: FindingFilters, name: str, *, is_descending: bool) -> pa.Table:
        """Return the passing findings in order: ``number`` of the source, value ``name``, ``n``.

        Those of one row have one value and stand in one source, in the order of its file.
        """
        counts = _filtered(self._counts(filters.text), filters.facets)
        counts = counts.append_column("number", counts["source"].cast(pa.int32()))
        keys = ["number"] if name == "place" else list(dict.fromkeys((name, "number")))
        summed = counts.group_by(keys).aggregate([("n", "sum")]).rename_columns([*keys, "n"])
        summed = summed.filter(pc.greater(summed["n"], 0))
        order = summed["number" if name == "place" else name]
        if name == "score":
            order = order.cast(pa.int32())
        elif name == "source":
            order = pa.array([self._paths[n] for n in summed["number"].to_pylist()], pa.string())
        direction = "descending" if is_descending else "ascending"
        ordered = summed.append_column("order", order)
        return ordered.sort_by([("order", direction), ("number", "ascending")])

    def facets(self, filters: FindingFilters) -> dict[str, dict[str, int]]:
        """Return the numbers of findings by facet and value, see :func:`finding_facets`."""
        counts, found = self._counts(filters.text), {}
        for facet in FACETS:
            others = {name: v for name, v in filters.facets.items() if name != facet}
            summed = _sum_by(_filtered(counts, others), facet)
            found[facet] = dict(sorted(summed.items(), key=lambda each: (-each[1], each[0])))
        return found

    def rows(self, places: Iterable[tuple[int, int]]) -> list[Row]:
        """Return the findings at (source, nth) in reading order; missing ones are left out."""
        wanted = {place for place in places if place[0] in self._files}
        if not wanted:
            return []
        sources, numbers = ({place[at] for place in wanted} for at in (0, 1))
        with connect(self.case.path / "tmp") as connection:
            found = connection.sql(
                f"select {_COLUMNS}, nth from {_read({self._files[each] for each in sources})}"
                f" where source in ({_list(sources)}) and nth in ({_list(numbers)})"
            )
            found = found.to_arrow_table().to_pylist()
        found.sort(key=lambda row: (row["source"], row["nth"]))
        return [self._named(row) for row in found if (row["source"], row["nth"]) in wanted]

    def first_in_row(self, source: int, member: str, row: int) -> tuple[int, int] | None:
        """Return (source, nth) of the first finding of a row; None without one."""
        if source not in self._files:
            return None
        rows = _read([self._files[source]])
        query = f"select min(nth) from {rows} where source = ? and member = ? and row = ?"
        with connect(self.case.path / "tmp") as connection:
            found = connection.execute(query, [source, member, row]).fetchone()
        return None if found is None or found[0] is None else (source, found[0])

    def judgement(self, row: Row) -> Judgement | None:
        """Return the newest judgement of a finding; None before the first."""
        place = (self._sha256s[row["source"]], *(row[name] for name in _PLACE[1:-1]))
        return self._judgements.get((*place, bytes(row["digest"]).hex()))

    def _named(self, row: Row) -> Row:
        """Return a finding with the names to show, its suspect and its judgement."""
        judged = self.judgement(row)
        state = OPEN if judged is None else self._states[judged.place]
        owner = self._owners.fields_of(row["source"], row["member"])
        return row | {
            "path": self._paths[row["source"]],
            "place": self._shown.get(row["member"], row["member"]),
            "letter": column_letter(row["column"]),
            "suspect": owner["suspect"],
            "item": owner["item"],
            "judged": None if state == OPEN else state,
        }

    def _numbers(
        self, connection: Any, source: int, filters: FindingFilters, limit: str
    ) -> list[tuple[int, int]]:
        """Return (source, nth) of the findings of a source that pass, within the SQL ``limit``."""
        conditions, values = [f"source = {source}"], []
        conditions += [
            f"({sql})::varchar in ({literals(chosen)})"
            for name, sql in _STORED.items()
            if (chosen := filters.facets.get(name))
        ]
        if filters.text:
            conditions.append("contains(masked, ?)")
            values.append(filters.text)
        if part := {n: v for n, v in filters.facets.items() if n in ("suspect", "part") and v}:
            counts = _filtered(self._counts(filters.text), {"source": (str(source),), **part})
            conditions.append(f"member in ({literals(counts['member'].unique().to_pylist())})")
        if judged := filters.facets.get("judged"):
            places = _filtered(self._judged_findings(), {"source": (str(source),)})
            inside = _filtered(places, {"judged": judged})
            outside = places if OPEN in judged else inside
            listed = _list(inside["nth"].to_pylist())
            left = _list(set(outside["nth"].to_pylist()) - set(inside["nth"].to_pylist()))
            conditions.append(f"nth not in ({left})" if OPEN in judged else f"nth in ({listed})")
        query = (  # the order of the file is that of reading
            f"select nth from {_read([self._files[source]])}"
            f" where {' and '.join(conditions)} {limit}"
        )
        return [(source, nth) for (nth,) in connection.execute(query, values).fetchall()]

    def _suspect(self, source: int, member: str) -> str:
        """Return the suspect of a part by the register; "" without one."""
        return str(self._owners.fields_of(source, member)["suspect"] or "")

    def _count_cube(self, text: str) -> pa.Table:
        """Return the number ``n`` of findings whose mask contains ``text``, by part and codes."""
        files = list(dict.fromkeys(self._files.values()))
        where, values = ("where contains(masked, ?)", [text]) if text else ("", [])
        if not files:
            empty = dict.fromkeys(("source", "member", *_STORED), pa.array([], pa.string()))
            return pa.table({**empty, "n": pa.array([], pa.int64())})
        with connect(self.case.path / "tmp") as connection:
            query = (
                f"select source::varchar as source, member, {_TEXTS}, n from"
                f" (select source, member, {_CODES}, count(*) as n from {_read(files)} {where}"
                " group by all)"
            )
            return connection.sql(query, params=values).to_arrow_table()

    def _count_findings(self, text: str) -> pa.Table:
        """Return the cube of ``text`` with suspect and judgement of the findings."""
        cube, judged = self._cube(text), self._judged_findings()
        if text:
            judged = judged.filter(pc.match_substring(judged["masked"], text))
        names = ["source", "member", *_STORED]
        cube = cube.append_column("judged", pa.repeat(OPEN, len(cube)))
        counted = judged.select([*names, "judged"])
        less = counted.set_column(len(names), "judged", pa.repeat(OPEN, len(counted)))
        parts = [(counted, 1), (less, -1)]  # a judged finding is no longer an open one
        found = pa.concat_tables(
            [cube, *(each.append_column("n", pa.repeat(n, len(each))) for each, n in parts)],
            promote_options="default",
        )
        places = list(zip(found["source"].to_pylist(), found["member"].to_pylist(), strict=True))
        suspects = {place: self._suspect(int(place[0]), place[1]) for place in set(places)}
        found = found.append_column("suspect", pa.array([suspects[p] for p in places], pa.string()))
        parts = [self._shown.get(member, member) for _, member in places]
        return found.append_column("part", pa.array(parts, pa.string()))

    def _judged_findings(self) -> pa.Table:
        """Return the judged findings that the case has: place, codes, mask, ``nth``, ``judged``."""
        if self._judged is None:
            self._judged = self._find_judged()
        return self._judged

    def _find_judged(self) -> pa.Table:
        """Find the findings with a judgement in their shards."""
        by_sha256: dict[str, list[int]] = {}
        for source, sha256 in self._sha256s.items():
            by_sha256.setdefault(sha256, []).append(source)
        rows: list[Row] = [
            {
                **dict(zip(_PLACE[1:-1], each.place[1:-1], strict=True)),
                "source": source,
                "digest": bytes.fromhex(each.digest),
                "judged": self._states[each.place],
            }
            for each in self._judgements.values()
            if each.digest and self._states[each.place] != OPEN
            for source in by_sha256.get(each.sha256, ())
            if source in self._files
        ]
        names = ["source", "member", *_STORED, "masked"]
        schema = pa.schema([*((name, pa.string()) for name in names), ("judged", pa.string())])
        if not rows:
            return schema.append(pa.field("nth", pa.int64())).empty_table()
        given = pa.Table.from_pylist(
            rows, pa.schema([*_plain(_PLACE_TYPES), ("judged", pa.string())])
        )
        files = dict.fromkeys(self._files[row["source"]] for row in rows)
        same = " and ".join(f'f."{name}" = g."{name}"' for name in _PLACE)
        with connect(self.case.path / "tmp") as connection:
            connection.register("given", given)
            return connection.sql(
                f"select source::varchar as source, member, {_TEXTS}, masked, judged, nth from"
                f" (select source, member, {_CODES}, coalesce(masked, '') as masked, judged, nth"
                f" from (select f.*, g.judged from {_read(files)} f join given g on {same}))"
            ).to_arrow_table()


def _filtered(counts: pa.Table, facets: Mapping[str, Sequence[str]]) -> pa.Table:
    """Return the rows of ``counts`` that have one of the values of each facet."""
    for facet, values in facets.items():
        if values:
            counts = counts.filter(pc.is_in(counts[facet], pa.array(values, pa.string())))
    return counts


def _sum_by(counts: pa.Table, facet: str) -> dict[str, int]:
    """Return value -> number of findings; values of no finding are left out."""
    if not len(counts):
        return {}
    codes = counts[facet].combine_chunks().dictionary_encode()
    sums = np.bincount(codes.indices.to_numpy(), weights=counts["n"].to_numpy())
    values = zip(codes.dictionary.to_pylist(), sums.astype(int).tolist(), strict=True)
    return {value: number for value, number in values if number}


def _plain(schema: pa.Schema) -> list[pa.Field]:
    """Return the fields of a schema with strings in place of dictionaries."""
    return [
        pa.field(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type)
        for f in schema
    ]


def _read(files: Iterable[Path]) -> str:
    """Return SQL that reads shards with the number ``nth`` of each row."""
    paths = ", ".join(map(literal, files))
    return (
        f"(select *, file_row_number as nth from read_parquet([{paths}], file_row_number = true))"
    )


def _list(numbers: Iterable[int]) -> str:
    """Return numbers joined by commas for SQL; ``-1`` for none."""
    return ", ".join(map(str, sorted(numbers))) or "-1"
