"""What parts an address has, from the province to the room, and how far an address reaches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import numpy as np

#: Not Python numbers: a kernel is compiled anew for each of those that it is called with.
fixed = cast("Callable[[Any], int]", np.int64)

# Kinds of parts, in the order in which an address is written from the large to the small.
PROVINCE: Final = fixed(1)
CITY: Final = fixed(2)
DISTRICT: Final = fixed(3)
TOWN: Final = fixed(4)
ZONE: Final = fixed(5)  # a development zone: beside districts and towns, in no table of codes
VILLAGE: Final = fixed(6)
GROUP: Final = fixed(7)
ROAD: Final = fixed(8)
NUMBER: Final = fixed(9)  # 号 of a road, or of a village
ESTATE: Final = fixed(10)  # anything that is called by a name: estates, towers, schools, firms
BUILDING: Final = fixed(11)
UNIT: Final = fixed(12)
FLOOR: Final = fixed(13)
ROOM: Final = fixed(14)
REMARK: Final = fixed(15)  # 对面, 交叉口, 向北50米
POSTCODE: Final = fixed(16)
OTHER: Final = fixed(17)

#: Names of the kinds, by number.
KINDS: Final = (
    *("", "province", "city", "district", "town", "zone", "village", "group", "road", "number"),
    *("estate", "building", "unit", "floor", "room", "remark", "postcode", "other"),
)
#: How far an address reaches, from nothing to one room.
LEVELS: Final = (
    *("none", "province", "city", "district", "town", "village", "street", "street_number"),
    *("building", "room"),
)
#: From this level on an address may lead to a person.
REACHES: Final = LEVELS.index("building")
