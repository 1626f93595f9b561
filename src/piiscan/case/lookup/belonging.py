"""Whose each part of the evidence is: item, suspect, device, as the newest register says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from piiscan.case.register import KIND, longest, read_register
from piiscan.case.store.attachments import newest
from piiscan.case.store.case import Case

#: What is told of a part.
TOLD: Final = ("item", "suspect", "device", "role", "layer")


class Belonging:
    """What the register of a case says of its parts; of every part nothing where there is none."""

    def __init__(self, case: Case) -> None:
        self._places: dict[int, dict[str, Mapping[str, Any]]] = {}
        kept = newest(case.path, KIND)
        if kept is None:
            return
        register = read_register((case.path / kept.name).read_bytes(), kept.name)
        sources = [(each["source"], each["path"]) for each in case.manifest.content["sources"]]
        for place in register.places(sources).to_pylist():
            self._places.setdefault(place["source"], {})[place["member_prefix"]] = place

    def of(self, source: int, member: str) -> dict[str, Any]:
        """Item, suspect, device, role and layer of a part; None for what is not said."""
        places = self._places.get(source, {})
        place = places.get(longest(places, member), {})
        return {name: place.get(name) for name in TOLD}
