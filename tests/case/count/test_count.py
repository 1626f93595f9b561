"""Files on disk are scanned and counted: ladder, register, exclusions, and what is kept of each."""

import json
import os
import random
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from piiscan import Case, CaseError, CountError, count
from piiscan.case.store import audit_log
from piiscan.case.store.count_store import Count
from tests.case.dump import scan_dump
from tests.case.leak import identity, write_csv
from tests.case.literal_rows import assert_conserved, only, reasons, steps
from tests.keys import random_secret, write_key
from tests.often import long

NAMES = [f"{s}{g}" for s in "张王李赵刘陈杨黄" for g in ("小明", "建国", "丽华", "志强", "秀英")]
PERSON = ("姓名", "身份证号", "手机号")
EXCLUSIONS = ("类型", "内容", "理由", "提出人")


def phone(number: int) -> str:
    return f"1990000{number + 1200:04d}"


def person(number: int) -> tuple[str, str, str]:
    """Name, identity number and phone; after the fortieth, the names come again."""
    return NAMES[number % len(NAMES)], identity(number), phone(number)


def write_lines(folder: Path, files: Mapping[str, Sequence[str]]) -> Path:
    """Write files of these lines; return their folder."""
    folder.mkdir(parents=True)
    for name, lines in files.items():
        (folder / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return folder


def count_files(home: Path, files: Mapping[str, Sequence[str]], **more: Any) -> Count:
    """Scan and count files of these lines."""
    made = count(scan_dump([write_lines(home / "dump", files)], home / "case"), **more)
    assert_conserved(made.tables())
    return made


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    dump = tmp_path_factory.mktemp("counted") / "dump"
    people = [*map(person, range(20)), person(0), person(1)]  # two rows again
    people += [(NAMES[2], identity(2), phone(30))]  # the same person with another phone
    people += [(NAMES[n], identity(n, wrong=True), phone(n)) for n in (20, 21)]
    people += [("张*", "4301**********0016", "199****1234")]
    write_csv(dump / "a.csv", PERSON, people)
    write_csv(dump / "b.csv", PERSON, [*people[:3], person(25), (NAMES[3], identity(26), phone(3))])
    write_csv(dump / "c.csv", ["手机号"], [[phone(n)] for n in (0, 1, 2, 40, 40)])
    write_csv(
        dump / "d.csv",
        ("企业名称", "统一社会信用代码", "法定代表人", "联系电话"),
        [
            (f"示例{w}科技有限公司", f"9143010{n}MA0000000", NAMES[30 + n], phone(50 + n))
            for n, w in enumerate("甲乙丙")
        ],
    )
    write_csv(
        dump / "e.csv",
        ("收件人", "收件人电话", "寄件人", "寄件人电话"),
        [(NAMES[n], phone(60 + n), "孙小红", phone(99)) for n in range(4)],
    )
    return scan_dump([dump], dump.parent / "case")


@pytest.fixture(scope="module")
def made(case: Case) -> Count:
    return count(case)


def test_the_ladder_counts_what_the_rows_say(made: Count) -> None:
    tables = made.tables()
    # read; with a finding; without masked and bare ones; the wrong keys; whole rows; keys; persons
    # the one sender of the four parcels is a subject of each row, one key and one person
    assert steps(tables) == [43, 43, 37, 35, 30, 30, 29]
    assert steps(tables, column="subjects") == [None, 47, 41, 39, 34, 30, 29]
    assert steps(tables, column="without_business") == [None, 40, 34, 32, 27, 27, 26]
    assert steps(tables, "1") == [26, 26, 25, 23, 21, 20, 20]
    assert steps(tables, "3") == [5, 5, 0, 0, 0, 0, 0]
    assert reasons(tables) == {
        "BARE_PHONE": 5,
        "MASKED": 1,
        "CHECK_FAIL": 2,
        "DUP_ROW file": 2,
        "DUP_ROW across": 3,
        "DUP_KEY": 4,
        "DUP_PERSON": 1,
    }
    assert_conserved(tables)


#: Lines of a file, the steps of its ladder, and why rows left.
FILES: dict[str, tuple[list[str], list[int], dict[str, int]]] = {
    "a phone in a title is no record": (
        ["客户名单 联系电话13911110000 制表人王强", "姓名,手机号", "李明,13911110001", ",",
         "姓名,手机号", "李强,13911110002", "合计,2 13911110003"],
        [2] * 7, {"HEADER_REPEAT": 1, "EMPTY": 1, "TITLE": 2},
    ),
    "tables side by side have their own rows": (
        ["姓名,手机号,,姓名,手机号", "李明,13911110001,,赵强,13911110002",
         "李强,13911110003,,,"],
        [4, 3, 3, 3, 3, 3, 3], {"NO_FINDING": 1},
    ),
    "nothing is found": (
        ["品名,数量", "杯子,2", "盘子,3"], [2, 0, 0, 0, 0, 0, 0], {"NO_FINDING": 2},
    ),
    "two hundred columns are one record": (
        [",".join([*(f"栏{n}" for n in range(198)), "姓名", "手机号"]),
         *(",".join([*(f"x{k}" for k in range(198)), NAMES[n], phone(n)]) for n in range(5))],
        [5] * 7, {},
    ),
    "an account is a key whatever it looks like": (
        ["微信号,密码", "wxid_a1b2c3d4e5f6,p0Q7w9x", f"{phone(1)},p1Q7w9x",
         "xiaoming_1987,p2Q7w9x", "wxid_a1b2c3d4e5f6,p3Q7w9x"],
        [4, 4, 4, 4, 4, 3, 3], {"DUP_KEY": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "ladder", "left"), FILES.values(), ids=FILES)
def test_the_ladder_of_a_file(
    lines: list[str], ladder: list[int], left: dict[str, int], tmp_path: Path
) -> None:
    made = count_files(tmp_path, {"a.csv": lines, "empty.csv": []}, key_by=["*a.csv=account"])
    assert steps(made.tables()) == ladder
    assert reasons(made.tables()) == left
    assert made.content["asked"]["key_priority"].endswith(
        "*a.csv=account>identity>name_phone>phone>number>vehicle>device>name_address"
    )


@pytest.mark.parametrize("seed", [0, 1, 2, *map(long, range(3, 30))])
def test_the_ladder_conserves_whatever_is_in_the_files(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    files = {f"{n}.{'csv' if n % 3 else 'txt'}": drawn_lines(draw) for n in range(6)}
    count_files(tmp_path, files)  # asserts it


def drawn_lines(draw: random.Random) -> list[str]:
    """Return lines of a table, or tables side by side, with titles, sums, copies and odd rows."""
    people = [f"李{draw.choice('明强亮')}{draw.choice('文华')},1391111{draw.randrange(60):04d}"
              for _ in range(12)]  # fmt: skip
    sides = draw.choice([1, 1, 2])
    header = ",,".join(["姓名,手机号"] * sides)
    lines = [draw.choice(["名单 电话13911110000", "客户资料", ""])] if draw.random() < 0.6 else []
    lines.append(header)
    for _ in range(draw.randrange(30)):
        kind = draw.random()
        row = ",,".join(draw.choice([*people, ","]) for _ in range(sides))
        odd = [header, ",", "合计,13911110001", "无,无", "138****8000,", "张三,"]
        lines.append(draw.choice(odd) if kind < 0.25 else row)
    return lines * draw.choice([1, 1, 2])


def test_the_same_settings_are_the_same_count(case: Case, made: Count) -> None:
    assert count(case) == made
    other = count(case, key_by=["phone"])
    assert (made.number, other.number) == (1, 2)
    again = count(case)
    assert again.number == 3
    for name in ("ladder.json", "candidates.parquet", "persons.parquet", "units.csv"):
        assert (again.path / name).read_bytes() == (made.path / name).read_bytes()


def test_counts_are_logged_and_verified(case: Case, made: Count) -> None:
    logged = [e for e in audit_log.read_events(case.path / "log.jsonl") if e["event"] == "count"]
    assert logged[0]["sha256"] == made.sha256
    assert case.verify() == []
    path = made.path / "ladder.json"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"43", b"44", 1))
    assert [(d.reason, d.name) for d in case.verify()] == [
        ("FILE_CHANGED", "counts-0001/ladder.json")
    ]
    path.write_bytes(whole)
    told = json.loads((made.path / "count.json").read_text("utf-8"))
    (made.path / "count.json").write_text(json.dumps(told | {"number": 9}), "utf-8")
    assert {d.name for d in case.verify()} >= {"counts-0001/count.json"}
    (made.path / "count.json").write_text(
        json.dumps(told, ensure_ascii=True, indent=1, sort_keys=True) + "\n", "utf-8"
    )
    assert case.verify() == []


def test_an_unknown_order_of_keys_is_refused(case: Case) -> None:
    with pytest.raises(CountError, match="no such order of keys"):
        count(case, key_by=["shoe_size"])


def test_a_register_divides_every_table_by_suspect_device_and_item(
    case: Case, tmp_path: Path
) -> None:
    case = Case.open(shutil.copytree(case.path, tmp_path / "case"))  # it keeps the register
    folder = Path(case.manifest.content["sources"][0]["path"]).parent.as_posix()
    register = tmp_path / "register.csv"
    write_csv(
        register,
        ("路径", "检材编号", "嫌疑人", "设备", "角色", "层"),
        [
            [f"{folder}/a.csv", "JC1", "李某甲", "手机1", "获取", ""],
            [f"{folder}/b.csv", "JC2", "王某乙", "手机2", "出售", ""],
            [f"{folder}/c.csv", "JC2", "王某乙", "手机2", "出售", ""],
            [f"{folder}/e.csv", "JC3", "王某乙", "U盘", "持有", "carved"],
        ],
    )
    made = count(case, register=register)
    tables = made.tables()
    assert made.content["asked"]["register"] is not None
    assert steps(tables, "李某甲") == [26, 26, 25, 23, 21, 20, 20]
    assert steps(tables, "王某乙") == steps(tables, "JC2") == [10, 10, 5, 5, 5, 5, 5]
    assert steps(tables, "王某乙", "unconfirmed") == [4, 4, 4, 4, 4, 5, 5]
    # what was carved is outside the headline until a person confirms it
    assert steps(tables) == [39, 39, 33, 31, 26, 25, 24]
    assert steps(tables, column="unconfirmed") == [4, 4, 4, 4, 4, 5, 5]
    shared = {r["scope"]: (r["own"], r["shared"]) for r in tables["shared"]}
    assert (shared["李某甲"], shared["王某乙"]) == ((17, 3), (2, 3))
    assert {r["scope"] for r in only(tables, "tiers", scope_kind="suspect")} == {"李某甲", "王某乙"}
    assert count(case).content["asked"]["register"] == made.content["asked"]["register"]


def test_excluded_records_are_counted_apart_and_come_back(case: Case, tmp_path: Path) -> None:
    folder = Path(case.manifest.content["sources"][0]["path"]).parent.as_posix()
    plain = count(case)
    listed = tmp_path / "exclude.csv"
    write_csv(
        listed,
        EXCLUSIONS,
        [
            ["值", phone(5), "办案人员自己的号码", "赵六"],
            ["路径", "*/b.csv", "报案人提供的原始数据", "赵六"],
            ["栏目", f"{folder}/c.csv#手机号", "单位总机", "赵六"],
            ["路径", "*/没有.csv", "写错了", "赵六"],
        ],
    )
    made = count(case, exclude=listed, key=case.path.parent / "test.key")
    told = {r["line"]: (r["records"], r["idle"]) for r in made.tables()["exclusions"]}
    assert told == {2: (1, False), 3: (5, False), 4: (5, False), 5: (0, True)}
    assert steps(made.tables())[:2] == steps(plain.tables())[:2]
    (fell,) = only(made.tables(), "ladder_reasons", scope_kind="total", reason="EXCLUDED")
    assert (fell["step"], fell["count"]) == ("R2", 11)
    assert steps(made.tables())[2] == 37 - 6  # bare phones never stood there
    assert steps(count(case).tables()) == steps(plain.tables())
    assert phone(5) not in (made.path / "count.json").read_text("utf-8")


def test_values_are_only_excluded_under_the_key_of_the_case(case: Case, tmp_path: Path) -> None:
    listed = tmp_path / "exclude.csv"
    write_csv(listed, EXCLUSIONS, [("值", phone(5), "本人", "赵六")])
    with pytest.raises(CaseError, match="is not there; give the case's key"):
        count(case, exclude=listed, key=tmp_path / "none.key")
    with pytest.raises(CaseError, match="is not the key of this case"):
        count(case, exclude=listed, key=write_key(tmp_path / "other.key", random_secret(1)))


def test_a_broken_exclusion_list_names_its_cells_and_not_what_is_in_them(
    case: Case, tmp_path: Path
) -> None:
    listed = tmp_path / "exclude.csv"
    write_csv(
        listed,
        EXCLUSIONS,
        [["号码", "13800138000", "", "赵六"], ["栏目", "a.csv", "误", ""]],
    )
    with pytest.raises(CaseError) as error:
        count(case, exclude=listed)
    told = str(error.value)
    assert "row 2, 类型: is none of" in told
    assert "row 2, 理由: is empty" in told
    assert "row 3, 内容: names no column" in told
    assert "13800138000" not in told


def test_a_case_added_to_is_counted_whole(tmp_path: Path) -> None:
    dump = tmp_path / "dump"
    write_csv(dump / "a.csv", PERSON, [person(n) for n in range(4)])
    first = count(scan_dump([dump], tmp_path / "case"))
    write_csv(dump / "b.csv", PERSON, [person(n) for n in range(2, 7)])
    case = scan_dump([dump], tmp_path / "case")
    made = count(case)
    assert (first.number, made.number, case.manifest.generation) == (1, 2, 2)
    assert steps(made.tables()) == [9, 9, 9, 9, 7, 7, 7]
    again = count(scan_dump([dump], tmp_path / "other" / "case", key=tmp_path / "test.key"))
    assert again.tables()["ladder"] == made.tables()["ladder"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_case_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    dump = write_lines(tmp_path / "dump", {"a.csv": ["手机号", phone(1)]})
    case = scan_dump([dump], tmp_path / "case")
    folders = [case.path, *(p for p in case.path.rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        with pytest.raises(CaseError):
            count(case)
    finally:
        for folder in folders:
            folder.chmod(0o700)
