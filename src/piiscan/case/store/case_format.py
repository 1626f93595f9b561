"""Case format: the one number of the layout of a case, and the refusal of any other.

Every file of a case that is JSON with a layout (manifest, count, sample, judgements) has the number
under ``format``, the job store as its ``user_version``. A change of any of these layouts, of a
Parquet schema, of the log or of the names of files raises :data:`CASE_FORMAT`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from piiscan.errors import CaseError

#: Number of the layout of a case that this version writes and reads.
CASE_FORMAT: Final = 5

#: Number in counts, samples and judgements of format 5 that were written before they shared it.
PART_OF_FORMAT_5: Final = 1
#: Format of job stores that were written before they had the number.
_UNNUMBERED: Final = 5


def add_format(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``content`` of a new file with the case format ahead.

    >>> add_format({"number": 1})
    {'format': 5, 'number': 1}
    """
    return {"format": CASE_FORMAT, **content}


def check_format(path: Path, found: object) -> None:
    """Raise CaseError if ``found``, the number in the file ``path``, is not the case format."""
    if found != CASE_FORMAT:
        raise CaseError("case.other_format", path=path, format=found, known=CASE_FORMAT)


def check_store_format(path: Path, user_version: int) -> None:
    """Raise CaseError if the job store ``path`` is not of the case format.

    ``user_version``: its number, 0 if it was written without one.
    """
    check_format(path, user_version or _UNNUMBERED)


def read_case_json(path: Path, *, is_part: bool = False) -> tuple[dict[str, Any], str]:
    """Return the object in a JSON file of a case, and the file's SHA-256.

    ``is_part``: the file is a count, a sample or a list of judgements, which may have the number
    PART_OF_FORMAT_5. Raise CaseError if the file is damaged or not of the case format.
    """
    try:
        text = path.read_bytes()
        content = json.loads(text)
        found = content["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CaseError("case.damaged_file", path=path, reason=type(error).__name__) from error
    if not (is_part and CASE_FORMAT == _UNNUMBERED and found == PART_OF_FORMAT_5):
        check_format(path, found)
    return content, hashlib.sha256(text).hexdigest()


def is_other_format(error: CaseError) -> bool:
    """Return True if ``error`` refuses a case for its format, not for damage."""
    return error.code == "case.other_format"
