"""Every check says of every value what its naive twin says, whatever stands in the same matrix."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tests.detect.checks.matrix import judge, matrix, module
from tests.often import long
from tests.oracles import devices, numbers
from tests.oracles import values as made_up

AS_OF = 20261125
TWINS = {**numbers.REFERENCES, **devices.REFERENCES}
MAKERS = {**made_up.MAKERS, **devices.MAKERS}

#: What must occur among the values of each check, so that agreement is agreement on something.
OUTCOMES = {
    "resident_id": "PROVINCE_UNKNOWN DATE_IMPOSSIBLE CHECK_FAIL DATE_FUTURE DATE_BEFORE_1900 "
    "REGION_UNKNOWN BIRTH_RECENT -",
    "resident_id_15": "PROVINCE_UNKNOWN DATE_IMPOSSIBLE REGION_UNKNOWN -",
    "hmt_permit": "PROVINCE_UNKNOWN DATE_IMPOSSIBLE CHECK_FAIL DATE_FUTURE DATE_BEFORE_1900 "
    "BIRTH_RECENT -",
    "mobile": "FILLER LENGTH_WRONG PREFIX_UNALLOTTED TEST_LIKE -",
    "virtual_number": "LENGTH_WRONG PREFIX_UNALLOTTED VIRTUAL_NUMBER",
    "landline": "LENGTH_WRONG AREA_CODE_UNKNOWN LOOKS_LIKE_DATE PREFIX_UNALLOTTED -",
    "bank_card": "EPOCH_TIME BIN_LENGTH LUHN_FAIL BIN_UNKNOWN -",
    "uscc": "CHECK_FAIL PREFIX_UNALLOTTED PROVINCE_UNKNOWN REGION_UNKNOWN -",
    "s10": "CHECK_FAIL COUNTRY_UNKNOWN -",
    "email": "EMAIL_SYNTAX TLD_UNKNOWN SYSTEM_MAILBOX -",
    "waybill": "EPOCH_TIME EAN_BARCODE LOOKS_LIKE_DATE -",
    "masked_id": "REGION_UNKNOWN MASKED",
    "damaged_id": "REGION_UNKNOWN DAMAGED_SCI DAMAGED_15SIG CHECK_FAIL",
    "damaged_bank_card": "DAMAGED_SCI DAMAGED_15SIG BIN_UNKNOWN",
    "service_number": "PREFIX_UNALLOTTED ORG_ONLY",
    "qq_number": "SYSTEM_ACCOUNT -",
    "mixed_key": "PLAIN_WORD -",
    "some_digits": "PLACEHOLDER -",
    "foreign_pr_id": "PROVINCE_UNKNOWN COUNTRY_UNKNOWN DATE_IMPOSSIBLE CHECK_FAIL DATE_FUTURE "
    "DATE_BEFORE_1900 BIRTH_RECENT -",
    "foreign_pr_id_15": "LENGTH_WRONG PROVINCE_UNKNOWN DATE_IMPOSSIBLE COUNTRY_UNKNOWN -",
    "hk_id": "CHECK_FAIL TEST_LIKE -",
    "tw_id": "CHECK_FAIL LOOKS_LIKE_DATE -",
    "tw_ubn": "CHECK_FAIL LOOKS_LIKE_DATE -",
    "hmt_phone": "PREFIX_UNALLOTTED -",
    "vin": "LENGTH_WRONG TEST_LIKE FILLER CHECK_FAIL CHECK_UNUSED SHAPE_UNUSUAL -",
    "not_a_day": "PLACEHOLDER -",
    "imei": "LENGTH_WRONG FILLER PREFIX_UNALLOTTED LUHN_FAIL TEST_LIKE -",
    "imsi": "LENGTH_WRONG PREFIX_UNALLOTTED -",
    "iccid": "LENGTH_WRONG CHECK_FAIL LUHN_FAIL -",
    "mac": "PLACEHOLDER PREFIX_UNALLOTTED LOOKS_LIKE_DATE -",
    "ip": "OUT_OF_RANGE PLACEHOLDER PRIVATE_ADDRESS -",
    "gps": "OUT_OF_RANGE -",
    "org_code": "CHECK_FAIL -",
    "biz_licence": "LENGTH_WRONG CHECK_FAIL PROVINCE_UNKNOWN REGION_UNKNOWN -",
    "trade_no": "DATE_IMPOSSIBLE -",
    "credential": "PLACEHOLDER -",
    "password": "PLACEHOLDER -",
    "login_data": "PLACEHOLDER -",
}


def values(name: str, rows: int) -> list[str]:
    rng = random.Random(f"{name} 2")
    return [MAKERS[name](rng) for _ in range(rows)]


def test_every_twin_is_compared() -> None:
    assert TWINS.keys() == MAKERS.keys() == OUTCOMES.keys()


@pytest.mark.parametrize("rows", [600, long(3000)])
@pytest.mark.parametrize("name", sorted(TWINS))
def test_check_says_what_its_twin_says(name: str, rows: int) -> None:
    made = values(name, rows)
    wanted = [TWINS[name](value, AS_OF) for value in made]
    got = judge(name, made, as_of=AS_OF)
    wrong = [(v, w, g) for v, w, g in zip(made, wanted, got, strict=True) if w != g]
    assert wrong[:5] == []
    assert {reason or "-" for _, reason, _ in got} == set(OUTCOMES[name].split())


@pytest.mark.parametrize("name", sorted(TWINS))
def test_a_row_is_judged_the_same_alone_and_in_a_wider_matrix(name: str) -> None:
    made = values(name, 60)
    together = judge(name, made, as_of=AS_OF)
    assert [judge(name, [value], as_of=AS_OF)[0] for value in made] == together
    assert judge(name, made, as_of=AS_OF, width=300) == together


@pytest.mark.parametrize("name", sorted(TWINS))
def test_a_check_reads_nothing_behind_a_value(name: str) -> None:
    made = values(name, 60)
    chars, length = matrix(made, 300)
    noise = np.random.default_rng(3).choice(np.frombuffer(b"0123456789X)F", np.uint8), chars.shape)
    followed = np.where(np.arange(300) < length[:, None], chars, noise)
    one, other = (module(name).check(each, length, as_of=AS_OF) for each in (chars, followed))
    assert [each.tolist() for each in one] == [each.tolist() for each in other]


@pytest.mark.parametrize("name", sorted(TWINS))
def test_a_check_leaves_its_values_as_they_are(name: str) -> None:
    chars, length = matrix(values(name, 1))
    own = np.array(chars)
    module(name).check(own, length, as_of=AS_OF)
    assert (own == chars).all()


@pytest.mark.parametrize("name", sorted(TWINS))
def test_no_rows_give_no_judgements(name: str) -> None:
    judged = module(name).check(np.zeros((0, 20), np.uint8), np.zeros(0, np.int32), as_of=AS_OF)
    assert len(judged.verdict) == len(judged.reason) == len(judged.strength) == 0


@pytest.mark.parametrize("name", sorted(TWINS))
def test_a_check_survives_any_bytes(name: str) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (500, 24), np.uint8)
    judged = module(name).check(noise, np.full(500, 24, np.int32), as_of=AS_OF)
    assert set(judged.verdict.tolist()) <= {0, 1, 2}
