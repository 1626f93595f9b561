"""What reading hands to examining, and examining to keeping, in the order of the sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from piiscan.case.scan.block_scanner import Examined
from piiscan.case.scan.source_hashes import Custody
from piiscan.case.store.job_store import Source
from piiscan.sources.block import Block, Trouble
from piiscan.tabular.layout import Frame


@dataclass(frozen=True, slots=True)
class Begin:
    """A source is opened."""

    source: Source


@dataclass(frozen=True, slots=True)
class Opened:
    """A table of the source was opened; ``facts`` are its row of PARTS but for source and rows.

    ``corrections`` are those applied, ``[column, ids, role]``.
    """

    facts: dict[str, Any]
    corrections: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Work:
    """A block to examine."""

    block: Block
    frame: Frame


@dataclass(frozen=True, slots=True)
class Note:
    """Something was not read, or read with a doubt."""

    trouble: Trouble


@dataclass(frozen=True, slots=True)
class End:
    """A source was read to its end."""

    source: Source
    custody: Custody


Event = Begin | Opened | Work | Note | End
Kept = Begin | Opened | Examined | Note | End
