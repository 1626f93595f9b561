"""Record of a validation (软件功能验证记录) as a Word document, with lines for the people."""

from __future__ import annotations

from typing import Final

from piiscan.case.report.docx.row_groups import column_names
from piiscan.case.report.docx.template import RowGroup, TemplateValues, fill_template
from piiscan.case.store.audit_log import stamp
from piiscan.case.validation.validate import VALIDATION_TABLES, Validation
from piiscan.data.statement_template import TemplateTable, make_template
from piiscan.wording.words import Words

_DOCUMENT: Final = "validation"


def build_record(validation: Validation, words: Words) -> bytes:
    """Return the record of ``validation`` as .docx in the language of ``words``."""
    tables, groups = {}, {}
    for table in VALIDATION_TABLES:
        columns = table.columns_in("terminal")
        names = [column.name for column in columns]
        numeric = frozenset(n for n, column in enumerate(columns) if column.numeric)
        cells = [f"{{{{{table.name}.{name}}}}}" for name in names]
        headings = [column.heading(words) for column in columns]
        tables[table.name] = TemplateTable(table.title(words), headings, [cells], numeric)
        rows = [
            {column.name: column.grouped_text(row, words) for column in columns}
            for row in validation.tables[table.name]
        ]
        blank = dict.fromkeys(names, "") | {names[0]: words("document.none")}
        groups[table.name] = RowGroup(names, rows or [blank], column_names(columns))
    template = make_template(words.language, tables, _DOCUMENT)
    return fill_template(template, TemplateValues(record_texts(validation, words), groups)).content


def record_texts(validation: Validation, words: Words) -> dict[str, str]:
    """Return placeholder -> text of the record; facts that only people know are blank lines."""
    manifest = validation.case.manifest.content
    tool = manifest["tool"]
    return {
        "case": manifest["case_number"] or words("disc.blank"),
        "software": words("document.software", **tool, catalogue=manifest["settings"]["catalogue"]),
        "system": words("document.system", **tool),
        "manifest": validation.case.manifest.sha256,
        "times": words(
            "validation.times",
            started=_clock(stamp(validation.started)),
            finished=_clock(stamp(validation.finished)),
        ),
        "corpora": words(
            "validation.corpora",
            names=words("statement.comma").join(validation.corpora),
            rows=f"{validation.rows:,}",
        ),
        "reruns": words("validation.reruns", seed=validation.seed),
        "outcome": words("validation.passed" if validation.passed else "validation.failed"),
        "notice": words("validation.notice"),
        "patterns": words("validation.patterns"),
        "reliability": words("validation.reliability"),
        "blank": words("disc.blank"),
    }


def _clock(moment: str) -> str:
    """Return a moment without its zone: ``2026-11-28T04:49:31+08:00 -> 2026-11-28 04:49:31``."""
    return moment[:19].replace("T", " ")
