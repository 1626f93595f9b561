"""The register (检材登记表): item, suspect, device, role and checksums of the seized files.

``piiscan register`` drafts it from the folder tree, people complete it, and it is read as a
:class:`Register`.
"""

from __future__ import annotations

from piiscan.case.register.intake import KIND, Register, import_register, read_register
from piiscan.case.register.party_sheets import Alias, Dealing, GroupMember, resolve_aliases
from piiscan.case.register.path_tree import Problem, SourcePart, longest_prefix
from piiscan.case.register.recorded_checksums import HashCheck, check_hashes

__all__ = [
    "KIND",
    "Alias",
    "Dealing",
    "GroupMember",
    "HashCheck",
    "Problem",
    "Register",
    "SourcePart",
    "check_hashes",
    "import_register",
    "longest_prefix",
    "read_register",
    "resolve_aliases",
]
