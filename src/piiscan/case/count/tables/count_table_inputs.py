"""Inputs of the count tables: the open count database, its tallies, findings and period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from piiscan.case.count.count_database import Period
from piiscan.case.count.counted_findings import FindingShards
from piiscan.case.count.tallies import Tallies


@dataclass(frozen=True, slots=True)
class CountTableInputs:
    """Inputs of the functions that build count tables. ``findings``: shards of all sources."""

    connection: Any
    tallies: Tallies
    findings: FindingShards
    period: Period
