"""Sample of the rows without findings: drawn while the sources are read again, with their cells.

The hit rate of this frame is the share of rows that are right to have no finding; the rest is the
miss rate (漏检率). ``张三丰,一三八零零… -> 字字字,字字字字字…`` unless the sheet is clear.
"""

from __future__ import annotations

import heapq
from collections import Counter
from typing import Any, Final

from piiscan.case.export.clear_values import check_catalog
from piiscan.case.export.rows_without_findings import lines_without_findings
from piiscan.case.lookup.reread import reread_rows
from piiscan.case.lookup.value_queries import case_key, case_reading
from piiscan.case.sampling.basis import SamplingBasis
from piiscan.case.sampling.sampling_frame import Record, Stratum, allocate, order_key
from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.errors import CaseError
from piiscan.pages.sanitize import cover
from piiscan.sources.archives.read_options import ReadOptions

#: Most characters of a row in the sheet.
_MAX_TEXT: Final = 400
_NO_RECORD: Final = -1


def draw_unfound(
    basis: SamplingBasis, connection: Any
) -> tuple[list[Stratum], list[Record], dict[tuple[int, str, int, int], str]]:
    """Draw rows without findings; return strata, records, and location -> text of the row.

    All of them are returned if the request has no size. Raise CaseError if there are none, if a
    source changed, or if clear texts are wanted without the key of the case.
    """
    request, case = basis.request, basis.case
    if request.clear:
        case_key(case)
    catalog = load(case.recognizers)
    check_catalog(case, catalog)
    options = case_reading(case)
    sizes: Counter[str] = Counter()
    smallest: dict[str, list[tuple[int, Record]]] = {}
    for line in lines_without_findings(case, connection, catalog, options):
        if line.notes != ("NO_FINDING",) or line.repeats is not None:
            continue
        (at,) = line.locations
        names = {"source": str(at.source), "suspect": at.suspect or "", "item": at.item or ""}
        stratum = names.get(request.by, "total")
        record = Record(
            _NO_RECORD, at.source, at.member, at.row, 0, "", stratum, at.suspect, at.item, 1
        )
        sizes[stratum] += 1
        entry = -int(order_key(basis.seed, record), 16), record
        heap = smallest.setdefault(stratum, [])
        if request.size is None or len(heap) < request.size:
            heapq.heappush(heap, entry)
        else:
            heapq.heappushpop(heap, entry)
    if not sizes:
        raise CaseError("sample.no_record")
    ordered = dict(sorted(sizes.items()))
    shares = (
        ordered
        if request.size is None
        else allocate(ordered, request.size, minimum=request.minimum)
    )
    strata = [Stratum(name, ordered[name], drawn) for name, drawn in shares.items()]
    records = [
        record
        for name, drawn in shares.items()
        for _, record in sorted(smallest[name], key=lambda each: -each[0])[:drawn]
    ]
    return strata, records, _row_texts(basis, records, catalog, options)


def _row_texts(
    basis: SamplingBasis, records: list[Record], catalog: Catalog, options: ReadOptions
) -> dict[tuple[int, str, int, int], str]:
    """Return location -> cells of each record as one text, covered unless the sheet is clear."""
    rows: dict[int, set[tuple[str, int]]] = {}
    for record in records:
        rows.setdefault(record.source, set()).add((record.member, record.row))
    names = basis.case.source_names(clear=False)
    texts = {}
    for source in basis.case.manifest.content["sources"]:
        number = source["source"]
        found = (
            reread_rows(source, rows[number], catalog, display_name=names[number], options=options)
            if number in rows
            else {}
        )
        for (member, row), line in found.items():
            text = " | ".join(cell.strip() for cell in line.cells if cell and cell.strip())
            shown = text if basis.request.clear else cover(text)
            texts[number, member, row, 0] = shown[:_MAX_TEXT]
    return texts
