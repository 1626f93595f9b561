r"""Rich text (RTF): its groups and control words as the events of a Word document.

    {\rtf1\ansicpg936 {\b 138}00138000 \'d5\'c5\u19977?\par}  ->  the line 13800138000 张三

Bytes are decoded by the character set of their font. Hidden text is text. What is known to hold no
text is left out; the text of any other destination is an aside.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from typing import Final

from piiscan.sources.formats.document.flow_reader import FlowReader
from piiscan.sources.formats.document.flow_writer import FlowWriter

TOKEN: Final = re.compile(
    rb"((?:\\'[0-9a-fA-F]{2})+)|\\([a-zA-Z]{1,32})(-?[0-9]{1,10})?[ ]?|\\([^a-zA-Z])|([{}])"
    rb"|([^\\{}\r\n]+)|[\r\n]+|\\"
)
#: Code pages of character sets, and their codecs; GB2312 and Big5 by those that contain them.
CHARSETS: Final = {
    0: 1252, 77: 10000, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258,
    177: 1255, 178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250,
}  # fmt: skip
_CODECS: Final = {936: "gb18030", 54936: "gb18030", 65001: "utf-8", 10000: "mac-roman"}
#: Destinations without text of a person.
_SILENT: Final = frozenset(
    b"colortbl stylesheet themedata colorschememapping latentstyles xmlnstbl listtable rsidtbl "
    b"listoverridetable generator mmathPr panose pgdsctbl fchars lchars blipuid picprop "
    b"nonesttables datafield filetbl passwordhash wgrffmtfilter ftnsep ftnsepc ftncn aftnsep "
    b"aftnsepc aftncn creatim revtim printim buptim oldcprops oldpprops oldtprops falt fname "
    b"oldsprops blipupi bliptag sn listpicture revtbl fontemb fontfile objclass".split()
)
#: Destinations that are a text of their own around the paragraph in which they stand.
BESIDE: Final = frozenset(b"footnote annotation shptxt shprslt dptxbxtext".split())
HEADERS: Final = frozenset(b"header headerl headerr headerf footer footerl footerr footerf".split())
#: Destinations whose text is a part of what is around them.
INLINE: Final = frozenset(
    b"rtf fldrslt shpinst shpgrp pn pntext listtext ud result object do shppict nonshppict"
    b" nesttableprops sp shpprop info background mmath moMath moMathPara formfield pntxta"
    b" pntxtb".split()
)
_FILES: Final = frozenset((b"pict", b"objdata"))
_ENTERED: Final = frozenset((b"pict", b"objdata", b"fonttbl", b"field", b"fldinst", b"shp"))
CHARACTERS: Final = {
    b"tab": "\t", b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’",
    b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•", b"emspace": " ", b"enspace": " ",
}  # fmt: skip
SIGNS: Final = {b"~": "\u00a0", b"_": "-", b"-": "", b"{": "{", b"}": "}", b"\\": "\\"}
LINES: Final = frozenset(b"line page softline softpage lbr column".split())
PARAGRAPHS: Final = frozenset(b"par sect".split())
MAX_DEPTH: Final = 100_000
_MAX_TABLES: Final = 32  # tables inside tables


@dataclass(slots=True)
class _Group:
    """Properties of an RTF group: destination, encoding, deletion, font."""

    destination: bytes = b""  # b"": the text of the document
    name: bytes = b""  # of the destination itself, if it is an aside
    codec: str = "cp1252"
    skip: int = 1  # characters behind a \\u that programs without Unicode show
    level: int = 0  # of tables around the text
    change: bytes = b""  # deleted or revised
    ignorable: bool = False
    began: bytes = b""  # the destination that this group began
    sink: list[str] = field(default_factory=list)


class RichTextReader:
    """Reader of an RTF document: passes its text and its structure to a FlowReader.

    ``add_file`` takes kind and bytes of each picture and object.
    """

    def __init__(self, reader: FlowReader, add_file: Callable[[str, bytes], None]) -> None:
        self.fonts: dict[int, str] = {}
        self.depth_exceeded = False
        self._reader, self._add_file = reader, add_file
        self._writer = FlowWriter(reader)
        self._group = _Group()
        self._groups: list[_Group] = []
        self._bytes = bytearray()
        self._units: list[int] = []  # of UTF-16
        self._left = 0  # characters to be left out behind a \u
        self._default, self._font = "cp1252", 0
        self._hex: list[bytes] = []

    def read(self, data: bytes) -> None:
        """Read a whole RTF document; end its open elements."""
        at = 0
        while (found := TOKEN.match(data, at)) is not None:
            at = found.end()
            code, word, number, sign, brace, text = found.groups()
            if text is not None:
                self._add_bytes(text)
            elif code is not None:
                self._add_bytes(bytes.fromhex(code.replace(b"\\'", b"").decode()))
            elif word is not None:
                value = None if number is None else int(number)
                if word == b"bin":
                    size = max(value or 0, 0)
                    if self._group.destination in _FILES:
                        self._hex.append(binascii.hexlify(data[at : at + size]))
                    at += size
                else:
                    self._control(word, value)
            elif brace == b"{":
                self._begin_group()
            elif brace == b"}":
                self._end_group()
            elif sign is not None:
                self._sign(sign)
        self._flush()
        while self._groups:
            self._end_group()
        self._writer.close()

    # groups

    def _begin_group(self) -> None:
        """Begin a group with the properties of the group around it."""
        self._flush()
        if len(self._groups) >= MAX_DEPTH:
            self.depth_exceeded = True
            return
        self._groups.append(self._group)
        self._group = copy(self._group)
        self._group.began = b""
        self._group.ignorable = False

    def _end_group(self) -> None:
        """End a group, and the destination (note, field, picture) that it began."""
        self._flush()
        if not self._groups:
            return
        ended, self._group = self._group, self._groups.pop()
        name = ended.began
        if name in _FILES:
            digits = re.sub(rb"[^0-9a-fA-F]", b"", b"".join(self._hex))
            self._hex = []
            data = binascii.unhexlify(digits[: len(digits) // 2 * 2])
            self._add_file(name.decode(), data)
        elif name in BESIDE or name in HEADERS:
            self._writer.end_flow()
        elif name == b"shp":
            self._reader.end("")
        elif name == b"fldinst":
            self._writer.event("instrText", "".join(ended.sink))
            self._writer.mark("separate")
        elif name == b"field":
            self._writer.mark("end")
        elif name == b"aside":
            self._reader.add_outside_text(
                ended.name.decode("ascii", "replace"), "".join(ended.sink)
            )

    def _enter(self, name: bytes) -> None:
        """Begin the destination ``name``, such as a note, field, picture or header."""
        group = self._group
        group.began = name
        if name in (b"field", b"shp"):
            self._writer.paragraph(group.level)
            if name == b"field":
                self._writer.mark("begin")
            else:
                self._reader.start("AlternateContent", {})
            return
        group.destination, group.sink = name, []
        if name in HEADERS:
            kind = "hdr" if name.startswith(b"header") else "ftr"
            self._writer.begin_flow(f"wordprocessingml}}{kind}")
        elif name in BESIDE:
            self._writer.begin_flow("Fallback" if name == b"shprslt" else "")
        if name in HEADERS or name in BESIDE:
            group.level = 0

    # control words

    def _sign(self, sign: bytes) -> None:
        """Process a control symbol, such as a no-break space or a hyphen."""
        if sign == b"*":
            self._group.ignorable = True
        elif sign in (b"\r", b"\n"):
            self._control(b"par", None)
        elif sign in SIGNS:
            if self._group.destination in (b"", *BESIDE, *HEADERS) and sign in b"{}\\":
                self._add_bytes(sign)
            else:
                self._add_text(SIGNS[sign])

    def _control(self, word: bytes, value: int | None) -> None:
        """Process the control word ``word`` with its number, if any."""
        group = self._group
        if word == b"u" and value is not None:
            self._flush_bytes()
            self._units.append(value & 0xFFFF)
            self._left = group.skip
            return
        self._flush()
        if word == b"uc":
            group.skip = min(max(value or 0, 0), 100)
            return
        if self._is_destination(word):
            return
        if group.destination == b"fonttbl":
            self._font_word(word, value)
            return
        if word == b"ansicpg" and value:
            self._default = group.codec = codec_of(value)
        elif word == b"f":
            group.codec = self.fonts.get(value or 0, self._default)
        elif word in (b"deleted", b"revised"):
            group.change = word if value != 0 else b""
        elif word == b"plain":
            group.change, group.codec = b"", self._default
        elif word in CHARACTERS:
            self._add_text(CHARACTERS[word])
        elif group.destination in (b"", *BESIDE, *HEADERS):
            self._structure(word, value)

    def _is_destination(self, word: bytes) -> bool:
        """Begin the destination that ``word`` names. Return False if it names none."""
        group = self._group
        ignorable, group.ignorable = group.ignorable, False
        if word == b"ud":  # the text in front of it is the same
            group.destination = b""
            return True
        if group.destination in (b"silent", *_FILES):
            return False
        if word in _SILENT or word == b"upr":
            self._enter(b"silent")
        elif word in _ENTERED or word in BESIDE or word in HEADERS:
            self._enter(word)
        elif word in _INFORMATION or (ignorable and word not in INLINE):
            group.name = word
            self._enter(b"aside")
        else:
            return False
        return True

    def _font_word(self, word: bytes, value: int | None) -> None:
        """Set the encoding of a font from its character set number."""
        if word == b"f":
            self._font = value or 0
        elif word in (b"fcharset", b"cpg") and value is not None:
            page = CHARSETS.get(value) if word == b"fcharset" else value
            if page is not None and (value or word == b"cpg"):
                self.fonts[self._font] = codec_of(page)

    def _structure(self, word: bytes, value: int | None) -> None:
        """Process a control word of paragraphs and tables: ``par``, ``cell``, ``row``."""
        group, writer = self._group, self._writer
        if word in PARAGRAPHS:
            writer.end_paragraph(group.level)
        elif word in LINES:
            self._add_text("\n")
        elif word == b"pard":
            group.level = 0
        elif word == b"intbl":
            group.level = max(group.level, 1)
        elif word == b"itap":
            group.level = min(max(value or 0, 0), _MAX_TABLES)
        elif word == b"trowd":
            writer.begin_row()
        elif word in (b"cell", b"nestcell"):
            writer.end_cell(1 if word == b"cell" else max(group.level, 2))
        elif word in (b"row", b"nestrow"):
            writer.end_row(1 if word == b"row" else max(group.level, 2))

    # text

    def _add_bytes(self, data: bytes) -> None:
        """Add bytes of text, without the replacement bytes after a Unicode character."""
        group = self._group
        if group.destination in _FILES:
            self._hex.append(data)
            return
        if self._left:
            cut = min(self._left, len(data))
            data, self._left = data[cut:], self._left - cut
        if data and group.destination != b"silent":
            if self._units:
                self._flush_units()
            self._bytes += data

    def _flush(self) -> None:
        """Add the collected bytes and UTF-16 units as text."""
        self._flush_bytes()
        self._flush_units()
        self._left = 0

    def _flush_bytes(self) -> None:
        """Decode the collected bytes and add them as text."""
        if self._bytes:
            text = self._bytes.decode(self._group.codec, "replace")
            self._bytes = bytearray()
            self._add_text(text)

    def _flush_units(self) -> None:
        """Decode the collected UTF-16 units and add them as text."""
        if self._units:
            data = b"".join(unit.to_bytes(2, "little") for unit in self._units)
            self._units = []
            self._add_text(data.decode("utf-16-le", "replace"))

    def _add_text(self, text: str) -> None:
        """Add a text to the open destination, such as a paragraph, field or picture."""
        destination = self._group.destination
        if destination in (b"aside", b"fldinst"):
            self._group.sink.append(text)
        elif text and destination in (b"", *BESIDE, *HEADERS):
            self._writer.add(text, self._group.level, self._group.change.decode())


_INFORMATION: Final = frozenset(
    b"title subject author manager company operator category keywords comment doccomm hlinkbase "
    b"atnauthor atnid atnicn bkmkstart sv userprops propname staticval docvar ffname ffdeftext "
    b"ffhelptext ffstattext ffl objname".split()
)


def codec_of(page: int) -> str:
    """Return the codec of a Windows code page: ``936 -> gb18030``; cp1252 if unknown."""
    name = _CODECS.get(page, f"cp{page}")
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name
