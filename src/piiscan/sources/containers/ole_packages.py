"""OLE packages: the file inside an embedded object of an office document.

[MS-OLEDS] 2.2.5: of a rich text, version, format, class, topic, item, size and data; the data of a
package, and the stream Ole10Native, are 2.3.6 with the names of the file before its bytes.
"""

from __future__ import annotations

import struct

from piiscan.sources.encoding.detector import decode_name


def unpack_object(data: bytes) -> tuple[str, bytes]:
    """Return (class, data) of an OLE object embedded in RTF; ("", data) for other bytes."""
    try:
        _, kind = struct.unpack_from("<II", data)
        at, texts = 8, []
        for _ in range(3):
            (size,) = struct.unpack_from("<I", data, at)
            texts.append(data[at + 4 : at + 4 + size].rstrip(b"\0").decode("latin-1"))
            at += 4 + size
        (size,) = struct.unpack_from("<I", data, at)
    except struct.error:
        return "", data
    return (texts[0], data[at + 4 : at + 4 + size]) if kind == 2 else ("", data)


def unpack_package(data: bytes) -> tuple[str, bytes] | None:
    """Return (name, bytes) of the file in an OLE package; None for other bytes."""
    start = 4 if data[4:6] == b"\2\0" else 0 if data[:2] == b"\2\0" else -1
    if start < 0:
        return None
    try:
        label, at = _text(data, start + 2)
        path, at = _text(data, at)
        at += 4
        (size,) = struct.unpack_from("<I", data, at)
        at += 4 + size  # the path of a temporary file
        (size,) = struct.unpack_from("<I", data, at)
    except (struct.error, ValueError):
        return None
    return label or path.replace("\\", "/").rpartition("/")[2], data[at + 4 : at + 4 + size]


def _text(data: bytes, at: int) -> tuple[str, int]:
    """Decode the NUL-terminated text at ``at``. Return it and the offset after the NUL.

    Raises ValueError without a NUL.
    """
    end = data.index(b"\0", at)
    return decode_name(data[at:end]), end + 1
