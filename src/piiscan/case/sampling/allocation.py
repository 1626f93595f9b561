"""Sample allocation: number of records to draw from each stratum.

Allocation is proportional to the size of the stratum, with a minimum.
"""

from __future__ import annotations

from collections.abc import Mapping


def allocate(sizes: Mapping[str, int], size: int, *, minimum: int) -> dict[str, int]:
    """Return stratum -> number of records to draw, about ``size`` in all and ``minimum`` each.

    Shares of ``size`` follow the largest remainder; of equal remainders the earlier stratum wins. A
    stratum with a share below ``minimum`` gets ``minimum``, or all its records. The sum can
    therefore exceed ``size``.

    >>> allocate({"a": 900, "b": 90, "c": 10}, 100, minimum=5)
    {'a': 90, 'b': 9, 'c': 5}
    """
    total = sum(sizes.values())
    if total <= size:
        return dict(sizes)
    share = {name: divmod(size * number, total) for name, number in sizes.items()}
    allocated = {name: whole for name, (whole, _) in share.items()}
    order = sorted(sizes, key=lambda name: -share[name][1])  # stable: earlier ones first
    for name in order[: size - sum(allocated.values())]:
        allocated[name] += 1
    return {name: min(sizes[name], max(number, minimum)) for name, number in allocated.items()}
