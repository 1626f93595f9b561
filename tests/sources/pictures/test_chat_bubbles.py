"""Screenshots of chats are messages by their bubbles; what is not clearly one stays lines."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from piiscan.arrays import UInt8
from piiscan.sources.content import memory_content
from piiscan.sources.limits import STANDARD_BUDGET, BudgetUsage
from piiscan.sources.lined.section_tables import SectionReader
from piiscan.sources.pictures.chat_bubbles import Chat, Message, Piece, find_chat
from piiscan.sources.pictures.picture_text import PictureText, TextLine, open_recognised
from piiscan.sources.read_context import ReadContext
from tests.sources.tables import cells_of

WIDTH, HEIGHT, LINE = 540, 1100, 24
#: Paper, own bubble, bubble of another one.
STYLES = {
    "wechat": ((237, 237, 237), (149, 236, 105), (255, 255, 255)),
    "dark": ((17, 17, 17), (62, 181, 117), (44, 44, 44)),
    "qq": ((241, 241, 245), (0, 153, 255), (255, 255, 255)),
}


@dataclass
class Screen:
    """A screenshot that is drawn: a character of a text is a dark square in its place."""

    style: str = "wechat"
    pieces: list[Piece] = field(default_factory=list)
    top: int = 20

    def __post_init__(self) -> None:
        self.paper, *self.colours = STYLES[self.style]
        self.pixels: UInt8 = np.full((HEIGHT, WIDTH, 3), self.paper, np.uint8)

    def text(self, text: str, left: int, top: int) -> int:
        """Draw a text; its right edge."""
        for at in range(len(text)):
            begin = left + at * LINE
            self.pixels[top + 4 : top + LINE - 4, begin + 4 : begin + LINE - 4] = 100
        right = left + len(text) * LINE
        self.pieces.append(Piece(text, (left, top, right, top + LINE), len(self.pieces)))
        return right

    def middle(self, text: str) -> None:
        """A title or time."""
        self.text(text, (WIDTH - len(text) * LINE) // 2, self.top)
        self.top += 60

    def bubble(self, *lines: str, own: bool = False, name: str = "", avatar: str = "") -> None:
        """A bubble of lines."""
        if name:
            self.text(name, 80, self.top)
            self.top += LINE + 8
        width = max(map(len, lines)) * LINE + 28
        left = WIDTH - 80 - width if own else 80
        bottom = self.top + len(lines) * 32 + 12
        if avatar:
            self.pixels[self.top : self.top + 44, 20:64] = (90, 30, 30)
            self.text(avatar, 30, self.top + 8)
        self.pixels[self.top : bottom, left : left + width] = self.colours[0 if own else 1]
        for at, line in enumerate(lines):
            self.text(line, left + 14, self.top + 8 + 32 * at)
        self.top = bottom + 26

    def found(self) -> Chat | None:
        return find_chat(self.pixels, self.pieces)


def group(style: str) -> Screen:
    """A chat of a group."""
    screen = Screen(style)
    screen.text("10:05", 20, 10)
    screen.middle("客户群(5)")
    screen.middle("昨天 21:05")
    screen.bubble("有货吗", own=True)
    screen.bubble("李四 138", name="小芳")
    screen.bubble("地址：湖南省长沙市岳麓区麓", "山南路", "电话 139", name="阿强", avatar="O")
    screen.middle("星期三 下午3:20")
    screen.bubble("好", "多少钱", own=True)
    screen.text("发送", 30, HEIGHT - 50)
    return screen


@pytest.mark.parametrize("style", STYLES)
def test_sides_names_and_times_of_a_group(style: str) -> None:
    chat = group(style).found()
    assert chat is not None
    assert chat.title == "客户群(5)"
    assert [(each.time, each.sender, each.text) for each in chat.messages] == [
        ("昨天 21:05", "我", "有货吗"),
        ("昨天 21:05", "小芳", "李四 138"),
        ("昨天 21:05", "阿强", "地址：湖南省长沙市岳麓区麓山南路\n电话 139"),
        ("星期三 下午3:20", "我", "好\n多少钱"),
    ]
    assert [piece.text for piece in chat.rest] == ["10:05", "O", "发送"]


def test_the_title_of_a_chat_of_two_is_who_the_other_one_is() -> None:
    screen = Screen()
    screen.middle("小芳")
    screen.bubble("在吗")
    screen.bubble("在", own=True)
    screen.bubble("李四 138")
    chat = screen.found()
    assert chat is not None
    assert [each.sender for each in chat.messages] == ["小芳", "我", "小芳"]
    assert {each.time for each in chat.messages} == {""}


def test_pieces_of_one_line_are_one_line_of_a_message() -> None:
    screen = Screen()
    screen.bubble("好", own=True)
    screen.bubble("好")
    screen.bubble("李四      138")
    whole = screen.pieces.pop()
    left, top, right, bottom = whole.box
    screen.pieces.append(Piece("138", (right - 3 * LINE, top, right, bottom), whole.line))
    screen.pieces.append(Piece("李四", (left, top, left + 2 * LINE, bottom), whole.line))
    chat = screen.found()
    assert chat is not None
    assert chat.messages[-1].text == "李四 138"


def test_what_is_not_clearly_a_chat_is_none() -> None:
    one_side, two, cards, scattered, wide = (Screen() for _ in range(5))
    for number in range(5):
        one_side.bubble(f"{number}条")
        cards.pixels[cards.top : cards.top + 40, 20 : WIDTH - 20] = 255
        cards.text("姓名 李四", 40, cards.top + 8)
        cards.top += 60
        scattered.pixels[scattered.top : scattered.top + 40, 30 * number + 10 : 420] = 255
        scattered.text("李四", 30 * number + 20, scattered.top + 8)
        scattered.top += 60
    two.bubble("好", own=True)
    two.bubble("好")
    for screen in (one_side, two, cards, scattered, Screen()):
        assert screen.found() is None
    assert find_chat(group("wechat").pixels[:500], group("wechat").pieces[:6]) is None
    wide.pixels = wide.pixels[:, :200]
    assert wide.found() is None


def test_messages_are_a_table_and_all_else_is_lines() -> None:
    lines = [TextLine(text, 0.5 if text == "b" else 0.99, (0, 0, 1, 1)) for text in "abcd"]
    messages = [
        Message("10:05", "我", "b", frozenset({1})),
        Message("10:05", "小芳", "c\nd", frozenset({2, 3})),
    ]
    chat = Chat("小芳", messages, [Piece("a", (0, 0, 1, 1), 0)])
    context = ReadContext(lambda _: 0, STANDARD_BUDGET, 0, BudgetUsage(STANDARD_BUDGET))
    sections = SectionReader(memory_content(b"", "a.png", member=""), context)
    table, doubtful, text = open_recognised(sections, PictureText(lines, [], chat), "")
    assert (table.member, table.kind) == ("#OCR text messages", "chat")
    assert table.headers == ["时间", "发送者", "会话", "内容"]
    assert cells_of(list(table.blocks())) == [
        ["10:05", "我", "小芳", "b"],
        ["10:05", "小芳", "小芳", "c\nd"],
    ]
    assert (doubtful.member, doubtful.detail) == ("#OCR text messages", "lines 1")
    assert text.member == "#OCR text"
    assert cells_of(list(text.blocks())) == [["a"]]
