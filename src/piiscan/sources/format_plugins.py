"""Format plug-ins: readers of other distributions, by the entry point ``piiscan.formats``.

[project.entry-points."piiscan.formats"]
crm = "crm_format"        # a module with a tuple FORMATS
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from piiscan.errors import CatalogError

_GROUP: Final = "piiscan.formats"
_CODE: Final = (".py", ".so", ".pyd", ".toml", ".json", ".yaml")


@cache
def plugin_entries() -> tuple[EntryPoint, ...]:
    """Return the installed entry points of formats, in a fixed order."""
    return tuple(sorted(entry_points(group=_GROUP), key=lambda each: (each.name, each.value)))


def plugin_formats() -> Iterator[Any]:
    """Yield the formats of all plug-ins. Raises CatalogError for one that cannot be loaded."""
    for each in plugin_entries():
        try:
            yield from each.load().FORMATS
        except Exception as error:  # noqa: BLE001 - whatever a plug-in raises
            raise CatalogError("formats.broken", name=each.name, why=type(error).__name__) from None


@cache
def plugin_facts() -> list[dict[str, str]]:
    """Return distribution, version and SHA-256 of each plug-in, as a manifest has them."""
    return [
        {
            "distribution": each.dist.name if each.dist else each.name,
            "version": each.dist.version if each.dist else "",
            "sha256": _digest(each.module.partition(".")[0]),
        }
        for each in plugin_entries()
    ]


def _digest(module: str) -> str:
    """Return the SHA-256 over names and bytes of the files of a module or package."""
    spec = find_spec(module)
    folders = [Path(each) for each in (spec and spec.submodule_search_locations) or ()]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in _CODE]
    if not folders and spec is not None and spec.origin is not None:
        files = [Path(spec.origin)]
    parts = sorted((path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files)
    return hashlib.sha256(repr(parts).encode()).hexdigest()
