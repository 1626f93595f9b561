from typing import Final

CREDIT_DEPARTMENTS: Final[bytes]
