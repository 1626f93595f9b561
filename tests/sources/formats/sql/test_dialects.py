"""Five people in a dump of any dialect are five rows; a dump that is cut off is lost."""

from collections.abc import Callable

import pytest

from tests.sources.formats.five import PEOPLE, check_five, found_values
from tests.sources.tables import lost, zipped

U4, U8, OCTAL, HEX = "\\u{:04x}", "\\U{:08X}", "\\{:03o}", "\\x{:02x}"
PLAIN4, CAPITAL4 = "\\{:04x}", "\\{:04X}"
NAMES = ("name", "phone", "email", "addr")
COLUMNS = ", ".join(NAMES)
INTO = f"INSERT INTO users ({COLUMNS}) VALUES "
MSSQL = "INSERT [dbo].[users] ([name], [phone], [email], [addr]) VALUES "


def inserts(value: Callable[[str], str], head: str = INTO, end: str = ";\n") -> str:
    return "".join(f"{head}({', '.join(map(value, person))}){end}" for person in PEOPLE)


def quoted(value: str) -> str:
    return f"'{value}'"


def assigned(person: tuple[str, ...], names: tuple[str, ...] = NAMES, sign: str = ", ") -> str:
    return sign.join(f"`{n}` = '{v}'" for n, v in zip(names, person, strict=True))


def selected(person: tuple[str, ...], prefix: str = "") -> str:
    return ", ".join(f"{prefix}'{value}'" for value in person)


def escaped(value: str, form: str) -> str:
    return "".join(c if c < "\x80" else form.format(ord(c)) for c in value)


def by_bytes(value: str, form: str) -> str:
    return "".join(chr(b) if b < 128 else form.format(b) for b in value.encode())


def copied(options: str, sign: str, quote: str = "") -> str:
    rows = "".join(f"{quote}{sign.join(person)}{quote}\n" for person in PEOPLE)
    return f"COPY users ({COLUMNS}) FROM stdin {options};\n{rows}\\.\n"


MERGE = (
    "MERGE INTO users u USING (SELECT '{}' AS name, '{}' AS phone, '{}' email, '{}' AS addr "
    "FROM dual) s "
    "ON (u.phone = s.phone) WHEN NOT MATCHED THEN INSERT (name) VALUES (s.name);\n"
)
DUMPS = {
    "set": "".join(f"INSERT INTO `users` SET {assigned(p)};\n" for p in PEOPLE),
    "replace set": "".join(f"REPLACE INTO users SET {assigned(p)};\n" for p in PEOPLE),
    "set, no semicolon": "".join(f"INSERT INTO users SET {assigned(p)}\n" for p in PEOPLE),
    "update": "".join(f"UPDATE users SET {assigned(p)} WHERE id = {p[1][-1]};\n" for p in PEOPLE),
    "update where": "".join(
        f"UPDATE `users` SET {assigned(p[:1] + p[2:], ('name', 'email', 'addr'))}"
        f" WHERE `users`.`phone` = '{p[1]}' AND id = 1;\n"
        for p in PEOPLE
    ),
    "replace": inserts(quoted, f"REPLACE INTO users ({COLUMNS}) VALUES "),
    "upsert": inserts(quoted, f"UPSERT INTO users ({COLUMNS}) VALUES "),
    "hint": inserts(quoted, f"INSERT /*+ append */ INTO users ({COLUMNS}) VALUES "),
    "partition": inserts(quoted, f"INSERT INTO TABLE users PARTITION (d='1') ({COLUMNS}) VALUES "),
    "row": INTO + ",".join(f"ROW({selected(p)})" for p in PEOPLE) + ";\n",
    "insert all": "INSERT ALL\n"
    + inserts(quoted, f"  INTO users ({COLUMNS}) VALUES ", "\n")
    + "SELECT 1 FROM dual;\n",
    "insert all in a line": "INSERT ALL "
    + inserts(quoted, f"INTO users ({COLUMNS}) VALUES ", " ")
    + "SELECT 1 FROM dual;\n",
    "select": "".join(
        f"INSERT INTO users ({COLUMNS}) SELECT {selected(p)} FROM dual;\n" for p in PEOPLE
    ),
    "union": f"INSERT INTO users ({COLUMNS})\n"
    + "\nUNION ALL\n".join(f"SELECT {selected(p)}" for p in PEOPLE)
    + ";\n",
    "union in a line": MSSQL.replace("VALUES ", "")
    + " UNION ALL ".join(f"SELECT {selected(p, 'N')}" for p in PEOPLE)
    + "\nGO\n",
    "merge": "".join(MERGE.format(*p) for p in PEOPLE),
    "pg cast": inserts(lambda v: f"'{v}'::character varying(20)"),
    "cast": inserts(lambda v: f"CAST(N'{v}' AS nvarchar(20))", MSSQL),
    "charset": inserts(lambda v: f"_utf8mb4'{v}'"),
    "E, unicode": inserts(lambda v: f"E'{escaped(v, U4)}'"),
    "E, long unicode": inserts(lambda v: f"E'{escaped(v, U8)}'"),
    "E, octal": inserts(lambda v: f"E'{by_bytes(v, OCTAL)}'"),
    "E, hexadecimal": inserts(lambda v: f"E'{by_bytes(v, HEX)}'"),
    "U&": inserts(lambda v: f"U&'{escaped(v, PLAIN4)}'"),
    "unistr": inserts(lambda v: f"UNISTR('{escaped(v, CAPITAL4)}')"),
    "0x": inserts(lambda v: f"0x{v.encode().hex().upper()}"),
    "0x, UTF-16": inserts(lambda v: f"0x{v.encode('utf-16-le').hex()}", MSSQL),
    "X": inserts(lambda v: f"X'{v.encode().hex()}'"),
    "bytea": inserts(lambda v: f"'\\x{v.encode().hex()}'"),
    "bytea cast": inserts(lambda v: f"'\\x{v.encode().hex()}'::bytea"),
    "unhex": inserts(lambda v: f"UNHEX('{v.encode().hex()}')"),
    "hextoraw": inserts(lambda v: f"HEXTORAW('{v.encode().hex()}')"),
    "dollars": inserts(lambda v: f"$${v}$$"),
    "dollars with a tag": inserts(lambda v: f"$a${v}$a$"),
    "q": inserts(lambda v: f"q'[{v}]'"),
    "joined": inserts(lambda v: f"'{v[0]}'||'{v[1:]}'"),
    "joined, long": inserts(lambda v: f"TO_CLOB('{v[0]}') || TO_CLOB('{v[1:]}')"),
    "concat": inserts(lambda v: f"CONCAT('{v[0]}', N'{v[1:]}')"),
    "concat in a cast": inserts(lambda v: f"CAST(CONCAT('{v[0]}','{v[1:]}') AS char(20))"),
    "nchar": inserts(lambda v: "+".join(f"NCHAR({ord(c)})" for c in v), MSSQL),
    "char": inserts(lambda v: f"CHAR({','.join(map(str, v.encode()))} USING utf8mb4)"),
    "utl_raw": inserts(
        lambda v: f"UTL_RAW.CAST_TO_VARCHAR2(HEXTORAW('{v.encode().hex()}'))"
    ),
    "X, GBK": inserts(lambda v: f"X'{v.encode('gbk').hex().upper()}'"),
    "0x, GBK": inserts(lambda v: f"0x{v.encode('gbk').hex()}"),
    "copy, csv": copied("WITH (FORMAT csv)", ","),
    "copy, csv, quoted": copied("WITH (FORMAT csv, DELIMITER '|', NULL '')", '"|"', '"'),
    "copy, old csv": copied("WITH DELIMITER AS ';' CSV", ";"),
    "copy, delimiter": copied("USING DELIMITERS '|'", "|"),
}  # fmt: skip


@pytest.mark.parametrize("name", DUMPS)
def test_five_rows_are_five_rows(name: str) -> None:
    assert lost(check_five(DUMPS[name], "#users", NAMES, name="a.sql")) == []


def test_rows_of_csv_between_copy_and_its_end() -> None:
    head = "COPY t (a, b) FROM stdin WITH (FORMAT csv, HEADER true);\n"
    rows = '名,"备注"\n"一,""二""\n三",\r\n"四"五,六\n\\.\nINSERT INTO t VALUES (\'七\', 1);\n'
    places, troubles = found_values((head + rows).encode())
    assert lost(troubles) == []
    assert {key: place for key, place in places.items() if place[0][0] == "#t"} == {
        '一,"二"\n三': [("#t", 1, "a")],
        '"四"五': [("#t", 2, "a")],
        "六": [("#t", 2, "b")],
        "七": [("#t", 3, "a")],
        "1": [("#t", 3, "b")],
    }
    assert '名,"备注"' in places


def test_values_that_only_look_encoded_stay() -> None:
    values = (r"'\xyz'", "0x1f00", "$1", "'a$$b'", r"E'\xff\u12'", "UNHEX('0g')", "q", r"N'\5f20'")
    places, _ = found_values(f"INSERT INTO t VALUES ({', '.join(values)});\n")
    wanted = {r"\xyz", "0x1f00", "$1", "a$$b", r"\xff\u12", "0g", "q", r"\5f20"}
    assert set(places) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO users (name, phone) VALUES ('张三', '1380",
        "INSERT INTO users (name, phone) VALUES ('张三', '13800138000'),",
        "INSERT INTO users (name, phone) VALUES ('张三', '13800138000'),\n('李",
        "INSERT INTO users (na",
        "UPDATE users SET name = '张",
        "COPY users (name) FROM stdin;\n张三\n",
    ],
)
def test_a_dump_that_is_cut_off_is_lost(text: str) -> None:
    assert "CUT_OFF" in lost(found_values("INSERT INTO t VALUES (1);\n" + text)[1])


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("-- MySQL dump 10.13\n", "-- Dump completed on 2024-01-02\n"),
        ("--\n-- PostgreSQL database dump\n--\n", "-- PostgreSQL database dump complete\n"),
    ],
)
def test_a_dump_without_its_last_line_is_lost(first: str, last: str) -> None:
    assert lost(check_five(first + inserts(quoted) + last, "#users", NAMES)) == []
    assert lost(check_five(first + inserts(quoted), "#users", NAMES)) == ["CUT_OFF"]


def test_columns_that_another_file_of_the_archive_defines() -> None:
    create = "CREATE TABLE `users` (`name` text, `phone` text, `email` text, `addr` text);\n"
    rows = inserts(quoted, "INSERT INTO `users` VALUES ")
    check_five(zipped({"a-schema.sql": create, "a.sql": rows}), "a.sql#users", NAMES)
