"""Addresses: a county of today, made streets, estates and rooms."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from piiscan.errors import PiiscanError
from piiscan.synth import word_lists
from piiscan.synth.planted_cells import Cells, glue, join, mark
from piiscan.synth.sampler import Draw, by_form


def _counted(draw: Draw, low: int, high: int) -> pa.Array:
    """Numbers from ``low`` to ``high`` as text."""
    return pc.cast(pa.array(draw.rng.integers(low, high + 1, draw.rows)), pa.string())


def _word(draw: Draw, kind: str) -> pa.Array:
    """One of the words of ``kind`` in streets.txt for each row."""
    choice = word_lists.words("streets.txt")[kind]
    return pa.array(choice).take(pa.array(draw.rng.integers(0, len(choice), draw.rows)))


def address(draw: Draw, *, of: str = "person", forms: Mapping[str, float] | None = None) -> Cells:
    """Homes of the persons ``of``.

    Forms: plain (province down to the room), no_province, village, detail (only below the
    county, for exports with columns of their own for 省, 市, 区), masked_2023 (building and room
    hidden, GB/T 41833-2022), postcode (``(000000)`` behind it, as Taobao exports it).
    """
    return by_form(draw, forms or {"plain": 1.0}, lambda part, form: _address(part, of, form))


def _address(draw: Draw, of: str, form: str) -> Cells:
    regions, home = word_lists.regions(), pa.array(draw.people(of).home)
    county = [regions.city.take(home), regions.county.take(home)]
    above = [] if form in {"no_province", "detail"} else [regions.province.take(home)]
    area = above + ([] if form == "detail" else county)
    if form == "village":
        below = [_word(draw, "town"), _word(draw, "village"), _counted(draw, 1, 15), "组"]
        below += [_counted(draw, 1, 180), "号"]
        return mark(join(area + below), "CN_ADDRESS", form=form)
    road = [_word(draw, "street"), _counted(draw, 1, 399), "号", _word(draw, "estate")]
    if form == "masked_2023":
        return glue([mark(join(area + road), "CN_ADDRESS", form=form), "***"], draw.rows)
    floor = draw.rng.integers(1, 33, draw.rows)
    room = pc.cast(pa.array(floor * 100 + draw.rng.integers(1, 7, draw.rows)), pa.string())
    house = [_counted(draw, 1, 28), "栋", _counted(draw, 1, 4), "单元", room]
    if form not in {"plain", "no_province", "detail", "postcode"}:
        raise PiiscanError(f"address has no form {form!r}; see corpora/README.md")
    cells = mark(join(area + road + house), "CN_ADDRESS", form=form)
    return glue([cells, "(000000)"], draw.rows) if form == "postcode" else cells


def region(draw: Draw, *, level: str, of: str = "person") -> Cells:
    """Province, city or county of the homes; the city of a municipality is the province."""
    regions, home = word_lists.regions(), pa.array(draw.people(of).home)
    province = regions.province.take(home)
    if level == "province":
        return Cells(province)
    city = regions.city.take(home)
    city = pc.if_else(pc.equal(city, ""), province, city)
    if level == "city":
        return Cells(city)
    if level == "county":
        return Cells(regions.county.take(home))
    raise PiiscanError(f"region has no level {level!r}: use province, city or county")


def goods(draw: Draw, *, what: str) -> Cells:
    """Words of ``what`` in goods.txt: goods, appliance, shop."""
    choice = word_lists.words("goods.txt").get(what)
    if choice is None:
        raise PiiscanError(f"goods.txt has no {what!r}")
    return Cells(pa.array(choice).take(pa.array(draw.rng.integers(0, len(choice), draw.rows))))
