"""piiscan: personal information in seized Chinese data, found, located and counted.

The public names load their modules when first used, so that ``import piiscan`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from piiscan.case.scan.scan import scan
    from piiscan.case.store.case import Case
    from piiscan.detect.attributes import attribute_table, coarse
    from piiscan.errors import (
        CaseError,
        CatalogError,
        PiiscanError,
        SourceError,
        VerifyError,
    )
    from piiscan.finding import Alternative, Finding, find, find_all, find_table
    from piiscan.frame import find_frame

__version__ = "0.1.0"

__all__ = [
    "Alternative",
    "Case",
    "CaseError",
    "CatalogError",
    "Finding",
    "PiiscanError",
    "SourceError",
    "VerifyError",
    "__version__",
    "attribute_table",
    "coarse",
    "find",
    "find_all",
    "find_frame",
    "find_table",
    "scan",
]

_HOME: Final = {
    "Alternative": "piiscan.finding",
    "Case": "piiscan.case.store.case",
    "CaseError": "piiscan.errors",
    "CatalogError": "piiscan.errors",
    "Finding": "piiscan.finding",
    "PiiscanError": "piiscan.errors",
    "SourceError": "piiscan.errors",
    "VerifyError": "piiscan.errors",
    "attribute_table": "piiscan.detect.attributes",
    "coarse": "piiscan.detect.attributes",
    "find": "piiscan.finding",
    "find_all": "piiscan.finding",
    "find_frame": "piiscan.frame",
    "find_table": "piiscan.finding",
    "scan": "piiscan.case.scan.scan",
}


def __getattr__(name: str) -> Any:
    """The public object called ``name``, its module imported now; AttributeError if none."""
    if name not in _HOME:
        raise AttributeError(f"module 'piiscan' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
