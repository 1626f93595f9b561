"""Checksums of the seizure record against those of the sources."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from piiscan.case.register import check_hashes
from piiscan.case.register.recorded_checksums import normalize_checksum
from piiscan.sources import checksums
from piiscan.sources.checksums import sha256_and_sm3
from tests.case.register.conftest import Made

HEAD = "路径,检材编号,MD5,SHA-1,SHA256,SM3"


@pytest.fixture
def sources(tmp_path: Path) -> list[dict[str, Any]]:
    found = []
    for number, name in enumerate(("a.csv", "b.csv", "old.zip"), 1):
        path = tmp_path / name
        path.write_bytes(name.encode() * 1000)
        sha256, sm3 = sha256_and_sm3(path)
        facts = {"source": number, "path": f"d/{name}", "place": str(path)}
        found.append({**facts, "sha256": sha256, "sm3": sm3})
    return found


def digest(source: dict[str, Any], name: str) -> str:
    return hashlib.new(name, Path(source["place"]).read_bytes(), usedforsecurity=False).hexdigest()


def results(register: Any, sources: Any, parts: Any = ()) -> list[tuple[Any, ...]]:
    return [
        (each.row, each.item, each.algorithm, each.result, each.reason)
        for each in check_hashes(register, sources, parts)
    ]


def test_each_item_and_algorithm_is_told(made: Made, sources: list[dict[str, Any]]) -> None:
    a, b, _ = sources
    register = made(
        HEAD,
        "d,检材1",
        f"d/a.csv,,{digest(a, 'md5').upper()},{digest(b, 'sha1')},{a['sha256']}",
        f"d/b.csv,检材2,,,, {b['sm3'][:30]} {b['sm3'][30:]}",
        "d/old.zip",
    )
    assert results(register, sources) == [
        *((2, "检材1", name, "NOT_GIVEN", None) for name in ("md5", "sha1", "sha256", "sm3")),
        (3, "检材1", "md5", "SAME", None),
        (3, "检材1", "sha1", "DIFFERENT", None),
        (3, "检材1", "sha256", "SAME", None),
        (3, "检材1", "sm3", "NOT_GIVEN", None),
        *((4, "检材2", name, "NOT_GIVEN", None) for name in ("md5", "sha1", "sha256")),
        (4, "检材2", "sm3", "SAME", None),
    ]
    different = check_hashes(register, sources)[5]
    assert (different.written, different.computed) == (digest(b, "sha1"), digest(a, "sha1"))


def test_the_checksum_of_the_medium_in_an_image_counts_as_its_own(
    made: Made, sources: list[dict[str, Any]]
) -> None:
    stored, read = "a" * 32, "b" * 32
    register = made(HEAD, f"d/a.csv,1,{stored}")
    results = []
    for reason, detail in (
        ("IMAGE_HASH", f"E01 MD5 {stored}"),
        ("IMAGE_HASH_DIFFERS", f"E01 MD5 {stored}; read: {read}"),
    ):
        sources[0]["errors"] = [{"reason": reason, "detail": detail}]
        check = check_hashes(register, sources)[0]
        results.append((check.result, check.computed))
    assert results == [("SAME", stored), ("DIFFERENT", read)]


def test_only_what_is_written_is_computed(
    made: Made, sources: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[str, list[str]]] = []
    real = checksums.file_digests

    def watched(path: Path, names: list[str]) -> dict[str, str]:
        read.append((path.name, names))
        return real(path, names)

    monkeypatch.setattr("piiscan.case.register.recorded_checksums.file_digests", watched)
    register = made(HEAD, f"d/a.csv,1,,{'0' * 40},,{'0' * 64}", "d/b.csv,2")
    check_hashes(register, sources)
    assert read == [("a.csv", ["sha1", "sha256"])]


def test_what_cannot_be_compared_says_why(made: Made, sources: list[dict[str, Any]]) -> None:
    a, b, archive = sources
    Path(a["place"]).write_bytes(b"changed")
    Path(b["place"]).unlink()
    md5 = "0" * 32
    register = made(
        HEAD,
        f"d,,{md5}",
        f"d/a.csv,,{md5},,,x",
        f"d/b.csv,,{md5}",
        f"d/none.csv,9,{md5[:-1]},,{'0' * 64}",
        f"d/old.zip!in.csv,,{md5},,{'a' * 64}",
        f"d/old.zip!no.csv,,,,{'a' * 64}",
    )
    parts = [(archive["source"], "in.csv", "a" * 64)]
    given = [each for each in results(register, sources, parts) if each[3] != "NOT_GIVEN"]
    assert given == [
        (2, None, "md5", "UNCHECKED", "FOLDER"),
        (3, None, "md5", "UNCHECKED", "SOURCE_CHANGED"),
        (3, None, "sm3", "UNCHECKED", "MALFORMED"),
        (4, None, "md5", "UNCHECKED", "SOURCE_MISSING"),
        (5, "9", "md5", "UNCHECKED", "MALFORMED"),
        (5, "9", "sha256", "UNCHECKED", "NO_SOURCE"),
        (6, None, "md5", "UNCHECKED", "NO_HASH"),
        (6, None, "sha256", "SAME", None),
        (7, None, "sha256", "UNCHECKED", "NO_HASH"),
    ]


def test_a_source_that_was_not_read_has_no_checksum(
    made: Made, sources: list[dict[str, Any]]
) -> None:
    sources[0] |= {"sha256": None, "sm3": None}
    register = made(HEAD, f"d/a.csv,,{'0' * 32},,,{'0' * 64}")
    assert {each[4] for each in results(register, sources)} == {None, "NO_HASH"}


def test_sources_of_one_path_are_not_told_apart(made: Made, sources: list[dict[str, Any]]) -> None:
    sources[1]["path"] = "d/a.csv"
    register = made(HEAD, f"d/a.csv,,{'0' * 32}")
    assert results(register, sources)[0][3:] == ("UNCHECKED", "AMBIGUOUS")


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"),
        ("d41d8cd9-8f00b204:e9800998\necf8427e", "d41d8cd98f00b204e9800998ecf8427e"),
        ("MD5值：d41d 8cd9 8f00 b204 e980 0998 ecf8 427e", "d41d8cd98f00b204e9800998ecf8427e"),
        ("Ｄ４1d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e"),
        ("d41d8cd98f00b204e9800998ecf8427", None),
        ("g41d8cd98f00b204e9800998ecf8427e", None),
        ("1.23457E+31", None),
        ("", None),
    ],
)
def test_checksums_are_read_as_people_write_them(written: str, plain: str | None) -> None:
    assert normalize_checksum(written, "md5") == plain
