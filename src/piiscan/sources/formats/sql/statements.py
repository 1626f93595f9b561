"""SQL statements: patterns and parsers for INSERT, COPY, CREATE TABLE, COMMENT and USE.

CREATE TABLE `users` (`name` varchar(20) COMMENT '姓名') -> table users, column name, comment 姓名
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_PART: Final = (
    rb'(?:`(?:[^`]|``){1,200}`|"(?:[^"]|""){1,200}"|\[[^\]\n]{1,200}\]|[\w$#@\x80-\xff]+)'
)
_NAME: Final = _PART + rb"(?:\s*\.{1,2}\s*" + _PART + rb"){0,3}"
_LIST: Final = rb"\((\s*" + _PART + rb"(?:\s*,\s*" + _PART + rb")*\s*)\)"
#: INSERT in all its forms, up to the bracket of the first row.
_INTO: Final = (
    rb"(?i)(?:(?:INSERT|REPLACE|UPSERT)\b(?:\s*/\*[^*]{0,200}\*/)?(?:\s+(?:LOW_PRIORITY|DELAYED|"
    rb"HIGH_PRIORITY|IGNORE|OVERWRITE|ALL|FIRST|OR\s+\w+))*(?:\s+INTO\b)?|INTO\b)(?:\s+TABLE\b)?\s*("
    + _NAME
    + rb")\s*(?:PARTITION\s*\([^)]{1,400}\)\s*)?(?:"
    + _LIST
    + rb")?\s*"
)
INSERT: Final = re.compile(_INTO + rb"(?:OVERRIDING\s+\w+\s+VALUE\s*)?\bVALUES?\s*(?=(?:ROW)?\()")
#: Statements with a list of assignments, or with a SELECT of values: up to the first of them.
ASSIGNMENTS: Final = re.compile(_INTO + rb"\bSET\s+|(?i:UPDATE)\s+(" + _NAME + rb")\s+SET\s+")
SELECTION: Final = re.compile(
    _INTO
    + rb"\bSELECT\s+(?=N?'|NULL\b|[0-9])|MERGE\s+INTO\s+("
    + _NAME
    + rb")(?:\s+(?:AS\s+)?\w+)?\s+USING\s*\(\s*SELECT\s+"
)
#: What joins the rows of a SELECTION, and what ends them.
UNION: Final = re.compile(rb"(?i)\s*UNION\s+(?:ALL\s+)?SELECT\s+")
FROM_DUAL: Final = re.compile(rb"(?i)\s*(?:FROM\s+dual\b)?")
COPY: Final = re.compile(
    rb"(?i)COPY\s+(" + _NAME + rb")\s*(?:" + _LIST + rb")?\s+FROM\s+stdin\b"
    rb"((?:'[^'\n]{0,20}'|[^;'\n])*);[ \t]*\r?\n"
)
_COPY_DELIMITER: Final = re.compile(rb"(?i)\bDELIMITERS?\s+(?:AS\s+)?E?'(\\?.)'")
#: Openings of the statements that are read: those with rows, those that define tables, and those
#: that may enclose an INSERT without rows (comments, routines).
OPENERS: Final = re.compile(
    rb"(?im)^[ \t]*(?:(?P<rows>(?:INSERT|REPLACE|COPY|UPSERT|INTO|UPDATE|MERGE)\b)"
    rb"|(?P<create>CREATE\s+(?:\w+\s+){0,3}TABLE\b)"
    rb"|(?P<use>USE\b)|(?P<comment>COMMENT\s+ON\s+COLUMN\b)|(?P<property>EXEC\b.*addextended)"
    rb"|(?P<delimiter>DELIMITER\b[ \t]+(?!;[ \t]*\r?$))|(?P<remark>/\*)"
    rb"|(?P<routine>CREATE\s+(?:[\w=`@%]+\s+){0,6}(?:PROCEDURE|FUNCTION|TRIGGER|PACKAGE|EVENT)\b))"
)
#: Ends of the last three of OPENERS: comments, routines, and DELIMITER sections.
CLOSERS: Final = {
    "delimiter": re.compile(rb"(?im)^[ \t]*DELIMITER[ \t]+;[ \t]*\r?$"),
    "remark": re.compile(rb"\*/"),
    "routine": re.compile(
        rb"(?im)^(?:GO|/)[ \t]*\r?$|^[ \t]*END\b[^\n]*;|\$\w*\$[^;\n]*;[ \t]*\r?$"
    ),
}
_CREATE: Final = re.compile(
    rb"(?is)CREATE\s+(?:\w+\s+){0,3}?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(" + _NAME + rb")\s*\("
)
_USE: Final = re.compile(rb"(?i)\s*USE\s+(" + _PART + rb")")
_COMMENT: Final = re.compile(
    rb"(?is)\s*COMMENT\s+ON\s+COLUMN\s+(" + _NAME + rb")\s+IS\s+E?'((?:[^']|''){1,400})'"
)
_VALUE: Final = rb"\s*=\s*N?'((?:[^']|''){1,400})'"
_PROPERTY: Final = {
    name: re.compile(rb"(?i)@" + name.encode() + _VALUE)
    for name in ("value", "level1name", "level2name")
}
_ITEM: Final = re.compile(
    rb"'(?:[^'\\]|''|\\.)*'|\"[^\"]*\"|`[^`]*`|\[[^\]\n]*\]|[(),]|--[^\n]*", re.DOTALL
)
_COLUMN_COMMENT: Final = re.compile(rb"(?is)\bCOMMENT\s*=?\s*'((?:[^'\\]|''|\\.){1,400})'")
_COLUMN: Final = re.compile(rb"(?:\s|--[^\n]*\n)*(" + _PART + rb")(?=\s|$)")
_KEY_WORDS: Final = frozenset(
    [
        *("primary", "key", "unique", "constraint", "index", "fulltext", "foreign", "check"),
        *("spatial", "exclude", "like", "period"),
    ]
)
#: Default schemas, which are left out of table names.
_DEFAULT_SCHEMAS: Final = frozenset(["public", "dbo", "main"])

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CopyForm:
    """Form of the lines of a COPY block: delimiter byte, CSV, and whether the first is a header."""

    delimiter: int = 9
    csv: bool = False
    header: bool = False


def read_copy_form(options: bytes) -> CopyForm:
    """Parse the options of an SQL COPY statement to delimiter byte, CSV flag and header flag.

    >>> read_copy_form(b" WITH (FORMAT csv, HEADER, DELIMITER '|')")
    CopyForm(delimiter=124, csv=True, header=True)
    """
    csv = re.search(rb"(?i)\bCSV\b", options) is not None
    header = re.search(rb"(?i)\bHEADER\b(?!\s+(?:false|off|0))", options) is not None
    found = _COPY_DELIMITER.search(options)
    if found is None:
        return CopyForm(44 if csv else 9, csv, header)
    return CopyForm(9 if found[1] == b"\\t" else found[1][-1], csv, header)


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """Table definition of a CREATE statement: name, columns, column comments, and end offset."""

    name: Parts
    columns: tuple[str, ...]
    comments: tuple[str, ...]
    end: int


def split_name(raw: bytes) -> Parts:
    """Split a table name at its dots: parts without quotes and default schemas.

    >>> split_name(b"`db`.`t_order`"), split_name(b"[dbo].[Users]")
    (('db', 't_order'), ('Users',))
    """
    parts = [unquote_name(part) for part in re.findall(_PART, raw)]
    return tuple(part for part in parts[:-1] if part.lower() not in _DEFAULT_SCHEMAS) + tuple(
        parts[-1:]
    )


def unquote_name(raw: bytes) -> str:
    """Return an SQL name (table, column) without its quotes."""
    quote = raw[:1]
    text = raw.decode("utf-8", "replace")
    if quote in (b"`", b'"'):
        return text[1:-1].replace(text[0] * 2, text[0])
    return text[1:-1] if quote == b"[" else text


def split_columns(raw: bytes | None) -> tuple[str, ...] | None:
    """Split an INSERT's column list into names; return None if there is no list."""
    return None if raw is None else tuple(unquote_name(part) for part in re.findall(_PART, raw))


def read_create(data: bytes) -> TableDefinition | None:
    """Parse the CREATE TABLE statement ``data``; None if it is incomplete or another kind."""
    head = _CREATE.match(data)
    if head is None:
        return None
    depth, begin = 0, head.end()
    columns, comments = [], []
    for item in _ITEM.finditer(data, begin):
        token = item.group()
        if token == b"(":
            depth += 1
        elif depth == 0 and token in (b",", b")"):
            if (column := _column(data[begin : item.start()])) is not None:
                columns.append(column[0])
                comments.append(column[1])
            begin = item.end()
            if token == b")":
                return TableDefinition(
                    split_name(head[1]), tuple(columns), tuple(comments), item.end()
                )
        elif token == b")":
            depth -= 1
    return None


def _column(raw: bytes) -> tuple[str, str] | None:
    """Parse one column definition to (name, comment); return None for a key or constraint."""
    found = _COLUMN.match(raw)
    if found is None:
        return None
    name = unquote_name(found[1])
    if found[1][:1] not in b'`"[' and name.lower() in _KEY_WORDS:
        return None
    comment = _COLUMN_COMMENT.search(raw)
    return name, "" if comment is None else unescape_text(comment[1])


def unescape_text(raw: bytes) -> str:
    """Return an SQL comment text without escapes: ``it''s -> it's``."""
    text = raw.decode("utf-8", "replace").replace("''", "'")
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL).strip()


def read_use(data: bytes, at: int) -> str | None:
    """Return the database name of a USE statement, None if it is another statement."""
    found = _USE.match(data, at)
    return None if found is None else unquote_name(found[1])


def read_comment(data: bytes, at: int) -> tuple[Parts, str, str] | None:
    """Return (table, column, comment) of COMMENT ON COLUMN or SQL Server's MS_Description.

    Return None for other statements.
    """
    found = _COMMENT.match(data, at)
    if found is not None:
        parts = split_name(found[1])
        return (parts[:-1], parts[-1], unescape_text(found[2])) if len(parts) > 1 else None
    end = data.find(b"\n", at)
    line = data[at : end if end >= 0 else len(data)]
    found_properties = [pattern.search(line) for pattern in _PROPERTY.values()]
    if b"MS_Description" not in line or any(each is None for each in found_properties):
        return None
    value, table, column = (unescape_text(each[1]) for each in found_properties if each is not None)
    return (table,), column, value


_MYSQL_MARKS: Final = re.compile(
    rb"(?im)^(?:-- MySQL dump|-- MariaDB dump|-- phpMyAdmin|\s*Navicat MySQL"
    rb"|\s*Source Server Type\s*:\s*M(?:ySQL|ariaDB)|/\*!\d)|\bENGINE\s*=|AUTO_INCREMENT"
    rb"|^[ \t]*(?:INSERT|REPLACE)[^\n(]*`"
)
_STANDARD_QUOTES: Final = re.compile(
    rb"(?im)PostgreSQL|standard_conforming_strings|\bPRAGMA\b|^GO\r?$|\[dbo\]|SET IDENTITY_INSERT"
    rb"|\bTO_DATE\(|\bVARCHAR2\b|^[ \t]*(?:INSERT|REPLACE)[^\n(]*[\"\[]"
)
_ESCAPED_QUOTE: Final = re.compile(rb"\\'(?!\s*[,);])|\\[\"\\nrt0]")


def escapes_with_slashes(sample: bytes) -> bool:
    r"""Return True if a backslash escapes a quote in this dump, as in MySQL only.

    >>> escapes_with_slashes(b"INSERT INTO `t` VALUES (1)")
    True
    >>> escapes_with_slashes(b"INSERT INTO [t] VALUES (N'C:\\')")
    False
    """
    if _MYSQL_MARKS.search(sample):
        return True
    return not _STANDARD_QUOTES.search(sample) and _ESCAPED_QUOTE.search(sample) is not None
