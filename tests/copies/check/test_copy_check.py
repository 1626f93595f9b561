"""No place of a package keeps a value, and the check by bytes finds one left in any of them."""

from __future__ import annotations

import base64
import codecs
import datetime
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from piiscan.copies.check.copy_check import CheckHit, CopyCheck
from piiscan.copies.known_values import KnownValues
from piiscan.copies.redact_folder import REPORT, redact
from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.errors import SourceError
from piiscan.masking.pseudonym import Item
from tests.copies.planted import document, package, places_left, workbook

PHONE = "13800138000"
NAME, LONG_NAME = "王伟", "欧阳建国"
#: Places that are UTF-16 without a mark: searched for known values only.
NO_TEXT = {"printer settings", "embedded object"}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load(None), as_of=datetime.date(2026, 1, 1))


def item(text: str, entity: str = "CN_MOBILE") -> Item:
    return Item(text, entity, "x", text)


def hits(
    engine: Engine, tmp_path: Path, data: bytes, *known: Item, min_score: float = 1.1
) -> list[CheckHit]:
    """What the check finds in bytes; by default only known values."""
    (tmp_path / "copy").write_bytes(data)
    values = KnownValues()
    values.add(list(known))
    check = CopyCheck(engine, min_score, values, lambda *_: False, tmp_path)
    return list(check.run(tmp_path / "copy"))


@pytest.mark.parametrize(("name", "build"), [("a.xlsx", workbook), ("a.docx", document)])
def test_no_place_of_a_package_keeps_a_value(
    tmp_path: Path, name: str, build: Callable[..., Any]
) -> None:
    data, values = package(build)
    (tmp_path / name).write_bytes(data)
    assert places_left(data, values) == list(values)
    done = redact(tmp_path / name, out=tmp_path / "copy")
    assert done.copies[0].copy is not None, done.copies[0].problems
    assert places_left((tmp_path / "copy" / name).read_bytes(), values) == []
    assert done.remaining == 0
    assert {trouble.reason for trouble in done.copies[0].problems} == {"NOT_MASKED"}
    with zipfile.ZipFile(tmp_path / "copy" / name) as archive:
        assert archive.testzip() is None
        assert archive.comment.decode().startswith("电话138")


@pytest.mark.parametrize("build", [workbook, document])
def test_the_check_finds_a_value_in_any_place(
    engine: Engine, tmp_path: Path, build: Callable[..., Any]
) -> None:
    data, values = package(build)
    (tmp_path / "copy").write_bytes(data)
    for score, known, missed in ((1.1, values.values(), set()), (0.5, (), NO_TEXT)):
        seen: set[str] = set()

        def see(text: str, start: int, end: int, *_: str, seen: set[str] = seen) -> bool:
            seen.add(text[start:end])
            return False

        collection = KnownValues()
        collection.add([item(value) for value in known])
        list(CopyCheck(engine, score, collection, see, tmp_path).run(tmp_path / "copy"))
        left = {place for place, value in values.items() if value not in seen}
        assert left <= missed, score


@pytest.mark.parametrize(
    ("switched_off", "instead", "place"),
    [
        ("office.xml_text.add_tag", lambda *_: None, "filter value"),
        ("office.xml_text.add_aside", lambda *_: None, "comment between cells"),
        ("office.package._without_cells", lambda _: b"", "text between cells"),
        ("office.package._without_strings", lambda _: b"", "phonetic text"),
        ("office.package.redact_comment", lambda comment, _: comment, "comment of the archive"),
        ("archive_copy._plain_fields", lambda data: data, "extra field"),
        ("office.package._copy_other", lambda data, *_: (data, []), "text part"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_place_that_is_not_masked_is_no_clean_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, switched_off: str, instead: Any, place: str
) -> None:
    data, values = package(workbook)
    (tmp_path / "a.xlsx").write_bytes(data)
    monkeypatch.setattr(f"piiscan.copies.{switched_off}", instead)
    done = redact(tmp_path / "a.xlsx", out=tmp_path / "copy")
    assert place in places_left((tmp_path / "copy" / "a.xlsx").read_bytes(), values)
    assert done.copies[0].standing
    assert done.remaining
    report = (tmp_path / "copy" / REPORT).read_text("utf-8")
    assert json.loads(report)["files"][0]["standing_count"] == len(done.copies[0].standing)
    assert [value for value in values.values() if value in report] == []


def zipped(data: bytes, method: int = zipfile.ZIP_DEFLATED, name: str = "a") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def hidden_entry() -> bytes:
    """A zip whose directory names another entry only."""
    whole = zipped(f"电话{PHONE}".encode(), name="hidden")
    return whole[: whole.index(b"PK\1\2")] + zipped(b"x")


@pytest.mark.parametrize(
    "data",
    [
        f"a,{PHONE},b".encode(),
        f"电话{PHONE}".encode("gbk"),
        f"电话{PHONE}".encode("utf-16-le"),
        f"x电话{PHONE}".encode("utf-16-be")[1:],
        codecs.BOM_UTF16_LE + f"电话{PHONE}".encode("utf-16-le"),
        b"\xff\xfe\x81\0" + PHONE.encode() + b"\0",
        "１３８－0013 8000".encode(),
        "138\u200b0013\u200b8000".encode(),
        b"&#49;&#x33;800138000",
        b"\\u0031\\u0033800138000",
        b"%31%33800138000",
        b"_x0031_3800138000",
        b"x'3133383030313338303030'",
        b"<v>1.3800138E10</v>",
        b"<w:t>138</w:t></w:r><w:r><w:t>00138000</w:t>",
        b"<a b='&#49;3800138000'/>",
        f"<!-- {PHONE} -->".encode(),
        zipped(PHONE.encode()),
        zipped(PHONE.encode(), zipfile.ZIP_STORED),
        zipped(PHONE.encode(), zipfile.ZIP_BZIP2),
        zipped(PHONE.encode(), zipfile.ZIP_LZMA),
        zipped(zipped(zipped(PHONE.encode()))),
        zipped(b"x", name=f"{PHONE}.txt"),
        gzip.compress(PHONE.encode()),
        hidden_entry(),
        b"x" * (9 << 20) + b" " + PHONE.encode() + b" " + b"y" * 100,
    ],
    ids=lambda data: "packed" if data[:2] in (b"PK", b"\x1f\x8b") else repr(data[:24]),
)
def test_a_known_value_is_found_however_it_is_written(
    engine: Engine, tmp_path: Path, data: bytes
) -> None:
    assert [hit.entity for hit in hits(engine, tmp_path, data, item(PHONE))] == ["CN_MOBILE"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
def test_names_are_found_where_they_are_set_off(
    engine: Engine, tmp_path: Path, encoding: str
) -> None:
    known = item(NAME, "PERSON"), item(LONG_NAME, "PERSON")
    for text, count in (
        (f"编号,{NAME},备注\n", 1),
        (f"备注：王 伟；{LONG_NAME}到场\n", 2),
        ("国王伟大，王伟业\n", 0),
        (f"在场的有{LONG_NAME}等人\n", 1),
    ):
        assert len(hits(engine, tmp_path, text.encode(encoding), *known)) == count, text


def test_what_names_no_one_is_not_searched_for(engine: Engine, tmp_path: Path) -> None:
    known = KnownValues(lambda text: text == "收货人")
    known.add(
        [item("收货人", "PERSON"), item("工商银行", "ORGANIZATION"), item("长沙市", "CN_ADDRESS")]
    )
    assert len(known) == 0
    known.add([item("长沙市麓山南路9号", "CN_ADDRESS")])
    assert [(each.start, each.end) for each in known.find("住长沙市麓山南路９号。")] == [(1, 10)]


def test_two_characters_in_noise_are_no_hit(engine: Engine, tmp_path: Path) -> None:
    noise = b"\x00\x01\xfe,\x9f" + NAME.encode("gb18030") + b",\x02\xff\x00"
    assert hits(engine, tmp_path, noise, item(NAME, "PERSON")) == []


def test_parts_of_other_values_and_short_values_are_no_hits(engine: Engine, tmp_path: Path) -> None:
    known = item(PHONE), item("123456", "QQ_NUMBER"), item("1234567", "VERIFICATION_CODE")
    text = f"99{PHONE}123 {PHONE}1 123456 1234567 {base64.b64encode(b'abc').decode()}"
    assert hits(engine, tmp_path, text.encode(), *known) == []


def test_part_and_line_are_named_and_never_the_value(engine: Engine, tmp_path: Path) -> None:
    data = zipped(zipped(f"x\n\n电话{PHONE}\n".encode(), name="b.txt"), name="内.zip")
    assert hits(engine, tmp_path, data, min_score=0.5) == [CheckHit("内.zip!b.txt", 3, "CN_MOBILE")]


def test_what_cannot_be_unpacked_is_no_clean_copy(engine: Engine, tmp_path: Path) -> None:
    broken = bytearray(zipped(PHONE.encode() * 9))
    broken[31] ^= 0xFF
    with pytest.raises(SourceError):
        hits(engine, tmp_path, bytes(broken), item(PHONE))


@pytest.mark.parametrize("error", [SourceError("CORRUPT", "x"), KeyError(PHONE)])
def test_a_copy_that_cannot_be_checked_is_not_called_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(CopyCheck, "run", fail)
    (tmp_path / "a.txt").write_text(f"电话{PHONE}", "utf-8")
    done = redact(tmp_path / "a.txt", out=tmp_path / "out")
    (problem,) = done.copies[0].problems
    assert (problem.reason, done.remaining) == ("NOT_CHECKED", 1)
    assert PHONE not in problem.detail


def test_many_values_are_searched_for_at_once(engine: Engine, tmp_path: Path) -> None:
    known = [item(f"13{number * 9973 + 500000000:09}") for number in range(20_000)]
    text = "\n".join(each.text for each in known[::200])
    found = hits(engine, tmp_path, text.encode(), *known)
    assert [hit.line for hit in found] == list(range(1, 101))
