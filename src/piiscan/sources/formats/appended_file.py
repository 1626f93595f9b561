"""Pictures with a file behind them (图种): an archive or a text after a JPEG, PNG or GIF.

``a.jpg`` -> members ``a.jpg!picture``, ``a.jpg!appended``; programs show the first alone.
"""

from __future__ import annotations

from typing import Final

from piiscan.errors import SourceError
from piiscan.sources.archives.member_names import open_inner_file
from piiscan.sources.content import PIECE_BYTES, Content, read_pieces, read_whole
from piiscan.sources.encoding.detector import guess_encoding
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.read_context import ReadContext

#: First and last bytes of a picture.
_ENDS: Final = {
    b"\xff\xd8\xff": b"\xff\xd9",
    b"\x89PNG\r\n\x1a\n": b"IEND\xaeB`\x82",
    b"GIF8": b"\x00;",
}
_RAR: Final = b"Rar!\x1a\x07"
_SEVEN_ZIP: Final = b"7z\xbc\xaf\x27\x1c"
_ZIP: Final = b"PK\x03\x04"
_SIGNATURE_BYTES: Final = 12
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_END_BYTES: Final = 22
_LEAST_BYTES: Final = 16


def _find_appended(content: Content) -> int:
    """Return the offset of the file behind a picture; 0 without one."""
    end = next((_ENDS[head] for head in _ENDS if content.head.startswith(head)), b"")
    if not end:
        return 0
    if found := _find_zip(content):
        return found
    if content.windows[-1].data.rstrip(b"\0\r\n ").endswith(end):
        return 0  # most pictures: they are not read through
    return _find_text(content, end) or _find_archive(content, end)


def _find_zip(content: Content) -> int:
    """Return the offset of a zip archive, by its directory at the end; 0 without one."""
    tail = content.windows[-1]
    at = tail.data.rfind(_ZIP_END)
    if at < 0 or at + _ZIP_END_BYTES > len(tail.data):
        return 0
    size, offset = (int.from_bytes(tail.data[at + k : at + k + 4], "little") for k in (12, 16))
    start = tail.start + at - size - offset
    return start if start > 0 and _begins_at(content, start, _ZIP) else 0


def _begins_at(content: Content, at: int, signature: bytes) -> bool:
    """Return True if the bytes at an offset are ``signature``."""
    with content.open() as stream:
        if content.seekable:
            stream.seek(at)
        else:
            for _ in range(0, at, PIECE_BYTES):
                at -= len(stream.read(min(at, PIECE_BYTES)))
        return stream.read(len(signature)) == signature


def _find_text(content: Content, end: bytes) -> int:
    """Return the offset of a text behind the last bytes of a picture; 0 without one."""
    tail = content.windows[-1]
    at = tail.data.rfind(end) + len(end)
    text = tail.data[at:] if at >= len(end) else b""
    is_text = len(text.strip(b"\0 \r\n")) >= _LEAST_BYTES and guess_encoding(text) is not None
    return tail.start + at if is_text else 0


def _find_archive(content: Content, end: bytes) -> int:
    """Return the offset of a RAR or 7z archive, or of a cut zip directly behind ``end``, else 0."""
    at, rest = 0, b""
    with content.open() as stream:
        for piece in read_pieces(stream):
            rest += piece
            places = [rest.find(_RAR), rest.find(_SEVEN_ZIP)]
            if (cut := rest.find(end + _ZIP)) >= 0:
                places.append(cut + len(end))
            if found := [place for place in places if place >= 0]:
                return at + min(found)
            at += max(0, len(rest) - _SIGNATURE_BYTES)
            rest = rest[-_SIGNATURE_BYTES:]
    return 0


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the picture and the file behind it."""
    content, at = sample.content, _find_appended(sample.content)
    if content.size > context.budget.in_memory:
        raise SourceError("MEMBER_TOO_LARGE", "picture: to be held")
    data = read_whole(content, context.budget.in_memory)
    for name, part in (("picture", data[:at]), ("appended", data[at:])):
        yield from open_inner_file(content, context, name, part)


FORMATS: Final = (
    Format(
        "picture with a file behind it",
        39,
        _open,
        probe=lambda sample: _find_appended(sample.content) > 0,
        signatures=tuple((0, head) for head in _ENDS),
        container=True,
    ),
)
