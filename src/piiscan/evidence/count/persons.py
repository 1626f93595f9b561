"""Persons (U4): records that share an identity number, a phone or an account belong together.

An estimate, and called so everywhere: two people can share a phone, one person can have two of
everything.  A phone or account beside more names than ``HUB_NAMES`` (a shop's, a courier's, a
shared host) ties nobody together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from piiscan.compiled import kernel
from piiscan.evidence.count.batches import Flags, Int64, UInt64

#: What is one person's whatever names stand beside it; the same key is counted once at R5 as well.
_OWN: Final = ("identity", "key")
#: Names beside one phone or account beyond which it is nobody's own.
HUB_NAMES: Final = 5


@dataclass(frozen=True, slots=True)
class Ties:
    """What candidates can be tied together by: ``uint64[n]`` each, and where there is one."""

    values: dict[str, UInt64]
    present: dict[str, Flags]


@dataclass(frozen=True, slots=True)
class Persons:
    """``person[i]`` of each candidate, from 0 in order of first appearance; hubs by kind."""

    person: Int64
    hubs: dict[str, int]

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self.person.max(initial=-1)) + 1


def persons(ties: Ties, names: UInt64, named: Flags, *, hub_names: int = HUB_NAMES) -> Persons:
    """Who belongs together; a candidate without any tie is a person of its own.

    >>> same = np.array([7, 7, 9], np.uint64)
    >>> all_, none = np.ones(3, bool), np.zeros(3, bool)
    >>> persons(Ties({"mobile": same}, {"mobile": all_}), same, none).person.tolist()
    [0, 0, 1]
    """
    count = len(names)
    nodes, hubs, size = [], {}, count
    for kind, values in ties.values.items():
        present = ties.present[kind]
        number = np.full(count, -1, np.int64)
        distinct, number[present] = np.unique(values[present], return_inverse=True)
        hubs[kind] = 0
        if kind not in _OWN:
            many = _names_beside(number, names, named, len(distinct)) > hub_names
            hubs[kind] = int(many.sum())
            number[present] = np.where(many[number[present]], -1, number[present])
        number[number >= 0] += size
        size += len(distinct)
        nodes.append(number)
    parents = np.arange(size)
    for number in nodes:
        _tie(parents, number)
    person = np.empty(count, np.int64)
    _settle(parents, person, np.full(size, -1, np.int64))
    return Persons(person, hubs)


def _names_beside(number: Int64, names: UInt64, named: Flags, count: int) -> Int64:
    """How many different names stand beside each value."""
    both = named & (number >= 0)
    _, name = np.unique(names[both], return_inverse=True)
    width = int(name.max(initial=0)) + 1
    pairs = np.unique(number[both] * width + name)
    return np.bincount(pairs // width, minlength=count)


@kernel
def _root(parents: npt.NDArray[Any], node: int) -> int:  # pragma: no cover - compiled
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


@kernel
def _tie(
    parents: npt.NDArray[Any], number: npt.NDArray[Any]
) -> None:  # pragma: no cover - compiled
    for i in range(len(number)):
        if number[i] >= 0:
            one, two = _root(parents, i), _root(parents, number[i])
            parents[max(one, two)] = min(one, two)


@kernel
def _settle(
    parents: npt.NDArray[Any], person: npt.NDArray[Any], seen: npt.NDArray[Any]
) -> None:  # pragma: no cover - compiled
    """Number the persons in order of their first candidates."""
    new = 0
    for i in range(len(person)):
        root = _root(parents, i)
        if seen[root] < 0:
            seen[root] = new
            new += 1
        person[i] = seen[root]
