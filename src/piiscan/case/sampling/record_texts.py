"""What a sheet shows of a record: its values, as the view ``findings`` shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from piiscan.case.sampling.sampling_frame import Record
from piiscan.case.sampling.verification_form import Drawn
from piiscan.forms.writer import Line

#: Records whose values are looked up at once.
_AT_ONCE: Final = 50_000
#: Values shown of one record: a row of a long list of phones is told by its first.
_MOST: Final = 40
_VALUES: Final = (
    'select w.record, list((f.entity, f.shown) order by f."column", f.start)'
    " from wanted w join findings f on f.source = w.source and f.member = w.member"
    ' and f.record = w.row and f."group" = w."group" where f.verdict <> \'refuted\''
    # Findings are in the order of the case: most of them need not be read at all.
    " and f.source between ? and ? and f.record between ? and ? group by w.record"
)


@dataclass(frozen=True, slots=True)
class Names:
    """How sources, members, kinds and strata are called; all of it masked where it must be."""

    paths: Mapping[int, str]
    members: Mapping[str, str]
    kinds: Mapping[str, str]
    strata: Mapping[str, str]

    def kind(self, entity: str) -> str:
        """What a kind is called."""
        return self.kinds.get(entity, entity)


def lines(base: Any, drawn: Iterator[Drawn], names: Names) -> Iterator[Line]:
    """The rows of a sheet for ``drawn``; ``base`` has the view ``findings``: what is ``shown``."""
    while some := list(islice(drawn, _AT_ONCE)):
        values = _values(base, [each.record for each in some])
        for each in some:
            yield _line(each, values.get(each.record.record, []), names)


def _values(base: Any, records: Sequence[Record]) -> dict[int, list[Any]]:
    import pyarrow as pa

    wanted = {
        "record": pa.array([each.record for each in records], pa.int64()),
        "source": pa.array([each.source for each in records], pa.int32()),
        "member": pa.array([each.member for each in records], pa.string()),
        "row": pa.array([each.row for each in records], pa.int64()),
        "group": pa.array([each.group for each in records], pa.int16()),
    }
    base.register("wanted", pa.table(wanted))
    sources, rows = [each.source for each in records], [each.row for each in records]
    reach = [min(sources), max(sources), min(rows), max(rows)]
    found = dict(base.execute(_VALUES, reach).fetchall())
    base.unregister("wanted")
    return found


def _line(drawn: Drawn, values: Sequence[Any], names: Names) -> Line:
    record = drawn.record
    told = dict.fromkeys(f"{names.kind(entity)} {text}" for entity, text in map(tuple, values))
    kinds = record.combination.split("+") if record.combination else []
    return Line(
        {
            "number": str(drawn.number),
            "code": drawn.code,
            "stratum": names.strata.get(record.stratum, record.stratum),
            "suspect": record.suspect,
            "item": record.item,
            "source": record.source,
            "path": names.paths.get(record.source, str(record.source)),
            "member": names.members.get(record.member, record.member),
            "row": record.row,
            "combination": " + ".join(names.kind(each) for each in kinds),
            "values": "；".join(list(told)[:_MOST]) + ("…" if len(told) > _MOST else ""),
            "copies": record.copies,
        }
    )
