"""Cases to verify are scanned with the small rules of the run tests."""

from tests.run.conftest import own_rules, rules  # noqa: F401
