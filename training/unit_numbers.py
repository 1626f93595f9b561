"""Generator of numbers at the end of addresses: house, building, entrance, floor, room and stall.

Examples: ``1号``, ``3栋2单元501室``, ``A座12楼``.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class UnitNumbers:
    """Generator of the numbers that follow a road, an estate or a market."""

    random: Random

    def house_number(self) -> str:
        """Return a random house number in digits, a range or a Chinese numeral: ``12号之1``."""
        draw = self.random
        number = str(
            draw.choice((draw.randint(1, 99), draw.randint(1, 999), draw.randint(1, 9999)))
        )
        if draw.random() < 0.1:
            number += draw.choice((*"---－—~至、/", "--", "---")) + str(draw.randint(1, 999))
        if draw.random() < 0.03:
            number = draw.choice("甲乙附丙") + number
        if draw.random() < 0.05:
            number = draw.choice(("一", "二", "三", "十二", "八", "二十", "五")) + draw.choice(
                ("百", "", "")
            )
        if draw.random() < 0.05:
            return number + "之" + draw.choice("一二三123") + draw.choice(("号", ""))
        return number + draw.choice(("号", "号", "号", "号", "号", "弄", "#", ""))

    def building_unit(self) -> str:
        """Return a random building, entrance, floor and room, or part of it: ``3栋2单元501室``."""
        draw = self.random
        building = draw.choice(
            (
                str(draw.randint(1, 60)),
                draw.choice("ABCDEabc一二三四五甲乙"),
                draw.choice("ABC") + str(draw.randint(1, 20)),
            )
        )
        room = str(draw.randint(1, 33)) + f"{draw.randint(1, 12):02d}"
        shape = draw.random()
        if shape < 0.2:
            block = draw.choice(("栋", "幢", "号楼", "座", "#", "楼"))
            return f"{building}{block}{room}{draw.choice(('室', '', '房', '号'))}"
        if shape < 0.45:
            block = draw.choice(("栋", "幢", "号楼", "#")) + f"{draw.randint(1, 6)}单元"
            return f"{building}{block}{room}{draw.choice(('室', '', '户', '号'))}"
        if shape < 0.58:
            return self.dashed_unit(room)
        if shape < 0.7:
            return f"{building}{draw.choice(('栋', '幢', '号楼', '座', '期', '区', '馆'))}"
        if shape < 0.8:
            suffix = draw.choice(("", room, room + "室", "整层", "A座"))
            return f"{draw.randint(1, 40)}{draw.choice(('楼', '层', 'F'))}{suffix}"
        if shape < 0.9:
            return room + draw.choice(("室", "房", "号", ""))
        return f"{draw.choice('ABC')}区{building}{draw.choice(('栋', '座'))}{room}"

    def dashed_unit(self, room: str) -> str:
        """Return building and ``room`` in short notation: ``8-10-1109``, ``A29-2980``."""
        draw = self.random
        letter, few, many = draw.choice("ABCDEFGMTabc"), draw.randint(1, 12), draw.randint(2, 40)
        first = draw.choice((str(draw.randint(1, 199)), letter, letter + str(draw.randint(1, 40))))
        shapes = (
            f"{first}-{room}", f"{first}-{few}-{room}", f"{letter}{room}", f"{room}{letter}",
            f"{first}座{room}-{few}", f"{many}F", f"{many}{letter}", f"{room}-{few}",
            f"{first}_{few}_{room}", f"{first}单{room}", f"{few}-{room}", f"{letter}区{few}-{room}",
            f"{few}区{first}-{few}-{room}", f"{first}座{many}层{room}",
            f"{first}{draw.choice('#栋幢')}{room}-{room}",
            f"{first}-{few}单元{room}", f"{many}楼{letter}-{room}室",
        )  # fmt: skip
        return draw.choice(shapes)

    def market_stall(self, shop_name: str) -> str:
        """Return a stall of a market hall: gate, floor, street and number, or ``shop_name``."""
        draw = self.random
        numeral = draw.choice("一二三四五六七八九12345")
        number = draw.randint(100, 99999)
        shapes = (
            f"{numeral}楼{number}",
            f"{numeral}区{numeral}街{number}",
            f"{number}",
            f"{numeral}区{number}号",
            f"{numeral}楼{draw.choice('一二三四五六七八九')}街{number}",
            f"{draw.choice('ABCDF')}区{numeral}楼{number}",
            f"{draw.randint(1, 99)}号门{numeral}楼{number}",
            f"{numeral}期{numeral}楼",
            f"{draw.choice('ABCDEF')}{number}",
            f"{numeral}排{draw.randint(1, 99)}号",
            f"{numeral}楼{shop_name}",
        )
        return draw.choice(shapes)
