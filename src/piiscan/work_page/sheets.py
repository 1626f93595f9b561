"""Screens of sheets: register, columns and sample as grids, edited cell by cell.

A page of rows has a field ``ROW.COLUMN`` for each cell to fill in. A cell that was not changed
keeps its text exactly; rows of other pages, and other columns, stay as they are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

import pyarrow.compute as pc

from piiscan.case.columns.column_rows import store_columns
from piiscan.case.count.preview import preview_flow
from piiscan.case.flow.transfers import FLOW_TOTAL
from piiscan.case.pipeline import newer_form
from piiscan.case.register.register_rows import SHEETS, sheet_form, store_register
from piiscan.case.report.html.case_page import format_time
from piiscan.case.report.html.charts import draw_flow
from piiscan.case.report.terminal.terminal_tables import shown_rows
from piiscan.case.sampling import sample_store
from piiscan.case.sampling.hit_rates import SAMPLE_RATES
from piiscan.case.sampling.sample_rows import draw_sample, sample_rows, store_sample
from piiscan.case.sampling.verification_form import verification_form
from piiscan.case.store.audit_log import now, stamp
from piiscan.detect.catalog.catalog import load
from piiscan.errors import CaseError
from piiscan.forms.schema import Choice, Column, Form
from piiscan.pages.sanitize import clean
from piiscan.tabular.column_overrides import columns_form, parse_ids
from piiscan.wording.words import Language, Sentence
from piiscan.work_page.drawing import Answer, Asked, draw, draw_table
from piiscan.work_page.work_state import WorkState

#: Rows of a page: all columns of so many fit a form.
_PAGE: Final = 50
#: Empty rows behind the last one.
_NEW_ROWS: Final = 3
_MOST_CHARS: Final = 2000
#: The same of a cell that is not edited.
_MOST_SHOWN: Final = 80
#: Most records of a sample that is drawn here; more by ``piiscan sample``.
MOST_SAMPLED: Final = 1000
#: Columns of a sample in the order of the work: what to verify, the result, where it stands.
_SAMPLE: Final = (
    *("values", "result", "method", "verifier", "time", "remark"),
    *("claim", "suspect", "path", "row", "combination"),
)
_FIELD: Final = re.compile(r"([0-9]{1,7})\.([a-z0-9_]{1,20})")
_MAIN: Final = (
    "state",
    "item",
    "suspect",
    "device",
    "role",
    "party_from",
    "party_to",
    "time",
    "price",
)

CellErrors = Mapping[tuple[int, str], str]
NO_ERRORS: Final[CellErrors] = {}
NO_NAMES: Final[Mapping[str, str]] = {}
#: Columns of the sheet of columns in the order of the work.
_COLUMNS: Final = ("header", "examples", "recognizers", "role", "share", "rows", "tables", "files")


@dataclass(frozen=True, slots=True)
class SheetGrid:
    """Rows of a sheet as a grid.

    ``edited``: columns to fill in. ``known``: number of rows in the case. ``state``: their
    SHA-256. ``new``: number of empty rows behind them.
    """

    form: Form
    rows: list[dict[str, str]] = field(repr=False)
    edited: Collection[str]
    shown: Sequence[str]
    known: int
    state: str
    new: int = 0

    @classmethod
    def of(cls, form: Form, rows: list[dict[str, str]], edited: Sequence[str], **more: Any) -> Self:
        """Return the grid of the rows that the case has."""
        state = hashlib.sha256(repr(rows).encode("utf-8", "replace")).hexdigest()
        return cls(form, rows, edited, known=len(rows), state=state, **more)

    def fill(self, asked: Asked) -> SheetGrid:
        """Return the grid with the cells of a form. Raise CaseError if the rows have changed."""
        if asked.value("state") != self.state:
            raise CaseError("serve.other_sheet")
        rows = [dict(row) for row in self.rows]
        for name, values in asked.form.items():
            place = _FIELD.fullmatch(name)
            if place is None:
                continue
            at, column = int(place[1]), place[2]
            if at >= self.known + self.new or column not in self._columns(at):
                continue
            rows += [{} for _ in range(at + 1 - len(rows))]
            text = clean(values[0][:_MOST_CHARS])
            if text != clean(rows[at].get(column, "")):
                rows[at][column] = text
        return replace(self, rows=rows)

    def _columns(self, at: int) -> Collection[str]:
        """Return the columns of a row to fill in; a new row has all of them."""
        return self.edited if at < self.known else self.shown

    def content(self, asked: Asked, language: Language, **more: Any) -> dict[str, Any]:
        """Return a page of the grid for the template."""
        pages = max(1, -(-self.known // _PAGE))
        page = min(max(1, asked.number("page", 1)), pages)
        first = (page - 1) * _PAGE
        last = self.known + self.new if page == pages else first + _PAGE
        columns = [self.form[name] for name in self.shown]
        return {
            "headings": [column.heading[language] for column in columns],
            "rows": list(self._drawn_rows(range(first, last), columns, language, **more)),
            "page": page,
            "pages": pages,
        }

    def _drawn_rows(
        self,
        numbers: range,
        columns: Sequence[Column],
        language: Language,
        *,
        errors: CellErrors = NO_ERRORS,
        names: Mapping[str, str] = NO_NAMES,
    ) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        """Yield (row number of the sheet, cells). ``names``: text of a cell -> its display name."""
        for at in numbers:
            row = self.rows[at] if at < len(self.rows) else {}
            cells = []
            for column in columns:
                text, is_edited = row.get(column.name, ""), column.name in self._columns(at)
                words = [choice.words[language] for choice in column.choices]
                cells.append(
                    {
                        "field": f"{at}.{column.name}",
                        "label": f"{column.heading[language]} {at + 2}",
                        "text": clean(text) if is_edited else _shown(names.get(text, text), column),
                        "number": column.kind in ("number", "share"),
                        "edited": is_edited,
                        "words": [
                            (word, clean(names.get(word, word)))
                            for word in dict.fromkeys(["", text, *words] if words else ())
                        ],
                        "error": errors.get((at, column.name), ""),
                    }
                )
            yield at + 2, cells


def _shown(text: str, column: Column) -> str:
    """Return a cell that is not edited, on one line: ``0.948 -> 94.8 %`` in a column of shares."""
    if column.kind == "share" and text:
        return f"{float(text):.1%}"
    joined = " · ".join(text.splitlines())
    return clean(joined if len(joined) <= _MOST_SHOWN else f"{joined[:_MOST_SHOWN]}…")


def register(work: WorkState, asked: Asked) -> Answer:
    """Draw a sheet of the register as a grid."""
    return _draw_register(work, asked, _register_grid(work, asked)[1])


def _register_grid(
    work: WorkState, asked: Asked
) -> tuple[dict[str, list[dict[str, str]]], SheetGrid]:
    """Return all rows of the register, and the grid of the sheet that is asked for."""
    rows = {name: [*sheet] for name, sheet in work.view().register_rows(work.language).items()}
    sheet = asked.value("sheet") if asked.value("sheet") in SHEETS else SHEETS[0]
    form = sheet_form(sheet)
    edited = [column.name for column in form.columns if column.editable]
    shown = [column.name for column in form.columns]
    if sheet == SHEETS[0]:
        edited = edited if asked.value("all") else list(_MAIN)
        shown = ["path", *edited]
    new = 0 if sheet == "dealing" else _NEW_ROWS
    return rows, SheetGrid.of(form, rows[sheet], edited, shown=shown, new=new)


def _draw_register(
    work: WorkState,
    asked: Asked,
    grid: SheetGrid,
    *,
    error: CaseError | None = None,
    flow: Mapping[str, Any] | None = None,
) -> Answer:
    """Draw the grid. ``flow``: tables of a preview."""
    view, words = work.view(), work.words()
    errors = cell_errors(error, grid.form, work.language) if error else {}
    names = view.path_names([row["path"] for row in grid.rows if row.get("path")])
    title = next(sheet for sheet in SHEETS if sheet_form(sheet) is grid.form)
    answer = draw(
        "register.html",
        work,
        asked,
        grid=grid.content(asked, work.language, errors=errors, names=names),
        state=grid.state,
        sheet=title,
        sheets=[(sheet, sheet_form(sheet).title[work.language]) for sheet in SHEETS],
        everything=bool(asked.value("all")),
        error=clean(error.text(work.language)) if error else "",
        newer=newer_form(view.case, "register"),
        flow=flow
        and draw_flow(flow["flow_edges"], flow["flow_nodes"], unknown=words("page.unknown")),
        totals=flow
        and draw_table(FLOW_TOTAL, view, words, shown_rows(FLOW_TOTAL.rows_in("page", flow))),
    )
    return replace(answer, status=409) if error and asked.value("act") == "save" else answer


def act_on_register(work: WorkState, asked: Asked) -> Answer:
    """Draw the flow by the cells of the form, or store them in the case as a register."""
    rows, grid = _register_grid(work, asked)
    grid = grid.fill(asked)
    sheet = next(name for name in SHEETS if sheet_form(name) is grid.form)
    rows[sheet] = grid.rows
    case = work.view().case
    try:
        if asked.value("act") != "save":
            flow = preview_flow(case, rows)
            return _draw_register(work, asked, grid, flow=flow)
        store_register(case, rows, language=work.language)
    except CaseError as error:
        if error.code != "form.invalid":
            raise
        return _draw_register(work, asked, grid, error=error)
    work.message = "screen.register.saved", {}
    more = "&all=1" if asked.value("all") else ""
    page = asked.number("page", 1)
    return Answer(place=f"{asked.root}/register?sheet={sheet}&page={page}{more}")


def columns(work: WorkState, asked: Asked) -> Answer:
    """Draw the types of the columns, by tables with the same headers, as a grid."""
    return _draw_columns(work, asked, _columns_grid(work))


def _columns_grid(work: WorkState) -> SheetGrid:
    """Return the grid of the sheet of columns; kinds of information are chosen by name."""
    view = work.view()
    catalog = load(view.case.recognizers)
    form = columns_form(catalog)
    kinds = [Choice(code, {"zh": code, "en": code}) for code in ("-", *catalog.entities)]
    chosen = [
        replace(c, choices=tuple(kinds)) if c.name == "recognizers" else c for c in form.columns
    ]
    edited = [column.name for column in form.columns if column.editable]
    rows = view.column_rows(work.language)
    return SheetGrid.of(replace(form, columns=tuple(chosen)), rows, edited, shown=_COLUMNS)


def _draw_columns(
    work: WorkState, asked: Asked, grid: SheetGrid, *, error: CaseError | None = None
) -> Answer:
    """Draw the grid, with the invalid cells of ``error``."""
    errors = cell_errors(error, grid.form, work.language) if error else NO_ERRORS
    catalog, words = load(work.view().case.recognizers), work.words()
    names = {
        text: words.name("entities", entity)
        for entity in catalog.entities
        for text in (entity, ", ".join(parse_ids(entity, catalog)))
    }
    names |= {row["inferred"]: row["kinds"] or "-" for row in grid.rows}
    answer = draw(
        "columns.html",
        work,
        asked,
        grid=grid.content(asked, work.language, errors=errors, names=names),
        state=grid.state,
        error=clean(error.text(work.language)) if error else "",
        newer=newer_form(work.view().case, "columns"),
    )
    return replace(answer, status=409) if error else answer


def act_on_columns(work: WorkState, asked: Asked) -> Answer:
    """Store the types in the cells of the form as the sheet that the next scan reads."""
    grid = _columns_grid(work).fill(asked)
    try:
        store_columns(work.view().case, grid.rows, language=work.language)
    except CaseError as error:
        if error.code != "form.invalid":
            raise
        return _draw_columns(work, asked, grid, error=error)
    work.message = "screen.columns.saved", {}
    return Answer(place=f"{asked.root}/columns?page={asked.number('page', 1)}")


def sample(work: WorkState, asked: Asked) -> Answer:
    """Draw the sheet of the newest sample as a grid, and its results with bounds."""
    return _draw_sample(work, asked, _sample_grid(work))


def _sample_grid(work: WorkState) -> SheetGrid:
    """Return the grid of the newest sample; without rows before the first."""
    form = verification_form()
    edited = [column.name for column in form.columns if column.editable]
    return SheetGrid.of(form, sample_rows(work.view().case), edited, shown=_SAMPLE)


def _draw_sample(
    work: WorkState, asked: Asked, grid: SheetGrid, *, error: CaseError | None = None
) -> Answer:
    """Draw the grid, how many of its records are verified, and the rates of all results."""
    view, words = work.view(), work.words()
    errors = cell_errors(error, grid.form, work.language) if error else {}
    rates = view.data.tables.get(SAMPLE_RATES.name, ())
    newest = sample_store.all_samples(view.case.path)[-1:]
    answer = draw(
        "sample.html",
        work,
        asked,
        grid=grid.content(asked, work.language, errors=errors),
        state=grid.state,
        error=clean(error.text(work.language)) if error else "",
        counted=view.data.count is not None,
        drawn=grid.known,
        verified=sum(bool(row.get("result")) for row in grid.rows),
        population=sum(stratum.size for each in newest for stratum in each.strata),
        singly=any(each.content["singly"] for each in newest),
        most=MOST_SAMPLED,
        rates=rates and draw_table(SAMPLE_RATES, view, words),
    )
    return replace(answer, status=409) if error else answer


def act_on_sample(work: WorkState, asked: Asked) -> Answer:
    """Draw a new sample, or store the results in the cells of the form.

    A result without verifier and time is the operator's, of this moment.
    """
    case = work.view().case
    if asked.value("act") != "save":
        size = min(max(asked.number("size", 100), 1), MOST_SAMPLED)
        draw_sample(case, size=size, singly=bool(asked.value("singly")), language=work.language)
        return Answer(place=f"{asked.root}/sample")
    grid = _sample_grid(work)
    before = [row.get("result") for row in grid.rows]
    grid = grid.fill(asked)
    for was, row in zip(before, grid.rows, strict=True):
        if row.get("result") and not was:
            row["verifier"] = row.get("verifier") or case.operator
            row["time"] = row.get("time") or format_time(stamp(now()))
    try:
        done = store_sample(case, grid.rows, language=work.language)
    except CaseError as error:
        if error.code != "form.invalid":
            raise
        return _draw_sample(work, asked, grid, error=error)
    work.message = "screen.sample.saved", {"count": done.results}
    return Answer(place=f"{asked.root}/sample?page={asked.number('page', 1)}")


def sample_place(work: WorkState, asked: Asked) -> Answer:
    """Lead from a row of the newest sample to the place of its first finding."""
    view, number = work.view(), asked.number("row", 0)
    for newest in sample_store.all_samples(view.case.path)[-1:]:
        drawn = newest.drawn_records()
        for record in drawn.filter(pc.equal(drawn["number"], number)).to_pylist():
            at = view.findings.first_in_row(record["source"], record["member"], record["row"])
            if at is not None:
                return Answer(place=f"{asked.root}/findings?source={at[0]}&at={at[0]}-{at[1]}")
    raise CaseError("judge.no_finding")


def cell_errors(error: CaseError, form: Form, language: Language) -> dict[tuple[int, str], str]:
    """Return (row of the grid, column) -> sentence, of the invalid cells of a form's sheet."""
    headings = {
        heading: column.name for column in form.columns for heading in column.heading.values()
    }
    found = {}
    for each in error.fields.get("errors", ()):  # type: ignore[attr-defined]
        place = each.fields.get("place")
        titled = isinstance(place, Sentence) and place.fields["sheet"] in form.title.values()
        if titled and each.fields["heading"] in headings:
            at = each.fields["row"] - 2, headings[each.fields["heading"]]
            found[at] = clean(each.fields["why"].text(language))
    return found
