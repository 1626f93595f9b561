"""What parts an address has, from the province to the room, and how far an address reaches."""

from __future__ import annotations

from typing import Final

# Kinds of parts, in the order in which an address is written from the large to the small.
PROVINCE: Final = 1
CITY: Final = 2
DISTRICT: Final = 3
TOWN: Final = 4
ZONE: Final = 5  # a development zone: beside districts and towns, in no table of codes
VILLAGE: Final = 6
GROUP: Final = 7
ROAD: Final = 8
NUMBER: Final = 9  # 号 of a road, or of a village
ESTATE: Final = 10  # anything that is called by a name: estates, towers, schools, firms
BUILDING: Final = 11
UNIT: Final = 12
FLOOR: Final = 13
ROOM: Final = 14
REMARK: Final = 15  # 对面, 交叉口, 向北50米
POSTCODE: Final = 16
OTHER: Final = 17

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
