"""Lines as leaked dumps, waybills, chats, forms and cells hold them, with their spans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from .addresses import Addresses
from .listed import LISTED
from .numbers import Numbers
from .organisations import Organisations
from .people import People
from .premises import Premises
from .tables import Tables

PERSON, ADDRESS, ORGANIZATION = "PERSON", "ADDRESS", "ORGANIZATION"
LOCATION = "LOCATION"
SEPARATORS = (
    " ",
    "，",
    ",",
    "\t",
    "----",
    "|",
    ";",
    "；",
    "  ",
    "、",
    "/",
    "::",
    "\n",
    "-",
    "。",
    " | ",
    "，  ",
    "——",
)
NAME_LABELS = LISTED["lines"]["name_labels"]
PLACE_LABELS = LISTED["lines"]["place_labels"]
FIRM_LABELS = LISTED["lines"]["firm_labels"]
PHONE_LABELS = LISTED["lines"]["phone_labels"]
GOODS = LISTED["lines"]["goods"]

Piece = str | tuple[str, str]


class Span(NamedTuple):
    """Where something of a kind stands in a line."""

    start: int
    end: int
    kind: str


class Line(NamedTuple):
    """A line with all its spans."""

    text: str
    spans: tuple[Span, ...]


def join(pieces: list[Piece]) -> Line:
    """One line of pieces, each either text or text of a kind."""
    text = ""
    spans = []
    for piece in pieces:
        if isinstance(piece, tuple):
            spans.append(Span(len(text), len(text) + len(piece[0]), piece[1]))
            text += piece[0]
        else:
            text += piece
    return Line(text, tuple(spans))


@dataclass(frozen=True, slots=True)
class Lines:
    """Draws lines; each maker below is one shape of line."""

    people: People
    addresses: Addresses
    firms: Organisations
    numbers: Numbers
    tables: Tables
    random: Random

    def person(self) -> Piece:
        """A name."""
        return self.people.name(), PERSON

    def address(self) -> Piece:
        """An address."""
        return self.addresses.address(), ADDRESS

    def place_abroad(self) -> str:
        """A place abroad: a real one, or one that sounds like it."""
        known = self.random.random() < 0.5
        return self.random.choice(self.tables.cities) if known else self.people.part()

    def premises(self) -> Piece:
        """What stands for an address in a cell of its own."""
        return Premises(self.addresses, self.firms).cell(), ADDRESS

    def firm(self) -> Piece:
        """An organisation."""
        return self.firms.organisation(), ORGANIZATION

    def waybill(self) -> Line:
        """Name, phone and address in any order, most of them glued together."""
        draw = self.random
        items: list[Piece] = [self.person(), self.numbers.phone(), self.address()]
        draw.shuffle(items)
        if draw.random() < 0.1:
            items.insert(draw.randint(0, 3), self.numbers.waybill())
        between = "" if draw.random() < 0.62 else draw.choice(SEPARATORS)
        if draw.random() < 0.06:
            items.insert(
                draw.randint(1, len(items)),
                draw.choice(
                    ("电联", "收", "亲收", "转", "自提", "请电话联系", "签收", "送货上门", "打电话")
                ),
            )
        pieces: list[Piece] = []
        for item in items:
            pieces += [item, between if draw.random() < 0.9 else draw.choice(SEPARATORS)]
        return join(pieces[:-1])

    def labelled(self) -> Line:
        """Values behind their labels, as on printed labels and in forms."""
        draw = self.random
        sign = draw.choice(("：", ":", "：", " ", "", ": "))
        between = draw.choice((" ", "  ", "，", "\n", "；", "\t", ",", "|", ""))
        makers: list[Callable[[], list[Piece]]] = [
            lambda: [draw.choice(NAME_LABELS), sign, self.person()],
            lambda: [draw.choice(PHONE_LABELS), sign, self.numbers.phone()],
            lambda: [
                draw.choice(PLACE_LABELS),
                sign,
                self.address() if draw.random() < 0.9 else self.premises(),
            ],
            lambda: [draw.choice(FIRM_LABELS), sign, self.firm()],
            lambda: ["身份证号", sign, self.numbers.identity()],
            lambda: [
                draw.choice(("快递单号", "运单号", "单号", "订单号")),
                sign,
                self.numbers.waybill(),
            ],
            lambda: [draw.choice(("物品", "品名", "商品", "托寄物")), sign, draw.choice(GOODS)],
            lambda: [draw.choice(("快递公司", "物流公司", "快递")), sign, self.firms.known()],
            lambda: [
                draw.choice(("性别", "民族", "备注", "学历", "科目", "职业")),
                sign,
                draw.choice(
                    ("男", "女", "汉族", "本科", "大专", "无", "请送货上门", "工作日派送", "未婚")
                ),
            ],
        ]
        chosen = draw.sample(makers, draw.randint(1, 6))
        pieces: list[Piece] = []
        for maker in chosen:
            pieces += [*maker(), between]
        return join(pieces[:-1])

    def row(self) -> Line:
        """A row of a table as text: fields in any order with one separator."""
        draw = self.random
        makers: list[Callable[[], Piece]] = [
            self.person, self.person, self.address, self.numbers.phone, self.numbers.identity,
            self.firm, self.numbers.waybill, self.numbers.time, self.firms.known,
            lambda: draw.choice(GOODS),
            lambda: draw.choice("男女"), self.numbers.mail, lambda: str(draw.randint(1, 99999)),
            self.word, lambda: f"{draw.uniform(1, 999):.2f}",
        ]  # fmt: skip
        between = draw.choice((",", "\t", "|", "----", ";", " ", "，", "、", "', '", '","', "::"))
        pieces: list[Piece] = []
        for maker in draw.sample(makers, draw.randint(2, 8)):
            pieces += [maker(), between]
        return join(pieces[:-1])

    def medicine(self) -> Piece:
        """A medicine, an illness or the like."""
        return self.random.choice(self.tables.medicines)

    def word(self) -> Piece:
        """An ordinary word or the name of a thing."""
        things = self.tables.things if self.random.random() < 0.25 else self.tables.words
        return self.random.choice(things)

    def placed(self, chance: float) -> Piece:
        """What a cell of addresses holds, or one that only reads like it."""
        if chance < 0.46:
            return self.address()
        if chance < 0.48:
            return self.addresses.area(), ADDRESS
        if chance < 0.89:
            premises = Premises(self.addresses, self.firms)
            return premises.none() if chance < 0.88 else (premises.level(), LOCATION)
        return self.premises()

    def cell(self) -> Line:
        """One value by itself."""
        draw = self.random
        chance = draw.random()
        if chance < 0.36:
            return join([self.person() if chance < 0.3 else (self.people.rare(), PERSON)])
        if chance < 0.48 or chance >= 0.83:
            return join([self.placed(chance)])
        if chance < 0.5:
            return join(
                [
                    self.address(),
                    draw.choice(("电联", "收", "（收）", "自提", "打电话", " 电联", "电话联系")),
                ]
            )
        if chance < 0.58:
            return join([self.firm()])
        if chance < 0.62:
            return join([self.firms.shop()])
        if chance < 0.63:
            return join([self.firms.known()])
        if chance < 0.64:
            return self.beside()
        if chance < 0.65:
            return join([(self.people.surname(), PERSON), self.people.title()])
        if chance < 0.66:
            return join([self.people.surname() + self.people.familiar()])
        if chance < 0.68:
            return join([self.person(), draw.choice(("收", "（收）", "1", "(转)", " ", "亲收"))])
        if chance < 0.7:
            return join(
                [draw.choice(NAME_LABELS + PLACE_LABELS + FIRM_LABELS + PHONE_LABELS + GOODS)]
            )
        return join([self.word()])

    def beside(self) -> Line:
        """Brands, or mountains and rivers, beside one another: neither persons nor an address."""
        draw = self.random
        between = draw.choice(("、", "、", "/", "，", " ", ","))
        heights = draw.random() < 0.5
        pieces: list[Piece] = []
        for _ in range(draw.randint(2, 5)):
            high = (draw.choice(self.tables.heights), LOCATION)
            pieces += [high if heights else self.firms.brand(), between]
        return join(pieces[:-1])

    def negative(self) -> Line:
        """Text with nothing to find: words, labels, numbers, log lines."""
        draw = self.random
        chance = draw.random()
        if chance < 0.35:
            return join([self.numbers.log()])
        if chance < 0.6:
            return join([self.numbers.machine()])
        pieces = [str(self.word()) for _ in range(draw.randint(1, 8))]
        return join([draw.choice(("", "，", " ", "、", ",")).join(pieces)])
