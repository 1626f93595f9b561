"""Scan events: messages from source reader to block scanner to shard writer."""

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
    """Event: the reader opens a source."""

    source: Source


@dataclass(frozen=True, slots=True)
class TableOpened:
    """Event: the reader opens a table of the source.

    ``facts``: its row of PARTS without source and rows.  ``overrides``: column overrides applied to
    it, ``[column, ids, role]``.
    """

    facts: dict[str, Any]
    overrides: list[list[Any]]


@dataclass(frozen=True, slots=True)
class BlockEvent:
    """Event: a block to scan, with the layout of its table."""

    block: Block
    layout: TableLayout


@dataclass(frozen=True, slots=True)
class TroubleEvent:
    """Event: a part was not read, or was read with a trouble."""

    trouble: Trouble


@dataclass(frozen=True, slots=True)
class SourceEnd:
    """Event: the reader reached the end of a source."""

    source: Source
    hasher: SourceHasher


ReadEvent = SourceBegin | TableOpened | BlockEvent | TroubleEvent | SourceEnd
ScannedEvent = SourceBegin | TableOpened | ScannedBlock | TroubleEvent | SourceEnd
