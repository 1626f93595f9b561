"""Under fourteen: by identity number, birth column, age column; class lists are candidates."""

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from piiscan import Case, count
from piiscan.case.store.count_store import Count
from tests.case.count.test_count import NAMES, count_files, phone, write_lines
from tests.case.dump import scan_dump, write_register
from tests.case.leak import identity
from tests.case.literal_rows import only
from tests.sources.drawn import encoded, picture


def test_each_ground_counts_on_the_day_and_has_no_line(tmp_path: Path) -> None:
    births = ["20120102", "20120101", "20111231", "20200229", "19900101"]  # day: 2026-01-01
    days = [f"{b[:4]}-{b[4:6]}-{b[6:]}" for b in (*births, "20260102")]
    ages = ["13", "9岁", "14", "0", "35"]
    files = {
        "a.csv": ("姓名,身份证号", [identity(1, birth=birth) for birth in births]),
        "b.csv": ("学员,出生日期,家长电话", [f"{day},{phone(n)}" for n, day in enumerate(days)]),
        "c.csv": ("姓名,年龄,手机号", [f"{age},{phone(n)}" for n, age in enumerate(ages)]),
        "d.csv": ("姓名,班级,家长电话", [f"三(2)班,{phone(n)}" for n in range(7)]),
    }
    lines = {
        name: [header, *map("{},{}".format, NAMES, cells)]
        for name, (header, cells) in files.items()
    }
    made = count_files(tmp_path, lines)
    told = {
        (row["scope"], row["ground"]): (row["records"], row["candidate"])
        for row in only(made.tables(), "under_14", scope_kind="source")
    }
    assert told == {
        ("1", "identity"): (3, False),
        ("2", "birth"): (3, False),
        ("3", "age"): (2, False),
        ("4", "class"): (7, True),
    }
    days = {
        (row["ground"], row["age_day"], row["first_day"], row["last_day"])
        for row in only(made.tables(), "under_14", scope_kind="source")
    }
    scanned = ("SCAN", "2026-01-01", "2026-01-01")
    assert days == {
        ("identity", *scanned), ("birth", *scanned), ("age", "LIST", None, None),
        ("class", "LIST", None, None),
    }  # fmt: skip
    assert not any("14" in str(row["category"]) for row in only(made.tables(), "tiers"))


def test_the_day_is_that_of_the_transfer_and_needs_the_key(tmp_path: Path) -> None:
    """Four children, one under fourteen on the day of the scan, more on that of a transfer."""
    born = ("20080229", "20100301", "20110630", "20120101")
    rows = [f"{NAMES[n]},{identity(n, birth=birth)}" for n, birth in enumerate(born)]
    sheet = ["姓名,身份证号", *rows]
    sold = [f"{row},已售,2024-03-01 10:00" for row in rows]
    stock = ["姓名,身份证号,状态,出售时间", *sold]
    chat = "消息对象:老王(10001)\n\n2022-02-28 10:00:00 我\n[文件] 发出.csv\n"
    dump = tmp_path / "dump"
    write_register(
        tmp_path / "r.xlsx",
        [
            {"路径": str(dump / "移转.csv"), "嫌疑人": "甲", "角色": "出售", "时间": "2022-02-28"},
            {"路径": str(dump / "台账.csv"), "嫌疑人": "乙", "扣押日期": "2026-01-01"},
            {"路径": str(dump / "扣押.csv"), "嫌疑人": "丙", "扣押日期": "2025-06-30"},
        ],
        [],
    )  # fmt: skip
    files = {"移转.csv": sheet, "台账.csv": stock, "扣押.csv": [*sheet, "甲,1"]}
    write_lines(dump, {**files, "发出.csv": [*sheet, "乙,2"], "c.txt": [chat]})
    case = scan_dump([dump], tmp_path / "case")
    names = {row["source"]: Path(row["path"]).stem for row in case.manifest.content["sources"]}

    def told(made: Count) -> dict[str, tuple[str, int, str, str]]:
        return {
            names[int(row["scope"])]: (row["age_day"], row["records"], row["first_day"])
            for row in only(made.tables(), "under_14", scope_kind="source")
        }

    made = count(case, register=tmp_path / "r.xlsx")
    assert told(made) == {
        "移转": ("REGISTER", 4, "2022-02-28"),  # born on 29 February: fourteen on the 28th
        "台账": ("LEDGER", 3, "2024-03-01"),
        "扣押": ("SEIZURE", 2, "2025-06-30"),
        "发出": ("MESSAGE", 4, "2022-02-28"),
    }
    (tmp_path / "test.key").rename(tmp_path / "gone.key")
    blind = told(count(tmp_path / "case"))
    assert set(blind.values()) == {("NO_KEY", 1, "2026-01-01")}
    covered = pq.read_table(case.shards("records"))["birthdays"].to_pylist()
    days = {(date(int(b[:4]) + 14, 2, 28) - date(1970, 1, 1)).days for b in born}
    assert not days & {number & 0xFFFFFFFF for number in covered if number}


def test_confirmed_categories_are_sensitive_or_not_by_every_profile(tmp_path: Path) -> None:
    lines = [f"{NAMES[n]},{n:064x}" for n in range(6)]
    count_files(tmp_path, {"a.csv": ["姓名,人脸特征值", *lines]})
    (source,) = Case.open(tmp_path / "case").manifest.content["sources"]
    (tmp_path / "类别确认表.csv").write_text(
        f"路径,类别,确认\n{source['path']},人脸识别信息（特征值、模板）,是\n", "utf-8"
    )
    made = count(tmp_path / "case", profile=tmp_path / "类别确认表.csv")
    told = {
        (row["policy"], row["sensitive_class"], row["count"])
        for row in only(made.tables(), "sensitivity", information="biometric_face")
    }
    assert told == {(n, "biometric", 6) for n in ("pipl", "gbt35273-2020", "gbt45574-2025")}
    (line,) = only(
        made.tables(), "tiers", scope_kind="total", unit="U1", insider=False, row_tier="highest",
        category="biometric_face",
    )  # fmt: skip
    assert (line["count"], line["threshold"], line["ratio"]) == (6, 500, "0.01")


def test_photos_of_faces_are_counted_by_folder_and_in_no_figure(tmp_path: Path) -> None:
    for folder, number in (("人脸采集", 5), ("截图", 3)):
        (tmp_path / "dump" / folder).mkdir(parents=True)
        for n in range(number):
            content = b"\xff\xd8\xff\xe0" + bytes([n]) * 40
            (tmp_path / "dump" / folder / f"{n}.jpg").write_bytes(content)
    (tmp_path / "dump" / "截图" / "read.png").write_bytes(encoded(picture(["Tel 13900000008"])))
    made = count(scan_dump([tmp_path / "dump"], tmp_path / "case"))
    told = [
        (Path(row["folder"]).name, row["pictures"], row["faces"])
        for row in only(made.tables(), "photos")
    ]
    assert told == [("人脸采集", 5, True), ("截图", 4, False)]
    assert only(made.tables(), "tiers") == []
