"""Cache: private files with arrays, checked by their SHA-256 before any use.

An entry is made again if it is absent, changed, or can be written by somebody else than this user
and root. Two processes may write one entry at once: each file appears complete, by rename. A digest
in the same file proves no more than that the entry is whole; whoever may write as this user can
change the program too. So each run also passes known answers and records :func:`cache_facts`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

#: Digests of the entries that this process has read, by name; names of those it has made.
_read: Final[dict[str, str]] = {}
_made: Final[set[str]] = set()
_use: Final = {"cache": True}


@cache
def _code_digest() -> str:
    """Return a digest of all modules that cache arrays and of their imports; it names the folder.

    After an upgrade no array is read that other code has made.
    """
    root = Path(__file__).parent
    texts = {path: path.read_bytes() for path in sorted(root.rglob("*.py"))}
    to_visit = [path for path, text in texts.items() if b"piiscan.cache import" in text]
    used: set[Path] = set()
    while to_visit:
        path = to_visit.pop()
        if path in texts and path not in used:
            used.add(path)
            for name in re.findall(rb"^from piiscan\.([\w.]+) import", texts[path], re.MULTILINE):
                module = root.joinpath(*name.decode().split("."))
                to_visit += [module.with_suffix(".py"), module / "__init__.py"]
    digest = hashlib.sha256()
    for path in sorted(used):
        digest.update(texts[path])
    return digest.hexdigest()[:16]


def switch_off() -> None:
    """Use no cache in this process from now on (``--no-cache``); call it before other imports."""
    _use["cache"] = False


def cache_folder() -> Path | None:
    """Return the cache folder, created if absent; None if there is none, or not a private one."""
    return _folder() if _use["cache"] else None


@cache
def _folder() -> Path | None:
    """Return the folder; None if it cannot be made, or is not a private one."""
    try:
        folder = _cache_home() / _code_digest()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if _is_private(folder.stat()) else None
    except (OSError, RuntimeError):  # RuntimeError: a user without a home
        return None


def _cache_home() -> Path:
    """Return the parent of the cache folders: ``PIISCAN_CACHE_DIR``, else the per-user cache."""
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


def read_entry(name: str) -> bytes | None:
    """Return the content of the entry ``name``; None if absent, changed or not private."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        with (folder / name).open("rb") as file:
            if not _is_private(os.fstat(file.fileno())):
                return None
            recorded, content = file.readline(), file.read()
    except OSError:
        return None
    digest = hashlib.sha256(content).hexdigest()
    if recorded != digest.encode() + b"\n":
        return None
    _read[name] = digest
    return content


def write_entry(name: str, content: bytes) -> None:
    """Write ``content`` as entry ``name`` by rename; without a folder or disk it is not cached."""
    _made.add(name)
    folder = cache_folder()
    if folder is None:
        return
    with contextlib.suppress(OSError):
        handle, part = tempfile.mkstemp(dir=folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
            Path(part).replace(folder / name)
        except BaseException:
            Path(part).unlink()
            raise


def cache_facts() -> dict[str, Any]:
    """Return what this process has used: entries read, one digest of them, entries made."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(_read.items()))
    return {
        "state": "on" if _use["cache"] else "off",
        "read": len(_read),
        "sha256": hashlib.sha256(lines.encode()).hexdigest(),
        "made": len(_made),
    }
