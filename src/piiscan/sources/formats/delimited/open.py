"""Delimited and plain text: the format of any text that no other format reads."""

from __future__ import annotations

from typing import Final

from piiscan.sources.block import Trouble
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.lined.text_table import open_text
from piiscan.sources.read_context import ReadContext

#: Formats, by extension, that are read as plain text: reason code, detail, lost input.
_READ_AS_TEXT: Final = {
    "sql": ("SQL_AS_TEXT", "SQL without rows of tables, read line by line", False),
    "eml": ("NOT_SUPPORTED_YET", "mail: read as plain text, its encoded parts are not read", True),
    "mbox": ("NOT_SUPPORTED_YET", "mail: read as plain text, its encoded parts are not read", True),
    "mht": ("NOT_SUPPORTED_YET", "web archive: read as plain text, encoded parts are not", True),
}


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of a text, and a Trouble if its extension promises more than a text."""
    content = sample.content
    if content.extension in _READ_AS_TEXT:
        reason, detail, lost = _READ_AS_TEXT[content.extension]
        yield Trouble(content.member, reason, detail, lost=lost)
    if rival := sample.text_guess.rival:
        detail = f"read as {sample.text_guess.encoding}, nearly as plausible in {rival}"
        yield Trouble(content.member, "ENCODING_IN_DOUBT", detail, lost=False)
    yield open_text(content, sample.text_guess, context)


FORMATS: Final = (Format("text", 99, _open, extensions=("csv", "tsv", "txt", "log")),)
