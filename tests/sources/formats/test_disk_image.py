"""Disk images: files by path, deleted ones apart, in every container and file system."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

import piiscan
from piiscan.sources.selection import Selection
from tests.sources import people
from tests.sources.disk_images import (
    SECTOR,
    e01,
    exfat,
    fat,
    folder_entries,
    made_volume,
    partitioned,
    qcow2,
    sparse_vmdk,
    vhd,
    vmdk,
)
from tests.sources.formats.five import HEADERS, PEOPLE, found_values
from tests.sources.people import count_whole
from tests.sources.tables import lost, read_all, read_members, read_reasons, reasons, told, zipped

FIVE: Final = "\n".join(map(",".join, (HEADERS, *PEOPLE))).encode()
GONE: Final = "姓名,手机号\n刘桂英,13900139000\n杨俊杰,13900139001\n".encode()
VOLUME: Final = fat({"名单.csv": FIVE}, {"已删除的名单.csv": GONE})
FAT16: Final = fat({"名单.csv": FIVE}, {"已删除的名单.csv": GONE}, clusters=4200)
Files = dict[str, bytes]


def csv_of(numbers: list[str]) -> bytes:
    return "\n".join(["姓名,手机号", *(f"张伟,{each}" for each in numbers)]).encode()


def pieces(data: bytes) -> Files:
    size = len(data) // 3 // SECTOR * SECTOR
    starts = 0, size, 2 * size
    ends = size, 2 * size, len(data)
    return {f"a.{n:03}": data[s:e] for n, (s, e) in enumerate(zip(starts, ends, strict=True), 1)}


def segments(data: bytes, number: int) -> Files:
    return {f"a.E{n:02}": each for n, each in enumerate(e01(data, number), 1)}


#: Files of an image, of which the first is opened, and the volume with the list.
IMAGES: Final[dict[str, tuple[Files, str]]] = {
    "FAT12": ({"a.dd": VOLUME}, "volume"),
    "FAT16": ({"a": FAT16}, "volume"),
    "exFAT": ({"a": exfat({"名单.csv": FIVE}, {"已删除的名单.csv": GONE})}, "volume"),
    "partitions": ({"a.img": partitioned(fat({}), VOLUME)}, "partition 2"),
    "pieces": (pieces(partitioned(VOLUME)), "partition 1"),
    "E01": (segments(VOLUME, 1), "volume"),
    "E01 in segments": (segments(FAT16, 3), "volume"),
    "qcow2": ({"a.qcow2": qcow2(partitioned(FAT16))}, "partition 1"),
    "VHD": ({"a.vhd": vhd(VOLUME)}, "volume"),
    "VMDK": ({"a.vmdk": vmdk("a-flat.vmdk", len(VOLUME)), "a-flat.vmdk": VOLUME}, "volume"),
    "VMDK in one file": ({"a": sparse_vmdk(VOLUME)}, "volume"),
    "in a zip": ({"a.zip": zipped({"b.dd": VOLUME})}, "b.dd!volume"),
}
FUZZ_SEEDS = {
    "a.img": lambda numbers: fat({"a.csv": csv_of(numbers)}),
    "a.E01": lambda numbers: e01(fat({"a.csv": csv_of(numbers)}))[0],
    "a.qcow2": lambda numbers: qcow2(fat({"a.csv": csv_of(numbers)})),
    "a.vhd": lambda numbers: vhd(fat({"a.csv": csv_of(numbers)})),
    "one.vmdk": lambda numbers: sparse_vmdk(fat({"a.csv": csv_of(numbers)})),
}


def packed(member: str, data: bytes) -> bytes:
    return fat({member: data}, clusters=max(len(data) // SECTOR + 1, 16))


FUZZ_PACKERS = {"disk image": ("img", packed)}


def stored(folder: Path, files: Files) -> Path:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder / next(iter(files))


@pytest.mark.parametrize("name", IMAGES)
def test_files_stand_under_their_paths_and_deleted_ones_under_their_inodes(
    name: str, tmp_path: Path
) -> None:
    files, volume = IMAGES[name]
    path = stored(tmp_path, files)
    places, troubles = found_values(path)
    for row, person in enumerate(PEOPLE, 2):
        for header, value in zip(HEADERS, person, strict=True):
            assert places[value] == [(f"{volume}!名单.csv", row, header)]
    (member, *_), *others = places["13900139001"]
    assert (member.startswith(f"{volume} deleted!"), others) == (True, [])
    assert member.endswith("/已删除的名单.csv")
    assert lost(troubles) == []
    for piece in list(files)[1:]:
        assert [each.reason for each in read_all(tmp_path / piece)[1]] == ["IMAGE_PIECE"]


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def ext4(folder: Path, image: Path) -> None:
    run("mke2fs", "-q", "-t", "ext4", "-d", str(folder), str(image), "2M")
    run("debugfs", "-w", "-R", "rm /gone.csv", str(image))


def ntfs(folder: Path, image: Path) -> None:
    image.write_bytes(bytes(2 << 20))
    run("mkntfs", "-F", "-Q", "-q", "-s", "512", "-p", "0", "-S", "0", "-H", "0", str(image))
    for each in sorted(folder.rglob("*.csv"), reverse=True):
        run("ntfscp", str(image), str(each), each.name)
    data = bytearray(image.read_bytes())
    record = data.rfind(b"FILE", 0, data.find("桂英".encode()))
    flags = record + 22
    data[flags] = 0  # the record is in use no more
    image.write_bytes(data)


def iso(folder: Path, image: Path) -> None:
    run("genisoimage", "-quiet", "-J", "-R", "-o", str(image), str(folder))


@pytest.mark.parametrize(
    ("make", "deleted"),
    [
        pytest.param(ext4, "volume deleted!", marks=pytest.mark.program("mke2fs")),
        pytest.param(ntfs, "volume deleted!", marks=pytest.mark.program("mkntfs")),
        pytest.param(iso, "volume!", marks=pytest.mark.program("genisoimage")),
    ],
)
def test_other_file_systems_are_read_as_well(
    make: Callable[[Path, Path], None], deleted: str, tmp_path: Path
) -> None:
    (tmp_path / "files").mkdir()
    stored(tmp_path / "files", {"名单.csv": FIVE, "gone.csv": GONE})
    make(tmp_path / "files", tmp_path / "a.img")
    places, troubles = found_values(tmp_path / "a.img")
    assert {places[value][0][0] for person in PEOPLE for value in person} == {"volume!名单.csv"}
    ((member, row, _),) = places["13900139001"]
    assert (member.startswith(deleted), member.endswith("gone.csv"), row) == (True, True, 3)
    assert lost(troubles) == []


def test_files_of_xfs_stand_under_their_paths(tmp_path: Path) -> None:
    image = stored(tmp_path, {"a.dd": partitioned(made_volume("xfs"))})
    assert count_whole(image) == len(people.PEOPLE)
    rows, troubles = read_members(image)
    assert ([*rows], reasons(troubles)) == (["partition 1!名单.csv"], ["SYMLINK", "UNALLOCATED"])
    raw, _ = read_members(image, selection=Selection(raw=True))
    assert "张伟" not in str([each for name, each in raw.items() if "unallocated" in name])


def test_a_volume_of_apfs_is_opened() -> None:
    _, troubles = read_members(made_volume("apfs"))
    assert told(troubles)[0] == ("volume 1 untitled", "EMPTY", False)


def test_what_lies_in_no_file_is_read_as_strings_if_asked_for() -> None:
    volume = bytearray(VOLUME)
    volume[-SECTOR:] = (
        "\n".join(f"收件人：张伟 电话：1380013800{n}" for n in range(5))
        .encode()
        .ljust(SECTOR, b"\0")
    )
    assert "UNALLOCATED" in read_reasons(bytes(volume))
    rows, troubles = read_members(bytes(volume), selection=Selection(raw=True))
    end = len(volume)
    found = next(name for name in rows if f"-{end}" in name)
    assert found.startswith("volume unallocated!")
    assert "13800138004" in str(rows[found])
    assert "UNALLOCATED" not in [each.reason for each in troubles]


@pytest.mark.program("mke2fs")
def test_bytes_of_a_deleted_file_that_another_file_has_are_left_out(tmp_path: Path) -> None:
    lines = "".join(f"{n},1380013{n:04}\n" for n in range(300)).encode()
    (tmp_path / "files").mkdir()
    stored(tmp_path / "files", {"a.csv": FIVE, "gone.csv": lines})
    stored(tmp_path, {"new.csv": b"13900139000\n" * 100})
    image = tmp_path / "a.img"
    run("mke2fs", "-q", "-b", "1024", "-d", str(tmp_path / "files"), str(image), "256k")
    for command in ("rm /gone.csv", "rm /a.csv", f"write {tmp_path}/new.csv b.csv"):
        run("debugfs", "-w", "-R", command, str(image))
    rows, troubles = read_members(image)
    deleted = next(str(each) for name, each in rows.items() if "gone.csv" in name)
    assert ("13800130299" in deleted, "13800130000" in deleted) == (True, False)
    assert "13900139000" not in deleted
    assert next(each.reason for each in troubles if "gone" in each.member) == "DELETED_FILES"


def test_a_file_of_a_folder_that_is_gone_is_a_deleted_one() -> None:
    volume, first = bytearray(VOLUME), len(VOLUME) - 2 * SECTOR
    entries = folder_entries(7, "旧.csv", 65, len(GONE), deleted=True)
    volume[first : first + len(entries)] = entries  # in cluster 64, the last but one
    volume[first + SECTOR : first + SECTOR + len(GONE)] = GONE
    rows, _ = read_members(bytes(volume))
    assert [len(each) for name, each in rows.items() if " deleted!" in name] == [3, 3]


@pytest.mark.program("mke2fs")
def test_a_file_in_use_without_a_name_is_read(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    stored(tmp_path / "files", {"a.csv": FIVE})
    run("mke2fs", "-q", "-d", str(tmp_path / "files"), str(tmp_path / "a.img"), "256k")
    run("debugfs", "-w", "-R", "unlink /a.csv", str(tmp_path / "a.img"))
    rows, troubles = read_members(tmp_path / "a.img")
    assert ([*rows], lost(troubles)) == (["volume!$unnamed/12"], [])


@pytest.mark.parametrize(
    ("at", "signature", "reason", "name"),
    [
        (3, b"-FVE-FS-", "ENCRYPTED", "BitLocker"),
        (0, b"LUKS\xba\xbe", "ENCRYPTED", "LUKS"),
        (88, b"CS\1\0", "ENCRYPTED", "FileVault"),
        (32, b"NXSB", "CORRUPT", "APFS"),
        (0, b"XFSB\0\0\0\0", "CORRUPT", "XFS"),
        (65600, b"_BHRfS_M", "NOT_SUPPORTED_YET", "Btrfs"),
        (512, b"LABELONE", "NOT_SUPPORTED_YET", "LVM"),
    ],
)
def test_a_volume_that_is_not_read_is_named_with_what_to_do(
    at: int, signature: bytes, reason: str, name: str
) -> None:
    volume = bytearray(1 << 17)
    volume[at : at + len(signature)] = signature
    rows, troubles = read_members(partitioned(bytes(volume), VOLUME))
    assert len(rows) == 2
    (found,) = (each for each in troubles if each.lost)
    assert (found.member, found.reason) == ("partition 1", reason)
    assert found.detail.startswith(f"{name}: ")


def test_a_checksum_in_an_image_is_compared_with_its_bytes() -> None:
    right, wrong = (
        [each for each in read_all(image)[1] if each.reason.startswith("IMAGE_HASH")]
        for image in (e01(VOLUME)[0], e01(VOLUME, stored=b"x" * 16)[0])
    )
    assert [each.reason for each in (*right, *wrong)] == ["IMAGE_HASH", "IMAGE_HASH_DIFFERS"]
    assert wrong[0].detail == f"E01 MD5 {b'x'.hex() * 16}; read: {right[0].detail[8:]}"


@pytest.mark.parametrize("section", [b"header", b"sectors", b"table"])
def test_a_damaged_section_of_an_e01_is_passed_over(section: bytes) -> None:
    image = bytearray(e01(VOLUME)[0])
    image[image.index(section + b"\0") + 30] ^= 1
    rows, troubles = read_members(bytes(image), "a.E01")
    assert ("张三" in str(rows), lost(troubles)) == (True, ["CORRUPT"])


def test_pieces_that_are_missing_are_told(tmp_path: Path) -> None:
    for number in (1, 3):
        stored(tmp_path, {f"a.E{number:02}": segments(FAT16, 3)[f"a.E{number:02}"]})
    assert "IMAGE_INCOMPLETE" in lost(read_all(tmp_path / "a.E01")[1])
    (tmp_path / "a.E01").unlink()
    assert read_reasons(tmp_path / "a.E03") == ["IMAGE_INCOMPLETE"]
    (tmp_path / "b.001").write_bytes(pieces(partitioned(VOLUME))["a.001"])
    assert "IMAGE_INCOMPLETE" in read_reasons(tmp_path / "b.001")
    (tmp_path / "c.vmdk").write_bytes(vmdk("../b.003", SECTOR))
    assert read_reasons(tmp_path / "c.vmdk") == ["IMAGE_INCOMPLETE"]


def test_a_later_scan_reads_an_image_whose_pieces_have_come(tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    found = []
    for number in (1, 2):
        files = pieces(partitioned(VOLUME))
        stored(tmp_path / "dump", dict(list(files.items())[: 2 * number - 1]))
        case = piiscan.scan(
            tmp_path / "dump", case=tmp_path / "case", key=tmp_path / "key", names=False
        )
        errors = [each["errors"] for each in case.manifest.content["sources"]]
        found.append("IMAGE_INCOMPLETE" in str(errors))
    assert found == [True, False]


def _with(at: int, data: bytes) -> bytes:
    volume = bytearray(VOLUME)
    volume[at : at + len(data)] = data
    return bytes(volume)


ROOT: Final = 2 * SECTOR  # of the volume's folder
ENTRY: Final = VOLUME.index(b"FILE0000CSV")


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(_with(ENTRY + 28, b"\xff\xff\xff\xff"), id="4 GB in a short chain"),
        pytest.param(_with(SECTOR, b"\xf8\xff\xff\x02\x20\x00"), id="a chain that is a loop"),
        pytest.param(_with(ENTRY + 11, b"\x10"), id="a folder of text"),
        pytest.param(_with(ENTRY - 32, bytes(1)), id="the end of a folder before its file"),
        pytest.param(_with(ENTRY + 11, b"\x10" + bytes(14) + b"\0\0"), id="a folder in itself"),
        pytest.param(_with(ENTRY - 31, "../../\t\n".encode("utf-16-le")[:10]), id="a name"),
        pytest.param(_with(13, b"\x80"), id="clusters beyond the end"),
        pytest.param(_with(17, b"\xff\xff"), id="a root without end"),
        pytest.param(_with(19, b"\0\0") + b"", id="no sectors"),
        pytest.param(partitioned(b"")[:446] + bytes(64) + b"\x55\xaa", id="no partition"),
        pytest.param(
            partitioned(VOLUME)[:454] + b"\xff" * 8 + partitioned(VOLUME)[462:], id="2 TB"
        ),
        pytest.param(qcow2(VOLUME)[:24] + b"\0\0\1" + qcow2(VOLUME)[27:], id="2^40 bytes"),
        pytest.param(qcow2(VOLUME)[:36] + b"\xff" * 4 + qcow2(VOLUME)[40:], id="a table of 32 GB"),
        pytest.param(qcow2(VOLUME)[:40] + b"\xff" * 8 + qcow2(VOLUME)[48:], id="a table at 2^64"),
        pytest.param(vhd(VOLUME)[-512:], id="a footer alone"),
        pytest.param(e01(VOLUME)[0][:700], id="E01 cut off"),
        pytest.param(e01(VOLUME)[0].replace(b"sectors", b"volume\0"), id="E01 in disorder"),
    ],
)
def test_a_hostile_image_costs_itself_only(image: bytes) -> None:
    rows, troubles = read_members(zipped({"a.dd": image, "b.csv": FIVE}))
    assert len(rows["b.csv"]) == 6
    inside = {name: each for name, each in rows.items() if name != "b.csv"}
    assert "张三" in str(inside) or lost(troubles)
    assert all(name.isprintable() and "/../" not in name for name in inside)
    assert not [each for each in troubles if "signal" in each.detail]
