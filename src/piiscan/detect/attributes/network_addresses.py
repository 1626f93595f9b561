"""Attributes of network addresses: version of an IP address, domain of a mailbox."""

from __future__ import annotations

import pyarrow as pa

from piiscan.detect.arithmetic.char_matrix import AttributeColumns


def describe_ip(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return the IP version: 6 if the address has two colons, else 4.

    >>> describe_ip(pa.array(["10.0.0.1", "::1"]), "", as_of=1)["ip_version"].to_pylist()
    [4, 6]
    """
    import pyarrow.compute as pc

    del recognizer, as_of
    six = pc.match_substring_regex(values, "[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:")
    return {"ip_version": pc.if_else(six, pa.scalar(6, pa.int64()), pa.scalar(4, pa.int64()))}


def describe_mailbox(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return the domain, the text after the last @.

    >>> describe_mailbox(pa.array(["a@example.com"]), "", as_of=1)["domain"].to_pylist()
    ['example.com']
    """
    import pyarrow.compute as pc

    del recognizer, as_of
    return {"domain": pc.struct_field(pc.extract_regex(values, "@(?P<domain>[^@]+)$"), "domain")}
