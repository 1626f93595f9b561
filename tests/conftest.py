"""Settings of all tests: drawings of hypothesis, and programs without which a test is skipped.

Random drawings of hypothesis are the same in every run, and kept nowhere.
"""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.programs import missing_program

settings.register_profile("same", derandomize=True, database=None)
settings.load_profile("same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests whose mark ``program`` names a missing program."""
    for item in items:
        for mark in item.iter_markers("program"):
            if reason := missing_program(*mark.args):
                item.add_marker(pytest.mark.skip(reason=reason))
