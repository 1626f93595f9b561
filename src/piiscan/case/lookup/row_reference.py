"""Row references of the command line: ``3:17`` or ``a.zip!名单.csv:17``, resolved in a case."""

from __future__ import annotations

import re
from typing import Any, Final

from piiscan.case.store.case import Case
from piiscan.case.store.connection import literal
from piiscan.errors import CaseError
from piiscan.sources.texts.column_letters import column_number

#: A row by number of its source, and one by its path, as ``lookup`` prints it.
_BY_NUMBER: Final = re.compile(r"([0-9]{1,18})(?::(.*))?:([0-9]{1,18})", re.DOTALL)
_BY_PATH: Final = re.compile(
    r"(.+?)(?: 第 ([0-9]{1,18}) 行(?: ([A-Z]{1,4}) 列.*)?"
    r"| row ([0-9]{1,18})(?: column ([A-Z]{1,4})\b.*)?|:([0-9]{1,18}))"
)


def find_row(case: Case, text: str) -> tuple[dict[str, Any], str, int, int | None]:
    """Return the source (entry of the manifest), the member, the row and the column of ``text``.

    Forms: ``3:17``, ``3:a.zip!b.csv:17``, ``dump/a.zip!b.csv:17``, and as a look-up prints it,
    ``dump/a.csv 第 17 行 B 列``, the one form with a column. Masked paths are known, too.
    Raise CaseError for another form or a part that does not exist, or if the source has several and
    none is named.
    """
    sources = {each["source"]: each for each in case.manifest.content["sources"]}
    shown, column = case.shown(), None
    if by_number := _BY_NUMBER.fullmatch(text):
        source, member, row = int(by_number[1]), by_number[2], int(by_number[3])
    elif by_path := _BY_PATH.fullmatch(text.strip()):
        place, row_zh, letter_zh, row_en, letter_en, row_alone = by_path.groups()
        row = int(row_zh or row_en or row_alone)
        if letter := letter_zh or letter_en:
            column = column_number(letter.encode())
        found = (
            (number, None if path == place else place[len(path) + 1 :])
            for number, each in sources.items()
            for path in (each["path"], shown.get(each["path"], each["path"]))
            if place == path or place.startswith(f"{path}!")
        )
        source, member = next(found, (0, None))
        if not source:
            raise CaseError("row.no_path")
    else:
        raise CaseError("row.no_reference")
    if source not in sources:
        raise CaseError("row.no_source", source=source)
    stored = case.stored("parts").select(["source", "member"]).to_pylist()
    members = sorted({each["member"] for each in stored if each["source"] == source})
    if member is not None:
        members = [each for each in members if member in (each, shown.get(each, each))]
    if len(members) != 1:
        raise CaseError("row.several_parts" if members else "row.no_part", source=source)
    return sources[source], members[0], row, column


def record_findings(
    connection: Any, case: Case, source: int, member: str, row: int
) -> list[dict[str, Any]]:
    """Return all findings of the records that a row belongs to, in reading order."""
    shard = case.source_shards("findings", only=source).get(source)
    if shard is None:
        return []
    found = connection.execute(
        f"select *, file_row_number as nth from read_parquet([{literal(shard)}],"
        " file_row_number = true) where source = ? and member = ? and record in (select distinct"
        f" record from read_parquet([{literal(shard)}])"
        " where source = ? and member = ? and (row = ? or record = ?)) order by nth",
        [source, member, source, member, row, row],
    )
    names = [each[0] for each in found.description]
    return [dict(zip(names, values, strict=True)) for values in found.fetchall()]
