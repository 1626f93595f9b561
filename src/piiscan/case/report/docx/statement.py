"""Statement of a case: the values of the placeholders in 数据统计说明, 检查笔录 and 检验报告.

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
from piiscan.case.report.custody import count_event, head_text
from piiscan.case.report.docx.row_groups import build_row_groups
from piiscan.case.report.docx.template import (
    FilledTemplate,
    TemplateValues,
    fill_template,
    normalize_name,
)
from piiscan.case.report.first_page import category_sentence, rule_sentences, sample_sentences
from piiscan.case.report.report_contents import REPORT_TABLES
from piiscan.case.store.plain_files import is_verified
from piiscan.case.store.recorded_files import recorded_files
from piiscan.errors import CaseError
from piiscan.wording.words import LANGUAGES, Words, section

#: Texts that only a person knows; without a value the document has an underline.
PERSON_FIELDS: Final = (
    "client", "examiner_1", "examiner_2", "office", "document_number", "cause", "commission",
    "requirement", "accepted", "times", "place", "post_1", "post_2", "equipment", "media",
    "write_protection", "recording", "holder", "witness", "absence", "custody",
)  # fmt: skip
_BLANK_LINE: Final = "＿＿＿＿＿＿"

#: Steps of the ladder that the summary states.
_STEPS: Final = ("R0", "R1", "R2", "R3", "R4", "R5", "R6")
#: Most entities in the summary; the tables have all.
_SUMMARY_KINDS: Final = 6


@dataclass(frozen=True, slots=True)
class Statement:
    """Filled document: its bytes, empty and unknown placeholders, and number of used ones."""

    content: bytes = field(repr=False)
    empty: tuple[str, ...]
    unknown: tuple[str, ...]
    used: int


def fill_statement(
    data: CaseData,
    template: bytes,
    words: Words,
    fields: Mapping[str, str],
    *,
    document: str = "statement",
    annexes: Mapping[str, str] | None = None,
) -> Statement:
    """Fill ``template`` for a case; ``fields`` are the texts from ``--field``, by any known name.

    ``document``: its name, which decides the name of the list of electronic data. ``annexes``:
    name -> SHA-256 of the files handed over with it; None for the reports that the log names.
    Raise CaseError if the case has no count or the template is invalid.
    """
    if data.count is None:
        path = data.case.path
        raise CaseError("count.none", case=path)
    given = dict(_normalize_fields(fields))
    texts = dict(statement_texts(data, words, document=document, annexes=annexes))
    groups = build_row_groups(data.tables, words)
    values = TemplateValues({**texts, **given}, groups, _name_index())
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
    """Return normalized name -> key for every field and group in both languages."""
    names = section("table"), section("field_group"), section("field")
    keys = [{table.name: table.row_group or table.name for table in REPORT_TABLES}, {}, {}]
    found: dict[str, str] = {}
    for entries, key_of in zip(names, keys, strict=True):
        for key, entry in entries.items():
            found |= {normalize_name(entry[each]): key_of.get(key, key) for each in LANGUAGES}
    return found


def statement_texts(
    data: CaseData, words: Words, *, document: str, annexes: Mapping[str, str] | None
) -> Iterator[tuple[str, str]]:
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
    yield "head", head_text(data.case, count, words)
    yield "material", _material(data, words)
    yield "list_name", words(f"document.list.{document}")
    yield "system", words("document.system", **manifest["tool"])
    yield (
        "software",
        words("document.software", **manifest["tool"], catalogue=manifest["settings"]["catalogue"]),
    )
    yield (
        "run_times",
        words(
            "document.run_times",
            started=_clock(manifest["started"]),
            finished=_clock(manifest["finished"]),
            counted=_clock(moment),
        ),
    )
    yield "standards", words("document.standards")
    yield "detected", _detected(data, words)
    yield "undetected", _undetected(data, words)
    yield "excluded", _excluded(data, words)
    yield "unread_parts", words("document.unread", count=f"{manifest['counters']['unread']:,}")
    yield "method", _method(data, words, words(f"document.list.{document}"))
    yield "deduplication", _deduplication(count.content["asked"], words)
    yield "summary", _summary(data, words)
    yield "rules", "\n".join(rule_sentences(data.tables, words))
    yield "verified", words("statement.space").join(sample_sentences(data, words))
    yield "annexes", _annexes(data, words, words(f"document.list.{document}"), annexes)
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


def _clock(moment: str) -> str:
    """Return a moment without its zone: ``2026-11-28T04:49:31+08:00 -> 2026-11-28 04:49:31``."""
    return moment[:19].replace("T", " ")


def _detected(data: CaseData, words: Words) -> str:
    """Return the kinds of personal information that were found, with their distinct values."""
    found = [row for row in data.tables["kinds"] if row["class"] == "person" and row["hits"]]
    if not found:
        return words("document.found_none")
    kinds = [
        words(
            "statement.summary.kind",
            name=words.name("entities", row["entity"]),
            count=f"{row['distinct']:,}",
        )
        for row in sorted(found, key=lambda row: -row["distinct"])
    ]
    return words("document.found", kinds=words("statement.comma").join(kinds))


def _undetected(data: CaseData, words: Words) -> str:
    """Return the kinds of personal information that were searched for and not found."""
    found = {row["entity"] for row in data.tables["kinds"] if row["hits"]}
    owners = data.case.manifest.content["whose"]
    kinds = [
        words.name("entities", entity)
        for entity, owner in sorted(owners.items())
        if owner == "person" and entity not in found
    ]
    if not kinds:
        return words("document.missing_none")
    return words("document.missing", kinds=words("statement.comma").join(kinds))


def _excluded(data: CaseData, words: Words) -> str:
    """Return the sentence on the exclusion list: its lines and the records they exclude."""
    rows = data.tables.get("exclusions", ())
    if not rows:
        return words("document.excluded_none")
    records = sum(row["records"] for row in rows)
    return words("document.excluded", lines=f"{len(rows):,}", records=f"{records:,}")


def _method(data: CaseData, words: Words, list_name: str) -> str:
    """Return the sentences of the statement on reading, detection and storage."""
    manifest, settings = data.case.manifest.content, data.case.manifest.content["settings"]
    fields = {
        "files": f"{len(manifest['sources']):,}",
        "tool": f"piiscan {manifest['tool']['version']}",
        "score": settings["min_score"],
        "as_of": settings["as_of"],
        "list": list_name,
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
    ladder = dict.fromkeys(_STEPS, "0")  # a case without records has no ladder
    steps = [row for row in data.tables["ladder"] if row["scope_kind"] == "total"]
    ladder |= {row["step"]: f"{row['count']:,}" for row in steps}
    unconfirmed = next((row["unconfirmed"] for row in steps if row["step"] == "R0"), 0)
    person = {row["entity"] for row in data.tables["kinds"] if row["class"] == "person"}
    kinds = sorted(
        (row["distinct"], row["entity"])
        for row in data.tables["elements"]
        if row["scope_kind"] == "total" and row["distinct"] and row["entity"] in person
    )[::-1][:_SUMMARY_KINDS]
    comma = words("statement.comma")
    files = f"{len(data.tables['sources']):,}"
    sentences = [words("statement.summary.ladder", files=files, **ladder)]
    if unconfirmed:
        sentences.append(words("statement.summary.layers", count=f"{unconfirmed:,}"))
    told = category_sentence(data.tables, words)
    sentences.append(words("statement.summary.count", R4=ladder["R4"], R5=ladder["R5"], terms=told))
    if kinds:
        each = [
            words("statement.summary.kind", name=words.name("entities", e), count=f"{n:,}")
            for n, e in kinds
        ]
        sentences.append(words("statement.summary.kinds", kinds=comma.join(each)))
    sentences.append(words("statement.summary.verify"))
    return words("statement.space").join(sentences)


#: File name of a report -> key of its title.
_ANNEX_KEYS: Final = {"report.html": "statement.annex_html", "report.xlsx": "statement.annex_xlsx"}


def _annexes(data: CaseData, words: Words, list_name: str, handed: Mapping[str, str] | None) -> str:
    """Return the numbered annexes: the data list and each file handed over with the document."""
    files = _logged_reports(data) if handed is None else handed
    annexes = [
        words(
            "statement.annex",
            file=f"{words(_ANNEX_KEYS[file])} {file}" if file in _ANNEX_KEYS else file,
            sha256=sha256,
        )
        for file, sha256 in sorted(files.items())
    ]
    lines = [words("statement.list", list=list_name), *annexes]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def _logged_reports(data: CaseData) -> dict[str, str]:
    """Return name -> SHA-256 of the pages and workbooks that the log of the case names."""
    case = data.case.path
    return {
        each.name: each.sha256
        for each in recorded_files(case).of_kind("report")
        if each.name.endswith((".xlsx", ".html")) and is_verified(case, each.name, each.sha256)
    }
