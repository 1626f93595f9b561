"""SQL dumps of every dialect come out as tables: each row, name and place right, nothing lost."""

import random
from typing import Any

import pytest

from piiscan.sources.encoding.decoder import PIECE_BYTES
from piiscan.sources.rows.record_blocks import MAX_RECORD_BYTES
from piiscan.sources.rows.tokenizer import QUOTE_LINES
from tests.often import long
from tests.sources.formats.sql.dumps import read_dump
from tests.sources.tables import count_images, reasons, zipped

MYSQL = """\
-- MySQL dump 10.13  Distrib 5.7.29
/*!40101 SET NAMES utf8 */;
/*
INSERT INTO `none` VALUES (1);
*/
CREATE TABLE `users` (
  `id` int(11) NOT NULL AUTO_INCREMENT COMMENT '主键',
  `a1` decimal(10,2) DEFAULT '0.00' COMMENT '手机号',
  `note` varchar(50) DEFAULT 'x,y' COMMENT '备注, it''s',
  PRIMARY KEY (`id`),
  KEY `k` (`a1`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8;
LOCK TABLES `users` WRITE;
INSERT INTO `users` VALUES (1,'13800138000','it\\'s "ok"; (x)\\n'),(2,NULL,''),
 (3, 0xE5BCA0E4B889, _binary 'abc'), /* 13900139000 */ (4,X'E5BCA0','a''b'),(-5,1.5e3,"dq");
INSERT IGNORE INTO `users` (`note`,`id`) VALUES ('only',6);
REPLACE INTO `orders` VALUES ('o1','张三');
insert into `users` values (7,0xFF00,X'zz');
INSERT INTO `orders` VALUES ('o2','李四') ON DUPLICATE KEY UPDATE a=13700137000;
DELIMITER ;;
CREATE PROCEDURE p() BEGIN
INSERT INTO log VALUES (a, b);
END ;;
DELIMITER ;
# 13800138002
UNLOCK TABLES;
-- Dump completed on 2024-01-02
"""

POSTGRES = """\
-- PostgreSQL database dump
CREATE TABLE public.people (
    id integer NOT NULL,
    tel character varying(20),
    "Addr" text
);
COMMENT ON COLUMN public.people.tel IS '手机号';
CREATE FUNCTION f() RETURNS void AS $$
BEGIN
INSERT INTO log VALUES (x);
END;
$$ LANGUAGE plpgsql;
COPY public.people (id, tel, "Addr") FROM stdin;
1\t13800138000\t湖南\\t省\\\\x
2\t\\N\t
3\t13900139000\t\\345\\274\\240\\x41
\\.

INSERT INTO public.people VALUES (4, E'a\\'b', 'C:\\'), (5, '2020'::date, $1);
INSERT INTO "s"."other" ("a b", c) VALUES (DATE '2020-01-01', true);
-- PostgreSQL database dump complete
"""

SERVER = """\
USE [shop]
GO
SET IDENTITY_INSERT [dbo].[Users] ON
GO
CREATE TABLE [dbo].[Users](
\t[Id] [int] IDENTITY(1,1) NOT NULL,
\t[x1] [nvarchar](50) NULL,
\t[at] [datetime2](7) NULL,
 CONSTRAINT [PK] PRIMARY KEY CLUSTERED
(
\t[Id] ASC
))
GO
INSERT [dbo].[Users] ([Id], [x1], [at]) VALUES (1, N'张三', CAST(N'2020-01-02' AS DateTime2))
GO
INSERT [dbo].[Users] ([Id], [x1], [at]) VALUES (2, N'C:\\', NULL)
INSERT [dbo].[Users] ([Id], [x1], [at]) VALUES (3, N'a''b', N'x')
GO
INSERT [dbo].[Users] ([Id], [x1]) VALUES (4, N'z')
EXEC sys.sp_addextendedproperty @name=N'MS_Description', @value=N'手机号' , \
@level0type=N'SCHEMA',@level0name=N'dbo', @level1type=N'TABLE',@level1name=N'Users', \
@level2type=N'COLUMN',@level2name=N'x1'
GO
"""

OTHERS = """\
PRAGMA foreign_keys=OFF;
CREATE TABLE IF NOT EXISTS "t" (id INTEGER PRIMARY KEY, name TEXT, phone TEXT);
INSERT INTO t VALUES(1,'张三','13800138000');
INSERT INTO "t" VALUES(2,replace('a\\nb','\\n',char(10)),X'00ff');
CREATE TRIGGER tr AFTER INSERT ON t BEGIN
  INSERT INTO log VALUES(1,2);
END;
Insert into HR.EMP (ID,NAME,D) values (1,'王五',to_date('2020-01-01','yyyy-mm-dd'));
"""


@pytest.mark.parametrize("name", ["a.sql", "a.txt"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_a_mysql_dump_is_read_table_by_table(name: str, encoding: str) -> None:
    data = MYSQL.encode(encoding)
    dump = read_dump(data, name)
    assert dump.rows("users") == [
        ["1", "13800138000", 'it\'s "ok"; (x)\n'],
        ["2", "", ""],
        ["3", "张三", "abc"],
        ["4", "张", "a'b"],
        ["-5", "1.5e3", "dq"],
        ["6", None, "only"],
        ["7", "0xFF00", "X'zz'"],
    ]
    assert dump.rows("orders") == [["o1", "张三"], ["o2", "李四"]]
    assert dump.troubles == []
    assert dump.tables["users"].headers == ["id", "手机号(a1)", "note"]
    assert (dump.tables["orders"].headers, dump.tables["orders"].kind) == (None, "sql")
    assert count_images(data, encoding, [*dump.blocks["users"], *dump.blocks["orders"]]) == 18
    assert count_images(data, encoding, dump.texts) == len(dump.lines)


def test_what_is_no_row_stays_text_with_its_line() -> None:
    dump = read_dump(MYSQL)
    numbered = [
        (int(row), line)
        for block in dump.texts
        for row, line in zip(block.rows, block.columns[0].to_pylist(), strict=True)
    ]
    lines = MYSQL.split("\n")
    assert all(line in lines[row - 1] for row, line in numbered)
    for each in ("/* 13900139000 */", "# 13800138002", "INSERT INTO `none` VALUES (1);"):
        assert each in dump.lines
    assert "INSERT INTO log VALUES (a, b);" in dump.lines
    assert any("13700137000" in line for line in dump.lines)
    assert not any("13800138000" in line or "张三" in line for line in dump.lines)
    begun = [block.lines.tolist() for block in dump.blocks["users"] if block.lines is not None]
    assert begun == [[14, 14, 15, 15, 15], [16], [18]]


def test_a_postgres_dump_with_copy_and_comments() -> None:
    data = POSTGRES.encode()
    dump = read_dump(data)
    assert dump.rows("people") == [
        ["1", "13800138000", "湖南\t省\\x"],
        ["2", "", ""],
        ["3", "13900139000", "张A"],
        ["4", "a'b", "C:\\"],
        ["5", "2020", "$1"],
    ]
    assert dump.rows("s.other") == [["2020-01-01", "true"]]
    assert dump.tables["people"].headers == ["id", "手机号(tel)", "Addr"]
    assert dump.tables["s.other"].headers == ["a b", "c"]
    assert count_images(data, "utf-8", dump.blocks["people"]) == 10
    assert dump.troubles == []


@pytest.mark.parametrize("encoding", ["utf-16-le", "gb18030"])
def test_a_script_of_sql_server(encoding: str) -> None:
    bom = "\ufeff" if encoding == "utf-16-le" else ""
    data = (bom + SERVER.replace("\n", "\r\n")).encode(encoding)
    dump = read_dump(data)
    assert dump.rows("Users") == [
        ["1", "张三", "2020-01-02"],
        ["2", "C:\\", ""],
        ["3", "a'b", "x"],
        ["4", "z"],
    ]
    assert dump.tables["Users"].headers == ["Id", "手机号(x1)", "at"]
    assert count_images(data, encoding, dump.blocks["Users"]) == 9
    assert dump.troubles == []


def test_sqlite_and_oracle() -> None:
    dump = read_dump(OTHERS, "dump.txt")
    assert dump.rows("t") == [
        ["1", "张三", "13800138000"],
        ["2", "replace('a\\nb','\\n',char(10))", "X'00ff'"],
    ]
    assert dump.rows("HR.EMP") == [["1", "王五", "2020-01-01"]]
    assert dump.tables["t"].headers == ["id", "name", "phone"]
    assert (dump.troubles, len(dump.tables)) == ([], 2)


def test_interleaved_tables_have_their_rows_in_order() -> None:
    names = ["甲", "乙", "丙"]
    rng = random.Random(3)
    expected: dict[str, list[list[str]]] = {name: [] for name in names}
    parts = []
    for number in range(70_000):
        name = rng.choice(names)
        values = [str(number), "x" * rng.randrange(160)]
        if number > 100 and rng.random() < 0.3:
            parts.append(f"INSERT INTO `{name}` (b,a) VALUES ('{values[1]}',{values[0]});\n")
        else:
            parts.append(f"INSERT INTO `{name}` (a,b) VALUES ({values[0]},'{values[1]}');\n")
        expected[name].append(values)
    text = "".join(parts)
    assert len(text) > 2 * PIECE_BYTES
    dump = read_dump(text)
    assert {name: dump.rows(name) for name in names} == expected
    assert (dump.lines, dump.troubles) == ([], [])


def test_many_rows_in_one_statement_are_counted_exactly() -> None:
    rows = [f"({n},'张{n}',NULL,'{'1' * (n % 50)}')" for n in range(60_000)]
    data = f"INSERT INTO `t` VALUES {','.join(rows)};".encode("gb18030")
    dump = read_dump(data)
    assert dump.counts == {"t": 60_000}
    assert dump.rows("t")[-1] == ["59999", "张59999", "", "1" * 49]
    assert count_images(data, "gb18030", dump.blocks["t"][-1:]) > 0
    assert len(dump.tables["t"].sample.rows) == 900
    assert (dump.lines, dump.troubles) == ([], [])


@pytest.mark.parametrize("cut", [3, 17, 30, 41])
def test_a_dump_cut_off_keeps_its_whole_rows(cut: int) -> None:
    text = "INSERT INTO `t` VALUES " + ",\n".join(
        f"({n},'张三','13800138{n:03}')" for n in range(900)
    )
    dump = read_dump(text[:-cut])
    rows = dump.rows("t")
    assert rows == [[str(n), "张三", f"13800138{n:03}"] for n in range(len(rows))]
    assert len(rows) in (898, 899)
    (trouble,) = dump.troubles
    assert (trouble.reason, trouble.lost) == ("CUT_OFF", True)
    assert "".join(dump.lines) in text


T = "INSERT INTO `t` "
WHERE = "(phone int COMMENT '手机号', b int COMMENT '身份证号，必填',\nc int COMMENT 'z')"
#: Text, headers of the table t, rows of each table, lines, troubles.
SMALL: dict[str, tuple[str | bytes, Any, dict[str, list[list[str]]], list[str], list[Any]]] = {
    "a name that is known is not said again": (
        f"CREATE TABLE t {WHERE};\n{T} VALUES (1,2,3);\n",
        ["phone", "身份证号(b)", "c"],
        {"t": [["1", "2", "3"]]},
        WHERE.split("\n"),
        [],
    ),
    "a copy block without its end is cut off": (
        "COPY t (a, b) FROM stdin;\n1\t张三\n2\t李",
        ["a", "b"],
        {"t": [["1", "张三"], ["2", "李"]]},
        [],
        [("CUT_OFF", 3, True)],
    ),
    "a broken row is a text, the next ones are rows": (
        f"{T} VALUES (1,'a'),(2,'13800138000';),(3,'c');\n{T} VALUES (4,'d');\n",
        None,
        {"t": [["1", "a"], ["3", "c"], ["4", "d"]]},
        ["(2,'13800138000';)"],
        [("BROKEN_STATEMENT", 1, False)],
    ),
    "rows of another width are kept": (
        f"{T} (a,b) VALUES (1,2),(3),(4,5,'13800138000');\n",
        ["a", "b", None],
        {"t": [["1", "2"], ["3"], ["4", "5", "13800138000"]]},
        [],
        [("UNEVEN_ROWS", 2, False)],
    ),
    "lines of several encodings": (
        f"{T} VALUES ('张三丰住在湖南省');\n".encode("gbk") * 9
        + f"{T} VALUES ('王芳住在长沙市');\n".encode(),
        None,
        {"t": [["张三丰住在湖南省"]] * 9 + [["王芳住在长沙市"]]},
        [],
        [("MIXED_ENCODING", 10, False)],
    ),
    "same names in two databases are two tables": (
        "".join(f"USE `{name}`;\n{T} VALUES ('{name}');\n" for name in ("a", "b")),
        None,
        {"t": [["a"]], "b.t": [["b"]]},
        ["USE `a`;", "USE `b`;"],
        [],
    ),
}


@pytest.mark.parametrize("claim", SMALL)
def test_a_small_dump(claim: str) -> None:
    text, headers, rows, lines, troubles = SMALL[claim]
    dump = read_dump(text)
    assert dump.tables["t"].headers == headers
    assert {name: dump.rows(name) for name in dump.tables} == rows
    assert [line for line in lines if not any(line in each for each in dump.lines)] == []
    assert [(t.reason, t.row, t.lost) for t in dump.troubles] == troubles


def test_an_unclosed_quote_is_given_up_and_later_statements_are_read() -> None:
    lines = "".join(f"13800138{n % 1000:03} line {n}\n" for n in range(QUOTE_LINES + 50))
    text = f"INSERT INTO t VALUES (1,'open\n{lines}INSERT INTO t VALUES (2,3);\n"
    dump = read_dump(text)
    assert dump.rows("t") == [["2", "3"]]
    assert sum("13800138" in line for line in dump.lines) == QUOTE_LINES + 50
    assert [(t.reason, t.row) for t in dump.troubles] == [("BROKEN_STATEMENT", 1)]


def test_a_dump_in_an_archive() -> None:
    dump = read_dump(zipped({"db/dump.sql": MYSQL}))
    members = [table.member for table in dump.tables.values()]
    assert members == ["db/dump.sql#users", "db/dump.sql#orders"]
    assert dump.counts == {"users": 7, "orders": 2}


def test_a_row_longer_than_memory_is_text_in_pieces() -> None:
    text = "INSERT INTO t VALUES (1);\n"
    text += f"INSERT INTO t VALUES (0x{'00' * MAX_RECORD_BYTES}13800138000);\n"
    dump = read_dump(text + "INSERT INTO t VALUES (2);\n")
    assert dump.rows("t") == [["1"], ["2"]]
    assert dump.lines[-1].endswith("13800138000);")
    assert max(len(line) for line in dump.lines) <= MAX_RECORD_BYTES + PIECE_BYTES
    assert reasons(dump.troubles) == ["BROKEN_STATEMENT"]


@pytest.mark.parametrize("seed", range(40))
def test_damaged_dumps_raise_nothing_and_lose_nothing(seed: int) -> None:
    rng = random.Random(seed)
    text = list(rng.choice([MYSQL, POSTGRES, SERVER, OTHERS]) * 3)
    for _ in range(rng.randrange(1, 30)):
        text[rng.randrange(len(text))] = rng.choice("'\"`()[],;\\\n/*-xN")
    whole = "".join(text) + "\nINSERT INTO t VALUES (1);\n"
    dump = read_dump(whole)
    seen = "".join(dump.lines) + "".join(
        cell or "" for name in dump.tables for row in dump.rows(name) for cell in row
    )
    for number in ("13900139000", "13800138002", "13700137000", "13800138000"):
        assert seen.count(number) >= whole.count(number)


@pytest.mark.parametrize(
    "line",
    [
        *(
            "INSERT INTO t VALUES (/*\n",
            "INSERT INTO t VALUES ('\n",
            "DELIMITER $$\n",
            "(((((((",
            "),(x;",
        ),
        *map(long, ("/*\n", "CREATE TABLE x (\n", "CREATE FUNCTION f\n", "INSERT INTO t (a,\n")),
        *map(long, ("COPY t FROM stdin;\n", "INSERT INTO t VALUES ('a''),(")),
        long('INSERT INTO t VALUES ("\n'),
    ],
)
@pytest.mark.parametrize("reads", [1.25, long(3)])
def test_hostile_dumps_cost_their_length(line: str, reads: float) -> None:
    text = "INSERT INTO t VALUES (1);\n" + line * int(reads * PIECE_BYTES // len(line))
    dump = read_dump(text)
    assert dump.rows("t")[0] == ["1"]
