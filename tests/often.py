"""Parameters: a few in every ``make test``, the rest in ``make test-long`` only."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def long(*values: Any) -> Any:
    """One parameter set that only ``make test-long`` tries."""
    return pytest.param(*values, marks=pytest.mark.long)


def often(values: Iterable[Any], few: Collection[Any]) -> list[Any]:
    """Return ``values`` as parameters; those not among ``few`` are tried by ``make test-long``."""
    values = list(values)
    assert set(few) <= set(values)
    return [value if value in few else long(value) for value in values]
