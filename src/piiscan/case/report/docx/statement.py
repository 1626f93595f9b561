"""Statement of a case: the values of the placeholders in the 提取说明 and the 电子数据清单.

Only counted numbers are stated, as 经去重后符合…规则的记录. Conclusions are left to a person. Texts
come from the case, or from ``--field``, which has precedence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from piiscan.case.report.case_data import CaseData
from piiscan.case.report.cover import key_order
from piiscan.case.report.custody import count_event
from piiscan.case.report.docx.template import (
    FilledTemplate,
    RowGroup,
    TemplateValues,
    fill_template,
    normalize_name,
)
from piiscan.case.report.report_contents import REPORT_TABLES
from piiscan.case.store import audit_log
from piiscan.errors import CaseError
from piiscan.wording.words import LANGUAGES, Words, section

#: Texts that only a person knows; without a value the document has an underline.
PERSON_FIELDS: Final = ("client", "examiner_1", "examiner_2", "office")
_BLANK_LINE: Final = "＿＿＿＿＿＿"

#: Tables whose rows a template can repeat.
_ROW_TABLES: Final = tuple(table for table in REPORT_TABLES if table.row_group)
#: Most entities in the summary; the tables have all.
_SUMMARY_KINDS: Final = 6


@dataclass(frozen=True, slots=True)
class Statement:
    """A filled statement: content, empty placeholders, unknown ones, and number of used ones."""

    content: bytes = field(repr=False)
    empty: tuple[str, ...]
    unknown: tuple[str, ...]
    used: int


def fill_statement(
    data: CaseData, template: bytes, words: Words, fields: Mapping[str, str]
) -> Statement:
    """Fill ``template`` for a case; ``fields`` are the texts from ``--field``, by any known name.

    Raise CaseError if the case has no count or the template is invalid.
    """
    if data.count is None:
        path = data.case.path
        raise CaseError("count.none", case=path)
    given = dict(_normalize_fields(fields))
    values = TemplateValues(
        {**dict(statement_texts(data, words)), **given},
        dict(_row_groups(data, words)),
        _name_index(),
    )
    filled: FilledTemplate = fill_template(template, values)
    empty = [name for name in PERSON_FIELDS if name in filled.used and name not in given]
    names = tuple(words(f"field.{name}") for name in empty)
    return Statement(filled.content, names, filled.unknown, len(filled.used))


def _normalize_fields(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (key, text) for the given fields; names become keys: ``委托单位 -> client``."""
    aliases = _name_index()
    for name, text in fields.items():
        yield aliases.get(normalize_name(name), normalize_name(name)), text


@cache
def _name_index() -> dict[str, str]:
    """Return normalized name -> key for every field, group and column in both languages."""
    headings = section("column")
    columns = {
        column.name: headings[column.name]
        for table in _ROW_TABLES
        for column in table.columns_in("statement")
    }
    found: dict[str, str] = {}
    names = (section(each) for each in ("field_column", "field_group", "field"))
    for entries in (columns, *names):
        for key, entry in entries.items():
            found |= {normalize_name(entry[language]): key for language in LANGUAGES}
    return found


def _row_groups(data: CaseData, words: Words) -> Iterator[tuple[str, RowGroup]]:
    """Yield (group name, column names and rows) for each table a statement can repeat."""
    for table in _ROW_TABLES:
        columns = table.columns_in("statement")
        rows = [
            {column.name: column.grouped_text(row, words) for column in columns}
            for row in table.rows_in("statement", data.tables)
        ]
        yield table.row_group, RowGroup([column.name for column in columns], rows)


def statement_texts(data: CaseData, words: Words) -> Iterator[tuple[str, str]]:
    """Yield (placeholder name, text) for each text that a case can fill in.

    A text that only a person knows becomes an underline.
    """
    manifest, count = data.case.manifest.content, data.count
    if count is None:
        return
    line = count_event(data.case, count)
    moment = str(line["time"]) if line is not None else str(manifest["finished"])
    year, month, day = moment[:10].split("-")
    sizes = [row["size"] for row in data.tables["sources"]]
    yield from dict.fromkeys(PERSON_FIELDS, _BLANK_LINE).items()
    yield "case_number", manifest["case_number"] or _BLANK_LINE
    yield "operator", manifest["operator"] or _BLANK_LINE
    yield "date", words("statement.date", year=year, month=int(month), day=int(day))
    yield "files", f"{len(sizes):,}"
    yield "bytes", f"{sum(sizes):,}"
    yield "unread", f"{manifest['counters']['unread']:,}"
    yield "tool", f"piiscan {manifest['tool']['version']}"
    yield "code_sha256", manifest["tool"]["code_sha256"]
    yield "catalogue_sha256", manifest["settings"]["catalogue"]
    yield "manifest_sha256", data.case.manifest.sha256
    yield "count_sha256", count.sha256
    yield "material", _material(data, words)
    yield "method", _method(data, words)
    yield "deduplication", _deduplication(count.content["asked"], words)
    yield "summary", _summary(data, words)
    yield "annexes", _annexes(data, words)
    yield "notice", words("statement.notice")


def _material(data: CaseData, words: Words) -> str:
    """Return the text of seized items: a line per item with its files and bytes."""
    items: dict[str, list[int]] = {}
    for row in data.tables["inventory"]:
        items.setdefault(row["item"] or "", []).append(row["size"])
    texts = [
        words(
            "statement.item" if item else "statement.no_item",
            item=item,
            files=f"{len(sizes):,}",
            bytes=f"{sum(sizes):,}",
        )
        for item, sizes in sorted(items.items(), key=lambda each: (not each[0], each[0]))
    ]
    return "\n".join(texts)


def _method(data: CaseData, words: Words) -> str:
    """Return the sentences of the statement on reading, detection and storage."""
    manifest, settings = data.case.manifest.content, data.case.manifest.content["settings"]
    fields = {
        "files": f"{len(manifest['sources']):,}",
        "tool": f"piiscan {manifest['tool']['version']}",
        "score": settings["min_score"],
        "as_of": settings["as_of"],
    }
    return "\n".join(words(f"statement.method.{n}", **fields) for n in ("read", "find", "keep"))


def _deduplication(request: Mapping[str, Any], words: Words) -> str:
    """Return the statement's sentences on rows, keys, period and exclusions."""
    sentences = [
        words("statement.dedup.rows"),
        words("statement.dedup.keys", keys=key_order(request["key_priority"], words)),
    ]
    if request["since"] or request["until"]:
        sentences.append(
            words(
                "statement.dedup.days", since=request["since"] or "", until=request["until"] or ""
            )
        )
    if request["exclusions"]:
        sentences.append(words("statement.dedup.excluded", sha256=request["exclusions"]))
    return "\n".join([*sentences, words("statement.dedup.failed")])


def _summary(data: CaseData, words: Words) -> str:
    """Return the summary: «经去重后符合…规则的记录共计…条», the ladder and the main entities."""
    ladder = {
        row["step"]: f"{row['count']:,}"
        for row in data.tables["ladder"]
        if row["scope_kind"] == "total"
    }
    person = {row["entity"] for row in data.tables["kinds"] if row["class"] == "person"}
    kinds = sorted(
        (row["distinct"], row["entity"])
        for row in data.tables["elements"]
        if row["scope_kind"] == "total" and row["distinct"] and row["entity"] in person
    )[::-1][:_SUMMARY_KINDS]
    comma = words("statement.comma")
    names = comma.join(words.name("entities", entity) for _, entity in kinds)
    sentences = [
        words("statement.summary.ladder", files=f"{len(data.tables['sources']):,}", **ladder)
    ]
    sentences.append(words("statement.summary.count", names=names, R5=ladder["R5"]))
    if kinds:
        each = [
            words("statement.summary.kind", name=words.name("entities", e), count=f"{n:,}")
            for n, e in kinds
        ]
        sentences.append(words("statement.summary.kinds", kinds=comma.join(each)))
    sentences.append(words("statement.summary.verify"))
    if data.samples:
        sentences.append(words("statement.summary.sampled"))
        sentences += _verified_rates(data, words)
    return words("statement.space").join(sentences)


def _verified_rates(data: CaseData, words: Words) -> list[str]:
    """Return a sentence per frame and stratum: checked, wrong, the rate and its upper bound."""
    rows = data.tables["sample_rates"]
    summed = {row.get("frame") for row in rows if row["stratum"] is None}
    return [
        words(
            "statement.summary.rate",
            frame=words(f"sample_frame.{row['frame']}"),
            stratum=words.name("strata", row["stratum"])
            if row["stratum"]
            else words("sampling.all"),
            size=f"{row['stratum_size']:,}",
            checked=f"{row['drawn'] - row['blank'] - row['unverifiable']:,}",
            wrong=f"{row['untrue'] + row['wrong']:,}",
            **{name: row[name] for name in ("miss_rate", "miss_upper", "miss_most")},
        )
        for row in rows
        if row["reading"] == "left_out"
        and row.get("miss_upper") is not None
        and (row["stratum"] is None) == (row["frame"] in summed)
    ]


#: File name of a report -> key of its title.
_ANNEX_KEYS: Final = {
    "report.html": "statement.annex_html",
    "report.xlsx": "statement.annex_xlsx",
}


def _annexes(data: CaseData, words: Words) -> str:
    """Return the statement's numbered annexes: the data list and each logged report."""
    path = data.case.path
    reports = {
        str(event.get("file")): event.get("sha256")
        for event in audit_log.read_events(path / "log.jsonl")
        if event.get("event") == "report"
    }
    annexes = [
        words(
            "statement.annex",
            file=f"{words(_ANNEX_KEYS[file])} {file}" if file in _ANNEX_KEYS else file,
            sha256=sha256,
        )
        for file, sha256 in sorted(reports.items())
        if file.endswith((".xlsx", ".html")) and (path / file).is_file()
    ]
    lines = [words("statement.list"), *annexes]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
