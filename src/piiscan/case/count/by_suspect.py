"""Figures of each suspect and joint group, from other tables: a prosecutor's first page.

``王某 | 合计（UF） | 2,356 | 2,310``. Every figure stands in one of the other tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, Final

from piiscan.case.count.dealing_money import lines_of
from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.case.tiers.crossings import amount_text, crossing_texts
from piiscan.case.tiers.ratio_table import ratio_rows
from piiscan.case.tiers.tier_cells import CATEGORY
from piiscan.case.tiers.total_terms import TERMS, check_sum
from piiscan.pages.report_table import (
    EVERYWHERE,
    ReportTable,
    Row,
    Rows,
    TableColumn,
    numbers,
)
from piiscan.wording.words import Words, section

#: Most parties named in a line; the tables of the flow have all.
_MOST_PARTIES: Final = 8
#: Entries that the terminal shows.
_MAIN_ENTRIES: Final = ("total", "held", "other_keyed", "unroled", "unconfirmed", "crossings")
#: Terms of a total that are printed if they are 0, too.
_MAIN_TERMS: Final = ("sold", "not_sold")
#: Codes of rule times that need no remark: the rule governs.
_USUAL_TIMES: Final = ("IN_FORCE", "ONLY", "NO_EARLIER")
#: Entries that a document leaves to its tables: terms of the total have them.
_ANNEXED: Final = ("sold_distinct", "not_sold", "bare")
#: Unit -> column of its numbers.
_UNIT_COLUMNS: Final = {
    **dict.fromkeys(("UF_rows", "U1d"), "by_rows"),
    **dict.fromkeys(("UF", "U2"), "by_keys"),
    "UF_persons": "by_persons",
}
#: Reasons by which a person or the period left records out.
_EXCLUSIONS: Final = ("EXCLUDED", "OUTSIDE_PERIOD", "UNDATED", "JUDGED_FALSE")


def _suspects(context: TableContext) -> list[dict[str, Any]]:
    """Return ``by_suspect`` of the case."""
    return suspect_rows(context.tables, _unread_by_suspect(context))


def _unread_by_suspect(context: TableContext) -> dict[str, int]:
    """Return suspect -> number of parts of his items that were not read (``lost`` of ERRORS).

    The key ``""`` has the number of the whole case.
    """
    if not context.case.errors.num_rows:
        return {}
    context.connection.register("errors_given", context.case.errors)
    return dict(
        context.connection.execute(
            "select suspect, count(*) from (select distinct source, suspect from placed) p"
            " join errors_given e using (source) where e.lost and suspect is not null group by all"
            " union all select '', count(*) from errors_given where lost"
        ).fetchall()
    )


def suspect_rows(tables: Rows, unread: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return ``by_suspect``: rows per suspect by falling total, then per joint group.

    A case without suspects has the rows of the whole case.

    Args:
        tables: the other tables of the count.
        unread: suspect -> number of parts of his items that were not read; ``""``: of the case.
    """
    suspects = dict.fromkeys(
        row["scope"] for row in tables["ladder"] if row["scope_kind"] == "suspect"
    )
    dealers = dict.fromkeys(
        row["suspect"]
        for row in tables["flow_total"]
        if row["suspect"] is not None and row["registered"]
    )
    groups = {row["group"]: row for row in tables["flow_groups"]}
    found = [
        list(_Figures(tables, "suspect", name).rows(unread.get(name, 0)))
        for name in {**suspects, **dealers}
    ]
    found.sort(key=lambda rows: -rows[0]["by_keys"])
    found += [list(_Figures(tables, "group", name).rows(0)) for name in groups]
    found = found or [list(_Figures(tables, "total", "total").rows(unread.get("", 0)))]
    return list(chain.from_iterable(found))


@dataclass(frozen=True)
class _Figures:
    """The figures of one suspect or group, from the tables of the count."""

    tables: Rows
    kind: str
    name: str

    def rows(self, unread: int) -> Iterator[dict[str, Any]]:
        """Yield the rows of this suspect or group."""
        yield from self._headline()
        yield from self._crossings()
        yield from self._weights()
        if self.total:
            yield from self._dealings()
        yield from self._groups()
        yield from self._code_pairs()
        yield from self._money()
        yield from self._found()
        excluded = [
            [f"reasons.{row['reason']}", row["count"]]
            for row in self._of("ladder_reasons")
            if row["reason"] in _EXCLUSIONS
        ]
        if excluded:
            yield self._row("excluded", by_rows=sum(n for _, n in excluded), parts=excluded)
        if self.kind != "group":
            yield self._row("unread", sentences=[["by_suspect.places", {"count": unread}]])
        if made_up := {
            row["source"]
            for row in self.tables["alarms"]
            if row["alarm"] == "CHECKS_FAIL"
            and (self.kind == "total" or self.name in (row["suspect"] or "").split("、"))
        }:
            yield self._row("made_up", sentences=[["by_suspect.places", {"count": len(made_up)}]])

    @cached_property
    def total(self) -> Row | None:
        """Return the row of ``flow_total`` or ``flow_groups``; None if there is no transfer."""
        table, column = self._names("flow_total", "flow_groups")
        rows = [row for row in self.tables[table] if row[column] == self.name]
        dealt = [row for row in rows if row["flow_total_high"] or row["lawful"] or row["internal"]]
        return dealt[0] if dealt else None

    def _headline(self) -> Iterator[dict[str, Any]]:
        """Yield the totals in each unit: of transfers if there are any, else of all findings.

        Each has its terms beside it. Raise CountError if they do not add up.
        """
        totals = [sum(term["count"] for term in self._terms(unit)) for unit in self._units]
        for unit, total in zip(self._units, totals, strict=True):
            check_sum(self.name, total, self._sum_terms[unit])
        keys, of_units = totals[1], list(self._sum_terms.values())
        chosen = [
            term
            for term in TERMS
            if any(terms.get(term) for terms in of_units)
            or (term in _MAIN_TERMS and term in of_units[1])
        ]
        parts: list[Sequence[Any]] = [
            [f"by_suspect.{term}", "／".join(f"{terms[term]:,}" for terms in of_units)]
            for term in chosen
            if len(chosen) > 1
        ]
        if self.total:
            persons = totals[2]
        else:
            persons = sum(row["count"] for row in self._of("ladder") if row["step"] == "R6")
            keys -= of_units[1].get("bare", 0)
        if self.total and self.total["flow_total_high"] > self.total["flow_total"]:
            parts.append(["by_suspect.with_open", self.total["flow_total_high"]])
        entry, differ = "total" if self.total else "held", f"{abs(keys - persons):,}"
        told = [["by_suspect.persons_differ", {"count": differ}]] if persons != keys else []
        yield self._row(entry, totals[0], totals[1], parts, by_persons=persons, sentences=told)
        if any(other := self._added("other_key")):
            more = "／".join(f"{n + m:,}" for n, m in zip(totals, other, strict=True))
            parts = [["by_suspect.with_other_key", more]]
            of_persons = other[2] if self.total else None
            yield self._row("other_keyed", other[0], other[1], parts, by_persons=of_persons)

    def _added(self, scenario: str) -> list[int]:
        """Return the number that a reading adds to the total, in each unit."""
        found = {
            row["unit"]: row["count"]
            for row in self._of("tier_scenarios")
            if (row["policy"], row["scenario"], row["row_tier"])
            == (first_policy(self.tables), scenario, "highest")
        }
        return [found.get(unit, 0) for unit in self._units]

    @cached_property
    def _sum_terms(self) -> dict[str, dict[str, int]]:
        """Return unit of the totals -> the terms that add up to them."""
        found: dict[str, dict[str, int]] = {unit: {} for unit in self._units}
        for row in self._of("total_terms"):
            if row["unit"] in found and row["term"] in TERMS:
                found[row["unit"]][row["term"]] = row["count"]
        return found

    @property
    def _units(self) -> tuple[str, ...]:
        """Return the units by which this scope is weighed: of rows, of keys, of persons."""
        return ("UF_rows", "UF", "UF_persons") if self.total else ("U1d", "U2")

    def _crossings(self) -> Iterator[dict[str, Any]]:
        """Yield a row per policy with the lines that are crossed under all, some, no readings."""
        by_policy: dict[str, list[Row]] = {}
        for row in self._of("tier_crossings"):
            by_policy.setdefault(row["policy"], []).append(row)
        for policy, crossings in by_policy.items():
            times = [row for row in self._of("rule_times") if row["policy"] == policy]
            told = [row["rule_time"] for row in times if row["rule_time"] not in _USUAL_TIMES]
            amounts: list[Row] = []
            for row in crossings:
                amounts += [each for each in row["money"] or () if each not in amounts]
            yield self._row(
                "crossings", policy=policy, crossings=crossings, amounts=amounts, times=told
            )

    def _weights(self) -> Iterator[dict[str, Any]]:
        """Yield the ratios of each policy with their lowest and highest reading, then the terms."""
        by_policy: dict[str, list[Row]] = {}
        for row in ratio_rows(self._of("tier_scenarios")):
            if row["unit"] in self._units:
                by_policy.setdefault(row["policy"], []).append(row)
        for policy, ratios in by_policy.items():
            yield self._row("ratio", policy=policy, ratios=ratios)
        if terms := self._terms(self._units[1]):
            yield self._row("categories", None, sum(row["count"] for row in terms), terms=terms)
        yield from self._events()

    def _dealings(self) -> Iterator[dict[str, Any]]:
        """Yield the keys acquired from each person, and those given to each."""
        assert self.total is not None
        total = self.total
        buyers_table, column = self._names("flow_buyers", "flow_group_buyers")
        buyers = [row for row in self.tables[buyers_table] if row[column] == self.name]
        givers: list[list[Any]] = []
        if self.kind == "suspect":
            givers = [
                [row["suspect"], row["distinct"]]
                for row in self.tables["flow_buyers"]
                if row["buyer"] == self.name
            ]
            unnamed = sum(
                row["distinct"] or 0
                for row in self.tables["transfers"]
                if row["taker"] == self.name and row["giver"] is None and row["number"]
            )
            givers += [[None, min(unnamed, total["acquired"])]] if unnamed else []
        parts = [["by_suspect.open", total["acquired_high"] - total["acquired"]]]
        parts += [["by_suspect.lawful", total["lawful"]]]
        if sum(count for _, count in givers) > total["acquired"]:
            parts += [["by_suspect.overlapping", total["acquired"]]]
        yield self._term("acquired", _filled(parts), givers)
        takers = [[row["buyer"], row["distinct"]] for row in buyers]
        more = self._sum_terms["UF"].get("sold", 0) - sum(number for _, number in takers)
        if takers:  # less than their sum only by recovered data, which is a term of its own
            why = "by_suspect.kinds" if more > 0 else "by_suspect.recovered"
            yield self._term("sold", _filled([[why, more]]), takers)
        if total["sold_sum"] != total["sold_distinct"]:
            yield self._term("sold_distinct")
        for term in ("not_sold", "bare"):
            if term == "not_sold" or self._sum_terms["UF"].get(term):
                yield self._term(term)
        rows, keys, persons = self._added("unroled")
        if rows or keys or persons:
            yield self._row("unroled", rows, keys, by_persons=persons)
        if total["internal"]:
            yield self._row("internal", None, total["internal"])
        if total.get("lost_records"):
            yield self._row("lost", total["lost_records"])

    def _term(self, term: str, *beside: Sequence[Sequence[Any]]) -> dict[str, Any]:
        """Return the row of a term of the total in each unit, or of a figure beside it."""
        assert self.total is not None
        rows, keys, persons = (terms.get(term) for terms in self._sum_terms.values())
        if term not in TERMS:
            keys, persons = self.total[term], self.total[f"{term}_persons"]
        return self._row(term, rows, keys, *beside, by_persons=persons)

    def _groups(self) -> Iterator[dict[str, Any]]:
        """Yield the group's members, or the groups of a suspect (同案人员组)."""
        told = [
            [
                "by_suspect.in_group",
                {"group": row["group"], "members": row["members"], "total": f"{total:,}"},
            ]
            for row in self.tables["flow_groups"]
            if self.name in (row["group"], *row["members"].split("、"))
            for terms in [category_terms(self.tables, "group", row["group"], "UF")]
            for total in [sum(term["count"] for term in terms)]
        ]
        if self.kind != "total":
            yield self._row("groups", sentences=told or [["by_suspect.no_group", {}]])

    def _found(self) -> Iterator[dict[str, Any]]:
        """Yield the steps of the ladder, rows whose key fails its check, and contained rows."""
        steps = {row["step"]: row["count"] for row in self._of("ladder")}
        if steps:
            parts = [[f"ladder_step.{step}", count] for step, count in steps.items()]
            yield self._row("found", steps["R4"], steps["R5"], parts, by_persons=steps["R6"])
        failed = [
            row
            for row in self._of("ladder_reasons")
            if row["step"] == "R3" and not row["kept"] and row["reason"] not in _EXCLUSIONS
        ]
        if failed:
            parts = [[f"reasons.{row['reason']}", row["count"]] for row in failed]
            parts += [["by_suspect.other_key", sum(row["other_key"] or 0 for row in failed)]]
            yield self._row("failed", sum(row["count"] for row in failed), parts=parts)
        if unconfirmed := sum(r["unconfirmed"] for r in self._of("ladder") if r["step"] == "R3"):
            yield self._row("unconfirmed", unconfirmed)
        for row in self._of("contained"):
            yield self._row("contained", row["contained"])

    def _events(self) -> Iterator[dict[str, Any]]:
        """Yield the events of each confirmed category, with the persons beside them."""
        found: dict[str, dict[str, Row]] = {}
        for row in self._of("events"):
            if row["policy"] == first_policy(self.tables):
                found.setdefault(row["category"], {})[row["event_reading"]] = row
        for category, readings in found.items():
            usual = next(row for row in readings.values() if row["default"])
            persons = readings["subjects"]["count"]
            parts = [[f"{usual['policy']}.{category}", usual["count"]]]
            told = [["keys_of.other", {"count": f"{persons:,}"}]]
            yield self._row("events", usual["count"], persons, parts, sentences=told)

    def _code_pairs(self) -> Iterator[dict[str, Any]]:
        """Yield the row of phones with a code in chats: the number, and that of confirmed ones."""
        scope = {"suspect": self.name, "total": None}.get(self.kind, "")
        pairs = [row for row in self.tables["code_pairs"] if row["suspect"] == scope]
        if pairs:
            confirmed = sum(row["confirmed"] for row in pairs)
            yield self._row("code_pairs", len(pairs), None, [["by_suspect.confirmed", confirmed]])

    def _money(self) -> Iterator[dict[str, Any]]:
        """Yield the money of the listed transfers: received, then paid."""
        for entry, side in (("received", "giver"), ("paid", "taker")):
            sums: dict[str, Decimal] = {}
            for row in lines_of(self.tables["transfers"], self.kind, self.name, side):
                if row["money"]:
                    basis = f"rests_on.{row['rests_on']}"
                    sums[basis] = sums.get(basis, Decimal(0)) + Decimal(row["money"])
            if sums:
                parts = [[basis, f"{amount:,.2f}"] for basis, amount in sorted(sums.items())]
                yield self._row(entry, parts=parts)

    def _terms(self, unit: str) -> list[dict[str, Any]]:
        """Return the categories of this scope by which ``unit`` is weighed."""
        return category_terms(self.tables, self.kind, self.name, unit)

    def _of(self, table: str) -> Sequence[Row]:
        """Return the rows of a table with this scope."""
        return [
            row
            for row in self.tables[table]
            if (row["scope_kind"], row["scope"]) == (self.kind, self.name)
        ]

    def _names(self, of_suspect: str, of_group: str) -> tuple[str, str]:
        """Return the table of this kind of scope, and its column with the name."""
        return (of_suspect, "suspect") if self.kind == "suspect" else (of_group, "group")

    def _row(
        self,
        entry: str,
        by_rows: int | None = None,
        by_keys: int | None = None,
        parts: Sequence[Sequence[Any]] = (),
        parties: Sequence[Sequence[Any]] = (),
        *,
        by_persons: int | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Return one row: entry, figures, and their remarks.

        ``parts``: key of a word or code of a rule, and a number. ``parties``: name or None, and a
        number. ``more``: sentences (key, fields), terms, ratios, lines and amounts.
        """
        beside = {"parts": [list(each) for each in parts], "parties": list(parties), **more}
        return {
            "scope_kind": self.kind,
            "scope": self.name,
            "entry": entry,
            "by_rows": by_rows,
            "by_keys": by_keys,
            "by_persons": by_persons,
            "beside": {name: value for name, value in beside.items() if value} or None,
        }


def first_policy(tables: Rows) -> str | None:
    """Return the first policy of the count, None if it has none."""
    return next((row["policy"] for row in tables["tiers"]), None)


def category_terms(tables: Rows, kind: str, scope: str, unit: str) -> list[dict[str, Any]]:
    """Return category, number and threshold of a scope under the first rule, full thresholds.

    A record of several categories is at its lowest threshold, so that the numbers add up to the
    total of ``unit``.
    """
    wanted = (kind, scope, unit, first_policy(tables), "highest", False)
    names = ("scope_kind", "scope", "unit", "policy", "row_tier", "insider")
    return [
        {name: row[name] for name in ("policy", "category", "count", "threshold")}
        for row in tables["tiers"]
        if row["category"] and tuple(row[name] for name in names) == wanted
    ]


def _filled(parts: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Return the parts with a number above 0."""
    return [part for part in parts if part[1]]


def _remarks(value: Any, _: Row, words: Words) -> str:
    """Return the parties, parts and lines beside a figure in words."""
    named = [
        (words("page.unnamed") if name is None else str(name), count)
        for name, count in value.get("parties", ())
    ]
    more = len(named) - _MOST_PARTIES
    named = named[:_MOST_PARTIES]
    named += [(_word(key, words), count) for key, count in value.get("parts", ())]
    texts = [f"{name} {_thousands(count)}" for name, count in named]
    texts += [words("by_suspect.more", count=more)] if more > 0 else []
    texts += [term_text(row, words, weighed=True) for row in value.get("terms", ())]
    texts += [words(key, **fields) for key, fields in value.get("sentences", ())]
    texts += [
        words(
            "by_suspect.weighed",
            unit=words(f"column.{_UNIT_COLUMNS[row['unit']]}"),
            halved=words("by_suspect.halved") if row["insider"] else "",
            **{name: row[name] for name in ("ratio", "ratio_from", "ratio_to")},
        )
        for row in value.get("ratios", ())
    ]
    texts += crossing_texts(value.get("crossings", ()), words)
    texts += [amount_text(row, words) for row in value.get("amounts", ())]
    told = words("explain.separator").join(texts)
    if policy := value.get("policy"):
        times = [words(f"rule_time.{each}") for each in value.get("times", ())]
        dated = f" ({words('explain.separator').join(times)})" if times else ""
        return f"{words.name('rules', policy)}{dated}{words('sheet.colon')}{told}"
    return told


def term_text(term: Row, words: Words, *, weighed: bool = False) -> str:
    """Return a category with its number in 人, 个 (accounts) or 份: ``姓名、电话等 91 人``.

    ``weighed``: True to add the threshold, ``÷ 5,000``.
    """
    category, threshold = term["category"], term["threshold"]
    unit = category if category in section("keys_of") else "other"
    counted = words(f"keys_of.{unit}", count=f"{term['count']:,}")
    divisor = f" ÷ {_thousands(threshold)}" if weighed and threshold is not None else ""
    return f"{CATEGORY.text(term, words)} {counted}{divisor}"


def _word(key: str, words: Words) -> str:
    """Return the word of a part: a reason, a category of a rule, or a sentence."""
    section, _, code = key.partition(".")
    if section == "reasons":
        return words.name("reasons", code)
    name = words.name("rules", key)
    return name if name != key else words(key)


def _thousands(count: int | str) -> str:
    """Return a number with a thousands separator; a text as it is."""
    return count if isinstance(count, str) else f"{count:,}"


def _entry(value: Any, row: Row, words: Words) -> str:
    """Return the name of an entry; of a heading, the suspect or group."""
    if value != "heading":
        return words(f"by_suspect.{value}")
    names = (str(column.text(row, words)) for column in (SCOPE_KIND, SCOPE))
    return words("sheet.colon").join(names)


def _headed_rows(tables: Rows) -> Iterator[Row]:
    """Yield the rows of a document: a heading, then half a page for each suspect or group."""
    for scope, rows in groupby(tables.get("by_suspect", ()), key=itemgetter("scope_kind", "scope")):
        first, *others = rows
        head = dict(zip(("scope_kind", "scope"), scope, strict=True))
        yield dict.fromkeys(first) | {**head, "entry": "heading"}
        yield from (row for row in (first, *others) if row["entry"] not in _ANNEXED)


def _main_rows(tables: Rows) -> Sequence[Row]:
    """Return the totals and the lines crossed, for the terminal."""
    return [row for row in tables.get("by_suspect", ()) if row["entry"] in _MAIN_ENTRIES]


BY_SUSPECT: Final = ReportTable(
    "by_suspect",
    (
        SCOPE_KIND.only_in(EVERYWHERE),
        SCOPE.only_in(EVERYWHERE),
        TableColumn("entry", shown=EVERYWHERE, wording=_entry, wraps=False),
        *numbers("by_rows", "by_keys", "by_persons", shown=EVERYWHERE),
        TableColumn("beside", shown=EVERYWHERE, wording=_remarks),
    ),
    section="T0",
    made_by="count",
    build=_suspects,
    notes=("sheet.note.by_suspect",),
    order=dict.fromkeys(
        ("page", "statement"), ("entry", "by_rows", "by_keys", "by_persons", "beside")
    ),
    rows={"summary": _main_rows, "statement": lambda tables: list(_headed_rows(tables))},
)
