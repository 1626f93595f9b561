"""Counted findings: all but refuted, excluded, judged ones, other periods and other parties.

Other parties are staff, dealers and speakers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from piiscan.case.store.connection import literals

#: SQL: ``apart``, records that are excluded or outside the period; ``struck``, excluded columns;
#: ``judged``, findings that a person called false; ``other_roles``, roles that are not counted.
_APART: Final = """
create temp table apart as
select distinct place, row, "group" from people where data and not counts;
create temp table struck (source int, header varchar);
create temp table other_roles as select distinct role from people where not counted;
create temp table judged (source int, member varchar, record bigint, "group" smallint,
    "column" int, digest blob);
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
and (f.role is null or f.role not in (select role from other_roles))
and not exists (select 1 from judged j where j.source = f.source and j.member = f.member
    and j.record = f.record and j."group" = f."group" and j."column" = f."column"
    and j.digest = f.digest)
"""


@dataclass(frozen=True, slots=True)
class FindingShards:
    """Findings shard of each source, number of findings in all, excluded columns, false findings.

    ``excluded_columns``: (source, header) pairs. ``judged``: source, member, record, group, column
    and digest of each finding that a person judged false.
    """

    shards: Mapping[int, Path]
    hits: int
    excluded_columns: Sequence[tuple[int, str]] = ()
    judged: Sequence[tuple[int, str, int, int, int, bytes]] = ()


def create_counted_view(connection: Any, findings: FindingShards) -> bool:
    """Create the view ``counted``, a row per counted finding; return True if it has all findings.

    It has the columns of ``placed``, and ``entity``, ``digest`` and ``coarse``. There must be at
    least one shard.
    """
    connection.execute(_APART)
    if findings.excluded_columns:
        connection.executemany(
            "insert into struck values (?, ?)", [list(s) for s in findings.excluded_columns]
        )
    if findings.judged:
        connection.executemany(
            "insert into judged values (?, ?, ?, ?, ?, ?)", list(map(list, findings.judged))
        )
    all_counted = not (findings.excluded_columns or findings.judged) and connection.execute(
        "select (select count(*) from apart) + (select count(*) from other_roles)"
    ).fetchone() == (0,)
    files = literals(findings.shards.values())
    connection.execute(_COUNTED.format(files=files, kept="" if all_counted else _KEPT))
    return all_counted


def count_under_14(connection: Any, findings: FindingShards) -> Mapping[str, int]:
    """Return entity -> number of distinct counted values whose holder is surely under fourteen.

    ``create_counted_view`` must run first.
    """
    if not findings.shards:
        return {}
    rows = connection.execute(
        "select entity, count(*) from (select distinct entity, digest from counted"
        " where headline and coarse is not null"
        " and split_part(coarse, '/', 2) = 'under_14') group by entity order by entity"
    ).fetchall()
    return dict(rows)
