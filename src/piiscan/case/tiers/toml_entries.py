"""A TOML file read strictly: every key known, of its type, and errors with file, line and key."""

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
_MOST: Final = 1 << 20  # a rule is read by people: nobody writes a megabyte of it


@dataclass(slots=True)
class Entry:
    """One table of a file, asked for key by key; what nobody asked for is an error (``done``)."""

    content: Mapping[str, Any]
    place: str  # file and line, as errors name it
    known: list[str] = field(default_factory=list)

    def wrong(self, key: str, why: str) -> CatalogError:
        """The error that says where ``key`` breaks a rule."""
        return CatalogError(f"{self.place}: {key}: {why}")

    def get(self, key: str, *, optional: bool = False) -> Any:
        """What stands under ``key``; None if it may be left out and is."""
        self.known.append(key)
        if key not in self.content and not optional:
            raise self.wrong(key, "is missing")
        return self.content.get(key)

    def text(self, key: str, *, optional: bool = False) -> str:
        """A text that says something; empty only if it may be left out."""
        value = self.get(key, optional=optional)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "a text is expected")
        return value

    def number(self, key: str) -> int:
        """A whole number above 0."""
        value = self.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.wrong(key, "a whole number above 0 is expected")
        return value

    def flag(self, key: str, *, optional: bool = False) -> bool:
        """True or false; false if it may be left out and is."""
        value = self.get(key, optional=optional)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false is expected")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts without repeats; empty if left out."""
        value = self.get(key, optional=True)
        if value is None:
            return ()
        if not _is_texts(value):
            raise self.wrong(key, "a list of texts is expected, none of them twice")
        return tuple(value)

    def sets(self, key: str) -> tuple[tuple[str, ...], ...]:
        """A list of lists of texts; empty if left out."""
        value = self.get(key, optional=True)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(_is_texts(each) and each for each in value):
            raise self.wrong(key, "a list of lists of texts is expected")
        return tuple(tuple(each) for each in value)

    def words(self, key: str, *, optional: bool = False) -> Mapping[str, str]:
        """A sentence in both languages; empty if it may be left out and is."""
        value = self.get(key, optional=optional)
        if value is None:
            return {}
        if (
            not isinstance(value, dict)
            or set(value) != set(LANGUAGES)
            or not all(isinstance(each, str) and each.strip() for each in value.values())
        ):
            raise self.wrong(key, "{zh = …, en = …} of texts is expected")
        return dict(value)

    def table(self, key: str, lines: Lines, *, optional: bool = False) -> Entry | None:
        """The table ``[key]``; None if it may be left out and is."""
        value = self.get(key, optional=optional)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(key, "a table is expected")
        return Entry(value, f"{lines.path}:{lines.at(key, 0)}: {key}")

    def tables(self, key: str, lines: Lines, *, optional: bool = False) -> Iterator[Entry]:
        """The tables ``[[key]]``, each named by its line, number and id."""
        value = self.get(key, optional=optional) or []
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.wrong(key, "a list of tables is expected")
        for number, each in enumerate(value):
            told = f" ({each['id']})" if isinstance(each.get("id"), str) else ""
            yield Entry(each, f"{lines.path}:{lines.at(key, number)}: {key} {number + 1}{told}")

    def done(self) -> None:
        """Nothing; CatalogError at the first key that nobody asked for."""
        for key in self.content:
            if key not in self.known:
                raise self.wrong(key, f"unknown key; known are {', '.join(sorted(self.known))}")


@dataclass(frozen=True, slots=True)
class Lines:
    """On which line each table of a file begins."""

    path: str
    lines: Sequence[str]

    def at(self, key: str, number: int) -> int:
        """The line of the ``number``-th (from 0) table ``key``; 1 if written in another way."""
        head = re.compile(rf"\s*\[\[?\s*{re.escape(key)}\s*\]\]?\s*(#.*)?")
        found = [place for place, line in enumerate(self.lines, 1) if head.fullmatch(line)]
        return found[number] if number < len(found) else 1


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read: its top table, where tables begin, and the SHA-256 of its bytes."""

    top: Entry
    lines: Lines
    sha256: str


def read_document(path: Path, shown: str) -> Document:
    """The file at ``path``, which errors call ``shown``; CatalogError if it is no TOML of ours."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CatalogError(f"{shown} cannot be read: {error.strerror}") from error
    if len(content) > _MOST:
        raise CatalogError(f"{shown} is larger than a rule file can be (1 MB)")
    try:
        text = content.decode("utf-8-sig")
        top = Entry(tomllib.loads(text), f"{shown}:1")
    except UnicodeDecodeError as error:
        raise CatalogError(f"{shown} is not UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{shown}: not TOML: {error}") from error
    if top.number("format") != FORMAT:
        raise CatalogError(f"{shown}: format {FORMAT} is expected")
    return Document(top, Lines(shown, text.splitlines()), hashlib.sha256(content).hexdigest())


def find_file(name: str, folder: Path) -> tuple[Path, str]:
    """The file that ``name`` means, and what errors call it: a shipped one, else a path."""
    shipped = folder / f"{name}.toml"
    if re.fullmatch(r"[a-z0-9-]+", name) and shipped.is_file():
        return shipped, shipped.name
    path = Path(name)
    if not path.is_file():
        there = ", ".join(sorted(each.stem for each in folder.glob("*.toml")))
        raise CatalogError(f"{name}: no such rule; give a file, or one of: {there}")
    return path, str(path)


def _is_texts(value: object) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(each, str) and each for each in value)
        and len(set(value)) == len(value)
    )
