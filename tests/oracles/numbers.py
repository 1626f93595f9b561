"""Reference checks of numbers: one value at a time, plain Python, written from the standards.

Each check returns (verdict, reason, strength) by name. Tables are read here anew, line by line.
Luhn, MOD 11-2 and GB 32100 come from python-stdnum where it agrees with the standard.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from functools import cache
from importlib import resources

from stdnum import luhn
from stdnum.cn import uscc as stdnum_uscc
from stdnum.iso7064 import mod_11_2

Outcome = tuple[str, str, str]
PLAUSIBLE: Outcome = ("PLAUSIBLE", "", "KEEP")
PROVINCES = {
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37",
    "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64",
    "65",
}  # fmt: skip


def refuted(reason: str) -> Outcome:
    return ("REFUTED", reason, "KEEP")


@cache
def table(name: str) -> tuple[tuple[str, ...], ...]:
    text = resources.files("piiscan.data").joinpath(f"{name}.tsv").read_text("utf-8")
    return tuple(tuple(line.split("\t")) for line in text.split("\n") if line and line[0] != "#")


@cache
def column(name: str, number: int = 0) -> frozenset[str]:
    return frozenset(row[number] for row in table(name))


def day_of(text: str) -> datetime.date | None:
    try:
        return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def region(outcome: Outcome, code: str) -> Outcome:
    """Return ``outcome``, or a lower one if the region code is unknown."""
    if code in column("regions") or outcome[1]:
        return outcome
    if any(known.startswith(code[:4]) for known in column("regions")):
        return (outcome[0], "REGION_UNKNOWN", "MEDIUM")
    return (outcome[0], "REGION_UNKNOWN", "LOW")


def identity(value: str, as_of: int) -> Outcome:
    """Check a GB 11643-1999 number without its region code."""
    if not value[:17].isdigit():
        return refuted("CHECK_FAIL")
    date = value[6:14]
    if day_of(date) is None:
        return refuted("DATE_IMPOSSIBLE")
    if not mod_11_2.is_valid(value):
        return refuted("CHECK_FAIL")
    if int(date) > as_of:
        return refuted("DATE_FUTURE")
    if int(date[:4]) < 1900:
        return ("PLAUSIBLE", "DATE_BEFORE_1900", "LOW")
    if int(date) > as_of - 50_000:
        return ("VERIFIED", "BIRTH_RECENT", "LOW")
    return ("VERIFIED", "", "KEEP")


def resident_id(value: str, as_of: int) -> Outcome:
    if value[:17].isdigit() and value[:2] not in PROVINCES:
        return refuted("PROVINCE_UNKNOWN")
    return region(identity(value, as_of), value[:6])


def hmt_permit(value: str, as_of: int) -> Outcome:
    if value[:17].isdigit() and value[:6] not in ("810000", "820000", "830000"):
        return refuted("PROVINCE_UNKNOWN")
    return identity(value, as_of)


def resident_id_15(value: str, as_of: int) -> Outcome:
    """Check a resident identity number of 15 digits."""
    if len(value) != 15 or not value.isdigit():
        return refuted("LENGTH_WRONG")
    if value[:2] not in PROVINCES:
        return refuted("PROVINCE_UNKNOWN")
    if day_of("19" + value[6:12]) is None:
        return refuted("DATE_IMPOSSIBLE")
    return region(PLAUSIBLE, value[:6])


def allotted(number: str) -> bool:
    return any(number.startswith(prefix) for prefix in column("mobile_prefixes"))


def mobile(value: str, as_of: int) -> Outcome:
    """Check a mobile number."""
    if value in ("1" * 11, "12345678901", "0" * 11) or len(set(value)) == 1:
        return refuted("FILLER")
    if not re.fullmatch("1[3-9][0-9]{9}", value):
        return refuted("LENGTH_WRONG")
    if not allotted(value):
        return ("PLAUSIBLE", "PREFIX_UNALLOTTED", "LOW")
    if value == "13800138000" or value.endswith("00000000"):
        return ("PLAUSIBLE", "TEST_LIKE", "KEEP")
    return PLAUSIBLE


def virtual_value(text: str) -> str:
    """Return the value of a virtual number from its text."""
    digits = re.sub("[^0-9]", "", text)
    digits = re.sub("^(?:0086|86|0)", "", digits)
    return f"{digits[:11]};ext={digits[11:]}"


def virtual_number(value: str, as_of: int) -> Outcome:
    if not re.fullmatch("1[0-9]{10};ext=[0-9]{3,6}", value):
        return refuted("LENGTH_WRONG")
    if not allotted(value[:11]):
        return ("PLAUSIBLE", "PREFIX_UNALLOTTED", "LOW")
    return ("PLAUSIBLE", "VIRTUAL_NUMBER", "KEEP")


def landline_value(text: str) -> str:
    """Return the value of a landline number from its text, part by part."""
    match = re.fullmatch(
        r"(?P<country>\+?86|0086|\(\+?86\))?[ -]?\(?(?P<area>0?(?:10|2[0-9]|[3-9][0-9]{2}))\)?"
        r"[ -]?(?P<sub>[1-9](?:[0-9]{2}[ -]?[0-9]{4}|[0-9]{3}[ -]?[0-9]{4}))"
        r"(?:[^0-9]+(?P<ext>[0-9]{1,6}))?",
        text,
    )
    assert match, text
    area = match["area"] if match["area"].startswith("0") else "0" + match["area"]
    value = area + "-" + re.sub("[ -]", "", match["sub"])
    return value + (f";ext={match['ext']}" if match["ext"] else "")


def landline(value: str, as_of: int) -> Outcome:
    """Check a landline number with its area code."""
    match = re.fullmatch("(0[0-9]{2,3})-([0-9]{7,8})(?:;ext=[0-9]+)?", value)
    if match is None or match[2][0] == "0" or (len(match[1]) == 3 and len(match[2]) < 8):
        return refuted("LENGTH_WRONG")
    if match[1] not in column("area_codes"):
        return ("PLAUSIBLE", "AREA_CODE_UNKNOWN", "LOW")
    if re.fullmatch("(?:19|20)[0-9]{6}", match[2]) and day_of(match[2]):
        return ("PLAUSIBLE", "LOOKS_LIKE_DATE", "LOW")
    if match[2][0] in "19":
        return ("PLAUSIBLE", "PREFIX_UNALLOTTED", "LOW")
    return PLAUSIBLE


SCHEMES = (
    ("4", 16), ("51", 16), ("52", 16), ("53", 16), ("54", 16), ("55", 16), ("34", 15), ("37", 15),
    ("36", 14), ("38", 14), ("300", 14), ("301", 14), ("302", 14), ("303", 14), ("304", 14),
    ("305", 14), ("6011", 16), ("644", 16), ("645", 16), ("646", 16), ("647", 16), ("648", 16),
    ("649", 16), ("65", 16), ("62", 16), ("62", 17), ("62", 18), ("62", 19),
)  # fmt: skip


def has_scheme_prefix(value: str) -> bool:
    ranges = 2221 <= int(value[:4]) <= 2720 or 3528 <= int(value[:4]) <= 3589
    return (ranges and len(value) == 16) or any(
        value.startswith(prefix) and len(value) == length for prefix, length in SCHEMES
    )


def bank_card(value: str, as_of: int) -> Outcome:
    """Check a bank card number."""
    if len(value) == 16 and value[0] == "1":
        return refuted("EPOCH_TIME")
    if not luhn.is_valid(value):
        return refuted("LUHN_FAIL")
    lengths = {int(row[1]) for row in table("bins") if value.startswith(row[0])}
    if lengths and len(value) not in lengths:
        return ("PLAUSIBLE", "BIN_LENGTH", "LOW")
    if lengths:
        return ("VERIFIED", "", "KEEP")
    if has_scheme_prefix(value):
        return ("VERIFIED", "BIN_UNKNOWN", "MEDIUM")
    return ("PLAUSIBLE", "BIN_UNKNOWN", "LOW")


def org_code_valid(code: str) -> bool:
    """Return True if the check character of an organisation code is right (GB 11714-1997)."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(char, 36) * weight for char, weight in zip(code, weights, strict=False))
    return code[8] == "0123456789X0"[11 - total % 11]


def uscc(value: str, as_of: int) -> Outcome:
    """Check a unified social credit code (GB 32100-2015)."""
    right = len(value) == 18 and re.fullmatch("[0-9A-HJ-NPQRTUWXY]{18}", value)
    right = right and stdnum_uscc.calc_check_digit(value) == value[17]
    if not right or not org_code_valid(value[8:17]):
        return refuted("CHECK_FAIL")
    if value[0] not in "123456789ANY":
        return ("VERIFIED", "PREFIX_UNALLOTTED", "LOW")
    code = value[2:8]
    if code == "100000":
        return ("VERIFIED", "", "KEEP")
    if code[:2] not in PROVINCES:
        return ("VERIFIED", "PROVINCE_UNKNOWN", "LOW")
    outcome = region(("VERIFIED", "", "KEEP"), code)
    return (*outcome[:2], "MEDIUM") if outcome[1] else outcome


def s10(value: str, as_of: int) -> Outcome:
    """Check a postal item number (UPU S10)."""
    match = re.fullmatch("[A-Z]{2}([0-9]{8})([0-9])([A-Z]{2})", value)
    if match is None:
        return refuted("CHECK_FAIL")
    weights = (8, 6, 4, 2, 3, 5, 9, 7)
    total = sum(int(char) * weight for char, weight in zip(match[1], weights, strict=True))
    if int(match[2]) != {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11):
        return refuted("CHECK_FAIL")
    if match[3] not in column("countries", 1):
        return ("VERIFIED", "COUNTRY_UNKNOWN", "LOW")
    return ("VERIFIED", "", "KEEP")


SYSTEM_MAILBOXES = {
    "noreply", "no-reply", "no_reply", "no.reply", "donotreply", "do-not-reply", "do_not_reply",
    "mailer-daemon", "mailerdaemon", "postmaster", "hostmaster", "abuse", "bounce", "bounces",
    "daemon", "nobody", "notification", "notifications", "notify", "newsletter", "auto-reply",
    "autoreply", "root", "git", "hg", "svn",
}  # fmt: skip


def email(value: str, as_of: int) -> Outcome:
    """Check a mail address."""
    local, _, domain = value.partition("@")
    labels = domain.split(".")
    dots = ".." in value or local[:1] == "." or local[-1:] == "." or "" in labels
    if dots or not 1 <= len(local) <= 64 or len(labels) < 2 or len(value) > 254:
        return refuted("EMAIL_SYNTAX")
    if any(len(label) > 63 for label in labels):
        return refuted("EMAIL_SYNTAX")
    if labels[-1] not in column("tlds"):
        return ("PLAUSIBLE", "TLD_UNKNOWN", "LOW")
    return (
        ("VERIFIED", "SYSTEM_MAILBOX", "LOW")
        if local in SYSTEM_MAILBOXES
        else ("VERIFIED", "", "KEEP")
    )


def waybill(value: str, as_of: int) -> Outcome:
    """Check a waybill number."""
    size = len(value)
    if not value[0].isdigit():
        return ("PLAUSIBLE", "", "LOW") if size in (10, 14) else PLAUSIBLE
    if size in (10, 13) and 1_300_000 <= int(value[:7]) < 2_100_000:
        return refuted("EPOCH_TIME")
    if size == 13 and 690 <= int(value[:3]) <= 699:
        total = sum(int(c) * (3 if place % 2 else 1) for place, c in enumerate(value[:12]))
        if str(-total % 10) == value[12]:
            return refuted("EAN_BARCODE")
    if size == 8 and value[:2] in ("19", "20") and day_of(value):
        return refuted("LOOKS_LIKE_DATE")
    return ("PLAUSIBLE", "", "LOW") if size <= 12 or size == 18 else PLAUSIBLE


def masked_value(text: str) -> str:
    """Return the value of a masked number from its text."""
    compact = re.sub("[ .-]", "", text)
    tail = compact[-1].upper() if compact[-2:-1].isdigit() and compact[-1] in "xX" else ""
    return re.sub("[^0-9]", "*", compact[: len(compact) - len(tail)]) + tail


def region_possible(head: str) -> bool:
    if not head[:1].isdigit() or (head[1:2].isdigit() and head[:2] not in PROVINCES):
        return False
    return len(head) < 4 or any(code.startswith(head[:4]) for code in column("regions"))


def masked_id(value: str, as_of: int) -> Outcome:
    head = value[: re.match("[0-9]*", value).end()]  # type: ignore[union-attr]
    return ("PLAUSIBLE", "MASKED", "KEEP") if region_possible(head) else refuted("REGION_UNKNOWN")


def damaged_id(value: str, as_of: int) -> Outcome:
    """Check an identity number that Excel damaged."""
    if "." in value:
        head = value.upper().partition("E")[0].replace(".", "")
        possible = region_possible(head)
        return ("PLAUSIBLE", "DAMAGED_SCI", "KEEP") if possible else refuted("REGION_UNKNOWN")
    prefecture = any(code.startswith(value[:4]) for code in column("regions"))
    real = day_of(value[6:14]) is not None
    ends = len(value) == 18 and value.endswith("000")
    if ends and prefecture and value[:2] in PROVINCES and real and not mod_11_2.is_valid(value):
        return ("PLAUSIBLE", "DAMAGED_15SIG", "KEEP")
    return refuted("CHECK_FAIL")


def damaged_bank_card(value: str, as_of: int) -> Outcome:
    if "." in value:
        return ("PLAUSIBLE", "DAMAGED_SCI", "KEEP")
    listed = any(value.startswith(row[0]) and row[1] == "19" for row in table("bins"))
    ends = len(value) == 19 and value.endswith("0000")
    if ends and listed and not luhn.is_valid(value):
        return ("PLAUSIBLE", "DAMAGED_15SIG", "KEEP")
    return refuted("BIN_UNKNOWN")


def service_number(value: str, as_of: int) -> Outcome:
    if len(value) == 5 and value not in column("service_numbers"):
        return ("PLAUSIBLE", "PREFIX_UNALLOTTED", "LOW")
    return ("PLAUSIBLE", "ORG_ONLY", "KEEP")


def qq_number(value: str, as_of: int) -> Outcome:
    return ("PLAUSIBLE", "SYSTEM_ACCOUNT", "LOW") if value in ("10000", "10001") else PLAUSIBLE


def mixed_key(value: str, as_of: int) -> Outcome:
    kinds = [any(map(kind, value[1:])) for kind in (str.isdigit, str.isupper, str.islower)]
    return PLAUSIBLE if all(kinds) else ("PLAUSIBLE", "PLAIN_WORD", "LOW")


def some_digits(value: str, as_of: int) -> Outcome:
    return PLAUSIBLE if sum(map(str.isdigit, value)) >= 2 else refuted("PLACEHOLDER")


def foreign_pr_id(value: str, as_of: int) -> Outcome:
    if value[:17].isdigit() and (value[0] != "9" or value[1:3] not in PROVINCES):
        return refuted("PROVINCE_UNKNOWN")
    if value[:17].isdigit() and value[3:6] not in column("countries") - {"156"}:
        return refuted("COUNTRY_UNKNOWN")
    return identity(value, as_of)


def foreign_pr_id_15(value: str, as_of: int) -> Outcome:
    if not re.fullmatch("[A-Z]{3}[0-9]{12}", value):
        return refuted("LENGTH_WRONG")
    if value[3:5] not in PROVINCES:
        return refuted("PROVINCE_UNKNOWN")
    if day_of("20" + value[7:13]) is None:
        return refuted("DATE_IMPOSSIBLE")
    known = value[:3] in column("countries", 2)
    return PLAUSIBLE if known else ("PLAUSIBLE", "COUNTRY_UNKNOWN", "LOW")


def hk_id(value: str, as_of: int) -> Outcome:
    """Check a Hong Kong identity number."""
    match = re.fullmatch(r"([A-Z]{1,2})([0-9]{6})\(([0-9A])\)", value)
    if match is None:
        return refuted("CHECK_FAIL")
    char_values = [36, *(int(char, 36) for char in match[1] + match[2])][-8:]
    total = sum(each * weight for each, weight in zip(char_values, range(9, 1, -1), strict=True))
    if (total + int(match[3], 16)) % 11:
        return refuted("CHECK_FAIL")
    return ("VERIFIED", "TEST_LIKE", "LOW") if value == "A123456(3)" else ("VERIFIED", "", "KEEP")


def hk_value(text: str) -> str:
    """Return the value of a Hong Kong number from its text."""
    compact = re.sub("[^A-Z0-9]", "", text)
    return f"{compact[:-1]}({compact[-1]})"


TAIWAN_LETTER_VALUES = {
    "A": 10, "B": 11, "C": 12, "D": 13, "E": 14, "F": 15, "G": 16, "H": 17, "I": 34, "J": 18,
    "K": 19, "L": 20, "M": 21, "N": 22, "O": 35, "P": 23, "Q": 24, "R": 25, "S": 26, "T": 27,
    "U": 28, "V": 29, "W": 32, "X": 30, "Y": 31, "Z": 33,
}  # fmt: skip


def tw_id(value: str, as_of: int) -> Outcome:
    """Check a Taiwan identity number."""
    if not re.fullmatch("[A-Z][1289][0-9]{8}", value):
        return refuted("CHECK_FAIL")
    spelt = str(TAIWAN_LETTER_VALUES[value[0]]) + value[1:]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    if sum(int(char) * weight for char, weight in zip(spelt, weights, strict=True)) % 10:
        return refuted("CHECK_FAIL")
    if value[1:3] in ("19", "20") and day_of(value[1:9]):
        return ("VERIFIED", "LOOKS_LIKE_DATE", "LOW")
    return ("VERIFIED", "", "KEEP")


def tw_ubn(value: str, as_of: int) -> Outcome:
    """Check a unified business number of Taiwan."""
    if not re.fullmatch("[0-9]{8}", value):
        return refuted("CHECK_FAIL")
    products = [
        int(char) * weight for char, weight in zip(value, (1, 2, 1, 2, 1, 2, 4, 1), strict=True)
    ]
    total = sum(int(char) for product in products for char in str(product))
    if total % 5 and not (value[6] == "7" and total % 5 == 4):
        return refuted("CHECK_FAIL")
    if value[:2] in ("19", "20") and day_of(value):
        return ("VERIFIED", "LOOKS_LIKE_DATE", "LOW")
    return ("VERIFIED", "", "KEEP")


def hmt_phone(value: str, as_of: int) -> Outcome:
    """Check a telephone number of Hong Kong, Macau or Taiwan."""
    ranges = "[+](852[2-9][0-9]{7}|853[68][0-9]{7}|85328[0-9]{6}|8869[0-9]{8})"
    return PLAUSIBLE if re.fullmatch(ranges, value) else refuted("PREFIX_UNALLOTTED")


def hmt_phone_value(text: str) -> str:
    """Return the value of a number of Hong Kong, Macau or Taiwan from its text."""
    compact = re.sub("^00", "", re.sub("[^0-9]", "", text))
    compact = re.sub("^09", "8869", compact)
    return "+" + compact[:3] + compact[3:].removeprefix("0")


def vin(value: str, as_of: int) -> Outcome:
    """Check a vehicle identification number (GB 16735)."""
    if not re.fullmatch("[0-9A-HJ-NPR-Z]{17}", value):
        return refuted("LENGTH_WRONG")
    if value == "1" * 17:
        return ("VERIFIED", "TEST_LIKE", "KEEP")
    if len(set(value)) == 1:
        return refuted("FILLER")
    letters = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    char_values = [int(letters.get(char, char)) for char in value]
    total = sum(each * weight for each, weight in zip(char_values, weights, strict=True))
    lettered = not value.isdigit()
    if value[8] != "0123456789X"[total % 11]:
        if value[0] in "STUVWXYZ" and lettered:
            return ("PLAUSIBLE", "CHECK_UNUSED", "LOW")
        return refuted("CHECK_FAIL")
    usual = value[0] not in "0ABCDEFGHMNPR" and value[9] not in "0UZ" and value[13:].isdigit()
    return ("VERIFIED", "", "KEEP") if usual and lettered else ("VERIFIED", "SHAPE_UNUSUAL", "LOW")


def mrz_value(line: str) -> str:
    """Return the passport number of a TD3 line with right check digits, else the line."""
    char_values = {char: int(char, 36) for char in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"} | {
        "<": 0
    }

    def digit(text: str) -> int:
        return sum(char_values[char] * (7, 3, 1)[place % 3] for place, char in enumerate(text)) % 10

    parts = [(line[:9], line[9]), (line[13:19], line[19]), (line[21:27], line[27])]
    parts += [(line[28:42], line[42]), (line[:10] + line[13:20] + line[21:43], line[43])]
    good = all(digit(text) == char_values[check] for text, check in parts)
    return line[:9].rstrip("<") if good else line


def not_a_day(value: str, as_of: int) -> Outcome:
    if len(value) == 8 and value[:2] in ("19", "20") and day_of(value):
        return refuted("PLACEHOLDER")
    return PLAUSIBLE


REFERENCES: dict[str, Callable[[str, int], Outcome]] = {
    reference.__name__: reference
    for reference in (
        resident_id, resident_id_15, hmt_permit, mobile, virtual_number, landline, bank_card,
        uscc, s10, email, waybill, masked_id, damaged_id, damaged_bank_card, service_number,
        qq_number, mixed_key, some_digits, foreign_pr_id, foreign_pr_id_15, hk_id, tw_id, vin,
        not_a_day, tw_ubn, hmt_phone,
    )
}  # fmt: skip
