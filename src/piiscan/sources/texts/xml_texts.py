"""XML texts: the texts and attribute values in a part of an office file.

    <comment ref="B2"><text><r><t>138</t></r><r><t>00138000</t></r></text> -> B2, 13800138000

Every text and attribute counts, unless its form or its name shows that it is technical.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final
from xml.parsers import expat

from piiscan.errors import SourceError
from piiscan.sources.encoding.detector import CODECS, guess_encoding
from piiscan.sources.texts.column_letters import column_letter

_PIECE_BYTES: Final = 1 << 20
_HEAD: Final = 4096
_MAX_CHARACTERS: Final = 1 << 20  # of a row; a longer text is cut
_CELL: Final = re.compile(r"\$?[A-Z]{1,3}\$?[0-9]{1,7}")
_RANGE: Final = (
    rf"(?:{_CELL.pattern}(?::{_CELL.pattern})?|\$?[A-Z]{{1,3}}:\$?[A-Z]{{1,3}}"
    r"|\$?[0-9]{1,7}:\$?[0-9]{1,7})"
)
#: Texts and attributes of these forms are technical: short numbers, truth values, references to
#: cells, identifiers, colours, times, namespaces, version and serial number of WPS.
_TECHNICAL: Final = re.compile(
    r"[-+]?[0-9]{0,4}(?:\.[0-9]*)?(?:[Ee][-+]?[0-9]+)?(?:pt|%)?|true|false|True|False"
    r"|\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?"
    r"|#[0-9A-Fa-f]{3,8}(?: \[[0-9]+\])?"
    rf"|(?:(?:'[^']+'|[^\W\d][\w.]*)!)?{_RANGE}(?:[ ,]{_RANGE})*"
    r"|tc=\{[-0-9A-Fa-f]{36}\}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?"
    r"|rId[0-9]+|_x0000_\w{1,4}[0-9]{1,5}|_xlnm\.\w+"
    r"|(?:https?://(?:schemas\.(?:openxmlformats\.org|microsoft\.com)|purl\.org|www\.w3\.org)"
    r"|urn:(?:schemas-microsoft-com|oasis)\b)\S*"
    r"|2052-[0-9]+(?:\.[0-9]+){3}|[0-9A-F]{32}(?:_[0-9]+)?"
)
#: An attribute with a word of letters alone names a choice, unless its name is one of ``_TEXTS``.
_WORD: Final = re.compile(r"[A-Za-z]+[0-9]{0,3}")
_TEXTS: Final = re.compile(
    r"title|descr|tooltip|display|prompt|promptTitle|error|errorTitle|caption|displayName|userName"
    r"|author|name|v|text|userId|alt|location|Target|password"
)
#: Attributes that are technical whatever they are: of drawings, fonts and packages.
_NO_TEXTS: Final = re.compile(
    r"type|media-type|full-path|(?:default-cell-)?style(?:-name)?|spans|typeface|panose|uri|Requires|Ignorable|Type|ContentType|PartName|Extension|uid"
    r"|coordsize|coordorigin|adj|path|gradientshapeok|rgb|lastClr|xfrm|formatCode|codeName|lang"
    r"|number-(?:row|column)s-(?:repeated|spanned)|algorithmName|hashValue|saltValue|schemaLocation|fmtid|namespace|space"
)
#: Attributes with any number are technical in drawings: sizes in units of 1/914400 inch.
_NUMBERS: Final = re.compile(r"c?[xy]|[whltrb]|idx?|dist|pos|sz|ang|spcCol|xWindow|lastEdited")
_NUMBER: Final = re.compile(r"-?[0-9]+")
#: Elements whose texts, in several runs, are one text.
_GROUPS: Final = frozenset(("p", "text", "si", "is", "div"))
_ODS_CELLS: Final = ("table-cell", "covered-table-cell")
_COLUMNS: Final = "number-columns-repeated"
_BREAKS: Final = {"br": "\n", "tab": "\t", "line-break": "\n", "s": " "}
#: Elements without a text of a person: numbers of drawings, of axes and of the writing program.
_NO_TEXT_ELEMENTS: Final = re.compile(
    r"Anchor|formatCode|Application|AppVersion|generator|Override|Default|rFont|(?:row|col)Off"
    r"|axId|crossAx|off|ext(?:ent)?|ch(?:Off|Ext)|gd|calcPr|workbook(?:Pr|View)|fileVersion|shade"
    r"|symbol|alpha|lum(?:Mod|Off)|cfvo|pageMargins|posOffset|editing-(?:cycles|duration)"
)
#: Names that programs give to shapes: TextBox 2, 图片 1.
_SHAPE: Final = re.compile(
    r"(?:[A-Za-z]+ )+[0-9]{1,4}|(?:图片|文本框|图表|矩形|对象|形状|组合|表格|连接符"
    r"|副?标题|(?:内容|文本|日期|页脚|灯片编号|备注)占位符) ?[0-9]{1,4}"
)
_SHAPES: Final = ("cNvPr", "docPr")
#: Values that copy a cell: dropped if a cell has them.
_COPIES: Final = frozenset(
    (
        "tableColumn@name",
        "v",
        "filter@val",
        "hyperlink@display",
        "Relationship@Target",
        "s@v",
        "n@v",
        "d@v",
    )
)
#: Elements whose short names are shown with each table.
_TITLED: Final = ("sheet", "table", "master-page", "content-validation")
#: A usual name without long numbers: 客户, Sheet1, 2024年.
_TITLE: Final = re.compile(r"(?!.*[0-9]{5})[^@]{0,8}", re.DOTALL)
_SCHEME: Final = re.compile(r"(?:mailto|tel|https?|callto|sms):(?://)?|/$")
_PAGE_CODES: Final = re.compile(r'&(?:"[^"]*"|K[0-9A-F]{6}|K\d\d[+-]\d{3}|\d{1,2} ?|[A-Z&])')
_PROGRAMS: Final = frozenset(
    (
        "openpyxl",
        "Apache POI",
        "Microsoft Excel",
        "Worksheets",
        "Named Ranges",
        "工作表",
        "命名范围",
    )
)
_LITERAL: Final = re.compile(r'"((?:[^"]|"")*)"|(?<![\w$.:])([0-9]{5,})')
#: A formula of literals alone, which are one text: "138"&"00138000", CONCATENATE("张","三").
_JOINED: Final = re.compile(
    r"(?:(?:_xlfn\.)?CONCAT(?:ENATE)?\()?{0}(?:\s*[&,]\s*{0})*\)?".format(
        r'(?:"(?:[^"]|"")*"|[0-9]+)'
    )
)
_PART: Final = re.compile(r'"((?:[^"]|"")*)"|([0-9]+)')

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DECLARED: Final = re.compile(rb"<\?xml[^>]{0,99}encoding=[\"']([\w-]+)")
_CHINESE: Final = {b"gbk": "gb18030", b"gb2312": "gb18030", b"gb18030": "gb18030", b"big5": "cp950"}

PlacedText = tuple[str, str]  # place (cell, or tag) and text


@dataclass(slots=True)
class TextRules:
    """Texts to skip in an XML part, besides technical values.

    is_cell: Returns True for the text of a cell; copies of cells are left out.
    names: Texts read elsewhere, which no part repeats (sheet names).
    skipped: Elements that are left out with all they contain.
    looks: Elements inside which attributes and short texts are left out: styles.
    sheet: True for a worksheet, whose cells are left out; of formulas the literals are read.
    """

    is_cell: Callable[[str], bool] = lambda _: False
    names: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    looks: frozenset[str] = frozenset()
    sheet: bool = False


def read_texts(stream: IO[bytes], limit: int, rules: TextRules) -> Iterator[PlacedText]:
    """Yield (place, text) of each text of an XML part; raises as ``parse_part`` does."""
    yield from parse_part(stream, limit, _Reader(rules))


def parse_part(stream: IO[bytes], limit: int, reader: Any) -> Iterator[Any]:
    """Parse XML with the event handler ``reader``; yield the items of its list ``found``.

    Its methods are ``start``, and ``end``, ``add`` (characters) and ``comment`` if it has them.
    Raises SourceError for XML that is invalid or declares a document type (expat would expand its
    entities), and above ``limit`` bytes.
    """
    first = stream.read(_PIECE_BYTES)
    decoder = _decoder_of(first)
    parser = expat.ParserCreate("utf-8" if decoder else None, namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = getattr(reader, "end", None)
    parser.CharacterDataHandler = getattr(reader, "add", None)
    parser.CommentHandler = getattr(reader, "comment", None)
    parser.StartDoctypeDeclHandler = _refuse
    size, last = 0, False
    while not last:
        piece = stream.read(_PIECE_BYTES) if size else first
        size, last = size + len(piece), not piece
        if size > limit:
            raise SourceError("WORKBOOK_TOO_LARGE", "unpacks to more than the budget")
        try:
            parser.Parse(decoder.decode(piece, last) if decoder else piece, last)
        except expat.ExpatError as error:
            raise SourceError("CORRUPT", f"xml: {expat.ErrorString(error.code)}") from None
        except LookupError:
            raise SourceError("CORRUPT", "xml: an unknown encoding") from None
        yield from reader.found
        reader.found.clear()


def _decoder_of(data: bytes) -> codecs.IncrementalDecoder | None:
    """Return the decoder of XML in GBK or Big5, whatever it declares; expat knows neither."""
    declared = _DECLARED.match(data)
    name = _CHINESE.get(declared[1].lower(), "") if declared is not None else ""
    is_doubtful = declared is None or (declared[1].lower() == b"utf-8" and not _is_utf8(data))
    if is_doubtful and (guess := guess_encoding(data[: len(data) if declared else _HEAD])):
        name = CODECS[guess.encoding] if guess.encoding in ("gb18030", "big5") else ""
    return codecs.getincrementaldecoder(name)("replace") if name else None


def _is_utf8(data: bytes) -> bool:
    """Return True for UTF-8, of which the last character may be cut."""
    try:
        codecs.utf_8_decode(data, "strict", False)
    except UnicodeDecodeError:
        return False
    return True


def attribute_texts(local: str, attributes: dict[str, str]) -> Iterator[PlacedText]:
    """Yield (``element@attribute``, value) of attributes that can contain personal data."""
    if _NO_TEXT_ELEMENTS.fullmatch(local) or (
        local == "Relationship" and attributes.get("TargetMode") != "External"
    ):
        return
    custom_style = local == "cellStyle" and "builtinId" not in attributes
    for key, value in attributes.items():
        name = key.rpartition("}")[2]
        if not (
            (local in _ODS_CELLS and (name.endswith("value") or name == "formula"))
            or _NO_TEXTS.fullmatch(name)
            or (local == "cellStyle" and not custom_style)
            or (local in _TITLED and name.endswith("ame") and _TITLE.fullmatch(value))
            or (_WORD.fullmatch(value) and not _TEXTS.fullmatch(name))
            or (_NUMBER.fullmatch(value) and _NUMBERS.fullmatch(name))
            or (local.endswith("Clr") and name == "val")
            or (local in _SHAPES and name == "name" and _SHAPE.fullmatch(value))
        ):
            yield f"{local}@{name}", value


def is_technical(element: str, text: str) -> bool:
    """Return True for a text of a program: a short number, an identifier, a program's name."""
    return bool(
        not text
        or _TECHNICAL.fullmatch(text)
        or text in _PROGRAMS
        or _NO_TEXT_ELEMENTS.fullmatch(element)
    )


def _refuse(*_: object) -> None:
    """Raise SourceError for a document type declaration, which no office program writes."""
    raise SourceError("CORRUPT", "xml: document type declaration")


@dataclass(slots=True)
class _Open:
    """Open XML element: local name, its cell (``B2``), depth of its group (0: none)."""

    name: str
    cell: str
    group: int


@dataclass(slots=True)
class _Reader:
    """Handler of XML parser events that adds finished texts to ``found``."""

    rules: TextRules
    found: list[PlacedText] = field(default_factory=list)
    _stack: list[_Open] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _length: int = 0
    _skip: int = 0  # depth of the outermost skipped element
    _quiet: int = 0  # depth of the outermost element of styles, or paragraph of a cell
    _at: list[int] = field(default_factory=lambda: [0, 0, 1, 1])  # ods: row, column, their steps
    _strings: int = 0
    _cell: dict[str, str] | None = None  # formula and value of the open cell of a sheet
    _choices: list[set[str]] = field(default_factory=list)  # texts that a fallback repeats

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Open an element: end the text before it and add its attributes."""
        local = name.rpartition("}")[2]
        above = self._stack[-1] if self._stack else _Open("", "", 0)
        if not above.group or local == "rPh":
            self._flush(above)
        elif local in _BREAKS:
            self._text.append(_BREAKS[local])
        cell = next(
            (
                each
                for key in ("ref", "sqref", "r", "cell-address")
                if (each := attributes.get(key, "")) and _CELL.match(each)
            ),
            above.cell,
        )
        if self.rules.sheet and local in ("table", "table-row", *_ODS_CELLS):
            cell = self._count(local, attributes)
        if local == "si":
            self._strings += 1
            cell = f"string {self._strings}"
        group = above.group or (len(self._stack) + 1 if local in _GROUPS else 0)
        if self.rules.sheet and local == "c":
            self._cell = {}
        if local == "AlternateContent":
            self._choices.append(set())
        self._stack.append(_Open(local, cell, group))
        if local in self.rules.skipped and not self._skip:
            self._skip = len(self._stack)
        if local in self.rules.looks or (
            local == "p" and self.rules.sheet and above.name in _ODS_CELLS
        ):
            self._quiet = self._quiet or len(self._stack)
        if not self._skip and (not self._quiet or local == "a"):
            self._add_attributes(local, cell, attributes)

    def _count(self, local: str, attributes: dict[str, str]) -> str:
        """Count rows and cells of an ods document. Return the reference of a cell: ``B2``."""
        steps = {key.rpartition("}")[2]: text for key, text in attributes.items()}
        row, column, row_step, column_step = self._at
        if local == "table":
            self._at = [0, 0, 1, 1]
            return ""
        text = steps.get("number-rows-repeated" if local == "table-row" else _COLUMNS, "1")
        step = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1
        if local == "table-row":
            self._at = [row + row_step, 0, step, 1]
            return ""
        self._at = [row, column + column_step, row_step, step]
        return f"{column_letter(column + column_step)}{row}"

    def _add_attributes(self, local: str, cell: str, attributes: dict[str, str]) -> None:
        """Add the attribute values of an element that can contain personal data."""
        for key, value in attributes.items():
            name = key.rpartition("}")[2]
            if (local == "numFmt" and name == "formatCode") or (
                local in _ODS_CELLS and name == "formula"
            ):
                self._add_literals(cell or "numFmt", value)
        for name, value in attribute_texts(local, attributes):
            self._add(cell, name, value)

    def _add_literals(self, place: str, formula: str, value: str = "") -> None:
        """Add the quoted texts and long numbers of a formula, except ``value``."""
        is_joined = _JOINED.fullmatch(formula) is not None
        found = (_PART if is_joined else _LITERAL).findall(formula)
        literals = [text.replace('""', '"') or number for text, number in found]
        literals = ["".join(literals)] if is_joined else literals
        texts = [
            each
            for each in dict.fromkeys(literals)
            if len(each) > (3 if each.isascii() else 1)
            and each not in value
            and _SCHEME.sub("", each) != value
        ]
        if not texts:
            return
        before = self.found[-1] if self.found else ("", "")
        is_whole = is_joined and place.strip(_LETTERS)
        if is_whole and before[0].strip(_LETTERS) == place.strip(_LETTERS):
            self.found.pop()  # a cell ="张三" beside another one of its row
            place, texts = before[0], [before[1], *texts]
        self.found.append((place, "\t".join(texts)))

    def add(self, text: str) -> None:
        """Add characters; a very long text is cut."""
        if self._skip:
            return
        self._text.append(text)
        self._length += len(text)
        if self._length > _MAX_CHARACTERS:
            self._flush(self._stack[-1])

    def comment(self, text: str) -> None:
        """Add a comment of the XML."""
        self._add("", "<!---->", text)

    def end(self, name: str) -> None:
        """Close an element; its text is finished unless it is a run of a group."""
        del name
        here = self._stack.pop()
        if not here.group or here.group == len(self._stack) + 1 or here.name == "rPh":
            self._flush(here)
        if self._skip > len(self._stack):
            self._skip = 0
        if self._quiet > len(self._stack):
            self._quiet = 0
        if here.name == "AlternateContent" and self._choices:
            self._choices.pop()
        if self._cell is not None and here.name == "c":
            formula = self._cell.get("f", "")
            self._add_literals(here.cell, formula, self._cell.get("v", ""))
            self._cell = None

    def _flush(self, here: _Open) -> None:
        """Add the collected text of the element ``here``."""
        text = "".join(self._text)
        self._text.clear()
        self._length = 0
        if not text or text.isspace():
            return
        if self._quiet and (len(text) < 5 or here.name == "p"):
            return
        if self._cell is not None and here.name in ("f", "v", "is"):
            self._cell[here.name] = text
            return
        if here.name in ("oddHeader", "oddFooter", "evenHeader", "evenFooter") or (
            here.name in ("firstHeader", "firstFooter")
        ):
            text = _PAGE_CODES.sub(" ", text)
        if not _NO_TEXT_ELEMENTS.fullmatch(here.name):
            self._add(here.cell, here.name, text)

    def _add(self, cell: str, name: str, text: str) -> None:
        """Add a text with its place, unless it is technical or repeats a cell."""
        text = text.strip()
        if not text or _TECHNICAL.fullmatch(text) or text in _PROGRAMS or text in self.rules.names:
            return
        if name in _COPIES and self.rules.is_cell(_SCHEME.sub("", text)):
            return
        if self._choices:
            in_fallback = any(each.name == "Fallback" for each in self._stack)
            if in_fallback and text in self._choices[-1]:
                return
            self._choices[-1].add(text)
        self.found.append((f"{cell} {name}" if cell else name, text))
