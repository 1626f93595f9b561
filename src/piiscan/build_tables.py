"""Tables of the build: those of the shipped rules and data, which all processes map.

``python -m piiscan.build_tables`` writes those that are absent or out of date to
``piiscan/data/tables``. The kernels must be compiled.
"""

from __future__ import annotations

from piiscan import cache
from piiscan.detect.address.lookup_tables import load_arrays
from piiscan.detect.catalog.catalog import load
from piiscan.detect.match_tables import load_slow_tables
from piiscan.detect.ner.model.weights import packaged_weights


def build_tables() -> None:
    """Write the tables of the shipped rules and data that are absent or out of date."""
    cache.build_here()
    load_slow_tables(load())
    load_arrays()
    packaged_weights()


if __name__ == "__main__":
    build_tables()
