"""Names of sheets that hold personal data: changed wherever a workbook says them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from piiscan.redact.replacer import Pen

#: What no name of a sheet may hold, and how long it may be.
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\']")
_LONGEST: Final = 31


@dataclass(frozen=True, slots=True)
class SheetNames:
    """Old names and new ones, of the sheets whose names change."""

    changed: dict[str, str]

    @classmethod
    def of(cls, sheets: Sequence[tuple[str, str]], pen: Pen) -> SheetNames:
        """The new names; no two are equal."""
        taken = {name for name, _ in sheets}
        changed = {}
        for name, _ in sheets:
            shown = pen.name(name)
            if shown == name:
                continue
            shown = _FORBIDDEN.sub("＊", shown)[:_LONGEST]
            new, number = shown, 1
            while new in taken:
                number += 1
                new = f"{shown[: _LONGEST - 4]}({number})"
            taken.add(new)
            changed[name] = new
        return cls(changed)

    def renamed(self, part: str, data: bytes) -> bytes:
        """A part with the new names: of the sheets themselves, in formulas, in the properties."""
        for old, new in self.changed.items():
            told, said = escape(old).encode(), escape(new).encode()
            if part == "xl/workbook.xml":
                attribute = re.escape(escape(old, {'"': "&quot;"}).encode())
                sheet = re.compile(rb'(<(?:\w+:)?sheet\s[^>]*?name=")' + attribute + b'"')
                data = sheet.sub(rb"\g<1>" + said + b'"', data)
            if part == "docProps/app.xml":
                data = data.replace(b">" + told + b"<", b">" + said + b"<")
            quoted = told.replace(b"'", b"''")
            data = data.replace(b"'" + quoted + b"'!", b"'" + said + b"'!")
            data = re.sub(
                rb"(?<![\w'.\]\x80-\xff])" + re.escape(told) + b"!", b"'" + said + b"'!", data
            )
        return data
