from typing import Final

KEYBOARD_MOBILE: Final = 12_345_678_901
IMEI_BODIES: Final[tuple[int, ...]]
NETWORKS: Final[tuple[int, ...]]
VIN_MAKERS: Final[bytes]
VIN_EUROPE: Final[bytes]
