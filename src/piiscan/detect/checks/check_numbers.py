"""Numbers of the checks, and limits of values, for check modules and for their kernels."""

from __future__ import annotations

from typing import Final

# Numbers of the check modules with a compiled judge.
PYTHON_CHECK: Final = 0  # none: the module's own ``check`` decides
NO_CHECK: Final = 1  # every value is plausible
RESIDENT_ID_CHECK: Final = 2
RESIDENT_ID_15_CHECK: Final = 3
HMT_PERMIT_CHECK: Final = 4
FOREIGN_PR_ID_CHECK: Final = 5
FOREIGN_PR_ID_15_CHECK: Final = 6
HK_ID_CHECK: Final = 7
MO_ID_CHECK: Final = 8
TW_ID_CHECK: Final = 9
PASSPORT_MRZ_CHECK: Final = 10
MASKED_CHECK: Final = 11
MASKED_ID_CHECK: Final = 12
DAMAGED_ID_CHECK: Final = 13
NOT_A_DAY_CHECK: Final = 14
USCC_CHECK: Final = 15
ORG_CODE_CHECK: Final = 16
BIZ_LICENCE_CHECK: Final = 17
TW_UBN_CHECK: Final = 18
MOBILE_CHECK: Final = 19
DAMAGED_MOBILE_CHECK: Final = 20
VIRTUAL_NUMBER_CHECK: Final = 21
LANDLINE_CHECK: Final = 22
SERVICE_NUMBER_CHECK: Final = 23
HMT_PHONE_CHECK: Final = 24
FOREIGN_PHONE_CHECK: Final = 25
REGION_PHONE_CHECK: Final = 26
IMEI_CHECK: Final = 27
IMSI_CHECK: Final = 28
ICCID_CHECK: Final = 29
MAC_CHECK: Final = 30
IP_CHECK: Final = 31
GPS_CHECK: Final = 32
VIN_CHECK: Final = 33
BANK_CARD_CHECK: Final = 34
LISTED_CARD_CHECK: Final = 35
DAMAGED_BANK_CARD_CHECK: Final = 36
WAYBILL_CHECK: Final = 37
UNKNOWN_WAYBILL_CHECK: Final = 38
S10_CHECK: Final = 39
TRADE_NO_CHECK: Final = 40
EMAIL_CHECK: Final = 41
QQ_NUMBER_CHECK: Final = 42
WECHAT_ALIAS_CHECK: Final = 43
ALIAS_ALIKE_CHECK: Final = 44
SOCIAL_NAME_CHECK: Final = 45
MIXED_KEY_CHECK: Final = 46
SOME_DIGITS_CHECK: Final = 47
CREDENTIAL_CHECK: Final = 48
PASSWORD_CHECK: Final = 49
LOGIN_DATA_CHECK: Final = 50
PINYIN_NAME_CHECK: Final = 51
PINYIN_GIVEN_FIRST_CHECK: Final = 52

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
