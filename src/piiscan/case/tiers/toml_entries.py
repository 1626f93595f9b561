"""Strict TOML reader: every key known and of its type. Errors name file, line and key.

``threshold = "50"`` in the first ``[[line]] -> CatalogError: rule.toml:12: line 1 (a): threshold: a
whole number above 0 is expected``
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.errors import CatalogError

FORMAT: Final = 1
LANGUAGES: Final = ("zh", "en")
_MAX_BYTES: Final = 1 << 20  # people write rule files, and none has a megabyte


@dataclass(slots=True)
class TomlTable:
    """One table of a TOML file, read key by key.

    ``reject_unknown_keys`` fails on a key that was never read.
    """

    content: Mapping[str, Any]
    location: str  # file and line, for errors
    requested_keys: list[str] = field(default_factory=list)

    def error(self, key: str, why: str) -> CatalogError:
        """Return a CatalogError that names the location of ``key`` and the rule it breaks."""
        return CatalogError(f"{self.location}: {key}: {why}")

    def get(self, key: str, *, optional: bool = False) -> Any:
        """Return the value of ``key``, None if it is absent and ``optional``.

        Raise CatalogError if it is absent and not ``optional``.
        """
        self.requested_keys.append(key)
        if key not in self.content and not optional:
            raise self.error(key, "is missing")
        return self.content.get(key)

    def text(self, key: str, *, optional: bool = False) -> str:
        """Return the non-blank text under ``key``; "" if absent and ``optional``.

        Raise CatalogError if it is invalid.
        """
        value = self.get(key, optional=optional)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "a text is expected")
        return value

    def number(self, key: str) -> int:
        """Return the whole number above 0 under ``key``; raise CatalogError if invalid."""
        value = self.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.error(key, "a whole number above 0 is expected")
        return value

    def flag(self, key: str, *, optional: bool = False) -> bool:
        """Return the Boolean under ``key``; False if absent and ``optional``.

        Raise CatalogError if invalid.
        """
        value = self.get(key, optional=optional)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise self.error(key, "true or false is expected")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the distinct texts listed under ``key``; () if absent.

        Raise CatalogError if invalid.
        """
        value = self.get(key, optional=True)
        if value is None:
            return ()
        if not _is_texts(value):
            raise self.error(key, "a list of texts is expected, none of them twice")
        return tuple(value)

    def sets(self, key: str) -> tuple[tuple[str, ...], ...]:
        """Return the lists of distinct texts listed under ``key``; () if absent.

        Raise CatalogError if it is invalid.
        """
        value = self.get(key, optional=True)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(_is_texts(each) and each for each in value):
            raise self.error(key, "a list of lists of texts is expected")
        return tuple(tuple(each) for each in value)

    def translations(self, key: str, *, optional: bool = False) -> Mapping[str, str]:
        """Return language -> sentence under ``key``; {} if absent and ``optional``.

        Raise CatalogError if invalid.
        """
        value = self.get(key, optional=optional)
        if value is None:
            return {}
        if (
            not isinstance(value, dict)
            or set(value) != set(LANGUAGES)
            or not all(isinstance(each, str) and each.strip() for each in value.values())
        ):
            raise self.error(key, "{zh = …, en = …} of texts is expected")
        return dict(value)

    def table(self, key: str, lines: TableLines, *, optional: bool = False) -> TomlTable | None:
        """Return the table ``[key]``, None if it is absent and ``optional``.

        Raise CatalogError if it is no table.
        """
        value = self.get(key, optional=optional)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.error(key, "a table is expected")
        return TomlTable(value, f"{lines.path}:{lines.line_number(key, 0)}: {key}")

    def tables(self, key: str, lines: TableLines, *, optional: bool = False) -> Iterator[TomlTable]:
        """Yield each table ``[[key]]``, with its line, number and id for error messages."""
        value = self.get(key, optional=optional) or []
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.error(key, "a list of tables is expected")
        for number, each in enumerate(value):
            identifier = f" ({each['id']})" if isinstance(each.get("id"), str) else ""
            yield TomlTable(
                each,
                f"{lines.path}:{lines.line_number(key, number)}: {key} {number + 1}{identifier}",
            )

    def reject_unknown_keys(self) -> None:
        """Raise CatalogError at the first key that was never read."""
        for key in self.content:
            if key not in self.requested_keys:
                raise self.error(
                    key, f"unknown key; known are {', '.join(sorted(self.requested_keys))}"
                )


@dataclass(frozen=True, slots=True)
class TableLines:
    """Line numbers of the tables in a TOML file."""

    path: str
    lines: Sequence[str]

    def line_number(self, key: str, number: int) -> int:
        """Return the file line of the ``number``-th (from 0) ``[[key]]``, 1 if not found."""
        head = re.compile(rf"\s*\[\[?\s*{re.escape(key)}\s*\]\]?\s*(#.*)?")
        found = [place for place, line in enumerate(self.lines, 1) if head.fullmatch(line)]
        return found[number] if number < len(found) else 1


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """TOML file as loaded: top table, line numbers of its tables, SHA-256 of its bytes."""

    top: TomlTable
    lines: TableLines
    sha256: str


def read_toml(path: Path, display_name: str) -> TomlDocument:
    """Load the rule file at ``path``. Errors name it ``display_name``.

    Raise CatalogError if it is unreadable, above 1 MiB, no TOML, or of another format.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CatalogError("file.unreadable", path=display_name, reason=error.strerror) from error
    if len(content) > _MAX_BYTES:
        raise CatalogError(f"{display_name} is larger than a rule file can be (1 MB)")
    try:
        text = content.decode("utf-8-sig")
        top = TomlTable(tomllib.loads(text), f"{display_name}:1")
    except UnicodeDecodeError as error:
        raise CatalogError(f"{display_name} is not UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{display_name}: not TOML: {error}") from error
    if top.number("format") != FORMAT:
        raise CatalogError(f"{display_name}: format {FORMAT} is expected")
    return TomlDocument(
        top, TableLines(display_name, text.splitlines()), hashlib.sha256(content).hexdigest()
    )


def find_rule_file(name: str, folder: Path) -> tuple[Path, str]:
    """Return the path of rule ``name`` and its display name: a shipped rule, else a file.

    Raise CatalogError if there is neither.
    """
    shipped = folder / f"{name}.toml"
    if re.fullmatch(r"[a-z0-9-]+", name) and shipped.is_file():
        return shipped, shipped.name
    path = Path(name)
    if not path.is_file():
        shipped_ids = ", ".join(sorted(each.stem for each in folder.glob("*.toml")))
        raise CatalogError(f"{name}: no such rule; give a file, or one of: {shipped_ids}")
    return path, str(path)


def _is_texts(value: object) -> bool:
    """Return True for a list of distinct, non-empty strings."""
    return (
        isinstance(value, list)
        and all(isinstance(each, str) and each for each in value)
        and len(set(value)) == len(value)
    )
