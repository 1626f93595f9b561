"""JSON files that say what a part of a case consists of: manifest, count, sample."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from piiscan.errors import CaseError


def read_described(path: Path, *, known: int) -> tuple[dict[str, Any], str]:
    """The content of the file and its SHA-256; CaseError if damaged or of another format."""
    try:
        text = path.read_bytes()
        content = json.loads(text)
        told = content["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CaseError(f"{path} is damaged: {type(error).__name__}") from error
    if told != known:
        raise CaseError(f"{path} has format {told}; this piiscan reads format {known}")
    return content, hashlib.sha256(text).hexdigest()
