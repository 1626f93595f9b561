"""Event logs of Windows (evtx): each event is a row: time, event, channel, computer, its data.

<Data Name="TargetUserName">张伟</Data> -> column TargetUserName
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from piiscan.errors import SourceError, is_machine_error
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, read_whole
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.formats import open_stored
from piiscan.sources.read_context import ReadContext
from piiscan.sources.stored_values import RowLimits, StoredRecord, flatten_stored

#: Column -> keys of its value below ``System``.
_SYSTEM: Final = {
    "time": ("TimeCreated", "#attributes", "SystemTime"),
    "event": ("EventID",),
    "channel": ("Channel",),
    "computer": ("Computer",),
    "provider": ("Provider", "#attributes", "Name"),
    "user": ("Security", "#attributes", "UserID"),
}
_NAMELESS: Final = ("#attributes", "#text", "EventData", "UserData")
_MOST_DAMAGES: Final = 10_000


def _record(event: dict[str, Any], time: str) -> StoredRecord:
    """Return the record of an event: its facts, then its data by their names."""
    found: dict[str, Any] = {}
    for column, keys in _SYSTEM.items():
        value = event.get("System")
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        found[column] = value.get("#text") if isinstance(value, dict) else value
    found["time"] = found["time"] or time
    rest = {key: value for key, value in event.items() if key not in ("System", "#attributes")}
    cells, others = flatten_stored({**found, "": rest})
    named: dict[str, str] = {}
    for key, text in cells.items():
        name = ".".join(part for part in key.split(".") if part and part not in _NAMELESS)
        named[name] = f"{named[name]}\n{text}" if name in named else text
    return StoredRecord(0, named, others)


def _read(content: Content, context: ReadContext) -> Iterator[StoredRecord | Trouble]:
    """Yield the record of each event; a Trouble for damaged chunks and events."""
    import evtx

    place = content.path
    source = str(place) if place else io.BytesIO(read_whole(content, context.budget.in_memory))
    limits, damages = RowLimits(content.size, context.budget), 0
    try:
        events = iter(evtx.PyEvtxParser(source).records_json())
    except Exception as error:
        if is_machine_error(error):
            raise
        raise SourceError("CORRUPT", f"event log: {type(error).__name__}") from None
    while damages < _MOST_DAMAGES:
        try:
            event = next(events, None)
            if event is None:
                break
            record = _record(json.loads(event["data"])["Event"], event["timestamp"])
        except Exception as error:  # of the library, and of what it gives
            if is_machine_error(error):
                raise
            damages += 1
            continue
        if limits.exceeded(record.cells.values()):
            yield Trouble(content.member, "ZIP_RATIO", f"stopped after {limits.rows - 1} events")
            return
        yield record
    if damages:
        yield Trouble(content.member, "CORRUPT", f"{damages} damaged chunks or events")


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of the events, and their binary values as members."""
    read: Any = partial(_read, sample.content, context)
    yield from open_stored(sample.content, context, read)


FORMATS: Final = (
    Format(
        *("event log", 25, _open),
        signatures=((0, b"ElfFile\0"),),
        isolated=True,
        extensions=("evtx",),
        packages=("evtx",),
        extra="data",
    ),
)
