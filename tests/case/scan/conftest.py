"""The small catalogue of the tests of cases, for cases that a whole module shares."""

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def small_rules(rules: Path) -> Iterator[Path]:
    """Use the small catalogue in module fixtures, which come before those of a function."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("piiscan.detect.catalog.catalog.shipped_folder", lambda: rules)
        yield rules
