"""piiscan: find, locate and count personal information in seized Chinese data.

Public names load their modules on first use, so ``import piiscan`` is fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from piiscan.case.scan.scan import scan
    from piiscan.case.store.case import Case
    from piiscan.detect.attributes import attribute_table, coarse
    from piiscan.detect.findings.finding import Alternative, Finding
    from piiscan.errors import (
        CaseError,
        CatalogError,
        PiiscanError,
        SourceError,
        VerifyError,
    )
    from piiscan.finding import find, find_all, find_table
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
    "Alternative": "piiscan.detect.findings.finding",
    "Case": "piiscan.case.store.case",
    "CaseError": "piiscan.errors",
    "CatalogError": "piiscan.errors",
    "Finding": "piiscan.detect.findings.finding",
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
    """Import the module of the public name ``name`` and return the object.

    Raise AttributeError if there is no such name.
    """
    if name not in _HOME:
        raise AttributeError(f"module 'piiscan' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the package's public names and module globals, sorted, for ``dir(piiscan)``."""
    return sorted({*globals(), *__all__})
