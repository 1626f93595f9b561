"""Settings of all tests: drawings of hypothesis, the terminal, programs that tests need.

Random drawings of hypothesis are the same in every run, and kept nowhere.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

from piiscan.kernel_files import check_kernels
from tests.programs import missing_program

check_kernels()  # a test of old machine code would prove nothing

# a busy machine is no reason to fail
settings.register_profile(
    "same",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same")

#: The width and colours of the terminal in which tests are started decide no result.
os.environ["COLUMNS"] = "80"
for name in ("CLICOLOR_FORCE", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
    os.environ.pop(name, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests whose mark ``program`` names a missing program."""
    for item in items:
        for mark in item.iter_markers("program"):
            if reason := missing_program(*mark.args):
                item.add_marker(pytest.mark.skip(reason=reason))
