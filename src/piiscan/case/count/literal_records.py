"""Literal records: the rows of a source, written down as values instead of scanned."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.case.count.count_rules import LITERAL_KEY
from piiscan.case.count.counted_sources import SourceRecords
from piiscan.case.count.shipped_rules import shipped_rules
from piiscan.case.scan.block.holder_flags import cover_birthdays, turn_fourteen
from piiscan.case.scan.block.records import LINK_KINDS
from piiscan.schemas import FINDINGS, PARTS, RECORDS

Row = Mapping[str, Any]
#: Facts of the record that a finding can have: texts of other cells, and columns of RECORDS.
_OF_RECORD: Final = ("cells", "bookkeeping", "doubts", "under_14")


def literal_source(
    source: int,
    path: str,
    findings: Iterable[Row],
    *,
    rows: int | None = None,
    headers: Sequence[str] = (),
    **more: Any,
) -> SourceRecords:
    """Return a source with these findings, for :func:`piiscan.count_records`.

    A finding has ``row``, ``entity`` and ``value``. Any other column of FINDINGS can be added; it
    has a default. So can ``doubts`` and ``under_14`` of its record, ``cells`` and ``bookkeeping``
    (the text of another cell of the row, or a list of such texts), and ``born``, the day of birth:
    by the identity number, if that is its entity, else by a column. A row with a person's value is
    a record.

    Args:
        source: number of the source.
        path: path of the source.
        findings: the findings, in reading order.
        rows: rows of data. Default: rows with findings.
        headers: headers of the columns, from column 1 on.
        more: further fields of SourceRecords.

    >>> import piiscan
    >>> rows = [{"row": 2, "entity": "CN_MOBILE", "value": "13912345678"}]
    >>> piiscan.literal_source(1, "名单.csv", rows).parts["rows"].to_pylist()
    [1]
    """
    found = [_finding(source, each, headers) for each in findings]
    members = dict.fromkeys([*(each["member"] for each in found)] or [""])
    columns: list[dict[str, Any]] = [
        {"column": at, "header": header, "group": 0, "recognizers": [], "role": None}
        for at, header in enumerate(headers, 1)
    ]
    parts = [
        {
            "source": source,
            "member": member,
            "kind": "delimited",
            "columns": json.dumps(columns, ensure_ascii=False),
            "rows": len({each["record"] for each in found if each["member"] == member}),
        }
        for member in members
    ]
    if rows is not None:
        parts[0]["rows"] = rows
    return SourceRecords(
        source,
        path,
        pa.Table.from_pylist(parts, PARTS),
        [_table(found, FINDINGS)],
        [_table(_records(found), RECORDS)],
        **more,
    )


def value_digest(entity: str, value: str) -> bytes:
    """Return the digest of a literal value, 16 bytes, without a key."""
    return _digest(f"{entity}\0{value}".encode())


def _digest(content: bytes) -> bytes:
    """Return the digest of a row or value, 16 bytes."""
    return blake2b(content, digest_size=16).digest()


def _finding(source: int, given: Row, headers: Sequence[str]) -> dict[str, Any]:
    """Return a row of FINDINGS."""
    column = given.get("column", 0)
    row = {
        "source": source,
        "member": "",
        "record": given["row"],
        "column": column,
        "header": headers[column - 1] if 0 < column <= len(headers) else None,
        "group": 0,
        "start": 0,
        "end": len(given["value"]),
        "recognizer": given["entity"].lower(),
        "digest": value_digest(given["entity"], given["value"]),
        "verdict": "verified",
        "score": 1.0,
        **given,
    }
    return {name: row.get(name) for name in (*FINDINGS.names, *_OF_RECORD, "born")}


def _records(findings: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the rows of RECORDS: a row per record with a person's value, as a scan makes them."""
    rules = shipped_rules()
    personal = {entity for entity, owner in rules.owner_classes.items() if owner == "person"}
    by_record: dict[tuple[str, int, int], list[Row]] = {}
    for each in findings:
        place = each["member"], each["record"], each["group"]
        by_record.setdefault(place, []).append(each)
    rows = []
    for (member, record, group), found in by_record.items():
        kinds = {
            each["entity"]
            for each in found
            if each["verdict"] != "refuted"
            and each["reason"] != "ANONYMISED"
            and rules.role_classes.is_counted(each["role"])
        } & {*personal, *LINK_KINDS}
        places = [rules.role_classes.priority(each["role"]) for each in found]
        values = [
            _digest(each["digest"] + each["role"].encode())
            if place > min(places)
            else each["digest"]
            for each, place in zip(found, places, strict=True)
        ]
        cells, others = (
            [_digest(text.encode()) for text in dict.fromkeys(_texts(found, name))]
            for name in _OF_RECORD[:2]
        )
        facts = [*values, *cells]
        if kinds & personal:
            rows.append(
                {
                    "source": found[0]["source"],
                    "member": member,
                    "row": record,
                    "group": group,
                    "combination": "+".join(sorted(kinds)),
                    "digest": _sum_words(values),
                    "row_digest": (whole := _sum_words([*facts, *others])),
                    "birthdays": _birthdays(found, whole),
                    "content_digest": _sum_words(facts),
                    "facts": [int.from_bytes(fact[:8], "little") for fact in facts],
                    **{
                        name: next(filter(None, (each[name] for each in found)), None)
                        for name in _OF_RECORD[2:]
                    },
                }
            )
    return rows


def _birthdays(findings: Sequence[Row], row_digest: bytes) -> int | None:
    """Return the cell ``birthdays`` of a record, from the births in its findings."""
    halves = np.zeros(2, np.uint32)
    for each in findings:
        if each["born"] is not None:
            (day,) = turn_fourteen(np.array([each["born"]], "datetime64[D]")).astype(np.int64)
            at = int(each["entity"] != "CN_RESIDENT_ID")
            halves[at] = max(halves[at], day)
    digests = pa.array([row_digest], pa.binary(16))
    number: int | None = cover_birthdays(halves.view(np.uint64), digests, LITERAL_KEY)[0].as_py()
    return number


def _texts(findings: Sequence[Row], name: str) -> Iterator[str]:
    """Yield the texts of the other cells of a row, as its findings have them."""
    for each in findings:
        text = each[name]
        yield from filter(None, [text] if isinstance(text, str) else text or ())


def _sum_words(digests: Iterable[bytes]) -> bytes:
    """Return the sum of digests, by 64-bit words, as a scan adds them."""
    halves = [0, 0]
    for digest in digests:
        for half in range(2):
            halves[half] += int.from_bytes(digest[8 * half : 8 * half + 8], "little")
    return b"".join((half % (1 << 64)).to_bytes(8, "little") for half in halves)


def _table(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Return rows as a table of ``schema``."""
    plain = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in schema
    ]
    chosen = [{name: row.get(name) for name in schema.names} for row in rows]
    return pa.Table.from_pylist(chosen, pa.schema(plain)).cast(schema)
