"""Known answers: what the machine code in use must find and read, checked before each run.

Every example and counterexample of the shipped recognizers is searched in one batch, and three
small texts are read. A wrong answer ends the run: the machine code, the cached tables or a library
is damaged.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from piiscan.cache_files import cache_folder
from piiscan.detect.catalog.catalog import load
from piiscan.detect.self_test import run_self_test
from piiscan.errors import SelfTestError
from piiscan.sources.block import DATA, Block, Table
from piiscan.sources.content import memory_content
from piiscan.sources.read import open_text_tables

#: Texts by file name, each with the cells of its rows.
_TEXTS: Final = {
    "a.csv": (
        "姓名,手机号\n张三,\"1,\"\"2\"\n李四,\n".encode("gb18030"),
        [["张三", '1,"2'], ["李四", ""]],
    ),
    "a.jsonl": (
        b'{"a": "\\u5f20", "b": 1}\n{"a": "x\\n", "b": null}\n',
        [["张", "1"], ["x\n", None]],
    ),
    "a.sql": (
        "INSERT INTO `t` (`a`, `b`) VALUES (1, '张\\'三'), (2, NULL);\n".encode(),
        [["1", "张'三"], ["2", ""]],
    ),
}  # fmt: skip


@cache
def check_known_answers() -> dict[str, Any]:
    """Return the numbers of texts searched and read, all with the right answer, once a process.

    Raise SelfTestError with the number of wrong answers.
    """
    catalog = load(None)
    searched = sum(len(each.examples) + len(each.counterexamples) for each in catalog.recognizers)
    wrong = len(run_self_test(catalog, quick=True))
    wrong += sum(_rows(name, data) != rows for name, (data, rows) in _TEXTS.items())
    if wrong:
        cases, folder = searched + len(_TEXTS), cache_folder()
        if folder is None:
            raise SelfTestError("self_test.compiled", wrong=wrong, cases=cases)
        raise SelfTestError("self_test.cached", wrong=wrong, cases=cases, folder=folder)
    return {"searched": searched, "read": len(_TEXTS), "wrong": 0}


def _rows(name: str, data: bytes) -> list[list[str | None]]:
    """Return the cells of every row of data in the text ``data``, as the readers give them."""
    content = memory_content(data, name, member="")
    rows = []
    for table in open_text_tables(content, count_names=len):
        for block in table.blocks() if isinstance(table, Table) else ():
            if isinstance(block, Block):
                cells = zip(*(column.to_pylist() for column in block.columns), strict=True)
                kinds = [DATA] * len(block.rows) if block.kinds is None else block.kinds.tolist()
                rows += [list(row) for row, kind in zip(cells, kinds, strict=True) if kind == DATA]
    return rows
