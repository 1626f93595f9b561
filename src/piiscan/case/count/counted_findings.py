"""The findings that count: what is excluded, or lies outside the period, has no values either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from piiscan.case.store.connection import literals

#: Records that are excluded or outside the period.
_APART: Final = """
create temp table apart as
select distinct place, row, "group" from people where data and not counts;
create temp table struck (source int, header varchar);
"""
_COUNTED: Final = """
create temp view counted as
select p.*, f.entity, f.digest, f.coarse
from read_parquet([{files}]) f join placed p using (source, member)
where f.verdict <> 'refuted' {kept}
"""
_KEPT: Final = """
and not exists (select 1 from apart a
    where a.place = p.place and a.row = f.record and a."group" = f."group")
and not exists (select 1 from struck s where s.source = f.source and s.header = f.header)
"""


@dataclass(frozen=True, slots=True)
class Findings:
    """The FINDINGS shard of each source, how many findings there are in all, excluded columns.

    ``struck``: source and heading of each column.
    """

    shards: Mapping[int, Path]
    hits: int
    struck: Sequence[tuple[int, str]] = ()


def view_counted(base: Any, findings: Findings) -> bool:
    """Make the view ``counted``, a row a finding that counts; whether all of them do.

    It has the columns of ``placed`` and entity, digest and coarse; there must be a shard.
    """
    base.execute(_APART)
    if findings.struck:
        base.executemany("insert into struck values (?, ?)", [list(s) for s in findings.struck])
    whole = not findings.struck and base.execute("select count(*) from apart").fetchone() == (0,)
    files = literals(findings.shards.values())
    base.execute(_COUNTED.format(files=files, kept="" if whole else _KEPT))
    return whole


def young_keys(base: Any, findings: Findings, *, year: int) -> Mapping[str, int]:
    """Kind -> distinct values that tell a birth after ``year``; of what ``view_counted`` made."""
    if not findings.shards:
        return {}
    rows = base.execute(
        "select entity, count(*) from (select distinct entity, digest from counted"
        " where headline and coarse is not null"
        " and try_cast(split_part(coarse, '/', 2) as int) > ?) group by entity order by entity",
        [year],
    ).fetchall()
    return dict(rows)
