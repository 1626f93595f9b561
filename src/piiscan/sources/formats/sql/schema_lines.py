"""Schema lines: lines of a dump that describe its tables instead of holding data.

``CREATE TABLE t (`手机号` varchar(20));`` -> SCHEMA, ``张三 13800138000`` -> DATA
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Bool, Int8, Int64
from piiscan.sources.block import DATA, SCHEMA

#: Start of a definition, which goes on to a line with its end.
_DEFINITION: Final = (
    r"(?i)^\s*create\s+(?:or\s+replace\s+|global\s+|temporary\s+|temp\s+|unlogged\s+|external\s+)*"
    r"(?:table|view|materialized|index|unique|sequence|type|domain)\b"
)
_END: Final = r"(?i);\s*(?:--.*)?$|^\s*\)\s*(?:engine|with|tablespace|partition|comment|go\b|$)"
#: Lines that are schema by themselves: comments, settings, heads of INSERT statements.
_LINE: Final = (
    r"(?i)^\s*(?:--|#|/\*|\*/|set\s|use\s|drop\s|alter\s|(?:un)?lock\s|begin\b|commit\b|grant\s"
    r"|start\s+transaction|comment\s+on\s|pragma\s|delimiter\s|go\s*$"
    r"|insert\s+(?:ignore\s+)?into\s[^']*(?:values|\))\s*$)"
)
#: Most lines of a definition; what follows is data again, whatever it looks like.
_MAX_LINES: Final = 500


@dataclass(slots=True)
class SchemaLines:
    """Reader of the lines of one dump, part after part.

    ``remaining``: lines that may still belong to a definition whose end has not been read.
    """

    remaining: int = 0

    def kinds(self, lines: pa.Array) -> Int8:
        """Return the kind of each line, DATA or SCHEMA (``int8[n]``)."""
        begins, ends, schema = (
            np.array(pc.match_substring_regex(lines, each), np.bool_)
            for each in (_DEFINITION, _END, _LINE)
        )
        end_lines = np.flatnonzero(ends)
        at = 0
        if self.remaining:
            at = self._mark(schema, 0, end_lines, self.remaining)
        for begin in np.flatnonzero(begins).tolist():
            if begin >= at:
                at = self._mark(schema, begin, end_lines, _MAX_LINES)
        return np.where(schema, SCHEMA, DATA).astype(np.int8)

    def _mark(self, schema: Bool, begin: int, end_lines: Int64, limit: int) -> int:
        """Mark a definition from line ``begin`` to its end in place; return the line after it."""
        at = int(np.searchsorted(end_lines, begin))
        stop = int(end_lines[at]) + 1 if at < len(end_lines) else len(schema)
        last = min(stop, begin + limit)
        schema[begin:last] = True
        unfinished = at == len(end_lines) and last == len(schema)
        self.remaining = limit - (last - begin) if unfinished else 0
        return last
