"""Generator of lines with spans: waybills, forms, table rows, chat lines and single cells.

Example: ``收件人：张三 13800138000 -> PERSON [4, 6)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from .addresses import Addresses
from .numbers import Numbers
from .organisations import Organisations
from .people import People
from .place_names import PlaceNames
from .tables import Tables
from .word_lists import WORD_LISTS

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
NAME_LABELS = WORD_LISTS["lines"]["name_labels"]
PLACE_LABELS = WORD_LISTS["lines"]["place_labels"]
FIRM_LABELS = WORD_LISTS["lines"]["firm_labels"]
PHONE_LABELS = WORD_LISTS["lines"]["phone_labels"]
GOODS = WORD_LISTS["lines"]["goods"]

Piece = str | tuple[str, str]


class Span(NamedTuple):
    """A labelled part of a line: code points [start, end) and its kind."""

    start: int
    end: int
    kind: str


class Line(NamedTuple):
    """A line with all its spans."""

    text: str
    spans: tuple[Span, ...]


def join_pieces(pieces: list[Piece]) -> Line:
    """Concatenate pieces to one line. A piece is a text without label, or a pair (text, kind).

    Example: ``["收：", ("张三", "PERSON"), " 1"] -> Line("收：张三 1", (Span(2, 4, "PERSON"),))``.
    """
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
class LineGenerator:
    """Generator of lines and of their parts: one method for each form of line."""

    people: People
    addresses: Addresses
    organisations: Organisations
    numbers: Numbers
    tables: Tables
    random: Random

    def person(self) -> Piece:
        """Return a random person name as a piece, one in twelve an ordinary word (高原)."""
        of_words = self.random.random() < 0.08
        return self.people.word_name() if of_words else self.people.name(), PERSON

    def address(self) -> Piece:
        """Return a random address as a piece."""
        return self.addresses.address(), ADDRESS

    def foreign_place(self) -> str:
        """Return a random foreign city or country, or a made-up name that sounds like one."""
        known = self.random.random() < 0.5
        return self.random.choice(self.tables.cities) if known else self.people.foreign_part()

    def place_name(self) -> Piece:
        """Return a place name that an address cell contains instead of an address, as a piece."""
        return PlaceNames(self.addresses, self.organisations).cell(), ADDRESS

    def organisation(self) -> Piece:
        """Return a random organisation as a piece."""
        return self.organisations.organisation(), ORGANIZATION

    def waybill_line(self) -> Line:
        """Return a line of name, phone and address in any order, most without separators.

        Example: ``张三13800138000湖南省长沙市示例路1号``.
        """
        draw = self.random
        between = "" if draw.random() < 0.62 else draw.choice(SEPARATORS)
        name = self.person() if between else (self.people.name(), PERSON)
        items: list[Piece] = [name, self.numbers.phone(), self.address()]
        draw.shuffle(items)
        if draw.random() < 0.1:
            items.insert(draw.randint(0, 3), self.numbers.waybill())
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
        return join_pieces(pieces[:-1])

    def labelled_form(self) -> Line:
        """Return a line of up to six labels with values: ``收件人：张三 电话：13800138000``."""
        draw = self.random
        sign = draw.choice(("：", ":", "：", " ", "", ": "))
        between = draw.choice((" ", "  ", "，", "\n", "；", "\t", ",", "|", ""))
        makers: list[Callable[[], list[Piece]]] = [
            lambda: [draw.choice(NAME_LABELS), sign, self.person()],
            lambda: [draw.choice(self.tables.roles), sign, self.person()],
            lambda: [draw.choice(PHONE_LABELS), sign, self.numbers.phone()],
            lambda: [
                draw.choice(PLACE_LABELS),
                sign,
                self.address() if draw.random() < 0.9 else self.place_name(),
            ],
            lambda: [draw.choice(FIRM_LABELS), sign, self.organisation()],
            lambda: ["身份证号", sign, self.numbers.identity_number()],
            lambda: [
                draw.choice(("快递单号", "运单号", "单号", "订单号")),
                sign,
                self.numbers.waybill(),
            ],
            lambda: [draw.choice(("物品", "品名", "商品", "托寄物")), sign, draw.choice(GOODS)],
            lambda: [
                draw.choice(("快递公司", "物流公司", "快递")),
                sign,
                self.organisations.courier_or_bank(),
            ],
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
        return join_pieces(pieces[:-1])

    def table_row(self) -> Line:
        """Return a table row as text: two to eight fields in any order with one separator."""
        draw = self.random
        makers: list[Callable[[], Piece]] = [
            self.person, self.person, self.address, self.numbers.phone,
            self.numbers.identity_number, self.organisation, self.numbers.waybill,
            self.numbers.time, self.organisations.courier_or_bank,
            lambda: draw.choice(GOODS),
            lambda: draw.choice("男女"), self.numbers.email, lambda: str(draw.randint(1, 99999)),
            self.word, lambda: f"{draw.uniform(1, 999):.2f}",
        ]  # fmt: skip
        between = draw.choice((",", "\t", "|", "----", ";", " ", "，", "、", "', '", '","', "::"))
        pieces: list[Piece] = []
        for maker in draw.sample(makers, draw.randint(2, 8)):
            pieces += [maker(), between]
        return join_pieces(pieces[:-1])

    def medicine(self) -> Piece:
        """Return a random medicine or illness, without a label."""
        return self.random.choice(self.tables.medicines)

    def word(self) -> Piece:
        """Return a random ordinary word or product term, without a label."""
        things = self.tables.things if self.random.random() < 0.25 else self.tables.words
        return self.random.choice(things)

    def address_cell(self, chance: float) -> Piece:
        """Return an address cell's content, at random a text that only looks like one.

        ``chance``: the random number in [0, 1) that chooses the form.
        """
        if chance < 0.46:
            return self.address()
        if chance < 0.48:
            return self.addresses.area(), ADDRESS
        if chance < 0.89:
            places = PlaceNames(self.addresses, self.organisations)
            return places.not_a_place() if chance < 0.88 else (places.admin_level(), LOCATION)
        return self.place_name()

    def cell(self) -> Line:
        """Return a line with one value: a name, address, organisation, label or word."""
        draw = self.random
        chance = draw.random()
        if chance < 0.36:
            name = self.people.name() if chance < 0.3 else self.people.rare()
            return join_pieces([(name, PERSON)])
        if chance < 0.48 or chance >= 0.83:
            return join_pieces([self.address_cell(chance)])
        if chance < 0.5:
            return join_pieces(
                [
                    self.address(),
                    draw.choice(("电联", "收", "（收）", "自提", "打电话", " 电联", "电话联系")),
                ]
            )
        if chance < 0.58:
            return join_pieces([self.organisation()])
        if chance < 0.62:
            return join_pieces([self.organisations.shop()])
        if chance < 0.63:
            return join_pieces([self.organisations.courier_or_bank()])
        if chance < 0.64:
            return self.listed_terms()
        if chance < 0.65:
            return join_pieces([(self.people.surname(), PERSON), self.people.title()])
        if chance < 0.66:
            return join_pieces([self.people.surname() + self.people.form_of_address()])
        if chance < 0.68:
            return join_pieces(
                [self.person(), draw.choice(("收", "（收）", "1", "(转)", " ", "亲收"))]
            )
        if chance < 0.7:
            return join_pieces(
                [draw.choice(NAME_LABELS + PLACE_LABELS + FIRM_LABELS + PHONE_LABELS + GOODS)]
            )
        return join_pieces([self.word()])

    def listed_terms(self) -> Line:
        """Return a line of two to five brands or landmarks with a separator: ``泰山、黄河``.

        These are negatives: neither persons nor an address.
        """
        draw = self.random
        between = draw.choice(("、", "、", "/", "，", " ", ","))
        features = draw.random() < 0.5
        pieces: list[Piece] = []
        for _ in range(draw.randint(2, 5)):
            feature = (draw.choice(self.tables.natural_features), LOCATION)
            pieces += [feature if features else self.organisations.brand(), between]
        return join_pieces(pieces[:-1])

    def negative(self) -> Line:
        """Return a line without spans: words, numbers or a log line."""
        draw = self.random
        chance = draw.random()
        if chance < 0.35:
            return join_pieces([self.numbers.log_line()])
        if chance < 0.6:
            return join_pieces([self.numbers.machine_line()])
        pieces = [str(self.word()) for _ in range(draw.randint(1, 8))]
        return join_pieces([draw.choice(("", "，", " ", "、", ",")).join(pieces)])
