"""A stand-in that its neighbours would make into something else gives way to another one."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from piiscan.case.scan.scan import scan
from piiscan.copies.redact_folder import REPORT, Redaction, redact
from piiscan.masking import pseudonym
from piiscan.masking.pseudonym import Item
from tests.copies.outside import differences, found
from tests.keys import random_secret, write_key
from tests.often import often

#: Sentences in which what stands beside a name could belong to it, or the name to that.
SENTENCES = (
    "号主张洁慧 13800138000",
    "原张洁慧主持的汇报",
    "由李志强出版，",
    "任张洁慧财务总监。",
    "任天元集团国际贸易部经理；",
)
NAME = "张洁慧"
#: A line in which a stand-in of letters is misread, whatever the tagger thinks of it.
MAIL = "请找张洁慧@qq.com联系"


@pytest.fixture
def misread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first stand-in of NAME is one that ``@qq.com`` behind it makes an address of mail."""
    made = pseudonym._pseudonym
    first: list[bytes] = []

    def stand_in(item: Item, digest: bytes) -> str:
        if item.value != NAME:
            return made(item, digest)
        first.append(digest)
        return "abc" if digest == first[0] else made(item, digest)

    monkeypatch.setattr(pseudonym, "_pseudonym", stand_in)


def folder(place: Path, *more: str) -> Path:
    """The sentences as a text, a table, a workbook."""
    place.mkdir()
    lines = *SENTENCES, *more
    (place / "a.txt").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    rows = [["编号", "备注"], *([f"A{n}", line] for n, line in enumerate(lines, 1))]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    (place / "b.csv").write_bytes(out.getvalue().encode("gb18030"))
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(place / "c.xlsx")
    return place


def key(place: Path, number: int) -> Path:
    """A key file."""
    return write_key(place / f"key-{number}", random_secret(number))


def faults(made: Path, done: Redaction, place: Path) -> list[tuple[str, str]]:
    """What of the copies differs outside of what a scan finds in their sources."""
    case = scan(made, case=place / "case", key=key(place, 0), reveal=True)
    spans = found(case)
    parts = case.sql("select distinct p.kind, s.path, p.source from parts p join sources s"
                     " using (source)").to_pylist()  # fmt: skip
    told = []
    for each in parts:
        name = Path(each["path"]).name
        copy = (done.out / made.name / name).read_bytes()
        where = [s for (source, _), listed in spans.items() if source == each["source"]
                 for s in listed]  # fmt: skip
        source = (made / name).read_bytes()
        told += [(name, d) for d in differences(source, copy, where, kind=each["kind"])]
    return told


@pytest.mark.parametrize("number", often([1, 2, 3, 4, 6, 11, 17, 21, 24], [1, 11]))
def test_nothing_beside_a_name_is_replaced(tmp_path: Path, number: int) -> None:
    made = folder(tmp_path / "in")
    done = redact(made, out=tmp_path / "out", operator="pseudonym", key=key(tmp_path, number))
    assert faults(made, done, tmp_path) == []
    assert (done.remaining, [copy.second_pass_count for copy in done.copies]) == (0, [0, 0, 0])


@pytest.mark.usefixtures("misread")
def test_a_value_has_the_stand_in_drawn_anew_in_all_copies(tmp_path: Path) -> None:
    made = folder(tmp_path / "in", MAIL)
    (made / "0.txt").write_text("张洁慧 李志强 天元集团有限公司\n", "utf-8")  # copied before
    (made / "张洁慧").mkdir()
    with zipfile.ZipFile(made / "z.zip", "w") as archive:
        archive.writestr("张洁慧.txt", "张洁慧\n")
    (made / "张洁慧" / "z.txt").write_text("联系人：张洁慧\n", "utf-8")
    given = key(tmp_path, 17)
    done = redact(made, out=tmp_path / "out", operator="pseudonym", key=given)
    assert (done.redrawn, done.remaining) == (1, 0)
    (folder_name,) = (p.name for p in (tmp_path / "out" / "in").iterdir() if p.is_dir())
    assert re.fullmatch("【某.{4}】", folder_name)
    names = {p.name: p for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert names["0.txt"].read_text("utf-8").startswith(f"{folder_name} ")
    assert names["z.txt"].read_text("utf-8") == f"联系人：{folder_name}\n"
    assert names["a.txt"].read_text("utf-8").startswith(f"号主{folder_name} ")
    assert f"请找{folder_name}@qq.com联系\r\n".encode("gb18030") in names["b.csv"].read_bytes()
    assert f"请找{folder_name}@qq.com联系\n" in names["a.txt"].read_text("utf-8")
    with zipfile.ZipFile(names["z.zip"]) as archive:
        assert archive.read(f"{folder_name}.txt").decode() == f"{folder_name}\n"
    again = redact(made, out=tmp_path / "again", operator="pseudonym", key=given)
    assert again.copies == done.copies


@pytest.mark.usefixtures("misread")
def test_where_no_other_helps_the_place_is_widened_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("piiscan.copies.redact_file._MAX_REDRAWS", 0)
    made = folder(tmp_path / "in", MAIL)
    done = redact(made, out=tmp_path / "out", operator="pseudonym", key=key(tmp_path, 17))
    assert (done.remaining, done.redrawn) == (0, 0)
    assert [copy.second_pass_count for copy in done.copies] == [1, 1, 1]
    told = json.loads((tmp_path / "out" / REPORT).read_text("utf-8"))
    assert [file["found_in_copy"] for file in told["files"]] == [1, 1, 1]
    assert told["redrawn"] == 0


@pytest.mark.parametrize("operator", ["replace", "hash"])
def test_kinds_and_digests_stay_as_they_are(tmp_path: Path, operator: str) -> None:
    made = folder(tmp_path / "in")
    done = redact(made, out=tmp_path / "out", operator=operator, key=key(tmp_path, 1))
    assert (done.remaining, done.redrawn, faults(made, done, tmp_path)) == (0, 0, [])
    assert [path.name for path in (tmp_path / "out").glob(".*")] == []


def test_a_mask_that_is_misread_hides_all_in_every_copy(tmp_path: Path) -> None:
    made = tmp_path / "in"
    made.mkdir()
    (made / "a.txt").write_text("供应商：鼎盛医药股份有限公司\n", "utf-8")
    (made / "b.txt").write_text("任鼎盛医药股份有限公司董事长，\n联系人：张三\n", "utf-8")
    done = redact(made, out=tmp_path / "out")
    assert (done.remaining, done.redrawn) == (0, 1)
    assert [copy.second_pass_count for copy in done.copies] == [0, 0]
    copies = [(tmp_path / "out" / "in" / name).read_text("utf-8") for name in ("a.txt", "b.txt")]
    assert copies == ["供应商：**********\n", "任**********董事长，\n联系人：张*\n"]
