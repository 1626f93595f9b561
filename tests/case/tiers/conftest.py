"""Rules of tiers speak of the shipped catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

import piiscan


@pytest.fixture(autouse=True)
def shipped(own_rules: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the small rules of the folder above."""
    package = Path(piiscan.__file__).parent
    places = (package / "recognizers", package.parents[1] / "recognizers")
    folder = next(place for place in places if place.is_dir())
    monkeypatch.setattr("piiscan.detect.catalog.catalog.shipped_folder", lambda: folder)
