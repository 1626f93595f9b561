"""Kinds of address parts, from province to room, and the precision levels of an address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import numpy as np

#: Kernels get numpy integers: numba compiles a new version for each Python constant it is called
#: with.
as_int64 = cast("Callable[[Any], int]", np.int64)

# Kinds of parts, in the order of a Chinese address: from the largest to the smallest.
PROVINCE: Final = as_int64(1)
CITY: Final = as_int64(2)
DISTRICT: Final = as_int64(3)
TOWN: Final = as_int64(4)
ZONE: Final = as_int64(5)  # development zone; has no region code
VILLAGE: Final = as_int64(6)
GROUP: Final = as_int64(7)
ROAD: Final = as_int64(8)
NUMBER: Final = as_int64(9)  # 号 of a road, or of a village
ESTATE: Final = as_int64(10)  # anything with a name: estates, towers, schools, firms
BUILDING: Final = as_int64(11)
UNIT: Final = as_int64(12)
FLOOR: Final = as_int64(13)
ROOM: Final = as_int64(14)
REMARK: Final = as_int64(15)  # 对面, 交叉口, 向北50米
POSTCODE: Final = as_int64(16)
OTHER: Final = as_int64(17)

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
