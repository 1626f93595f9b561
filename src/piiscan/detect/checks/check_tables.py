"""Tables of the compiled checks: prefixes, regions, countries, card lengths, and lists of words.

They are built once, at the first judgement. ``prose_words``: sorted rows of 24 bytes, account …
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int32, UInt8
from piiscan.data import (
    TLD_WIDTH,
    Bins,
    area_codes,
    bins,
    countries,
    country_codes,
    mobile_prefixes,
    regions,
    service_numbers,
    tlds,
    word_lists,
)
from piiscan.detect.checks import bank_card


class Words(NamedTuple):
    """Words in small letters as sorted rows of TLD_WIDTH bytes, padded with 0: ``uint8[n, 24]``."""

    names: UInt8


class CheckTables(NamedTuple):
    """Tables that the judges of all checks read; the last ten are words.

    Attributes:
        regions: level of each six-digit region code
        prefectures: best level of the region codes by their first four digits
        mobile_prefixes: True for an allotted five-digit prefix
        area_codes: above 0 for an area code without its 0
        service_numbers: True for a known 95xxx, by its last three digits
        country_numbers, country_letters, country_codes: countries of ISO 3166-1
        scheme_lengths: card lengths of international schemes as bits, by four digits
    """

    regions: UInt8
    prefectures: UInt8
    mobile_prefixes: Bool
    area_codes: UInt8
    service_numbers: Bool
    country_numbers: Bool
    country_letters: Bool
    country_codes: Bool
    scheme_lengths: Int32
    bins: Bins
    tlds: Words
    senders: Words
    column_types: Words
    prose_words: Words
    password_words: Words
    pages: Words
    syllables: Words
    surnames: Words
    places: Words
    given_words: Words


def load_check_tables() -> CheckTables:
    """Build the tables from the data files."""
    by_number, by_letters = countries()
    words = {name: set(each.encode().split()) for name, each in word_lists("check_words").items()}
    for name in ("prose_words", "password_words"):
        words[name] |= words["column_types"]
    return CheckTables(
        regions=regions(),
        prefectures=regions().reshape(10_000, 100).max(axis=1),
        mobile_prefixes=mobile_prefixes(),
        area_codes=area_codes(),
        service_numbers=service_numbers(),
        country_numbers=by_number,
        country_letters=by_letters,
        country_codes=country_codes(),
        scheme_lengths=bank_card.SCHEME_LENGTHS,
        bins=bins(),
        tlds=_word_rows(tlds().tolist()),
        **{name: _word_rows(listed) for name, listed in words.items()},
    )


def _word_rows(words: Iterable[bytes]) -> Words:
    """Return words of any case and order as sorted rows."""
    rows = np.array(sorted(set(words)), f"S{TLD_WIDTH}")
    return Words(rows.view(np.uint8).reshape(-1, TLD_WIDTH))
