"""Reference checks of networks and credentials, and values of devices and organisations.

Addresses are parsed by the standard library.
"""

from __future__ import annotations

import ipaddress
import random
import re
import string
from collections.abc import Callable

from stdnum import luhn
from stdnum.iso7064 import mod_11_10

from piiscan.detect.arithmetic.weighted_sums import GB_11714
from tests.oracles.numbers import PLAUSIBLE, Outcome, day_of, refuted
from tests.oracles.values import USCC_ALPHABET, code, digits, spoil

IMEI_REPORTING_BODIES = [
    f"{n:02}" for n in (1, 10, 30, 33, 35, 44, 45, *range(49, 55), 86, 91, 98, 99)
]


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
    return spoil(rng, body + GB_11714.check_char(body), DIGITS_X) + rng.choice(("", "", "1"))


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
        mac, ip, gps, trade_no, credential, password, login_data,
    )
}  # fmt: skip
MAKERS: dict[str, Callable[[random.Random], str]] = {
    maker.__name__.removeprefix("make_"): maker
    for maker in (
        make_imei, make_imsi, make_iccid, make_mac, make_ip, make_gps, make_org_code,
        make_biz_licence, make_trade_no, make_credential, make_password, make_login_data,
    )
}  # fmt: skip
