"""Pages of chats from QQ, Telegram and WeChat: a message is a row with time, speaker and text.

    <div class="from_name">小芳</div> <div class="text">打包2000</div>       Telegram
    <tr><td><div>小芳(12345678)</div>12:00:01 … 打包2000</td></tr>       QQ, below 消息对象:小芳
    const chatMessages = [{type:1, text:'打包2000', is_send:0, displayname:'小芳'}, …]   WeChat

What stands outside of the messages is a text of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from piiscan.errors import OtherFormatError
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.grouped_records import Grouped, GroupedRecords
from piiscan.sources.markup import COMMENT, END, OTHER, RAW, START, Token, read_tokens
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.keyed_records import Record
from piiscan.sources.rows.table_warnings import TableWarnings

_TELEGRAM: Final = re.compile(r"""class=["']message (?:default|service)\b""")
_QQ: Final = re.compile(r"消息(?:对象|分组)\s*[:：]")
_SCRIPT: Final = re.compile(r"\bchatMessages\s*=\s*\[")
#: Strings and braces of a script; a field of an object.
_STRING: Final = r"""'(?:[^'\\\n]|\\.)*+'|"(?:[^"\\\n]|\\.)*+"|`(?:[^`\\]|\\.)*+`"""
_MARK: Final = re.compile(rf"{_STRING}|[{{}}\]]")
_FIELD: Final = re.compile(rf"[{{,]\s*[\"']?(\w+)[\"']?\s*:\s*({_STRING}|[^,{{}}]*)")
_ESCAPED: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_FIELDS: Final = {"displayname": "发送者", "text": "内容", "is_send": "方向"}
_SCRIPTS: Final = ("script", "style")
_MAX_SCRIPT: Final = 64 << 20
_PAGE: Final = re.compile(r"[\ufeff\s]*<(?:!doctype|html|table|div|body|head)\b", re.IGNORECASE)
#: Elements that are part of the text around them, and those without an end.
_INLINE: Final = frozenset(
    ["a", "b", "i", "u", "s", "em", "font", "span", "strong", "code", "img", "nobr", "wbr", "mark"]
)
_EMPTY: Final = frozenset(["img", "br", "hr", "input", "meta", "link", "wbr", "source", "base"])
#: Attributes about the look of a page; others are read, and these if they hold telling values.
_LOOK: Final = re.compile(
    r"class|style|id|width|height|border|cellpadding|cellspacing|align|valign|size|rel|lang|name"
    r"|color|face|http-equiv|charset|xmlns|onclick|onload|type"
)
_TELLING: Final = re.compile(r"[^\x00-\x7f]|@|(?:[0-9][^0-9]?){5}")
_FONT: Final = re.compile(r"font-family|^[\w-]+\s*:[^;]*;|^#?[0-9A-Fa-f]{6}$|charset=")
_SCHEME: Final = re.compile(r"(?:tel|mailto|sms):", re.IGNORECASE)
_SPACES: Final = re.compile(r"[ \t\r\n\f\u3000\xa0]+")
_CLOCK: Final = re.compile(r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s+)?\d{1,2}:\d{2}(?::\d{2})?")
_NAME_AND_CLOCK: Final = re.compile(rf"(?P<name>.{{1,80}}?)\s+(?P<time>{_CLOCK.pattern})")
_DAY: Final = re.compile(r"日期\s*[:：]\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})")
_PEER: Final = re.compile(r"消息对象\s*[:：]\s*(.+)")
_GROUP: Final = re.compile(r"消息分组\s*[:：]\s*(.+)")
#: 06.05.2023 12:00:01 UTC+08:00
_TITLE_TIME: Final = re.compile(r"(\d{2})\.(\d{2})\.(\d{4}) (\d{2}:\d{2}:\d{2})")
#: Class of an element of a Telegram message -> column of its text.
_PARTS: Final = {"from_name": "发送者", "text": "内容", "details": "其他", "title": "文件名"}


@dataclass(slots=True)
class _Message:
    """Chat message while it is read: lines of text by column, and the depth of its HTML element."""

    depth: int
    cells: dict[str, list[str]] = field(default_factory=dict)

    def add(self, column: str, text: str) -> None:
        """Add the line ``text`` to ``column``, unless it is empty."""
        if text:
            self.cells.setdefault(column, []).append(text)

    def record(self, **more: str) -> Record:
        """Return the message as a record; the cells ``more`` (column=text) come first."""
        cells = {key: text for key, text in more.items() if text}
        return 0, cells | {key: "\n".join(lines) for key, lines in self.cells.items()}


def _attribute_texts(token: Token) -> list[str]:
    """Return the attribute values of an HTML tag that may contain personal data."""
    found = []
    for key, given in token.attributes.items():
        value = _SPACES.sub(" ", _SCHEME.sub("", given, count=1)).strip()
        looks = _LOOK.fullmatch(key.lower()) is not None
        if value and (not looks or (_TELLING.search(value) and not _FONT.search(value))):
            found.append(value)
    return found


#: A record, or a line outside of all messages.
_Item = Record | str


class _Page:
    """Reader of a chat page: splits it into lines, which it passes to the form of a program.

    A form has methods that yield messages and other lines: ``start`` (a start tag, number of open
    elements), ``closed`` (names of the elements still open), and ``line`` (a line, attribute values
    that it lacks, classes around it).
    """

    def __init__(self, form: _Telegram | _Tencent) -> None:
        self._form = form
        self._stack: list[tuple[str, str]] = []  # open elements: name and class
        self._texts: list[str] = []
        self._extras: list[str] = []
        self._script: list[str] = []

    def read(self, parts: Iterator[Token]) -> Iterator[_Item]:
        """Yield the messages, and the lines outside of them, in the order of the page."""
        for token in parts:
            if token.kind == START:
                if token.text not in _INLINE:  # ``<b>`` does not end a line
                    yield from self._end_line()
                if token.text not in _EMPTY and not token.closed:
                    self._stack.append((token.text, token.attributes.get("class", "")))
                yield from self._form.start(token, len(self._stack))
                self._extras += _attribute_texts(token)
            elif token.kind == END:
                yield from self._end(token.text)
            elif token.kind == RAW:
                in_script = bool(self._stack) and self._stack[-1][0] in _SCRIPTS
                (self._script if in_script else self._texts).append(token.text)
            elif token.kind in (COMMENT, OTHER):
                if _TELLING.search(token.text):
                    yield _SPACES.sub(" ", token.text).strip()
            else:
                self._texts.append(token.text)
        yield from self._end_line()
        yield from self._close(0)

    def _end(self, name: str) -> Iterator[_Item]:
        """Close the innermost HTML element ``name``, and the elements in it."""
        if name in _SCRIPTS:
            text, self._script = "".join(self._script), []
            yield from _scripted(text)
        if name not in _INLINE:
            yield from self._end_line()
        depth = len(self._stack)
        while depth and self._stack[depth - 1][0] != name:
            depth -= 1
        if depth:
            yield from self._close(depth - 1)

    def _close(self, depth: int) -> Iterator[_Item]:
        """Close the open HTML elements from number ``depth`` (from 0) on."""
        del self._stack[depth:]
        yield from self._form.closed([name for name, _ in self._stack])

    def _end_line(self) -> Iterator[_Item]:
        """Pass the finished line to the form, with the attribute values that its text lacks."""
        text = _SPACES.sub(" ", "".join(self._texts)).strip()
        others = [each for each in dict.fromkeys(self._extras) if each not in text]
        self._texts, self._extras = [], []
        if text or others:
            words = [word for _, classes in self._stack for word in classes.split()]
            yield from self._form.line(text, others, words)


class _Telegram:
    """Layout of Telegram: a message is ``<div class="message default">``."""

    def __init__(self) -> None:
        self._message: _Message | None = None
        self._peer = self._speaker = ""

    def start(self, token: Token, depth: int) -> Iterator[_Item]:
        """Begin a message; its time is an attribute of its element."""
        classes = token.attributes.get("class", "").split()
        if token.text == "div" and "message" in classes:
            yield from self._finish()
            self._message = _Message(depth)
            if "joined" in classes:
                self._message.add("发送者", self._speaker)
        found = _TITLE_TIME.match(token.attributes.get("title", ""))
        if self._message is not None and found is not None and "date" in classes:
            day, month, year, clock = found.groups()
            self._message.add("时间", f"{year}-{month}-{day} {clock}")
            token.attributes.pop("title")

    def closed(self, names: list[str]) -> Iterator[_Item]:
        """End the message whose HTML element is closed."""
        if self._message is not None and len(names) < self._message.depth:
            yield from self._finish()

    def _finish(self) -> Iterator[_Item]:
        """Yield the open message, if any."""
        message, self._message = self._message, None
        if message is not None:
            self._speaker = message.cells.get("发送者", [self._speaker])[0]
            yield message.record(会话=self._peer)

    def line(self, text: str, others: list[str], words: list[str]) -> Iterator[_Item]:
        """Add a line to the column that the class of the innermost known element names."""
        if self._message is None:
            if "page_header" in words and "text" in words and text:
                self._peer = text
            else:
                yield " ".join([text, *others]).strip()
            return
        known = [word for word in words if word in _PARTS]
        column = _PARTS[known[-1]] if known else "其他"
        if column == "发送者" and "forwarded" in words:
            column = "转发自"
        if "date" in words:
            column, text = "其他", "" if "时间" in self._message.cells else text
        self._message.add(column, text)
        for each in others:
            self._message.add("附件" if "media_wrap" in words else column, each)


class _Tencent:
    """Layout of QQ: a table row is a message; rows above it name chat and day."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._others: list[str] = []
        self._peer = self._group = self._day = ""

    def start(self, token: Token, depth: int) -> Iterator[_Item]:
        """Yield the row before a ``<tr>`` or ``<table>`` tag."""
        del depth
        if token.text in ("tr", "table"):
            yield from self._row()

    def closed(self, names: list[str]) -> Iterator[_Item]:
        """Yield the finished row, unless an element of a table row is still open."""
        if "tr" not in names and "td" not in names:
            yield from self._row()

    def line(self, text: str, others: list[str], words: list[str]) -> Iterator[_Item]:
        """Store a line of the open row."""
        del words
        self._lines += [text] if text else []
        self._others += others
        yield from ()

    def _row(self) -> Iterator[_Item]:
        """Yield the message of the finished row, or its lines if it is no message."""
        lines, others, self._lines, self._others = self._lines, self._others, [], []
        for line in lines:
            if (found := _PEER.fullmatch(line)) is not None:
                self._peer, self._day = found[1], ""
            elif (found := _GROUP.fullmatch(line)) is not None:
                self._group = found[1]
            elif (found := _DAY.fullmatch(line)) is not None:
                self._day = found[1]
        head = _NAME_AND_CLOCK.fullmatch(lines[0]) if lines else None
        if head is not None:
            name, clock, said = head["name"], head["time"], lines[1:]
        elif len(lines) > 1 and _CLOCK.fullmatch(lines[1]) is not None:
            name, clock, said = lines[0], lines[1], lines[2:]
        else:
            yield from (each for each in [*lines, *others] if each)
            return
        message = _Message(0)
        for each in said:
            message.add("内容", each)
        for each in dict.fromkeys(others):
            message.add("附件", each)
        time = clock if " " in clock or not self._day else f"{self._day} {clock}"
        yield message.record(时间=time, 发送者=name, 会话=self._peer, 分组=self._group)


def _scripted(text: str) -> Iterator[_Item]:
    """Yield the messages in a script's text, then its other text as a line if it has content."""
    found, at = _SCRIPT.search(text), 0
    rest = text if found is None else text[: found.start()]
    if found is not None:
        at, depth, start = found.end(), 0, 0
        for mark in _MARK.finditer(text, at):
            at = mark.end()
            if mark[0] == "{":
                start = start if depth else mark.start()
                depth += 1
            elif mark[0] == "}" and depth:
                depth -= 1
                if not depth:
                    yield _scripted_message(text[start:at])
            elif mark[0] == "]" and not depth:
                break
        rest += text[at:]
    if _TELLING.search(rest):
        yield rest.strip()


def _scripted_message(text: str) -> Record:
    """Return the message of a JavaScript object; its time is in seconds since 1970."""
    message = _Message(0)
    for found in _FIELD.finditer(text):
        name, value = found[1], found[2].strip()
        if value[:1] in ("'", '"', "`"):
            value = _ESCAPED.sub(_unescaped, value[1:-1])
        message.add(_FIELDS.get(name, name), value)
    return message.record()


def _unescaped(found: re.Match[str]) -> str:
    """Return the character of a JavaScript escape: a line end, or a code point in hex."""
    code = found[1]
    if len(code) == 5:
        return chr(int(code[1:], 16)).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return {"n": "\n", "t": "\t", "r": ""}.get(code, code)


def _items(sample: Sample, warnings: TableWarnings | None = None) -> Iterator[Grouped]:
    """Yield the messages of a page, all of one group, and the lines outside of them."""
    form = _Telegram() if _TELEGRAM.search(sample.text) else _Tencent()
    parts = read_tokens(sample.content, sample.text_guess, warnings, html=True)
    return (("", each) for each in _Page(form).read(parts))


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of the messages, and the lines outside of them as a text."""
    content = sample.content
    warnings = TableWarnings(content.member)
    messages = GroupedRecords(content, context, partial(_items, sample))
    messages.collect(_items(sample, warnings), 1)
    if not messages.groups:
        raise OtherFormatError("", "")
    yield from warnings.summary()
    yield from messages.open_group("", kind="chat", member=content.member)
    yield from messages.open_lines()


def _looks_like_chat(sample: Sample) -> bool:
    """Return True for a page with the signs of a known program."""
    text = sample.text
    if _PAGE.match(text) is None:
        return False
    scripted = sample.content.size <= _MAX_SCRIPT and _SCRIPT.search(text) is not None
    return scripted or bool(_TELEGRAM.search(text) or _QQ.search(text))


FORMATS: Final = (
    Format(
        "chat page",
        44,
        _open,
        probe=_looks_like_chat,
        extensions=("html", "htm"),
        copied_as_text=True,
        container=True,
    ),
)
