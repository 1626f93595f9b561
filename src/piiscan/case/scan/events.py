"""Scan events: messages from the source reader to the block scanner and the shard writer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from piiscan.case.scan.block_scanner import ScannedBlock
from piiscan.case.scan.source_hashes import SourceHasher
from piiscan.case.store.job_store import Source
from piiscan.sources.block import Block, Trouble
from piiscan.tabular.layout import TableLayout


@dataclass(frozen=True, slots=True)
class SourceBegin:
    """Event: a source is opened."""

    source: Source


@dataclass(frozen=True, slots=True)
class TableOpened:
    """Event: a table of the source is opened.

    ``facts``: its row of PARTS without source and rows.  ``overrides``: column overrides applied to
    it, ``[column, ids, role]``.
    """

    facts: dict[str, Any]
    overrides: list[list[Any]]


@dataclass(frozen=True, slots=True)
class BlockEvent:
    """Event: a block has to be scanned with the layout of its table."""

    block: Block
    layout: TableLayout


@dataclass(frozen=True, slots=True)
class TroubleEvent:
    """Event: a part was not read, or read with a trouble."""

    trouble: Trouble


@dataclass(frozen=True, slots=True)
class SourceEnd:
    """Event: a source was read to its end."""

    source: Source
    hasher: SourceHasher


ReadEvent = SourceBegin | TableOpened | BlockEvent | TroubleEvent | SourceEnd
ScannedEvent = SourceBegin | TableOpened | ScannedBlock | TroubleEvent | SourceEnd
