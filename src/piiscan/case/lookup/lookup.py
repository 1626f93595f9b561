"""``piiscan lookup``: find values in a case without scanning again."""

from __future__ import annotations

import datetime
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from piiscan.arguments import checked
from piiscan.case.lookup.draw import draw_spots
from piiscan.case.lookup.lookup_hits import (
    LookupHits,
    PartOwnership,
    Row,
    find_hits,
    find_party_hits,
)
from piiscan.case.lookup.query import Query, RecordFilter, masks_agree, parse_mask
from piiscan.case.lookup.reread import SourceRow, reread_rows
from piiscan.case.lookup.show import find_spots
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
from piiscan.masking.mask import SECRET, star_out
from piiscan.sources.texts.column_letters import column_letter

#: Most rows by default.
DEFAULT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class LookupResult:
    """Result of a look-up: queries for display, answers, and totals.

    ``queries``: query number -> text. ``rows`` and ``totals`` are those of LookupHits, with the
    masked path, item and suspect. With ``reveal`` each row also has ``value`` and ``cells`` as in
    the source, with ``show`` a ``spot``.
    """

    queries: Mapping[int, str]
    rows: Sequence[Row] = field(repr=False)
    totals: Sequence[Row]


@checked
def lookup(
    case: str | Path | Case,
    values: Sequence[str],
    *,
    key: str | Path | None = None,
    surname: str | None = None,
    region: str | None = None,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
    kinds: Sequence[str] = (),
    limit: int | None = DEFAULT_LIMIT,
    reveal: bool = False,
    show: bool = False,
    clear: bool = False,
    pictures: str | Path | None = None,
    recognizers: str | Path | None = None,
    passwords: str | Path | None = None,
) -> LookupResult:
    r"""Find every location of ``values``: whole, masked (138****8000), endings (尾号3897).

    A whole value that is no finding is looked for among speakers and parties of chats and lists
    (老K); unless records are restricted, and without the row (``reveal``, ``show``).

    Raise CaseError, without any value in its text, for another key or a changed source.

    Args:
        case: folder of a finished case, or the opened case.
        values: the texts to look up.
        key: file with the case's key, for whole values; the user's own key by default.
        surname: surname of a person in the same record.
        region: province, or part of an address, in the same record.
        since: first day of the transactions of the record.
        until: last day of them.
        kinds: entity codes of the values found, or their names in the case.
        limit: most rows returned; totals always count all.
        reveal: read the rows again from their sources, which must be unchanged.
        show: read them again with the rows around them; masked unless ``clear``.
        clear: spots as they stand in the sources, but for passwords.
        pictures: folder for the pictures and pages of spots, a PNG file each.
        recognizers: folder of further recognizers.
        passwords: file with passwords of encrypted files, to read rows again.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     found = piiscan.lookup(case, ["139 1234 5678"], key=Path(place, "my.key"))
    ...     [(row["row"], row["letter"], row["masked"]) for row in found.rows]
    [(2, 'B', '139****5678')]
    """
    opened = Case.of(case, key=key, recognizers=recognizers, passwords=passwords)
    record_filter = RecordFilter(
        surname,
        region,
        None if since is None else _midnight(since),
        None if until is None else _midnight(until + datetime.timedelta(days=1)),
        tuple(opened.entity_code(kind) for kind in kinds),
    )
    queries = _build_queries(opened, values)
    found = find_hits(opened, queries, record_filter, limit=limit)
    parties = [] if record_filter != RecordFilter() else _party_hits(opened, queries, values, found)
    ownership, shown = PartOwnership(opened), opened.shown()
    paths = {each["source"]: each["path"] for each in opened.manifest.content["sources"]}
    for row in (*found.rows, *parties):
        path = paths[row["source"]]
        row |= {
            "path": shown.get(path, path),
            "place": shown.get(row["member"], row["member"]),
            "letter": column_letter(row["column"]),
            **{f"of_{k}": v for k, v in ownership.fields_of(row["source"], row["member"]).items()},
        }
    if reveal:
        _reveal_rows(opened, found.rows, shown)
        _confirm_possible(found.rows, {q.number: q for q in queries})
    if show:
        options, catalog = case_reading(opened), load(opened.recognizers)
        spots = find_spots(opened, found.rows, catalog, options, clear=clear)
        if pictures is not None:
            spots = draw_spots(
                opened, found.rows, spots, Path(pictures), catalog, options, clear=clear
            )
        for row, spot in zip(found.rows, spots, strict=True):
            row["spot"] = spot
        with opened.open_log() as log:
            places = {(row["source"], row["member"], row["row"]) for row in found.rows}
            log.append(
                "lookup",
                moment=now(),
                reveal=clear,
                shown=True,
                rows=len(places),
                pictures=sum(each.picture is not None for each in spots),
            )
    shown_queries = {q.number: q.shown for q in queries}
    # Two different masks of one value would reveal more than one mask.
    shown_queries |= {row["number"]: row["masked"] for row in found.rows if row["how"] == "SAME"}
    counted = Counter(row["number"] for row in parties)
    totals = [
        {"number": number, "how": "SAME", "entity": "NICKNAME", "count": count}
        for number, count in counted.items()
    ]
    more = parties if limit is None else parties[: max(limit - len(found.rows), 0)]
    return LookupResult(shown_queries, [*found.rows, *more], [*found.totals, *totals])


def _party_hits(
    case: Case, queries: Sequence[Query], values: Sequence[str], found: LookupHits
) -> list[Row]:
    """Return the places of parties named by whole values that are no finding (老K)."""
    answered = {row["number"] for row in found.totals}
    names = {q.number: values[q.number - 1] for q in queries if q.digests}
    names = {number: text for number, text in names.items() if number not in answered}
    return find_party_hits(case, names, case_key(case)) if names else []


def _midnight(day: datetime.date) -> datetime.datetime:
    """Return the start of a day in local time, as transactions have it."""
    return datetime.datetime.combine(day, datetime.time())


def _build_queries(case: Case, values: Sequence[str]) -> list[Query]:
    """Return a query per text of ``values``, numbered from 1 in their order.

    The key is opened only if a whole value is among them.
    """
    queries, whole_values = [], []
    for number, text in enumerate(values, 1):
        query = masked_query(number, text)
        if query is not None:
            queries.append(query)
        elif text.strip():
            whole_values.append((number, text))
    if whole_values:
        secret = case_key(case)
        engine = case_engine(case)
        kinds = case_entities(case, engine.catalog)
        queries += value_queries(whole_values, engine, entities=kinds, key=secret)
    return sorted(queries, key=lambda query: query.number)


def _reveal_rows(case: Case, rows: Iterable[Row], shown: Mapping[str, str]) -> None:
    """Read the sources again and set the clear text as ``value`` and ``cells`` of each row.

    Passwords stay hidden. Log the look-up. Raise CaseError if a source changed or a row is missing.
    """
    rows_by_source: dict[int, set[tuple[str, int]]] = {}
    for row in rows:
        rows_by_source.setdefault(row["source"], set()).add((row["member"], row["row"]))
    catalog = load(case.recognizers)
    options = case_reading(case)
    sources = {each["source"]: each for each in case.manifest.content["sources"]}
    lines: dict[tuple[int, str, int], SourceRow] = {}
    for number, places in sorted(rows_by_source.items()):
        source = sources[number]
        name = shown.get(source["path"])
        for (member, at), source_row in reread_rows(
            source, places, catalog, display_name=name, options=options
        ).items():
            lines[number, member, at] = source_row
    for row in rows:
        line = lines.get((row["source"], row["member"], row["row"]))
        if line is None:
            raise CaseError("source.row_lost", source=row["path"])
        cells = _hide_passwords(line, row)
        at = max(row["column"] - 1, 0)
        text = cells[at] if at < len(cells) else None
        row["value"] = None if text is None else text[row["start"] : row["end"]]
        row["cells"] = [
            (header, cell.strip())
            for header, cell in zip(line.headers, cells, strict=True)
            if cell and cell.strip()
        ]
    with case.open_log() as log:
        log.append(
            "lookup", moment=now(), reveal=True, rows=sum(len(p) for p in rows_by_source.values())
        )


def _confirm_possible(rows: Iterable[Row], queries: Mapping[int, Query]) -> None:
    """Change ``how`` of POSSIBLE answers to CONFIRMED or REFUTED by their revealed value.

    An answer whose source is itself masked stays POSSIBLE.
    """
    for row in rows:
        query, value = queries[row["number"]], row["value"]
        if row["how"] != "POSSIBLE" or value is None or (query.tail or query.mask) is None:
            continue
        normalized = "".join(
            c for c in unicodedata.normalize("NFKC", value) if c not in " -\t"
        ).upper()
        if "*" in (parse_mask(normalized) or ""):
            continue
        tail, mask = query.tail, query.mask
        same = (
            normalized.endswith(tail) if tail is not None else masks_agree(mask or "", normalized)
        )
        row["how"] = "CONFIRMED" if same else "REFUTED"


def _hide_passwords(line: SourceRow, row: Row) -> list[str | None]:
    """Return the cells of a source row with each password in them replaced by ``*``."""
    cells = list(line.cells)
    for each in row["beside"]:
        if each["entity"] == SECRET and each["row"] == row["row"]:
            at = max(each["column"] - 1, 0)
            text = cells[at] if at < len(cells) else None
            if text is not None:
                cells[at] = star_out(text, [(each["start"], each["end"])])
    return cells
