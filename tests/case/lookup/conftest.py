"""The shipped catalogue for the tests of look-ups."""

import pytest


@pytest.fixture(autouse=True)
def own_rules() -> None:
    """The shipped catalogue, not the small one of the other tests of cases."""
