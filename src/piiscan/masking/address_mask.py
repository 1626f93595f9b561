"""Address masks: Chinese addresses cut after the district, without street and house.

``address := [province] [city] [district] rest``
``湖南省长沙市岳麓区示例路0号 -> 湖南省长沙市岳麓区***``
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrow_strings import string_buffers
from piiscan.jit import inner, kernel

# Last Hanzi of the levels; 小区, 社区, 园区 and the like are no districts.
_PROVINCE, _CITY, _REGION = ord("省"), ord("市"), ord("区")
_STATE, _LEAGUE, _COUNTY, _BANNER = ord("州"), ord("盟"), ord("县"), ord("旗")
_GOVERNED, _ADMINISTERED, _LAND = ord("治"), ord("政"), ord("地")
_NO_DISTRICT: Final = np.array([ord(c) for c in "小社园校片库景厂矿营街"], np.int64)
_LONGEST: Final = 11  # Hanzi in one level's name: 克孜勒苏柯尔克孜自治州


def mask_addresses(values: pa.Array) -> pa.Array:
    """Return addresses down to the district, then ``***`` (``string[n]``).

    An address is read from the left: province, city and district, each optional.  No gazetteer is
    used, so the mask of an address never depends on a dated table.

    >>> mask_addresses(pa.array(["湖南省长沙市岳麓区示例路0号", "长沙市示例小区0栋"])).to_pylist()
    ['湖南省长沙市岳麓区***', '长沙市***']
    """
    offsets, data = string_buffers(values)
    size = int(offsets[-1]) - int(offsets[0])
    out = np.empty(size + 3 * len(values) + 1, np.uint8)
    ends = np.zeros(len(values) + 1, np.int32)
    data = data.view()
    data.flags.writeable = False  # one compiled version for all callers
    _write_masks(offsets.astype(np.int64), data, out, ends)
    end = int(ends[-1])
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(ends), pa.py_buffer(out[:end]))


@inner
def _level(code: int, previous: int, since: int, level: int) -> int:
    """Return the level of region name ended by Hanzi ``code``: 1 省, 2 市, 3 区; 0 for none.

    ``previous`` is the Hanzi before it, ``since`` the Hanzi since the last level, ``level`` that
    level.
    """
    if code == _PROVINCE:
        return 1 if level < 1 and since >= 3 else 0
    if code == _CITY:
        return 0 if since < 2 else (2 if level < 2 else 3)
    if code == _STATE:
        return 2 if previous == _GOVERNED and level < 2 else 0
    if code == _LEAGUE:
        return 2 if level < 2 and since >= 3 else 0
    if code in (_COUNTY, _BANNER):
        return 3 if since >= 2 else 0
    if code != _REGION or since < 2:
        return 0
    if previous in (_GOVERNED, _ADMINISTERED):
        return 1 if level < 1 else 0
    if previous == _LAND and level < 2:
        return 2
    for other in _NO_DISTRICT:
        if previous == other:
            return 0
    return 3


@kernel
def _write_masks(starts: Any, data: Any, out: Any, ends: Any) -> None:
    """Write every address up to its district and three stars to ``out``, offsets to ``ends``."""
    at = 0
    for i in range(len(starts) - 1):
        p, high = starts[i], starts[i + 1]
        end = p
        level = since = previous = 0
        while p < high and level < 3:
            lead = data[p]
            if since == 0 and (lead == 32 or lead == 44):
                p += 1
                continue
            if lead < 0xE4 or lead > 0xE9 or p + 3 > high:
                break
            code = ((lead & 15) << 12) | ((data[p + 1] & 63) << 6) | (data[p + 2] & 63)
            p += 3
            since += 1
            if since > _LONGEST:
                break
            found = _level(code, previous, since, level)
            previous = code
            if found:
                level, since, end = found, 0, p
        for q in range(starts[i], end):
            out[at] = data[q]
            at += 1
        out[at : at + 3] = 42
        at += 3
        ends[i + 1] = at
