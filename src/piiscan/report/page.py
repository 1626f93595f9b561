"""One self-contained page: everything inline, nothing loaded, evidence text escaped and masked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

from piiscan.detect.catalog import Catalog, load
from piiscan.evidence.case import Case
from piiscan.evidence.digest import file_sha256
from piiscan.evidence.ledger import Ledger
from piiscan.evidence.log import Log, now
from piiscan.evidence.shards import write_bytes
from piiscan.report.chart import draw_kinds
from piiscan.report.columns import COLUMNS, NUMERIC
from piiscan.report.files import cell
from piiscan.report.html import render
from piiscan.report.sample import PER_KIND, sample_findings
from piiscan.report.shown import clean
from piiscan.report.tables import CLASSES
from piiscan.report.wording import Language, Words, words_of

#: The page's name in a case; what was made last is in the log.
NAME: Final = "report.html"

# Tables of the page that leave out what stands above or beside them.
_COLUMNS: Final = {
    **COLUMNS,
    "page_kinds": ("entity", "code", "hits", "valid", "verified", "refuted", "distinct"),
    "page_sources": (
        "source", "path", "size", "state", "rows", "hits", "records", "unread", "sha256", "sm3",
    ),
    "page_by_source": ("source", "path", "entity", "hits", "valid", "refuted", "distinct"),
    "page_unread": ("source", "path", "member", "row", "reason", "lost"),
}  # fmt: skip
_MONO: Final = frozenset({"sha256", "sm3", "code"})
_KEEP: Final = frozenset({"entity", "state", "verdict", "lost"})


def write_page(
    case: Case,
    *,
    language: Language = "zh",
    out: Path | None = None,
    catalog: Catalog | None = None,
) -> Path:
    """The page just written: ``report.html`` in the case, noted in its log, or ``out``.

    ``catalog`` is the one the case was made with, where it is at hand.
    """
    content = render_page(case, language=language, catalog=catalog).encode()
    if out is not None:
        out.write_bytes(content)
        return out
    path = case.path / NAME
    with (
        closing(Ledger(case.path / "ledger.sqlite")),  # its lock keeps the log to one writer
        closing(Log(case.path / "log.jsonl")) as log,
    ):
        write_bytes(path, content, temporary=case.path / "tmp")
        log.append("report", moment=now(), file=NAME, sha256=file_sha256(path))
    return path


def render_page(case: Case, *, language: Language = "zh", catalog: Catalog | None = None) -> str:
    """The page as HTML."""
    words = words_of(case, language)
    filters: dict[str, Callable[..., Any]] = {
        "clean": clean,
        "place": partial(place_of, words=words),
        "show": partial(_show, words=words),
        "thousands": _thousands,
        "why": partial(why_of, words=words, checks=checks_of(case, catalog)),
    }
    return render(
        "page.html",
        filters,
        words=words,
        columns=_COLUMNS,
        numeric=NUMERIC,
        mono=_MONO,
        keep=_KEEP,
        per_kind=PER_KIND,
        **_content(case, words),
    )


def _content(case: Case, words: Words) -> dict[str, Any]:
    """What the template shows."""
    manifest, tables = case.manifest.content, case.tables()
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
        "tables": tables,
        "kinds": [(class_, rows) for class_, rows in kinds if rows],
        "tiles": tiles,
        "chart": draw_kinds(tables["kinds"], words),
        "samples": sample_findings(case, [row["entity"] for row in tables["kinds"]]),
        "facts": _facts(case, words),
    }


def _facts(case: Case, words: Words) -> list[tuple[str, str]]:
    """How the case was made, as the page ends with it."""
    manifest = case.manifest.content
    settings, tool = manifest["settings"], manifest["tool"]
    options = f"min_score={settings['min_score']} names={settings['names']}"
    commit = f" ({tool['commit'][:12]})" if tool["commit"] else ""
    return [
        ("case_number", manifest["case_number"] or "-"),
        ("operator", manifest["operator"] or "-"),
        ("started", manifest["started"]),
        ("finished", manifest["finished"]),
        ("as_of", settings["as_of"]),
        ("generation", str(manifest["generation"])),
        ("tool", f"piiscan {tool['version']}{commit}, Python {tool['python']}, {tool['system']}"),
        ("mounts", ", ".join(f"{words(f'mount.{k}')} {n}" for k, n in manifest["mounts"].items())),
        ("catalogue", settings["catalogue"]),
        ("options", f"{options} reveal={settings['reveal']}"),
        ("key", settings["key"]),
        ("manifest", case.manifest.sha256),
    ]


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
