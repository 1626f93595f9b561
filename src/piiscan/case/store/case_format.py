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
CASE_FORMAT: Final = 10


def add_format(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``content`` of a new file with the case format ahead.

    >>> add_format({"number": 1})
    {'format': 10, 'number': 1}
    """
    return {"format": CASE_FORMAT, **content}


def check_format(path: Path, found: object) -> None:
    """Raise CaseError if ``found``, the number in the file ``path``, is not the case format."""
    if found != CASE_FORMAT:
        raise CaseError("case.other_format", path=path, format=found, known=CASE_FORMAT)


def read_case_json(path: Path) -> tuple[dict[str, Any], str]:
    """Return the object in a JSON file of a case, and the file's SHA-256.

    Raise CaseError if the file is damaged or not of the case format.
    """
    try:
        text = path.read_bytes()
        content = json.loads(text)
        found = content["format"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CaseError("case.damaged_file", path=path, reason=type(error).__name__) from error
    check_format(path, found)
    return content, hashlib.sha256(text).hexdigest()


def is_other_format(error: CaseError) -> bool:
    """Return True if ``error`` refuses a case for its format, not for damage."""
    return error.code == "case.other_format"
