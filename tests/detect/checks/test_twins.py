"""Every check says of every value what its plain twin says, whatever stands in the same matrix.

The twin is the check's own ``steps``; for a check without steps, a reference in tests/oracles.
"""

import pkgutil
import random
import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import piiscan.detect.checks
from piiscan.detect.checks import load_check
from piiscan.wording.words import section
from tests.detect.checks.matrix import canonical, judge, matrix
from tests.often import long
from tests.oracles import numbers
from tests.oracles import values as made_up

AS_OF = 20261125
STEP_WORDS = section("step")
ORACLES = numbers.REFERENCES
MAKERS = made_up.MAKERS
WITH_STEPS = sorted(
    name
    for _, name, _ in pkgutil.iter_modules(piiscan.detect.checks.__path__)
    if load_check(name).steps
)
TWINS = sorted({*ORACLES, *WITH_STEPS})

#: What must occur among the values of each check, so that agreement is agreement on something.
OUTCOMES = {
    "resident_id": "LENGTH_WRONG PROVINCE_UNKNOWN DATE_IMPOSSIBLE CHECK_FAIL DATE_FUTURE "
    "DATE_BEFORE_1900 REGION_UNKNOWN BIRTH_RECENT -",
    "resident_id_15": "LENGTH_WRONG PROVINCE_UNKNOWN DATE_IMPOSSIBLE REGION_UNKNOWN -",
    "hmt_permit": "LENGTH_WRONG PROVINCE_UNKNOWN DATE_IMPOSSIBLE CHECK_FAIL DATE_FUTURE "
    "DATE_BEFORE_1900 BIRTH_RECENT -",
    "mobile": "FILLER LENGTH_WRONG PREFIX_UNALLOTTED TEST_LIKE -",
    "virtual_number": "LENGTH_WRONG PREFIX_UNALLOTTED VIRTUAL_NUMBER",
    "landline": "LENGTH_WRONG AREA_CODE_UNKNOWN LOOKS_LIKE_DATE PREFIX_UNALLOTTED -",
    "bank_card": "LENGTH_WRONG EPOCH_TIME BIN_LENGTH LUHN_FAIL BIN_UNKNOWN -",
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
    "foreign_pr_id": "LENGTH_WRONG PROVINCE_UNKNOWN COUNTRY_UNKNOWN DATE_IMPOSSIBLE CHECK_FAIL "
    "DATE_FUTURE DATE_BEFORE_1900 BIRTH_RECENT -",
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
    "tracking": "LENGTH_WRONG CHECK_FAIL -",
    "trade_no": "DATE_IMPOSSIBLE -",
    "credential": "PLACEHOLDER -",
    "password": "PLACEHOLDER -",
    "login_data": "PLACEHOLDER -",
    "damaged_mobile": "DAMAGED_SCI",
    "masked": "MASKED",
    "passport_mrz": "CHECK_FAIL -",
}


def edit(rng: random.Random, value: str) -> str:
    """Change a digit or capital to another one, or drop or insert a digit."""
    place = rng.randrange(len(value))
    char, kind = value[place], rng.randrange(4)
    if kind == 0:
        return value[:place] + value[place + char.isdigit() :]
    if kind == 1 and char.isdigit():
        return value[:place] + rng.choice(string.digits) + value[place:]
    alphabet = (
        string.digits if char.isdigit() else string.ascii_uppercase if char.isupper() else char
    )
    return value[:place] + rng.choice(alphabet) + value[place + 1 :]


def values(name: str, rows: int) -> list[str]:
    """Random values of a check; half of those of a check with steps have one more fault."""
    rng = random.Random(f"{name} 2")
    made = [MAKERS[name](rng) for _ in range(rows)]
    if name not in WITH_STEPS:
        return made
    return as_canonical(
        name, [edit(rng, value) if row % 2 else value for row, value in enumerate(made)]
    )


def as_canonical(name: str, texts: list[str]) -> list[str]:
    if name == "virtual_number":  # read from its digits
        texts = [text.replace(";ext=", "") for text in texts]
    return canonical(name, texts) if load_check(name).canonical else texts


def twin(name: str, value: str) -> tuple[str, str, str]:
    """Outcome by the twin. Steps have words, and refute exactly if one of them has failed."""
    if name in ORACLES:
        return ORACLES[name](value, AS_OF)
    worked = load_check(name).steps(value, as_of=AS_OF)
    assert {step.name for step in worked.steps} <= STEP_WORDS.keys()
    failed = any(step.passed is False for step in worked.steps)
    assert failed == (worked.outcome.verdict == "REFUTED"), value
    return tuple(worked.outcome)


def test_every_check_with_steps_or_an_oracle_is_compared() -> None:
    assert MAKERS.keys() == OUTCOMES.keys() == set(TWINS)
    assert not ORACLES.keys() & set(WITH_STEPS)


@pytest.mark.parametrize(
    ("name", "rows"),
    [each for name in WITH_STEPS for each in ((name, 6000), long(name, 20_000))]
    + [(name, 600) for name in ORACLES]
    + [long(name, 3000) for name in ORACLES],
)
def test_check_says_what_its_twin_says(name: str, rows: int) -> None:
    made = values(name, rows)
    wanted = [twin(name, value) for value in made]
    got = judge(name, made, as_of=AS_OF)
    wrong = [(v, w, g) for v, w, g in zip(made, wanted, got, strict=True) if w != g]
    assert wrong[:5] == []
    assert {reason or "-" for _, reason, _ in got} == set(OUTCOMES[name].split())


@pytest.mark.parametrize("name", WITH_STEPS)
@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10**9), edits=st.integers(0, 3))
def test_a_value_with_some_faults_is_one_for_both(name: str, seed: int, edits: int) -> None:
    rng = random.Random(seed)
    value = MAKERS[name](rng)
    for _ in range(edits):
        value = edit(rng, value)
    (value,) = as_canonical(name, [value])
    assert [twin(name, value)] == judge(name, [value], as_of=AS_OF)


@pytest.mark.parametrize("name", TWINS)
def test_a_row_is_judged_the_same_alone_and_in_a_wider_matrix(name: str) -> None:
    made = values(name, 60)
    together = judge(name, made, as_of=AS_OF)
    assert [judge(name, [value], as_of=AS_OF)[0] for value in made] == together
    assert judge(name, made, as_of=AS_OF, width=300) == together


@pytest.mark.parametrize("name", TWINS)
def test_a_check_reads_nothing_behind_a_value_and_writes_none(name: str) -> None:
    check, made = load_check(name).check, values(name, 60)
    chars, length = matrix(made, 300)
    noise = np.random.default_rng(3).choice(np.frombuffer(b"0123456789X)F", np.uint8), chars.shape)
    followed = np.where(np.arange(300) < length[:, None], chars, noise)
    kept = followed.copy()
    one, other = (check(each, length, as_of=AS_OF) for each in (chars, followed))
    assert [each.tolist() for each in one] == [each.tolist() for each in other]
    assert (followed == kept).all()


@pytest.mark.parametrize("name", TWINS)
def test_a_check_survives_any_bytes_and_no_rows(name: str) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (500, 24), np.uint8)
    for rows in (500, 0):
        judged = load_check(name).check(noise[:rows], np.full(rows, 24, np.int32), as_of=AS_OF)
        assert len(judged.verdict) == len(judged.reason) == len(judged.strength) == rows
        assert set(judged.verdict.tolist()) <= {0, 1, 2}
