from collections.abc import Callable

import numpy as np
import pytest

from piiscan.synth.sampler import Chunk, Draw


@pytest.fixture
def draw() -> Callable[..., Draw]:
    """Draws of so many rows, from a seed, with the given roles."""

    def made(
        rows: int = 1000, *, seed: int = 7, roles: dict[str, dict[str, float]] | None = None
    ) -> Draw:
        chunk = Chunk((seed,), rows, roles or {})
        return Draw(chunk, np.arange(rows), np.random.default_rng(seed))

    return made
