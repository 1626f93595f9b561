"""What an address says: its region of today, how far it reaches, and a form to compare it by."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from piiscan.detect.arithmetic.char_matrix import Derived, kept

#: Codes of the districts that a name may mean are listed up to this many.
_LISTED = 16


def describe_address(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """Province, prefecture, county and code as of today, open districts, level, normal form.

    ``county_earlier`` is the name as it was written, where it is another one today.

    >>> told = describe_address(pa.array(["湖北襄樊襄城区示例路8号2栋501"]), "", as_of=20261231)
    >>> told["prefecture"].to_pylist(), told["address_level"].to_pylist()
    (['襄阳市'], ['room'])
    """
    from piiscan.detect.address.parser import parse_all

    del recognizer, as_of
    parsed = parse_all(values)
    names = [parsed.column(which, present=True) for which in range(3)]
    earlier = (parsed.written[:, 2] != parsed.present[:, 2]) & (parsed.written[:, 2] >= 0)
    listed = [
        "、".join(f"{code:06}" for code in codes[: min(several, _LISTED)]) if several else None
        for codes, several in zip(parsed.candidates.tolist(), parsed.open.tolist(), strict=True)
    ]
    codes = pa.array([f"{code:06}" for code in parsed.present_code.tolist()], pa.string())
    return {
        "region_code": kept(codes, parsed.present_code > 0),
        "province": names[0],
        "prefecture": names[1],
        "county": names[2],
        "county_earlier": kept(parsed.column(2), np.asarray(earlier)),
        "regions_open": pa.array(listed, pa.string()),
        "address_level": kept(parsed.level_names(), parsed.levels > 0),
        "address_normal": parsed.normal,
    }


def describe_province(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """The province alone, which is what may stand beside a masked address."""
    from piiscan.detect.address.parser import find_provinces

    del recognizer, as_of
    return {"province": find_provinces(values)}
