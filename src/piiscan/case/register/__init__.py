"""The register (检材登记表): what the seized files are to the court, and what is not known of them.

A draft is made from the folder tree, people fill it in, and it comes back as a :class:`Register`.
"""

from __future__ import annotations

from piiscan.case.register.intake import KIND, Register, read_register, take_in
from piiscan.case.register.path_tree import Part, Problem, longest
from piiscan.case.register.recorded_checksums import HashCheck, check_hashes

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
