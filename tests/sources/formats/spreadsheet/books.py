"""Workbooks as bytes: of rows, as an old program wrote one, and sheets of OpenDocument."""

import base64
import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import openpyxl

from tests.sources.tables import zipped

#: A small BIFF8 workbook (xlwt 1.3.0): sheet 名单 with names and numbers, hidden sheet 藏.
XLS: Final = (
    "eNrtWE1oE0EU/t4maX5M0qSmQivUUGittWCkCHpooxXtyVq14g9CTW0OkpJKUFAvVmtOKggeRPFS6MVLVRD/D3rz"
    "IETsQRAKST2KB8Gihzbrm5fdmtQcGtBgy37LfPP2zZuZt/Pezv68zwSzE48ac1iCbtiQ192oKdIRF7d5EgC367oS"
    "zdrFRbewouB2cSBrHHjpe+dUMVTxzkHDQ/sbZmCWywmcQd9oMh6uInrEhxgpH7rIzrmn4R4XPxrErzrhU8JrhR+I"
    "7SvhnaK5IdzFtlk6jky0r327kcdHtWZp8zMTnkqfT6LZinq8VXl86SYVbB3YlTodG/k/G5rsXkyCI9cbT8ZTsZEs"
    "QhzCSczpYeC7ea++Dlv66uoJrP9ZqneW0d/S7MAY9JOkEjENL2ZtqkUj38DhQ2l48MKhwk2USc9jC4cdUth6+phv"
    "gKtt52aucRUe3LB/Dadv545IRCjCiXLeo3ZsucMDJXe4T/LeyzyMWpGDkv0B3sPn73/7sG+oPzoomjHZ1Qt7f4ty"
    "Fjouqx7c2S8ttkVulx6bha/IqOtFbhQOseNct/bXG8LecbG5Kq2tPE+nYDq6sUhuYzn95cCzpvTn6CaWp3pzF0NT"
    "H6MTaOZn0bBaGj7G0UEddPeOwvOoWZOxS8wIN/yxY7i0gPiuQTcecLVYgEfEoHDhTK0OGfYk11pqT2KvRrTxmpDY"
    "88q1JR67ewoajTXXv/6Ya8ne3q1G0ZbM6tBcolPzqBELEVFr2q3V4Ylq4j3tN6oRV1rklRpXKhtXu7mqKLeqFixY"
    "sGDBggULqx0kb6KF93e78XGh3iSdxn+dBS556zfJqsVBjPJxlj9L9yDJdQoXKsqfdXCQORYts4/5v1DhCM+eQgJD"
    "4kei4vzlLwEqvp5ldwz8vVuo0vnzlfj5j+f/BZg1+SQ="
)
ODS: Final = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="S"><table:table-row table:number-rows-repeated="{rows}">
<table:table-cell office:value-type="string"><text:p>13800138000</text:p></table:table-cell>
<table:table-cell table:number-columns-repeated="1000"/></table:table-row>
<table:table-row table:number-rows-repeated="900000"><table:table-cell/></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""
MANIFEST: Final = """<?xml version="1.0"?><manifest:manifest
 xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry
 manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
</manifest:manifest>"""


def book_of(rows: Iterable[Iterable[object]]) -> Any:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    return book


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(
    rows: Iterable[Iterable[object]], changed: Mapping[str, bytes | str] | None = None
) -> bytes:
    """The bytes of a workbook of one sheet; ``changed``: other parts in place of its own."""
    data = saved(book_of(rows))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**parts, **changed}, zipfile.ZIP_DEFLATED) if changed else data


def old_workbook() -> bytes:
    return zlib.decompress(base64.b64decode(XLS))


def ods(content: str | bytes, manifest: str = MANIFEST) -> bytes:
    """The bytes of a file of sheets with this content."""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    parts = {"mimetype": kind, "META-INF/manifest.xml": manifest}
    return zipped({**parts, "content.xml": content})
