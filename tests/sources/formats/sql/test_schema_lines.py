"""Schema lines of a dump: definitions, comments and settings are no data; what follows is."""

import pyarrow as pa
import pytest

from piiscan.sources.block import DATA, SCHEMA
from piiscan.sources.formats.sql.schema_lines import SchemaLines

DUMP = """-- MySQL dump 10.13
/*!40101 SET NAMES utf8 */;
SET FOREIGN_KEY_CHECKS=0;
DROP TABLE IF EXISTS `customer`;
CREATE TABLE `customer` (
  `姓名` varchar(20) COMMENT '客户姓名',
  `手机号` varchar(20) DEFAULT '13800138000' COMMENT '联系电话',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB COMMENT='客户表';
INSERT INTO `customer` (`姓名`,`手机号`) VALUES
LOCK TABLES `customer` WRITE;
create or replace view v as
select * from customer
;
COMMENT ON COLUMN t.phone IS '手机';""".splitlines()
TEXT = ["张三 13800138000", "Create your account: abc", "set, 13900139000", "备注：表已更新"]


def kinds(reader: SchemaLines, lines: list[str]) -> list[int]:
    return reader.kinds(pa.array(lines, pa.string())).tolist()


def test_definitions_comments_and_settings_are_schema() -> None:
    assert kinds(SchemaLines(), DUMP) == [SCHEMA] * len(DUMP)
    assert kinds(SchemaLines(), TEXT) == [DATA] * len(TEXT)
    assert kinds(SchemaLines(), []) == []


@pytest.mark.parametrize("cut", range(len(DUMP) + 1))
def test_a_definition_goes_on_in_the_next_part(cut: int) -> None:
    reader = SchemaLines()
    assert kinds(reader, DUMP[:cut]) + kinds(reader, DUMP[cut:] + TEXT) == [
        *[SCHEMA] * len(DUMP), *[DATA] * len(TEXT),
    ]  # fmt: skip


def test_a_definition_without_an_end_hides_no_data() -> None:
    lines = ["CREATE TABLE t (", *["张三 13800138000"] * 2000]
    told = kinds(SchemaLines(), lines)
    assert told[0] == SCHEMA
    assert told.count(DATA) == 1501
    reader = SchemaLines()
    parts = [
        kind for at in range(0, len(lines), 300) for kind in kinds(reader, lines[at : at + 300])
    ]
    assert parts == told
