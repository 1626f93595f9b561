"""Masked values that fit full ones elsewhere: compatible, and nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

Row = dict[str, Any]

#: Masked recognizer -> the kind whose masks it can be told by.
_KINDS: Final = {"masked.mobile": "CN_MOBILE", "masked.resident_id": "CN_RESIDENT_ID"}


def compatible(base: Any, findings: Sequence[Path]) -> list[Row]:
    """``flow_masked``: by pair of sources, distinct masks in one that full values of other fit.

    Only masks of the shape in which full values are shown here (``138****8000``) can be compared.
    """
    if not findings:
        return []
    kinds = " ".join(f"when '{name}' then '{kind}'" for name, kind in _KINDS.items())
    found = base.execute(
        "with seen as (select distinct source, case recognizer"
        f" {kinds} else entity end as kind, recognizer like 'masked.%' as hidden, masked"
        " from read_parquet(?) where verdict <> 'refuted' and (recognizer in"
        f" ({', '.join(repr(name) for name in _KINDS)})"
        f" or entity in ({', '.join(repr(kind) for kind in _KINDS.values())})))"
        " select a.source, b.source, a.kind, count(distinct a.masked) from seen a join seen b"
        " on a.masked = b.masked and a.kind = b.kind"
        " where a.hidden and not b.hidden and a.source <> b.source group by all order by all",
        [[str(path) for path in findings]],
    ).fetchall()
    return [
        {"source": masked, "other_source": full, "entity": kind, "masks": count}
        for masked, full, kind, count in found
    ]
