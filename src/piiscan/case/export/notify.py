"""Lists for notifying victims (PIPL art. 57): contact and leaked kinds only, a file per place.

The place (属地) is that of the address, else of the identity number, else of a phone.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.case.export.list_file import RowLayout, listed, write_list
from piiscan.case.export.list_lines import ListLine
from piiscan.detect.attributes import attribute_table
from piiscan.detect.attributes.region_codes import load_region_names
from piiscan.pages.sanitize import clean
from piiscan.wording.words import Words

#: Columns of a list. Nothing else of a person is written.
NOTIFY_COLUMNS: Final = (
    listed("number", "number"),
    listed("name", "texts"),
    listed("contact", "texts"),
    listed("told_kinds", "texts"),
)
#: Kinds of contact, the first of which a person has are written.
_CONTACTS: Final = (
    ("CN_MOBILE", "PHONE_NUMBER", "CN_LANDLINE"),
    ("EMAIL_ADDRESS", "WECHAT_ID", "QQ_NUMBER", "SOCIAL_ACCOUNT"),
    ("CN_ADDRESS",),
)
#: Kinds that tell a place, the first before the others.
_PLACES: Final = ("CN_ADDRESS", "CN_RESIDENT_ID", "CN_LANDLINE", "CN_MOBILE")
_TEXTS: Final = pa.list_(pa.string())
_LINES: Final = pa.schema(
    [("region", pa.string()), ("name", _TEXTS), ("contact", _TEXTS), ("told_kinds", _TEXTS)]
)
_BATCH: Final = 10_000


def write_notices(
    connection: Any,
    lines: Iterable[ListLine],
    folder: Path,
    words: Words,
    *,
    as_of: datetime.date,
    temporary: Path,
) -> dict[str, int]:
    """Write an XLSX list per place into ``folder``. Return file name -> persons.

    ``lines``: a line per person, with clear values.
    """
    connection.execute(
        "create or replace table notices (region varchar, name varchar[], contact varchar[],"
        " told_kinds varchar[])"
    )
    lines = iter(lines)
    while batch := list(islice(lines, _BATCH)):
        regions = _regions(batch, as_of)
        rows = [
            {"region": region, **_notice(line, words)}
            for line, region in zip(batch, regions, strict=True)
        ]
        connection.register("noticed", pa.Table.from_pylist(rows, _LINES))
        connection.execute("insert into notices select * from noticed")
        connection.unregister("noticed")
    layout = RowLayout(words, NOTIFY_COLUMNS, "listed.notify")
    written = {}
    found = connection.execute("select distinct region from notices order by region nulls last")
    for (region,) in found.fetchall():
        name = f"{region or words('listed.unknown')}.xlsx"
        written[name] = write_list(
            folder / name, layout, _stream(connection, region), temporary=temporary
        )
    return written


def _stream(connection: Any, region: str | None) -> Iterator[dict[str, Any]]:
    """Yield the rows of one place, numbered from 1."""
    cursor = connection.cursor()
    cursor.execute(
        "select row_number() over (), name, contact, told_kinds from notices"
        " where region is not distinct from ?",
        [region],
    )
    names = [column.name for column in NOTIFY_COLUMNS]
    while rows := cursor.fetchmany(_BATCH):
        yield from (dict(zip(names, row, strict=True)) for row in rows)


def _own(line: ListLine, kind: str) -> list[str]:
    """Return the values of ``kind`` that are surely the person's own and not refuted."""
    values = line.values.get(kind, ())
    return [text for text, role, refuted in values if text and role is None and not refuted]


def _notice(line: ListLine, words: Words) -> dict[str, list[str]]:
    """Return name, contact and names of the kinds of one person."""
    contacts = (
        [f"{words.name('entities', kind)}{words('asked.colon')}{clean(text)}"
         for kind in kinds for text in _own(line, kind)]
        for kinds in _CONTACTS
    )  # fmt: skip
    return {
        "name": [clean(text) for text in _own(line, "PERSON")],
        "contact": next(filter(None, contacts), []),
        "told_kinds": [words.name("entities", kind) for kind in line.values],
    }


def _regions(lines: Sequence[ListLine], as_of: datetime.date) -> list[str | None]:
    """Return the place of each person, ``湖南省长沙市``; None if nothing tells it."""
    told = [
        (at, kind, text)
        for at, line in enumerate(lines)
        for kind in _PLACES
        for text in _own(line, kind)
    ]
    kinds, texts = ([each[n] for each in told] for n in (1, 2))
    columns = (kinds, [""] * len(told), texts)
    found = attribute_table(*(pa.array(c, pa.string()) for c in columns), as_of=as_of)
    regions: list[str | None] = [None for _ in lines]
    fields = found.select(["province", "prefecture", "city"]).to_pylist()
    for (at, _, _), each in zip(told, fields, strict=True):
        if regions[at] is None and each["province"]:
            city = _today(each["prefecture"] or each["city"] or "")
            regions[at] = each["province"] + (city if city != each["province"] else "")
    return regions


@cache
def _today(name: str) -> str:
    """Return today's full name of a prefecture: ``丽水地区 -> 丽水市``."""
    stem = name.removesuffix("地区").removesuffix("盟")
    known = load_region_names().prefectures.to_pylist()
    full = [each for each in known if each.startswith(stem) and each.endswith(("市", "州"))]
    return min(full) if stem and not name.endswith(("市", "州")) and full else name
