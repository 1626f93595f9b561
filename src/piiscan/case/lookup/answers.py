"""Look-up answers as text: cells for the terminal and CSV, objects for JSON.

A place has words: 第 3 页 表格 1 第 2 行; 工作表 名单 单元格 B12.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, Final

from piiscan.case.report.table_files import csv_bytes
from piiscan.pages.sanitize import clean
from piiscan.sources.rows.transposed import TURNED
from piiscan.sources.texts.column_letters import column_letter
from piiscan.wording.words import Words

Row = Mapping[str, Any]

#: Columns of the answers, in order.
COLUMNS: Final = (
    "number", "asked", "how", "entity", "value", "place", "row", "letter", "header", "role",
    "item", "suspect", "record",
)  # fmt: skip
#: Further columns of a CSV.
CSV_COLUMNS: Final = ("source", "device", "holding", "layer", "trade")


def answer_cells(row: Row, queries: Mapping[int, str], words: Words) -> dict[str, str | int]:
    """Return one look-up answer as column -> cell, for COLUMNS and CSV_COLUMNS.

    Values are masked unless the row was revealed. ``queries``: query number -> query as it may be
    shown.
    """
    member = row["place"]
    value = row.get("value")
    return {
        "number": row["number"],
        "asked": clean(queries[row["number"]]),
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
        "trade": clean(transaction_text(row, words)),
    }


def answer_block(row: Row, queries: Mapping[int, str], words: Words) -> Iterator[str]:
    """Yield the lines of one look-up answer: value and match, place, owner, record, transactions.

    Parts without a value are left out.
    """
    cells = answer_cells(row, queries, words)
    value = f"{cells['number']}  {cells['value']}  {cells['entity']}  {cells['how']}"
    yield value + (f"  {cells['role']}" if cells["role"] else "")
    at = "asked.at" if cells["letter"] else "asked.at_line" if cells["row"] else "asked.at_title"
    yield "   " + words(
        at,
        place=cells["place"],
        row=cells["row"],
        letter=cells["letter"],
        header=f" {cells['header']}" if cells["header"] else "",
    )
    colon, comma = words("asked.colon"), words("asked.comma")
    for names in (("item", "suspect", "device", "holding", "layer"), ("record",), ("trade",)):
        parts = [f"{words(f'asked.{name}')}{colon}{cells[name]}" for name in names if cells[name]]
        if parts:
            yield "   " + comma.join(parts)
    if "spot" in row:
        yield "   " + words("spot.place") + colon + spot_place(row, words)
        if row["spot"].is_drawn:
            picture, boxed = row["spot"].picture, row["spot"].boxed
            text = words("spot.not_drawn") if picture is None else str(picture)
            text += "" if picture is None or boxed else words("spot.not_boxed")
            yield "   " + words("spot.picture") + colon + text
        for line in row["spot"].lines:
            text = comma.join(colon.join(filter(None, cell)) for cell in line.cells)
            yield f" {'>' if line.asked else ' '} {line.row:>6}  {text}"


def spot_place(row: Row, words: Words) -> str:
    """Return the place of an answer in words: ``第 3 页 表格 1 第 2 行``."""
    return clean(place_words(row["spot"].kind, row["place"], row["row"], row["letter"], words))


def record_text(row: Row, words: Words) -> str:
    """Return the record of an answer as text: ``姓名：张*；手机号：138****8000``.

    Return its clear cells if the row was revealed.
    """
    colon, comma = words("asked.colon"), words("asked.comma")
    if "cells" in row:
        parts = [f"{header}{colon}{cell}" if header else cell for header, cell in row["cells"]]
        return comma.join(parts)
    parts = [
        (each["header"] or words.name("entities", each["entity"])) + colon + each["masked"]
        for each in row["beside"]
    ]
    return comma.join(dict.fromkeys(parts))


def transaction_text(row: Row, words: Words) -> str:
    """Return the record's transactions as text: status, time, party, price, channel."""
    texts = []
    for each in row["trade"]:
        status = words(f"status.{each['status']}") if each["status"] else ""
        parts = [status, each["time"], each["party"], each["price"], each["channel"]]
        texts.append(" ".join(str(part) for part in parts if part not in (None, "")))
    return words("asked.comma").join(texts)


def answers_csv(rows: Sequence[Row], queries: Mapping[int, str], words: Words) -> bytes:
    """Return the answers as CSV in UTF-8 with BOM and CRLF; formulas are escaped."""
    names = (*COLUMNS, *CSV_COLUMNS)
    texts = (answer_cells(row, queries, words) for row in rows)
    cells = ([each[name] for name in names] for each in texts)
    return csv_bytes([words(f"asked.{name}") for name in names], cells)


def answer_json(row: Row, queries: Mapping[int, str], words: Words) -> dict[str, Any]:
    """Return one look-up answer as a JSON object, with codes and English keys."""
    names = (
        "number", "how", "entity", "recognizer", "masked", "verdict", "reason", "role", "source",
        "path", "row", "record", "column", "header",
    )  # fmt: skip
    answer = {name: row[name] for name in names} | {"asked": queries[row["number"]]}
    answer |= {"member": row["place"], "letter": row["letter"], "line": row["line"]}
    answer |= {name[3:]: row[name] for name in ("of_item", "of_suspect", "of_device", "of_layer")}
    answer["holding"] = row["of_role"]
    fields = ("column", "header", "entity", "masked", "role", "verdict")
    answer["beside"] = [{name: each[name] for name in fields} for each in row["beside"]]
    trade = ("status", "party_kind", "party", "price", "time", "channel")
    answer["trade"] = [
        {n: None if e[n] is None else str(e[n]) for n in trade} for e in row["trade"]
    ]
    if "cells" in row:
        answer |= {"value": row["value"], "cells": [list(pair) for pair in row["cells"]]}
    if "spot" in row:
        lines = [
            {"row": line.row, "asked": line.asked, "cells": [list(cell) for cell in line.cells]}
            for line in row["spot"].lines
        ]
        answer["spot"] = {"place": spot_place(row, words), "lines": lines}
        if row["spot"].picture is not None:
            answer["spot"] |= {"picture": str(row["spot"].picture), "boxed": row["spot"].boxed}
    return answer


#: Terms that readers give to the sections of documents -> the keys of their words, if others.
_TERMS: Final = {
    "further tables": "further_tables",
    "OCR barcodes": "barcodes",
    "text boxes": "text_boxes",
    "OCR text": "recognised",
    "earlier version": "earlier",
    "headers": "header",
    "footers": "footer",
    "picture": "image",
}
_TERM: Final = re.compile(
    rf"({'|'.join(_TERMS)}|further|properties|bookmarks|footnotes|endnotes|comments|header|footer"
    r"|outline|master|fields|frame|slide|notes|table|page|text)(?: ?(\d+))?(?: |$)"
)
_MESSAGE: Final = re.compile(r"message (\d+)")
_BODY: Final = re.compile(r"body(?:;\d+)?(?:\.(?:html|rtf))?")
#: Kinds of parts -> key of the sentence of a row.
_SENTENCES: Final = {
    "sheet": "cell",
    "database": "record",
    "sql": "record",
    "chat": "message",
    "mail": "mail",
}


def section_words(section: str, words: Words) -> str:
    """Return a document section's name in words: ``page 3 -> 第 3 页``; others unchanged.

    >>> section_words("slide 2 comments", Words("zh")), section_words("客户", Words("zh"))
    ('幻灯片 2 批注', '客户')
    """
    found, end = [], 0
    part = section.rpartition("/")[2]
    for term in _TERM.finditer(part):
        if term.start() == end:
            number = f" {term[2]}" if term[2] else ""
            found.append(words(f"spot.{_TERMS.get(term[1], term[1])}", number=number))
            end = term.end()
    return " ".join(found) if end == len(part) else section


def place_words(kind: str, member: str, row: int, letter: str, words: Words) -> str:
    """Return the place of a row in words. ``member``: its masked name; ``letter``: column.

    >>> place_words("sheet", "a.zip!b.xlsx#名单", 12, "B", Words("zh"))
    '工作表 名单 单元格 B12'
    >>> place_words("sheet", "b.xlsx#信息#transposed", 2, "E", Words("zh"))
    '工作表 信息 单元格 B5'
    >>> place_words("document", "a.pdf#page 3", 7, "", Words("zh"))
    '第 3 页 第 7 行'
    """
    if member.endswith(TURNED):
        column = reduce(lambda number, char: 26 * number + ord(char) - 64, letter, 0)
        row, letter, member = column, column_letter(row), member.removesuffix(TURNED)
    path, _, part = member.rpartition("#") if "#" in member else (member, "", "")
    sentence = _SENTENCES.get(kind, "row")
    if sentence == "row":
        part = section_words(part, words)
    steps = [_mail_step(step, words) for step in path.split("!")]
    steps.append(words(f"spot.{sentence}", row=row, letter=letter, part=part).strip())
    return " ".join(filter(None, steps))


def _mail_step(step: str, words: Words) -> str:
    """Return a path step in words if it names a message or body of a mail, else unchanged.

    >>> _mail_step("message 3", Words("zh")), _mail_step("a.zip", Words("zh"))
    ('第 3 封邮件', '')
    """
    if found := _MESSAGE.fullmatch(step):
        return words("spot.letter", number=found[1])
    return words("spot.body") if _BODY.fullmatch(step) else ""
