"""Judgements: findings that a person called false or overlooked, with author and reason.

They are attachments of the case, one a batch, each with the SHA-256 of the one before. A judgement
names the SHA-256 of the source, the place and the digest of the value, never the value, so it holds
in a later scan of the same bytes. A false finding makes no key and no element; an overlooked one is
listed and not counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

import numpy as np

from piiscan.case.count.subjects.record_batches import ColumnCodes, FindingBatch, Flags
from piiscan.case.store.attachments import (
    Attachment,
    all_attachments,
    latest_attachment,
    store_attachment,
)
from piiscan.case.store.audit_log import AuditLog
from piiscan.case.store.case import Case
from piiscan.case.store.case_format import add_format, read_case_json

#: Kind of these files among the attachments of a case.
KIND: Final = "judged"
#: ``right`` replaces an earlier judgement of the same finding, ``open`` takes it back.
Verdict = Literal["false", "overlooked", "right", "open"]
#: SHA-256 of the source, member, record, group, column, entity, digest.
Place = tuple[str, str, int, int, int, str, str]
VERDICTS: Final[tuple[Verdict, ...]] = ("false", "overlooked", "right")
#: Reason of a record that only its false findings would make identifiable.
JUDGED_FALSE: Final = "JUDGED_FALSE"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judgement: the finding or place, who judged, and why.

    ``digest``: hexadecimal digest of the value; empty if it was overlooked. ``record``, ``group``,
    ``column``: as in FINDINGS.
    """

    verdict: Verdict
    sha256: str
    member: str
    record: int
    group: int
    column: int
    entity: str
    digest: str
    masked: str
    reason: str
    author: str
    made: str

    @property
    def place(self) -> Place:
        """Return the place that is judged; a later judgement of the same place replaces it."""
        return (
            *(self.sha256, self.member, self.record, self.group, self.column),
            *(self.entity, self.digest),
        )


def read_judgements(
    case: Case, *, batches: int | None = None
) -> tuple[list[Judgement], str | None]:
    """Return all judgements of the case, oldest first, and the SHA-256 of their last attachment.

    ``batches``: number of the first attachments to read, None for all. Raise CaseError if an
    attachment is damaged or of another case format.
    """
    read = all_attachments(case.path, KIND)[:batches]
    contents = [read_case_json(each.path)[0] for each in read]
    found = [Judgement(**each) for content in contents for each in content["judgements"]]
    return found, read[-1].sha256 if read else None


def store_judgements(case: Case, new: Iterable[Judgement], *, log: AuditLog) -> Attachment:
    """Store a batch of judgements as the newest attachment of the case."""
    last = latest_attachment(case.path, KIND)
    batch = {"previous": last and last.sha256, "judgements": [asdict(each) for each in new]}
    text = json.dumps(add_format(batch), ensure_ascii=True, indent=1)
    return store_attachment(case.path, KIND, text.encode() + b"\n", suffix=".json", log=log)


def judged_states(judgements: Iterable[Judgement]) -> dict[Place, str]:
    """Return place -> verdict of its newest judgement; ``review`` of one false by one person only.

    A second person who calls it false too agrees. Any other verdict begins anew.
    """
    authors: dict[Place, set[str]] = {}
    states: dict[Place, str] = {}
    for each in judgements:
        agreed = authors.setdefault(each.place, set())
        if each.verdict == "false":
            agreed.add(each.author)
        else:
            agreed.clear()
        states[each.place] = "review" if len(agreed) == 1 else each.verdict
    return states


def valid_judgements(judgements: Iterable[Judgement]) -> list[Judgement]:
    """Return the newest judgement of each place, without those taken back."""
    newest = {each.place: each for each in judgements}
    return [each for each in newest.values() if each.verdict not in ("right", "open")]


def count_reviews(case: Case, last: str | None) -> int:
    """Return the number of findings that one person called false and no second one.

    ``last``: SHA-256 of the last attachment to read, as in a count; None for no attachment.
    """
    batches = [each.sha256 for each in all_attachments(case.path, KIND)]
    known = batches.index(last) + 1 if last in batches else 0
    judgements = read_judgements(case, batches=known)[0] if known else []
    return list(judged_states(judgements).values()).count("review")


@dataclass(frozen=True, slots=True)
class JudgementIndex:
    """False findings of a case, by source: (member, record, group, column, digest)."""

    by_source: Mapping[int, frozenset[tuple[str, int, int, int, bytes]]] = field(
        default_factory=dict
    )

    @classmethod
    def build(
        cls, judgements: Sequence[Judgement], sources: Iterable[Mapping[str, Any]]
    ) -> JudgementIndex:
        """Return the index of the false ones among ``judgements``.

        ``sources``: rows with ``source`` and ``sha256``. Copies of a source have its judgements.
        """
        false: dict[str, set[tuple[str, int, int, int, bytes]]] = {}
        for each in judgements:
            if each.verdict == "false":
                place = each.member, each.record, each.group, each.column
                false.setdefault(each.sha256, set()).add((*place, bytes.fromhex(each.digest)))
        return cls(
            {
                row["source"]: frozenset(false[row["sha256"]])
                for row in sources
                if row["sha256"] in false
            }
        )

    def match_findings(self, batch: FindingBatch, codes: ColumnCodes) -> Flags:
        """Return True per finding of ``batch`` that a person judged false."""
        found = np.zeros(len(batch), np.bool_)
        parts = codes.member.parts() if self.by_source else []
        judged = self.by_source.keys() & {source for source, _ in parts}
        words = [
            np.frombuffer(digest, np.uint64)[0]
            for source in judged
            for *_, digest in self.by_source[source]
        ]
        for at in np.flatnonzero(np.isin(batch.digest[:, 0], words)).tolist():
            source, member = parts[batch.member[at]]
            place = int(batch.record[at]), int(batch.group[at]), int(batch.column[at])
            false = self.by_source.get(source, frozenset())
            found[at] = (member, *place, batch.digest[at].tobytes()) in false
        return found

    def rows(self) -> Iterator[tuple[int, str, int, int, int, bytes]]:
        """Yield source, member, record, group, column and digest of every false finding."""
        for source, places in sorted(self.by_source.items()):
            for place in sorted(places):
                yield (source, *place)
