"""Documents: the plain values of a YAML or TOML file, with the line of each.

Duplicate keys, aliases, tags and unquoted dates are errors.

    bare: X    ->  values {"bare": "X"}, lines {("bare",): 1}
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from piiscan.errors import CatalogError
from piiscan.wording.words import Sentence, Translated

#: Configuration of dataclasses that documents are validated by.
STRICT: Final = {"strict": True, "extra": "forbid"}
#: Keys and positions (from 0) from the top of a file to a value.
Place = tuple[str | int, ...]

_TABLE: Final = re.compile(r"\s*(\[\[?)\s*([^]\s]+)\s*\]\]?\s*(?:#.*)?")
_KEY: Final = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*[=.]""")


class Document(NamedTuple):
    """A file as read: ``values`` of its keys, and the line of each place, if they are known."""

    file: str
    values: dict[str, Any]
    lines: Mapping[Place, int]
    top: Place = ()  # of the values in the file

    def at(self, *place: str | int) -> Document:
        """Return the mapping at a place as a document of its own."""
        values: Any = self.values
        for step in place:
            values = values[step]
        return self._replace(values=values, top=(*self.top, *place))

    def error(self, why: Translated, *place: str | int) -> CatalogError:
        """Return the error of a value: ``rule.yaml:5: bare: one of H, M, L is expected``."""
        full = (*self.top, *place)
        known = (full[:size] for size in range(len(full), 0, -1) if full[:size] in self.lines)
        line = self.lines[next(known, ())] if self.lines else 1
        key = self._place_words(full)
        return CatalogError("rule.key", file=self.file, line=line, key=key, why=why)

    def _place_words(self, place: Sequence[str | int]) -> str:
        """Return a place in words, with the id of a table: ``line 1 (closed): threshold``."""
        words: list[str] = []
        value: Any = self.values
        for number, step in enumerate(place):
            try:
                value = value[step] if number >= len(self.top) else value
            except (KeyError, IndexError, TypeError):
                value = None
            if isinstance(step, str):
                words.append(step)
                continue
            name = value.get("id") if isinstance(value, dict) else None
            words[-1] += f" {step + 1}" + (f" ({name})" if isinstance(name, str) else "")
        return ": ".join(words)


def read_toml(content: bytes, file: str) -> Document:
    """Read a TOML file. Raise CatalogError for any other content."""
    try:
        text = content.decode("utf-8-sig")
        values = tomllib.loads(text)
    except RecursionError:
        raise CatalogError("rule.invalid", file=file, why=Sentence("rule.deep")) from None
    except UnicodeDecodeError as error:
        raise CatalogError("file.not_utf8", path=file) from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogError("rule.not_toml", file=file, why=str(error)) from error
    return Document(file, values, _toml_lines(text))


def _toml_lines(text: str) -> dict[Place, int]:
    r"""Return the lines of the tables and keys of a TOML file.

    >>> _toml_lines("[[line]]\nid = 'a'\n[[line]]\nid = 'b'")[("line", 1, "id")]
    4
    """
    lines: dict[Place, int] = {(): 1}
    table: Place = ()
    counts = Counter[Place]()
    for number, line in enumerate(text.splitlines(), 1):
        if head := _TABLE.fullmatch(line):
            table = tuple(head[2].split("."))
            lines.setdefault(table, number)
            if head[1] == "[[":
                counts[table] += 1
                table = (*table, counts[table] - 1)
                lines[table] = number
        elif key := _KEY.match(line):
            lines.setdefault((*table, key[1] or key[2] or key[3] or ""), number)
    return lines


def read_yaml(content: bytes, file: str) -> Document:
    """Read a YAML file that has a mapping. Raise CatalogError if it has anything else."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(content, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{file}:{mark.line + 1}" if mark else file
        why = getattr(error, "problem", "")
        raise CatalogError("rule.no_yaml", place=place, why=why) from None
    if not isinstance(node, yaml.MappingNode):
        raise CatalogError("rule.no_mapping", file=file)
    lines: dict[Place, int] = {}
    try:
        return Document(file, _plain(node, file, (), lines, set()), lines)
    except RecursionError:
        raise CatalogError("rule.invalid", file=file, why=Sentence("rule.deep")) from None


def _plain(node: Any, file: str, place: Place, lines: dict[Place, int], seen: set[int]) -> Any:
    """Return the plain value of a YAML node; add the lines of its parts to ``lines``.

    ``seen``: ids of the nodes read so far. Raise CatalogError for duplicate keys, tags and aliases.
    """
    line = node.start_mark.line + 1
    lines.setdefault(place, line)
    if id(node) in seen:
        raise CatalogError("rule.alias", file=file, line=line)
    seen.add(id(node))
    if node.id == "scalar":
        return _scalar(node, file)
    if node.id == "sequence":
        return [_plain(each, file, (*place, n), lines, seen) for n, each in enumerate(node.value)]
    values: dict[str, Any] = {}
    for key, each in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in values:
            raise CatalogError("rule.key_twice", file=file, line=line, key=name)
        lines[(*place, name)] = line
        values[name] = _plain(each, file, (*place, name), lines, seen)
    return values


def _scalar(node: Any, file: str) -> str | int | float | bool | None:
    """Return the value of a YAML scalar; raise CatalogError for dates and other unquoted types."""
    kind, text = node.tag.rsplit(":", 1)[-1], str(node.value)
    if kind == "str":
        return text
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "int" and text.lstrip("-").isdigit():
        return int(text)
    if kind == "float" and re.fullmatch(r"-?[0-9]+\.[0-9]+", text):
        return float(text)
    if kind == "null":
        return None
    line = node.start_mark.line + 1
    raise CatalogError("rule.unquoted", file=file, line=line, kind=kind, value=text)
