"""Screens of the page: each reads the case, draws a template, or stores a judgement or a count.

A screen is a function (work, request) -> Answer. GET draws, POST acts and leads back to a GET, but
for a clear view, which is the answer to its POST and stands under no address.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from piiscan.case.count.by_suspect import BY_SUSPECT
from piiscan.case.count.subjects.judgements import Judgement
from piiscan.case.explain_count.explain_count import explain_finding
from piiscan.case.explain_count.explanation_lines import explanation_lines
from piiscan.case.export.disc import DiscRequest, write_disc
from piiscan.case.flow.transfers import FLOW_TOTAL
from piiscan.case.integrity.anchors import check_free, write_seal_head
from piiscan.case.integrity.seal import seal
from piiscan.case.judge.judge import judge_findings, judge_row, take_back
from piiscan.case.lookup.findings import FACETS, OPEN, SORTS, FindingFilters
from piiscan.case.lookup.lookup import lookup
from piiscan.case.lookup.place import FindingPlace, show_place
from piiscan.case.lookup.show import Spot
from piiscan.case.report.cover import key_order
from piiscan.case.report.html.case_page import format_time
from piiscan.case.report.html.charts import CHARTS, draw_flow
from piiscan.case.report.report import report
from piiscan.case.report.report_contents import REPORT_TABLES
from piiscan.case.report.terminal.terminal_tables import shown_rows
from piiscan.case.sampling.basis import count_singly
from piiscan.case.scan.tables.unread_table import UNREAD
from piiscan.case.store.audit_log import now, read_events
from piiscan.errors import CaseError, PiiscanError, failure_place
from piiscan.pages.sanitize import clean
from piiscan.sources.texts.column_letters import column_letter
from piiscan.wording.words import Words, section
from piiscan.work_page.drawing import Answer, Asked, draw, draw_table
from piiscan.work_page.sheets import (
    act_on_columns,
    act_on_register,
    act_on_sample,
    columns,
    register,
    sample,
    sample_place,
)
from piiscan.work_page.work_state import CaseView, WorkState

#: Values of a facet that are shown before «all».
_MOST_VALUES: Final = 10
#: The same behind it.
_MOST_LISTED: Final = 300
_MOST_EVENTS: Final = 500
#: Entries of a suspect that are shown at once; a click shows the others.
_MAIN_ENTRIES: Final = (
    *("total", "held", "acquired", "sold", "not_sold", "unroled", "received", "paid", "unread"),
)
#: Most rows of a table.
MOST_ROWS: Final = 1000
#: Most findings that are judged at once.
MOST_JUDGED: Final = 500
#: Most pages on which the next finding without a judgement is searched.
_MOST_PAGES: Final = 20
#: Facets of one source.
_WITHIN: Final = ("part", "column")
#: Settings of a count that its screen shows.
_SETTINGS: Final = ("key_priority", "since", "until", "register", "exclusions", "judged")
_DOCUMENTS: Final = ("docx", "xlsx", "html")


# -- start ------------------------------------------------------------------------------------


def start(work: WorkState, asked: Asked) -> Answer:
    """Draw the start: suspects and groups with totals, kinds, sources, unread parts, flow."""
    view, words = work.view(), work.words()
    tables = view.data.tables
    counters = view.case.manifest.content["counters"]
    rows = shown_rows(BY_SUSPECT.rows_in("page", tables))
    people = [
        (str(BY_SUSPECT.column("scope").text(group[0], words)), group[0]["scope_kind"], group)
        for _, each in groupby(rows, key=itemgetter("scope_kind", "scope"))
        for group in [list(each)]
    ]
    kinds = [row for row in tables["kinds"] if row["hits"]]
    return draw(
        "start.html",
        work,
        asked,
        tiles=_tiles(view, words),
        people=people,
        main_entries=_MAIN_ENTRIES,
        people_columns=BY_SUSPECT.columns_in("page"),
        kinds=kinds,
        most_hits=max((row["hits"] for row in kinds), default=1),
        chart=CHARTS["kinds"],
        sources=sorted(tables["sources"], key=lambda row: -(row["records"] or 0))[:30],
        source_count=len(tables["sources"]),
        flow=draw_flow(
            tables.get("flow_edges", ()),
            tables.get("flow_nodes", ()),
            unknown=words("page.unknown"),
        ),
        totals=draw_table(FLOW_TOTAL, view, words),
        unread=counters["unread"],
        counted=view.data.count,
        manifest=view.case.manifest.content,
    )


def _tiles(view: CaseView, words: Words) -> list[tuple[str, int, str]]:
    """Return (name, number, screen) of the main figures."""
    counters, tables = view.case.manifest.content["counters"], view.data.tables
    found = [(words("screen.tile.sources"), counters["sources"], "")]
    found += [
        (words(f"screen.tile.{row['step']}"), row["count"], "")
        for row in tables.get("ladder", ())
        if row["scope_kind"] == "total" and row["step"] in ("R1", "R5", "R6")
    ]
    found.append((words("column.hits"), counters["hits"], "findings"))
    found.append((words("page.unread"), counters["unread"], "unread"))
    return found


# -- findings ---------------------------------------------------------------------------------


def findings(work: WorkState, asked: Asked, **shown: Any) -> Answer:
    """Draw a page of findings, with the place of one of them beside it."""
    view, words = work.view(), work.words()
    filters = read_filters(asked)
    sort = read_sort(asked)
    page = view.findings.page(filters, asked.number("page", 1), sort=sort)
    facets = view.findings.facets(filters)
    shown_facets = [
        n for n in FACETS if n not in _WITHIN or len(filters.facets.get("source", ())) == 1
    ]
    address = partial(findings_address, asked)
    at = shown.pop("at", None) or read_place(asked.value("at"))
    keys = [(r["source"], r["nth"]) for r in page.rows]
    beside = keys.index(at) if at in keys else None
    place: dict[str, Any] = dict.fromkeys(("row", "spot", "error", "in_clear", "judged"))
    if at is not None:
        place |= _place(work, view, at) | shown
    return draw(
        "findings.html",
        work,
        asked,
        page=page,
        filters=filters,
        facets=[_facet(name, facets[name], filters, asked, view, words) for name in shown_facets],
        judged=sum(n for value, n in facets["judged"].items() if value != OPEN),
        sort=sort,
        sorting={name: _sorting(asked, filters, name) for name in SORTS},
        address=address,
        at=at,
        place=place,
        previous=keys[beside - 1] if beside else None,
        following=keys[beside + 1] if beside is not None and beside + 1 < len(keys) else None,
        reason=work.reason,
        can_undo=bool(work.judged[0]),
        like=_like(asked, place["row"]),
        kinds=sorted(view.case.manifest.content["whose"]),
        most=MOST_JUDGED,
        fields=_filter_fields(filters),
    )


def _like(asked: Asked, row: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the addresses of all findings like one: of its kind in its column, or by its mask."""
    if row is None:
        return ()
    entity = {"entity": (row["entity"],)}
    column = {"source": (str(row["source"]),), "column": (str(row["column"]),)}
    filters = (
        FindingFilters(entity | column | {"part": (row["place"],)}),
        FindingFilters(entity, (row["masked"] or "")[:200]),
    )
    at = row["source"], row["nth"]
    return tuple(f"{findings_address(asked, each, at=at)}#all" for each in filters)


def read_sort(asked: Asked) -> str:
    """Return the order that a request names: one of SORTS, with ``-`` ahead if descending."""
    sort = asked.value("sort")
    return sort if sort.removeprefix("-") in SORTS else SORTS[0]


def _sorting(asked: Asked, filters: FindingFilters, name: str) -> tuple[str, str]:
    """Return the address that a click on a heading leads to, and the present ``aria-sort``."""
    states = {name: (f"-{name}", "ascending"), f"-{name}": (SORTS[0], "descending")}
    following, state = states.get(read_sort(asked), (name, "none"))
    return findings_address(asked, filters, sort=following), state


def read_filters(asked: Asked) -> FindingFilters:
    """Return the filters that a request names."""
    given = asked.form or asked.query
    facets = {name: tuple(dict.fromkeys(given[name])) for name in FACETS if given.get(name)}
    return FindingFilters(facets, asked.value("text")[:200])


def _filter_fields(filters: FindingFilters) -> list[tuple[str, str]]:
    """Return (name, value) of the fields that repeat filters in an address or form."""
    fields = [(name, value) for name, values in filters.facets.items() for value in values]
    return [*fields, ("text", filters.text)] if filters.text else fields


def findings_address(
    asked: Asked,
    filters: FindingFilters,
    page: int = 1,
    at: tuple[int, int] | None = None,
    **more: str,
) -> str:
    """Return the address of a page of findings."""
    fields, sort = _filter_fields(filters), more.pop("sort", read_sort(asked))
    fields += [("sort", sort)] if sort != SORTS[0] else []
    fields += [("page", str(page))] if page > 1 else []
    fields += [("at", f"{at[0]}-{at[1]}")] if at else []
    return f"{asked.root}/findings?{urlencode([*fields, *more.items()])}".removesuffix("?")


def read_place(text: str) -> tuple[int, int] | None:
    """Parse ``SOURCE-NTH``; None for anything else.

    >>> read_place("3-17"), read_place("3"), read_place("x-1")
    ((3, 17), None, None)
    """
    parts = text.split("-")
    if len(parts) != 2 or not all(p.isascii() and p.isdigit() and len(p) < 16 for p in parts):
        return None
    return int(parts[0]), int(parts[1])


def _facet(
    name: str,
    values: Mapping[str, int],
    filters: FindingFilters,
    asked: Asked,
    view: CaseView,
    words: Words,
) -> dict[str, Any]:
    """Return a facet for the template: title, and its values as links with their numbers."""
    chosen = filters.facets.get(name, ())
    listed = list(dict.fromkeys((*chosen, *values)))
    everything = asked.value("all") == name
    links = []
    first = asked.number("skip", 0) if everything else 0
    shown = _MOST_LISTED if everything else max(_MOST_VALUES, len(chosen))
    for value in listed[first : first + shown]:
        rest = tuple(each for each in chosen if each != value)
        others = (*chosen, value) if value not in chosen else rest
        changed = {**filters.facets, name: others}
        address = findings_address(
            asked, FindingFilters({k: v for k, v in changed.items() if v}, filters.text)
        )
        links.append(
            (value_name(name, value, view, words), values.get(value, 0), address, value in chosen)
        )
    more = max(len(listed) - first - shown, 0)
    skip = str(first + shown if everything else 0)
    return {
        "name": name,
        "title": words(f"screen.facet.{name}"),
        "values": links,
        "more": more,
        "address": findings_address(asked, filters, all=name, skip=skip),
        "open": bool(chosen) or name in ("entity", "suspect", "judged"),
    }


def value_name(facet: str, value: str, view: CaseView, words: Words) -> str:
    """Return the value of a facet in words: ``CN_MOBILE -> 手机号码``."""
    if facet == "judged":
        return words(f"screen.judged.{value}")
    if facet == "source":
        return f"{value} {clean(view.source_names.get(value))}"
    if facet == "column" and value != "0":
        return column_letter(int(value))
    if not value:
        return words("screen.no_value")
    kinds = {"entity": "entities", "verdict": "verdicts", "role": "roles", "reason": "reasons"}
    return words.name(kinds[facet], value) if facet in kinds else clean(value)


def _place(work: WorkState, view: CaseView, at: tuple[int, int]) -> dict[str, Any]:
    """Return the place of a finding for the template, masked; the error if it cannot be read."""
    rows = view.findings.rows([at])
    if not rows:
        return {"row": None, "error": CaseError("judge.no_finding").text(work.language)}
    found: dict[str, Any] = {"row": rows[0], "judged": view.findings.judgement(rows[0])}
    try:
        place = show_place(view.case, *at)
    except PiiscanError as error:
        return found | {"error": error.text(work.language)}
    return found | _drawn(work, place)


def _drawn(work: WorkState, place: FindingPlace) -> dict[str, Any]:
    """Return spot, grid and the name of the picture of a place for the template."""
    name = ""
    if place.picture is not None:
        work.store_picture(name := secrets.token_urlsafe(9), place.picture)
    return {"spot": place.spot, "grid": spot_grid(place.spot), "picture": name}


def spot_grid(spot: Spot) -> tuple[list[str], list[tuple[Any, list[str]]]] | None:
    """Return the rows of a spot as a grid: headers, and (line, cells); None for lines of text."""
    if not any(label for line in spot.lines for label, _ in line.cells):
        return None
    headers = {
        column: label
        for line in spot.lines
        for (label, _), column in zip(line.cells, line.columns, strict=True)
    }
    columns = sorted(headers)
    rows = []
    for line in spot.lines:
        cells = {c: text for (_, text), c in zip(line.cells, line.columns, strict=True)}
        rows.append((line, [cells.get(column, "") for column in columns]))
    return [headers[column] for column in columns], rows


def show_clear(work: WorkState, asked: Asked) -> Answer:
    """Show the place of a finding in clear, logged with the operator; it has no address.

    With ``sitting=begin`` and a reason, each later place is shown in clear, and logged, until
    ``sitting=end`` or the end of the server.
    """
    at = read_place(asked.value("at"))
    if sitting := asked.value("sitting"):
        reason, given = "", {"sitting": "end"}
        if sitting == "begin":
            reason = clean(asked.value("why").strip()[:200])
            given = {"sitting": "begin", "reason": reason}
            if not reason:
                raise CaseError("judge.no_author")
        with work.view().case.open_log() as log:
            log.append("lookup", moment=now(), reveal=True, rows=0, **given)
        work.clear_reason = reason
        if at is None or not reason:
            filters, page = read_filters(asked), asked.number("page", 1)
            return Answer(place=findings_address(asked, filters, page, at))
    if at is None:
        raise CaseError("judge.no_finding")
    place = show_place(work.view().case, *at, clear=True)
    return findings(work, asked, at=at, in_clear=_drawn(work, place))


def picture(work: WorkState, asked: Asked) -> Answer:
    """Return a picture that the last screen showed; it is forgotten then."""
    content = work.pictures.get(asked.value("name"))
    return Answer(picture=content) if content else Answer("", status=404)


def look_up(work: WorkState, asked: Asked) -> Answer:
    """Draw the places of a whole value, a mask or an ending; the value has no address."""
    found = lookup(work.view().case, [asked.value("value")[:200]])
    return draw(
        "lookup.html", work, asked, found=found, total=sum(r["count"] for r in found.totals)
    )


def explain(work: WorkState, asked: Asked) -> Answer:
    """Draw the step that the record of a finding reached in the newest count, and why."""
    at = read_place(asked.value("at"))
    rows = work.view().findings.rows([at]) if at else []
    if at is None or not rows:
        raise CaseError("judge.no_finding")
    kept = work.view().explained
    if at not in kept:
        kept[at] = explain_finding(work.view().case, *at)
    lines = list(explanation_lines(kept[at], work.words()))
    back = findings_address(asked, read_filters(asked), asked.number("page", 1), at)
    return draw("explain.html", work, asked, row=rows[0], lines=lines, back=back)


# -- judging ----------------------------------------------------------------------------------


def judge(work: WorkState, asked: Asked) -> Answer:
    """Store the judgement of a finding; lead to the next one of the page."""
    at, verdict = read_place(asked.value("at")), asked.value("judge")
    if at is None:
        raise CaseError("judge.no_finding")
    view, (_, following) = work.view(), _next_open(work, asked, at)
    work.reason = asked.value("why")[:2000]
    words = {"reason": work.reason, "author": work.case.operator}
    if verdict == "overlooked":
        (row,) = view.findings.rows([at])
        reference = f"{row['source']}:{row['member']}:{row['row']}"
        column = asked.number("cell", row["column"])
        kind = view.case.entity_code(asked.value("kind"))
        made = judge_row(view.case, reference, "overlooked", column=column, kind=kind, **words)
    elif verdict in ("false", "right"):
        made = judge_findings(view.case, [at], verdict, **words)  # type: ignore[arg-type]
    else:
        raise CaseError("judge.no_finding")
    _set_message(work, made, verdict, at)
    return Answer(place=_place_address(work, asked, following or at))


def _listed(work: WorkState, asked: Asked) -> Iterator[tuple[int, tuple[int, int], Any]]:
    """Yield (page, place, finding) from the page of findings that a request names on."""
    reader, filters, page = work.view().findings, read_filters(asked), asked.number("page", 1)
    for number in range(page, page + _MOST_PAGES):
        found = reader.page(filters, number, sort=read_sort(asked))
        yield from ((number, (row["source"], row["nth"]), row) for row in found.rows)
        if number >= found.pages:
            return


def _next_open(
    work: WorkState, asked: Asked, at: tuple[int, int] | None
) -> tuple[int, tuple[int, int] | None]:
    """Return page and place of the next finding behind ``at`` that nobody judged; None without.

    It is the first of all if ``at`` is not on the page of the request.
    """
    begin = asked.number("page", 1)
    found: tuple[int, tuple[int, int] | None] = begin, None
    behind = False
    for page, place, row in _listed(work, asked):
        if place == at:
            found, behind = (begin, None), True
        elif not row["judged"] and found[1] is None:
            found = page, place
        if found[1] is not None and (behind or page > begin):
            break
    return found


def _place_address(work: WorkState, asked: Asked, at: tuple[int, int]) -> str:
    """Return the address of a place with its page of findings, this one or a later one."""
    pages = (page for page, place, _ in _listed(work, asked) if place == at)
    page = next(pages, asked.number("page", 1))
    return findings_address(asked, read_filters(asked), page, at)


def next_open(work: WorkState, asked: Asked) -> Answer:
    """Lead to the next finding that nobody judged, or back with a message."""
    at = read_place(asked.value("at"))
    page, following = _next_open(work, asked, at)
    if following is None:
        work.message = "screen.no_open", {}
    return Answer(place=findings_address(asked, read_filters(asked), page, following or at))


def undo(work: WorkState, asked: Asked) -> Answer:
    """Take back the judgements that were stored last."""
    made, at = work.judged
    reason = work.words()("screen.undo")
    taken = take_back(work.view().case, made, reason=reason, author=work.case.operator)
    work.judged, work.message = ((), None), ("screen.undone", {"count": len(taken)})
    return Answer(place=_place_address(work, asked, at) if at else f"{asked.root}/findings")


def judge_all(work: WorkState, asked: Asked) -> Answer:
    """Store one judgement for each finding that passes the filters, if their number is right."""
    filters, verdict = read_filters(asked), asked.value("judge")
    page = work.view().findings.page(filters, 1, MOST_JUDGED)
    if page.total > MOST_JUDGED or page.total != asked.number("total", -1):
        raise CaseError("serve.other_total", total=page.total, most=MOST_JUDGED)
    if verdict not in ("false", "right"):
        raise CaseError("judge.no_finding")
    if singly := count_singly(work.view().case, page.rows):
        raise CaseError("serve.singly", count=singly)
    work.reason = asked.value("why")[:2000]
    made = judge_findings(
        work.view().case,
        [(row["source"], row["nth"]) for row in page.rows],
        verdict,  # type: ignore[arg-type]  # one of both, as just made sure
        reason=work.reason,
        author=work.case.operator,
    )
    _set_message(work, made, verdict)
    everything = FindingFilters({k: v for k, v in filters.facets.items() if k != "judged"})
    return Answer(place=findings_address(asked, everything))


def _set_message(
    work: WorkState, made: Sequence[Judgement], verdict: str, at: tuple[int, int] | None = None
) -> None:
    """Set the message of the next screen, and the judgements to undo. ``at``: their place."""
    name = work.words()(f"screen.judged.{verdict}")
    work.judged = made, at
    work.message = "screen.judged_now", {"count": len(made), "verdict": name}


# -- tables, unread, log, count, documents ----------------------------------------------------


def tables(work: WorkState, asked: Asked) -> Answer:
    """Draw one table of the reports, and links to all others that have rows."""
    view, words = work.view(), work.words()
    filled = [table for table in REPORT_TABLES if view.data.tables.has_rows(table.name)]
    named = [table for table in filled if table.name == asked.value("name")]
    chosen = (named or filled[:1] or [UNREAD])[0]
    drawn = draw_table(chosen, view, words) | {"limit": MOST_ROWS}
    notes = [words(key) for key in chosen.notes]
    links = [(table.name, table.title(words), table is chosen) for table in filled]
    return draw("tables.html", work, asked, table=drawn, links=links, notes=notes)


def unread(work: WorkState, asked: Asked) -> Answer:
    """Draw the parts that were not read: part, reason and advice."""
    view, words = work.view(), work.words()
    return draw("unread.html", work, asked, table=draw_table(UNREAD, view, words))


def log(work: WorkState, asked: Asked) -> Answer:
    """Draw the log, the newest event first, with its operator."""
    events = read_events(work.view().case.path / "log.jsonl")
    known = ("seq", "time", "event", "operator", "prev", "mac")
    rows = [
        (
            event.get("seq"),
            format_time(str(event.get("time", ""))),
            str(event.get("event", "")),
            clean(event.get("operator", "")),
            clean(", ".join(f"{n}: {v}" for n, v in event.items() if n not in known))[:300],
        )
        for event in reversed(events[-_MOST_EVENTS:])
    ]
    return draw("log.html", work, asked, rows=rows, total=len(events))


def count_screen(work: WorkState, asked: Asked) -> Answer:
    """Draw the settings of the newest count, a running count, and its changes."""
    view, words = work.view(), work.words()
    job = work.counting
    is_running = job is not None and job.is_running
    result, changes = ({}, None) if job is None or is_running else (job.result, work.changes())
    judged = view.findings.facets(FindingFilters())["judged"]
    asked_settings = view.data.count.content["asked"] if view.data.count else {}
    facts = {name: asked_settings.get(name) for name in _SETTINGS}
    if facts["key_priority"]:
        facts["key_priority"] = key_order(facts["key_priority"], words)
    return draw(
        "count.html",
        work,
        asked,
        count=view.data.count,
        facts=[(words(f"screen.setting.{name}"), str(v)) for name, v in facts.items() if v],
        settings=[
            words(f"screen.setting.{name}") if name in section("screen")["setting"] else name
            for name in (changes.settings if changes else ())
        ],
        open_judgements=sum(number for value, number in judged.items() if value != OPEN),
        in_review=judged.get("review", 0),
        ended=job is not None and not is_running,
        seconds=0 if job is None else int(time.monotonic() - job.begun),
        counting=is_running,  # it may end while the rest is drawn
        cancelled=job is not None and job.cancelled,
        error=result.get("error", {}).get(work.language, ""),
        changes=changes,
        steps=_joined(changes.steps, words) if changes else [],
        reasons=_joined(changes.reasons, words) if changes else [],
        entry=BY_SUSPECT.column("entry"),
    )


def _joined(rows: Sequence[Mapping[str, Any]], words: Words) -> list[tuple[Any, ...]]:
    """Return rows of a comparison in words: scope, step and reason, before, after, difference."""
    return [
        (
            words("screen.whole_case") if row["scope_kind"] == "total" else clean(row["scope"]),
            words(f"ladder_step.{row['step']}"),
            words.name("reasons", row["reason"]) if "reason" in row else "",
            *(row["there"], row["here"], row["difference"]),
        )
        for row in rows
    ]


def start_count(work: WorkState, asked: Asked) -> Answer:
    """Start a count with the last settings."""
    work.start_count()
    return Answer(place=f"{asked.root}/count")


def cancel_count(work: WorkState, asked: Asked) -> Answer:
    """End a count that runs; the case stays as it was."""
    if work.counting is not None:
        work.counting.cancel()
    return Answer(place=f"{asked.root}/count")


def documents(work: WorkState, asked: Asked) -> Answer:
    """Draw the list of documents: name, and file if it was written."""
    path = work.view().case.path
    files = [(form, f"report.{form}", (path / f"report.{form}").exists()) for form in _DOCUMENTS]
    beside = (("disc", _disc_folder(path, work)), ("seal", _sealed_file(path)))
    files += [(form, out.name, out.exists()) for form, out in beside]
    return draw("documents.html", work, asked, files=files, folder=clean(path))


def write_document(work: WorkState, asked: Asked) -> Answer:
    """Write a document into the case, or disc folder or seal beside it; checksums are logged."""
    form, case = asked.value("form"), work.view().case
    if form == "disc":
        request = DiscRequest(language=work.language)
        disc = write_disc(case, _disc_folder(case.path, work), request, moment=now())
        name, sha256 = disc.folder.name, disc.sha256
    elif form == "seal":
        check_free(_sealed_file(case.path))
        sealed = seal(case.path, _sealed_file(case.path), key=case.key, operator=case.operator)
        write_seal_head(sealed, case.path)
        name, sha256 = sealed.path.name, sealed.sha256
    elif form in _DOCUMENTS:
        (saved,) = report(
            case,
            form=form,  # type: ignore[arg-type]  # one of them, as just made sure
            language=work.language,
        ).saved
        name, sha256 = saved.path.name, saved.sha256
    else:
        raise CaseError("report.needs_out")
    work.message = "screen.written", {"name": name, "sha256": sha256}
    return Answer(place=f"{asked.root}/documents")


def _disc_folder(case: Path, work: WorkState) -> Path:
    """Return the folder for a disc beside the case."""
    name = work.words()("screen.disc_folder", name=case.resolve().name)
    return case.resolve().with_name(name)


def _sealed_file(case: Path) -> Path:
    """Return the zip of a sealed case beside it."""
    return case.resolve().with_name(f"{case.resolve().name}.zip")


def choose_language(work: WorkState, asked: Asked) -> Answer:
    """Change the language of the page; lead back to the screen."""
    work.language = "en" if asked.value("language") == "en" else "zh"
    screen = asked.value("screen")
    return Answer(place=f"{asked.root}/{screen if screen in _SCREENS else ''}")


def failure(work: WorkState, asked: Asked, error: Exception) -> Answer:
    """Draw the sentence of an error: 409 for one that was foreseen, 500 with its place else."""
    if isinstance(error, PiiscanError):
        text, status = error.text(work.language), 409
    else:
        text, status = Words(work.language)("error.crash", where=failure_place(error)), 500
    return replace(draw("failure.html", work, asked, error=clean(text)), status=status)


Screen = Callable[[WorkState, Asked], Answer]
_SCREENS: Final[Mapping[str, Screen]] = {
    "": start,
    "findings": findings,
    "explain": explain,
    "tables": tables,
    "picture": picture,
    "next": next_open,
    "unread": unread,
    "register": register,
    "columns": columns,
    "sample": sample,
    "sample-place": sample_place,
    "count": count_screen,
    "documents": documents,
    "log": log,
}
#: Method and path below the root -> screen.
ROUTES: Final[Mapping[tuple[str, str], Screen]] = {
    **{("GET", f"/{name}"): screen for name, screen in _SCREENS.items()},
    ("POST", "/lookup"): look_up,
    ("POST", "/clear"): show_clear,
    ("POST", "/judge"): judge,
    ("POST", "/judge-all"): judge_all,
    ("POST", "/undo"): undo,
    ("POST", "/register"): act_on_register,
    ("POST", "/columns"): act_on_columns,
    ("POST", "/sample"): act_on_sample,
    ("POST", "/count"): start_count,
    ("POST", "/cancel-count"): cancel_count,
    ("POST", "/documents"): write_document,
    ("POST", "/language"): choose_language,
}
