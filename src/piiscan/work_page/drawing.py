"""Drawing of the screens: request, answer, templates with their filters, and tables for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from piiscan.case.report.html.case_page import page_filters
from piiscan.case.report.terminal.terminal_tables import shown_rows
from piiscan.pages.report_table import ReportTable
from piiscan.pages.sanitize import clean
from piiscan.wording.words import Words
from piiscan.work_page.work_state import CaseView, WorkState

_HERE: Final = Path(__file__).parent
_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader([str(_HERE / "templates"), str(_HERE.parent / "pages")]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Request of a screen: its query, or the fields of its form, and the path of the page."""

    root: str
    form_word: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    form: Mapping[str, list[str]] = field(default_factory=dict)

    def value(self, name: str, default: str = "") -> str:
        """Return the first value of a field of the form, else of the query."""
        return (self.form.get(name) or self.query.get(name) or [default])[0]

    def number(self, name: str, default: int) -> int:
        """Return a field as a whole number; ``default`` for any other text."""
        text = self.value(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else default


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer of a screen: a page, a picture (PNG), or the place of the next page."""

    html: str = ""
    picture: bytes = b""
    place: str = ""
    status: int = 200


def draw(template: str, work: WorkState, asked: Asked, **content: Any) -> Answer:
    """Draw a template with the names that all of them use."""
    view, words = work.view(), work.words()
    manifest = view.case.manifest.content
    environment = _ENVIRONMENT.overlay()
    filters = page_filters(words, view.checks)
    environment.filters = environment.filters | {
        **filters,
        "spot": lambda row: filters["spot"]({**row, "member": ""}),
        "short": lambda path: "/".join(path.split("/")[-2:]),
        "marked": _marked,
    }
    message, work.message = work.message, None
    html = environment.get_template(template).render(
        words=words,
        root=asked.root,
        form_word=asked.form_word,
        screen=template.removesuffix(".html"),
        case_number=clean(manifest["case_number"]),
        operator=clean(work.case.operator),
        sitting=work.clear_reason,
        message=None if message is None else words(message[0], **message[1]),
        **{"counting": work.counting is not None and work.counting.is_running} | content,
    )
    return Answer(html)


def _marked(text: str) -> tuple[str, str, str]:
    """Split a cell at its value: ``电话【138****8000】`` -> before, value, after."""
    before, opened, rest = text.partition("【")
    value, closed, after = rest.partition("】")
    return (before, value, after) if opened and closed else (text, "", "")


def draw_table(
    table: ReportTable, view: CaseView, words: Words, rows: Sequence[Any] | None = None
) -> dict[str, Any]:
    """Return a table of the case for the template: title, columns with a value, rows."""
    found = shown_rows(table.rows_in("page", view.data.tables)) if rows is None else rows
    columns = table.columns_in("page")
    if table.sparse:
        columns = tuple(c for c in columns if any(r.get(c.name) is not None for r in found))
    return {"title": table.title(words), "columns": columns, "rows": found, "limit": 0}
