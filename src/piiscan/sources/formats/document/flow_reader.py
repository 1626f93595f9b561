"""Flow reader: paragraphs, tables and all other texts of an XML part of a document.

    <w:p><w:r><w:t>138</w:t></w:r><w:r><w:t>00138000</w:t></w:r></w:p>  ->  the line 13800138000

Word, PowerPoint and OpenDocument are told apart by the namespaces of their elements. Each paragraph
is a line, and so is what follows a line break in it; what was deleted from it, the targets of its
links and what its fields say stand behind it. Paragraphs of a cell are the cell. All other texts
and attributes are asides, with the line where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from piiscan.sources.texts.xml_texts import PlacedText, attribute_texts, is_technical

Cells = list[str | None]
Attributes = dict[str, str]

#: Treatment of the characters of an element.
_ASIDE, _TEXT, _MIXED, _DELETED, _FIELD, _BINARY, _NOTHING = range(7)
_MODES: Final = {
    "paragraph": _ASIDE,
    "mixed": _MIXED,
    "text": _TEXT,
    "deleted": _DELETED,
    "instruction": _FIELD,
    "nothing": _NOTHING,
    "binary": _BINARY,
}
_CHARACTERS: Final = {"tab": "\t", "break": "\n", "hyphen": "-", "blanks": " "}
_SECTIONS: Final = ("section", "page", "notes")
#: Pieces of a paragraph: as ever, inserted, deleted.
_OLD, _NEW, _GONE = range(3)
#: Elements by their local name.
_BY_NAME: Final = {
    **dict.fromkeys(("p", "h"), "paragraph"),
    "t": "text",
    **dict.fromkeys(("delText", "deletedText"), "deleted"),
    **dict.fromkeys(("instrText", "delInstrText"), "instruction"),
    **dict.fromkeys(("tab", "ptab"), "tab"),
    **dict.fromkeys(("br", "cr", "line-break"), "break"),
    "noBreakHyphen": "hyphen",
    **dict.fromkeys(("tbl", "table"), "table"),
    **dict.fromkeys(("tr", "table-row"), "row"),
    **dict.fromkeys(("tc", "table-cell"), "cell"),
    "covered-table-cell": "covered",
    "gridSpan": "span",
    **dict.fromkeys(("hyperlink", "hlinkClick", "hlinkHover", "hlinkMouseOver", "hlink"), "link"),
    "fldSimple": "field",
    "fldChar": "mark",
    **dict.fromkeys(("rt", "ruby-text"), "ruby"),
    "AlternateContent": "alternatives",
    "Fallback": "fallback",
    "moveFrom": "moved",
    "ins": "inserted",
    **dict.fromkeys(("txBody", "comment", "footnote", "endnote", "cm", "sp"), "end"),
    **dict.fromkeys(("binData", "binaryData", "binary-data"), "binary"),
    **dict.fromkeys(("hdr", "ftr"), "section"),
    **dict.fromkeys(("note-citation", "linenumbering-configuration"), "nothing"),
}
_ODF: Final = "opendocument:xmlns:"
_ODF_NAMES: Final = {"s": "blanks", "a": "link", "page": "page", "notes": "notes"}
#: The ends of the namespaces in which OpenDocument's elements have these meanings.
_ODF_SPACES: Final = {
    "page": "drawing:1.0",
    "notes": "presentation:1.0",
    "blanks": "text:1.0",
    "paragraph": "text:1.0",
    "tab": "text:1.0",
    **dict.fromkeys(("table", "row", "cell", "covered"), "table:1.0"),
}
#: Its elements that may stand in a paragraph and hold others.
_BLOCKS: Final = ("note", "note-body", "list", "list-item")
#: Namespaces of Office, and what has a meaning in them only.
_OFFICE_ONLY: Final = frozenset(("text", "tab", "break", "ruby", "span", "inserted", "end"))
_OFFICE: Final = re.compile(r"wordprocessingml|drawingml|presentationml|wordml|math\b|office/word")
_PLAIN: Final = ("paragraph", "row")
_STYLED: Final = re.compile(r"(?:rsid\w*|paraId|textId|durableId|collapsedId)")
#: Elements with numbers that a program gives.
_NUMBERED: Final = re.compile(
    r"rsid\w*|panose1|sig|lvl\dpPr|creationId|modId|rowId|colId|nsid|tmpl|docId|lsdException|latentStyles|embeddedFont\w*"
    r"|(?:style|default|list-level|graphic|text|paragraph|table\w*)-(?:properties|style)\S*"
)
#: Attributes and texts that may tell something, in whatever element they stand.
_TELLING: Final = re.compile(r"[^\x00-\x7f]|@|(?:[0-9][^0-9A-Za-z]?){7}")
_HUMAN: Final = re.compile(
    r"title|descr|alt|author|initials|tag|alias|string\d*|tooltip|text|userId|displayName|Target"
    r"|userName|name|keywords|subject|string-value|password|fullName"
)
_SCHEME: Final = re.compile(r"(?:mailto|tel|sms|callto):(?://)?|https?://", re.IGNORECASE)
_FIELD_WORD: Final = re.compile(r'"([^"]*)"|(\S+)')
_ANCHOR: Final = re.compile(r"_(?:Toc|Ref|Hlk|GoBack|Hlt)\w*|\\\S*|[A-Za-z]{1,12}|[-\d]{1,4}")
_SAYING: Final = re.compile(r"[^\W_]")
_SPACES: Final = re.compile(r"\s+")
_PICTURE: Final = re.compile(r'\\[@#*]\s*(?:"[^"]*"|\S+)')
#: Characters of a word that a deletion may cut.
_WORD: Final = re.compile(r"[0-9A-Za-z@._-]")
_MAX_CACHED: Final = 50_000
_WIDEST: Final = 1024
_SHORT: Final = 11  # digits of a size or a colour


@dataclass(slots=True)
class Section:
    """Separate text of a document part (a slide, a page header): its lines and tables."""

    name: str
    lines: list[str] = field(default_factory=list)
    tables: list[list[Cells]] = field(default_factory=list)


@dataclass(slots=True)
class _Paragraph:
    """Open paragraph: its text runs with their state, and texts that follow it.

    ``pieces``: (text, old, new or deleted). ``behind``: link targets and field words. ``boxes``:
    texts of text boxes.
    """

    pieces: list[tuple[str, int]] = field(default_factory=list)  # and whether it is a change
    behind: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)

    def texts(self) -> tuple[str, list[str]]:
        """Return (current text, deleted words); a deletion inside a word gives the old word."""
        text = "".join(piece for piece, state in self.pieces if state != _GONE)
        gone: list[str] = []
        if any(state == _GONE for _, state in self.pieces):
            old = "".join(piece for piece, state in self.pieces if state != _NEW)
            end = at = 0
            for piece, state in self.pieces:
                if state == _GONE:
                    begin, stop = _word_bounds(old, at, at + len(piece))
                    if begin < end:
                        gone[-1] += old[end : max(stop, end)]
                    else:
                        gone.append(old[begin:stop])
                    end = max(stop, end)
                at += len(piece) if state != _NEW else 0
        return text, gone


@dataclass(slots=True)
class _Grid:
    """Open table of a document: its rows, the cells of its open row, the lines of its open cell."""

    rows: list[Cells]
    row: Cells | None = None
    cell: list[str] | None = None
    covers: int = 1


class FlowReader:
    """Handler of XML parser events: collects paragraphs, tables and other texts of a document.

    ``link`` returns the target of a link by its number in the part, None if it is no outside one.
    ``name`` is that of the part's text. ``sections`` are its texts, ``asides`` its other texts
    with their places, ``files`` the encoded files in it; ``deletions`` counts deleted passages.
    """

    def __init__(
        self, name: str, link: Callable[[str], str | None], *, styles: bool = False
    ) -> None:
        """Begin a part. ``styles``: True for a part with names of styles and fonts."""
        self.found: list[object] = []  # the parser's way to yield; a flow is read whole
        self.sections = [Section(name)]
        self.asides: list[PlacedText] = []
        self.files: list[tuple[str, str]] = []
        self.deletions = 0
        self._name, self._link, self._styles = name, link, styles
        self._kinds: dict[str, tuple[str, str, bool, bool]] = {}
        self._cache: dict[tuple[str, ...], list[PlacedText]] = {}
        self._stack: list[tuple[str, str, int]] = []  # kind, local name, mode of what is around
        self._mode = _ASIDE
        self._text: list[str] = []  # of an element that is no text of a paragraph
        self._open = [self.sections[0]]
        self._around: list[tuple[list[_Paragraph], list[_Grid]]] = []  # of a section
        self._paragraphs: list[_Paragraph] = []
        self._grids: list[_Grid] = []
        self._fields: list[list[str]] = []
        self._told: set[PlacedText] = set()
        self._choices: list[set[str]] = []
        self._inside = {"fallback": 0, "moved": 0, "inserted": 0, "ruby": 0}
        self._pages = 0
        self._moves: list[str] = []

    # events of the parser

    def start(self, name: str, attributes: Attributes) -> None:
        """Process a start tag: open the element ``name``."""
        kind, local, is_odf, inline = self._kinds.get(name) or self._kind(name)
        if self._text:
            self._end_text(self._stack[-1][1] if self._stack else "")
        self._stack.append((kind, local, self._mode))
        if inline and self._paragraphs:
            self._mode = _MIXED
        elif self._mode != _NOTHING:
            self._mode = _ASIDE
        if kind:
            self._begin(kind, local, attributes, is_odf=is_odf)
        # a paragraph or row often has layout values of a program alone
        plain = kind in _PLAIN and all(
            _STYLED.fullmatch(key.rpartition("}")[2]) for key in attributes
        )
        if attributes and not plain:
            self._add_attributes(local, attributes)

    def add(self, text: str) -> None:
        """Process characters: add them to the open paragraph or element."""
        mode = self._mode
        if mode == _ASIDE:
            if self._text or not text.isspace():
                self._text.append(text)
            return
        if mode == _BINARY:
            self._text.append(text)
        elif mode == _TEXT:
            self._add_text(text)
        elif mode == _MIXED:
            self._add_text(_SPACES.sub(" ", text))
        elif mode == _DELETED:
            self._add_text(text, _GONE)
        elif mode == _FIELD:
            if not self._fields:  # without a begin mark; the paragraph's end closes it
                self._fields.append([])
            self._fields[-1].append(text)

    def comment(self, text: str) -> None:
        """Process an XML comment: add it as a text outside of paragraphs."""
        self._aside("<!---->", text)

    def add_outside_text(self, place: str, text: str) -> None:
        """Add a text that belongs to no paragraph, with its ``place``.

        Texts of programs, and numbers of fewer than 11 digits, are left out.
        """
        if not is_technical("", text.strip()) and not (text.isdecimal() and len(text) < _SHORT):
            self._aside(place, text)

    def end(self, name: str) -> None:
        """Process an end tag: close the innermost element."""
        del name
        kind, local, mode = self._stack.pop()
        if self._mode == _BINARY:
            self.files.append((f"{local} {len(self.files) + 1}", "".join(self._text)))
            self._text = []
        elif self._text:
            self._end_text(local)
        self._mode = mode
        if kind:
            self._finish(kind)

    def close(self) -> None:
        """End all open elements, at the end of a part or where it is cut off."""
        while self._stack:
            self.end("")
        shown = None
        for text in dict.fromkeys(self._moves):
            shown = shown or "\n".join(line for part in self.sections for line in part.lines)
            if text not in shown:  # it was moved, and then changed or deleted
                self.sections[0].lines.append(text)

    # elements

    def _kind(self, name: str) -> tuple[str, str, bool, bool]:
        """Return (kind, local name, is OpenDocument, is inline) of the element ``name``."""
        space, _, local = name.rpartition("}")
        is_odf = _ODF in space
        kind = (_ODF_NAMES.get(local) if is_odf else None) or _BY_NAME.get(local, "")
        wanted = _ODF_SPACES.get(kind) if is_odf else None
        if wanted is not None and not space.endswith(wanted):
            kind = ""
        if not is_odf and _OFFICE.search(space) is None:
            kind = "mixed" if kind == "paragraph" else "" if kind in _OFFICE_ONLY else kind
        elif (is_odf and kind == "paragraph") or (local == "text" and "presentationml" in space):
            kind = "mixed"
        inline = space.endswith("xmlns:text:1.0") and kind not in ("nothing", "mixed")
        inline = inline and local not in _BLOCKS
        self._kinds[name] = found = (kind, local, is_odf, inline)
        return found

    def _begin(self, kind: str, local: str, attributes: Attributes, *, is_odf: bool) -> None:
        """Begin an element of a known ``kind``, such as a paragraph, table, link or field."""
        self._mode = _MODES.get(kind, self._mode)
        if kind in ("paragraph", "mixed"):
            self._paragraphs.append(_Paragraph())
        elif kind in _CHARACTERS:
            if kind == "blanks":
                count = _local(attributes, "c")
                self._add_text(" " * min(int(count[:4]), 100) if count.isdecimal() else " ")
            elif kind != "tab" or is_odf or not attributes:  # not a place of tabs
                self._add_text(_CHARACTERS[kind])
        elif kind in ("table", "row", "cell", "covered", "span"):
            self._begin_table(kind, attributes)
        elif kind in ("link", "field"):
            self._begin_link(kind, attributes)
        elif kind == "mark":
            self._mark_field(_local(attributes, "fldCharType"))
        elif kind == "alternatives":
            self._choices.append(set())
        elif kind in self._inside:
            self._inside[kind] += 1
            if kind == "moved":
                self._moves.append("")
        elif kind in _SECTIONS:
            self._begin_section(kind, local)

    def _begin_table(self, kind: str, attributes: Attributes) -> None:
        """Begin a table, a row or a cell, or set the number of columns that the cell covers."""
        if kind == "table":
            rows: list[Cells] = []
            self._open[-1].tables.append(rows)
            self._grids.append(_Grid(rows))
            self._blank()
            return
        if not self._grids:
            return
        grid = self._grids[-1]
        if kind == "row":
            grid.row = []
        elif kind == "span":
            grid.covers = _number(_local(attributes, "val"))
        else:
            grid.row = [] if grid.row is None else grid.row
            grid.cell = []
            grid.covers = _number(_local(attributes, "number-columns-repeated"))

    def _finish(self, kind: str) -> None:
        """Finish an element of a known ``kind``, such as a paragraph, table, link or field."""
        if kind in ("paragraph", "mixed"):
            if self._paragraphs:
                self._end_paragraph(self._paragraphs.pop())
        elif kind in ("table", "row", "cell", "covered"):
            if self._grids:
                self._finish_table(kind, self._grids[-1])
        elif kind == "alternatives":
            told = self._choices.pop()
            if self._choices:
                self._choices[-1] |= told
        elif kind in self._inside:
            self._inside[kind] -= 1
        elif kind in _SECTIONS:
            self._open.pop()
            self._paragraphs, self._grids = self._around.pop()
        elif kind == "end":
            self._blank()

    def _finish_table(self, kind: str, grid: _Grid) -> None:
        """Finish a table, a row or a cell."""
        if kind in ("row", "table") and grid.row is not None:
            grid.rows.append(grid.row)
            grid.row = None
        elif kind in ("cell", "covered") and grid.cell is not None and grid.row is not None:
            text = "\n".join(grid.cell).strip("\n")
            first = None if kind == "covered" and not text else text
            grid.row += [first, *[None] * (min(grid.covers, _WIDEST - len(grid.row)) - 1)]
            grid.cell = None
        if kind == "table":
            self._grids.pop()

    # paragraphs

    def _add_text(self, text: str, state: int = _OLD) -> None:
        """Add a text to the open paragraph; without one it is a line of its own."""
        if self._inside["moved"]:
            self._moves[-1] += text
            return
        if not self._paragraphs:
            if not text.isspace():
                self._line(text)
            return
        paragraph = self._paragraphs[-1]
        if self._inside["ruby"]:
            paragraph.behind.append(text)
            return
        last = paragraph.pieces[-1][1] if paragraph.pieces else _OLD
        self.deletions += state == _GONE != last
        paragraph.pieces.append((text, state or (_NEW if self._inside["inserted"] else _OLD)))

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        """Add a finished paragraph to the open cell, the outer paragraph, or the lines."""
        text, behind = paragraph.texts()
        if self._fields and not self._paragraphs:
            for each in self._fields:  # fields go on in the next paragraph, their words do not
                behind += _field_words("".join(each))
                each.clear()
        for more in [*behind, *paragraph.behind]:
            if more.strip() and more not in text:
                text = f"{text}\t{more}" if text else more
        if self._choices:
            if not self._inside["fallback"]:
                self._choices[-1].add(text)
            elif text in self._choices[-1]:
                text = ""
        self._place(text, paragraph.boxes)

    def _place(self, text: str, boxes: list[str]) -> None:
        """Add a paragraph's text, then its text boxes' texts, to open cell, paragraph or lines."""
        grid = self._grids[-1] if self._grids else None
        if grid is not None and grid.cell is not None:
            grid.cell += [text, *filter(None, boxes)]
        elif self._paragraphs:
            self._paragraphs[-1].boxes += filter(None, (text, *boxes))
        else:
            self._line(text)
            for each in ("", *boxes, "") if boxes else ():
                self._line(each)

    def _line(self, text: str) -> None:
        """Add a text, split at its line ends, to the lines of the open section."""
        self._open[-1].lines += text.split("\n")

    def _blank(self) -> None:
        """Add an empty line after a block of lines."""
        if not self._paragraphs and not (self._grids and self._grids[-1].cell is not None):
            lines = self._open[-1].lines
            if lines and lines[-1]:
                lines.append("")

    # links, fields, sections

    def _begin_link(self, kind: str, attributes: Attributes) -> None:
        """Add the target of a link, or the quoted words of a field, to its paragraph's end."""
        if kind == "field":
            words = _field_words(_local(attributes, "instr"))
        else:
            target = _local(attributes, "href") or _local(attributes, "dest")
            target = target or self._link(_local(attributes, "id")) or ""
            target = _SCHEME.sub("", target).rstrip("/")
            plain = not target or (target.startswith("#") and not _TELLING.search(target))
            words = [] if plain else [target]
        if not words:
            return
        if self._paragraphs:
            self._paragraphs[-1].behind += words
        else:
            for word in words:
                self._aside("link", word)

    def _mark_field(self, kind: str) -> None:
        """Process a field mark: ``begin``, ``separate`` or ``end`` of its instruction."""
        if kind == "begin":
            self._fields.append([])
        elif self._fields:
            if self._paragraphs:
                self._paragraphs[-1].behind += _field_words("".join(self._fields[-1]))
                self._fields[-1].clear()
            if kind == "end":
                self._fields.pop()

    def _begin_section(self, kind: str, local: str) -> None:
        """Begin a slide, its notes, or a page header: each is a section with its own lines."""
        if kind == "page":
            self._pages += 1
        name = {"page": f"slide {self._pages}", "notes": f"slide {self._pages} notes"}.get(
            kind, f"{'header' if local == 'hdr' else 'footer'} {len(self.sections)}"
        )
        if len(self._stack) > 1:
            self.sections.append(Section(name))
            self._open.append(self.sections[-1])
        else:
            self._open.append(self._open[-1])
        self._around.append((self._paragraphs, self._grids))
        self._paragraphs, self._grids = [], []

    # other texts

    def _end_text(self, local: str) -> None:
        """Store the collected text of an element outside of paragraphs."""
        text, self._text = "".join(self._text), []
        if self._styles and not _TELLING.search(text):
            return
        if not is_technical(local, text.strip()):
            self._aside(local, text)

    def _add_attributes(self, local: str, attributes: Attributes) -> None:
        """Store the attribute values of an element that can contain personal data."""
        key = (local, *attributes, *attributes.values())
        texts = self._cache.get(key)
        if texts is None:
            texts = [] if _NUMBERED.fullmatch(local) else self._attribute_texts(local, attributes)
            if len(self._cache) < _MAX_CACHED:
                self._cache[key] = texts
        for place, text in texts:
            self._aside(place, text)

    def _attribute_texts(self, local: str, attributes: Attributes) -> list[PlacedText]:
        """Return (place, value) of an element's attributes that can contain personal data."""
        found = []
        for place, value in attribute_texts(local, attributes):
            name = place.rpartition("@")[2]
            text = value.strip()
            if is_technical("", text) or _STYLED.fullmatch(name):
                continue
            kind = _BY_NAME.get(local) or _ODF_NAMES.get(local)
            if name in ("href", "dest", "instr") and kind in ("link", "field"):
                continue
            human = _HUMAN.fullmatch(name) is not None and not self._styles
            if human or _TELLING.search(text):
                found.append((place, text))
        return found

    def _aside(self, place: str, text: str) -> None:
        """Store a text outside of paragraphs with the number of the next line; each text once.

        ``place``: element and attribute, ``bookmark@name``.
        """
        text = text.strip()
        known = place.rpartition("@")[2], text
        if known in self._told or _SAYING.search(text) is None:
            return
        if self._choices:
            if self._inside["fallback"] and text in self._choices[-1]:
                return
            self._choices[-1].add(text)
        self._told.add(known)
        line = len(self._open[-1].lines) + 1
        self.asides.append((f"line {line} {place}" if line > 1 else place, text))


def _number(text: str) -> int:
    """Parse the number of columns that a cell covers: ``"2" -> 2``; 1 if it is no number."""
    return min(int(text[:6]), _WIDEST) if text.isdecimal() else 1


def _local(attributes: Attributes, name: str) -> str:
    """Return the value of an attribute by its local name, "" if it is missing."""
    for key, value in attributes.items():
        if key.rpartition("}")[2] == name:
            return value
    return ""


def _word_bounds(text: str, begin: int, end: int) -> tuple[int, int]:
    """Extend [begin, end) to whole words of Latin letters and digits, in code points.

    >>> _word_bounds("电话13800138000，", 4, 6), _word_bounds("138，139", 3, 4)
    ((2, 13), (3, 4))
    """
    while 0 < begin < end and _WORD.match(text, begin) and _WORD.match(text, begin - 1):
        begin -= 1
    while begin < end < len(text) and _WORD.match(text, end - 1) and _WORD.match(text, end):
        end += 1
    return begin, end


def _field_words(instruction: str) -> list[str]:
    r"""Return the words of a field's instruction: ``HYPERLINK "mailto:a@b.cn" -> a@b.cn``.

    >>> _field_words(' HYPERLINK "mailto:a@example.com" \\o "张三" ')
    ['a@example.com', '张三']
    """
    said = _PICTURE.sub("", instruction)
    words = [quoted or word for quoted, word in _FIELD_WORD.findall(said)][1:]
    return [_SCHEME.sub("", word) for word in words if not _ANCHOR.fullmatch(word)]
