"""Phone reports in XML (Cellebrite UFED): contacts, calls and messages are rows with their parties.

    <model type="InstantMessage"> From: Party(Identifier, Name), Body, TimeStamp </model>
    -> From 小芳(wxid_fang123), Body, TimeStamp, 会话, 方向; one row

A model is a record of the table of its type, and what is in it are its cells; each message of a
chat is a record of its own. What stands outside of all models is a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from piiscan.errors import OtherFormatError
from piiscan.sources.block import Trouble
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.grouped_records import Grouped, GroupedRecords
from piiscan.sources.markup import COMMENT, END, OTHER, START, Token, read_tokens
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.table_warnings import TableWarnings

_REPORT: Final = re.compile(r"<project\b[^<>]*>")
_PART: Final = re.compile(r"<(?:decodedData|modelType)\b")
#: Attributes of elements that only name a kind.
_KINDS: Final = frozenset(["type", "id", "xmlns", "format", "isrelated", "source_index"])
#: Fields with a value that a nested model is called by.
_VALUES: Final = ("Value", "Identifier")
_FIELDS: Final = ("field", "modelField", "multiModelField", "multiField", "nodeField")
#: Field of a chat with records of their own, and what these have of the chat: field -> header.
_MESSAGES: Final = "Messages"
_OF_CHAT: Final = {
    "Source": "应用",
    "Account": "机主账号",
    "Name": "Chat.Name",
    "Id": "Chat.Id",
    "ChatType": "Chat.ChatType",
}
#: Folder of a short message -> its direction.
_WAYS: Final = {"inbox": "接收", "sent": "发送", "sentbox": "发送", "outbox": "发送"}
_MAX_TABLES: Final = 64


@dataclass(slots=True)
class _Model:
    """Open model of a phone report (Contact, Call …): its type, open field, cells and parties."""

    type: str
    line: int
    place: str = ""
    cells: dict[str, list[str]] = field(default_factory=dict)
    parties: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # field, cells

    def add(self, key: str, text: str) -> None:
        """Add ``text`` to the cell ``key``, unless the cell has it."""
        if text and text not in self.cells.setdefault(key, []):
            self.cells[key].append(text)

    def flat(self) -> dict[str, str]:
        """Return key -> text; several values of a cell become its lines."""
        return {key: "\n".join(texts) for key, texts in self.cells.items()}


class _Report:
    """Reader of a phone report: yields its models as records, its other texts as lines.

    ``depth``: elements that are open; behind the end of a report that is whole, none.
    """

    def __init__(self) -> None:
        self.depth = 0
        self._models: list[_Model] = []
        self._texts: list[str] = []
        self._label = ""

    def read(self, parts: Iterator[Token]) -> Iterator[Grouped]:
        """Yield (type, record) of each model, and ("", line) of texts outside of models."""
        for token in parts:
            if token.kind == START:
                self.depth += not token.closed
                yield from self._text(token.text)
                yield from self._start(token)
                if token.closed:
                    yield from self._end(token.text)
            elif token.kind == END:
                self.depth -= 1
                yield from self._text(token.text)
                yield from self._end(token.text)
            elif token.kind in (COMMENT, OTHER):
                if text := token.text.strip():
                    yield "", text
            else:
                self._texts.append(token.text)
        yield from self._text("")
        while self._models:
            yield from self._end("model")

    def _text(self, name: str) -> Iterator[Grouped]:
        """Add the collected text to the open model; without one, yield it as a line."""
        text = "".join(self._texts).strip()
        self._texts = []
        if not text:
            return
        if self._models:
            model = self._models[-1]
            model.add(model.place or name, text)
        else:
            yield "", f"{self._label}：{text}" if self._label else text

    def _start(self, token: Token) -> Iterator[Grouped]:
        """Process a start tag: open a model or field, read the attributes of other elements."""
        given, name = token.attributes, token.text
        if name == "model":
            self._models.append(_Model(given.get("type", ""), token.line))
        elif name in _FIELDS and self._models:
            self._models[-1].place = given.get("name", "")
        elif name == "item" or not self._models:
            self._label = given.get("name", "")
        for key, value in given.items():
            if key.lower() in _KINDS or not value or (key == "name" and name != "project"):
                continue
            if self._models:
                self._models[-1].add(key, value)
            else:
                yield "", f"{key}：{value}"

    def _end(self, name: str) -> Iterator[Grouped]:
        """Process an end tag: close the field or model, and yield the model's record."""
        if name in _FIELDS and self._models:
            self._models[-1].place = ""
        elif name == "item":
            self._label = ""
        if name != "model" or not self._models:
            return
        model = self._models.pop()
        outer = self._models[-1] if self._models else None
        if outer is None:
            if len(model.cells) > (model.type == "Chat"):
                yield model.type, (0, self._cells(model))
        elif outer.place == _MESSAGES:
            yield model.type, (0, self._cells(model) | self._of_chat(outer, model))
        elif model.type == "Party":
            outer.parties.append((outer.place, model.flat()))
        else:
            for key, text in self._cells(model).items():
                outer.add(model.type if key in _VALUES else f"{model.type}.{key}", text)

    def _cells(self, model: _Model) -> dict[str, str]:
        """Return the cells of a model: its own, then its parties by their role."""
        for place, party in model.parties:
            if not (model.type == "Chat" and place == "Participants"):
                model.add(party.get("Role") or place, _name_of(party))
            if _is_owner(party) and (party.get("Role") or place) in ("From", "To"):
                model.add("方向", "发送" if (party.get("Role") or place) == "From" else "接收")
            for key, text in party.items():
                if key not in ("Role", "Identifier", "Name", "IsPhoneOwner"):
                    model.add(f"{place}.{key}", text)
        folder = model.cells.get("Folder", [""])[0].lower()
        if "方向" not in model.cells and folder in _WAYS:
            model.add("方向", _WAYS[folder])
        if model.type == "Chat":
            model.add("Participants", "\n".join(_name_of(each) for _, each in model.parties))
        return model.flat()

    def _of_chat(self, chat: _Model, message: _Model) -> dict[str, str]:
        """Return the cells that a message takes from its chat: peer, application, direction."""
        cells = chat.flat()
        found = {_OF_CHAT[key]: cells[key] for key in _OF_CHAT if key in cells}
        parties = [each for place, each in chat.parties if place == "Participants"]
        own = {each.get("Identifier") for each in parties if _is_owner(each)}
        own |= {cells["Account"]} if "Account" in cells else set()
        others = [each for each in parties if each.get("Identifier") not in own]
        named = cells.get("Name") or (_name_of(others[0]) if len(others) == 1 else cells.get("Id"))
        speakers = [each.get("Identifier") for place, each in message.parties if place == "From"]
        if named:
            found["会话"] = named
        if own and speakers and "方向" not in message.cells:
            found["方向"] = "发送" if speakers[0] in own else "接收"
        return found


def _is_owner(party: dict[str, str]) -> bool:
    """Return True if the report marks the party as the owner of the phone."""
    return party.get("IsPhoneOwner", "").lower() == "true"


def _name_of(party: dict[str, str]) -> str:
    """Return name and account of a party: ``小芳(wxid_fang123)``; one alone if that is all."""
    name, account = party.get("Name", ""), party.get("Identifier", "")
    return f"{name}({account})" if name and account and name != account else name or account


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield a table per type of model, and the other texts as a member."""
    content, guess = sample.content, sample.text_guess
    warnings = TableWarnings(content.member)
    models = GroupedRecords(content, context, lambda: _Report().read(read_tokens(content, guess)))
    report = _Report()
    models.collect(report.read(read_tokens(content, guess, warnings)), _MAX_TABLES)
    if not models.groups:
        raise OtherFormatError("", "")
    if report.depth > 0:
        yield Trouble(content.member, "CUT_OFF", f"{report.depth} elements are open at its end")
    yield from warnings.summary()
    for type_ in models.groups:
        member = content.member_path(type_)
        yield from models.open_group(type_, kind="xml", member=member, encoding=guess.encoding)
    yield from models.open_lines()


FORMATS: Final = (
    Format(
        "phone report",
        44,
        _open,
        probe=lambda sample: bool(_REPORT.search(sample.text) and _PART.search(sample.text)),
        extensions=("xml",),
        copied_as_text=True,
        container=True,
    ),
)
