"""Case page: one self-contained HTML file, with every evidence text escaped and masked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from piiscan.case.report.case_data import CaseData, load_case_data
from piiscan.case.report.cover import key_order
from piiscan.case.report.custody import head_text
from piiscan.case.report.destination import save_report
from piiscan.case.report.example_findings import (
    PER_KIND,
    PER_SOURCE,
    examples_by_entity,
    first_findings,
)
from piiscan.case.report.first_page import rule_sentences, sample_sentences
from piiscan.case.report.html.charts import CHARTS, draw_flow
from piiscan.case.report.report_contents import PAGE_PARTS, PagePart
from piiscan.case.report.terminal.terminal_tables import shown_rows
from piiscan.case.store.audit_log import AuditLog
from piiscan.case.store.case import Case
from piiscan.case.store.plain_files import is_verified
from piiscan.case.store.recorded_files import recorded_files
from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.pages.html import render
from piiscan.pages.report_table import ReportTable, Row, Rows, TableColumn
from piiscan.pages.sanitize import clean
from piiscan.wording.words import Language, Words

#: File name of the page in a case.
PAGE_NAME: Final = "report.html"
#: Steps of the ladder beside the number of files and of parts that were not read.
_TILE_STEPS: Final = ("R0", "R2", "R4", "R5")


def write_page(
    case: Case,
    *,
    language: Language = "zh",
    out: Path | None = None,
    catalog: Catalog | None = None,
    log: AuditLog | None = None,
) -> Path:
    """Write the page to ``report.html`` in the case, or to ``out``; log it if inside the case.

    Return its path. ``catalog``: the catalogue of the case; None to load the installed one.
    ``log``: the log of the case if it is open already. Raise CaseError if ``out`` is in a source,
    or is a file of the case.
    """
    content = render_page(case, language=language, catalog=catalog).encode()
    return save_report(case, content, case.path / PAGE_NAME if out is None else out, log=log).path


def restore_page(case: Case, *, catalog: Catalog | None = None) -> None:
    """Write the page of a case unless the log has its SHA-256: a power cut can lose it."""
    page = recorded_files(case.path).files.get(PAGE_NAME)
    if page is None or not is_verified(case.path, page.name, page.sha256):
        write_page(case, catalog=catalog)


def render_page(case: Case, *, language: Language = "zh", catalog: Catalog | None = None) -> str:
    """Return the page as HTML."""
    data = load_case_data(case)
    words = data.words(language)
    return render(
        Path(__file__).with_suffix(".html"),
        page_filters(words, rule_checks(case, catalog)),
        words=words,
        per_kind=PER_KIND,
        **_page_content(data, words),
    )


def page_filters(words: Words, checks: Mapping[str, str]) -> dict[str, Callable[..., Any]]:
    """Return the filters of the templates of a case. ``checks``: as of :func:`rule_checks`."""
    return {
        "clean": clean,
        "place": partial(location_text, words=words),
        "heading": lambda column: column.heading(words),
        "show": lambda row, column: clean(column.grouped_text(row, words)),
        "spot": lambda row: location_text({**row, "path": ""}, words=words).removeprefix(" · "),
        "moment": format_time,
        "thousands": "{:,}".format,
        "why": partial(reason_text, words=words, checks=checks),
    }


def _page_content(data: CaseData, words: Words) -> dict[str, Any]:
    """Return variable name -> value for the HTML template of the page."""
    case, tables = data.case, data.tables
    manifest = case.manifest.content
    rows, cut = first_findings(case)
    paths = {source["source"]: source["path"] for source in tables["sources"]}
    kinds = {row["entity"]: row for row in reversed(rows)}
    for row in rows:  # the script takes the names from the first row of a source and of a kind
        row["source_name"] = paths.pop(row["source"], "")
        row["is_first_kind"] = kinds[row["entity"]] is row
    return {
        "manifest": manifest,
        "case_number": clean(manifest["case_number"]),
        "operator": clean(manifest["operator"]),
        "tiles": list(_tiles(data, words)),
        "counted": data.count is not None,
        "parts": list(_page_parts(data, words)),
        "browse": rows,
        "browse_cut": cut,
        "per_source": PER_SOURCE,
        "samples": examples_by_entity(case, [row["entity"] for row in tables["kinds"]]),
        "facts": _case_facts(case, words),
    }


def _tiles(data: CaseData, words: Words) -> Iterator[tuple[str, int, bool]]:
    """Yield (name, number, alarming) of the main figures: of the ladder, once a case is counted.

    Where layers are left out of the total, the sum with them is shown.
    """
    counters, tables = data.case.manifest.content["counters"], data.tables
    yield words("page.sources"), counters["sources"], False
    steps = [row for row in tables.get("ladder", ()) if row["scope_kind"] == "total"]
    for row in steps:
        if row["step"] in _TILE_STEPS:
            name, more = words(f"ladder_step.{row['step']}"), row["unconfirmed"]
            if more:
                name = words("page.layers", name=name, count=row["count"], more=more)
            yield name, row["count"] + (more or 0), False
    if not steps:
        valid = sum(row["valid"] or 0 for row in tables["kinds"] if row["class"] == "person")
        yield words("page.rows"), counters["rows"], False
        yield words("page.hits"), counters["hits"], False
        yield words("page.valid"), valid, False
        yield words("page.records"), sum(row["records"] for row in tables["combinations"]), False
    yield words("page.unread"), counters["unread"], bool(counters["unread"])


@dataclass(frozen=True, slots=True)
class _DrawnTable:
    """Table for the page template, or a part of its rows. ``title``: "" under its heading."""

    title: str
    columns: tuple[TableColumn, ...]
    rows: Sequence[Row]
    limit: int


def _page_parts(data: CaseData, words: Words) -> Iterator[dict[str, Any]]:
    """Yield variable name -> value for each part of the page that has something to show."""
    tables, count = data.tables, data.count
    order = "" if count is None else key_order(count.content["asked"]["key_priority"], words)
    for part in PAGE_PARTS:
        if part.tables[0].made_by == "count" and count is None:
            continue
        chart = _draw_chart(part.chart, tables, words)
        drawn = list(_drawn_tables(part, tables, words))
        edges, nodes = tables.get("flow_edges", ()), tables.get("flow_nodes", ())
        flow = draw_flow(edges, nodes, unknown=words("page.unknown")) if part.graph else None
        if not (part.always or drawn or chart or (flow and flow.edges)):
            continue
        yield {
            "title": words(part.title) if part.title else part.tables[0].title(words),
            "folded": part.folded,
            "notes": [words(key, order=order) for key in part.notes],
            "remarks": [*rule_sentences(tables, words), *sample_sentences(data, words)]
            if part.tables[0].name == "by_suspect"
            else [],
            "chart": chart,
            "printed": part.printed,
            "flow": flow,
            "tables": drawn,
            "empty": words(part.empty) if part.empty and not drawn else "",
        }


def _draw_chart(name: str, tables: Rows, words: Words) -> tuple[Any, ...]:
    """Return (chart, title, names of bars); () for a chart without bars."""
    if not name:
        return ()
    chart = CHARTS[name]
    drawn = chart.draw(tables.get(chart.table, ()), words)
    return (drawn, chart.heading(drawn, words), *map(words, chart.legend)) if drawn.bars else ()


def _drawn_tables(part: PagePart, tables: Rows, words: Words) -> Iterator[_DrawnTable]:
    """Yield the tables of a page part that have rows; a single table also without rows."""
    single = len(part.tables) == 1
    if part.split_by:
        yield from _split_tables(part, tables, words)
        return
    for table in part.tables:
        if not tables.get(table.name) and not (single and part.always and not part.empty):
            continue
        rows = shown_rows(table.rows_in("page", tables))
        title = "" if single else table.title(words)
        yield _DrawnTable(title, _shown_columns(table, rows), rows, table.page_rows)


def _split_tables(part: PagePart, tables: Rows, words: Words) -> Iterator[_DrawnTable]:
    """Yield a page part's first table, split by a column, with matching rows of the others."""
    first, *others = part.tables
    rows = shown_rows(first.rows_in("page", tables))
    named = first.column(part.split_by)
    for value, group in groupby(rows, key=itemgetter(part.split_by)):
        of_group = list(group)
        title = str(named.text(of_group[0], words))
        yield _DrawnTable(title, _shown_columns(first, rows), of_group, first.page_rows)
        for table in others:
            naming = [
                row
                for row in shown_rows(table.rows_in("page", tables))
                if value in [row[column] for column in table.scope_columns]
            ]
            if naming:
                yield _DrawnTable("", _shown_columns(table, naming), naming, table.page_rows)


def _shown_columns(table: ReportTable, rows: Sequence[Row]) -> tuple[TableColumn, ...]:
    """Return the columns of a table on the page; if it is sparse, only filled columns."""
    columns = table.columns_in("page")
    if not table.sparse:
        return columns
    return tuple(c for c in columns if any(row.get(c.name) is not None for row in rows))


def _case_facts(case: Case, words: Words) -> list[tuple[str, str]]:
    """Return (key, value) facts about the case for the end of the page."""
    manifest = case.manifest.content
    settings, tool = manifest["settings"], manifest["tool"]
    options = words(
        "page.options_told",
        score=settings["min_score"],
        names=words(f"answer.{str(settings['names']).lower()}"),
        reveal=words(f"answer.{str(settings['reveal']).lower()}"),
    )
    commit = f" ({tool['commit'][:12]})" if tool["commit"] else ""
    return [
        ("case_number", manifest["case_number"] or "-"),
        ("operator", manifest["operator"] or "-"),
        ("started", format_time(manifest["started"])),
        ("finished", format_time(manifest["finished"])),
        ("as_of", settings["as_of"]),
        ("generation", str(manifest["generation"])),
        ("tool", f"piiscan {tool['version']}{commit}, Python {tool['python']}, {tool['system']}"),
        ("mounts", ", ".join(f"{words(f'mount.{k}')} {n}" for k, n in manifest["mounts"].items())),
        ("catalogue", settings["catalogue"]),
        ("options", options),
        ("key", settings["key"]),
        ("manifest", case.manifest.sha256),
        ("head", head_text(case, case.count(), words)),
    ]


def format_time(stamp: str) -> str:
    """Return an ISO 8601 time in UTC+8 as a person reads it: ``2026-01-02 04:00:00 (UTC+8)``.

    >>> format_time("2026-01-02T04:00:00+08:00")
    '2026-01-02 04:00:00 (UTC+8)'
    """
    return stamp.replace("T", " ").replace("+08:00", " (UTC+8)")


def location_text(row: Mapping[str, Any], *, words: Words) -> str:
    """Return the location of a finding as text: path, member, row, column, line, code point.

    >>> row = {"path": "a.csv", "member": "", "row": 2, "letter": "C", "header": "手机", "line": 2,
    ...        "start": 0}
    >>> location_text(row, words=Words("en"))
    'a.csv · row 2, column C (手机), +0'
    """
    path = "!".join(clean(part) for part in (row["path"], row["member"]) if part)
    if not row["letter"]:
        return f"{path} · {words('column.line')} {row['line'] or row['row']}, +{row['start']}"
    header = f" ({clean(row['header'])})" if row["header"] else ""
    column = f"{words('column.column')} {row['letter']}{header}"
    return f"{path} · {words('column.row')} {row['row']}, {column}, +{row['start']}"


def rule_checks(case: Case, catalog: Catalog | None) -> dict[str, str]:
    """Return recognizer id -> name of its check; empty if ``catalog`` is not the case's."""
    catalog = catalog or load()
    if catalog.digest != case.manifest.content["settings"]["catalogue"]:
        return {}
    return {rule.id: rule.check or "" for rule in catalog.recognizers}


def reason_text(row: Mapping[str, Any], *, words: Words, checks: Mapping[str, str]) -> str:
    """Return the reason of a finding in words: check, label or context word, alternatives.

    >>> row = {"entity": "CN_MOBILE", "recognizer": "cn.mobile", "context": "手机",
    ...        "header": None, "reason": None, "alternatives": '[{"entity": "QQ_NUMBER"}]'}
    >>> reason_text(row, words=Words("en"), checks={"cn.mobile": "mobile"})
    'table of allotted prefixes (MIIT); word “手机”; could also be QQ_NUMBER'
    """
    reasons = []
    if check := checks.get(row["recognizer"]):
        reasons.append(words(f"rule_check.{check}"))
    elif check is not None:
        reasons.append(words("page.no_check"))
    if row["context"]:
        key = "label" if row["context"] == row["header"] else "word"
        key = "against" if row["reason"] == "CONTEXT_AGAINST" else key
        reasons.append(words(f"page.why.{key}", word=clean(row["context"])))
    kinds = [other["entity"] for other in json.loads(row["alternatives"] or "[]")]
    kinds = [kind for kind in kinds if kind != row["entity"]]
    alternatives = dict.fromkeys(words.name("entities", kind) for kind in kinds)
    if alternatives:
        reasons.append(words("page.why.others", names=words("reference.comma").join(alternatives)))
    return words("explain.separator").join(reasons)
