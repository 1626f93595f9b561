"""How many records of each stratum are drawn: proportional, and a minimum of each."""

from __future__ import annotations

from collections.abc import Mapping


def allocate(sizes: Mapping[str, int], size: int, *, minimum: int) -> dict[str, int]:
    """Stratum -> number drawn, in the order of ``sizes``.

    Shares of ``size`` by largest remainder (the earlier stratum first where they are equal); a
    stratum below ``minimum`` gets that, or all it has.  So the sum may be above ``size``.

    >>> allocate({"a": 900, "b": 90, "c": 10}, 100, minimum=5)
    {'a': 90, 'b': 9, 'c': 5}
    """
    total = sum(sizes.values())
    if total <= size:
        return dict(sizes)
    share = {name: divmod(size * number, total) for name, number in sizes.items()}
    given = {name: whole for name, (whole, _) in share.items()}
    order = sorted(sizes, key=lambda name: -share[name][1])  # stable: earlier ones first
    for name in order[: size - sum(given.values())]:
        given[name] += 1
    return {name: min(sizes[name], max(number, minimum)) for name, number in given.items()}
