"""Literal records: rows of a source, written as their findings.

``name:张三 phone:1 id:5!CHECK_FAIL`` is a row. ``^2010-03-05``: born on, ``@``: role, ``!``: the
finding is refuted for this reason, ``?``: the same, but not refuted, ``#``: column. ``+x``: text of
another cell, ``~x``: of a bookkeeping cell.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pyarrow as pa

from piiscan import CountRules, SourceRecords, count_records, literal_source
from piiscan.case.count.record_count import Tables
from piiscan.case.count.shipped_rules import shipped_rules
from piiscan.case.register import Register, read_register
from piiscan.schemas import TRANSACTIONS

KINDS: Final = {
    "name": "PERSON", "phone": "CN_MOBILE", "id": "CN_RESIDENT_ID", "address": "CN_ADDRESS",
    "wechat": "WECHAT_ID", "card": "CN_BANK_CARD", "code": "VERIFICATION_CODE",
    "number": "RECORD_NO", "plate": "CN_PLATE", "vin": "VIN", "imei": "IMEI",
    "fix": "GEO_COORDINATE", "masked": "MASKED", "virtual": "CN_VIRTUAL_NUMBER",
    "firm": "CN_USCC", "damaged": "DAMAGED", "waybill": "WAYBILL_NO",
    "template": "BIOMETRIC",
}  # fmt: skip
_FINDING: Final = re.compile(
    r"(\w+):([^@!?#^]+)(?:\^([\d-]+))?(?:@(\w+))?(?:([!?])(\w+))?(?:#(\d+))?"
)
RULES: Final = shipped_rules()


def findings(rows: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The findings of rows; the first is row 2."""
    for number, row in enumerate(rows, 2):
        for text in row.split():
            match = _FINDING.fullmatch(text)
            if match is None:  # text of a cell without a finding
                continue
            kind, value, born, role, sign, reason, column = match.groups()
            yield {
                "row": number,
                "entity": KINDS[kind],
                "value": value,
                "born": born,
                "role": role,
                "reason": None if reason == "LOW" else reason,
                "verdict": "refuted" if sign == "!" else "verified",
                "score": 0.3 if reason == "LOW" else 1.0,
                "column": int(column or 0),
                "cells": [cell for cell in row.split() if cell[0] == "+"],
                "bookkeeping": [cell for cell in row.split() if cell[0] == "~"],
                "under_14": "identity" if "+young" in row else None,
            }


def source(number: int, rows: Sequence[str], path: str = "", **more: Any) -> SourceRecords:
    return literal_source(
        number, path or f"{number}.csv", findings(rows), **{"rows": len(rows), **more}
    )


def counted(*files: Sequence[str], rules: CountRules = RULES, **more: Any) -> Tables:
    return count_records([source(n, rows, **more) for n, rows in enumerate(files, 1)], None, rules)


def register_of(*lines: str) -> Register:
    """The register of a sheet with these lines, the heading first."""
    return read_register("\n".join(lines).encode(), "register.csv")


def steps(tables: Tables, scope: str = "total", column: str = "count") -> list[int | None]:
    return [row[column] for row in tables["ladder"] if row["scope"] == scope]


def reasons(tables: Tables) -> dict[str, int]:
    """Reason and where, of rows that left the whole case -> their number."""
    return {
        row["reason"] + (f" {row['where']}" if row["where"] else ""): row["count"]
        for row in tables["ladder_reasons"]
        if row["scope_kind"] == "total" and row["count"] and not row["kept"]
    }


def only(tables: Tables, name: str, **wanted: Any) -> list[dict[str, Any]]:
    return [row for row in tables[name] if all(row[key] == value for key, value in wanted.items())]


def traded(one: SourceRecords, trades: Iterable[Mapping[str, Any]]) -> SourceRecords:
    """The source with these transactions: ``row``, ``status`` and other columns of each."""
    cells = [{"source": one.source, "member": "", "group": 0, **each} for each in trades]
    return replace(one, transactions=plain_rows(TRANSACTIONS, cells))


def plain_rows(schema: pa.Schema, cells: Iterable[Mapping[str, Any]]) -> pa.Table:
    """A table of ``schema`` with these cells, others null."""
    plain = pa.schema(
        [f.with_type(pa.string()) if pa.types.is_dictionary(f.type) else f for f in schema]
    )
    rows = [{name: each.get(name) for name in schema.names} for each in cells]
    return pa.Table.from_pylist(rows, plain).cast(schema)


def assert_conserved(tables: Tables) -> None:
    """Assert that each step is the one before without its reasons, in every scope.

    Both for rows and for subjects.
    """
    steps, reasons = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for row in tables["ladder"]:
        assert row["count"] >= 0
        place = row["scope_kind"], row["scope"], row["step"]
        steps["rows", *place], steps["subjects", *place] = (
            row["fell"] or 0,
            row["subjects_fell"] or 0,
        )
    for row in tables["ladder_reasons"]:
        assert row["count"] >= 0
        assert (row["subjects"] or 0) >= 0
        if not row["kept"] and row["step"] != "R0":
            place = row["scope_kind"], row["scope"], row["step"]
            reasons["rows", *place] += row["count"]
            reasons["subjects", *place] += row["subjects"] or 0
    assert min(steps.values(), default=0) >= 0
    assert +steps == +reasons
