"""Platforms of social accounts, by their recognizer, and chains of cryptocurrency addresses."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute

from piiscan.detect.arithmetic.char_matrix import AttributeColumns


def describe_social(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return the platform of social accounts: ``social.telegram_link -> telegram``.

    The platform of ``account.social`` is unknown.

    >>> found = describe_social(pa.array(["demo_88"]), "social.momo", as_of=20261231)
    >>> found["platform"].to_pylist()
    ['momo']
    """
    del as_of
    family, _, name = recognizer.partition(".")
    platform = name.removesuffix("_link") if family == "social" else None
    return {"platform": pa.array([platform] * len(values), pa.string())}


def describe_crypto(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return the chain of addresses, by their first characters: bitcoin, ethereum, tron.

    >>> address = pa.array(["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"])
    >>> describe_crypto(address, "", as_of=20261231)["platform"].to_pylist()
    ['ethereum']
    """
    del recognizer, as_of
    first = pa.compute.utf8_slice_codeunits(values, 0, 1)
    chain = pa.compute.case_when(
        pa.compute.make_struct(pa.compute.equal(first, "0"), pa.compute.equal(first, "T")),
        pa.scalar("ethereum"),
        pa.scalar("tron"),
        pa.scalar("bitcoin"),
    )
    return {"platform": chain}
