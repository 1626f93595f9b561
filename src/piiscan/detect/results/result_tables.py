"""Result tables: words and numbers of a catalogue that FOUND tables are built with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Int16
from piiscan.arrow_strings import constant_strings
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.recognizer import Value
from piiscan.detect.checks import REASONS, Verdict


class ResultNames(NamedTuple):
    """Words of the coded fields of findings; the first two by recognizer number."""

    entities: tuple[str, ...]
    recognizers: tuple[str, ...]
    words: tuple[str, ...]  # context words, then separators of list fields
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColumnDictionaries:
    """Arrow dictionaries of the coded columns of a FOUND table."""

    recognizers: pa.Array
    entities: pa.Array
    verdicts: pa.Array
    reasons: pa.Array
    words: pa.Array  # different context words, separators of list fields, names of columns
    roles: pa.Array

    @classmethod
    def of(cls, catalog: Catalog, names: ResultNames) -> ColumnDictionaries:
        """Build the dictionaries of ``catalog``."""
        return cls(
            recognizers=constant_strings(names.recognizers),
            entities=constant_strings(catalog.entities),
            verdicts=constant_strings(verdict.name.lower() for verdict in Verdict),
            reasons=constant_strings(REASONS),
            words=constant_strings(tuple(dict.fromkeys(names.words))),
            roles=constant_strings(names.roles),
        )


@dataclass(frozen=True, slots=True)
class ResultTables:
    """Tables of a catalogue for results, by recognizer number.

    Attributes:
        names: words of the coded fields
        dictionaries: the same as dictionaries of Arrow columns
        entity: index of its entity in ``dictionaries.entities``
        implies: recognizer of the implied value, -1 for none
        values: rules of the canonical value
        keeps_ascii: True if they leave printable ASCII as it is
        word_code: index in ``dictionaries.words`` of each of ``names.words``, then -1 for none
    """

    names: ResultNames
    dictionaries: ColumnDictionaries
    entity: Int16
    implies: Int16
    values: tuple[Value, ...]
    keeps_ascii: Bool
    word_code: Int16

    @classmethod
    def of(cls, catalog: Catalog, words: Sequence[str]) -> ResultTables:
        """Build the tables of ``catalog``; ``words``: context words by number."""
        recognizers = catalog.recognizers
        ids = [recognizer.id for recognizer in recognizers]
        implied = [ids.index(r.implies) if r.implies else -1 for r in recognizers]
        names = ResultNames(
            entities=tuple(r.entity for r in recognizers),
            recognizers=tuple(ids),
            words=tuple(words),
            roles=tuple(catalog.vocabulary.get("roles", {})),
        )
        codes = {word: code for code, word in enumerate(dict.fromkeys(names.words))}
        return cls(
            names=names,
            dictionaries=ColumnDictionaries.of(catalog, names),
            entity=np.array([catalog.entities.index(r.entity) for r in recognizers], np.int16),
            implies=np.array(implied, np.int16),
            values=tuple(r.value for r in recognizers),
            keeps_ascii=np.array(
                [not r.value.replace and r.value.case is None for r in recognizers], np.bool_
            ),
            word_code=np.array([*(codes[word] for word in names.words), -1], np.int16),
        )
