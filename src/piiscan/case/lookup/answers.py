"""The answers of a look-up in words: rows for a terminal, CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from piiscan.case.report.table_files import safe
from piiscan.pages.sanitize import clean
from piiscan.pages.wording import Words

Row = Mapping[str, Any]

#: Columns of the answers, in order.
COLUMNS: Final = (
    "number", "asked", "how", "entity", "value", "place", "row", "letter", "header", "role",
    "item", "suspect", "record",
)  # fmt: skip
#: What a CSV has besides.
MORE: Final = ("source", "device", "holding", "layer", "trade")


def cells(row: Row, asked: Mapping[int, str], words: Words) -> dict[str, str | int]:
    """One answer in words, by COLUMNS and MORE; masked unless the row was revealed."""
    member = row["place"]
    value = row.get("value")
    return {
        "number": row["number"],
        "asked": clean(asked[row["number"]]),
        "how": words(f"how.{row['how']}"),
        "entity": words.name("entities", row["entity"]),
        "value": clean(row["masked"] if value is None else value),
        "place": clean(row["path"] + (f"!{member}" if member else "")),
        "row": row["row"],
        "letter": row["letter"],
        "header": clean(row["header"]),
        "role": words.name("roles", row["role"]) if row["role"] else "",
        "item": clean(row["of_item"]),
        "suspect": clean(row["of_suspect"]),
        "record": clean(record_text(row, words)),
        "source": row["source"],
        "device": clean(row["of_device"]),
        "holding": words(f"holding.{row['of_role']}") if row["of_role"] else "",
        "layer": words(f"layer.{row['of_layer']}") if row["of_layer"] else "",
        "trade": clean(trade_text(row, words)),
    }


def record_text(row: Row, words: Words) -> str:
    """The record around an answer: ``姓名：张*；手机号：138****8000``, or its cells if revealed."""
    colon, comma = words("asked.colon"), words("asked.comma")
    if "cells" in row:
        told = [f"{header}{colon}{cell}" if header else cell for header, cell in row["cells"]]
        return comma.join(told)
    told = [
        (each["header"] or words.name("entities", each["entity"])) + colon + each["masked"]
        for each in row["beside"]
    ]
    return comma.join(dict.fromkeys(told))


def trade_text(row: Row, words: Words) -> str:
    """What a list says of the record: obtained or sold, when, for how much."""
    told = []
    for each in row["trade"]:
        status = words(f"status.{each['status']}") if each["status"] else ""
        parts = [status, each["time"], each["party"], each["price"], each["channel"]]
        told.append(" ".join(str(part) for part in parts if part not in (None, "")))
    return words("asked.comma").join(told)


def answers_csv(rows: Sequence[Row], asked: Mapping[int, str], words: Words) -> bytes:
    """The answers as CSV in UTF-8 with BOM, CRLF; no cell that a spreadsheet would run."""
    out = io.StringIO()
    writer = csv.writer(out)
    names = (*COLUMNS, *MORE)
    writer.writerow([words(f"asked.{name}") for name in names])
    for row in rows:
        told = cells(row, asked, words)
        writer.writerow([safe(told[name]) for name in names])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def answer_json(row: Row, asked: Mapping[int, str]) -> dict[str, Any]:
    """One answer for a program: codes and English keys."""
    names = (
        "number", "how", "entity", "recognizer", "masked", "verdict", "reason", "role", "source",
        "path", "row", "record", "column", "header",
    )  # fmt: skip
    told = {name: row[name] for name in names} | {"asked": asked[row["number"]]}
    told |= {"member": row["place"], "letter": row["letter"], "line": row["line"]}
    told |= {name[3:]: row[name] for name in ("of_item", "of_suspect", "of_device", "of_layer")}
    told["holding"] = row["of_role"]
    fields = ("column", "header", "entity", "masked", "role", "verdict")
    told["beside"] = [{name: each[name] for name in fields} for each in row["beside"]]
    trade = ("status", "party_kind", "party", "price", "time", "channel")
    told["trade"] = [{n: None if e[n] is None else str(e[n]) for n in trade} for e in row["trade"]]
    if "cells" in row:
        told |= {"value": row["value"], "cells": [list(pair) for pair in row["cells"]]}
    return told
