"""XML of any kind: repeated elements are records, all other texts are lines.

    <RECORD><name>张三</name><phone>13800138000</phone></RECORD> -> columns name, phone; one row

A record is the outermost element that repeats and has two fields (attributes, or elements with
text alone), unless a repeating one inside has more known column names: pages of records.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from piiscan.sources.block import CountNames
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.grouped_records import Grouped, GroupedRecords
from piiscan.sources.markup import COMMENT, END, OTHER, START, Token, read_tokens
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.table_warnings import TableWarnings

_ROOT: Final = re.compile(r"[\ufeff\s]*<(?:\?xml\s|[^\W\d][\w:.-]*[\s/>])")
_CLOSED: Final = re.compile(r"(?:</[^\W\d][^<>]*|/|--)>\s*\Z")
#: Attributes that name the field which an element holds: <field name="phone">.
_NAMING: Final = ("name", "key", "Name", "column")
_MAX_TABLES: Final = 16
_MAX_PATHS: Final = 20_000
_MAX_KEYS: Final = 200
_MAX_KEY: Final = 200  # characters


@dataclass(slots=True)
class _Path:
    """All elements with one path in a document: their number, their parents, their keys."""

    name: str
    parent: int
    count: int = 0
    parents: int = 0
    last_parent: int = -1
    keys: set[str] = field(default_factory=set)  # attributes, and names of the fields below
    has_children: bool = False
    named: set[str] = field(default_factory=set)  # values of its naming attribute

    @property
    def repeats(self) -> bool:
        """Return True if one parent has several of these elements."""
        return self.count > self.parents


@dataclass(slots=True)
class _Outline:
    """Paths of a document by number (0: the root), in order of appearance."""

    paths: list[_Path] = field(default_factory=lambda: [_Path("", -1, 1, 1)])
    numbers: dict[tuple[int, str], int] = field(default_factory=dict)

    def enter(self, parent: int, token: Token, parent_element: int) -> int:
        """Count an element below path number ``parent``.

        Return the number of its path, 0 if too many.
        """
        key = (parent, token.text)
        number = self.numbers.get(key)
        if number is None:
            if len(self.paths) >= _MAX_PATHS:
                return 0
            number = self.numbers[key] = len(self.paths)
            self.paths.append(_Path(token.text, parent))
            self.paths[parent].has_children = True
        path = self.paths[number]
        path.count += 1
        path.parents += path.last_parent != parent_element
        path.last_parent = parent_element
        if len(path.keys) < _MAX_KEYS:
            path.keys.update(token.attributes)
            path.named.update(filter(None, map(token.attributes.get, _NAMING)))
        return number

    def choose(self, count_names: CountNames) -> list[int]:
        """Return the path numbers whose elements are records, the most frequent first."""
        fields: list[set[str]] = [set(path.keys) for path in self.paths]
        below: list[int] = [0] * len(self.paths)  # most known names of a repeating path inside
        chosen: dict[int, bool] = {}
        for number in range(len(self.paths) - 1, 0, -1):
            path = self.paths[number]
            known = count_names(sorted(fields[number]))
            is_field = path.repeats and len(fields[number]) <= 2 and count_names([*path.named]) > 1
            able = path.repeats and len(fields[number]) >= 2 and not is_field
            chosen[number] = able and (below[number] < 2 or known >= below[number])
            inner = max(below[number], known if able else 0)
            below[path.parent] = max(below[path.parent], inner)
            if not path.has_children or is_field:  # <Data name="phone"><value>…</value></Data>
                own = path.named if path.repeats else {path.name}
                fields[path.parent] |= own if len(fields[path.parent]) < _MAX_KEYS else set()
            elif not path.repeats:
                fields[path.parent] |= fields[number]
        inside = [False] * len(self.paths)
        found = []
        for number, path in enumerate(self.paths[1:], 1):
            inside[number] = inside[path.parent]
            if chosen[number] and not inside[number]:
                inside[number] = True
                found.append(number)
        return sorted(found, key=lambda each: -self.paths[each].count)[:_MAX_TABLES]


@dataclass(slots=True)
class _Element:
    """Open XML element: name, path number, line, key in its record, and texts so far."""

    name: str
    path: int
    number: int
    line: int
    key: str
    texts: list[str] = field(default_factory=list)


class _Walk:
    """Walk through a document: its open elements and its open record.

    ``records``: paths of the records; None to count the elements of ``outline``, and yield nothing.
    """

    def __init__(self, outline: _Outline, records: frozenset[int] | None) -> None:
        self._outline, self._records = outline, records
        self._stack = [_Element("", 0, 0, 1, "")]
        self._names: Counter[str] = Counter()  # of the open elements
        self._cells: dict[str, list[str]] | None = None
        self._depth, self._elements = 0, 0

    def read(self, tokens: Iterator[Token]) -> Iterator[Grouped]:
        """Yield records and other texts of a document as their elements end, open ones at its end.

        Yield nothing while the elements are counted.
        """
        for token in tokens:
            if token.kind == START:
                yield from self._start(token)
                if token.closed:
                    yield from self._close()
            elif token.kind == END:
                while self._names[token.text] and self._stack[-1].name != token.text:
                    yield from self._close()
                if self._names[token.text]:
                    yield from self._close()
            elif token.kind in (COMMENT, OTHER):
                yield from self._put("", token.text)
            elif self._records is not None:
                self._stack[-1].texts.append(token.text)
        while len(self._stack) > 1:
            yield from self._close()
        yield from self._put("", "".join(self._stack[0].texts))

    def _put(self, key: str, text: str) -> Iterator[Grouped]:
        """Add a text to the open record under ``key``; without a record, yield it as a line."""
        text = text.strip()
        if not text or self._records is None:
            return
        if self._cells is not None:
            self._cells[key].append(text)
        else:
            yield 0, f"{key}：{text}" if key else text

    def _start(self, token: Token) -> Iterator[Grouped]:
        """Process a start tag: open an element, begin a record, add its attributes."""
        parent, given = self._stack[-1], token.attributes
        yield from self._put(parent.key, "".join(parent.texts))
        parent.texts.clear()
        self._elements += 1
        if self._records is None:
            path = self._outline.enter(parent.path, token, parent.number)
        else:
            path = self._outline.numbers.get((parent.path, token.text), 0)
        naming = next((name for name in _NAMING if given.get(name)), None)
        key = token.text
        if self._cells is not None:
            key = key if naming is None else given[naming]
            key = f"{parent.key}.{key}"[-_MAX_KEY:] if parent.key else key[-_MAX_KEY:]
        elif self._records is not None and path in self._records:
            self._cells, self._depth, key, naming = defaultdict(list), len(self._stack), "", None
        elif naming is not None:
            key = given[naming]  # <string name="phone">13800138000</string> -> phone：…
        self._stack.append(_Element(token.text, path, self._elements, token.line, key))
        self._names[token.text] += 1
        for attribute, value in given.items():
            if attribute != naming:
                inner = f"{key}.{attribute}" if key and self._cells is not None else attribute
                yield from self._put(inner, value)

    def _close(self) -> Iterator[Grouped]:
        """Close the innermost element; yield the record that it ends."""
        element = self._stack.pop()
        self._names[element.name] -= 1
        yield from self._put(element.key, "".join(element.texts))
        if self._cells is not None and len(self._stack) == self._depth:
            cells, self._cells = self._cells, None
            record = {key: "\n".join(texts) for key, texts in cells.items()}
            yield element.path, (element.line, record)


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield a table per kind of record, and the other texts as a member."""
    content, guess = sample.content, sample.text_guess
    warnings = TableWarnings(content.member)
    outline = _Outline()
    for _ in _Walk(outline, None).read(read_tokens(content, guess, warnings)):
        pass
    yield from warnings.summary()
    paths = outline.choose(context.count_names)
    chosen = frozenset(paths)

    def read() -> Iterator[Grouped]:
        """Yield the records and other texts of the document from its start."""
        return _Walk(outline, chosen).read(read_tokens(content, guess))

    records = GroupedRecords(content, context, read)
    records.collect(read(), _MAX_TABLES)
    names = Counter(["text"])  # of members; the other texts have this one
    for number, path in enumerate(paths):
        name = outline.paths[path].name
        names[name] += 1
        part = name if names[name] == 1 else f"{name} {names[name]}"
        member = content.member if number == 0 else content.member_path(part)
        yield from records.open_group(path, kind="xml", member=member, encoding=guess.encoding)
    yield from records.open_lines()


def looks_like_xml(sample: Sample) -> bool:
    """Return True if a text has an XML declaration, or begins and ends with an element."""
    text = sample.text
    if _ROOT.match(text) is None:
        return False
    if text.lstrip("\ufeff \t\r\n").startswith("<?xml"):
        return True
    tail = sample.content.windows[-1].data[-256:].decode("utf-8", "replace").replace("\0", "")
    return _CLOSED.search(tail) is not None and "</" in text[: 64 << 10] + tail


FORMATS: Final = (
    Format(
        "xml",
        46,
        _open,
        probe=looks_like_xml,
        extensions=("xml",),
        container=True,
        copied_as_text=True,
    ),
)
