"""Data tables that age: region codes, card issuers, number prefixes, area codes, surnames, domains.

The first line of each ``*.tsv`` in this folder gives its content, date, source and licence;
``training/remake.py`` builds it again.  The functions here return each table in the form that
array arithmetic needs, read once.  A missing code lowers a score; it never deletes evidence.
``regions()[430104] -> KNOWN``
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from piiscan.arrays import Bool, Int64, UInt8, UInt32

NAMES: Final = (
    "address_words",
    "area_codes",
    "bins",
    "check_words",
    "countries",
    "couriers",
    "credit_codes",
    "frequent_hanzi",
    "hmt_districts",
    "mobile_prefixes",
    "name_endings",
    "name_evidence",
    "operators",
    "regions",
    "reliability",
    "renamed_cities",
    "service_numbers",
    "surnames",
    "tlds",
    "towns",
    "traditional",
)
#: Province codes (first two digits) that resident identity numbers begin with.
PROVINCES: Final = (
    *(11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37),
    *(41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65),
)
#: Resident identity numbers, MOD 11-2 (GB 11643-1999, ISO 7064): ``2**(17 - place) % 11`` for each
#: digit, and the check digit for each remainder.
IDENTITY_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
IDENTITY_CHECKS: Final = "10X98765432"
#: Maximum length of a name in :func:`tlds` and in the mail check, in bytes.
TLD_WIDTH: Final = 24


def _content(name: str) -> bytes:
    """Return the bytes of the data table file ``name``."""
    return resources.files(__name__).joinpath(f"{name}.tsv").read_bytes()


def rows(name: str) -> list[list[str]]:
    """Return the rows of the table ``name`` as lists of texts, without its comment lines."""
    lines = _content(name).decode("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def word_lists(name: str) -> dict[str, str]:
    """Return the lists of the table ``name``: list -> its words, separated by blanks."""
    return {row[0]: row[2] for row in rows(name)}


@cache
def digests() -> dict[str, str]:
    """Return the SHA-256 (hex) of each table file, by table name, for the manifest of a case.

    ``names`` is the file of the name model's weights (names.npz).
    """
    weights = resources.files(__name__).joinpath("names.npz").read_bytes()
    hashes = {name: hashlib.sha256(_content(name)).hexdigest() for name in NAMES}
    return hashes | {"names": hashlib.sha256(weights).hexdigest()}


@cache
def sources() -> dict[str, str]:
    """Return the first line of each table (content, date, source, licence), by table name."""
    return {name: _content(name).decode("utf-8").split("\n", 1)[0].lstrip("# ") for name in NAMES}


#: Levels of :func:`regions` for a six-digit code, from worst to best.
NO_PROVINCE: Final = 0  # its first two digits are no province
NO_PREFECTURE: Final = 1  # no code of its prefecture (first four digits) was ever in force
NO_COUNTY: Final = 2  # its prefecture is known: likely a county younger than the table
KNOWN: Final = 3  # was in force once


@cache
def regions() -> UInt8:
    """Return the level of each six-digit region code: uint8[1_000_000], NO_PROVINCE … KNOWN.

    >>> regions()[[430104, 430199, 439900, 990104]].tolist()
    [3, 2, 1, 0]
    """
    level = np.zeros((100, 100, 100), np.uint8)
    level[list(PROVINCES)] = NO_PREFECTURE
    codes = np.array([int(row[0]) for row in rows("regions")])
    codes = codes[np.isin(codes // 10_000, PROVINCES)]
    level[codes // 10_000, codes // 100 % 100] = NO_COUNTY
    flat = level.reshape(-1)
    flat[codes] = KNOWN
    flat.flags.writeable = False
    return flat


class Bins(NamedTuple):
    """Card lengths by issuer number, as bits: bit ``n`` is set if cards have ``n`` digits.

    ``short`` is uint32[1_000_000] by the first six digits, for prefixes of up to six digits.
    Longer prefixes: ``long_keys`` (sorted; prefix * 16 + its number of digits) with
    ``long_lengths``. ``has_long`` is bool[1_000_000] by the first six digits; ``long_digits`` lists
    the lengths of long prefixes.
    """

    short: UInt32
    has_long: Bool
    long_keys: Int64
    long_lengths: UInt32
    long_digits: Int64

    @property
    def long_count(self) -> int:
        """Return the number of longer prefixes."""
        return len(self.long_keys)

    @property
    def digits_count(self) -> int:
        """Return the number of lengths of longer prefixes."""
        return len(self.long_digits)

    def lengths(self, first_ten: Int64) -> UInt32:
        """Return the known card lengths by the first ten digits, as bits: uint32[k].

        >>> bin(bins().lengths(np.array([6217000000]))[0]).count("1")
        1
        """
        first_six = first_ten // 10_000
        found = self.short[first_six]
        where = np.flatnonzero(self.has_long[first_six])
        for digits in self.long_digits if len(where) else ():
            # Keys contain their number of digits, so that 6223093 and 6223093000 differ.
            key = first_ten[where] // 10 ** (10 - digits) * 16 + digits
            at = np.minimum(np.searchsorted(self.long_keys, key), len(self.long_keys) - 1)
            hit = self.long_keys[at] == key
            found[where[hit]] |= self.long_lengths[at[hit]]
        return found


@cache
def bins() -> Bins:
    """Return the issuer numbers of bank cards for look-up by the first ten digits."""
    short = np.zeros(1_000_000, np.uint32)
    has_long = np.zeros(1_000_000, np.bool_)
    long: dict[int, int] = {}
    for prefix, length, *_ in rows("bins"):
        bit = 1 << int(length)
        if len(prefix) <= 6:
            size = 10 ** (6 - len(prefix))
            short[int(prefix) * size : (int(prefix) + 1) * size] |= np.uint32(bit)
        else:
            has_long[int(prefix[:6])] = True
            key = int(prefix) * 16 + len(prefix)
            long[key] = long.get(key, 0) | bit
    keys = sorted(long)
    digits = np.array(sorted({key % 16 for key in keys}), np.int64)
    lengths = np.array([long[key] for key in keys], np.uint32)
    return Bins(short, has_long, np.array(keys, np.int64), lengths, digits)


@cache
def mobile_prefixes() -> Bool:
    """Return a mask of the allotted five-digit heads of mobile numbers: bool[100_000].

    >>> mobile_prefixes()[[13800, 15400, 13499, 13495]].tolist()
    [True, False, True, False]
    """
    known = np.zeros(100_000, np.bool_)
    for prefix, *_ in rows("mobile_prefixes"):
        size = 10 ** (5 - len(prefix))
        known[int(prefix) * size : (int(prefix) + 1) * size] = True
    return known


@cache
def area_codes() -> UInt8:
    """Return the subscriber lengths by area code without its 0: uint8[1000], bit 0 for 7, 1 for 8.

    >>> [int(area_codes()[code]) for code in (731, 10, 310, 0)]
    [2, 2, 1, 0]
    """
    known = np.zeros(1000, np.uint8)
    for code, lengths, *_ in rows("area_codes"):
        for length in lengths.split(","):
            known[int(code)] |= 1 << (int(length) - 7)
    return known


@cache
def service_numbers() -> Bool:
    """Return a mask of the known 95xxx service numbers: bool[1000] by the last three digits."""
    known = np.zeros(1000, np.bool_)
    known[[int(number[2:]) for number, *_ in rows("service_numbers")]] = True
    return known


@cache
def tlds() -> npt.NDArray[np.bytes_]:
    """Return the ASCII top-level domains in lower case, sorted, as S24 (``xn--`` ones included)."""
    names = [row[0].encode() for row in rows("tlds") if row[0].isascii()]
    return np.array(sorted(n for n in names if len(n) <= TLD_WIDTH), f"S{TLD_WIDTH}")


@cache
def countries() -> tuple[Bool, Bool]:
    """Return masks of the countries of ISO 3166-1: bool[1000] by number, bool[676] by two letters.

    The index of two letters counts from AA = 0.
    """
    by_number = np.zeros(1000, np.bool_)
    by_letters = np.zeros(676, np.bool_)
    for number, letters, *_ in rows("countries"):
        by_number[int(number)] = True
        by_letters[(ord(letters[0]) - 65) * 26 + ord(letters[1]) - 65] = True
    return by_number, by_letters


@cache
def country_codes() -> Bool:
    """Return a mask of the countries of ISO 3166-1 by three letters: bool[17576] (AAA = 0)."""
    known = np.zeros(26**3, np.bool_)
    for _, _, letters, *_ in rows("countries"):
        first, second, third = (ord(letter) - 65 for letter in letters)
        known[(first * 26 + second) * 26 + third] = True
    return known


@cache
def region_names() -> frozenset[str]:
    """Return every name that a province, city, county or district has had."""
    names = (name for row in rows("regions") for name in (row[5], *row[6:]))
    return frozenset(part for name in names for part in name.split(" ") if len(part) > 1)


@cache
def surnames() -> dict[str, float]:
    """Return surnames of one and two characters with their weight in percent, 0.0 if unknown."""
    return {name: float(weight or 0) for name, weight in rows("surnames")}
