from typing import Final

MIN_CARD: Final = 14
MAX_CARD: Final = 19
