"""``piiscan sources`` lists parts, reasons and advice; nothing is written."""

from pathlib import Path
from typing import Any

from tests.sources.formats.pdf.made import document


def test_a_line_for_each_part(tmp_path: Path, call: Any) -> None:
    (tmp_path / "a.csv").write_text("姓名,手机号\n张三,13800138000\n", "utf-8")
    (tmp_path / "p.pdf").write_bytes(document(["q 9 0 0 9 0 0 cm /P Do Q\n"]))
    told = call("sources", str(tmp_path), "--lang", "en")
    assert told.code == 0
    assert told.lacks("text table", "recognised by a scan", "1 can be read, 0 cannot") == []
    assert "13800138000" not in told.out
    assert call("sources", str(tmp_path), "--skip", "pdf").code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "p.pdf"]


def test_bytes_by_what_becomes_of_them(tmp_path: Path, call: Any) -> None:
    (tmp_path / "a.csv").write_text("姓名,手机号\n张三,13800138000\n", "utf-8")
    (tmp_path / "b.mp3").write_bytes(b"ID3" + bytes(range(255, 0, -1)) * 2)
    (tmp_path / "c.bin").write_bytes(bytes((0, 255, 1, 254)) * 1024)
    told = call("sources", str(tmp_path), "--coverage", "--lang", "en")
    assert told.code == 1
    for name, size in (("text", "36"), ("known", "513"), ("unknown", "4,096")):
        (line,) = (line for line in told.out.splitlines() if line.startswith(f" {name}"))
        assert (f" {size} " in line, "█" in line) == (True, True), line
