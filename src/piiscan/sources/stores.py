"""Object stores: evidence at an address such as ``s3://bucket/folder``, streamed for reading only.

Readers need a file. An object is streamed once into a private folder, which is deleted when it was
read, so the disk has the largest object and no more. Only addresses that are given are read.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pyarrow as pa

from piiscan.arguments import is_stored
from piiscan.errors import SourceError
from piiscan.output_files import open_private, temporary_folder

_PIECE: Final = 4 << 20
#: Bytes that stay free on the disk of a copy.
_RESERVE: Final = 64 << 20
_SQLITE: Final = b"SQLite format 3\0"
#: Endings of the files beside a database, and of a DBF table and its memos.
_JOURNALS: Final = ("-wal", "-journal")
_MEMOS: Final = (".dbt", ".fpt")
#: Bytes of a database that readers of its journal or memos look at.
_HEAD: Final = 64 << 10


def address(path: Path) -> str:
    """Return the address of an object: ``s3:/bucket/a.csv``, a path, -> ``s3://bucket/a.csv``."""
    return path.as_posix().replace(":/", "://", 1)


def list_objects(start: Path) -> Iterator[tuple[Path, int, int] | str]:
    """Yield path, size and modification time (ns) of each object at or below ``start``, by address.

    Yield the address of an object whose name is no path (``a//b``).  Raise OSError if the store
    cannot be listed.
    """
    from pyarrow.fs import FileSelector, FileType

    system, key = _located(start)
    with _short_errors():
        found = [system.get_file_info(key)]
        if found[0].type != FileType.File:
            found = system.get_file_info(FileSelector(key, recursive=True))
    place = start.as_posix().removesuffix(key)
    for info in sorted(found, key=lambda each: os.fsencode(each.path)):
        if info.type != FileType.File:
            continue
        if str(PurePosixPath(info.path)) != info.path:
            yield f"{place.replace(':/', '://', 1)}{info.path}"
        else:
            yield Path(f"{place}{info.path}"), info.size, info.mtime_ns or 0


def open_object(path: Path) -> Any:
    """Return a stream of an object from its start, for reading only. Raise OSError."""
    system, key = _located(path)
    with _short_errors():
        return _ObjectStream(system.open_input_stream(key))


def is_present(path: Path) -> bool:
    """Return True if ``path`` is a file, or an object of a store that can be reached."""
    if not is_stored(path):
        return path.is_file()
    try:
        return _version(path)[0] is not None
    except OSError:
        return False


@contextmanager
def local_file(path: Path, temporary: Path | None = None) -> Iterator[Path]:
    """Yield the path of a file with the bytes of ``path``: itself, or a private copy of an object.

    The copy is in a folder of its own in ``temporary`` (None: that of the system) with the files
    that a reader looks for beside it.  Raise OSError if the object cannot be read or was replaced
    meanwhile, SourceError if there is no room.
    """
    if not is_stored(path):
        yield path
        return
    with temporary_folder(temporary or Path(tempfile.gettempdir()), "stored-") as folder:
        copy, version = folder / path.name[-80:], _version(path)
        size = version[0]
        if size is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if shutil.disk_usage(folder).free < size + _RESERVE:
            raise SourceError("MEMBER_TOO_LARGE", f"no room for a private copy of {size} bytes")
        _copy(path, copy)
        if _version(path) != version or copy.stat().st_size != size:
            raise OSError(errno.ESTALE, "replaced while it was read")
        for other, most in _companions(path, copy):
            with suppress(OSError):  # there is none
                _copy(other, folder / other.name[-80:], most)
        yield copy


def _copy(path: Path, copy: Path, most: int | None = None) -> None:
    """Stream an object, at most its first ``most`` bytes, to a new private file."""
    with open_object(path) as stream, open_private(copy) as out:
        while piece := stream.read(_PIECE if most is None else most):
            out.write(piece)
            if most is not None:
                return


def _companions(path: Path, copy: Path) -> Iterator[tuple[Path, int | None]]:
    """Yield the objects that belong to one database with ``path``, and the bytes of them needed."""
    with copy.open("rb") as file:
        is_database = file.read(len(_SQLITE)) == _SQLITE
    if is_database:
        yield from ((path.with_name(path.name + each), None) for each in _JOURNALS)
    for each in _JOURNALS:
        if path.name.endswith(each):
            yield path.with_name(path.name.removesuffix(each)), _HEAD
    suffix = path.suffix.lower()
    if suffix in (".dbf", *_MEMOS):
        others = _MEMOS if suffix == ".dbf" else (".dbf",)
        for each in (*others, *map(str.upper, others)):
            yield path.with_suffix(each), None if suffix == ".dbf" else _HEAD


def _version(path: Path) -> tuple[int | None, int | None]:
    """Return (size, modification time) of an object, (None, None) if it is missing."""
    system, key = _located(path)
    with _short_errors():
        info = system.get_file_info(key)
    return info.size, info.mtime_ns


def _located(path: Path) -> tuple[Any, str]:
    """Return the file system of a store and the path in it. Raise OSError without a connection."""
    scheme, host, *rest = path.as_posix().replace("//", "/").split("/", 2)
    with _short_errors():
        if scheme == "s3:":
            return _s3(), "/".join((host, *rest))
        return _hdfs(host), "/" + "/".join(rest)


@cache
def _s3() -> Any:
    """Return the S3 file system; its keys, region and endpoint are those of the environment."""
    from pyarrow.fs import S3FileSystem

    names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    endpoint = next((os.environ[each] for each in names if os.environ.get(each)), None)
    return S3FileSystem(endpoint_override=endpoint, connect_timeout=10, request_timeout=60)


@cache
def _hdfs(host: str) -> Any:
    """Return the HDFS file system of ``host:port`` ("default": that of the configuration)."""
    from pyarrow.fs import HadoopFileSystem

    return HadoopFileSystem.from_uri(f"hdfs://{host}")


@contextmanager
def _short_errors() -> Iterator[None]:
    """Raise an error of a store with a short reason (ACCESS_DENIED), which names no object."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        code = re.search(r"AWS Error ([A-Z_]+)", str(error))
        number = getattr(error, "errno", None) or errno.EIO
        raise OSError(number, code[1] if code else os.strerror(number)) from None


class _ObjectStream:
    """Stream of an object, whose errors have a short reason."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, b"" at the end."""
        with _short_errors():
            data: bytes = self._stream.read(None if size < 0 else size)
        return data

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def __enter__(self) -> _ObjectStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
