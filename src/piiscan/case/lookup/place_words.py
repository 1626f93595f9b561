"""Place of an answer in words: 第 3 页 表格 1 第 2 行; 工作表 名单 单元格 B12."""

from __future__ import annotations

import re
from functools import reduce
from typing import Final

from piiscan.case.report.example_findings import column_letter
from piiscan.sources.rows.transposed import TURNED
from piiscan.wording.words import Words

#: Terms that readers give to the sections of documents, and the keys of their words.
_TERMS: Final = {
    "further tables": "further_tables",
    "OCR barcodes": "barcodes",
    "text boxes": "text_boxes",
    "OCR text": "recognised",
    "earlier version": "earlier",
    "further": "further",
    "properties": "properties",
    "bookmarks": "bookmarks",
    "footnotes": "footnotes",
    "endnotes": "endnotes",
    "comments": "comments",
    "headers": "header",
    "footers": "footer",
    "header": "header",
    "footer": "footer",
    "outline": "outline",
    "master": "master",
    "picture": "image",
    "fields": "fields",
    "frame": "frame",
    "slide": "slide",
    "notes": "notes",
    "table": "table",
    "page": "page",
    "text": "text",
}
_TERM: Final = re.compile(rf"({'|'.join(_TERMS)})(?: ?(\d+))?(?: |$)")
_MESSAGE: Final = re.compile(r"message (\d+)")
_BODY: Final = re.compile(r"body(?:;\d+)?(?:\.(?:html|rtf))?")
#: Kinds of parts -> key of the sentence of a row.
_SENTENCES: Final = {
    "sheet": "cell",
    "database": "record",
    "sql": "record",
    "chat": "message",
    "mail": "mail",
}


def section_words(section: str, words: Words) -> str:
    """Return a document section's name in words: ``page 3 -> 第 3 页``; others unchanged.

    >>> section_words("slide 2 comments", Words("zh")), section_words("客户", Words("zh"))
    ('幻灯片 2 批注', '客户')
    """
    found, end = [], 0
    part = section.rpartition("/")[2]
    for term in _TERM.finditer(part):
        if term.start() == end:
            number = f" {term[2]}" if term[2] else ""
            found.append(words(f"spot.{_TERMS[term[1]]}", number=number))
            end = term.end()
    return " ".join(found) if end == len(part) else section


def place_words(kind: str, member: str, row: int, letter: str, words: Words) -> str:
    """Return the place of a row in words. ``member``: its masked name; ``letter``: column.

    >>> place_words("sheet", "a.zip!b.xlsx#名单", 12, "B", Words("zh"))
    '工作表 名单 单元格 B12'
    >>> place_words("sheet", "b.xlsx#信息#transposed", 2, "E", Words("zh"))
    '工作表 信息 单元格 B5'
    >>> place_words("document", "a.pdf#page 3", 7, "", Words("zh"))
    '第 3 页 第 7 行'
    """
    if member.endswith(TURNED):
        column = reduce(lambda number, char: 26 * number + ord(char) - 64, letter, 0)
        row, letter, member = column, column_letter(row), member.removesuffix(TURNED)
    path, _, part = member.rpartition("#") if "#" in member else (member, "", "")
    sentence = _SENTENCES.get(kind, "row")
    if sentence == "row":
        part = section_words(part, words)
    steps = [_mail_step(step, words) for step in path.split("!")]
    steps.append(words(f"spot.{sentence}", row=row, letter=letter, part=part).strip())
    return " ".join(filter(None, steps))


def _mail_step(step: str, words: Words) -> str:
    """Return a path step in words if it names a message or body of a mail, else unchanged.

    >>> _mail_step("message 3", Words("zh")), _mail_step("a.zip", Words("zh"))
    ('第 3 封邮件', '')
    """
    if found := _MESSAGE.fullmatch(step):
        return words("spot.letter", number=found[1])
    return words("spot.body") if _BODY.fullmatch(step) else ""
