"""Numbers of the checks, and limits of values, for check modules and for their kernels."""

from __future__ import annotations

from typing import Final

# Numbers of the checks with a compiled judge; its docstring has the rule.
PYTHON_CHECK: Final = 0  # none: the module's own ``check`` decides
NO_CHECK: Final = 1  # every value is plausible
RESIDENT_ID_CHECK: Final = 2
RESIDENT_ID_15_CHECK: Final = 3
HMT_PERMIT_CHECK: Final = 4
FOREIGN_PR_ID_CHECK: Final = 5
FOREIGN_PR_ID_15_CHECK: Final = 6
HK_ID_CHECK: Final = 7
MO_ID_CHECK: Final = 8  # 12345678 -> 1234567(8); the rule of the check digit is not public
TW_ID_CHECK: Final = 9
PASSPORT_MRZ_CHECK: Final = 10
MASKED_CHECK: Final = 11
MASKED_ID_CHECK: Final = 12
DAMAGED_ID_CHECK: Final = 13  # 4.30104E+17, or fifteen digits and 000: never counted
NOT_A_DAY_CHECK: Final = 14  # eight digits after 台胞证: a date is likelier
USCC_CHECK: Final = 15
ORG_CODE_CHECK: Final = 16
BIZ_LICENCE_CHECK: Final = 17
TW_UBN_CHECK: Final = 18
MOBILE_CHECK: Final = 19
DAMAGED_MOBILE_CHECK: Final = 20
VIRTUAL_NUMBER_CHECK: Final = 21
LANDLINE_CHECK: Final = 22
SERVICE_NUMBER_CHECK: Final = 23
HMT_PHONE_CHECK: Final = 24  # 0912-345-678 -> +886912345678, 00852-9123 4567 -> +85291234567
FOREIGN_PHONE_CHECK: Final = 25
REGION_PHONE_CHECK: Final = 26
IMEI_CHECK: Final = 27
IMSI_CHECK: Final = 28
ICCID_CHECK: Final = 29
MAC_CHECK: Final = 30  # IEEE 802; pairs can be a day and a time
IP_CHECK: Final = 31  # RFC 791, 4291, 5952; private addresses lead to no person by themselves
GPS_CHECK: Final = 32  # their ranges of China never overlap, so numbers show their order; no datum
VIN_CHECK: Final = 33
BANK_CARD_CHECK: Final = 34
LISTED_CARD_CHECK: Final = 35  # of two lines: one in ten is a Luhn number
DAMAGED_BANK_CARD_CHECK: Final = 36  # 6.217E+18, or nineteen digits ending in 0000
WAYBILL_CHECK: Final = 37
UNKNOWN_WAYBILL_CHECK: Final = 38  # of no known form: plausible (SHAPE_UNUSUAL)
S10_CHECK: Final = 39
TRADE_NO_CHECK: Final = 40  # they contain their day: Pinduoduo orders, WeChat Pay, Alipay
EMAIL_CHECK: Final = 41  # RFC 5322, 5321; system senders and unlisted top domains are LOW
QQ_NUMBER_CHECK: Final = 42  # 10000 and 10001 are the operator's own (SYSTEM_ACCOUNT)
WECHAT_ALIAS_CHECK: Final = 43  # words that follow 微信 in prose are refuted
ALIAS_ALIKE_CHECK: Final = 44  # behind words that sound like 微信; no satellites
SOCIAL_NAME_CHECK: Final = 45  # https://t.me/demo_88 -> demo_88, @demo_88 -> demo_88
MIXED_KEY_CHECK: Final = 46  # openid: 1 % lack a digit, a small letter or a capital
SOME_DIGITS_CHECK: Final = 47  # 验证码, 订单号: a value without two digits is a word
CREDENTIAL_CHECK: Final = 48  # after 密码 without a colon, and in a list of accounts
PASSWORD_CHECK: Final = 49  # after a colon or in a column: any text but masks, words
LOGIN_DATA_CHECK: Final = 50  # 62 data (bplist of iOS), A16 data (number of Android)
PINYIN_NAME_CHECK: Final = 51  # ZhangXiaoming; not LongBeach (no syllables), HongKong (a place)
PINYIN_GIVEN_FIRST_CHECK: Final = 52  # XiaomingWang; not BigWang (no syllables)
TRACKING_CHECK: Final = 53  # UPS (1Z), FedEx (12 digits), DHL (10)
EMAIL_SPELT_CHECK: Final = 54  # zhangsan(at)163.com: as EMAIL_CHECK

#: Verdict of a compiled judge if the whole check must decide.
UNDECIDED: Final = -1
MIN_CARD: Final = 14  # shortest and longest bank card number, in digits
MAX_CARD: Final = 19
CANONICAL_ROOM: Final = 32  # bytes that a canonical value can have more than the value before
STATE_REGION: Final = 100_000  # region code of a firm registered with the central government
INFANT_YEARS: Final = 5  # births within so many years of ``as_of`` need a label or context word
EPOCH_FROM: Final = 1_300_000  # first seven digits of times since 1970, from 2011-03 on:
EPOCH_TO: Final = 2_100_000  # postal items begin with 10 to 12
CHINA_BARCODES_FROM: Final = 690  # GS1 prefixes of China
CHINA_BARCODES_TO: Final = 699
