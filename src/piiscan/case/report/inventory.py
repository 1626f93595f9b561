"""The list of sources as files ask for it: category, format, size and checksums of each.

法发〔2016〕22号 art. 14 wants 类别、文件格式、完整性校验值 of each.  The class is what was found
in the file, the format the ending of its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from piiscan.case.register import KIND, Register, read_register
from piiscan.case.store.attachments import Handed, all_handed, newest
from piiscan.case.store.case import Case

Row = dict[str, Any]

#: Endings that may be shown: names of files can hold anything behind a dot.
_ENDING: Final = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,5}")
#: What the register says of a source.
_SAID: Final = ("item", "suspect", "device")


def inventory(case: Case, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Row]:
    """A row for each source: what the register calls it, what it is, and its checksums."""
    said = _register_says(case)
    kinds: dict[int, dict[str, None]] = {}
    for part in tables["parts"]:
        inside = "archive" if part["member"] and part["kind"] != "sheet" else part["kind"]
        kinds.setdefault(part["source"], {})[inside] = None
    return [
        {
            **{name: _together(said.get(row["source"], []), name) for name in _SAID},
            **{name: value for name, value in row.items() if name != "parts"},
            **_class_of(row, list(kinds.get(row["source"], ()))),
        }
        for row in tables["sources"]
    ]


def _class_of(row: Mapping[str, Any], kinds: list[str]) -> Row:
    ending = PurePosixPath(row["path"]).suffix
    told = ending[1:].upper() if _ENDING.fullmatch(ending) else None
    kind = next((each for each in ("archive", "sql", *kinds) if each in kinds), "unread")
    return {"file_class": kind, "file_format": told}


def _together(places: Sequence[Mapping[str, Any]], name: str) -> str | None:
    """What is said of the parts of a source; different things of several parts stand together."""
    found = dict.fromkeys(each[name] for each in places if each[name])
    return "、".join(found) or None


def register_of(case: Case) -> Handed | None:
    """The register that the count was made with; the newest one where nothing was counted."""
    count = case.count()
    if count is None:
        return newest(case.path, KIND)
    wanted = count.content["asked"]["register"]
    return next((each for each in all_handed(case.path, KIND) if each.sha256 == wanted), None)


def _register_says(case: Case) -> dict[int, list[Mapping[str, Any]]]:
    """Source -> the rows of PLACES that tell of it or its parts."""
    register = _read(case)
    if register is None:
        return {}
    listed = [(each["source"], each["path"]) for each in case.manifest.content["sources"]]
    said: dict[int, list[Mapping[str, Any]]] = {}
    for row in register.places(listed).to_pylist():
        said.setdefault(row["source"], []).append(row)
    return said


def _read(case: Case) -> Register | None:
    kept = register_of(case)
    if kept is None or not (case.path / kept.name).is_file():
        return None
    return read_register((case.path / kept.name).read_bytes(), kept.name)
