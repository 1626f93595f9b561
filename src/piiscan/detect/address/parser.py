"""Address parser: parse texts into parts, region, level and canonical form, many at once or one.

``湖南长沙岳麓麓山南路三号 -> 湖南省长沙市岳麓区麓山南路3号, code 430104, level street_number``
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Float32, Int8, Int32, Int64
from piiscan.detect.address.address_kernels import (
    fold_texts,
    measure,
    resolve_regions,
    scan_parts,
    write_canonical,
)
from piiscan.detect.address.address_numbers import (
    CITY,
    DISTRICT,
    MAX_CANDIDATES,
    P_CODE,
    P_CURRENT,
    P_LEVEL,
    P_NAME,
    P_PRESENT,
    PART_ROWS,
    PROVINCE,
    Q_END,
    Q_KIND,
    Q_START,
    R_CANDIDATES,
    R_CITY,
    R_COLUMNS,
    R_DISTRICT,
    R_LEAF,
    TOWN,
)
from piiscan.detect.address.lookup_tables import load_arrays, place_names, tables
from piiscan.detect.address.normalized_text import fold_table
from piiscan.detect.arithmetic.char_matrix import byte_offsets

#: Names of the kinds, by number.
KINDS: Final = (
    *("", "province", "city", "district", "town", "zone", "village", "group", "road", "number"),
    *("estate", "building", "unit", "floor", "room", "remark", "postcode", "other"),
)
#: Precision levels of an address, from none to one room.
LEVELS: Final = (
    *("none", "province", "city", "district", "town", "village", "street", "street_number"),
    *("building", "room"),
)
#: Province codes of Taiwan, Hong Kong and Macau: their districts have no official codes.
_HMT: Final = (71, 81, 82)
_MUNICIPALITIES: Final = (11, 12, 31, 50)


@dataclass(frozen=True, slots=True)
class ParsedAddresses:
    """Parsed addresses as arrays: text ``n`` has ``parts[:, first_part[n]:first_part[n + 1]]``.

    ``parts`` has the rows Q_… of ``address_numbers``.  Starts and ends are code points from
    ``offsets[n]``.  ``written`` and ``present``: int32[n, 3], name numbers of province,
    city and district as written and as of today, -1 if unknown.  ``code`` and ``present_code`` have
    six digits, 0 if unknown.  ``candidate_counts`` is the number of districts of an ambiguous
    address, else 0; ``candidates``: int32[n, 16], their codes.  ``levels`` are indices of LEVELS,
    ``scores`` 0 to 1.
    """

    first_part: Int64
    offsets: Int64
    parts: Int32
    written: Int32
    present: Int32
    code: Int32
    present_code: Int32
    candidate_counts: Int32
    candidates: Int32
    levels: Int8
    scores: Float32
    canonical: pa.Array

    def column(self, level: int, *, present: bool = False) -> pa.Array:
        """Return province (0), city (1) or district (2) names, one per text, null if unknown."""
        numbers = (self.present if present else self.written)[:, level]
        return place_names().take(pa.array(numbers, mask=numbers < 0))

    def level_names(self) -> pa.Array:
        """Return the precision level of each text, a name from LEVELS: none to room."""
        return pa.array(LEVELS).take(pa.array(self.levels.astype(np.int32)))


@cache
def _provinces_and_cities() -> tuple[Int32, Int32]:
    """Return place numbers by code, -1 for none: provinces int32[100] and cities int32[10_000]."""
    place = tables().place
    provinces, cities = np.full(100, -1, np.int32), np.full(10_000, -1, np.int32)
    for level, table, step in ((PROVINCE, provinces, 10_000), (CITY, cities, 100)):
        for now in (0, 1):
            rows = np.flatnonzero((place[P_LEVEL] == level) & (place[P_CURRENT] == now))
            table[place[P_CODE, rows] // step] = rows
    return provinces, cities


@cache
def _district_table() -> Int32:
    """Return the place of each district by its six-digit code: int32[1_000_000], -1 for none."""
    place = tables().place
    order = np.argsort(place[P_CURRENT], kind="stable")  # today's place of a code comes last
    rows = order[place[P_LEVEL, order] == DISTRICT]
    table = np.full(1_000_000, -1, np.int32)
    known = dict(zip(place[P_CODE, rows].tolist(), rows.tolist(), strict=True))
    table[list(known)] = list(known.values())
    return table


def parse_all(texts: pa.Array) -> ParsedAddresses:
    """Parse every text as an address; a null counts as an empty text.

    >>> parsed = parse_all(pa.array(["湖南长沙岳麓麓山南路三号", "朝阳区"]))
    >>> parsed.canonical.to_pylist(), parsed.candidate_counts.tolist()
    (['湖南省长沙市岳麓区麓山南路3号', '朝阳区'], [0, 2])
    """
    text, offsets, parts, first, resolved, candidates = _scan(texts)
    known = tables()
    levels, scores = np.zeros(len(texts), np.int8), np.zeros(len(texts), np.float32)
    measure(first, offsets, text, parts, levels, scores, known)
    written, code = _regions(resolved, present=False)
    present, present_code = _regions(resolved, present=True)
    canonical = _canonical_forms(first, offsets, text, parts, present)
    return ParsedAddresses(
        first, offsets, parts, written, present, code, present_code,
        resolved[:, R_CANDIDATES], candidates, levels, scores, canonical,
    )  # fmt: skip


def find_provinces(texts: pa.Array) -> pa.Array:
    """Return the full name of each address's province as of today, null if unknown.

    >>> find_provinces(pa.array(["长沙市岳麓区示例路1号", "示例路1号"])).to_pylist()
    ['湖南省', None]
    """
    numbers = _regions(_scan(texts)[4], present=True)[0][:, 0]
    return place_names().take(pa.array(numbers, mask=numbers < 0))


def _scan(texts: pa.Array) -> tuple[Any, ...]:
    """Fold the texts, split them into address parts and resolve their regions.

    Return (folded text, offsets, parts, first part of each text, resolved regions (columns R_…),
    candidate district codes).
    """
    if texts.null_count:
        texts = texts.fill_null("")
    starts, ends, data = byte_offsets(texts)
    size = int(ends[-1] - starts[0]) if len(texts) else 0
    text, offsets = np.zeros(size + 1, np.uint16), np.zeros(len(texts) + 1, np.int64)
    count = fold_texts(starts, ends, data, fold_table(), text, offsets)
    parts, first = np.zeros((PART_ROWS, count + 1), np.int32), np.zeros(len(texts) + 1, np.int64)
    count = scan_parts(text, offsets, parts, first, tables())
    parts = np.ascontiguousarray(parts[:, : count + 1])
    resolved = np.zeros((len(texts), R_COLUMNS), np.int32)
    candidates = np.zeros((len(texts), MAX_CANDIDATES), np.int32)
    resolve_regions(first, parts, resolved, candidates, tables())
    return text, offsets, parts, first, resolved, candidates


def _regions(resolved: Int32, *, present: bool) -> tuple[Int32, Int32]:
    """Return (name numbers of province, city, district as int32[n, 3]; region codes) per address.

    ``resolved`` has the columns R_….  ``present``: names and codes of today, else as written.
    """
    place = tables().place
    provinces, cities = _provinces_and_cities()
    leaf, town_district = resolved[:, R_LEAF], resolved[:, R_DISTRICT]
    town = _district_table()[np.maximum(town_district, 0)]
    district = np.where(town_district > 0, town, leaf)
    leaf = np.where((town_district > 0) & (town >= 0), district, leaf)
    if present:
        leaf = np.where(leaf >= 0, place[P_PRESENT, leaf], -1)
    known = leaf >= 0
    code, level = np.where(known, place[P_CODE, leaf], 0), np.where(known, place[P_LEVEL, leaf], 0)
    out = np.full((len(resolved), 3), -1, np.int32)
    province = np.where(known, provinces[code // 10_000], -1)
    city = np.where(level >= CITY, cities[code // 100], -1)
    if not present:
        city = np.where(resolved[:, R_CITY] >= 0, resolved[:, R_CITY], city)
    city = np.where(level == CITY, leaf, city)
    city = np.where(known & np.isin(code // 10_000, _MUNICIPALITIES), province, city)
    for column, each in enumerate((province, city, np.where(level == DISTRICT, leaf, -1))):
        out[:, column] = np.where(each >= 0, place[P_NAME, each], -1)
    special = np.isin(code // 10_000, _HMT)
    return out, np.where(special, code // 10_000 * 10_000, code).astype(np.int32)


def _canonical_forms(
    first: Any, offsets: Any, text: Any, parts: Any, region_names: Any
) -> pa.Array:
    """Return the canonical form of every address as a string array."""
    rows = len(first) - 1
    bound = 3 * int(offsets[-1]) + 160 * rows + 12 * int(first[-1])
    names, name_from = load_arrays()["names"], load_arrays()["name_from"]
    bound += int(np.diff(name_from).max()) * int((parts[Q_KIND, : first[-1]] == TOWN).sum())
    out, places = np.zeros(bound + 1, np.uint8), np.zeros(rows + 1, np.int64)
    write_canonical(first, text, parts, region_names, names, name_from, out, places, tables())
    content = pa.py_buffer(out[: places[-1]].copy())
    written = pa.LargeStringArray.from_buffers(rows, pa.py_buffer(places), content)
    return written.cast(pa.string())


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an address: kind and position in code points, [start, end)."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Region:
    """Province, city and district by name and the code of the smallest one; None if unknown."""

    code: str | None
    province: str | None
    city: str | None
    district: str | None


@dataclass(frozen=True, slots=True)
class Address:
    """One parsed address: parts, region as written and as of today, level and canonical form.

    ``candidates`` are the codes of the districts that an ambiguous name can mean.  ``likeness`` (0
    to 1) says how much the text looks like an address.
    """

    parts: tuple[Part, ...]
    region: Region
    today: Region
    candidates: tuple[str, ...]
    level: str
    likeness: float
    canonical: str


def parse(text: str) -> Address:
    """Parse ``text`` as an address.

    >>> found = parse("湖北省襄樊市襄城区示例路8号三栋二单元501")
    >>> found.region.city, found.today.city, found.level
    ('襄樊市', '襄阳市', 'room')
    >>> found.canonical
    '湖北省襄阳市襄城区示例路8号3栋2单元501室'
    """
    parsed = parse_all(pa.array([text], pa.string()))
    parts = tuple(
        Part(KINDS[kind], start, end)
        for kind, start, end in parsed.parts[
            [Q_KIND, Q_START, Q_END], : parsed.first_part[1]
        ].T.tolist()
    )
    shown = min(int(parsed.candidate_counts[0]), MAX_CANDIDATES)
    return Address(
        parts,
        _region(parsed, present=False),
        _region(parsed, present=True),
        tuple(f"{code:06}" for code in parsed.candidates[0, :shown].tolist()),
        LEVELS[parsed.levels[0]],
        float(parsed.scores[0]),
        parsed.canonical[0].as_py(),
    )


def _region(parsed: ParsedAddresses, *, present: bool) -> Region:
    """Return the region of the first address of ``parsed``."""
    code = int((parsed.present_code if present else parsed.code)[0])
    names = (parsed.column(level, present=present)[0].as_py() for level in range(3))
    return Region(f"{code:06}" if code else None, *names)
