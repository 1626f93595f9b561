"""Under fourteen: by identity number, birth column, age column; class lists are candidates."""

from __future__ import annotations

from pathlib import Path

from piiscan import Case, count
from tests.case.count.test_count import NAMES, count_files, phone
from tests.case.dump import scan_dump
from tests.case.leak import identity
from tests.case.literal_rows import only
from tests.sources.drawn import encoded, picture


def test_each_ground_counts_on_the_day_and_has_no_line(tmp_path: Path) -> None:
    births = ["20120102", "20120101", "20111231", "20200229", "19900101"]  # as of 2026-01-01
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
        ("1", "identity"): (2, False),
        ("2", "birth"): (2, False),
        ("3", "age"): (2, False),
        ("4", "class"): (7, True),
    }
    assert {row["as_of"] for row in only(made.tables(), "under_14")} == {"2026-01-01"}
    assert not any("14" in str(row["category"]) for row in only(made.tables(), "tiers"))


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
