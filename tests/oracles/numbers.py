"""Reference checks of numbers, networks and credentials whose check has no steps.

Each takes a value and a day and returns (verdict, reason, strength) by name. Tables are read here
anew, line by line. Luhn and MOD 11-2 come from python-stdnum, addresses from the standard library.
"""

import datetime
import ipaddress
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
SYSTEM_MAILBOXES = {
    "noreply", "no-reply", "no_reply", "no.reply", "donotreply", "do-not-reply", "do_not_reply",
    "mailer-daemon", "mailerdaemon", "postmaster", "hostmaster", "abuse", "bounce", "bounces",
    "daemon", "nobody", "notification", "notifications", "notify", "newsletter", "auto-reply",
    "autoreply", "root", "git", "hg", "svn",
}  # fmt: skip
PLACEHOLDER_NETWORKS = ("0.0.0.0/8", "240.0.0.0/4", "::/128")
PRIVATE_NETWORKS = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16",
    "100.64.0.0/10", "::1/128", "fe80::/10", "fc00::/7",
)  # fmt: skip


def plausible_or(reason: str, good: object) -> Outcome:
    """Return PLAUSIBLE if ``good`` is true, else a refutation with its reason."""
    return PLAUSIBLE if good else ("REFUTED", reason, "KEEP")


def low_or(reason: str, good: object) -> Outcome:
    """Return PLAUSIBLE if ``good`` is true, else a lowered one with its reason."""
    return PLAUSIBLE if good else ("PLAUSIBLE", reason, "LOW")


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


def email(value: str, as_of: int) -> Outcome:
    local, _, domain = value.partition("@")
    labels = domain.split(".")
    dots = ".." in value or local[:1] == "." or local[-1:] == "." or "" in labels
    long = len(value) > 254 or any(len(label) > 63 for label in labels)
    if dots or long or not 1 <= len(local) <= 64 or len(labels) < 2:
        return plausible_or("EMAIL_SYNTAX", False)
    if labels[-1] not in column("tlds"):
        return low_or("TLD_UNKNOWN", False)
    return ("VERIFIED", *(("SYSTEM_MAILBOX", "LOW") if local in SYSTEM_MAILBOXES else ("", "KEEP")))


def region_possible(head: str) -> bool:
    if not head[:1].isdigit() or (head[1:2].isdigit() and head[:2] not in PROVINCES):
        return False
    return len(head) < 4 or any(code.startswith(head[:4]) for code in column("regions"))


def damaged_id(value: str, as_of: int) -> Outcome:
    """Check an identity number that Excel damaged."""
    if "." in value:
        possible = region_possible(value.upper().partition("E")[0].replace(".", ""))
        return (
            ("PLAUSIBLE", "DAMAGED_SCI", "KEEP")
            if possible
            else plausible_or("REGION_UNKNOWN", False)
        )
    real = value[:2] in PROVINCES and region_possible(value[:6]) and day_of(value[6:14])
    ends = len(value) == 18 and value.endswith("000")
    good = real and ends and not mod_11_2.is_valid(value)
    return ("PLAUSIBLE", "DAMAGED_15SIG", "KEEP") if good else plausible_or("CHECK_FAIL", False)


def damaged_bank_card(value: str, as_of: int) -> Outcome:
    if "." in value:
        return ("PLAUSIBLE", "DAMAGED_SCI", "KEEP")
    listed = any(value.startswith(row[0]) and row[1] == "19" for row in table("bins"))
    good = len(value) == 19 and value.endswith("0000") and listed and not luhn.is_valid(value)
    return ("PLAUSIBLE", "DAMAGED_15SIG", "KEEP") if good else plausible_or("BIN_UNKNOWN", False)


def mac(value: str, as_of: int) -> Outcome:
    bare = value.replace(":", "")
    if len(set(bare)) == 1:
        return plausible_or("PLACEHOLDER", False)
    if int(bare[:2], 16) & 1:
        return low_or("PREFIX_UNALLOTTED", False)
    time = re.fullmatch("[123][0-9]{7}[0-9]{4}", bare) and day_of("20" + bare[:6])
    limits = zip((6, 8, 10), (24, 60, 60), strict=True)
    return low_or("LOOKS_LIKE_DATE", not time or any(int(bare[a : a + 2]) >= n for a, n in limits))


def ip(value: str, as_of: int) -> Outcome:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return plausible_or("OUT_OF_RANGE", False)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address in ipaddress.ip_network(network) for network in PLACEHOLDER_NETWORKS):
        return plausible_or("PLACEHOLDER", False)
    inside = any(address in ipaddress.ip_network(network) for network in PRIVATE_NETWORKS)
    return ("PLAUSIBLE", "PRIVATE_ADDRESS", "KEEP") if inside else PLAUSIBLE


def gps(value: str, as_of: int) -> Outcome:
    match = re.fullmatch(r"([0-9]+\.[0-9]{4,}),([0-9]+\.[0-9]{4,})", value)
    inside = match and 73.4 <= float(match[1]) < 135.1001 and 3.8 <= float(match[2]) < 53.6001
    return plausible_or("OUT_OF_RANGE", inside)


def trade_no(value: str, as_of: int) -> Outcome:
    day = "20" + value[:6] if value[6] == "-" else value[:8]
    if value.startswith("4200") and len(value) == 28:
        day = value[10:18]
    if day[:2] != "20" or day_of(day) is None:
        return plausible_or("DATE_IMPOSSIBLE", False)
    return ("PLAUSIBLE", "", "MEDIUM" if value[6] == "-" else "KEEP")


def credential(value: str, as_of: int) -> Outcome:
    mixed = re.search("[0-9]", value) and re.search("[A-Za-z]", value) and len(value) >= 6
    return plausible_or("PLACEHOLDER", mixed and not re.search(r"[/\\]", value))


def password(value: str, as_of: int) -> Outcome:
    words = ("required", "null", "none", "user_password", "root", "varchar", "this.form")
    digit = re.search("[0-9]", value)
    bad = value.lower() in words or value.count("*") >= 3 or re.search(r"[/\\]", value)
    bad = bad or not re.search("[0-9A-Za-z]", value) or (re.search("[_.]", value) and not digit)
    return plausible_or("PLACEHOLDER", not bad)


def login_data(value: str, as_of: int) -> Outcome:
    """Check a login key, such as a binary property list in hexadecimal."""
    if value.upper().startswith("62706C69737430"):
        return ("VERIFIED", "", "HIGH")
    numbers = sum(map(str.isdigit, value))
    sized = len(value) == 16 or (len(value) >= 32 and numbers >= 4)
    return plausible_or("PLACEHOLDER", numbers and re.search("[A-Za-z]", value) and sized)


HMT_RANGES = "[+](852[2-9][0-9]{7}|853[68][0-9]{7}|85328[0-9]{6}|8869[0-9]{8})"
REFERENCES: dict[str, Callable[[str, int], Outcome]] = {
    "email": email,
    "damaged_id": damaged_id,
    "damaged_bank_card": damaged_bank_card,
    "qq_number": lambda value, _: low_or("SYSTEM_ACCOUNT", value not in ("10000", "10001")),
    "mixed_key": lambda value, _: low_or(
        "PLAIN_WORD", all(any(map(k, value[1:])) for k in (str.isdigit, str.isupper, str.islower))
    ),
    "some_digits": lambda value, _: plausible_or("PLACEHOLDER", sum(map(str.isdigit, value)) >= 2),
    "not_a_day": lambda value, _: plausible_or(
        "PLACEHOLDER", len(value) != 8 or value[:2] not in ("19", "20") or not day_of(value)
    ),
    "hmt_phone": lambda value, _: plausible_or(
        "PREFIX_UNALLOTTED", re.fullmatch(HMT_RANGES, value)
    ),
    "mac": mac,
    "ip": ip,
    "gps": gps,
    "trade_no": trade_no,
    "credential": credential,
    "password": password,
    "login_data": login_data,
}
