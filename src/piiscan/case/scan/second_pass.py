"""Second pass: sources whose doubts the whole case confirms are scanned again.

A name found at two places or under a label settles the same name with a verb behind it; a value
under its label settles the same value of low score.  What settles a doubt is never itself settled,
so the result does not depend on the order of the sources.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from piiscan.case.scan.block.doubts import SEEN_ELSEWHERE
from piiscan.case.store.connection import connect, literals
from piiscan.case.store.job_store import PENDING, Source, SourceOutcome
from piiscan.schemas import DOUBTS
from piiscan.sources.stores import is_present

#: Least score of a finding that settles a doubt.
_SURE: Final = 0.9
#: Doubts that are settled: the value stands under a label, at two places, or is what several names
#: with different last characters have in common.  A longer name stays under a label, and if it is
#: more than half as frequent.
_KNOWN: Final = f"""
with doubts as (select distinct digest, longer from read_parquet([{{doubts}}])),
wanted as (select digest from doubts union select longer from doubts),
sure as (
    select digest, bool_or(context is not null) as labelled, count(*) as places
    from read_parquet([{{findings}}])
    where score >= {_SURE} and coalesce(reason, '') <> '{SEEN_ELSEWHERE}'
        and digest in (select digest from wanted)
    group by digest
),
known as (
    select digest from sure where labelled or places > 1
    union select digest from doubts group by digest having count(distinct longer) > 1
)
select d.digest, d.longer
from doubts d join known using (digest)
    left join sure s using (digest) left join sure l on l.digest = d.longer
where d.longer is null or (
    not coalesce(l.labelled, false)
    and (s.digest is null or s.labelled or s.places >= 2 * coalesce(l.places, 0))
)
order by d.digest, d.longer
"""


def find_known(case: Path, sources: Sequence[Source]) -> pa.Table:
    """Return the doubts of ``sources`` that other places of the case confirm (DOUBTS)."""
    doubts, findings = (_shards(case, sources, kind) for kind in ("doubts", "findings"))
    if not doubts or not findings:
        return DOUBTS.empty_table()
    query = _KNOWN.format(
        doubts=literals({*doubts.values()}), findings=literals({*findings.values()})
    )
    with connect(case / "tmp") as connection:
        return connection.sql(query).to_arrow_table().cast(DOUBTS)


def settled_sources(
    case: Path, sources: Sequence[Source], known: pa.Table, *, generation: int
) -> list[Source]:
    """Return the sources to scan again with ``known`` (DOUBTS), pending in ``generation``.

    They are those that were scanned with other known values of theirs.  A source that is gone stays
    as it is.
    """
    doubts = _shards(case, sources, "doubts")
    fingerprints = _fingerprints(case, doubts, known)
    return [
        dataclasses.replace(
            source,
            generation=generation,
            state=PENDING,
            outcome=SourceOutcome(known=fingerprints.get(source.source, "")),
        )
        for source in sources
        if source.outcome.known != fingerprints.get(source.source, "")
        and is_present(Path(source.absolute_path))
    ]


def _shards(case: Path, sources: Sequence[Source], kind: str) -> dict[int, Path]:
    """Return source number -> its shard of ``kind``, for the sources that have one."""
    return {
        source.source: case / name
        for source in sources
        for name in source.outcome.files
        if name.startswith(f"{kind}/")
    }


def _fingerprints(case: Path, doubts: Mapping[int, Path], known: pa.Table) -> dict[int, str]:
    """Return source number -> SHA-256 over its doubts in ``known``, for sources with any."""
    if not known.num_rows:
        return {}
    rows: dict[int, list[tuple[bytes, bytes | None]]] = {}
    with connect(case / "tmp") as connection:
        connection.register("known", known)
        found = connection.sql(
            "select distinct source, digest, longer "
            f"from read_parquet([{literals({*doubts.values()})}]) as mine "
            "where exists (select 1 from known where known.digest = mine.digest "
            "and known.longer is not distinct from mine.longer) order by all"
        )
        for number, *doubt in found.fetchall():
            rows.setdefault(number, []).append(tuple(doubt))
    return {
        number: hashlib.sha256(repr(mine).encode()).hexdigest() for number, mine in rows.items()
    }
