"""Reference checks of devices, networks, organisations and credentials, and values for them.

Luhn, MOD 11,10 and the parsing of addresses come from python-stdnum and the standard library.
"""

from __future__ import annotations

import ipaddress
import random
import re
import string
from collections.abc import Callable

from stdnum import luhn
from stdnum.iso7064 import mod_11_10

from tests.oracles.numbers import (
    PLAUSIBLE,
    PROVINCES,
    Outcome,
    column,
    day_of,
    org_code_valid,
    refuted,
)
from tests.oracles.values import USCC_ALPHABET, code, digits, spoil

IMEI_REPORTING_BODIES = [
    f"{n:02}" for n in (1, 10, 30, 33, 35, 44, 45, *range(49, 55), 86, 91, 98, 99)
]
MOBILE_NETWORK_CODES = [f"{n:02}" for n in (*range(10), 11, 15, 20)]


def imei(value: str, as_of: int) -> Outcome:
    """Check an IMEI, IMEISV or MEID."""
    meid = re.fullmatch("(?:[A-F]|99).*", value) is not None and len(value) == 14
    if meid:
        return ("PLAUSIBLE", "", "LOW")
    if not value.isdigit() or len(value) not in (15, 16):
        return refuted("LENGTH_WRONG")
    if len(set(value[:14])) == 1:
        return refuted("FILLER")
    if value.startswith("460"):
        return refuted("PREFIX_UNALLOTTED")
    if len(value) == 15 and not luhn.is_valid(value):
        return refuted("LUHN_FAIL")
    verdict = "VERIFIED" if len(value) == 15 else "PLAUSIBLE"
    if value[:2] == "00" or value[:7] in ("1234567", "0123456"):
        return (verdict, "TEST_LIKE", "LOW")
    if value[:2] not in IMEI_REPORTING_BODIES:
        return ("PLAUSIBLE", "PREFIX_UNALLOTTED", "LOW")
    return (verdict, "", "KEEP" if len(value) == 15 else "LOW")


def imsi(value: str, as_of: int) -> Outcome:
    if len(value) != 15 or not value.isdigit():
        return refuted("LENGTH_WRONG")
    if value[:3] in ("454", "455", "466"):
        return ("PLAUSIBLE", "PREFIX_UNALLOTTED", "LOW")
    known = value[:3] == "460" and value[3:5] in MOBILE_NETWORK_CODES
    return PLAUSIBLE if known else refuted("PREFIX_UNALLOTTED")


def iccid(value: str, as_of: int) -> Outcome:
    """Check the ICCID of a SIM card."""
    if len(value) not in (19, 20):
        return refuted("LENGTH_WRONG")
    letters = sum(map(str.isalpha, value))
    if letters > 2:
        return refuted("CHECK_FAIL")
    right = not letters and luhn.is_valid(value)
    return ("VERIFIED", "", "KEEP") if right else ("PLAUSIBLE", "LUHN_FAIL", "KEEP")


def mac(value: str, as_of: int) -> Outcome:
    """Check a MAC address."""
    bare = value.replace(":", "")
    if len(set(bare)) == 1:
        return refuted("PLACEHOLDER")
    if int(bare[:2], 16) & 1:
        return ("PLAUSIBLE", "PREFIX_UNALLOTTED", "LOW")
    if re.fullmatch("[123][0-9]{7}[0-9]{4}", bare) and day_of("20" + bare[:6]):
        hour, minute, second = (int(bare[at : at + 2]) for at in (6, 8, 10))
        if hour < 24 and minute < 60 and second < 60:
            return ("PLAUSIBLE", "LOOKS_LIKE_DATE", "LOW")
    return PLAUSIBLE


def ip(value: str, as_of: int) -> Outcome:
    """Check an IP address."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return refuted("OUT_OF_RANGE")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    placeholder = ("0.0.0.0/8", "240.0.0.0/4", "::/128")
    private = (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16",
        "100.64.0.0/10", "::1/128", "fe80::/10", "fc00::/7",
    )  # fmt: skip
    if any(address in ipaddress.ip_network(network) for network in placeholder):
        return refuted("PLACEHOLDER")
    inside = any(address in ipaddress.ip_network(network) for network in private)
    return ("PLAUSIBLE", "PRIVATE_ADDRESS", "KEEP") if inside else PLAUSIBLE


def gps(value: str, as_of: int) -> Outcome:
    match = re.fullmatch(r"([0-9]+\.[0-9]{4,}),([0-9]+\.[0-9]{4,})", value)
    if match is None:
        return refuted("OUT_OF_RANGE")
    east, north = float(match[1]), float(match[2])
    inside = 73.4 <= east < 135.1001 and 3.8 <= north < 53.6001
    return PLAUSIBLE if inside else refuted("OUT_OF_RANGE")


def org_code(value: str, as_of: int) -> Outcome:
    right = len(value) == 9 and org_code_valid(value)
    return ("VERIFIED", "", "KEEP") if right else refuted("CHECK_FAIL")


def biz_licence(value: str, as_of: int) -> Outcome:
    """Check a business licence number of 15 digits."""
    if len(value) != 15 or not value.isdigit():
        return refuted("LENGTH_WRONG")
    if not mod_11_10.is_valid(value):
        return refuted("CHECK_FAIL")
    region = value[:6]
    if region != "100000" and region[:2] not in PROVINCES:
        return refuted("PROVINCE_UNKNOWN")
    known = region == "100000" or region in column("regions")
    return ("VERIFIED", "" if known else "REGION_UNKNOWN", "KEEP")


def trade_no(value: str, as_of: int) -> Outcome:
    day = "20" + value[:6] if value[6] == "-" else value[:8]
    if value.startswith("4200") and len(value) == 28:
        day = value[10:18]
    if day[:2] != "20" or day_of(day) is None:
        return refuted("DATE_IMPOSSIBLE")
    return ("PLAUSIBLE", "", "MEDIUM" if value[6] == "-" else "KEEP")


def credential(value: str, as_of: int) -> Outcome:
    mixed = re.search("[0-9]", value) and re.search("[A-Za-z]", value) and len(value) >= 6
    return PLAUSIBLE if mixed and not re.search(r"[/\\]", value) else refuted("PLACEHOLDER")


def password(value: str, as_of: int) -> Outcome:
    words = ("required", "null", "none", "user_password", "root", "varchar", "this.form")
    digit = re.search("[0-9]", value)
    bad = value.lower() in words or value.count("*") >= 3 or re.search(r"[/\\]", value)
    bad = bad or not re.search("[0-9A-Za-z]", value) or (re.search("[_.]", value) and not digit)
    return refuted("PLACEHOLDER") if bad else PLAUSIBLE


def login_data(value: str, as_of: int) -> Outcome:
    """Check a login key, such as a binary property list in hexadecimal."""
    if value.upper().startswith("62706C69737430"):
        return ("VERIFIED", "", "HIGH")
    numbers = sum(map(str.isdigit, value))
    mixed = numbers and re.search("[A-Za-z]", value)
    good = mixed and (len(value) == 16 or (len(value) >= 32 and numbers >= 4))
    return PLAUSIBLE if good else refuted("PLACEHOLDER")


def make_imei(rng: random.Random) -> str:
    body = rng.choice((*IMEI_REPORTING_BODIES, "46", "77", "00", "86", "35")) + digits(rng, 12)
    made = rng.choice((body, "4600" + body[4:], "12345678901234", "01234567890123", "9" * 14))
    whole = spoil(rng, made + luhn.calc_check_digit(made))
    return rng.choice((whole, whole, whole + "1", "A" + digits(rng, 13), digits(rng, 14), "0" * 15))


def make_imsi(rng: random.Random) -> str:
    country = rng.choice(("460", "460", "460", "461", "454", "455", "466"))
    return (country + digits(rng, 12))[: rng.choice((15, 15, 15, 14))] + rng.choice(("", "", "1"))


def make_iccid(rng: random.Random) -> str:
    body = ("8986" + digits(rng, 15))[: rng.choice((18, 19, 16))]
    whole = spoil(rng, body + luhn.calc_check_digit(body), string.hexdigits[:10] + "ABCDEF")
    return rng.choice((whole, whole, whole[:12] + "ABC" + whole[15:]))


def make_mac(rng: random.Random) -> str:
    octets = [f"{rng.randrange(256):02X}" for _ in range(6)]
    time = f"{rng.randint(5, 45):02}{rng.randint(0, 13):02}{rng.randint(0, 32):02}"
    stamp = time + f"{rng.randint(0, 25):02}{rng.randint(0, 61):02}{rng.randint(0, 61):02}"
    bare = rng.choice(("".join(octets), stamp, "0" * 12, "F" * 12))
    return ":".join(bare[at : at + 2] for at in range(0, 12, 2))


def make_ip(rng: random.Random) -> str:
    """Return a random text near an IPv4 or IPv6 address."""
    first = rng.choice((10, 127, 172, 192, 169, 100, 0, 255, 239, 240, rng.randrange(300)))
    second = rng.choice((168, 254, 16, 31, 32, 64, 127, 128, rng.randrange(300)))
    four = f"{first}.{second}.{rng.randrange(260)}.{rng.choice((0, 1, '01', 255, ''))}"
    groups = [f"{rng.choice((0, 0, 1, 0xFE80, rng.randrange(65536))):x}" for _ in range(8)]
    six = rng.choice((":".join(groups), ":".join(groups[:5]) + "::" + groups[5], "::1", "::"))
    six = rng.choice(
        (six, ":".join(groups[:7]), "fd00::" + groups[1], f"2001:db8::{four}", f"::ffff:{four}")
    )
    return rng.choice((four, six))


def make_gps(rng: random.Random) -> str:
    east = f"{rng.uniform(70, 138):.{rng.choice((3, 4, 6, 14))}f}"
    north = f"{rng.uniform(2, 56):.{rng.choice((4, 6))}f}"
    return f"{east},{north}"


def make_org_code(rng: random.Random) -> str:
    body = "".join(rng.choices(USCC_ALPHABET, k=8))
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(char, 36) * weight for char, weight in zip(body, weights, strict=True))
    return spoil(rng, body + "0123456789X0"[11 - total % 11], DIGITS_X) + rng.choice(("", "", "1"))


DIGITS_X = string.digits + "X"


def make_biz_licence(rng: random.Random) -> str:
    body = rng.choice((code(rng), "100000")) + digits(rng, 8)
    return spoil(rng, body + mod_11_10.calc_check_digit(body)) + rng.choice(("", "", "", "0"))


def make_trade_no(rng: random.Random) -> str:
    day = f"{rng.randint(0, 40):02}{rng.randint(0, 13):02}{rng.randint(0, 32):02}"
    wechat = f"4200{digits(rng, 6)}20{day}{digits(rng, 10)}"
    paid = rng.choice(("20", "20", "19")) + day + "2200" + digits(rng, 16)
    return rng.choice((f"{day}-{digits(rng, 15)}", wechat, paid))


def make_credential(rng: random.Random) -> str:
    alphabet = rng.choice((string.ascii_letters, string.digits, "ab12", "ab12/", "aB1!\\"))
    return "".join(rng.choices(alphabet, k=rng.randint(4, 12)))


def make_password(rng: random.Random) -> str:
    words = ("required", "NULL", "None", "user_password", "root", "******", "a.b", "my_pass1")
    return rng.choice((make_credential(rng), rng.choice(words), "ab***12", "!!!!"))


def make_login_data(rng: random.Random) -> str:
    key = "".join(rng.choices("0123456789ABCDEFabcdef", k=rng.choice((12, 16, 31, 32, 64))))
    return rng.choice((key, "62706C6973743030" + key, digits(rng, 32), "A" + key[:15], "a" * 40))


REFERENCES: dict[str, Callable[[str, int], Outcome]] = {
    reference.__name__: reference
    for reference in (
        imei, imsi, iccid, mac, ip, gps, org_code, biz_licence, trade_no, credential, password,
        login_data,
    )
}  # fmt: skip
MAKERS: dict[str, Callable[[random.Random], str]] = {
    maker.__name__.removeprefix("make_"): maker
    for maker in (
        make_imei, make_imsi, make_iccid, make_mac, make_ip, make_gps, make_org_code,
        make_biz_licence, make_trade_no, make_credential, make_password, make_login_data,
    )
}  # fmt: skip
