"""A case tells that credentials are there and never what they are, clear values or not."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

PASSWORDS = ["abc12345", "Li198807", "qwe!23456", "woaini520", "123456a"]


def told_by(path: Path) -> str:
    if path.suffix == ".parquet":
        return str(pq.read_table(path).to_pydict())
    return path.read_bytes().decode("utf-8", "replace")


def test_nothing_in_a_case_or_its_report_tells_a_password(call: Any, tmp_path: Path) -> None:
    source, case = tmp_path / "list.txt", tmp_path / "case"
    lines = [f"1990000{number:04}----{word}" for number, word in enumerate(PASSWORDS, 1)]
    source.write_text("\n".join(lines) + "\n", "utf-8")
    scanned = call("scan", source, "--case", case, "--key", tmp_path / "key", "--reveal")
    assert scanned.code == 0
    told = [call("report", case, "--format", form) for form in ("terminal", "json", "html")]
    assert [each.code for each in told] == [0, 0, 0]
    files = [path for path in case.rglob("*") if path.is_file()]
    said = [text for each in (scanned, *told) for text in (each.out, each.err)]
    every = "\n".join([*said, *map(told_by, files)])
    assert "19900000001" in every  # the clear values are there
    assert "CREDENTIAL" in every
    assert [word for word in PASSWORDS if word in every] == []
