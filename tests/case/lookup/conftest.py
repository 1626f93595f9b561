"""The shipped catalogue for the tests of look-ups."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def own_rules() -> None:
    """The shipped catalogue, not the small one of the other tests of cases."""
