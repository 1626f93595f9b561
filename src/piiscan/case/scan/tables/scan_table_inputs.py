"""Inputs of the scan tables: finished sources, display names, and classes of entities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from piiscan.case.store.job_store import Source

Row = dict[str, Any]

#: Classes of kinds, in the order of the tables.
CLASSES: Final = ("person", "link", "device", "organisation", "none", "masked", "damaged")
#: Entities that are a class of their own: never valid, never part of a record.
OWN_CLASS: Final = {"MASKED": "masked", "DAMAGED": "damaged"}


@dataclass(frozen=True, slots=True)
class TableInputs:
    """Inputs of the scan tables: finished sources, troubles, display names, owner classes.

    ``troubles``: rows of ERRORS that belong to no source.  ``display_names``: name -> masked name.
    ``owner_class``: entity -> person, device, organisation, link or none.
    """

    case: Path
    sources: Sequence[Source]
    troubles: Sequence[Mapping[str, Any]]
    display_names: Mapping[str, str]
    owner_class: Mapping[str, str]

    def display(self, name: str) -> str:
        """Return the masked name of a path or member; unchanged without personal data."""
        return self.display_names.get(name, name)

    def shards(self, kind: str) -> dict[int, Path]:
        """Return source -> the Parquet file of its findings or records, if it has one."""
        return {
            source.source: self.case / name
            for source in self.sources
            for name in source.outcome.files
            if name.startswith(f"{kind}/")
        }


def class_of(entity: str, owner_class: Mapping[str, str]) -> str:
    """Return the class under which tables list an entity: ``person``, ``link``, ``masked``.

    >>> class_of("MASKED", {"MASKED": "link"}), class_of("CN_MOBILE", {"CN_MOBILE": "person"})
    ('masked', 'person')
    """
    return OWN_CLASS.get(entity) or owner_class.get(entity, "none")
