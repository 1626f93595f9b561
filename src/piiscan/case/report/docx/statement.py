"""What placeholders of a template stand for: the 提取说明 and the 电子数据清单 of a case.

Only what was counted is told, in the words «经去重后符合…规则的记录»; the rest is for a person.
Texts come from the case, or from people (``--field``), whose word goes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from piiscan.case.report.case_data import Gathered
from piiscan.case.report.cover import key_order
from piiscan.case.report.custody import counted_at
from piiscan.case.report.docx.template import Filled, Group, Values, fill_template, plain
from piiscan.case.report.table_files import cell
from piiscan.case.store import audit_log
from piiscan.errors import CaseError
from piiscan.pages.wording import LANGUAGES, Words, wording

#: Texts that only a person knows; a line to write on stands where they are not given.
ASKED: Final = ("client", "examiner_1", "examiner_2", "office")
_LINE: Final = "＿＿＿＿＿＿"

#: Groups of rows, and of which columns of which table they are made.
_GROUPS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "material": (
        "inventory",
        ("source", "item", "path", "file_class", "file_format", "size", "sha256", "sm3", "state"),
    ),
    "kind_rows": ("kinds", ("entity", "hits", "valid", "refuted", "distinct")),
    "ladder_rows": ("ladder", ("step", "count", "fell")),
}
#: Kinds named in the summary; the rest is in the tables.
_NAMED: Final = 6


@dataclass(frozen=True, slots=True)
class Statement:
    """A document that was filled in, and which of its names are still empty or unknown."""

    content: bytes = field(repr=False)
    empty: tuple[str, ...]
    unknown: tuple[str, ...]
    used: int


def fill_statement(
    gathered: Gathered, template: bytes, words: Words, fields: Mapping[str, str]
) -> Statement:
    """``template`` filled in for a case; ``fields`` are texts that people give, by any name.

    CaseError if the case has no count, or the template cannot be used.
    """
    if gathered.count is None:
        path = gathered.case.path
        raise CaseError(f"{path} has no count yet; make one first (piiscan count)")
    given = dict(_given(fields))
    values = Values(
        {**dict(texts(gathered, words)), **given}, dict(_groups(gathered, words)), _others()
    )
    filled: Filled = fill_template(template, values)
    empty = [name for name in ASKED if name in filled.used and name not in given]
    names = tuple(words(f"field.{name}") for name in empty)
    return Statement(filled.content, names, filled.unknown, len(filled.used))


def _given(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    others = _others()
    for name, text in fields.items():
        yield others.get(plain(name), plain(name)), text


@cache
def _others() -> dict[str, str]:
    """Every name of a field, group or column in either language -> the one that is used here."""
    told = wording()
    columns = {each: told["column"][each] for _, names in _GROUPS.values() for each in names}
    found: dict[str, str] = {}
    for entries in (columns, told["field_column"], told["field_group"], told["field"]):
        for key, entry in entries.items():
            found |= {plain(entry[language]): key for language in LANGUAGES}
    return found


def _groups(gathered: Gathered, words: Words) -> Iterator[tuple[str, Group]]:
    for name, (table, columns) in _GROUPS.items():
        rows = gathered.tables.get(table, ())
        if table == "ladder":
            rows = [row for row in rows if row["scope_kind"] == "total"]
        yield (
            name,
            Group(
                columns,
                [{c: _plain(cell(c, row, words), c) for c in columns} for row in rows],
            ),
        )


def _plain(value: object, column: str) -> str:
    """A cell as a document has it: numbers in groups of thousands."""
    return f"{value:,}" if isinstance(value, int) and column != "source" else str(value)


def texts(gathered: Gathered, words: Words) -> Iterator[tuple[str, str]]:
    """Name -> text of everything that the case knows, and a line for what it does not."""
    manifest, count = gathered.case.manifest.content, gathered.count
    if count is None:
        return
    line = counted_at(gathered.case, count)
    moment = str(line["time"]) if line is not None else str(manifest["finished"])
    year, month, day = moment[:10].split("-")
    sizes = [row["size"] for row in gathered.tables["sources"]]
    yield from dict.fromkeys(ASKED, _LINE).items()
    yield "case_number", manifest["case_number"] or _LINE
    yield "operator", manifest["operator"] or _LINE
    yield "date", words("statement.date", year=year, month=int(month), day=int(day))
    yield "files", f"{len(sizes):,}"
    yield "bytes", f"{sum(sizes):,}"
    yield "unread", f"{manifest['counters']['unread']:,}"
    yield "tool", f"piiscan {manifest['tool']['version']}"
    yield "code_sha256", manifest["tool"]["code_sha256"]
    yield "catalogue_sha256", manifest["settings"]["catalogue"]
    yield "manifest_sha256", gathered.case.manifest.sha256
    yield "count_sha256", count.sha256
    yield "material", _material(gathered, words)
    yield "method", _method(gathered, words)
    yield "deduplication", _deduplication(count.content["asked"], words)
    yield "summary", _summary(gathered, words)
    yield "annexes", _annexes(gathered, words)
    yield "notice", words("statement.notice")


def _material(gathered: Gathered, words: Words) -> str:
    """The items of the register with their files, else how many files there are."""
    items: dict[str, list[int]] = {}
    for row in gathered.tables["inventory"]:
        items.setdefault(row["item"] or "", []).append(row["size"])
    told = [
        words(
            "statement.item" if item else "statement.no_item",
            item=item,
            files=f"{len(sizes):,}",
            bytes=f"{sum(sizes):,}",
        )
        for item, sizes in sorted(items.items(), key=lambda each: (not each[0], each[0]))
    ]
    return "\n".join(told)


def _method(gathered: Gathered, words: Words) -> str:
    manifest, settings = gathered.case.manifest.content, gathered.case.manifest.content["settings"]
    told = {
        "files": f"{len(manifest['sources']):,}",
        "tool": f"piiscan {manifest['tool']['version']}",
        "score": settings["min_score"],
        "as_of": settings["as_of"],
    }
    return "\n".join(words(f"statement.method.{n}", **told) for n in ("read", "find", "keep"))


def _deduplication(asked: Mapping[str, Any], words: Words) -> str:
    told = [
        words("statement.dedup.rows"),
        words("statement.dedup.keys", keys=key_order(asked["key_priority"], words)),
    ]
    if asked["since"] or asked["until"]:
        told.append(
            words("statement.dedup.days", since=asked["since"] or "", until=asked["until"] or "")
        )
    if asked["exclusions"]:
        told.append(words("statement.dedup.excluded", sha256=asked["exclusions"]))
    return "\n".join([*told, words("statement.dedup.failed")])


def _summary(gathered: Gathered, words: Words) -> str:
    """The sentence with the count: «经去重后符合…规则的记录共计…条», and what led to it."""
    ladder = {
        row["step"]: f"{row['count']:,}"
        for row in gathered.tables["ladder"]
        if row["scope_kind"] == "total"
    }
    person = {row["entity"] for row in gathered.tables["kinds"] if row["class"] == "person"}
    kinds = sorted(
        (row["distinct"], row["entity"])
        for row in gathered.tables["elements"]
        if row["scope_kind"] == "total" and row["distinct"] and row["entity"] in person
    )[::-1][:_NAMED]
    comma = words("statement.comma")
    names = comma.join(words.name("entities", entity) for _, entity in kinds)
    told = [
        words("statement.summary.ladder", files=f"{len(gathered.tables['sources']):,}", **ladder)
    ]
    told.append(words("statement.summary.count", names=names, R5=ladder["R5"]))
    if kinds:
        each = [
            words("statement.summary.kind", name=words.name("entities", e), count=f"{n:,}")
            for n, e in kinds
        ]
        told.append(words("statement.summary.kinds", kinds=comma.join(each)))
    told.append(words("statement.summary.verify"))
    if gathered.sample is not None:
        told.append(words("statement.summary.sampled"))
    return words("statement.space").join(told)


#: What reports under the names that piiscan gives them are called.
_CALLED: Final = {
    "report.html": "statement.annex_html",
    "report.xlsx": "statement.annex_xlsx",
}


def _annexes(gathered: Gathered, words: Words) -> str:
    """The list of electronic data, and the reports that the case's log knows."""
    path = gathered.case.path
    told = {
        str(event.get("file")): event.get("sha256")
        for event in audit_log.read(path / "log.jsonl")
        if event.get("event") == "report"
    }
    kept = [
        words(
            "statement.annex",
            file=f"{words(_CALLED[file])} {file}" if file in _CALLED else file,
            sha256=sha256,
        )
        for file, sha256 in sorted(told.items())
        if file.endswith((".xlsx", ".html")) and (path / file).is_file()
    ]
    lines = [words("statement.list"), *kept]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
