"""One self-contained page: everything inline, nothing loaded, evidence text escaped and masked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from piiscan.case.report.cover import key_order
from piiscan.case.report.destination import keep_report
from piiscan.case.report.example_findings import (
    PER_KIND,
    PER_SOURCE,
    first_findings,
    sample_findings,
)
from piiscan.case.report.html import charts
from piiscan.case.report.html.flow_graph import draw_flow
from piiscan.case.report.table_columns import FOR_PROGRAMS, NUMERIC, WRITTEN
from piiscan.case.report.table_files import cell
from piiscan.case.report.terminal.terminal_tables import for_people
from piiscan.case.scan.scan_tables import CLASSES
from piiscan.case.store.case import Case
from piiscan.case.store.case_words import words_of
from piiscan.case.tiers.tier_cells import tier_notes
from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.pages.html import render
from piiscan.pages.sanitize import clean
from piiscan.pages.wording import Language, Words

#: The page's name in a case; what was made last is in the log.
NAME: Final = "report.html"

# Tables of the page that leave out what stands above or beside them.
_COLUMNS: Final = {
    **{name: tuple(c for c in all_ if c not in FOR_PROGRAMS) for name, all_ in WRITTEN.items()},
    "tiers": (
        "scope_kind", "scope", "unit", "category", "tier", "count", "threshold", "ratio", "insider",
        "contested",
    ),
    "tier_scenarios": (
        "scope_kind", "scope", "unit", "scenario", "category", "tier", "row_tier", "count",
        "ratio",
    ),
    "page_kinds": ("entity", "code", "hits", "valid", "verified", "refuted", "distinct"),
    "page_sources": (
        "source", "path", "size", "state", "rows", "hits", "records", "unread", "sha256", "sm3",
    ),
    "page_by_source": ("source", "path", "entity", "hits", "valid", "refuted", "distinct"),
    "page_unread": ("source", "path", "member", "row", "reason", "lost"),
}  # fmt: skip
_MONO: Final = frozenset({"sha256", "sm3", "code"})
#: Tables of which a column stands there only if it says something: most edges come of no message.
_SPARSE: Final = frozenset({"flow_edges"})
_KEEP: Final = frozenset({"entity", "state", "verdict", "lost"})


def write_page(
    case: Case,
    *,
    language: Language = "zh",
    out: Path | None = None,
    catalog: Catalog | None = None,
) -> Path:
    """The page just written: ``report.html`` in the case, noted in its log, or ``out``.

    ``catalog`` is the one the case was made with, where it is at hand.  CaseError if ``out`` lies
    in or beside a source, or where the case has files of its own.
    """
    content = render_page(case, language=language, catalog=catalog).encode()
    return keep_report(case, content, case.path / NAME if out is None else out).path


def render_page(case: Case, *, language: Language = "zh", catalog: Catalog | None = None) -> str:
    """The page as HTML."""
    words = words_of(case, language)
    filters: dict[str, Callable[..., Any]] = {
        "clean": clean,
        "place": partial(place_of, words=words),
        "show": partial(_show, words=words),
        "spot": partial(_spot, words=words),
        "keys": partial(key_order, words=words),
        "moment": moment_told,
        "wide": lambda rows, name: for_people(name, rows),
        "thousands": _thousands,
        "why": partial(why_of, words=words, checks=checks_of(case, catalog)),
    }
    return render(
        Path(__file__).with_suffix(".html"),
        filters,
        words=words,
        columns_of=_columns_of,
        numeric=NUMERIC,
        mono=_MONO,
        keep=_KEEP,
        per_kind=PER_KIND,
        **_content(case, words),
    )


def _columns_of(name: str, rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The columns of a table on the page."""
    columns = _COLUMNS[name]
    if name not in _SPARSE:
        return columns
    return tuple(c for c in columns if any(row[c] is not None for row in rows))


def _content(case: Case, words: Words) -> dict[str, Any]:
    """What the template shows."""
    manifest, tables, count = case.manifest.content, case.tables(), case.count()
    rows, cut = first_findings(case)
    kinds = [
        (class_, [row for row in tables["kinds"] if row["class"] == class_]) for class_ in CLASSES
    ]
    counters = manifest["counters"]
    tiles = [
        ("sources", counters["sources"]),
        ("rows", counters["rows"]),
        ("hits", counters["hits"]),
        ("valid", sum(row["valid"] or 0 for row in tables["kinds"] if row["class"] == "person")),
        ("records", sum(row["records"] for row in tables["combinations"])),
        ("unread", counters["unread"]),
    ]
    return {
        "manifest": manifest,
        "case_number": clean(manifest["case_number"]),
        "operator": clean(manifest["operator"]),
        "tables": tables,
        "kinds": [(class_, rows) for class_, rows in kinds if rows],
        "tiles": tiles,
        "charts": _charts(tables, words),
        "none_": charts.Chart((), 0),
        "counted": None if count is None else count.content,
        "tier_notes": tier_notes(words),
        "flow": draw_flow(tables.get("flow_edges", []), unknown=words("page.unknown")),
        "browse": _browsed(rows, tables["sources"]),
        "browse_cut": cut,
        "per_source": PER_SOURCE,
        "samples": sample_findings(case, [row["entity"] for row in tables["kinds"]]),
        "facts": _facts(case, words),
    }


def _charts(tables: Mapping[str, Any], words: Words) -> dict[str, charts.Chart]:
    """Every chart of the page by name; those of tables that are not there have no bars."""
    return {
        "kinds": charts.draw_kinds(tables["kinds"], words),
        "ladder": charts.draw_ladder(tables.get("ladder", []), words),
        "tiers": charts.draw_tiers(tables.get("tier_scenarios", []), words),
        "suspects": charts.draw_scopes(tables.get("shared", []), "suspect", ("distinct", "own")),
        "months": charts.draw_months(tables.get("months", [])),
        "sources": charts.draw_sources(tables["sources"]),
        "provinces": charts.draw_regions(tables["provinces"]),
        "births": charts.draw_ages(tables["births"], words),
    }


def _browsed(rows: list[dict[str, Any]], sources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The findings with the paths of their sources, as they may be shown."""
    paths = {source["source"]: source["path"] for source in sources}
    return [row | {"path": paths[row["source"]]} for row in rows]


def _spot(row: Mapping[str, Any], *, words: Words) -> str:
    """Where a finding stands within its source."""
    return place_of({**row, "path": ""}, words=words).removeprefix(" · ")


def _facts(case: Case, words: Words) -> list[tuple[str, str]]:
    """How the case was made, as the page ends with it."""
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
        ("started", moment_told(manifest["started"])),
        ("finished", moment_told(manifest["finished"])),
        ("as_of", settings["as_of"]),
        ("generation", str(manifest["generation"])),
        ("tool", f"piiscan {tool['version']}{commit}, Python {tool['python']}, {tool['system']}"),
        ("mounts", ", ".join(f"{words(f'mount.{k}')} {n}" for k, n in manifest["mounts"].items())),
        ("catalogue", settings["catalogue"]),
        ("options", options),
        ("key", settings["key"]),
        ("manifest", case.manifest.sha256),
    ]


def moment_told(stamp: str) -> str:
    """A moment of the case as people read it.

    >>> moment_told("2026-01-02T04:00:00+08:00")
    '2026-01-02 04:00:00 (UTC+8)'
    """
    return stamp.replace("T", " ").replace("+08:00", " (UTC+8)")


def place_of(row: Mapping[str, Any], *, words: Words) -> str:
    """Where a finding stands: path, member, row, column, line, code point.

    >>> row = {"path": "a.csv", "member": "", "row": 2, "letter": "C", "header": "手机", "line": 2,
    ...        "start": 0}
    >>> place_of(row, words=Words("en", {}))
    'a.csv · row 2, column C (手机), +0'
    """
    where = "!".join(clean(part) for part in (row["path"], row["member"]) if part)
    if not row["letter"]:
        return f"{where} · {words('column.line')} {row['line'] or row['row']}, +{row['start']}"
    header = f" ({clean(row['header'])})" if row["header"] else ""
    column = f"{words('column.column')} {row['letter']}{header}"
    return f"{where} · {words('column.row')} {row['row']}, {column}, +{row['start']}"


def checks_of(case: Case, catalog: Catalog | None) -> dict[str, str]:
    """Recognizer -> its check, where the case was made with ``catalog``, or the installed one."""
    catalog = catalog or load()
    if catalog.digest != case.manifest.content["settings"]["catalogue"]:
        return {}
    return {rule.id: rule.check or "" for rule in catalog.recognizers}


def why_of(row: Mapping[str, Any], *, words: Words, checks: Mapping[str, str]) -> str:
    """Why a finding counts as it does, in short: check, label or word, what else it could be.

    >>> row = {"entity": "CN_MOBILE", "recognizer": "cn.mobile", "context": "手机",
    ...        "header": None, "reason": None, "alternatives": '[{"entity": "QQ_NUMBER"}]'}
    >>> why_of(row, words=Words("en", {}), checks={"cn.mobile": "mobile"})
    'table of allotted prefixes (MIIT); word “手机”; could also be QQ_NUMBER'
    """
    told = []
    if check := checks.get(row["recognizer"]):
        told.append(words(f"check.{check}"))
    elif check is not None:
        told.append(words("page.no_check"))
    if row["context"]:
        key = "label" if row["context"] == row["header"] else "word"
        key = "against" if row["reason"] == "CONTEXT_AGAINST" else key
        told.append(words(f"page.why.{key}", word=clean(row["context"])))
    kinds = [other["entity"] for other in json.loads(row["alternatives"] or "[]")]
    kinds = [kind for kind in kinds if kind != row["entity"]]
    others = dict.fromkeys(words.name("entities", kind) for kind in kinds)
    if others:
        told.append(words("page.why.others", names=words("reference.comma").join(others)))
    return words("explain.separator").join(told)


def _show(row: Mapping[str, Any], column: str, *, words: Words) -> str:
    """A table's cell as the page shows it."""
    value = cell(column, row, words)
    if isinstance(value, int) and column != "source":
        return _thousands(value)
    return clean(value)


def _thousands(number: int) -> str:
    return f"{number:,}"
