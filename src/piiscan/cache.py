"""Stored tables: arrays made by the build, else cached in a private folder of the user.

The build makes the tables of the shipped rules and data (:mod:`piiscan.build_tables`). Tables of a
user's own rules, of changed data or of changed code are made when they are first needed and cached.
A file is used only if it is whole and was made from the same data by the same code. A cached one
must also be private: writable by nobody but this user and root. Two processes may write one file at
once: each appears complete, by rename.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from piiscan.table_file import Arrays, TableFile, open_tables, pack_tables

_PACKAGE: Final = Path(__file__).parent
_BUILT: Final = _PACKAGE / "data" / "tables"
#: Files that this process has read, by name; names of those it has made.
_read: Final[dict[str, TableFile]] = {}
_made: Final[set[str]] = set()
_use: Final = {"files": True, "build": False}
_IMPORT: Final = re.compile(
    rb"^from (piiscan[\w.]*) import (?:\(([^)]*)\)|([^(\n]+))", re.MULTILINE
)


def stored_tables(
    name: str, key: str, make: Callable[[], Arrays], *, fits: Callable[[Arrays], bool]
) -> Arrays:
    """Load the arrays ``name`` from the build folder or the user's cache.

    If missing, outdated or unfit, make and store them.

    ``key`` must identify all data that ``make`` depends on; its code is found by its module.
    ``fits`` checks the ranges of arrays, before they are used.
    """
    for path, accept in _places(name, key, make):
        tables = open_tables(path, accept)
        if tables is not None and _is_current(tables, key, make) and fits(tables.arrays):
            _read[name] = tables
            return tables.arrays
    arrays = make()
    _made.add(name)
    if _use["build"]:
        _write(_BUILT / f"{name}.tables", 0o644, arrays, key, make)
    elif cached := _path_in_cache(name, key, make):
        _write(cached, 0o600, arrays, key, make)
    return arrays


def _places(
    name: str, key: str, make: Callable[[], Arrays]
) -> Iterator[tuple[Path, Callable[[os.stat_result], bool]]]:
    """Yield the paths where tables may be, each with a check of its owner and mode.

    The build reads no cache: it writes all tables that it lacks.
    """
    if _use["files"]:
        yield _BUILT / f"{name}.tables", lambda _: True
    if not _use["build"] and (path := _path_in_cache(name, key, make)):
        yield path, _is_private


def _path_in_cache(name: str, key: str, make: Callable[[], Arrays]) -> Path | None:
    """Return the path of tables in the cache; tables of other data or code have another."""
    folder = cache_folder()
    if folder is None:
        return None
    made_from = f"{key} {maker_digest(make.__module__)}"
    return folder / f"{name}-{hashlib.sha256(made_from.encode()).hexdigest()[:16]}.tables"


def _is_current(tables: TableFile, key: str, make: Callable[[], Arrays]) -> bool:
    """Return True if ``tables`` were made from the data ``key`` by the code of today.

    In a checkout the code can have changed since the build; in an installed package it cannot.
    """
    return tables.facts.get("key") == key and (
        not _is_checkout() or tables.facts.get("code") == maker_digest(make.__module__)
    )


def _write(path: Path, mode: int, arrays: Arrays, key: str, make: Callable[[], Arrays]) -> None:
    """Write a table file by rename; write nothing on a full disk."""
    content = pack_tables(arrays, {"key": key, "code": maker_digest(make.__module__)})
    with contextlib.suppress(OSError):
        handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(part).chmod(mode)
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink()
            raise


@cache
def _is_checkout() -> bool:
    """Return True if this package lies in a checkout, where its files can change."""
    return (_PACKAGE.parents[1] / "pyproject.toml").is_file()


@cache
def maker_digest(module: str) -> str:
    """Return a digest of the sources of ``module`` and of all modules that it imports."""
    used = _sources(module)
    return hashlib.sha256(b"".join(used[path] for path in sorted(used))).hexdigest()


def _sources(module: str) -> dict[Path, bytes]:
    """Return the digests of the sources of ``module`` and of all modules that it imports."""
    to_visit, used = [module], dict[Path, bytes]()
    while to_visit:
        path = _source(to_visit.pop())
        if path is not None and path not in used:
            used[path], imported = _digest_and_imports(path)
            to_visit += imported
    return used


def _source(module: str) -> Path | None:
    """Return the source of a module of this package; None for any other name."""
    path = _PACKAGE.joinpath(*module.split(".")[1:])
    for candidate in (path / "__init__.py", path.with_suffix(".py")):
        if candidate.is_file():
            return candidate
    return None


@cache
def _digest_and_imports(path: Path) -> tuple[bytes, list[str]]:
    """Return the digest of a source, and names of modules and of parts of modules it imports."""
    text = path.read_bytes()
    found = []
    for module, *names in _IMPORT.findall(text):
        parent = module.decode()
        words = re.findall(rb"\w+", b" ".join(names))
        found += [parent, *(f"{parent}.{name.decode()}" for name in words)]
    return hashlib.sha256(text).digest(), found


def build_here() -> None:
    """Write new tables to the folder of the build from now on, for :mod:`piiscan.build_tables`."""
    _use["build"] = True
    _BUILT.mkdir(exist_ok=True)


def switch_off() -> None:
    """Use no stored tables in this process from now on (``--no-cache``)."""
    _use["files"] = False


def cache_folder() -> Path | None:
    """Return the cache folder, created if absent; None if it cannot be made or is not private."""
    return _folder() if _use["files"] else None


@cache
def _folder() -> Path | None:
    """Return the folder; None if it cannot be made, or is not a private one."""
    try:
        folder = _cache_home()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if _is_private(folder.stat()) else None
    except (OSError, RuntimeError):  # RuntimeError: a user without a home
        return None


def _cache_home() -> Path:
    """Return the cache folder's path: ``PIISCAN_CACHE_DIR``, else within the per-user cache."""
    if os.environ.get("PIISCAN_CACHE_DIR"):
        return Path(os.environ["PIISCAN_CACHE_DIR"])
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "piiscan" / "tables"


def _is_private(found: os.stat_result) -> bool:
    """Return True if only this user and root can write; on Windows the profile folder decides."""
    if not hasattr(os, "geteuid"):
        return True
    return found.st_uid in (os.geteuid(), 0) and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


@lru_cache(maxsize=16)
def _sha256(tables: TableFile) -> str:
    """Return the SHA-256 of a table file, computed once for each that is mapped."""
    return tables.sha256()


def cache_facts() -> dict[str, Any]:
    """Return the facts of this process's tables: files read, a digest of them, tables made."""
    lines = "".join(f"{_sha256(tables)}  {name}\n" for name, tables in sorted(_read.items()))
    return {
        "state": "on" if _use["files"] else "off",
        "read": len(_read),
        "sha256": hashlib.sha256(lines.encode()).hexdigest(),
        "made": len(_made),
    }
