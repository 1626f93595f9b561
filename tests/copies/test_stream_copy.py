"""Copies of tar archives and packed files: each member is copied, and nothing of it is left."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from piiscan.copies.check.unpack import unpack
from piiscan.copies.redact_folder import Redaction, redact
from tests.copies.test_redact_folder import archive as zipped

PHONE, MASKED = "13800138000", "138****8000"
PACKERS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "gz": (gzip.compress, gzip.decompress),
    "bz2": (bz2.compress, bz2.decompress),
    "xz": (lzma.compress, lzma.decompress),
}


def packed(members: dict[str, bytes], comment: str = "") -> bytes:
    """A tar archive, with a link."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", pax_headers={"comment": comment}) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.uname = len(data), PHONE
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, f"/{PHONE}"
        archive.addfile(link)
    return out.getvalue()


def copied(tmp_path: Path, name: str, data: bytes) -> tuple[Redaction, bytes]:
    (tmp_path / name).write_bytes(data)
    done = redact(tmp_path / name, out=tmp_path / "out")
    return done, (tmp_path / "out" / name).read_bytes()


def left(data: bytes, folder: Path) -> bool:
    return any(PHONE.encode() in bytes(part.data) for part in unpack("", data, folder))


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_packed_file_is_packed_again(tmp_path: Path, suffix: str) -> None:
    pack, unpacked = PACKERS[suffix]
    done, copy = copied(tmp_path, f"a.txt.{suffix}", pack(f"电话{PHONE}\n".encode()))
    assert unpacked(copy).decode() == f"电话{MASKED}\n"
    assert (done.remaining, done.copies[0].problems) == (0, ())


def test_each_member_of_a_tar_archive_is_copied(tmp_path: Path) -> None:
    members = {
        f"{PHONE}/a.csv": f"姓名,手机号\n张三,{PHONE}\n".encode("gbk"),
        "b.zip": zipped({"x.txt": f"电话{PHONE}".encode()}),
        "c.rar": b"Rar!\x1a\x07\x01\x00" + PHONE.encode(),
        "长" * 60 + ".txt": b"x",
    }
    data = gzip.compress(packed(members, comment=f"Tel {PHONE}"))
    done, copy = copied(tmp_path, "a.tgz", data)
    assert left(data, tmp_path)
    assert not left(copy, tmp_path)
    with tarfile.open(fileobj=io.BytesIO(copy)) as archive:
        names = archive.getnames()
        table = archive.extractfile(names[0])
        assert table is not None
        assert table.read().decode("gbk") == f"姓名,手机号\n张*,{MASKED}\n"
    assert names == ["138＊＊＊＊8000/a.csv", "b.zip", "长" * 60 + ".txt"]
    told = [(each.member.rpartition("!")[2], each.reason) for each in done.copies[0].problems]
    assert told == [("c.rar", "NOT_REDACTED"), ("link", "SYMLINK"), ("#comment", "NOT_MASKED")]
    assert done.remaining == 0


def test_what_is_beside_the_bytes_of_a_packed_file_is_left_out(tmp_path: Path) -> None:
    out = io.BytesIO()
    with gzip.GzipFile(f"{PHONE}.txt", "wb", fileobj=out) as file:
        file.write(b"x")
    done, copy = copied(tmp_path, "a.gz", out.getvalue() + b"behind " + PHONE.encode())
    assert PHONE.encode() not in copy
    assert gzip.decompress(copy) == b"x"
    told = {(each.member, each.reason) for each in done.copies[0].problems}
    assert told == {("#trailing", "NOT_MASKED"), ("#comment", "NOT_MASKED")}


def test_a_packed_file_without_a_copy_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"Rar!\x1a\x07\x01\x00"))
    (copy,) = redact(tmp_path / "a.gz", out=tmp_path / "out").copies
    assert (copy.copy, [each.reason for each in copy.problems]) == (None, ["NOT_REDACTED"])
