"""Messages of Outlook (msg): an OLE file with a stream for each property.

Who, to whom, when and on what is a record; bodies, attachments and attached messages are members.
"""

from __future__ import annotations

import io
import re
from typing import Final

from piiscan.errors import SourceError
from piiscan.sources.block import Trouble
from piiscan.sources.containers.ole_chains import directory_damage, has_ring
from piiscan.sources.content import read_whole
from piiscan.sources.format import Opened, Sample, container_format
from piiscan.sources.mapi_items import INTEGER, TIME, MapiItem, open_message
from piiscan.sources.read_context import ReadContext

_PROPERTY: Final = re.compile(
    r"__substg1\.0_([0-9A-F]{4})([0-9A-F]{4})(?:-[0-9A-F]{8})?", re.IGNORECASE
)
_FIXED: Final = "__properties_version1.0"
_NAMES: Final = "__nameid_version1.0"
_EMBEDDED: Final = "__substg1.0_3701000d"
#: Types of lists of texts and bytes, whose values are streams of their own.
_LIST: Final = 0x1000

#: Path in the file -> bytes.
_Streams = dict[tuple[str, ...], bytes]


def _streams(data: bytes) -> tuple[_Streams, str | None]:
    """Return path -> bytes of the streams of an OLE file, and its directory's defect or None.

    Raises SourceError for a file that cannot be opened.
    """
    import olefile

    if has_ring(data):
        raise SourceError("CORRUPT", "ole: a chain leads back to itself")
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            streams = {tuple(path): file.openstream(path).read() for path in file.listdir()}
            return streams, directory_damage(file)
    except (OSError, ValueError, IndexError, TypeError, AttributeError) as error:
        raise SourceError("CORRUPT", f"ole: {type(error).__name__}") from None


def _item(streams: _Streams, head: int) -> MapiItem:
    """Build the item of an OLE storage. ``head``: bytes before its fixed-size properties."""
    item = MapiItem()
    fixed = next((data for path, data in streams.items() if path == (_FIXED,)), b"")
    for at in range(head, len(fixed) - 15, 16):
        kind, number = int.from_bytes(fixed[at : at + 2], "little"), fixed[at + 2 : at + 4]
        if kind in (INTEGER, TIME):
            item.add(int.from_bytes(number, "little"), kind, fixed[at + 8 : at + 16])
    for path, data in streams.items():
        found = _PROPERTY.fullmatch(path[0]) if len(path) == 1 else None
        if found is not None:
            kind = int(found[2], 16)
            item.add(int(found[1], 16), kind - _LIST if kind & _LIST else kind, data)
    for name in dict.fromkeys(path[0] for path in streams if len(path) > 1):
        inner = {path[1:]: data for path, data in streams.items() if path[0] == name}
        if name.lower().startswith("__recip_version1.0_"):
            item.receivers.append(_item(inner, 8))
        elif name.lower().startswith("__attach_version1.0_"):
            item.attachments.append(_item(inner, 8))
        elif name.lower() == _EMBEDDED and (_FIXED,) in inner:
            item.message = _item(inner, 24)
        elif name != _NAMES:
            item.parts += [("/".join(path), data) for path, data in inner.items()]
    return item


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the record of a message, its parts, and its unknown streams as members."""
    content = sample.content
    streams, damage = _streams(read_whole(content, context.budget.in_memory))
    if damage is not None:
        yield Trouble(content.member, "CORRUPT", damage)
    yield from open_message(content, _item(streams, 32), context)


FORMATS: Final = (
    container_format(
        "msg", 15, _open, extensions=("msg",), container=True, packages=("olefile",), extra="mail"
    ),
)
