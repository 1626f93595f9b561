"""An identity number against the sex, birth, age and province of its row."""

from typing import Any

import pytest

from tests.case.scanned import rows_by_file, scan_files


def number(head: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(head, weights, strict=True))
    return head + "10X98765432"[total % 11]


MAN = number("43010419900307001")  # Hunan, 1990-03-07, male
WOMAN = number("43010419900307002")
REFUTED = MAN[:-1] + ("0" if MAN[-1] != "0" else "1")
SEX, BIRTH = "SEX_CONFLICT", "BIRTH_CONFLICT"
BORN = {number(f"430104{year}0307001"): year for year in range(1970, 1990)}

#: Claim -> header, row -> its doubts, in the order of the rows.
TABLES: dict[str, tuple[str, dict[str, str | None]]] = {
    "sex is compared however it is written": (
        "身份证号,性别",
        {f"{MAN},{sex}": None for sex in ("男", "M", "1", "", "未知", "先生")}
        | {f"{MAN},{sex}": SEX for sex in ("女", "female", "2")},
    ),
    "birth is compared by its day": (
        "身份证号,出生日期",
        {f"{WOMAN},{day}": None for day in ("1990-03-07", "1990/3/7", "19900307", "32939")}
        | {f"{WOMAN},1990年3月7日": None, f"{WOMAN},不详": None, f"{WOMAN},1990-03-08": BIRTH},
    ),
    "ages are of the day the list was made": (
        "身份证号,年龄",
        {f"{person},{2015 - year}岁": None for person, year in BORN.items() if year != 1977}
        | {f"{number('43010419770307001')},48岁": "AGE_CONFLICT"},
    ),
    "a province counts where nearly all agree": (
        "身份证号,户籍省份,行",
        {f"{MAN},湖南,{n}": None for n in range(9)} | {f"{MAN},广东省,9": "REGION_CONFLICT"},
    ),
    "where people live is no conflict": (
        "身份证号,省份,行",
        {f"{MAN},{('湖南', '广东省', '北京市')[n % 3]},{n}": None for n in range(11)},
    ),
    "several doubts stand together": (
        "身份证号,性别,生日",
        {f"{MAN},女,1990-03-08": f"{SEX}+{BIRTH}", f"{MAN},男,1990-03-07": None},
    ),
    "numbers that fail their check are not compared": (
        "姓名,手机号,身份证号,性别",
        {f"张三,13800138000,{REFUTED},女": None, f"李四,13800138001,{MAN},女": SEX},
    ),
}


@pytest.fixture(scope="module")
def doubts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    files = {
        f"{claim}.csv": "\n".join([header, *rows, ""]) for claim, (header, rows) in TABLES.items()
    }
    case = scan_files(tmp_path_factory.mktemp("conflicts"), files)
    return rows_by_file(case, "select source, doubts from records order by source, row")


@pytest.mark.parametrize("claim", TABLES)
def test_a_number_is_compared_with_its_row(claim: str, doubts: dict[str, Any]) -> None:
    assert [each for (each,) in doubts[claim]] == list(TABLES[claim][1].values())
