"""Independent check of a copy: search its bytes for known values and values of pattern kinds."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from piiscan.copies.check.decodings import Decoding, decodings, passages
from piiscan.copies.check.pixels import is_drawn, rest_of
from piiscan.copies.check.unpack import Data, Part, unpack
from piiscan.copies.known_values import TAGGED, KnownValues
from piiscan.detect.engine import Engine

_MASKED: Final = "MASKED"
#: Characters around a value of two or three that must be text, so that noise is no hit.
_AROUND: Final = 8
_SHORT: Final = 3


class CheckHit(NamedTuple):
    """Value left in a copy: name of its part, line number (from 1), entity."""

    part: str
    line: int
    entity: str


#: Bytes below which a picture has no room for a text.
_NO_TEXT: Final = 100
#: Function: (passage, start, end, entity, recognizer) -> the run itself wrote this there.
IsOwn = Callable[[str, int, int, str, str], bool]


class CopyCheck(NamedTuple):
    """Settings of the check of copies: engine, lowest score, known values, own replacements.

    ``recognise``: function from a picture or PDF document to the text that is read on it.
    """

    engine: Engine
    min_score: float
    known: KnownValues
    is_own: IsOwn
    folder: Path
    recognise: Callable[[Data], str] = lambda _: ""

    def run(self, path: Path) -> Iterator[CheckHit]:
        """Yield the values left in the copy at ``path``, sorted.

        Raise SourceError if a part cannot be unpacked.
        """
        with path.open("rb") as file:
            size = path.stat().st_size
            data: Data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
            for part in unpack("", data, self.folder):
                rest = rest_of(part.data)
                hits = self._check_part(part if rest is None else Part(part.name, rest))
                if is_drawn(part.data) and len(part.data) >= _NO_TEXT:
                    text = self.recognise(part.data).encode("utf-8", "replace")
                    hits |= self._check_part(Part(part.name, text))
                yield from sorted(hits.values())

    def run_text(self, text: str) -> list[CheckHit]:
        """Return the values left in ``text``, sorted."""
        return sorted(self._check_part(Part("", text.encode("utf-8", "replace"))).values())

    def _check_part(self, part: Part) -> dict[str, CheckHit]:
        """Return value -> its first hit in one part of a copy."""
        hits: dict[str, CheckHit] = {}
        for decoding in decodings(part.data):
            for text, start, end, entity, recognizer, line in self._find(decoding):
                value = "".join(filter(str.isalnum, text[start:end])).lower()
                if value not in hits and not self.is_own(text, start, end, entity, recognizer):
                    hits[value] = CheckHit(part.name.lstrip("!"), line, entity)
        return hits

    def _find(self, decoding: Decoding) -> Iterator[tuple[str, int, int, str, str, int]]:
        """Yield (text, start, end, entity, recognizer, line) of each value in a decoding.

        Values of pattern kinds are searched for only in likely decodings.
        """
        text = decoding.text
        for start, end, item in self.known.find(text):
            if end - start > _SHORT or _is_text_around(text, start, end):
                line = decoding.line + text.count("\n", 0, start)
                yield text, start, end, item.entity, item.recognizer, line
        if not decoding.likely:
            return
        lines, pieces = zip(*passages(text), strict=True)
        found = self.engine.find_table(
            pa.array(pieces, pa.string()), min_score=self.min_score, names=False
        )
        clear = pc.invert(pc.is_in(found["entity"], pa.array((_MASKED, *TAGGED))))
        columns = ("index", "start", "end", "entity", "recognizer")
        for index, start, end, entity, recognizer in zip(
            *(found[column].filter(clear).to_pylist() for column in columns), strict=True
        ):
            yield pieces[index], start, end, entity, recognizer, decoding.line + lines[index]


def _is_text_around(text: str, start: int, end: int) -> bool:
    """Return True if the characters around [start, end) are printable text."""
    around = text[max(start - _AROUND, 0) : start] + text[end : end + _AROUND]
    return all(char.isprintable() or char in "\t\r\n" for char in around) and "\ufffd" not in around
