"""Plug-ins: formats and recognizers of other distributions, by entry points, with their digests.

[project.entry-points."piiscan.formats"]
crm = "crm_format"        # a module with a tuple FORMATS
[project.entry-points."piiscan.recognizers"]
shop = "shop_rules"       # a package with rule files (*.yaml), read only if a call names it
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from piiscan.errors import CatalogError, MissingPathError

_FORMATS: Final = "piiscan.formats"
_PACKS: Final = "piiscan.recognizers"
_CODE: Final = (".py", ".so", ".pyd", ".toml", ".json", ".yaml", ".txt")


@cache
def plugin_entries(group: str = _FORMATS) -> tuple[EntryPoint, ...]:
    """Return the installed entry points of formats, or of another group, in a fixed order."""
    return tuple(sorted(entry_points(group=group), key=lambda each: (each.name, each.value)))


def plugin_formats() -> Iterator[Any]:
    """Yield the formats of all plug-ins. Raises CatalogError for one that cannot be loaded."""
    for each in plugin_entries():
        try:
            yield from each.load().FORMATS
        except Exception as error:  # noqa: BLE001 - whatever a plug-in raises
            raise CatalogError("formats.broken", name=each.name, why=type(error).__name__) from None


@cache
def plugin_facts() -> list[dict[str, str]]:
    """Return distribution, version and SHA-256 of each format plug-in, for a manifest."""
    return [_facts(each) for each in plugin_entries()]


def rule_folder(given: str | Path | None) -> Path | None:
    """Return a folder of own recognizers: the path as given, else that of an installed pack.

    ``shop -> …/site-packages/shop_rules``. None for None. Raise MissingPathError if it is neither.
    """
    if given is None or os.path.lexists(given):
        return given if given is None else Path(given)
    packs = {each.name: each for each in plugin_entries(_PACKS)}
    if (pack := packs.get(str(given))) is None or (folder := _pack_folder(pack)) is None:
        raise MissingPathError("rule.no_pack", folder=given, known=tuple(packs) or ("-",))
    return folder


def pack_digests(folder: Path | None) -> dict[str, str]:
    """Return ``pack shop = shop-rules 1.0`` -> SHA-256 of the pack in a folder, if it is one."""
    if folder is None:
        return {}
    packs = ((each, _pack_folder(each)) for each in plugin_entries(_PACKS))
    return dict(_entry(each) for each, home in packs if home and home.samefile(folder))


def replaced_packs(digests: Mapping[str, str]) -> list[str]:
    """Return the packs among the digests of a case of which another version is installed now."""
    found = []
    for each in plugin_entries(_PACKS):
        begin, (name, digest) = f"pack {each.name} = ", _entry(each)
        found += [
            known.removeprefix(begin)
            for known, stored in digests.items()
            if known.startswith(begin) and (known, stored) != (name, digest)
        ]
    return found


def _entry(pack: EntryPoint) -> tuple[str, str]:
    """Return name and SHA-256 of a pack, as the digests of a case have them."""
    facts = _facts(pack)
    return "pack {} = {distribution} {version}".format(pack.name, **facts), facts["sha256"]


def _pack_folder(pack: EntryPoint) -> Path | None:
    """Return the folder that a pack names (``shop_rules.cards``); nothing of it is imported."""
    top, *inner = pack.module.split(".")
    spec = find_spec(top)
    folders = [Path(each, *inner) for each in (spec and spec.submodule_search_locations) or ()]
    return next((each for each in folders if each.is_dir()), None)


def _facts(plugin: EntryPoint) -> dict[str, str]:
    """Return distribution, version and SHA-256 of a plug-in."""
    return {
        "distribution": plugin.dist.name if plugin.dist else plugin.name,
        "version": plugin.dist.version if plugin.dist else "",
        "sha256": _digest(plugin.module.partition(".")[0]),
    }


def _digest(module: str) -> str:
    """Return the SHA-256 over names and bytes of the files of a module or package."""
    spec = find_spec(module)
    folders = [Path(each) for each in (spec and spec.submodule_search_locations) or ()]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in _CODE]
    if not folders and spec is not None and spec.origin is not None:
        files = [Path(spec.origin)]
    parts = sorted((path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files)
    return hashlib.sha256(repr(parts).encode()).hexdigest()
