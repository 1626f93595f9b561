"""Rows of the sheet of columns as texts: drafted from the case, checked, and stored in it.

``[{"group": "3f…", "column": "1", "header": "姓名", "recognizers": "name.person", …}, …]``
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from piiscan.arguments import checked
from piiscan.case.columns.columns import SurveyColumn, TableGroup, workbook_row
from piiscan.case.scan.settings import given_overrides, store_overrides
from piiscan.case.store.attachments import store_attachment
from piiscan.case.store.case import Case
from piiscan.case.store.connection import connect
from piiscan.case.store.job_store import JobStore
from piiscan.detect.catalog.catalog import load
from piiscan.forms.reader import read_content
from piiscan.forms.schema import Language
from piiscan.forms.writer import SheetRow, sheet_bytes, written_cells
from piiscan.tabular.column_overrides import (
    ATTACHED,
    ColumnOverrides,
    column_cells,
    columns_form,
    parse_overrides,
)
from piiscan.wording.words import Words

#: Most groups with examples.
_MOST_SHOWN: Final = 500
_EXAMPLES: Final = 3
_NAME: Final = "columns.xlsx"


@checked
def column_rows(case: str | Path | Case, *, language: Language = "zh") -> list[dict[str, str]]:
    r"""Return the rows of the sheet of ``piiscan columns`` for the tables of a case.

    Types that people corrected are those of the newest sheet. Examples are masked findings.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     [(row["header"], row["examples"]) for row in piiscan.column_rows(case)]
    [('姓名', '张*'), ('手机号', '139****5678')]
    """
    opened = Case.of(case)
    catalog, words = load(opened.recognizers), Words(language)
    words = words.with_names("roles", catalog.vocabulary["roles"])
    words = words.with_names("entities", catalog.vocabulary["entities"])
    with JobStore.reading(opened.path / "ledger.sqlite", opened.key_at_hand()) as store:
        groups, places = _groups(opened, store)
        stored = given_overrides(opened.path, None, catalog) or store_overrides(store, None)
    examples = _examples(opened, places)
    rows = []
    for key, group in groups.items():
        for number, column in enumerate(group.columns):
            column.examples = examples.get((*places[key], number + 1), [])
            row = workbook_row(group, number, catalog)
            if change := stored.kinds.get(key, {}).get(number + 1):
                row |= {"recognizers": ", ".join(change[0]) or "-", "role": change[1] or ""}
            texts = column_cells(row, words) | {"filled": None}  # a scan stores shares only
            rows.append({n: "" if text is None else str(text) for n, text in texts.items()})
    return rows


@checked
def store_columns(
    case: str | Path | Case,
    rows: Sequence[Mapping[str, str]],
    *,
    operator: str = "",
    language: Language = "zh",
) -> ColumnOverrides:
    r"""Store ``rows`` in the case as the sheet that the next scan reads; return its corrections.

    Raise CaseError with every invalid cell; then nothing is stored. ``operator``: who did it, for
    the log. ``language``: of the headings.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     rows = piiscan.column_rows(case)
    ...     rows[0]["recognizers"] = "-"
    ...     _ = piiscan.store_columns(case, rows, operator="赵检")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     [row["masked"] for row in piiscan.findings_page(case).rows]
    ['139****5678']
    """
    opened = Case.of(case, operator=operator)
    catalog = load(opened.recognizers)
    form = columns_form(catalog)
    lines = [SheetRow(written_cells(row, form)) for row in rows]
    content = sheet_bytes(form, lines, language=language)
    overrides = parse_overrides(read_content(content, _NAME, form), content, catalog)
    with opened.open_log() as log:
        store_attachment(opened.path, ATTACHED, content, suffix=".xlsx", log=log)
    return overrides


def _groups(
    case: Case, store: JobStore
) -> tuple[dict[str, TableGroup], dict[str, tuple[int, str]]]:
    """Return key -> tables with the same headers, and key -> (source, member) of the first."""
    groups: dict[str, TableGroup] = {}
    places: dict[str, tuple[int, str]] = {}
    paths, shown = case.source_names(), case.shown()
    for source in store.sources():
        for part in source.outcome.parts:
            if part["kind"] == "text":
                continue
            columns = json.loads(part["columns"])
            key, member = part["key"], part["member"]
            if key not in groups:
                names = [SurveyColumn(column["header"] or "") for column in columns]
                groups[key], places[key] = TableGroup(key, names), (source.source, member)
            group = groups[key]
            group.tables += 1
            group.rows += part["rows"]
            group.files.append(
                "!".join(filter(None, (paths[source.source], shown.get(member, member))))
            )
            for column, stored, (ids, role) in zip(
                group.columns, columns, part["inferred"], strict=False
            ):
                column.kinds[tuple(ids), role] += 1
                column.filled += 100
                column.valid += round(100 * stored["share"])
    return groups, places


def _examples(
    case: Case, places: Mapping[str, tuple[int, str]]
) -> dict[tuple[int, str, int], list[str]]:
    """Return (source, member, column) -> masked values of the first groups."""
    shards = case.source_shards("findings")
    wanted = {place[0] for place in list(places.values())[:_MOST_SHOWN]} & shards.keys()
    if not wanted:
        return {}
    with connect(case.path / "tmp") as connection:
        found = connection.execute(
            f'select source, member, "column", list(distinct masked)[1:{_EXAMPLES}]'
            " from read_parquet(?) where masked is not null and list_contains(?, source)"
            " group by all",
            [[str(shards[each]) for each in sorted(wanted)], sorted(wanted)],
        ).fetchall()
    return {(source, member, column): sorted(values) for source, member, column, values in found}
