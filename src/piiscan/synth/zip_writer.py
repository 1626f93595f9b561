"""Zip writer: reproducible archives with names in GBK, nested or damaged on purpose."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Final

_DATE: Final = (2023 - 1980) << 9 | 7 << 5 | 12  # MS-DOS date of every member: 2023-07-12
_UTF8: Final = 0x800
_ENCRYPTED: Final = 0x1
_LOCAL: Final = "<4sHHHHHIIIHH"
_CENTRAL: Final = "<4sHHHHHHIIIHHHHHII"
_END: Final = "<4sHHHHIIH"


def pack_zip(members: Sequence[tuple[str, bytes]], *, names: str, encrypted: bool = False) -> bytes:
    """Return a zip archive of the (name, bytes) ``members`` (APPNOTE 6.3.9, deflate).

    ``names``: encoding of the member names. ``utf-8`` sets the UTF-8 flag; ``gbk`` does not, like
    Chinese Windows. ``encrypted`` sets the encryption flag although no member is encrypted; readers
    then ask for a password.

    >>> import io, zipfile
    >>> data = pack_zip([("名单.txt", b"x")], names="gbk")
    >>> zipfile.ZipFile(io.BytesIO(data), metadata_encoding="gbk").namelist()
    ['名单.txt']
    """
    flags = (_UTF8 if names == "utf-8" else 0) | (_ENCRYPTED if encrypted else 0)
    body, index = bytearray(), bytearray()
    for name, data in members:
        raw = name.encode(names)
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush()
        sizes = (zlib.crc32(data), len(packed), len(data))
        start = len(body)
        body += struct.pack(_LOCAL, b"PK\3\4", 20, flags, 8, 0, _DATE, *sizes, len(raw), 0)
        body += raw + packed
        index += struct.pack(
            _CENTRAL, b"PK\1\2", 20, 20, flags, 8, 0, _DATE, *sizes, len(raw), 0, 0, 0, 0, 0, start
        )
        index += raw
    end = struct.pack(_END, b"PK\5\6", 0, 0, len(members), len(members), len(index), len(body), 0)
    return bytes(body + index + end)
