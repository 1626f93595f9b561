"""Reference checks of numbers whose check has no steps, and of canonical values.

Each check returns (verdict, reason, strength) by name. Tables are read here anew, line by line.
Luhn and MOD 11-2 come from python-stdnum.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from functools import cache
from importlib import resources

from stdnum import luhn
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


def virtual_value(text: str) -> str:
    """Return the value of a virtual number from its text."""
    digits = re.sub("[^0-9]", "", text)
    digits = re.sub("^(?:0086|86|0)", "", digits)
    return f"{digits[:11]};ext={digits[11:]}"


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


def masked_value(text: str) -> str:
    """Return the value of a masked number from its text."""
    compact = re.sub("[ .-]", "", text)
    tail = compact[-1].upper() if compact[-2:-1].isdigit() and compact[-1] in "xX" else ""
    return re.sub("[^0-9]", "*", compact[: len(compact) - len(tail)]) + tail


def region_possible(head: str) -> bool:
    if not head[:1].isdigit() or (head[1:2].isdigit() and head[:2] not in PROVINCES):
        return False
    return len(head) < 4 or any(code.startswith(head[:4]) for code in column("regions"))


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


def qq_number(value: str, as_of: int) -> Outcome:
    return ("PLAUSIBLE", "SYSTEM_ACCOUNT", "LOW") if value in ("10000", "10001") else PLAUSIBLE


def mixed_key(value: str, as_of: int) -> Outcome:
    kinds = [any(map(kind, value[1:])) for kind in (str.isdigit, str.isupper, str.islower)]
    return PLAUSIBLE if all(kinds) else ("PLAUSIBLE", "PLAIN_WORD", "LOW")


def some_digits(value: str, as_of: int) -> Outcome:
    return PLAUSIBLE if sum(map(str.isdigit, value)) >= 2 else refuted("PLACEHOLDER")


def hk_value(text: str) -> str:
    """Return the value of a Hong Kong number from its text."""
    compact = re.sub("[^A-Z0-9]", "", text)
    return f"{compact[:-1]}({compact[-1]})"


def hmt_phone(value: str, as_of: int) -> Outcome:
    """Check a telephone number of Hong Kong, Macau or Taiwan."""
    ranges = "[+](852[2-9][0-9]{7}|853[68][0-9]{7}|85328[0-9]{6}|8869[0-9]{8})"
    return PLAUSIBLE if re.fullmatch(ranges, value) else refuted("PREFIX_UNALLOTTED")


def hmt_phone_value(text: str) -> str:
    """Return the value of a number of Hong Kong, Macau or Taiwan from its text."""
    compact = re.sub("^00", "", re.sub("[^0-9]", "", text))
    compact = re.sub("^09", "8869", compact)
    return "+" + compact[:3] + compact[3:].removeprefix("0")


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
        email, damaged_id, damaged_bank_card, qq_number, mixed_key, some_digits, not_a_day,
        hmt_phone,
    )
}  # fmt: skip
