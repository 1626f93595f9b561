"""Addresses parsed: many at once as arrays, or one as an object."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Float32, Int8, Int32, Int64
from piiscan.detect.address.canonical import write_all
from piiscan.detect.address.lookup_tables import (
    P_CODE,
    P_CURRENT,
    P_LEVEL,
    P_NAME,
    P_PRESENT,
    loaded,
    place_names,
    tables,
)
from piiscan.detect.address.normalized_text import fold_table, fold_texts
from piiscan.detect.address.part_kinds import CITY, DISTRICT, KINDS, LEVELS, PROVINCE, REACHES, TOWN
from piiscan.detect.address.part_scanner import scan_all
from piiscan.detect.address.parts import PART_ROWS, Q_END, Q_KIND, Q_START, STATE_SIZE
from piiscan.detect.address.precision import measure_all
from piiscan.detect.address.region_resolver import (
    R_CITY,
    R_COLUMNS,
    R_DISTRICT,
    R_LEAF,
    R_OPEN,
    resolve_all,
)
from piiscan.detect.arithmetic.char_matrix import places_of

#: Regions below this code are places of the mainland with codes of their own.
_SPECIAL: Final = (71, 81, 82)
#: At most so many districts are listed where one is not told.
CANDIDATES: Final = 16
_MUNICIPALITIES: Final = (11, 12, 31, 50)


@dataclass(frozen=True, slots=True)
class Parsed:
    """Addresses as arrays: parts of text ``n`` are ``parts[:, first[n]:first[n + 1]]``.

    ``parts`` has the rows Q_… of :mod:`piiscan.detect.address.parts`; starts and ends count from
    ``offsets[n]``.  ``written`` and ``present`` are numbers of names of province, city, district as
    of the time of writing and of today, -1 for none; ``code`` and ``present_code`` six digits or 0.
    """

    first: Int64
    offsets: Int64
    parts: Int32
    written: Int32
    present: Int32
    code: Int32
    present_code: Int32
    open: Int32
    candidates: Int32
    levels: Int8
    scores: Float32
    normal: pa.Array

    def column(self, which: int, *, present: bool = False) -> pa.Array:
        """Names of the provinces (0), cities (1) or districts (2), null where unknown."""
        numbers = (self.present if present else self.written)[:, which]
        return place_names().take(pa.array(numbers, mask=numbers < 0))

    def level_names(self) -> pa.Array:
        """The level of each address by its name in LEVELS."""
        return pa.array(LEVELS).take(pa.array(self.levels.astype(np.int32)))


@cache
def _by_code() -> dict[int, int]:
    """District code -> its place of today, or the last it had."""
    place = tables().place
    order = np.argsort(place[P_CURRENT], kind="stable")
    kept = order[place[P_LEVEL, order] == DISTRICT]
    return dict(zip(place[P_CODE, kept].tolist(), kept.tolist(), strict=True))


@cache
def _places_above() -> tuple[Int32, Int32]:
    """The place of each province by two digits, of each city by four, -1 for none."""
    place = tables().place
    provinces, cities = np.full(100, -1, np.int32), np.full(10_000, -1, np.int32)
    for level, table, step in ((PROVINCE, provinces, 10_000), (CITY, cities, 100)):
        for now in (0, 1):
            rows = np.flatnonzero((place[P_LEVEL] == level) & (place[P_CURRENT] == now))
            table[place[P_CODE, rows] // step] = rows
    return provinces, cities


@cache
def _districts() -> Int32:
    table = np.full(1_000_000, -1, np.int32)
    known = _by_code()
    table[list(known)] = list(known.values())
    return table


def parse_all(texts: pa.Array) -> Parsed:
    """Every text read as an address; a null as an empty one.

    >>> parsed = parse_all(pa.array(["湖南长沙岳麓麓山南路三号", "朝阳区"]))
    >>> parsed.normal.to_pylist(), parsed.open.tolist()
    (['湖南省长沙市岳麓区麓山南路3号', '朝阳区'], [0, 2])
    """
    text, offsets, parts, first, told, found = _read(texts)
    known = tables()
    levels, scores = np.zeros(len(texts), np.int8), np.zeros(len(texts), np.float32)
    measure_all(first, offsets, text, parts, levels, scores, known)
    written, code = _regions(told, present=False)
    present, present_code = _regions(told, present=True)
    normal = _normal(first, offsets, text, parts, present)
    return Parsed(
        first, offsets, parts, written, present, code, present_code,
        told[:, R_OPEN], found, levels, scores, normal,
    )  # fmt: skip


def find_provinces(texts: pa.Array) -> pa.Array:
    """The full name of the province of each address as of today, null where unknown.

    >>> find_provinces(pa.array(["长沙市岳麓区示例路1号", "示例路1号"])).to_pylist()
    ['湖南省', None]
    """
    numbers = _regions(_read(texts)[4], present=True)[0][:, 0]
    return place_names().take(pa.array(numbers, mask=numbers < 0))


def _read(texts: pa.Array) -> tuple[Any, ...]:
    """Folded text with offsets, parts with the first of each text, what its names say together."""
    if texts.null_count:
        texts = texts.fill_null("")
    starts, ends, data = places_of(texts)
    size = int(ends[-1] - starts[0]) if len(texts) else 0
    text, offsets = np.zeros(size + 1, np.uint16), np.zeros(len(texts) + 1, np.int64)
    count = fold_texts(starts, ends, data, fold_table(), text, offsets)
    parts, first = np.zeros((PART_ROWS, count + 1), np.int32), np.zeros(len(texts) + 1, np.int64)
    state = np.zeros(STATE_SIZE, np.int64)
    scan_all(text, offsets, parts, state, first, tables())
    parts = np.ascontiguousarray(parts[:, : state[0] + 1])
    told = np.zeros((len(texts), R_COLUMNS), np.int32)
    found = np.zeros((len(texts), CANDIDATES), np.int32)
    resolve_all(first, parts, told, found, np.zeros(CANDIDATES, np.int32), tables())
    return text, offsets, parts, first, told, found


def _regions(told: Int32, *, present: bool) -> tuple[Int32, Int32]:
    """Numbers of the names of province, city, district, and the code, of each address."""
    place = tables().place
    provinces, cities = _places_above()
    leaf, told_district = told[:, R_LEAF], told[:, R_DISTRICT]
    town = _districts()[np.maximum(told_district, 0)]
    district = np.where(told_district > 0, town, leaf)
    leaf = np.where((told_district > 0) & (town >= 0), district, leaf)
    if present:
        leaf = np.where(leaf >= 0, place[P_PRESENT, leaf], -1)
    known = leaf >= 0
    code, level = np.where(known, place[P_CODE, leaf], 0), np.where(known, place[P_LEVEL, leaf], 0)
    out = np.full((len(told), 3), -1, np.int32)
    province = np.where(known, provinces[code // 10_000], -1)
    city = np.where(level >= CITY, cities[code // 100], -1)
    if not present:
        city = np.where(told[:, R_CITY] >= 0, told[:, R_CITY], city)
    city = np.where(level == CITY, leaf, city)
    city = np.where(known & np.isin(code // 10_000, _MUNICIPALITIES), province, city)
    for column, each in enumerate((province, city, np.where(level == DISTRICT, leaf, -1))):
        out[:, column] = np.where(each >= 0, place[P_NAME, each], -1)
    special = np.isin(code // 10_000, _SPECIAL)
    return out, np.where(special, code // 10_000 * 10_000, code).astype(np.int32)


def _normal(first: Any, offsets: Any, text: Any, parts: Any, names_of: Any) -> pa.Array:
    rows = len(first) - 1
    bound = 3 * int(offsets[-1]) + 160 * rows + 12 * int(first[-1])
    names, name_from = loaded()["names"], loaded()["name_from"]
    bound += int(np.diff(name_from).max()) * int((parts[Q_KIND, : first[-1]] == TOWN).sum())
    out, places = np.zeros(bound + 1, np.uint8), np.zeros(rows + 1, np.int64)
    write_all(first, text, parts, names_of, names, name_from, out, places, tables())
    content = pa.py_buffer(out[: places[-1]].copy())
    written = pa.LargeStringArray.from_buffers(rows, pa.py_buffer(places), content)
    return written.cast(pa.string())


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an address: its kind and where it stands in the text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Region:
    """Province, city and district by name, and the code of the smallest; None where unknown."""

    code: str | None
    province: str | None
    city: str | None
    district: str | None


@dataclass(frozen=True, slots=True)
class Address:
    """An address: its parts, its region as written and as of today, how far it reaches.

    ``candidates`` are the codes of the districts that an ambiguous name may mean.
    """

    parts: tuple[Part, ...]
    region: Region
    today: Region
    candidates: tuple[str, ...]
    level: str
    likeness: float
    normal: str

    @property
    def reaches_a_home(self) -> bool:
        """Whether it may lead to a person: to a building or a room."""
        return LEVELS.index(self.level) >= REACHES


def parse(text: str) -> Address:
    """The address that ``text`` is read as.

    >>> told = parse("湖北省襄樊市襄城区示例路8号三栋二单元501")
    >>> told.region.city, told.today.city, told.level
    ('襄樊市', '襄阳市', 'room')
    >>> told.normal
    '湖北省襄阳市襄城区示例路8号3栋2单元501室'
    """
    parsed = parse_all(pa.array([text], pa.string()))
    parts = tuple(
        Part(KINDS[kind], start, end)
        for kind, start, end in parsed.parts[[Q_KIND, Q_START, Q_END], : parsed.first[1]].T.tolist()
    )
    shown = min(int(parsed.open[0]), CANDIDATES)
    return Address(
        parts,
        _region(parsed, present=False),
        _region(parsed, present=True),
        tuple(f"{code:06}" for code in parsed.candidates[0, :shown].tolist()),
        LEVELS[parsed.levels[0]],
        float(parsed.scores[0]),
        parsed.normal[0].as_py(),
    )


def _region(parsed: Parsed, *, present: bool) -> Region:
    code = int((parsed.present_code if present else parsed.code)[0])
    names = (parsed.column(which, present=present)[0].as_py() for which in range(3))
    return Region(f"{code:06}" if code else None, *names)
