"""Random drawings of hypothesis are the same in every run, and kept nowhere."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("same", derandomize=True, database=None)
settings.load_profile("same")
