"""Tables of the compiled checks: prefixes, regions, countries, card lengths, and lists of words.

They are built once, at the first judgement. ``prose_words``: sorted rows of 24 bytes, account …
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int32, Int64, UInt8, UInt32
from piiscan.data import (
    area_codes,
    bins,
    countries,
    country_codes,
    mobile_prefixes,
    regions,
    service_numbers,
    tlds,
)
from piiscan.detect.checks import (
    bank_card,
    credential,
    email,
    password,
    pinyin_given_first,
    pinyin_name,
    social_name,
    wechat_alias,
)
from piiscan.detect.checks.check_kernels import WORD_WIDTH


class CheckTables(NamedTuple):
    """Tables that the judges of all checks read; the last ten are sorted words, uint8[n, 24].

    Attributes:
        regions: level of each six-digit region code
        prefectures: best level of the region codes by their first four digits
        mobile_prefixes: True for an allotted five-digit prefix
        area_codes: above 0 for an area code without its 0
        service_numbers: True for a known 95xxx, by its last three digits
        country_numbers, country_letters, country_codes: countries of ISO 3166-1
        scheme_lengths: card lengths of international schemes as bits, by four digits
        bins_short, bins_has_long, bins_long_keys, bins_long_lengths, bins_long_digits: see Bins
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
    bins_short: UInt32
    bins_has_long: Bool
    bins_long_keys: Int64
    bins_long_lengths: UInt32
    bins_long_digits: Int64
    tlds: UInt8
    senders: UInt8
    column_types: UInt8
    prose_words: UInt8
    password_words: UInt8
    pages: UInt8
    syllables: UInt8
    surnames: UInt8
    places: UInt8
    given_words: UInt8


def load_check_tables() -> CheckTables:
    """Build the tables from the data files and from the word lists of the check modules."""
    by_number, by_letters = countries()
    issuers = bins()
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
        bins_short=issuers.short,
        bins_has_long=issuers.has_long,
        bins_long_keys=issuers.long_keys,
        bins_long_lengths=issuers.long_lengths,
        bins_long_digits=np.array(issuers.long_digits, np.int64),
        tlds=_word_rows(tlds().tolist()),
        senders=_word_rows(email.SENDERS),
        column_types=_word_rows(credential.COLUMN_TYPES),
        prose_words=_word_rows(wechat_alias.PROSE_WORDS),
        password_words=_word_rows(password.WORDS),
        pages=_word_rows(social_name.PAGES),
        syllables=_word_rows(pinyin_name.SYLLABLES),
        surnames=_word_rows(pinyin_name.SURNAMES),
        places=_word_rows(pinyin_name.PLACES),
        given_words=_word_rows(pinyin_given_first.WORDS),
    )


def _word_rows(words: Iterable[bytes]) -> UInt8:
    """Return words in small letters as sorted rows of WORD_WIDTH bytes, padded with 0."""
    rows = np.array(sorted(set(words)), f"S{WORD_WIDTH}")
    return rows.view(np.uint8).reshape(-1, WORD_WIDTH)
