"""Report cover: facts about case and tool, the main figures, and notes on reading the tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from piiscan.case.count.subjects.judgements import count_reviews
from piiscan.case.report.case_data import CaseData
from piiscan.case.report.custody import count_event, head_text
from piiscan.wording.words import Words

#: (name, value) of a fact or figure.
Fact = tuple[str, str | int]

#: Keys of the notes on reading the tables.
READING_KEYS: Final = (
    "page.notice", "cover.matches", "page.rules.hits", "page.rules.valid", "page.rules.refuted",
    "page.rules.distinct", "page.rules.records", "sheet.note.units", "tiers.ratio", "cover.never",
)  # fmt: skip

#: Section of the wording with the names of key kinds.
_KEY_SECTION: Final = "key_order"


def case_facts(data: CaseData, words: Words) -> Iterator[Fact]:
    """Yield (name, value) facts: who made the case, when, and with which tool.

    The same case gives the same facts at any time.
    """
    manifest = data.case.manifest.content
    tool, settings = manifest["tool"], manifest["settings"]
    yield words("page.case_number"), manifest["case_number"] or words("sheet.unknown")
    yield words("page.operator"), manifest["operator"] or words("sheet.unknown")
    yield words("page.started"), manifest["started"]
    yield words("page.finished"), manifest["finished"]
    yield words("page.as_of"), settings["as_of"]
    yield words("page.tool"), f"piiscan {tool['version']}, Python {tool['python']}"
    yield words("cover.code"), tool["code_sha256"]
    yield words("page.catalogue"), settings["catalogue"]
    yield words("page.manifest"), data.case.manifest.sha256
    yield words("page.head"), head_text(data.case, data.count, words)
    yield from _count_facts(data, words)


def _count_facts(data: CaseData, words: Words) -> Iterator[Fact]:
    """Yield (name, value) facts of the count: time, checksum, key order, period, policies."""
    count = data.count
    if count is None:
        yield words("cover.count"), words("sheet.never")
        return
    line = count_event(data.case, count)
    request = count.content["asked"]
    yield words("cover.counted"), str(line["time"]) if line is not None else words("sheet.unknown")
    yield words("cover.count"), count.sha256
    yield words("cover.keys"), key_order(request["key_priority"], words)
    if request["since"] or request["until"]:
        yield words("cover.period"), f"{request['since'] or ''} — {request['until'] or ''}"
    for name in ("register", "exclusions", "profile"):
        if request.get(name):
            yield words(f"cover.{name}"), str(request[name])
    if request["judged"]:
        waiting = count_reviews(data.case, request["judged"])
        yield words("cover.review"), words("statement.summary.review", count=f"{waiting:,}")
    for name, rule in request["rules"].items():
        title = f"{words.name('rules', name)} {rule['version']}"
        yield words("cover.rule", name=title), rule["sha256"]


def key_order(text: str, words: Words) -> str:
    """Return a count's key order in words: ``phone>identity -> phone > identity number``.

    >>> key_order("phone>identity; *微信*=account", Words("en"))
    'phone > identity number; *微信*: account'
    """
    orders = []
    for group in text.split("; "):
        pattern, sign, order = group.rpartition("=")
        kinds = " > ".join(words(f"{_KEY_SECTION}.{kind}") for kind in order.split(">"))
        orders.append(f"{pattern}{words('sheet.colon')}{kinds}" if sign else kinds)
    return "; ".join(orders)


def count_figures(data: CaseData, words: Words) -> Iterator[Fact]:
    """Yield (name, number) figures of the whole case: records at ladder steps, and units."""
    for row in data.tables.get("ladder", ()):
        if row["scope_kind"] == "total":
            yield words(f"ladder_step.{row['step']}"), row["count"]
    for row in data.tables.get("units", ()):
        if row["scope_kind"] == "total":
            for unit in ("U1", "U2", "U2_rows", "U4", "bare_distinct"):
                yield words(f"column.{unit}"), row[unit]


def reading_notes(words: Words) -> list[str]:
    """Return the sentences that explain how to read the tables."""
    return [words(key) for key in READING_KEYS]
