"""What stands in front of the tables: the case, tool and rules, checksums, how to read it all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from piiscan.case.report.case_data import Gathered
from piiscan.case.report.custody import counted_at
from piiscan.pages.wording import Words

#: A fact or figure and what it is called.
Fact = tuple[str, str | int]

#: How to read the tables, by the keys of the sentences.
READING: Final = (
    "page.notice", "cover.matches", "page.rules.hits", "page.rules.valid", "page.rules.refuted",
    "page.rules.distinct", "page.rules.records", "sheet.note.units", "tiers.ratio", "cover.never",
)  # fmt: skip

#: Kinds of key and the section of the wording that names them.
_KEYS: Final = "key_order"


def facts(gathered: Gathered, words: Words) -> Iterator[Fact]:
    """Who, when and with what; the same case gives the same facts, whatever the clock says."""
    manifest = gathered.case.manifest.content
    tool, settings = manifest["tool"], manifest["settings"]
    yield words("page.case_number"), manifest["case_number"] or words("sheet.unknown")
    yield words("page.operator"), manifest["operator"] or words("sheet.unknown")
    yield words("page.started"), manifest["started"]
    yield words("page.finished"), manifest["finished"]
    yield words("page.as_of"), settings["as_of"]
    yield words("page.tool"), f"piiscan {tool['version']}, Python {tool['python']}"
    yield words("cover.code"), tool["code_sha256"]
    yield words("page.catalogue"), settings["catalogue"]
    yield words("page.manifest"), gathered.case.manifest.sha256
    yield from _counted(gathered, words)


def _counted(gathered: Gathered, words: Words) -> Iterator[Fact]:
    count = gathered.count
    if count is None:
        yield words("cover.count"), words("sheet.never")
        return
    line = counted_at(gathered.case, count)
    asked = count.content["asked"]
    yield words("cover.counted"), str(line["time"]) if line is not None else words("sheet.unknown")
    yield words("cover.count"), count.sha256
    yield words("cover.keys"), key_order(asked["key_priority"], words)
    if asked["since"] or asked["until"]:
        yield words("cover.period"), f"{asked['since'] or ''} — {asked['until'] or ''}"
    for name in ("register", "exclusions", "profile"):
        if asked.get(name):
            yield words(f"cover.{name}"), str(asked[name])
    for name, rule in asked["rules"].items():
        told = f"{words.name('rules', name)} {rule['version']}"
        yield words("cover.rule", name=told), rule["sha256"]


def key_order(text: str, words: Words) -> str:
    """The order of keys that a count was made with, in words.

    >>> key_order("phone>identity; *微信*=account", Words("en", {}))
    'phone > identity number; *微信*: account'
    """
    told = []
    for group in text.split("; "):
        pattern, sign, order = group.rpartition("=")
        kinds = " > ".join(words(f"{_KEYS}.{kind}") for kind in order.split(">"))
        told.append(f"{pattern}{words('sheet.colon')}{kinds}" if sign else kinds)
    return "; ".join(told)


def figures(gathered: Gathered, words: Words) -> Iterator[Fact]:
    """The ladder and the units of the whole case."""
    for row in gathered.tables.get("ladder", ()):
        if row["scope_kind"] == "total":
            yield words(f"ladder_step.{row['step']}"), row["count"]
    for row in gathered.tables.get("units", ()):
        if row["scope_kind"] == "total":
            for unit in ("U1", "U2", "U2_people", "U4", "bare_distinct"):
                yield words(f"column.{unit}"), row[unit]


def reading(words: Words) -> list[str]:
    """How the tables are to be read, sentence by sentence."""
    return [words(key) for key in READING]
