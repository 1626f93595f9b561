"""Attributes of postal addresses: region of today, level, canonical form.

``湖北襄樊襄城区示例路8号2栋501 -> 湖北省, 襄阳市, 襄城区, room``
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from piiscan.detect.arithmetic.char_matrix import AttributeColumns, null_unless

#: Maximum number of candidate district codes that are listed.
_LISTED = 16


def describe_address(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return today's region, candidate districts, level and canonical form of addresses.

    ``county_earlier`` is the name as written, if the name of today differs.

    >>> found = describe_address(pa.array(["湖北襄樊襄城区示例路8号2栋501"]), "", as_of=20261231)
    >>> found["prefecture"].to_pylist(), found["address_level"].to_pylist()
    (['襄阳市'], ['room'])
    """
    from piiscan.detect.address.parser import parse_all

    del recognizer, as_of
    parsed = parse_all(values)
    names = [parsed.column(level, present=True) for level in range(3)]
    earlier = (parsed.written[:, 2] != parsed.present[:, 2]) & (parsed.written[:, 2] >= 0)
    listed = [
        "、".join(f"{code:06}" for code in codes[: min(several, _LISTED)]) if several else None
        for codes, several in zip(
            parsed.candidates.tolist(), parsed.candidate_counts.tolist(), strict=True
        )
    ]
    codes = pa.array([f"{code:06}" for code in parsed.present_code.tolist()], pa.string())
    return {
        "region_code": null_unless(codes, parsed.present_code > 0),
        "province": names[0],
        "prefecture": names[1],
        "county": names[2],
        "county_earlier": null_unless(parsed.column(2), np.asarray(earlier)),
        "regions_open": pa.array(listed, pa.string()),
        "address_level": null_unless(parsed.level_names(), parsed.levels > 0),
        "address_normal": parsed.canonical,
    }


def describe_province(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return only the province of postal addresses, which may be shown with a masked address."""
    from piiscan.detect.address.parser import find_provinces

    del recognizer, as_of
    return {"province": find_provinces(values)}
