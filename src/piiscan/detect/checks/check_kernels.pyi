from typing import Final

from piiscan.arrays import Int32, Int64, UInt8
from piiscan.detect.checks import Judgement

PYTHON_CHECK: Final = 0
NO_CHECK: Final = 1
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
WORD_WIDTH: Final = 24
CANONICAL_ROOM: Final = 32
STATE_REGION: Final = 100_000
INFANT_YEARS: Final = 5
EPOCH_FROM: Final = 1_300_000
EPOCH_TO: Final = 2_100_000
CHINA_BARCODES_FROM: Final = 690
CHINA_BARCODES_TO: Final = 699

def write_judgements(
    number: int, chars: UInt8, length: Int32, as_of: int, judged: Judgement
) -> None: ...
def write_canonical_values(
    number: int, chars: UInt8, length: Int32, canonical: UInt8, sizes: Int32
) -> None: ...
def put_judgements(rows: Int64, some: Judgement, out: Judgement) -> None: ...
