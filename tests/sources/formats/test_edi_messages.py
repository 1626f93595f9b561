"""Names, numbers and addresses of EDI messages are records, each value in one cell."""

import pytest

from tests.sources.people import PEOPLE, count_whole
from tests.sources.tables import read_text

ISA = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240101*1200*U*00401"
    "*000000001*0*P*>~GS*HB*S*R*20240101*1200*1*X*005010X279A1~ST*271*0001~"
)
SHAPES = {
    "X12 271": ISA + "".join(
        f"HL*{i}*1*22*0~NM1*IL*1*{n[0]}*{n[1:]}***MI*{c}~PER*IC**TE*{p}~N3*{a}~"
        for i, (n, c, p, a) in enumerate(PEOPLE)),
    "X12 834": ISA.replace("*", "|").replace("~", "\r\n") + "".join(
        f"INS|Y|18\r\nREF|0F|{c}\r\nNM1|IL|1|{n}\r\nPER|IP||HP|{p}\r\nN3|{a}\r\n"
        for n, c, p, a in PEOPLE),
    "EDIFACT": "UNA:+.? 'UNB+UNOC:3+S+R+240101:1200+1'UNH+1+ORDERS:D:96A:UN'" + "".join(
        f"NAD+BY+{c}::91++{n}+{a}++++CN'COM+{p}:TE'" for n, c, p, a in PEOPLE),
    "HL7": "".join(
        f"MSH|^~\\&|HIS|H|LIS|H|20240101||ADT^A01|1|P|2.4\rPID|1||M{i}^^^H~{c}^^^I||{n[0]}^{n[1:]}"
        f"||19850110|M|||{a}||{p}\rPV1|1|I\r" for i, (n, c, p, a) in enumerate(PEOPLE)),
}  # fmt: skip


def message(numbers: list[str]) -> bytes:
    return (ISA + "".join(f"NM1*IL*1*张*三~PER*IC**TE*{each}~" for each in numbers)).encode()


FUZZ_SEEDS = {"a.edi": message}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("name", SHAPES)
def test_each_person_is_a_record_with_a_whole_name(name: str, encoding: str) -> None:
    assert count_whole(SHAPES[name].encode(encoding)) == len(PEOPLE)


def test_a_released_sign_is_a_part_of_its_text() -> None:
    text = SHAPES["EDIFACT"].replace("样本路", "样本?+?路")
    assert "样本+路" in read_text(text)


@pytest.mark.parametrize("text", ["ISA", "ISA*", "ISA is a bus of 1981 " * 9, "UNA", "MSH|"])
def test_other_texts_are_texts(text: str) -> None:
    assert text[:3] in read_text(text)
