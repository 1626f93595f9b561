"""Merge inputs: parts or cases to merge, each verified against its records and the others.

Nothing is written into them, and their evidence need not be at hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.case.integrity.key_check import check_key
from piiscan.case.integrity.verify import cross_check
from piiscan.case.scan.finish import manifest_source
from piiscan.case.store.case import Case
from piiscan.case.store.job_store import JobStore, Source
from piiscan.case.store.manifest import tool_facts
from piiscan.errors import CaseError
from piiscan.hashing.key import Key

#: Facts of the program on which findings depend.
_CODE: Final = ("code_sha256", "kernels_sha256", "formats")


@dataclass(frozen=True, slots=True)
class MergeInput:
    """A part or case to merge: its manifest and all rows of its job store.

    Attributes:
        case: the part or case
        sources: its sources with their outcomes, by number
        troubles: troubles that belong to no source
        corrections: column overrides as stored, None for none
    """

    case: Case
    sources: Sequence[Source] = field(repr=False)
    troubles: Sequence[dict[str, Any]] = field(repr=False)
    corrections: Any = field(repr=False)

    @classmethod
    def open(cls, path: Path, key: Key) -> MergeInput:
        """Open a part or case after all its files were hashed.

        Raise CaseError if it is of another key or unfinished, or a file is not the recorded one.
        """
        case = Case.open(path, is_part=True)
        known = case.manifest.content["settings"]["key"]
        if known != key.fingerprint:
            raise CaseError("key.other", path=key.path, found=key.fingerprint, known=known)
        check, found = cross_check(path, sources=False)
        differing = [each.name for each in found if each.detail != "LEFT_OVER"]
        differing += [
            each.name
            for each in check_key(check, key.path).differences
            if each.reason != "NOT_KEYED" or each.name.startswith("handed/register")
        ]  # counts may be made without the key, and are not merged
        for name in differing:
            raise CaseError("merge.damaged", path=path, file=name)
        with JobStore.reading(path / "ledger.sqlite", key) as store:
            opened = cls(case, store.sources(), store.troubles(), store.get("corrections"))
        if [manifest_source(each) for each in opened.sources] != case.manifest.content["sources"]:
            raise CaseError("merge.damaged", path=path, file="ledger.sqlite")
        return opened

    def shards(self, kind: str, sources: Sequence[Source] | None = None) -> list[Path]:
        """Return the files of the shards of ``kind`` of ``sources`` (None: of all)."""
        chosen = self.sources if sources is None else sources
        names = dict.fromkeys(name for each in chosen for name in each.outcome.files)
        return [self.case.path / name for name in names if name.startswith(f"{kind}/")]

    @property
    def part(self) -> Mapping[str, Any] | None:
        """Return the identity of a part, None for a whole case."""
        part: Mapping[str, Any] | None = self.case.manifest.content.get("part")
        return part


def open_inputs(paths: Sequence[Path], key: Key) -> list[MergeInput]:
    """Open parts or cases to merge: parts by number, cases as given.

    Raise CaseError as :meth:`MergeInput.open` does, and if they are not all parts of one listing,
    or not all cases; if they differ in settings, rules or code, or one is given twice.
    """
    inputs = [MergeInput.open(path, key) for path in paths]
    manifests = Counter(each.case.manifest.sha256 for each in inputs)
    for each in inputs:
        if manifests[each.case.manifest.sha256] > 1:
            raise CaseError("compare.given_twice", case=each.case.path)
        if names := _differing(inputs[0], each):
            first = inputs[0].case.path
            raise CaseError("merge.other", path=each.case.path, first=first, options=tuple(names))
    tool = tool_facts()
    made_by = inputs[0].case.manifest.content["tool"]
    if any(made_by.get(name, []) != tool[name] for name in _CODE):
        raise CaseError("merge.other_program", path=inputs[0].case.path)
    if all(each.part is None for each in inputs):
        return inputs
    return _in_order(inputs)


def _differing(first: MergeInput, other: MergeInput) -> list[str]:
    """Return the names of settings and code in which two inputs differ."""
    one, two = (each.case.manifest.content for each in (first, other))
    names = [name for name in one["settings"] if one["settings"][name] != two["settings"][name]]
    names += [name for name in _CODE if one["tool"].get(name) != two["tool"].get(name)]
    return names + ["columns"] * (one["corrections_sha256"] != two["corrections_sha256"])


def _in_order(inputs: Sequence[MergeInput]) -> list[MergeInput]:
    """Return all parts of one listing by number. Raise CaseError if one is absent or twice."""
    parts: dict[int, MergeInput] = {}
    for each in inputs:
        part = each.part
        if part is None:
            raise CaseError("merge.mixed", path=each.case.path)
        first = parts.setdefault(part["number"], each)
        if first is not each:
            paths = tuple(map(str, (first.case.path, each.case.path)))
            raise CaseError("merge.part_twice", part=part["number"], paths=paths)
        for name in ("of", "listing", "sources"):
            if part[name] != (inputs[0].part or {})[name]:
                raise CaseError(
                    "merge.other_listing", path=each.case.path, first=inputs[0].case.path
                )
    of, total = (inputs[0].part or {})["of"], (inputs[0].part or {})["sources"]
    absent = tuple(f"{number}/{of}" for number in range(1, of + 1) if number not in parts)
    if absent:
        raise CaseError("merge.part_missing", parts=absent)
    ordered = [parts[number] for number in sorted(parts)]
    numbers = sorted(source.source for each in ordered for source in each.sources)
    if numbers != [*range(1, total + 1)]:
        raise CaseError("merge.other_listing", path=inputs[-1].case.path, first=inputs[0].case.path)
    return ordered
