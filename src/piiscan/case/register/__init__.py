"""The register (检材登记表): what the seized files are to the court, and what is not known of them.

A draft is made from the folder tree, people fill it in, and it comes back as a :class:`Register`.
"""

from __future__ import annotations

from piiscan.evidence.register.hashes import HashCheck, check_hashes
from piiscan.evidence.register.intake import KIND, Register, read_register, take_in
from piiscan.evidence.register.tree import Part, Problem, longest

__all__ = [
    "KIND",
    "HashCheck",
    "Part",
    "Problem",
    "Register",
    "check_hashes",
    "longest",
    "read_register",
    "take_in",
]
