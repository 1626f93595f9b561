"""Fictional addresses: a present-day county with invented streets, estates and rooms.

``湖南省长沙市岳麓区示例路1号示例苑2栋1单元301``
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from piiscan.errors import PiiscanError
from piiscan.synth import word_lists
from piiscan.synth.planted_cells import Cells, join_cells, join_strings, plant
from piiscan.synth.sampler import Draw, by_form


def _number_texts(draw: Draw, low: int, high: int) -> pa.Array:
    """Return one random number from ``low`` to ``high`` per row, as text."""
    return pc.cast(pa.array(draw.rng.integers(low, high + 1, draw.rows)), pa.string())


def _pick_words(draw: Draw, kind: str) -> pa.Array:
    """Return one word of ``kind`` in streets.txt per row."""
    choice = word_lists.read_words("streets.txt")[kind]
    return pa.array(choice).take(pa.array(draw.rng.integers(0, len(choice), draw.rows)))


def address(draw: Draw, *, of: str = "person", forms: Mapping[str, float] | None = None) -> Cells:
    """Return one home address per row, of the persons with role ``of``.

    Forms: plain (from province to room), no_province, village, detail (below the county, for files
    with separate columns for 省, 市, 区), masked_2023 (building and room masked, GB/T 41833-2022),
    postcode (followed by ``(000000)``, as in Taobao exports).
    """
    return by_form(draw, forms or {"plain": 1.0}, lambda part, form: _make_address(part, of, form))


def _make_address(draw: Draw, role: str, form: str) -> Cells:
    """Return one home address per row, of the persons with role ``role``, in one ``form``.

    Raise PiiscanError if the form is unknown.
    """
    regions, home = word_lists.region_table(), pa.array(draw.people(role).home)
    county = [regions.city.take(home), regions.county.take(home)]
    province = [] if form in {"no_province", "detail"} else [regions.province.take(home)]
    area = province + ([] if form == "detail" else county)
    if form == "village":
        detail = [
            _pick_words(draw, "town"),
            _pick_words(draw, "village"),
            _number_texts(draw, 1, 15),
            "组",
        ]
        detail += [_number_texts(draw, 1, 180), "号"]
        return plant(join_strings(area + detail), "CN_ADDRESS", form=form)
    road = [
        _pick_words(draw, "street"),
        _number_texts(draw, 1, 399),
        "号",
        _pick_words(draw, "estate"),
    ]
    if form == "masked_2023":
        return join_cells(
            [plant(join_strings(area + road), "CN_ADDRESS", form=form), "***"], draw.rows
        )
    floor = draw.rng.integers(1, 33, draw.rows)
    room = pc.cast(pa.array(floor * 100 + draw.rng.integers(1, 7, draw.rows)), pa.string())
    house = [_number_texts(draw, 1, 28), "栋", _number_texts(draw, 1, 4), "单元", room]
    if form not in {"plain", "no_province", "detail", "postcode"}:
        raise PiiscanError("made.unknown_setting", kind="address", setting="form", value=form)
    cells = plant(join_strings(area + road + house), "CN_ADDRESS", form=form)
    return join_cells([cells, "(000000)"], draw.rows) if form == "postcode" else cells


def region(draw: Draw, *, level: str, of: str = "person") -> Cells:
    """Return the home region of the persons with role ``of``; ``level``: province, city or county.

    The city of a municipality is the province. Raise PiiscanError if the level is unknown.
    """
    regions, home = word_lists.region_table(), pa.array(draw.people(of).home)
    province = regions.province.take(home)
    if level == "province":
        return Cells(province)
    city = regions.city.take(home)
    city = pc.if_else(pc.equal(city, ""), province, city)
    if level == "city":
        return Cells(city)
    if level == "county":
        return Cells(regions.county.take(home))
    raise PiiscanError("made.no_level", level=level)


def goods(draw: Draw, *, what: str) -> Cells:
    """Return one random word per row from the list ``what`` of goods.txt.

    Raise PiiscanError if there is no such list.
    """
    choice = word_lists.read_words("goods.txt").get(what)
    if choice is None:
        raise PiiscanError("made.no_goods", name=what)
    return Cells(pa.array(choice).take(pa.array(draw.rng.integers(0, len(choice), draw.rows))))
