"""Property lists, XML or binary: their values as JSON, and data in them as members of their own."""

from __future__ import annotations

import json
import plistlib
from datetime import datetime
from operator import itemgetter
from typing import Any, Final
from xml.parsers.expat import ExpatError

from piiscan.errors import OtherFormatError, SourceError
from piiscan.sources.content import load_content, memory_content
from piiscan.sources.format import Format, Opened, ReadContext, Sample
from piiscan.sources.markup import COMMENT, OTHER, read_tokens

_SIGNATURE: Final = b"bplist0"
_ERRORS: Final = (ValueError, TypeError, IndexError, KeyError, RecursionError, OverflowError)


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the values of a property list as a JSON member, and each piece of data in it.

    Raises OtherFormatError for XML that is no property list, SourceError for a broken binary one.
    """
    content = load_content(sample.content, context.budget.json)
    if content is None:
        raise SourceError("JSON_TOO_LARGE", f"{sample.content.size} bytes; over the budget")
    assert content.data is not None
    pieces: dict[int, bytes] = {}

    def other(value: Any) -> Any:
        """Return a date or the number of an object as text; keep data for later."""
        if isinstance(value, bytes):
            pieces[id(value)] = value
            return ""
        return value.isoformat() if isinstance(value, datetime) else str(getattr(value, "data", ""))

    try:
        texts, size = [], 0
        values = plistlib.loads(content.data)
        for text in json.JSONEncoder(ensure_ascii=False, default=other).iterencode(values):
            texts.append(text)
            size += len(text)
            if size > context.budget.json:
                raise SourceError("JSON_TOO_LARGE", "unpacks to more than the budget")
    except (*_ERRORS, plistlib.InvalidFileException, ExpatError) as error:
        if content.head.startswith(_SIGNATURE):
            raise SourceError("CORRUPT", f"plist: {type(error).__name__}") from None
        raise OtherFormatError("", "") from None
    prefix = f"{content.member}!" if content.member else ""
    parts = {"plist": "".join(texts).encode("utf-8", "replace")}
    if sample.guess is not None:
        told = (t for t in read_tokens(content, sample.guess) if t.kind in (COMMENT, OTHER))
        parts["text"] = "\n".join(t.text for t in told if "plist" not in t.text[:12]).encode()
    parts |= {f"data {number}": data for number, data in enumerate(pieces.values(), 1)}
    for name, data in filter(itemgetter(1), parts.items()):
        yield memory_content(data, name, member=prefix + name, seed=context.seed)


def _is_plist(sample: Sample) -> bool:
    """Return True for a binary property list, or for XML with its root element near the start."""
    head = sample.content.head
    return head.startswith(_SIGNATURE) or (
        sample.guess is not None
        and "<plist" in sample.text[:2048]
        and sample.text.lstrip().startswith("<")
    )


FORMATS: Final = (
    Format("plist", 44, _open, probe=_is_plist, extensions=("plist",), container=True),
)
