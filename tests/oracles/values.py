"""Random values near the limits of every check: right ones, and ones with a single fault."""

import random
import re
import string
from collections.abc import Callable
from functools import partial

from stdnum import luhn
from stdnum.iso7064 import mod_11_2, mod_11_10

from piiscan.detect.arithmetic.weighted_sums import (
    DHL,
    FEDEX,
    GB_11714,
    GB_16735,
    GB_32100,
    HK_ID,
    MRZ,
    S10,
    TW_ID,
    UPS,
)
from tests.oracles.numbers import column, table

DIGITS = string.digits
SCHEMES = (
    "62", "4", "51", "34", "37", "36", "305", "6011", "65", "2221", "2720", "3528", "1", "9", "5",
)  # fmt: skip
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(DIGITS, k=count))


def spoil(rng: random.Random, value: str, alphabet: str = DIGITS) -> str:
    """Return ``value``, with one character changed half of the time."""
    if rng.random() < 0.5:
        return value
    place = rng.randrange(len(value))
    return value[:place] + rng.choice(alphabet) + value[place + 1 :]


#: Days on either side of a limit, for tests as of 2026-11-25.
EDGES = ("20261125", "20261126", "20211125", "20211126", "18991231", "19000101")


def birth(rng: random.Random) -> str:
    if rng.random() < 0.1:
        return rng.choice(EDGES)
    year = rng.choice((0, 1880, 1899, *range(1900, 2030)))
    return f"{year:04}{rng.randint(0, 13):02}{rng.randint(0, 32):02}"


REGIONS = sorted(column("regions"))
COUNTRIES = sorted(column("countries"))
AREA_CODES = sorted(column("area_codes"))


def code(rng: random.Random) -> str:
    if rng.random() < 0.6:
        return rng.choice(REGIONS)
    return rng.choice(("43", "99", "71", "81", "62", "45")) + digits(rng, 4)


def identity(rng: random.Random, region: str) -> str:
    body = region + birth(rng) + digits(rng, 3)
    return spoil(rng, body + mod_11_2.calc_check_digit(body), DIGITS + "X")


def resident_id(rng: random.Random) -> str:
    return identity(rng, code(rng))


def hmt_permit(rng: random.Random) -> str:
    return identity(rng, rng.choice(("810000", "820000", "830000", "810001", "840000")))


def some_digits(rng: random.Random) -> str:
    return "".join(rng.choices(string.ascii_lowercase + "01", k=rng.randint(4, 8)))


def resident_id_15(rng: random.Random) -> str:
    day = f"{rng.randint(0, 99):02}{rng.randint(0, 13):02}{rng.randint(0, 32):02}"
    return code(rng) + day + digits(rng, 3)


def mobile(rng: random.Random) -> str:
    rest = rng.choice((digits(rng, 6), "000000"))
    fixed = ("13800138000", "11111111111", "12345678901", "00000000000", "1" + digits(rng, 10))
    return rng.choice((f"1{rng.randint(300, 999)}{digits(rng, 1)}{rest}", rng.choice(fixed)))


def landline(rng: random.Random) -> str:
    area = rng.choice((rng.choice(AREA_CODES), "0" + digits(rng, 3)))
    if area[1] in "12":
        area = area[:3]
    sub = rng.choice((digits(rng, 8), digits(rng, 7), f"20{rng.randint(10, 30)}0712", "20201301"))
    return f"{area}-{sub}" + rng.choice(("", f";ext={digits(rng, 3)}"))


def bank_card(rng: random.Random) -> str:
    prefix, length = rng.choice(table("bins"))[:2]
    if rng.random() < 0.5:
        prefix = rng.choice(SCHEMES)
        length = str(rng.randint(14, 19))
    body = (prefix + digits(rng, 19))[: int(length) - 1 - (rng.random() < 0.1)]
    return spoil(rng, body + luhn.calc_check_digit(body))


def uscc(rng: random.Random) -> str:
    """Return a random unified social credit code, right or with one fault."""
    lead = rng.choice("1591NAYZ0B").replace("Z", "W") + rng.choice(USCC_ALPHABET)
    region = rng.choice((code(rng), "100000"))
    org = "".join(rng.choices(USCC_ALPHABET, k=8))
    body = lead + region + org + GB_11714.check_char(org)
    if set(body) <= GB_32100.values.keys():
        body += GB_32100.check_char(body)
    return spoil(rng, body, USCC_ALPHABET + "IOSVZ")


def s10(rng: random.Random) -> str:
    """Return a random postal item number, right or with one fault."""
    body = digits(rng, 8)
    country = rng.choice(("CN", "GB", "US", "HK", "ZZ", "AA", "QQ"))
    number = spoil(rng, body + S10.check_char(body))
    return f"R{rng.choice(string.ascii_uppercase)}{number}{country}"


def email(rng: random.Random) -> str:
    """Return a random mail address near the limits of the syntax."""
    letters = string.ascii_lowercase + DIGITS
    local = "".join(rng.choices(letters + "._-+", k=rng.choice((1, 8, 30, 64, 65))))
    local = rng.choice((local, "noreply", "git", "mailer-daemon", "li.lei"))
    labels = ["".join(rng.choices(letters, k=rng.choice((1, 5, 63, 64)))) for _ in range(2)]
    top = rng.choice(("com", "cn", "localdomain", "java", "xn--fiqs8s", "q" * 30, "top"))
    return f"{local}@{'.'.join(labels[: rng.randint(1, 2)])}.{top}"


def waybill(rng: random.Random) -> str:
    size = rng.choice((8, 9, 10, 12, 13, 14, 15, 18))
    heads = ["SF", "JT", "D", "689", "690", "699", "700", "1689", "2023", "1999", "77", "13", ""]
    heads += ["1299999", "1300000", "2099999", "2100000"]
    head = rng.choice(heads)
    if head == "2023" and size == 8:
        return f"2023{rng.randint(0, 13):02}{rng.randint(0, 32):02}"
    return (head + digits(rng, 18))[:size]


def tracking(rng: random.Random) -> str:
    if rng.random() < 0.3:
        body = "".join(rng.choices(string.ascii_uppercase + DIGITS, k=8)) + digits(rng, 7)
        return "1Z" + spoil(rng, body + UPS.check_char(body))
    row, size = rng.choice(((FEDEX, 11), (DHL, 9)))
    body = digits(rng, size)
    return spoil(rng, body + row.check_char(body))


def masked_id(rng: random.Random) -> str:
    head = code(rng)[: rng.randint(1, 6)]
    return head + "*" * (14 - len(head)) + digits(rng, 4)


def damaged_id(rng: random.Random) -> str:
    if rng.random() < 0.3:
        head = code(rng)
        return f"{head[0]}.{head[1 : rng.randint(3, 6)]}E+17"
    return code(rng) + birth(rng) + digits(rng, 1) + rng.choice(("000", "000", "001"))


def damaged_bank_card(rng: random.Random) -> str:
    prefix = rng.choice((rng.choice(table("bins"))[0], digits(rng, 6)))
    whole = (prefix + digits(rng, 15))[:15] + rng.choice(("0000", "0000", "0010"))
    return rng.choice((whole, "6.217E+18"))


def mixed_key(rng: random.Random) -> str:
    alphabet = rng.choice((string.ascii_letters + DIGITS, string.ascii_letters, string.hexdigits))
    alphabet = rng.choice((alphabet, alphabet.lower(), alphabet.upper()))
    return "o" + "".join(rng.choices(alphabet, k=27))


def foreign_pr_id(rng: random.Random) -> str:
    province = rng.choice(("11", "43", "31", "72", "00"))
    country = rng.choice((*COUNTRIES, "156", "101", "999"))
    return spoil(rng, identity(rng, "9" + province + country))


def foreign_pr_id_15(rng: random.Random) -> str:
    country = rng.choice(("USA", "JPN", "CAN", "ZZZ", "AAA", "DEU", "ZWE"))
    day = f"{rng.randint(0, 99):02}{rng.randint(0, 13):02}{rng.randint(0, 31):02}"
    province = rng.choice(("1100", "4301", "7200"))
    return spoil(rng, country + province + day + digits(rng, 2), DIGITS + "A")


def hk_id(rng: random.Random) -> str:
    head = "".join(rng.choices(string.ascii_uppercase, k=rng.choice((1, 1, 2)))) + digits(rng, 6)
    value = spoil(rng, f"{head}({HK_ID.check_char(head.rjust(8, '·'))})", DIGITS + "A")
    return rng.choice((value, value, value, "A123456(3)"))


def tw_id(rng: random.Random) -> str:
    """Return a random Taiwan identity number, right or with one fault."""
    day = f"20{rng.randint(10, 30)}{rng.randint(0, 13):02}{rng.randint(0, 32):02}"
    body = rng.choice(string.ascii_uppercase)
    body += rng.choice((rng.choice("12893") + digits(rng, 7), day))
    return spoil(rng, body + TW_ID.check_char(body))


def vin(rng: random.Random) -> str:
    """Return a random vehicle identification number, right or with one fault."""
    alphabet = rng.choice(("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", DIGITS))
    maker = rng.choice("LLLL1KWSABRZ19")
    body = [
        maker,
        *rng.choices(alphabet, k=12),
        *rng.choices(DIGITS + "A"[: rng.randint(0, 1)], k=4),
    ]
    body[8] = GB_16735.check_char("".join(body))
    value = spoil(rng, "".join(body), DIGITS + "XIQ")
    return rng.choice((*[value] * 20, "1" * 17, "0" * 17, "Z" * 17))


def passport_mrz(rng: random.Random) -> str:
    """Return a random machine-readable line, wrong in one place half of the time."""
    number = rng.choice((f"E{digits(rng, 8)}", "P1234567<", "EA0000001"))
    optional = rng.choice(("<" * 14, "MGLP".ljust(14, "<"), "LMNB12345".ljust(14, "<")))
    birth, expiry = f"80{rng.randint(1, 12):02}01", f"3{rng.randint(0, 9)}0101"
    line = number + MRZ.check_char(number) + "CHN" + birth + MRZ.check_char(birth) + "M"
    line += expiry + MRZ.check_char(expiry) + optional
    line += "<" if optional == "<" * 14 and rng.random() < 0.5 else MRZ.check_char(optional)
    line += MRZ.check_char(line[:10] + line[13:20] + line[21:43])
    place = rng.choice((5, 9, 15, 19, 22, 27, 42, 43))
    wrong = str((int(line[place].replace("<", "0")) + 1) % 10)
    return rng.choice((line, line[:place] + wrong + line[place + 1 :]))


IMEI_REPORTING_BODIES = [
    f"{n:02}" for n in (1, 10, 30, 33, 35, 44, 45, *range(49, 55), 86, 91, 98, 99)
]


def imei(rng: random.Random) -> str:
    body = rng.choice((*IMEI_REPORTING_BODIES, "46", "77", "00", "86", "35")) + digits(rng, 12)
    made = rng.choice((body, "4600" + body[4:], "12345678901234", "01234567890123", "9" * 14))
    whole = spoil(rng, made + luhn.calc_check_digit(made))
    return rng.choice((whole, whole, whole + "1", "A" + digits(rng, 13), digits(rng, 14), "0" * 15))


def iccid(rng: random.Random) -> str:
    body = ("8986" + digits(rng, 15))[: rng.choice((18, 19, 16))]
    whole = spoil(rng, body + luhn.calc_check_digit(body), string.hexdigits[:10] + "ABCDEF")
    return rng.choice((whole, whole, whole[:12] + "ABC" + whole[15:]))


def mac(rng: random.Random) -> str:
    octets = [f"{rng.randrange(256):02X}" for _ in range(6)]
    time = f"{rng.randint(5, 45):02}{rng.randint(0, 13):02}{rng.randint(0, 32):02}"
    stamp = time + f"{rng.randint(0, 25):02}{rng.randint(0, 61):02}{rng.randint(0, 61):02}"
    bare = rng.choice(("".join(octets), stamp, "0" * 12, "F" * 12))
    return ":".join(bare[at : at + 2] for at in range(0, 12, 2))


def ip(rng: random.Random) -> str:
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


def gps(rng: random.Random) -> str:
    east = f"{rng.uniform(70, 138):.{rng.choice((3, 4, 6, 14))}f}"
    north = f"{rng.uniform(2, 56):.{rng.choice((4, 6))}f}"
    return f"{east},{north}"


def org_code(rng: random.Random) -> str:
    body = "".join(rng.choices(USCC_ALPHABET, k=8))
    return spoil(rng, body + GB_11714.check_char(body), DIGITS + "X") + rng.choice(("", "", "1"))


def biz_licence(rng: random.Random) -> str:
    body = rng.choice((code(rng), "100000")) + digits(rng, 8)
    return spoil(rng, body + mod_11_10.calc_check_digit(body)) + rng.choice(("", "", "", "0"))


def trade_no(rng: random.Random) -> str:
    day = f"{rng.randint(0, 40):02}{rng.randint(0, 13):02}{rng.randint(0, 32):02}"
    wechat = f"4200{digits(rng, 6)}20{day}{digits(rng, 10)}"
    paid = rng.choice(("20", "20", "19")) + day + "2200" + digits(rng, 16)
    return rng.choice((f"{day}-{digits(rng, 15)}", wechat, paid))


def credential(rng: random.Random) -> str:
    alphabet = rng.choice((string.ascii_letters, string.digits, "ab12", "ab12/", "aB1!\\"))
    return "".join(rng.choices(alphabet, k=rng.randint(4, 12)))


def password(rng: random.Random) -> str:
    words = ("required", "NULL", "None", "user_password", "root", "******", "a.b", "my_pass1")
    return rng.choice((credential(rng), rng.choice(words), "ab***12", "!!!!"))


def login_data(rng: random.Random) -> str:
    key = "".join(rng.choices("0123456789ABCDEFabcdef", k=rng.choice((12, 16, 31, 32, 64))))
    return rng.choice((key, "62706C6973743030" + key, digits(rng, 32), "A" + key[:15], "a" * 40))


#: Makers that fill a random template: a digit for each ``#``.
TEMPLATES = {
    "virtual_number": ("1##########;ext=#", "1##########;ext=####", "184########;ext=######"),
    "service_number": ("400#######", "95###", "95338"),
    "qq_number": ("#####", "########", "###########", "10000", "10001", "100000"),
    "damaged_mobile": ("1.#E+10", "1.###E+10", "1.#####E+10"),
    "masked": ("###***####", "###*****####", "###********####"),
    "not_a_day": ("18##0###", "19##0###", "20##1###", "21##0###", "########", "##########"),
    "tw_ubn": ("########", "######7#", "201#0###", "202#1###", "#######"),
    "hmt_phone": ("+8869########", "+852########", "+8536#######", "+8538#######", "+85328#######",
                  "+853#######", "+886#########"),
    "imsi": ("460############", "460############", "461############", "454############",
             "455############", "466############", "460###########", "460############1"),
}  # fmt: skip


def fill_template(name: str, rng: random.Random) -> str:
    return re.sub("#", lambda _: rng.choice(DIGITS), rng.choice(TEMPLATES[name]))


MAKERS: dict[str, Callable[[random.Random], str]] = {
    maker.__name__: maker
    for maker in (
        resident_id, hmt_permit, some_digits, resident_id_15, mobile, landline, bank_card,
        uscc, s10, email, waybill, tracking, masked_id, damaged_id, damaged_bank_card, mixed_key,
        foreign_pr_id, foreign_pr_id_15, hk_id, tw_id, vin, passport_mrz, imei, iccid, mac,
        ip, gps, org_code, biz_licence, trade_no, credential, password, login_data,
    )
}  # fmt: skip
MAKERS |= {name: partial(fill_template, name) for name in TEMPLATES}
