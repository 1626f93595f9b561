"""Telegram's result.json: each message is a row with time, speaker, chat and text.

    {"name": "小芳", "type": "personal_chat", "id": 5001, "messages": [
        {"date": "2023-05-06T12:00:01", "from": "小芳", "text": ["资料 ", {"text": "打包2000"}]}]}

Messages are read one by one; what is left of the document is read as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from piiscan.errors import OtherFormatError
from piiscan.sources.content import memory_member
from piiscan.sources.encoding.decoder import read_pieces
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.keyed_records import Record, open_records
from piiscan.sources.stored_values import flatten_stored

_EXPORT: Final = re.compile(
    r'"type"\s*:\s*"(?:personal_chat|bot_chat|saved_messages|private_group|private_supergroup'
    r'|public_supergroup|private_channel|public_channel|replies|verification_codes)"'
)
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
_LIST: Final = re.compile(r'"messages"\s*:\s*\[')
_BETWEEN: Final = re.compile(r"[\s,]*")
_OWN: Final = re.compile(r'"personal_information"\s*:\s*\{[^{}]*?"user_id"\s*:\s*(\d+)')
#: Keys of a message that are columns of every chat, and those that repeat others.
_COLUMNS: Final = {"date": "时间", "from": "发送者", "actor": "发送者", "file": "文件名"}
_REPEATED: Final = ("text", "text_entities")
_MAX_MESSAGE: Final = 64 << 20


class _Reader:
    """Reader of a Telegram export, piece by piece. ``rest``: its text outside of messages."""

    def __init__(self, sample: Sample) -> None:
        self._stream = sample.content.open()
        self._pieces = read_pieces(self._stream, sample.text_guess)
        self._buffer, self._at, self._ended = "", 0, False
        self.rest: list[str] = []
        self._decoder = json.JSONDecoder()
        self._own: str | None = None

    def _fill(self) -> bool:
        """Append the next piece of text to the buffer. Return False at the end."""
        piece = next(self._pieces, None)
        if piece is None:
            self._ended = True
            return False
        self._buffer = self._buffer[self._at :] + piece.text.tobytes().decode("utf-8", "replace")
        self._at = 0
        return True

    def read(self) -> Iterator[Record]:
        """Yield the messages as records; raise OtherFormatError for other JSON."""
        with self._stream:
            opened: list[tuple[int, int]] = []  # pieces of the rest before each open object
            while True:
                found = _TOKEN.search(self._buffer, self._at)
                if found is None or found.end() + 64 > len(self._buffer):
                    if not self._ended and self._fill():
                        if len(self._buffer) > _MAX_MESSAGE:
                            raise OtherFormatError("", "")
                        continue
                    if found is None:
                        break
                self._add_rest(found.start())
                if found[0] == "{":
                    opened.append((len(self.rest), 0))
                elif found[0] == "}" and opened:
                    opened.pop()
                list_ = _LIST.match(self._buffer, found.start())
                if list_ is None or not opened:
                    self._add_rest(found.end())
                    continue
                start = opened[-1][0]
                self._at = list_.end()
                chat = self._chat("".join(self.rest[start:]))
                count = 0
                for message in self._elements():
                    count += 1
                    yield self._record(chat, message)
                if count:
                    del self.rest[start + 1 :]  # the chat is told by each message
                self.rest.append('"messages": [')
            self.rest.append(self._buffer[self._at :])

    def _add_rest(self, end: int) -> None:
        """Add the buffered text up to offset ``end`` to the text outside of messages."""
        if end > self._at:
            self.rest.append(self._buffer[self._at : end])
            self._at = end

    def _chat(self, text: str) -> dict[str, Any]:
        """Parse the fields of a chat (name, type, id) in the ``text`` before its messages."""
        if self._own is None:  # before the first chat
            own = _OWN.search("".join(self.rest))
            self._own = "" if own is None else f"user{own[1]}"
        try:
            found = json.loads(text.rstrip().rstrip(",") + "}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _elements(self) -> Iterator[dict[str, Any]]:
        """Yield the objects of a list up to its end."""
        while True:
            start = _BETWEEN.match(self._buffer, self._at)
            assert start is not None  # it may be empty
            self._at = start.end()
            if self._buffer[self._at : self._at + 1] == "]":
                return
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError):
                if len(self._buffer) - self._at > _MAX_MESSAGE or not self._fill():
                    raise OtherFormatError("", "") from None
                continue
            self._at = end
            yield value if isinstance(value, dict) else {"text": value}

    def _record(self, chat: dict[str, Any], message: dict[str, Any]) -> Record:
        """Return the cells of a message: time, speaker, chat, text."""
        cells: dict[str, str] = {}
        named = {_COLUMNS.get(k, k): v for k, v in message.items() if k not in _REPEATED}
        speaker = str(message.get("from_id") or message.get("actor_id") or "")
        if self._own and speaker:
            cells["方向"] = "发送" if speaker == self._own else "接收"
        flat, _ = flatten_stored(named)
        for column in ("时间", "发送者"):
            if column in flat:
                cells[column] = flat.pop(column)
        chat_cells, _ = flatten_stored(chat)
        if name := chat_cells.pop("name", ""):
            cells["会话"] = name
        if text := _text_of(message):
            cells["内容"] = text
        cells |= flat
        return 0, cells | {f"chat.{key}": cell for key, cell in chat_cells.items()}


def _text_of(message: dict[str, Any]) -> str:
    """Return the text of a message, then its link targets; entities repeat parts of the text."""
    parts = message.get("text") or message.get("text_entities") or ""
    parts = parts if isinstance(parts, list) else [parts]
    others = message.get("text_entities")
    texts = [str(each.get("text", "")) if isinstance(each, dict) else str(each) for each in parts]
    more = [
        str(value)
        for each in [*parts, *(others if isinstance(others, list) else [])]
        if isinstance(each, dict)
        for key, value in each.items()
        if key not in ("text", "type") and isinstance(value, str | int)
    ]
    text = "".join(texts)
    return "\n".join([text, *(each for each in dict.fromkeys(more) if each not in text)]).strip()


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of the messages, and the document without them as a member."""
    content, reader = sample.content, _Reader(sample)
    count = sum(1 for _ in reader.read())
    rest = "".join(reader.rest).encode("utf-8", "replace")
    if not count or len(rest) > context.budget.json:
        raise OtherFormatError("", "")
    yield from open_records(content, lambda: _Reader(sample).read(), kind="chat")
    yield memory_member(content, "rest", rest, seed=context.seed)


FORMATS: Final = (
    Format(
        "telegram",
        47,
        _open,
        probe=lambda sample: (
            sample.text.lstrip("\ufeff \r\n\t").startswith("{")
            and _EXPORT.search(sample.text) is not None
            and _LIST.search(sample.text) is not None
        ),
        extensions=("json",),
        copied_as_text=True,
        container=True,
    ),
)
